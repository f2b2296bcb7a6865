"""The months that are paid for, as they are at a place."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from walkout.labour.floor import SECOND_NS, midnight_ns


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar month at a place; `end_ns` is left out."""

    name: str
    start_ns: int
    end_ns: int


def month(name: str, zone: str) -> Period:
    """The month of a name such as 2026-11. Raises ValueError where it is none."""
    found = re.fullmatch(r"(\d{4})-(\d{2})", name)
    if not found or not 1 <= int(found[2]) <= 12:
        raise ValueError(f"found the month {name!r}, right: one such as 2026-11")
    year, number = int(found[1]), int(found[2])
    following = date(year + number // 12, number % 12 + 1, 1)
    return Period(name, midnight_ns(date(year, number, 1), zone), midnight_ns(following, zone))


def month_of(t_ns: int, zone: str) -> Period:
    """The month that an instant lies in."""
    here = datetime.fromtimestamp(t_ns // SECOND_NS, UTC).astimezone(ZoneInfo(zone))
    return month(f"{here.year:04}-{here.month:02}", zone)
