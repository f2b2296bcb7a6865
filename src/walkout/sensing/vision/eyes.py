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
GAP_NS: Final = 1_000_000_000
"""Where no camera took a picture for longer than this, there is nothing to tell of the time between."""

Heard = Callable[[Picture, Sighting], None]
"""Is told every picture with what was found in it."""


@dataclass(slots=True)
class Steps:
    """Sights in any order to steps of the tracker in order.

    `prompt`: a step is taken as soon as every camera that was heard of lately is past it, each camera's sights coming
    in order; and stretches without any picture are passed over. For cameras that run now.
    """

    tracker: Tracker
    step_ns: int = STEP_NS
    wait_ns: int = WAIT_NS
    prompt: bool = False
    heard_ns: dict[str, int] = field(default_factory=dict)
    """When each camera's newest picture was taken."""
    next_ns: int | None = None
    newest_ns: int = 0
    waiting: list[Sighting] = field(default_factory=list)

    def push(self, sighting: Sighting) -> Iterator[PeopleFrame]:
        """Take one; the frames that it completes."""
        if self.prompt and self.newest_ns and sighting.t_ns - self.newest_ns > GAP_NS:
            yield from self.finish()
            self.next_ns = None
        self.waiting.append(sighting)
        self.newest_ns = max(self.newest_ns, sighting.t_ns)
        self.heard_ns[sighting.camera] = max(self.heard_ns.get(sighting.camera, 0), sighting.t_ns)
        if self.next_ns is None and self.newest_ns - min(one.t_ns for one in self.waiting) > self.wait_ns:
            self._begin()
        while self.next_ns is not None and self._ripe(self.next_ns):
            yield self._step()

    def finish(self) -> Iterator[PeopleFrame]:
        """No sight comes any more: the frames that are left."""
        if self.next_ns is None and self.waiting:
            self._begin()
        while self.waiting and self.next_ns is not None:
            yield self._step()

    def _ripe(self, at_ns: int) -> bool:
        """Whether no picture from before an instant is waited for any more."""
        if at_ns + self.wait_ns < self.newest_ns:
            return True
        lately = [t_ns for t_ns in self.heard_ns.values() if self.newest_ns - t_ns <= GAP_NS]
        return self.prompt and min(lately, default=0) > at_ns

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
