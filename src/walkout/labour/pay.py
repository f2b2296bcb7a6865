"""What a person is owed for a period: their intervals times the rates in force, and never less than the floor.

Nothing here knows of an answer, a verdict or a score, and nothing here ever subtracts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from walkout.labour.event import Event
from walkout.labour.floor import FloorRow, Place
from walkout.labour.interval import Interval, IntervalKind
from walkout.labour.money import earned, rounded_up
from walkout.labour.period import Period
from walkout.labour.rate import OTHER, RateCard, RateError, in_force


@dataclass(frozen=True, slots=True)
class Line:
    """Time of one kind at one rate."""

    kind: IntervalKind | str
    """`granted`: what another person added, for reasons that they wrote down."""
    purpose: str
    card: str
    hourly: Decimal
    length_ns: int
    paid: bool
    amount: Decimal


@dataclass(frozen=True, slots=True)
class FloorPart:
    """Paid time under one bound."""

    row: FloorRow
    length_ns: int


@dataclass(frozen=True, slots=True)
class Pay:
    """A period's pay: `total` is what the lines come to, and what is put on top so that the floor holds."""

    lines: tuple[Line, ...]
    floor: tuple[FloorPart, ...]
    currency: str
    earned: Decimal
    floor_due: Decimal

    @property
    def top_up(self) -> Decimal:
        """What the lines fall short of the floor."""
        return max(self.floor_due - self.earned, self.earned * 0)

    @property
    def total(self) -> Decimal:
        """What is owed."""
        return self.earned + self.top_up

    @property
    def paid_ns(self) -> int:
        """Paid time."""
        return sum(line.length_ns for line in self.lines if line.paid)


@dataclass(frozen=True, slots=True)
class _Segment:
    kind: str
    purpose: str
    card: RateCard
    floor: FloorRow
    length_ns: int
    paid: bool


def is_paid(interval: Interval, answers: Mapping[int, str]) -> bool:
    """Whether an interval is paid, given what the person said of those they were asked about."""
    if interval.kind == "idle_query" and interval.number in answers:
        return answers[interval.number] == "worked"
    return interval.paid


def answers_of(events: Iterable[Event]) -> dict[int, str]:
    """The last answer to each idle query, by the interval's number."""
    return {event.of: event.detail for event in events if event.kind == "idle_answered"}


def pay(
    intervals: Iterable[Interval],
    grants: Iterable[Event],
    answers: Mapping[int, str],
    cards: Sequence[RateCard],
    place: Place,
    period: Period,
) -> Pay:
    """What one person is owed for what lies in the period.

    Raises RateError where work was done under a card that is not there or that is of another place, and FloorError
    where a day has no floor.
    """
    by_hash = {card.hash: card for card in cards}
    here = [card for card in cards if card.place == place.name]
    for card in here:
        if card.currency != place.currency:
            raise RateError(f"found a card in {card.currency} for {place.name}, right: {place.currency}")
    bounds = sorted({*place.changes_ns(), *(card.effective_ns for card in here)})
    segments: list[_Segment] = []
    for interval in intervals:
        paid = is_paid(interval, answers)
        for start_ns, end_ns in _cut(interval, period, bounds):
            card = in_force(here, place.name, start_ns)
            if interval.card:
                if interval.card not in by_hash or by_hash[interval.card].place != place.name:
                    raise RateError(f"found work under card {interval.card[:12]}, right: one of {place.name}")
                stamped = by_hash[interval.card]
                card = max(stamped, card, key=lambda one: one.rate(interval.purpose))
            floor = place.at(interval.worker, start_ns)
            segments.append(_Segment(interval.kind, interval.purpose, card, floor, end_ns - start_ns, paid))
    for grant in grants:
        if period.start_ns <= grant.t_ns < period.end_ns:
            card = in_force(here, place.name, grant.t_ns)
            floor = place.at(grant.worker, grant.t_ns)
            segments.append(_Segment("granted", OTHER, card, floor, grant.of, paid=True))
    return _sum(segments, place.currency)


def _cut(interval: Interval, period: Period, bounds: Sequence[int]) -> Iterable[tuple[int, int]]:
    """The parts of an interval within the period, between which rates or floors may differ."""
    start_ns, end_ns = max(interval.start_ns, period.start_ns), min(interval.end_ns, period.end_ns)
    edges = [start_ns, *(bound for bound in bounds if start_ns < bound < end_ns), end_ns]
    return [(a, b) for a, b in pairwise(edges) if a < b]


def _sum(segments: Iterable[_Segment], currency: str) -> Pay:
    lines: dict[tuple[str, str, str, Decimal, bool], int] = defaultdict(int)
    floors: dict[FloorRow, int] = defaultdict(int)
    due = Fraction(0)
    for one in segments:
        hourly = one.card.rate(one.purpose)
        lines[one.kind, one.purpose, one.card.hash, hourly, one.paid] += one.length_ns
        if one.paid:
            floors[one.floor] += one.length_ns
            due += earned(one.length_ns, one.floor.hourly)
    made = tuple(
        Line(kind, purpose, card, hourly, ns, paid, rounded_up(earned(ns, hourly) if paid else Fraction(0), currency))
        for (kind, purpose, card, hourly, paid), ns in sorted(lines.items())
    )
    parts = tuple(FloorPart(row, ns) for row, ns in sorted(floors.items(), key=lambda kv: (kv[0].kind, kv[0].from_ns)))
    whole = sum((line.amount for line in made), rounded_up(Fraction(0), currency))
    return Pay(made, parts, currency, whole, rounded_up(due, currency))
