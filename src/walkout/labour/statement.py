"""A person's statement for a month: what was worked, at what rates, against which floor, and what is owed.

It is a pure function of the log up to an entry (`as_of`), so that it can be computed again at any later time to the
same bytes. What changes afterwards (an answer to an idle query, a grant) makes the next revision; none is rewritten.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from io import StringIO
from typing import Any, Literal

import orjson

from walkout.labour.event import CLOSES, Event
from walkout.labour.floor import Place
from walkout.labour.interval import Interval
from walkout.labour.money import ROUNDING
from walkout.labour.pay import Line, Pay, answers_of, pay
from walkout.labour.period import Period
from walkout.labour.rate import RateCard
from walkout.labour.shift import fold

VERSION = 1
Origin = Literal["real", "simulated"]
COLUMNS = ("kind", "purpose", "rate_card", "hourly", "seconds", "paid", "amount", "currency")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a person's log: the event, its number, and the hash of the chain up to it."""

    number: int
    event: Event
    hash: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One revision of one month. `before` is what earlier revisions came to; `due` what this one adds."""

    worker: str
    place: Place
    period: Period
    revision: int
    as_of: int
    head: str
    origin: Origin
    pay: Pay
    intervals: tuple[Interval, ...]
    asked: tuple[Interval, ...]
    """Idle queries without an answer; what of them is past the cap is paid as soon as the person says they worked."""
    units: tuple[tuple[str, int], ...]
    """(purpose, how many were closed in any way), sorted."""
    before: Decimal

    @property
    def id(self) -> str:
        """Its name."""
        return f"{self.worker}/{self.period.name}/{self.revision}"

    @property
    def due(self) -> Decimal:
        """What is owed with this revision: never below 0, money once stated is not asked back."""
        return max(self.pay.total - self.before, self.pay.total * 0)


def make_statement(
    entries: Sequence[Entry],
    worker: str,
    cards: Sequence[RateCard],
    place: Place,
    period: Period,
    *,
    origin: Origin,
    revision: int = 0,
    before: Decimal = Decimal(0),
) -> Statement:
    """The statement that a log gives. Raises ValueError for an empty log, and as `pay` does."""
    if not entries:
        raise ValueError(f"found no work of {worker}, right: at least one entry of the log")
    events = [entry.event for entry in entries]
    _, intervals = fold(worker, events, ended_ns=max(event.t_ns for event in events))
    answers = answers_of(events)
    grants = [event for event in events if event.kind == "granted"]
    here = tuple(i for i in intervals if i.start_ns < period.end_ns and i.end_ns > period.start_ns)
    asked = tuple(i for i in here if i.kind == "idle_query" and i.number not in answers)
    last = entries[-1]
    owed = pay(here, grants, answers, cards, place, period)
    return Statement(
        worker,
        place,
        period,
        revision,
        last.number,
        last.hash,
        origin,
        owed,
        here,
        asked,
        _units(events, period),
        before + owed.total * 0,  # with the currency's digits
    )


def _units(events: Iterable[Event], period: Period) -> tuple[tuple[str, int], ...]:
    purpose: dict[str, str] = {}
    count: Counter[str] = Counter()
    for event in events:
        if event.kind == "leased":
            purpose[event.unit] = event.purpose
        elif event.kind in CLOSES and event.unit in purpose and period.start_ns <= event.t_ns < period.end_ns:
            count[purpose.pop(event.unit)] += 1
    return tuple(sorted(count.items()))


def to_plain(statement: Statement) -> dict[str, Any]:
    """The published form: money as decimal text, time as whole nanoseconds."""
    pay_ = statement.pay
    return {
        "kind": "pay-statement",
        "version": VERSION,
        "id": statement.id,
        "origin": statement.origin,
        "worker": statement.worker,
        "place": statement.place.name,
        "zone": statement.place.zone,
        "currency": pay_.currency,
        "period": {
            "name": statement.period.name,
            "start_ns": statement.period.start_ns,
            "end_ns": statement.period.end_ns,
        },
        "log": {"as_of": statement.as_of, "head": statement.head},
        "lines": [_line(line) for line in pay_.lines],
        "units": dict(statement.units),
        "paid_ns": pay_.paid_ns,
        "earned": _money(pay_.earned),
        "floor": {
            "due": _money(pay_.floor_due),
            "rule": "the highest of legal minimum, living-wage benchmark and contract, for every paid hour",
            "parts": [
                {
                    "kind": part.row.kind,
                    "hourly": _money(part.row.hourly),
                    "from": part.row.valid_from.isoformat(),
                    "length_ns": part.length_ns,
                    "source": part.row.source,
                    "source_url": part.row.source_url,
                    "retrieved": part.row.retrieved.isoformat(),
                }
                for part in pay_.floor
            ],
        },
        "top_up": _money(pay_.top_up),
        "deductions": [],
        "total": _money(pay_.total),
        "before": _money(statement.before),
        "due": _money(statement.due),
        "rounding": ROUNDING,
        "asked": [
            {"number": i.number, "start_ns": i.start_ns, "end_ns": i.end_ns, "paid": i.paid} for i in statement.asked
        ],
        "intervals": [
            {
                "number": i.number,
                "shift": i.shift,
                "kind": i.kind,
                "start_ns": i.start_ns,
                "end_ns": i.end_ns,
                "unit": i.unit,
                "purpose": i.purpose,
                "rate_card": i.card,
            }
            for i in statement.intervals
        ],
    }


def to_json(statement: Statement) -> bytes:
    """The statement as JSON with sorted keys: the same log gives the same bytes."""
    options = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(to_plain(statement), option=options)


def to_csv(statement: Statement) -> str:
    """The lines, the top-up and the total as CSV."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    currency = statement.pay.currency
    for line in statement.pay.lines:
        seconds = f"{line.length_ns / 1e9:.3f}"
        row = (line.kind, line.purpose, line.card, _money(line.hourly), seconds, "yes" if line.paid else "no")
        writer.writerow((*row, _money(line.amount), currency))
    for name, amount in (
        ("top_up", statement.pay.top_up),
        ("total", statement.pay.total),
        ("stated_before", statement.before),
        ("due", statement.due),
    ):
        writer.writerow((name, "", "", "", "", "", _money(amount), currency))
    return out.getvalue()


def proof_csv(sha256_: str, paper: Mapping[str, Any]) -> str:
    """Where the public log has a statement and its hours, as more rows of its CSV: `proof:...` and the value.

    `paper` as the holder's paper is published: its checkpoint, its signed head, and each entry with its path.
    """
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    rows: list[tuple[str, object]] = [
        ("statement_sha256", sha256_),
        ("checkpoint", paper["checkpoint"] or ""),
        ("head_size", paper["head"]["size"]),
        ("head_root", paper["head"]["root"]),
        ("head_signature", paper["signature"]),
        ("key", paper["key"]),
    ]
    for one in paper["entries"]:
        rows.append((f"entry_{one['number']}", one["line"]))
        rows.append((f"path_{one['number']}", " ".join(one["path"])))
    for name, value in rows:
        writer.writerow((f"proof:{name}", value, "", "", "", "", "", ""))
    return out.getvalue()


def digest(statement: Statement) -> str:
    """SHA-256 of the JSON."""
    return sha256(to_json(statement)).hexdigest()


def chained(before: str, number: int, event: Mapping[str, Any]) -> str:
    """The hash of a log's next entry: of the one before, its number and its content."""
    body = orjson.dumps({"number": number, "event": event}, option=orjson.OPT_SORT_KEYS)
    return sha256(before.encode() + b"\n" + body).hexdigest()


def _line(line: Line) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "purpose": line.purpose,
        "rate_card": line.card,
        "hourly": _money(line.hourly),
        "length_ns": line.length_ns,
        "paid": line.paid,
        "amount": _money(line.amount),
    }


def _money(amount: Decimal) -> str:
    return format(amount, "f")
