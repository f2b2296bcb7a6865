"""The receipt: what a party is charged for, why, how sure that is, and how much people looked."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import orjson

from walkout.inference.belief import Belief
from walkout.store.product import Product
from walkout.store.shop import Origin

PROBABILITY_DIGITS = 6
"""Probabilities are published to the millionth, so that the last bits of a float never change a receipt's bytes."""


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
    """One party's visit. `p_exact` is the probability that the lines are exactly right."""

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


class ReceiptError(ValueError):
    """A text that is no receipt of the published form; its words say what was found and what would be right."""


def make_receipt(
    belief: Belief, products: Mapping[str, Product], currency: str, origin: Origin, checkpoint: str | None = None
) -> Receipt:
    """The first receipt of a visit, as software alone decides it.

    Raises ReceiptError when a line's product is not in the catalogue or is priced in another currency.
    """
    lines = []
    for line in belief.lines:
        product = products.get(line.gtin)
        if product is None:
            raise ReceiptError(f"found a line of {line.gtin}, right: a product of this store's catalogue")
        if product.currency != currency:
            raise ReceiptError(
                f"found {line.gtin} priced in {product.currency}, right: {currency}, as on the whole receipt"
            )
        lines.append(
            Line(
                line.gtin,
                product.name,
                line.quantity,
                product.price,
                round(line.probability, PROBABILITY_DIGITS),
                line.why,
                line.events,
            )
        )
    visit = belief.visit
    return Receipt(
        visit=visit.id,
        party=visit.party,
        shoppers=visit.shoppers,
        entered_ns=visit.entered_ns,
        left_ns=visit.left_ns,
        lines=tuple(lines),
        total=sum((line.unit_price * line.quantity for line in lines), Decimal(0)),
        currency=currency,
        p_exact=round(belief.p_exact, PROBABILITY_DIGITS),
        decided_by="software",
        human=HumanWork(),
        revision=0,
        origin=origin,
        checkpoint=checkpoint,
    )


def to_published(receipt: Receipt) -> dict[str, Any]:
    """A receipt as the published JSON form says it: money as decimal strings, quantities as integers."""
    published = asdict(receipt)
    published["shoppers"] = list(receipt.shoppers)
    published["total"] = _money(receipt.total)
    published["lines"] = [
        asdict(line) | {"unit_price": _money(line.unit_price), "evidence": list(line.evidence)}
        for line in receipt.lines
    ]
    published["human"]["purposes"] = list(receipt.human.purposes)
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
            lines=tuple(
                Line(
                    gtin=line["gtin"],
                    name=line["name"],
                    quantity=line["quantity"],
                    unit_price=Decimal(line["unit_price"]),
                    probability=line["probability"],
                    why=line["why"],
                    evidence=tuple(line["evidence"]),
                )
                for line in published["lines"]
            ),
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


def _money(amount: Decimal) -> str:
    return format(amount, "f")
