"""Random months of work for the time ledger: wrong clocks, dying programs, copies, late and forgotten events.

Time truly passes in `_World`; what the ledger gets is what the server saw of it. `present_ns` is how long the person
truly was at work on shift, meals and absences left out: what must be paid, whatever went wrong.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from itertools import pairwise
from random import Random

from walkout.labour.clock import Clock, Stamp
from walkout.labour.event import Event
from walkout.labour.floor import Place, midnight_ns, read_floors
from walkout.labour.interval import Interval
from walkout.labour.period import Period, month, month_of
from walkout.labour.rate import OTHER, RateCard, rate_card
from walkout.labour.shift import HOUR_NS, MINUTE_NS, SECOND_NS, fold
from walkout.labour.statement import Entry, Statement, chained, make_statement, to_json

DAY_NS = 24 * HOUR_NS
PURPOSES = ("settle", "settle", "settle", "audit", "dispute", "gold", "training")
WORKER = "swift-heron"


@cache
def places() -> dict[str, Place]:
    """The invented example that ships."""
    return read_floors(files("walkout.labour").joinpath("examples/floors.csv").read_text("utf-8"))


@cache
def cards(place: str) -> tuple[RateCard, ...]:
    """Two cards: one a little above the floor, one from the middle of a month on; some rates below the floor."""
    found = places()[place]
    base = Decimal("14.10") if found.currency == "EUR" else Decimal("150.00")
    first = rate_card(place, 1, found.currency, 0, {OTHER: base, "settle": base + 1, "audit": base + 2})
    later = midnight_ns(date(2026, 7, 11), found.zone)
    raised = {purpose: rate + Decimal("0.33") for purpose, rate in first.hourly}
    return first, rate_card(place, 2, found.currency, later, raised)


@dataclass
class Month:
    """What the ledger got, in its order, and what was true."""

    place: str
    events: list[Event] = field(default_factory=list)
    present_ns: int = 0
    fuzz_ns: int = 0
    """How much reordered and lost events may have moved, at most."""


class _World:
    """True time, the wall clock with its error, and the server's program, which may die or be started anew."""

    def __init__(self, random: Random, start_ns: int) -> None:
        self.random = random
        self.true_ns = start_ns
        self.wrong_ns = 0
        self.boots, self.booted_ns = 1, start_ns - DAY_NS
        self.last = Stamp()
        self.start(resting=True)

    def start(self, *, resting: bool) -> None:
        """The program starts."""
        self.clock = Clock(
            self.last,
            resting=resting,
            wall=lambda: self.true_ns + self.wrong_ns,
            monotonic=lambda: self.true_ns - self.booted_ns,
            boot=f"boot {self.boots}",
        )

    def reboot(self, *, resting: bool) -> None:
        """The machine starts; its monotonic clock begins somewhere else."""
        self.boots, self.booted_ns = self.boots + 1, self.true_ns
        self.start(resting=resting)

    def now(self) -> int:
        self.last = self.clock.stamp()
        return self.last.t_ns


def a_month(seed: int) -> Month:
    """A month of one person, from its seed."""
    random = Random(seed)  # noqa: S311 a simulation
    place = random.choice(sorted(places()))
    made = Month(place)
    world = _World(random, month("2026-07", places()[place].zone).start_ns + random.randrange(-6, 6) * HOUR_NS)
    for shift in range(random.randint(1, 4)):
        world.true_ns += int(random.uniform(6, 110) * HOUR_NS)
        if random.random() < 0.2:  # a new machine overnight, its clock as it may be
            world.wrong_ns = int(random.choice((0, 0, 30, -4000, 90_000)) * SECOND_NS)
            world.reboot(resting=True)
        _shift(made, world, random, shift)
    _disorder(made, random)
    return made


class _Seat:
    """One shift of the person: what they do, and what their page and the server say of it."""

    def __init__(self, made: Month, world: _World, random: Random, shift: int) -> None:
        self.made, self.world, self.random, self.shift = made, world, random, shift
        self.card = cards(made.place)[0].hash

    def say(self, kind: str, **more: object) -> None:
        number = len(self.made.events)
        self.made.events.append(Event(f"e{number}", WORKER, kind, self.world.now(), **more))  # type: ignore[arg-type]

    def away(self, low_s: float, high_s: float) -> None:
        self.world.true_ns += int(self.random.uniform(low_s, high_s) * SECOND_NS)

    def work(self, seconds: float) -> None:
        """They are there; their page says so every minute, as long as the program lives."""
        left = int(seconds * SECOND_NS)
        self.made.present_ns += left
        while left > 0:
            part = min(left, 60 * SECOND_NS)
            self.world.true_ns += part
            left -= part
            if self.random.random() < 0.3 or part == 60 * SECOND_NS:
                self.say("heartbeat")
            if self.random.random() < 0.004:  # somebody sets the clock
                self.world.wrong_ns += self.random.choice((-3600, 3600, 86_400, -7)) * SECOND_NS
            if self.random.random() < 0.004:
                self._die()

    def _die(self) -> None:
        """The program dies while they work, at times the whole machine, and comes back."""
        gone_ns = int(self.random.uniform(0, 900) * SECOND_NS)
        self.made.present_ns += gone_ns
        self.world.true_ns += gone_ns
        if self.random.random() < 0.2:
            self.world.reboot(resting=False)
            # A machine that was down, with a clock that is behind: nobody can know for how long.
            self.made.fuzz_ns += max(0, self.world.last.t_ns + gone_ns - self.world.clock.now_ns())
        else:
            self.world.start(resting=False)
        self.say("restarted")

    def between(self) -> None:
        """What may come between two questions."""
        dice = self.random.random()
        if dice < 0.08:
            self._during("break", self.random.choice(("rest", "recovery")), 30, 600)
        elif dice < 0.12:
            self.say("break_started", detail="meal")
            self.away(300, 3000)
            self.say("break_ended")
        elif dice < 0.16:
            self._during("session", self.random.choice(("meeting", "training", "appeal")), 60, 2400)
        elif dice < 0.19:
            self._during("fault", "", 1, 1200)
        elif dice < 0.23:  # they go away without a word
            self.away(10, 4000)

    def _during(self, name: str, detail: str, low_s: float, high_s: float) -> None:
        self.say(f"{name}_started", detail=detail)
        self.work(self.random.uniform(low_s, high_s))
        self.say(f"{name}_ended")

    def unit(self, number: int) -> None:
        """One question."""
        name = f"s{self.shift}u{number}"
        self.say("leased", unit=name, purpose=self.random.choice(PURPOSES), card=self.card)
        self.work(self.random.expovariate(1 / 35))
        end = self.random.choices(("submitted", "skipped", "expired"), (0.85, 0.1, 0.05))[0]
        if end == "expired":
            self.work(300)
        self.say(end, unit=name)


def _shift(made: Month, world: _World, random: Random, shift: int) -> None:
    seat = _Seat(made, world, random, shift)
    seat.say("shift_started")
    for number in range(random.randint(2, 8)):
        seat.work(random.expovariate(1 / 20))
        seat.between()
        seat.unit(number)
    if random.random() < 0.9:
        seat.say("shift_ended")
    elif random.random() < 0.5:
        world.true_ns += 5 * HOUR_NS
        seat.say("ticked")


def _disorder(made: Month, random: Random) -> None:
    """Neighbours in the log change places, copies come later, and some of what was asked is answered."""
    events, k = made.events, 0
    while k < len(events) - 1:
        a, b = events[k], events[k + 1]
        if random.random() < 0.03 and b.t_ns - a.t_ns < 2 * SECOND_NS:
            events[k], events[k + 1] = b, a
            made.fuzz_ns += 2 * SECOND_NS
            k += 1
        k += 1
    for _ in range(len(events) // 20):
        copied = random.randrange(len(events))
        events.insert(random.randint(copied + 1, len(events)), events[copied])
    _, intervals = fold(WORKER, events)
    after_ns = max(event.t_ns for event in events)
    for n, interval in enumerate(i for i in intervals if i.kind == "idle_query" and random.random() < 0.5):
        said = random.choice(("worked", "away"))
        events.append(Event(f"answer{n}", WORKER, "idle_answered", after_ns + n, detail=said, of=interval.number))
    if random.random() < 0.1:
        granted = {"of": 10 * MINUTE_NS, "by": "calm-otter", "detail": "the tablet was broken"}
        events.append(Event("grant", WORKER, "granted", after_ns, **granted))  # type: ignore[arg-type]


def log_of(events: list[Event]) -> tuple[Entry, ...]:
    """Events as the database keeps them: copies left out, chained."""
    entries: list[Entry] = []
    seen: set[str] = set()
    for event in events:
        if event.id not in seen:
            seen.add(event.id)
            number, head = len(entries) + 1, entries[-1].hash if entries else ""
            entries.append(Entry(number, event, chained(head, number, {"id": event.id, "t_ns": event.t_ns})))
    return tuple(entries)


def faults_of(made: Month) -> list[str]:
    """What does not hold of a month; empty: all of it does."""
    entries = log_of(made.events)
    place = places()[made.place]
    end_ns = max(event.t_ns for event in made.events)
    _, intervals = fold(WORKER, made.events, ended_ns=end_ns)
    wrong = _partition(intervals)
    once = [entry.event for entry in entries]
    if len(once) < len(made.events) and fold(WORKER, once, ended_ns=end_ns)[1] != intervals:
        wrong.append("copies of events changed the intervals")
    names = {month_of(t, place.zone).name for i in intervals for t in (i.start_ns, i.end_ns - 1)}
    names |= {month_of(entry.event.t_ns, place.zone).name for entry in entries if entry.event.kind == "granted"}
    statements = [_statement(entries, place, name) for name in sorted(names)]
    for statement in statements:
        wrong += _money(statement, place)
    inside = sum(line.length_ns for s in statements for line in s.pay.lines if line.kind != "granted")
    if inside != sum(i.length_ns for i in intervals):
        wrong.append("months do not add up to all the time")
    declined = sum(i.length_ns for s in statements for i in s.intervals if _declined(i, made.events))
    paid_ns = sum(s.pay.paid_ns for s in statements)
    waits = sum(i.length_ns for s in statements for i in s.asked if not i.paid)
    if paid_ns + declined + waits + made.fuzz_ns < made.present_ns:
        wrong.append(f"{(made.present_ns - paid_ns) / 1e9:.1f} s of true presence are not paid")
    if any(not i.paid and i.kind not in {"break_unpaid", "idle_query"} for i in intervals):
        wrong.append("work without pay")
    later = [replace(e, id=e.id + "+", t_ns=e.t_ns + DAY_NS) for e in made.events[:50]]
    longer = (*entries, *log_of(later))
    for statement in statements:
        again = _statement(longer[: statement.as_of], place, statement.period.name)
        if to_json(again) != to_json(statement):
            wrong.append("computed again later, other bytes")
    return wrong


def _statement(entries: tuple[Entry, ...], place: Place, name: str) -> Statement:
    period = month(name, place.zone)
    return make_statement(entries, WORKER, cards(place.name), place, period, origin="simulated")


def _declined(interval: Interval, events: list[Event]) -> bool:
    said = [e.detail for e in events if e.kind == "idle_answered" and e.of == interval.number]
    return bool(said) and said[-1] == "away"


def _partition(intervals: tuple[Interval, ...]) -> list[str]:
    wrong = []
    by_time = sorted(intervals, key=lambda i: i.start_ns)
    if any(i.end_ns <= i.start_ns for i in intervals):
        wrong.append("an interval without length")
    if any(a.end_ns > b.start_ns for a, b in pairwise(by_time)):
        wrong.append("intervals overlap")
    if any(a.shift == b.shift and a.end_ns != b.start_ns for a, b in pairwise(by_time)):
        wrong.append("a gap within a shift")
    if sorted(i.number for i in intervals) != list(range(1, len(intervals) + 1)):
        wrong.append("numbers are not 1, 2, 3")
    return wrong


def _money(statement: Statement, place: Place) -> list[str]:
    """Against a reckoning of its own: day by day, in exact fractions."""
    wrong = []
    pay = statement.pay
    answers = {i.number for i in statement.intervals if i.kind == "idle_query"} - {i.number for i in statement.asked}
    floor, earned, paid_ns = Fraction(0), Fraction(0), 0
    for interval in statement.intervals:
        if interval.number in answers or not interval.paid:
            continue
        for start_ns, end_ns in _days(interval, statement.period, place.zone):
            hours = Fraction(end_ns - start_ns, HOUR_NS)
            bounds = [r for r in place.rows if r.from_ns <= start_ns and r.worker in ("", statement.worker)]
            newest = {r.kind: r for r in sorted(bounds, key=lambda r: r.valid_from)}
            floor += hours * Fraction(max(r.hourly for r in newest.values()))
            card = [c for c in cards(place.name) if c.effective_ns <= start_ns][-1]
            earned += hours * Fraction(dict(card.hourly).get(interval.purpose, dict(card.hourly)[OTHER]))
            paid_ns += end_ns - start_ns
    coin = Fraction(1, 100)
    lines = sum((line.amount for line in pay.lines), Decimal(0))
    if lines != pay.earned or pay.earned + pay.top_up != pay.total:
        wrong.append("lines do not sum to the statement")
    if pay.total < pay.floor_due or Fraction(pay.total) < floor:
        wrong.append("below the floor")
    plain = not answers and not any(line.kind == "granted" for line in pay.lines)
    if plain and not 0 <= Fraction(pay.earned) - earned < coin * max(1, len(pay.lines)):
        wrong.append(f"earned {pay.earned}, reckoned {float(earned):.4f}")
    if plain and paid_ns != pay.paid_ns:
        wrong.append("paid time differs from the reckoning")
    return wrong


def _days(interval: Interval, period: Period, zone: str) -> list[tuple[int, int]]:
    first = date.fromordinal(date(1970, 1, 1).toordinal() + interval.start_ns // DAY_NS - 1)
    edges = [midnight_ns(first + timedelta(days=n), zone) for n in range((interval.length_ns // DAY_NS) + 5)]
    low, high = max(interval.start_ns, period.start_ns), min(interval.end_ns, period.end_ns)
    cuts = [low, *(edge for edge in edges if low < edge < high), high]
    return [(a, b) for a, b in pairwise(cuts) if a < b]
