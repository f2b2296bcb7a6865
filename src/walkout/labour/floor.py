"""The least an hour may pay: the highest of legal minimum, living-wage benchmark and contract, by place and date.

The numbers come from a CSV file that says for each where it was read and when. Walkout ships an invented example, no
real data: which benchmark is right for a place is the operator's to answer for in public.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import StringIO
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from walkout.labour.money import amount, coin

FloorKind = Literal["legal_minimum", "living_wage", "contract"]
KINDS: tuple[FloorKind, ...] = get_args(FloorKind)
NEEDED: tuple[FloorKind, ...] = ("legal_minimum", "living_wage")
"""A place without these has no floor; where there is no legal minimum, a row of 0 says so, with its source."""
COLUMNS = (
    "place",
    "zone",
    "kind",
    "worker",
    "valid_from",
    "currency",
    "hourly",
    "source",
    "source_url",
    "retrieved",
)
SECOND_NS = 1_000_000_000


class FloorError(ValueError):
    """Floors that cannot be used; the words name each line, what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class FloorRow:
    """One bound from one day on, until the next of its kind at its place (for a contract: of its person)."""

    place: str
    zone: str
    kind: FloorKind
    worker: str
    valid_from: date
    currency: str
    hourly: Decimal
    source: str
    source_url: str
    retrieved: date

    @property
    def from_ns(self) -> int:
        """The midnight, at the place, at which it begins."""
        return midnight_ns(self.valid_from, self.zone)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody works: its bounds, clock and currency."""

    name: str
    zone: str
    currency: str
    rows: tuple[FloorRow, ...]

    def at(self, worker: str, t_ns: int) -> FloorRow:
        """The bound that counts for a person at an instant.

        Raises FloorError where the legal minimum or the living wage of that day is not known.
        """
        found: list[FloorRow] = []
        for kind in KINDS:
            rows = [
                row
                for row in self.rows
                if row.kind == kind and row.from_ns <= t_ns and (kind != "contract" or row.worker == worker)
            ]
            if rows:
                found.append(max(rows, key=lambda row: row.valid_from))
            elif kind in NEEDED:
                raise FloorError(f"found no {kind} for {self.name} at {t_ns}, right: a row of the floors file for it")
        return max(found, key=lambda row: row.hourly)  # the first kind where two are equal

    def changes_ns(self) -> tuple[int, ...]:
        """The instants at which a bound changes, sorted."""
        return tuple(sorted({row.from_ns for row in self.rows}))


def midnight_ns(day: date, zone: str) -> int:
    """The instant at which a day begins at a place."""
    return int(datetime.combine(day, time(), ZoneInfo(zone)).timestamp()) * SECOND_NS


def read_floors(text: str) -> dict[str, Place]:
    """Places by name from the CSV. Raises FloorError with everything that is wrong at once."""
    reader = csv.DictReader(StringIO(text))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise FloorError(f"line 1: found the columns {reader.fieldnames}, right: {', '.join(COLUMNS)}")
    rows: list[FloorRow] = []
    wrong: list[str] = []
    for record in reader:
        try:
            rows.append(_row(record))
        except ValueError as error:
            wrong.append(f"line {reader.line_num}: {error}")
    wrong += _conflicts(rows)
    if wrong:
        raise FloorError("\n".join(wrong))
    names = dict.fromkeys(row.place for row in rows)
    return {name: _place([row for row in rows if row.place == name]) for name in names}


def _row(record: dict[str, str]) -> FloorRow:
    if None in record or None in record.values():
        raise ValueError(f"found another number of fields, right: {len(COLUMNS)}")
    given = {column: record[column].strip() for column in COLUMNS}
    for column in ("place", "zone", "kind", "source", "source_url", "retrieved"):
        if not given[column]:
            raise ValueError(f"{column}: found nothing, right: a value; a number without its source is no floor")
    if given["kind"] not in KINDS:
        raise ValueError(f"kind: found {given['kind']!r}, right: one of {', '.join(KINDS)}")
    if (given["kind"] == "contract") != bool(given["worker"]):
        raise ValueError("worker: found it with another kind than contract, or a contract without it; right: together")
    try:
        ZoneInfo(given["zone"])
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"zone: found {given['zone']!r}, right: a time zone such as Europe/Berlin") from error
    coin(given["currency"])
    return FloorRow(
        given["place"],
        given["zone"],
        given["kind"],
        given["worker"],
        date.fromisoformat(given["valid_from"]),
        given["currency"],
        amount(given["hourly"]),
        given["source"],
        given["source_url"],
        date.fromisoformat(given["retrieved"]),
    )


def _conflicts(rows: Sequence[FloorRow]) -> list[str]:
    wrong = []
    for name in dict.fromkeys(row.place for row in rows):
        here = [row for row in rows if row.place == name]
        if len({(row.zone, row.currency) for row in here}) > 1:
            wrong.append(f"{name}: found several zones or currencies, right: one of each for a place")
        keys = [(row.kind, row.worker, row.valid_from) for row in here]
        wrong += [
            f"{name}: found {key[0]} from {key[2]} twice, right: once" for key in set(keys) if keys.count(key) > 1
        ]
        wrong += [f"{name}: found no {kind}, right: at least one row" for kind in NEEDED if kind not in _kinds(here)]
    return sorted(wrong)


def _kinds(rows: Iterable[FloorRow]) -> set[str]:
    return {row.kind for row in rows}


def _place(rows: Sequence[FloorRow]) -> Place:
    first = rows[0]
    return Place(first.place, first.zone, first.currency, tuple(sorted(rows, key=lambda row: (row.kind, row.from_ns))))
