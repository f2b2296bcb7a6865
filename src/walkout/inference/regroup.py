"""Changes that belong together in another way than the plates told them.

Something is put down across three plates, and two seconds later something goes from one of them: that plate tells its
net change, with steps, and the two beside it tell a part of what came as changes of their own. None of that is
anybody's goods. Where nothing explains a change that has steps, each of its steps is joined with what was told apart
at the same instant beside it; where goods explain each of those, they are what happened.
"""

from collections.abc import Sequence
from typing import NamedTuple

from walkout.inference.choice import Options
from walkout.inference.episode import Course, Episode, Told, joined, start_ns
from walkout.inference.happening import Happening
from walkout.inference.hypothesis import Hypotheses
from walkout.inference.inquiry import Inquiry
from walkout.inference.shared import goods_of
from walkout.sensing.event import ShelfEvent

AT_ONCE_NS = 500_000_000
"""Changes of neighbouring plates that began no further apart are of one hand; the sensing tells such as one event."""


class Regrouped(NamedTuple):
    """The course that explains some changes anew, and the changes that it was led by."""

    course: Course
    events: tuple[ShelfEvent, ...]


def regrouped(course: Course, event: ShelfEvent, asked: Inquiry) -> Regrouped | None:
    """The course after one more event, where its steps, or another's, are better joined; None where nothing says so."""
    if not asked.shop.model.joint_windows:
        return None
    told = [(n, one) for n, lately in enumerate(course.lately) for one in _events(lately.found)]
    every = [*told, (len(course.lately), event)]
    for n, whole in every:
        beside = [(m, other) for m, other in every if other is not whole and _beside(whole, other)]
        if not beside or all(event is not one for one in (whole, *(other for _, other in beside))):
            continue
        apart = [whole, *(other for _, other in beside)]
        out = {n, *(m for m, _ in beside)}
        before = course.lately[min(out)].before if min(out) < len(course.lately) else course.pasts
        changes = _changes(whole, apart[1:])
        if not _all_goods(changes, before, asked) or _all_goods(apart, before, asked):
            continue
        # What else an episode was told of goes its own way again.
        left = [one for m, one in told if m in out and all(one is not used for used in apart)]
        rest = [lately for m, lately in enumerate(course.lately) if m > min(out) and m not in out]
        led = tuple(sorted((*changes, *left), key=lambda one: one.start_ns))
        return Regrouped(_again(Course(before, course.lately[: min(out)]), led, rest, asked), led)
    return None


def _events(found: Options | Happening) -> tuple[ShelfEvent, ...]:
    """The shelf events of something that was explained."""
    if isinstance(found, Episode):
        return tuple(part.evidence.event for part in found.parts)
    return (found.evidence.event,) if isinstance(found, Options) else ()


def _all_goods(told: Sequence[ShelfEvent], before: Hypotheses, asked: Inquiry) -> bool:
    """Whether goods explain each of some changes."""
    events = [one for one in sorted(told, key=lambda one: one.start_ns) if not one.came_back]
    return not events or bool(goods_of(events, before, asked))


def _again(course: Course, changes: Sequence[ShelfEvent], rest: Sequence[Told], asked: Inquiry) -> Course:
    """The course with some changes and what else happened meanwhile, in time order."""
    waiting = list(rest)
    for change in changes:
        while waiting and start_ns(waiting[0].found) <= change.start_ns:
            course = course.happen(waiting.pop(0).found, asked.shop)
        course = course.see(change, asked)
    for later in waiting:
        course = course.happen(later.found, asked.shop)
    return course


def _changes(whole: ShelfEvent, beside: Sequence[ShelfEvent]) -> tuple[ShelfEvent, ...]:
    """The steps of one, each with what was told beside it at the same instant."""
    found = []
    for step in whole.steps:
        change = step
        for other in beside:
            if min(whole.steps, key=lambda s: abs(s.start_ns - other.start_ns)) is step:
                change = joined(change, other)
        found.append(change)
    return tuple(found)


def _beside(whole: ShelfEvent, other: ShelfEvent) -> bool:
    """Whether one change is told beside a step of another at the same instant."""
    if not whole.steps or other.steps or (whole.fixture, whole.shelf) != (other.fixture, other.shelf):
        return False
    near = min(other.plates) <= max(whole.plates) + 1 and min(whole.plates) <= max(other.plates) + 1
    return near and min(abs(step.start_ns - other.start_ns) for step in whole.steps) <= AT_ONCE_NS
