"""What a visit's items cost: the lowest price that was shown, the best offers, stickers, and goods by weight.

The rules, all deterministic, and none ever above the shelf price:

- An item costs the lowest of the catalogue's and changed prices that held at any moment of the visit. When within it
  the hand took the item does not matter, so no doubt about that can cost the shopper anything.
- Where items of a product carry a reduced-price sticker, that many of a visit's items of it cost the sticker's price:
  which of them was taken cannot be seen.
- Offers are applied so that the visit costs the least; an item is in one offer at most. Up to `MOST_STATES` baskets are
  searched exactly; beyond, the offer that saves most is taken first.
- Goods by weight cost price per kilogram times the mass that surely left: the scale's reading less a tolerance.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from itertools import combinations_with_replacement, product

from walkout.checkout.receipt import Line, Receipt, recounted, sum_of
from walkout.checkout.tax import TaxRule
from walkout.store.currency import floored, unit
from walkout.store.product import Product
from walkout.store.selling import NOTHING, Offer, Selling, Sticker, ns, within

MOST_STATES = 5_000
MOST_WAYS = 400
"""Fillings of one offer that are looked at; beyond, only those with the dearest items."""
GRAM_KG = Decimal(1000)
Units = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Weighed:
    """How much of a product left the shelves in a party's hands, and how sure the scales are of it."""

    mass_g: float
    sd_g: float


def rule_of(selling: Selling, currency: str) -> TaxRule | None:
    """The shop's tax rule; None where it names no taxes."""
    if not selling.taxes:
        return None
    return TaxRule(selling.prices_include_tax, selling.tax_rounding, unit(currency))


def price_of(product: Product, selling: Selling, from_ns: int, to_ns: int) -> Decimal:
    """The lowest price that a product had at any moment of a span."""
    changes = sorted((ns(one.starts), one.price) for one in selling.price_changes if one.gtin == product.gtin)
    before = [price for starts_ns, price in changes if starts_ns <= from_ns]
    during = [price for starts_ns, price in changes if from_ns < starts_ns <= to_ns]
    return min([before[-1] if before else product.price, *during])


def priced(
    lines: Sequence[Line],
    products: Mapping[str, Product],
    selling: Selling,
    currency: str,
    from_ns: int,
    to_ns: int,
    weighed: Mapping[str, Weighed] | None = None,
) -> tuple[Line, ...]:
    """The lines with their prices, offers, masses and taxes; each costs at most its shelf price."""
    found = []
    for line in lines:
        sold = products[line.gtin]
        taxed = replace(
            line,
            unit_price=price_of(sold, selling, from_ns, to_ns),
            tax=sold.tax,
            tax_rate=selling.taxes.get(sold.tax) if selling.taxes else None,
        )
        if selling.taxes and taxed.tax_rate is None:
            taxed = replace(taxed, tax_rate=Decimal(0))
        if sold.sold_by == "weight":
            taxed = _by_weight(taxed, sold, selling, currency, (weighed or {}).get(line.gtin))
        found.append(taxed)
    stickers = [one for one in selling.stickers if within(one.starts, one.ends, from_ns, to_ns)]
    offers = [one for one in selling.offers if within(one.starts, one.ends, from_ns, to_ns)]
    return _offered(found, stickers, offers, currency)


def surely_g(weighed: Weighed, tolerance: Decimal) -> int:
    """The mass that surely left, whole grams: the reading less so many standard deviations, never below 0."""
    low = Decimal(repr(weighed.mass_g)) - tolerance * Decimal(repr(weighed.sd_g))
    return max(0, int(low.to_integral_value(ROUND_FLOOR)))


def _by_weight(line: Line, sold: Product, selling: Selling, currency: str, weighed: Weighed | None) -> Line:
    if weighed is None:  # the scales' word is gone: the least that so many items weigh
        masses = [Weighed(m.mass_g * line.quantity, m.sd_g * line.quantity) for m in sold.masses]
        grams = min((surely_g(mass, selling.weight_tolerance) for mass in masses), default=0)
    else:
        grams = surely_g(weighed, selling.weight_tolerance)
    cost = floored(line.unit_price * grams / GRAM_KG, currency)
    return replace(line, mass_g=float(grams), amount=cost)


def _offered(
    lines: Sequence[Line], stickers: Sequence[Sticker], offers: Sequence[Offer], currency: str
) -> tuple[Line, ...]:
    """Stickers, then offers on what is left at the full price, amounts in whole minor units."""
    made: list[Line] = []
    full: dict[str, int] = {}
    for line in lines:
        if line.mass_g is not None:
            made.append(line)
            continue
        reduced = sorted((one.price, one.count) for one in stickers if one.gtin == line.gtin)
        left, cost, names = line.quantity, Decimal(0), line.offers
        for price, count in reduced:
            taken = min(left, count) if price < line.unit_price else 0
            if taken:
                left, cost = left - taken, cost + price * taken
                names = (*names, "reduced")
        full[line.gtin] = full.get(line.gtin, 0) + left
        made.append(replace(line, amount=floored(cost + line.unit_price * left, currency), offers=names))
    prices = {line.gtin: line.unit_price for line in made if line.mass_g is None}
    savings = _best(full, prices, offers, currency)
    done = [_less(line, savings.get(line.gtin, []), currency) for line in made]
    return tuple(
        replace(x, amount=None) if x.mass_g is None and x.amount == x.unit_price * x.quantity else x for x in done
    )


def _less(line: Line, savings: Iterable[tuple[str, Decimal]], currency: str) -> Line:
    savings = list(savings)
    if not savings or line.mass_g is not None:
        return line
    amount = line.cost - sum((saved for _, saved in savings), Decimal(0))
    names = tuple(dict.fromkeys((*line.offers, *(name for name, _ in savings))))
    return replace(line, amount=max(Decimal(0), floored(amount, currency)), offers=names)


def _best(
    full: Mapping[str, int], prices: Mapping[str, Decimal], offers: Sequence[Offer], currency: str
) -> dict[str, list[tuple[str, Decimal]]]:
    """What each product's items save by which offer, for the cheapest way to combine offers."""
    named = {gtin for offer in offers for slot in offer.slots for gtin in slot.gtins}
    gtins = tuple(sorted(gtin for gtin in full if gtin in named and full[gtin]))
    start = tuple(full[gtin] for gtin in gtins)
    ways = [
        (offer, way, saved)
        for offer in offers
        for way in _ways(offer, gtins, start, prices)
        if (saved := _value(way, gtins, prices) - offer.price) > 0
    ]
    ways.sort(key=lambda one: (-one[2], one[0].name, one[1]))
    chosen = _searched(start, ways)
    saved_by: dict[str, list[tuple[str, Decimal]]] = {}
    for index in _greedy(start, ways) if chosen is None else chosen:
        offer, way, saved = ways[index]
        worth, rest = _value(way, gtins, prices), saved
        # Each product's share by its price, in whole minor units; the dearest takes what rounding leaves.
        used = sorted((prices[gtin] * count, gtin) for gtin, count in zip(gtins, way, strict=True) if count)
        for number, (price, gtin) in enumerate(used):
            share = rest if number == len(used) - 1 else floored(saved * price / worth, currency)
            rest -= share
            saved_by.setdefault(gtin, []).append((offer.name, share))
    return saved_by


def _searched(start: Units, ways: Sequence[tuple[Offer, Units, Decimal]]) -> list[int] | None:
    """The ways that save most, exactly; None where there are too many baskets to look at."""
    seen: dict[tuple[Units, int], tuple[Decimal, list[int]]] = {}

    def best(left: Units, first: int) -> tuple[Decimal, list[int]]:
        key = (left, first)
        if key in seen:
            return seen[key]
        if len(seen) >= MOST_STATES:
            raise OverflowError
        found: tuple[Decimal, list[int]] = (Decimal(0), [])
        for index in range(first, len(ways)):
            rest = _without(left, ways[index][1])
            if rest is not None:
                saved, chosen = best(rest, index)
                if saved + ways[index][2] > found[0]:
                    found = (saved + ways[index][2], [index, *chosen])
        seen[key] = found
        return found

    try:
        return best(start, 0)[1]
    except (OverflowError, RecursionError):
        return None


def _greedy(start: Units, ways: Sequence[tuple[Offer, Units, Decimal]]) -> list[int]:
    chosen, left = [], start
    for index, (_, way, _) in enumerate(ways):
        while (rest := _without(left, way)) is not None:
            chosen.append(index)
            left = rest
    return chosen


def _ways(offer: Offer, gtins: Sequence[str], start: Units, prices: Mapping[str, Decimal]) -> Iterator[Units]:
    """The sets of items that fill an offer."""
    options = []
    for slot in offer.slots:
        here = sorted({g for g in slot.gtins if g in gtins}, key=lambda g: (-prices[g], g))
        fillings = []
        for number, filling in enumerate(combinations_with_replacement(here, slot.count)):
            if number >= MOST_WAYS:
                break
            fillings.append(filling)
        options.append(fillings)
    seen: set[Units] = set()
    for number, chosen in enumerate(product(*options)):
        if number >= MOST_WAYS:
            return
        flat = [gtin for filling in chosen for gtin in filling]
        way = tuple(flat.count(gtin) for gtin in gtins)
        if way not in seen and _without(start, way) is not None:
            seen.add(way)
            yield way


def _value(way: Units, gtins: Sequence[str], prices: Mapping[str, Decimal]) -> Decimal:
    return sum((prices[gtin] * count for gtin, count in zip(gtins, way, strict=True)), Decimal(0))


def _without(left: Units, way: Units) -> Units | None:
    rest = tuple(one - other for one, other in zip(left, way, strict=True))
    return None if any(count < 0 for count in rest) else rest


def apply(
    receipt: Receipt, products: Mapping[str, Product], selling: Selling, weighed: Mapping[str, Weighed] | None = None
) -> Receipt:
    """A software receipt as the shop sells; unchanged where the shop has no rules and nothing goes by weight.

    `due` stays the sum of the lines that are shown.
    """
    if selling == NOTHING and all(products[line.gtin].sold_by == "unit" for line in receipt.lines):
        return receipt
    span = (receipt.entered_ns, receipt.left_ns)
    lines = priced(receipt.lines, products, selling, receipt.currency, *span, weighed)
    rule = rule_of(selling, receipt.currency)
    made = recounted(replace(receipt, tax_rule=rule), lines)
    return replace(made, due=sum_of((line for line in lines if line.shown), rule))
