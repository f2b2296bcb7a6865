"""The receipt: what a party is charged for, why, how sure that is, and how much people looked."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import orjson

from walkout.checkout.decide import Settling, Status, decide, settling_shipped
from walkout.checkout.tax import Taxed, TaxRule, TaxSum, on_top, summary
from walkout.inference.belief import Belief
from walkout.inference.calibrate import DIGITS
from walkout.inference.question import Question
from walkout.store.product import Product
from walkout.store.shop import Origin

RAW_DIGITS = 9
"""Probabilities before calibration are published so far; those after it to the millionth (`calibrate.DIGITS`)."""


@dataclass(frozen=True, slots=True)
class Line:
    """Some of one product, with a plain reason and the ids of the shelf events that show it."""

    gtin: str
    name: str
    quantity: int
    unit_price: Decimal
    probability: float
    why: str
    evidence: tuple[str, ...]
    shown: bool = True
    """It is charged even if nobody answers what is asked."""
    raw: float | None = None
    """The probability as inference gave it, before calibration."""
    amount: Decimal | None = None
    """What the line costs, where that is not quantity times unit price: offers, stickers, goods sold by weight."""
    offers: tuple[str, ...] = ()
    """The names of what made it cheaper."""
    mass_g: float | None = None
    """What is charged of goods sold by weight; `unit_price` is then the price of a kilogram."""
    tax: str = ""
    tax_rate: Decimal | None = None
    """Percent."""

    @property
    def cost(self) -> Decimal:
        """What the line costs by its shelf price."""
        return self.unit_price * self.quantity if self.amount is None else self.amount


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that a person is to answer."""

    event: str
    start_ns: int
    end_ns: int
    kind: str
    words: str
    candidates: tuple[tuple[str, str, float], ...]
    """(key, sentence, probability), the likeliest first."""
    gain: float
    """Expected rise of P(exactly right)."""


@dataclass(frozen=True, slots=True)
class HumanWork:
    """How much people looked at this visit."""

    viewers: int = 0
    clips: int = 0
    seconds: float = 0.0
    purposes: tuple[str, ...] = ()
    last_at: int | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One party's visit. `p_exact` is the probability that the lines are exactly right.

    `total` is the sum of all lines; `due` is what is paid as long as nobody has answered: the same where the visit is
    settled, else the sum of the lines that are shown.
    """

    visit: str
    party: str
    shoppers: tuple[str, ...]
    entered_ns: int
    left_ns: int
    lines: tuple[Line, ...]
    total: Decimal
    currency: str
    p_exact: float
    decided_by: Literal["software", "person"]
    human: HumanWork
    revision: int
    origin: Literal["real", "simulated"]
    checkpoint: str | None = None
    status: Status = "settled"
    due: Decimal | None = None
    """None stands for the total."""
    p_raw: float | None = None
    """`p_exact` as inference gave it, before calibration."""
    certificate: str | None = None
    """The hash of the certificate that lets software settle alone in this shop; None: there is none."""
    questions: tuple[Asked, ...] = ()
    """What a person is asked, the most valuable first; a receipt may ask without a question that would help."""
    tax_rule: TaxRule | None = None
    """How the shop taxes; None: it said nothing of taxes."""
    taxes: tuple[TaxSum, ...] = ()
    """Taxes of all lines by rate, as `tax_rule` sums them."""
    withheld: tuple[Line, ...] = ()
    """What the shopper contested before they paid: in no line and no sum until a person has looked at it."""

    @property
    def payable(self) -> Decimal:
        """What is paid as it stands."""
        return self.total if self.due is None else self.due


class ReceiptError(ValueError):
    """A text that is no receipt of the published form; its words say what was found and what would be right."""


NEWER_OF_LINE = ("amount", "offers", "mass_g", "tax", "tax_rate")
NEWER = ("tax_rule", "taxes", "withheld")
"""Left out of the published form where they say nothing, so that receipts of shops without them keep their bytes."""


def sum_of(lines: Iterable[Line], rule: TaxRule | None = None) -> Decimal:
    """What lines come to, with the taxes that are on top of their prices."""
    lines = tuple(lines)
    total = sum((line.cost for line in lines), Decimal(0))
    return total if rule is None else total + on_top(taxes_of(lines, rule), rule)


def taxes_of(lines: Iterable[Line], rule: TaxRule | None) -> tuple[TaxSum, ...]:
    """The taxes of lines by rate; none where the shop has no rule."""
    if rule is None:
        return ()
    return summary((Taxed(x.tax, x.tax_rate or Decimal(0), x.cost) for x in lines), rule)


def recounted(receipt: Receipt, lines: tuple[Line, ...]) -> Receipt:
    """The receipt with other lines: total, taxes and what is due follow, all of it is due."""
    total = sum_of(lines, receipt.tax_rule)
    return replace(receipt, lines=lines, total=total, due=total, taxes=taxes_of(lines, receipt.tax_rule))


def only_back(before: Receipt, after: Receipt) -> bool:
    """Whether a receipt has lines that the one before withheld, and no other new ones."""
    new = [line for line in after.lines if line not in before.lines]
    withheld = [replace(line, shown=True) for line in before.withheld]
    return bool(new) and all(line in withheld for line in new)


def with_quantity(line: Line, quantity: int) -> Line:
    """The line with fewer or more of its product; a part of it costs that part of its amount, never more.

    More than it holds costs the full price each for what is new.
    """
    if line.amount is None or quantity == line.quantity:
        return replace(line, quantity=quantity)
    if quantity > line.quantity:
        return replace(line, quantity=quantity, amount=line.amount + line.unit_price * (quantity - line.quantity))
    unit = Decimal(1).scaleb(min(0, int(line.amount.as_tuple().exponent)))
    share = (line.amount * quantity / line.quantity).quantize(unit, ROUND_FLOOR)
    mass_g = None if line.mass_g is None else line.mass_g * quantity / line.quantity
    return replace(line, quantity=quantity, amount=share, mass_g=mass_g)


def make_receipt(
    belief: Belief,
    products: Mapping[str, Product],
    currency: str,
    origin: Origin,
    checkpoint: str | None = None,
    settling: Settling | None = None,
) -> Receipt:
    """The first receipt of a visit, as software alone makes it; `settling` None: what ships for this origin.

    Raises ReceiptError when a line's product is not in the catalogue or is priced in another currency.
    """
    by = settling_shipped(origin) if settling is None else settling
    decision = decide(belief, by)
    lines = []
    for line, probability, shown in zip(belief.lines, decision.lines, decision.shown, strict=True):
        product = products.get(line.gtin)
        if product is None:
            raise ReceiptError(f"found a line of {line.gtin}, right: a product of this store's catalogue")
        if product.currency != currency:
            raise ReceiptError(
                f"found {line.gtin} priced in {product.currency}, right: {currency}, as on the whole receipt"
            )
        raw = round(line.probability, RAW_DIGITS)
        lines.append(
            Line(line.gtin, product.name, line.quantity, product.price, probability, line.why, line.events, shown, raw)
        )
    visit = belief.visit
    return Receipt(
        visit=visit.id,
        party=visit.party,
        shoppers=visit.shoppers,
        entered_ns=visit.entered_ns,
        left_ns=visit.left_ns,
        lines=tuple(lines),
        total=sum_of(lines),
        currency=currency,
        p_exact=decision.p_exact,
        decided_by="software",
        human=HumanWork(),
        revision=0,
        origin=origin,
        checkpoint=checkpoint,
        status=decision.status,
        due=sum_of(line for line in lines if line.shown),
        p_raw=round(belief.p_right, RAW_DIGITS),
        certificate=by.certificate,
        questions=tuple(_asked(question) for question in decision.questions),
    )


def to_published(receipt: Receipt) -> dict[str, Any]:
    """A receipt as the published JSON form says it: money as decimal strings, quantities as integers."""
    published = asdict(receipt)
    published["shoppers"] = list(receipt.shoppers)
    published["total"] = _money(receipt.total)
    published["due"] = _money(receipt.payable)
    published["questions"] = [
        asdict(asked) | {"candidates": [{"key": key, "why": why, "probability": p} for key, why, p in asked.candidates]}
        for asked in receipt.questions
    ]
    published["lines"] = [_published_line(line) for line in receipt.lines]
    published["withheld"] = [_published_line(line) for line in receipt.withheld]
    published["human"]["purposes"] = list(receipt.human.purposes)
    rule = receipt.tax_rule
    published["tax_rule"] = rule and {"included": rule.included, "rounding": rule.rounding, "unit": _money(rule.unit)}
    amounts = ("rate", "net", "tax", "gross")
    published["taxes"] = [{"name": t.name} | {k: _money(getattr(t, k)) for k in amounts} for t in receipt.taxes]
    for name in NEWER:
        if not published[name]:
            del published[name]
    return published


def from_published(published: Mapping[str, Any]) -> Receipt:
    """A receipt from the published form, fields that a newer release added left out.

    Raises ReceiptError naming the field that is missing or wrong.
    """
    try:
        human = published["human"]
        return Receipt(
            visit=published["visit"],
            party=published["party"],
            shoppers=tuple(published["shoppers"]),
            entered_ns=published["entered_ns"],
            left_ns=published["left_ns"],
            lines=tuple(_line_from(line) for line in published["lines"]),
            total=Decimal(published["total"]),
            currency=published["currency"],
            p_exact=published["p_exact"],
            decided_by=published["decided_by"],
            human=HumanWork(
                human["viewers"], human["clips"], human["seconds"], tuple(human["purposes"]), human["last_at"]
            ),
            revision=published["revision"],
            origin=published["origin"],
            checkpoint=published.get("checkpoint"),
            status=published.get("status", "settled"),
            due=Decimal(published.get("due", published["total"])),
            p_raw=published.get("p_raw"),
            certificate=published.get("certificate"),
            questions=tuple(_asked_from(asked) for asked in published.get("questions", ())),
            tax_rule=_rule_from(published.get("tax_rule")),
            taxes=tuple(
                TaxSum(one["name"], *(Decimal(one[name]) for name in ("rate", "net", "tax", "gross")))
                for one in published.get("taxes", ())
            ),
            withheld=tuple(_line_from(line) for line in published.get("withheld", ())),
        )
    except KeyError as error:
        raise ReceiptError(f"found no field {error.args[0]!r}, right: every field of the published schema") from error
    except (TypeError, InvalidOperation) as error:
        raise ReceiptError(f"found a field of the wrong kind ({error}), right: as the published schema says") from error


def to_json(receipts: Iterable[Receipt]) -> bytes:
    """Receipts as one JSON array with sorted keys: equal receipts give equal bytes."""
    return orjson.dumps([to_published(receipt) for receipt in receipts], option=orjson.OPT_SORT_KEYS)


def from_json(data: bytes) -> tuple[Receipt, ...]:
    """Receipts from a JSON array; ReceiptError where it is none."""
    try:
        read = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise ReceiptError(f"found no JSON ({error}), right: an array of receipts") from error
    if not isinstance(read, list) or not all(isinstance(item, dict) for item in read):
        raise ReceiptError("found JSON that is no array of objects, right: an array of receipts")
    return tuple(from_published(item) for item in read)


@cache
def schema() -> dict[str, Any]:
    """The published JSON Schema of one receipt."""
    read = orjson.loads(files("walkout.checkout").joinpath("schemas/receipt.schema.json").read_bytes())
    assert isinstance(read, dict)  # noqa: S101 - a file of this package
    return read


def _published_line(line: Line) -> dict[str, Any]:
    plain = asdict(line) | {
        "unit_price": _money(line.unit_price),
        "evidence": list(line.evidence),
        "amount": None if line.amount is None else _money(line.amount),
        "offers": list(line.offers),
        "tax_rate": None if line.tax_rate is None else _money(line.tax_rate),
    }
    for name in NEWER_OF_LINE:
        if not plain[name] and plain[name] != 0:
            del plain[name]
    return plain


def _line_from(line: Mapping[str, Any]) -> Line:
    return Line(
        gtin=line["gtin"],
        name=line["name"],
        quantity=line["quantity"],
        unit_price=Decimal(line["unit_price"]),
        probability=line["probability"],
        why=line["why"],
        evidence=tuple(line["evidence"]),
        shown=bool(line.get("shown", True)),
        raw=line.get("raw"),
        amount=None if line.get("amount") is None else Decimal(line["amount"]),
        offers=tuple(line.get("offers", ())),
        mass_g=line.get("mass_g"),
        tax=line.get("tax", ""),
        tax_rate=None if line.get("tax_rate") is None else Decimal(line["tax_rate"]),
    )


def _rule_from(rule: Mapping[str, Any] | None) -> TaxRule | None:
    return None if rule is None else TaxRule(rule["included"], rule["rounding"], Decimal(rule["unit"]))


def _asked(question: Question) -> Asked:
    return Asked(
        question.event,
        question.start_ns,
        question.end_ns,
        question.kind,
        question.words,
        tuple((c.key, c.why, round(c.probability, DIGITS)) for c in question.candidates),
        round(question.gain, DIGITS),
    )


def _asked_from(asked: Mapping[str, Any]) -> Asked:
    return Asked(
        asked["event"],
        asked["start_ns"],
        asked["end_ns"],
        asked["kind"],
        asked["words"],
        tuple((c["key"], c["why"], c["probability"]) for c in asked["candidates"]),
        asked["gain"],
    )


def _money(amount: Decimal) -> str:
    return format(amount, "f")
