"""Whom the cameras saw when a gate says that somebody passed: gates' messages with the tracker's ids in them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot
from typing import Final

from walkout.recording.gate import GateEvent
from walkout.recording.people import PeopleFrame
from walkout.store.layout import Gate

SECOND_NS: Final = 1_000_000_000
REACH_M: Final = 2.4
"""People are first and last seen within this of a gate: cameras look at shelves, and the door lies at their edge."""
EARLY_NS, LATE_NS = 1 * SECOND_NS, 5 * SECOND_NS
"""Somebody is first seen from so long before to so long after a gate said so; and last seen the other way round."""


@dataclass(slots=True)
class _Stay:
    first_ns: int
    last_ns: int
    first_m: tuple[float, float]
    last_m: tuple[float, float]


def bind(events: Sequence[GateEvent], frames: Iterable[PeopleFrame], gates: Sequence[Gate]) -> list[GateEvent]:
    """The same events with the ids of who was seen there then, None where nobody was; each id comes and goes once.

    A person leaves with the visit that they came with where they can; gates that the shop does not name bind nobody.
    """
    stays = _stays(frames)
    places = {gate.id: (gate.x_m, gate.y_m) for gate in gates}
    visit_of: dict[str, str] = {}
    gone: set[str] = set()
    bound = []
    for event in sorted(events, key=lambda e: (e.t_ns, e.way, e.visit)):
        here, entry = places.get(event.gate), event.way == "entry"
        found = None
        if here is not None:
            taken = visit_of if entry else gone
            near = [
                (_off(event, stay, entry), id_)
                for id_, stay in stays.items()
                if id_ not in taken and _fits(event, stay, here, entry)
            ]
            own = [(off, id_) for off, id_ in near if visit_of.get(id_) == event.visit]
            free = [(off, id_) for off, id_ in near if id_ not in visit_of]
            found = min(own or free, default=(0, None))[1]
        if found is not None and entry:
            visit_of[found] = event.visit
        elif found is not None:
            gone.add(found)
        bound.append(replace(event, person=found))
    return bound


def _stays(frames: Iterable[PeopleFrame]) -> Mapping[str, _Stay]:
    stays: dict[str, _Stay] = {}
    for frame in frames:
        for person in frame.people:
            joint = person.joints.get("head") or next(iter(person.joints.values()), None)
            if joint is None:
                continue
            at = (joint.x_m, joint.y_m)
            stay = stays.setdefault(person.id, _Stay(frame.t_ns, frame.t_ns, at, at))
            stay.last_ns, stay.last_m = frame.t_ns, at
    return dict(sorted(stays.items()))


def _off(event: GateEvent, stay: _Stay, entry: bool) -> int:
    return abs((stay.first_ns if entry else stay.last_ns) - event.t_ns)


def _fits(event: GateEvent, stay: _Stay, here: tuple[float, float], entry: bool) -> bool:
    x, y = stay.first_m if entry else stay.last_m
    after_ns = (stay.first_ns - event.t_ns) if entry else (event.t_ns - stay.last_ns)
    return hypot(x - here[0], y - here[1]) <= REACH_M and -EARLY_NS <= after_ns <= LATE_NS
