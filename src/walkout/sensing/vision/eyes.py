"""Pictures of several cameras to people: a model for each picture, the tracker for all of them, one frame a step.

Cameras deliver when they like: a step is taken when every picture of its time is in, or when the newest picture is so
much later that none is waited for any more. The same pictures give the same people, however they are handed over.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from walkout.recording.people import PeopleFrame
from walkout.recording.video import Picture
from walkout.sensing.vision.model import PersonModel
from walkout.sensing.vision.sighting import Sighting
from walkout.sensing.vision.tracker import Tracker

STEP_NS: Final = 100_000_000
WAIT_NS: Final = 200_000_000
"""A picture may come so long after a newer one of another camera."""

Heard = Callable[[Picture, Sighting], None]
"""Is told every picture with what was found in it."""


@dataclass(slots=True)
class Steps:
    """Sights in any order to steps of the tracker in order."""

    tracker: Tracker
    step_ns: int = STEP_NS
    wait_ns: int = WAIT_NS
    next_ns: int | None = None
    newest_ns: int = 0
    waiting: list[Sighting] = field(default_factory=list)

    def push(self, sighting: Sighting) -> Iterator[PeopleFrame]:
        """Take one; the frames that it completes."""
        self.waiting.append(sighting)
        self.newest_ns = max(self.newest_ns, sighting.t_ns)
        if self.next_ns is None and self.newest_ns - min(one.t_ns for one in self.waiting) > self.wait_ns:
            self._begin()
        while self.next_ns is not None and self.next_ns + self.wait_ns < self.newest_ns:
            yield self._step()

    def finish(self) -> Iterator[PeopleFrame]:
        """No sight comes any more: the frames that are left."""
        if self.next_ns is None and self.waiting:
            self._begin()
        while self.waiting and self.next_ns is not None:
            yield self._step()

    def _begin(self) -> None:
        """Whole steps of UTC from the earliest sight on, so that it does not matter which camera came first."""
        self.next_ns = -(-min(one.t_ns for one in self.waiting) // self.step_ns) * self.step_ns

    def _step(self) -> PeopleFrame:
        at = self.next_ns or 0
        due = [sighting for sighting in self.waiting if sighting.t_ns <= at]
        self.waiting = [sighting for sighting in self.waiting if sighting.t_ns > at]
        self.next_ns = at + self.step_ns
        return self.tracker.step(due, at, at + self.wait_ns)


def people_of(
    pictures: Iterable[Picture], model: PersonModel, tracker: Tracker, heard: Heard | None = None
) -> Iterator[PeopleFrame]:
    """The people in a shop, ten times a second, from its cameras' pictures in the order in which they come.

    Pictures of cameras that the shop does not name are passed over. Nothing of a picture is kept.
    """
    steps = Steps(tracker)
    for picture in pictures:
        if picture.camera not in tracker.lenses:
            continue
        sighting = Sighting(picture.camera, picture.t_ns, model(picture.rgb))
        if heard is not None:
            heard(picture, sighting)
        yield from steps.push(sighting)
    yield from steps.finish()
