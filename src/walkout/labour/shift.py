"""From events to intervals: the pure core of the time ledger.

`step` takes events in the order in which the ledger wrote them down. An event that comes late, twice or with an earlier
instant than the one before it can change what a stretch is called, never leave a gap, an overlap or an hour out:
everything between a shift's start and its end lies in exactly one interval, and all of it is paid but a meal, and what
lies past the stated caps until the person says what it was.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from walkout.labour.event import CLOSES, FROM_SYSTEM, OPENS, Event
from walkout.labour.interval import Interval, IntervalKind

SECOND_NS = 1_000_000_000
MINUTE_NS = 60 * SECOND_NS
HOUR_NS = 60 * MINUTE_NS

IDLE_AFTER_NS = 120 * SECOND_NS
"""Without a sign of life for so long, the person is asked what the time since was."""
IDLE_PAID_NS = 15 * MINUTE_NS
"""So much of such a stretch is paid without an answer; the rest as soon as they say that they worked."""
CLOSES_AFTER_NS = 2 * HOUR_NS
"""A shift whose end nobody told is over so long after the person was asked."""
LIMIT_NS: dict[str, int] = {
    "break_paid": 30 * MINUTE_NS,
    "break_unpaid": 90 * MINUTE_NS,
    "fault_paid": 4 * HOUR_NS,
    "meeting": 3 * HOUR_NS,
}
"""What needs no sign of life, and after how long somebody has to be asked all the same."""

OF_PURPOSE: dict[str, IntervalKind] = {"gold": "gold", "training": "training", "appeal": "appeal"}
OF_SESSION: dict[str, IntervalKind] = {"meeting": "meeting", "training": "training", "appeal": "appeal"}


@dataclass(frozen=True, slots=True)
class Unit:
    """A question that is leased to the person."""

    unit: str
    purpose: str
    card: str


@dataclass(frozen=True, slots=True)
class Desk:
    """One person's working time up to now."""

    worker: str
    shift: int = 0
    """The number of the last shift; 0 before the first."""
    open: bool = False
    start_ns: int = 0
    """Of the last shift."""
    since_ns: int = 0
    """Up to here it is all in intervals."""
    entered_ns: int = 0
    """When what is going on now began."""
    alive_ns: int = 0
    """The last sign of life."""
    ended_ns: int = 0
    """When the last shift but the open one ended."""
    units: tuple[Unit, ...] = ()
    rest: str = ""
    session: str = ""
    fault: bool = False
    count: int = 0
    """Intervals so far."""

    @property
    def kind(self) -> IntervalKind:
        """What is going on now."""
        if self.fault:
            return "fault_paid"
        if self.rest:
            return "break_unpaid" if self.rest == "meal" else "break_paid"
        if self.session:
            return OF_SESSION[self.session]
        if self.units:
            return OF_PURPOSE.get(self.units[0].purpose, "active")
        return "waiting_paid"

    @property
    def asked_ns(self) -> int:
        """From when on the person is asked what the time was, if nothing is heard of them."""
        limit = LIMIT_NS.get("meeting" if self.session else self.kind, IDLE_AFTER_NS)
        return max(self.alive_ns, self.entered_ns) + limit

    @property
    def closes_ns(self) -> int:
        """When the shift is over if nobody tells its end."""
        return self.asked_ns + CLOSES_AFTER_NS


Step = tuple[Desk, tuple[Interval, ...]]


def step(desk: Desk, event: Event) -> Step:
    """What an event makes of the desk, and the intervals that are complete with it.

    Raises ValueError for another person's event.
    """
    if event.worker != desk.worker:
        raise ValueError(f"found an event of {event.worker!r}, right: one of {desk.worker!r}")
    if event.kind in {"idle_answered", "granted"}:
        return desk, ()  # they change what is paid, not what it was
    made: list[Interval] = []
    if desk.open and event.t_ns > _closes_ns(desk, event):
        desk = _close(desk, _closes_ns(desk, event), made, down=event.kind == "restarted")
    if not desk.open:
        if event.kind not in OPENS or _is_late(desk, event):
            return desk, tuple(made)
        desk = _opened(desk, max(event.t_ns, desk.ended_ns))
    elif event.kind == "shift_started" and desk.ended_ns <= event.t_ns < desk.start_ns:
        desk = _earlier(desk, event.t_ns, made)
    return _happened(desk, event, max(event.t_ns, desk.since_ns), made), tuple(made)


def fold(worker: str, events: Iterable[Event], *, ended_ns: int | None = None) -> Step:
    """All intervals of one person, copies of an event left out; `ended_ns` closes what is then still open."""
    desk, intervals = Desk(worker), list[Interval]()
    seen: set[str] = set()
    for event in events:
        if event.id not in seen:
            seen.add(event.id)
            desk, made = step(desk, event)
            intervals += made
    if ended_ns is not None and desk.open:
        desk, made = step(desk, Event("", worker, "shift_ended", ended_ns))
        intervals += made
    return desk, tuple(intervals)


def running(desk: Desk, now_ns: int) -> tuple[Interval, ...]:
    """The intervals as they would be if the shift ended now: what a page shows of the one that is open."""
    if not desk.open:
        return ()
    made: list[Interval] = []
    _write(desk, max(desk.since_ns, min(now_ns, desk.closes_ns)), made)
    return tuple(made)


def _is_late(desk: Desk, event: Event) -> bool:
    """The end of work on a unit whose shift is over: it opens no new one."""
    return event.kind in CLOSES and desk.shift > 0 and event.t_ns <= desk.ended_ns + IDLE_AFTER_NS


def _closes_ns(desk: Desk, event: Event) -> int:
    if event.kind == "restarted":
        return max(desk.since_ns, desk.alive_ns) + LIMIT_NS["fault_paid"] + CLOSES_AFTER_NS
    return desk.closes_ns


def _opened(desk: Desk, t_ns: int) -> Desk:
    return Desk(
        desk.worker,
        desk.shift + 1,
        open=True,
        start_ns=t_ns,
        since_ns=t_ns,
        entered_ns=t_ns,
        alive_ns=t_ns,
        ended_ns=desk.ended_ns,
        count=desk.count,
    )


def _earlier(desk: Desk, t_ns: int, made: list[Interval]) -> Desk:
    """The shift's start was written down after its first work: what lies before is paid waiting."""
    desk = replace(desk, count=desk.count + 1)
    made.append(Interval(desk.worker, desk.count, desk.shift, "waiting_paid", t_ns, desk.start_ns, paid=True))
    return replace(desk, start_ns=t_ns)


def _happened(desk: Desk, event: Event, t_ns: int, made: list[Interval]) -> Desk:
    if event.kind == "shift_ended":
        return _close(desk, t_ns, made)
    if event.kind == "restarted":
        return _restarted(desk, t_ns, made)
    if event.kind == "heartbeat" and t_ns <= desk.asked_ns:  # by far the most: nothing changes but the sign of life
        return replace(desk, alive_ns=max(desk.alive_ns, t_ns))
    after = _changed(desk, event)
    if (after.kind, after.units[:1]) != (desk.kind, desk.units[:1]) or t_ns > desk.asked_ns:
        desk = _write(desk, t_ns, made)
        moved = event.kind not in {"expired", "ticked"}  # these say nothing of where the person is
        after = replace(after, since_ns=t_ns, count=desk.count, entered_ns=t_ns if moved else desk.entered_ns)
    return after if event.kind in FROM_SYSTEM else replace(after, alive_ns=max(after.alive_ns, t_ns))


def _changed(desk: Desk, event: Event) -> Desk:
    """The desk after an event, its times left as they were."""
    match event.kind:
        case "leased":
            others = tuple(u for u in desk.units if u.unit != event.unit)
            unit = Unit(event.unit, event.purpose, event.card)
            known = len(others) < len(desk.units)
            return replace(desk, units=desk.units if known else (*desk.units, unit), rest="")
        case "submitted" | "skipped" | "expired" | "returned":
            return replace(desk, units=tuple(u for u in desk.units if u.unit != event.unit))
        case "break_started":
            return replace(desk, rest=event.detail)
        case "break_ended":
            return replace(desk, rest="")
        case "session_started":
            return replace(desk, session=event.detail, rest="")
        case "session_ended":
            return replace(desk, session="")
        case "fault_started" | "fault_ended":
            return replace(desk, fault=event.kind == "fault_started")
        case _:
            return desk


def _restarted(desk: Desk, t_ns: int, made: list[Interval]) -> Desk:
    """The program was away: since the last sign of life it was a fault, whatever the person did."""
    before = max(desk.since_ns, min(desk.alive_ns, t_ns))
    rest = desk.rest
    desk = _write(desk, before, made)
    down = replace(desk, since_ns=before, entered_ns=before, alive_ns=before, fault=True)
    done = _write(down, t_ns, made)
    return replace(done, since_ns=t_ns, entered_ns=t_ns, alive_ns=t_ns, fault=False, rest=rest)


def _close(desk: Desk, t_ns: int, made: list[Interval], *, down: bool = False) -> Desk:
    if down:
        desk = _restarted(desk, t_ns, made)
    done = _write(desk, max(t_ns, desk.since_ns), made)
    ended = max(t_ns, desk.since_ns)
    return Desk(desk.worker, desk.shift, start_ns=desk.start_ns, since_ns=ended, ended_ns=ended, count=done.count)


def _write(desk: Desk, t_ns: int, made: list[Interval]) -> Desk:
    """Put everything up to `t_ns` into intervals: what was going on, then paid and unpaid waiting for an answer."""
    paid_until = desk.asked_ns + IDLE_PAID_NS
    unit = desk.units[0] if desk.units and not (desk.fault or desk.rest or desk.session) else Unit("", "", "")
    pieces: tuple[tuple[int, int, IntervalKind, bool], ...] = (
        (desk.since_ns, min(t_ns, desk.asked_ns), desk.kind, desk.kind != "break_unpaid"),
        (max(desk.since_ns, desk.asked_ns), min(t_ns, paid_until), "idle_query", True),
        (max(desk.since_ns, paid_until), t_ns, "idle_query", False),
    )
    count = desk.count
    for start_ns, end_ns, kind, paid in pieces:
        if start_ns < end_ns:
            count += 1
            made.append(
                Interval(
                    desk.worker,
                    count,
                    desk.shift,
                    kind,
                    start_ns,
                    end_ns,
                    paid,
                    unit.unit,
                    unit.purpose,
                    unit.card,
                )
            )
    return replace(desk, since_ns=max(t_ns, desk.since_ns), count=count)
