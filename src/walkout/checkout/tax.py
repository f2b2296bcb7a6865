"""Taxes on lines, summed by rate: inside the price or on top of it, rounded for each line or once for the receipt."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

HUNDRED = Decimal(100)
ZERO = Decimal(0)
Rounding = Literal["line", "receipt"]


@dataclass(frozen=True, slots=True)
class TaxRule:
    """How a shop's prices and taxes go together; `unit` is the currency's smallest amount."""

    included: bool
    """Prices on the shelf hold the tax already."""
    rounding: Rounding
    unit: Decimal


@dataclass(frozen=True, slots=True)
class Taxed:
    """One line as taxes see it: what it costs by its shelf price, and its rate in percent."""

    name: str
    rate: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True)
class TaxSum:
    """All lines of one rate: `gross` is paid, `net` + `tax` = `gross`."""

    name: str
    rate: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal


def summary(lines: Iterable[Taxed], rule: TaxRule) -> tuple[TaxSum, ...]:
    """One sum for each name and rate, sorted; what is rounded is the tax, halves away from zero."""
    groups: dict[tuple[str, Decimal], list[Decimal]] = {}
    for line in lines:
        groups.setdefault((line.name, line.rate), []).append(line.cost)
    found = []
    for (name, rate), costs in sorted(groups.items()):
        cost = sum(costs, ZERO)
        parts = costs if rule.rounding == "line" else [cost]
        tax = sum((_tax(part, rate, rule) for part in parts), ZERO)
        net, gross = (cost - tax, cost) if rule.included else (cost, cost + tax)
        found.append(TaxSum(name, rate, net, tax, gross))
    return tuple(found)


def on_top(sums: Iterable[TaxSum], rule: TaxRule) -> Decimal:
    """What taxes add to the lines' sum: nothing where prices hold them."""
    return ZERO if rule.included else sum((one.tax for one in sums), ZERO)


def _tax(cost: Decimal, rate: Decimal, rule: TaxRule) -> Decimal:
    exact = cost * rate / (HUNDRED + rate) if rule.included else cost * rate / HUNDRED
    return exact.quantize(rule.unit, ROUND_HALF_UP)
