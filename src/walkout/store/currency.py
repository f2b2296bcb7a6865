"""Money in the digits that a currency has: minor units by ISO 4217, and sums that never mix two currencies."""

from collections.abc import Iterable
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Final

NONE: Final = frozenset(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    )
)
THREE: Final = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
FOUR: Final = frozenset(("CLF", "UYW"))
"""Currencies whose minor unit is not a hundredth (ISO 4217:2015, list one); all others have two digits."""


class CurrencyError(ValueError):
    """An amount that a currency cannot have; its words say what was found and what would be right."""


def digits(currency: str) -> int:
    """How many digits a currency has after the point."""
    if currency in NONE:
        return 0
    return 3 if currency in THREE else 4 if currency in FOUR else 2


def unit(currency: str) -> Decimal:
    """The smallest amount of a currency: 0.01 for EUR, 1 for JPY."""
    return Decimal(1).scaleb(-digits(currency))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """An amount in whole minor units, halves away from zero, as invoices are rounded."""
    return amount.quantize(unit(currency), ROUND_HALF_UP)


def floored(amount: Decimal, currency: str) -> Decimal:
    """An amount in whole minor units, never more than it was."""
    return amount.quantize(unit(currency), ROUND_FLOOR)


def to_minor(amount: Decimal, currency: str) -> int:
    """An amount as a count of minor units; CurrencyError where it is no whole number of them."""
    scaled = amount.scaleb(digits(currency))
    if not amount.is_finite() or scaled != scaled.to_integral_value():
        raise CurrencyError(f"found {amount} {currency}, right: whole minor units of {unit(currency):f} {currency}")
    return int(scaled)


def from_minor(count: int, currency: str) -> Decimal:
    """A count of minor units as an amount."""
    return Decimal(count).scaleb(-digits(currency))


def sums(amounts: Iterable[tuple[Decimal, str]]) -> dict[str, Decimal]:
    """Sums by currency, sorted by code: a chain of several currencies has no one total."""
    found: dict[str, Decimal] = {}
    for amount, currency in amounts:
        found[currency] = found.get(currency, Decimal(0)) + amount
    return dict(sorted(found.items()))
