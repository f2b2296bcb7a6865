"""Numbers, times and names as people read them: short, with units, in the shop's own time."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

_BOUND: Final = 0.0005
_UNIT: Final = re.compile(r"(\d) (g|kg|cm|m|s|ms|h|l|ml|%)(?![\w])")

_WHOLE: Final = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
"""Currencies without decimals (ISO 4217)."""

LOSSES: Final[Mapping[str, str]] = {
    "truncated": "The file is cut off",
    "malformed": "Could not be read",
    "duplicate": "Came twice",
    "disorder": "Came out of order",
    "clock": "The clock ran back",
    "gap": "Nothing came for a while",
    "frozen": "The same picture came again and again",
    "nan": "No readings",
    "unknown": "Not known to this release",
}
"""A kind of loss, in plain words."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The shop's own time."""

    zone: tzinfo
    zone_name: str

    def moment(self, t_ns: int) -> datetime | None:
        """The local time of an instant; None where no calendar has it."""
        try:
            return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=t_ns // 1000)).astimezone(self.zone)
        except (OverflowError, ValueError):
            return None

    def day(self, t_ns: int) -> str:
        """Such as 22 April 2020."""
        at = self.moment(t_ns)
        return f"{at.day} {_MONTHS[at.month - 1]} {at.year}" if at else "a day that no calendar has"

    def time(self, t_ns: int, decimals: int = 0) -> str:
        """Such as 07:06:49, or 07:06:49.5; cut, not rounded, as clocks are."""
        at = self.moment(t_ns)
        if at is None:
            return f"{t_ns} ns"
        fraction = f".{at.microsecond:06d}"[: decimals + 1] if decimals else ""
        return f"{at:%H:%M:%S}{fraction}"

    def span(self, start_ns: int, end_ns: int) -> str:
        """Such as 22 April 2020, 07:06:36 to 07:06:54; the day again only where it changed."""
        first, last = self.day(start_ns), self.day(end_ns)
        until = self.time(end_ns) if first == last else f"{last}, {self.time(end_ns)}"
        return f"{first}, {self.time(start_ns)} to {until}"

    def zone_at(self, t_ns: int) -> str:
        """Such as America/New_York (UTC-04:00)."""
        at = self.moment(t_ns)
        if self.zone_name == "UTC":
            return "UTC"
        offset = f"{at:%z}" if at else "+0000"
        return f"{self.zone_name} (UTC{offset[:3]}:{offset[3:5]})"


_MONTHS: Final = tuple(
    "January,February,March,April,May,June,July,August,September,October,November,December".split(",")  # noqa: SIM905
)  # not strftime's, which follow the locale of whoever runs this


def clock(timezone: str) -> Clock:
    """The clock of a named zone; UTC, and named so, where this machine does not know the zone."""
    try:
        return Clock(ZoneInfo(timezone), timezone)
    except (KeyError, ValueError, OSError):
        return Clock(UTC, "UTC, as the shop's own zone is not known here,")


def percent(probability: float) -> str:
    """To a tenth, and never a plain 0 % or 100 % where it is only nearly that."""
    if not 0 <= probability <= 1:
        return "no number"
    if probability > 1 - _BOUND:
        return "> 99.9 %"
    if probability < _BOUND:
        return "< 0.1 %"
    return f"{probability * 100:.1f} %"


def money(amount: Decimal, currency: str) -> str:
    """With the currency's usual decimals at least, and every one that the amount has."""
    exponent = amount.as_tuple().exponent
    usual = 0 if currency in _WHOLE else 2
    return f"{amount:,.{max(usual, -exponent) if isinstance(exponent, int) else usual}f} {currency}"


def grams(mass_g: float, *, signed: bool = False) -> str:
    """To a tenth, or to one above 100 g; a real minus sign."""
    decimals = 0 if abs(mass_g) >= 99.95 else 1
    written = f"{mass_g:{'+' if signed else ''},.{decimals}f}"
    return f"{written.replace('-', '−')} g"


def length(metres: float) -> str:
    """Centimetres below a metre, metres above."""
    return f"{metres * 100:.0f} cm" if metres < 0.995 else f"{metres:.1f} m"


def duration(seconds: float) -> str:
    """Such as 8 s, 2 min 5 s, 3 h 20 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def count(many: int, one: str, more: str = "") -> str:
    """A number with its noun, as in 1 item, 2 items."""
    return f"{many:,} {one if many == 1 else more or one + 's'}"


def listed(names: tuple[str, ...] | list[str]) -> str:
    """Such as A, B and C."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def plates(ids: tuple[int, ...]) -> str:
    """Such as plate 3, plates 3–5, plates 3, 7."""
    if len(ids) == 1:
        return f"plate {ids[0]}"
    if ids and ids == tuple(range(ids[0], ids[-1] + 1)):
        return f"plates {ids[0]}–{ids[-1]}"
    return f"plates {', '.join(map(str, ids))}"


def letter(index: int) -> str:
    """0 is A, 25 is Z, 26 is AA."""
    return letter(index // 26 - 1) + letter(index % 26) if index >= 26 else chr(65 + index)


def sentence(said: str) -> str:
    """With a capital at the start, a full stop at the end, and numbers that stay with their units."""
    said = _UNIT.sub("\\1\N{NO-BREAK SPACE}\\2", said.strip())
    return said and said[0].upper() + said[1:] + ("" if said[-1] in ".!?" else ".")
