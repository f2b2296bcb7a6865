"""Money of the people behind the shop: exact decimals, rounded once a line, always up, to the smallest coin."""

from decimal import ROUND_CEILING, Decimal, localcontext
from fractions import Fraction

ROUNDING = "each line is rounded up to the smallest coin of its currency, once; sums are not rounded"
HOUR_NS = 3_600_000_000_000
DIGITS = dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"), 0) | dict.fromkeys(
    ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3
)
"""Digits after the point (ISO 4217) of currencies that do not have two."""


def coin(currency: str) -> Decimal:
    """The smallest amount of a currency. Raises ValueError for what is no currency's code."""
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise ValueError(f"found the currency {currency!r}, right: an ISO 4217 code such as EUR")
    return Decimal(1).scaleb(-DIGITS.get(currency, 2))


def rounded_up(amount: Fraction, currency: str) -> Decimal:
    """An exact amount rounded up to the smallest coin."""
    step = coin(currency)
    coins = -(-amount // Fraction(step))
    with localcontext() as context:
        context.prec = 60
        return (Decimal(int(coins)) * step).quantize(step, rounding=ROUND_CEILING)


def earned(length_ns: int, hourly: Decimal) -> Fraction:
    """What so much time is worth at an hourly rate, exact."""
    return Fraction(length_ns) * Fraction(hourly) / HOUR_NS


def amount(text: str) -> Decimal:
    """A decimal from text. Raises ValueError where it is none, not finite, or below 0."""
    try:
        found = Decimal(text)
    except ArithmeticError as error:
        raise ValueError(f"found {text!r}, right: an amount such as 14.20") from error
    if not found.is_finite() or found < 0:
        raise ValueError(f"found {text!r}, right: an amount of 0 or more")
    return found
