"""Visits: who is in the shop together, from when to when, from gate messages or else from first and last sight.

People come under one name for good; what a tracker makes of its ids is mended before (`sensing.identity`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from walkout.recording.gate import GateEvent
from walkout.recording.people import PeopleFrame

SECOND_NS = 1_000_000_000

LOST_NS = 10 * SECOND_NS
"""Without gates, somebody who was not seen for so long has left; the real visit's longest gap between frames is 0.2
s."""
BRIEF_NS = 1 * SECOND_NS
"""Somebody seen for less than this is no visit but a flicker of the tracker."""
GATE_NS = 5 * SECOND_NS
"""A gate message that does not say who passed is of the nearest first sight within this."""
SETTLE_NS = 5 * SECOND_NS
"""After an exit, events of the visit may still be told for so long: in two simulated hours (tuning seeds) plates told
153 of 1,113 changes later than 1.5 s after their end, most of them puts, 69 later than 3 s and 9 later than 5 s."""
ABSENT_NS = 600 * SECOND_NS
"""Somebody who came in through a gate and was not seen for so long has left by a way that no gate told of."""
SLACK_NS = 2 * SECOND_NS
"""Somebody is taken to be in the shop for so long before the first and after the last sight."""
TOGETHER_NS = 5 * SECOND_NS // 2
"""Where tags are heard at the exit, visits that end within this of each other are decided together: their tags are
heard together."""
MOST_TOGETHER_NS = 6 * SECOND_NS
"""Nobody's receipt waits longer than this for those who leave after them."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A party from entry to exit; `shoppers` are the tracker's ids, in order of entry."""

    id: str
    party: str
    shoppers: tuple[str, ...]
    entered_ns: int
    left_ns: int


@dataclass(slots=True)
class _Seen:
    first_ns: int
    last_ns: int
    role: str = "shopper"
    visit: str = ""
    left_ns: int | None = None


@dataclass(slots=True)
class _Open:
    id: str
    party: str
    entered_ns: int
    gated: bool
    shoppers: list[str] = field(default_factory=list)
    entries: int = 0
    exits: int = 0
    last_ns: int = 0
    waiting: list[int] = field(default_factory=list)
    """Instants of entries that did not say who it was and found nobody yet."""


class VisitBook:
    """The open visits; fed in event time, it says which visits are over."""

    def __init__(self, *, gated: bool, together_ns: int = 0) -> None:
        """`together_ns`: visits that end within this of each other are over together; 0: each by itself."""
        self.gated, self.together_ns = gated, together_ns
        self._people: dict[str, _Seen] = {}
        self._open: dict[str, _Open] = {}
        self._sights: dict[str, int] = {}
        self.brief = 0
        """People who were seen too briefly to be a visit."""

    def see(self, frame: PeopleFrame) -> None:
        """Take a frame of people."""
        for person in sorted(frame.people, key=lambda p: p.id):
            seen = self._people.get(person.id)
            if seen is None:
                seen = self._people[person.id] = _Seen(frame.t_ns, frame.t_ns)
                self._claim(person.id, frame.t_ns)
            seen.last_ns = frame.t_ns
            if not seen.visit and seen.role == "shopper" and frame.t_ns - seen.first_ns >= self._patience_ns:
                self._open_by_sight(person.id, seen)
            if seen.visit in self._open:
                visit = self._open[seen.visit]
                visit.last_ns = max(visit.last_ns, frame.t_ns)

    def pass_gate(self, event: GateEvent) -> None:
        """Take a gate message."""
        if event.role == "staff":
            if event.person is not None:
                self._people.setdefault(event.person, _Seen(event.t_ns, event.t_ns)).role = "staff"
            return
        visit = self._open.get(event.visit)
        if visit is None:
            visit = self._open[event.visit] = _Open(event.visit, event.party, event.t_ns, gated=True)
        visit.last_ns = max(visit.last_ns, event.t_ns)
        person = event.person
        if event.way == "exit":
            visit.exits += 1
            person = self._leaver(person, visit)
            if person is not None and person in self._people:
                self._people[person].left_ns = event.t_ns
            return
        visit.entries += 1
        visit.entered_ns = min(visit.entered_ns, event.t_ns)
        person = person if person is not None else self._unclaimed(event.t_ns)
        if person is None:
            visit.waiting.append(event.t_ns)
        else:
            self._join(person, visit, event.t_ns)

    def present(self, start_ns: int, end_ns: int) -> tuple[str, ...]:
        """The tracked people who were in the shop at some instant of an interval, sorted."""
        found = []
        for id_, seen in self._people.items():
            visit = self._open.get(seen.visit)
            inside = visit is not None and visit.gated and visit.exits < visit.entries
            last_ns = max(seen.last_ns, end_ns) if inside else seen.last_ns
            last_ns = last_ns if seen.left_ns is None else min(last_ns, seen.left_ns)
            if seen.first_ns - SLACK_NS <= end_ns and last_ns + SLACK_NS >= start_ns:
                found.append(id_)
        return tuple(sorted(found))

    def staff(self) -> frozenset[str]:
        """The tracked people whom a gate said to work here."""
        return frozenset(id_ for id_, seen in self._people.items() if seen.role == "staff")

    def next_close_ns(self) -> int | None:
        """When the next visit is over if nothing more is heard of it; None while none can be."""
        times = [self._close_ns(visit) for visit in self._open.values()]
        times += [s.last_ns + LOST_NS for s in self._people.values() if not self._is_open(s)]
        return min((t for t in times if t is not None), default=None)

    def close(self, now_ns: int | None) -> tuple[Visit, ...]:
        """The visits that are over at an instant (None: all), by time of leaving and id."""
        over = [
            visit
            for visit in self._open.values()
            if now_ns is None or ((at := self._close_ns(visit)) is not None and at <= now_ns)
        ]
        for visit in over:
            del self._open[visit.id]
        gone = [
            id_
            for id_, seen in self._people.items()
            if not self._is_open(seen) and (now_ns is None or seen.last_ns + LOST_NS <= now_ns)
        ]
        for id_ in gone:
            seen = self._people.pop(id_)
            self.brief += not seen.visit and seen.role == "shopper"
        visits = [Visit(v.id, v.party, tuple(v.shoppers), v.entered_ns, v.last_ns) for v in over]
        return tuple(sorted(visits, key=lambda v: (v.left_ns, v.id)))

    def open_visits(self) -> tuple[Visit, ...]:
        """The visits that are not over, as far as they have come, by time of entry and id."""
        visits = [Visit(v.id, v.party, tuple(v.shoppers), v.entered_ns, v.last_ns) for v in self._open.values()]
        return tuple(sorted(visits, key=lambda v: (v.entered_ns, v.id)))

    def oldest_ns(self) -> int | None:
        """When the oldest open visit began; None where none is open."""
        return min((visit.entered_ns for visit in self._open.values()), default=None)

    def visit_of(self, person: str) -> str:
        """The visit that a tracked person belongs to; "" for none."""
        seen = self._people.get(person)
        return seen.visit if seen is not None else ""

    @property
    def _patience_ns(self) -> int:
        return GATE_NS + BRIEF_NS if self.gated else BRIEF_NS

    def _is_open(self, seen: _Seen) -> bool:
        return seen.visit in self._open

    def _close_ns(self, visit: _Open) -> int | None:
        if not visit.gated:
            return visit.last_ns + LOST_NS
        if _gone(visit):
            return self._last_of_all_ns(visit) + SETTLE_NS
        return visit.last_ns + ABSENT_NS

    def _last_of_all_ns(self, visit: _Open) -> int:
        """When the last of those left who left together with a visit."""
        last_ns = visit.last_ns
        if self.together_ns:
            for other_ns in sorted(other.last_ns for other in self._open.values() if other.gated and _gone(other)):
                if last_ns < other_ns <= last_ns + self.together_ns:
                    last_ns = other_ns
        return min(last_ns, visit.last_ns + MOST_TOGETHER_NS)

    def _open_by_sight(self, person: str, seen: _Seen) -> None:
        self._sights[person] = self._sights.get(person, 0) + 1
        again = self._sights[person]
        id_ = person if again == 1 else f"{person}-{again}"
        visit = self._open[id_] = _Open(id_, id_, seen.first_ns, gated=False, last_ns=seen.last_ns)
        self._join(person, visit, seen.first_ns)

    def _join(self, person: str, visit: _Open, t_ns: int) -> None:
        seen = self._people.setdefault(person, _Seen(t_ns, t_ns))
        if seen.visit in self._open and not self._open[seen.visit].gated:
            del self._open[seen.visit]  # taken for a visit of its own before the gate spoke
        seen.visit = visit.id
        seen.left_ns = None
        if person not in visit.shoppers:
            visit.shoppers.append(person)

    def _leaver(self, person: str | None, visit: _Open) -> str | None:
        """Who leaves: whom the gate names; where that is somebody of another visit, this visit's own who is inside.

        Ids that trackers exchange in the door reach the gate late; what the gate knows of the visit is not theirs.
        """
        if person is not None and (person in visit.shoppers or not self.visit_of(person)):
            return person
        inside = [id_ for id_ in visit.shoppers if self._people[id_].left_ns is None]
        if person is None and len(inside) > 1:
            return None
        return max(inside, key=lambda id_: (self._people[id_].last_ns, id_), default=None)

    def _unclaimed(self, t_ns: int) -> str | None:
        near = [
            (abs(seen.first_ns - t_ns), id_)
            for id_, seen in self._people.items()
            if not seen.visit and seen.role == "shopper" and abs(seen.first_ns - t_ns) <= GATE_NS
        ]
        return min(near)[1] if near else None

    def _claim(self, person: str, t_ns: int) -> None:
        for visit in self._waiting():
            for at in visit.waiting:
                if t_ns - at <= GATE_NS:
                    visit.waiting.remove(at)
                    self._join(person, visit, t_ns)
                    return

    def _waiting(self) -> Iterable[_Open]:
        return sorted((v for v in self._open.values() if v.waiting), key=lambda v: (v.waiting[0], v.id))


def _gone(visit: _Open) -> bool:
    """Whether all who came in went out."""
    return 0 < visit.entries <= visit.exits
