"""What people do apart from the shelves, waiting until the shelf events before it are told."""

from dataclasses import dataclass, field
from heapq import heappop, heappush

from walkout.inference.goods import Goods
from walkout.inference.happening import Happening
from walkout.inference.hypothesis import Hypotheses
from walkout.inference.meeting import exchange, hand_over, left_on_floor
from walkout.inference.visit import VisitBook
from walkout.recording.people import PeopleFrame
from walkout.sensing.identity import Doubt
from walkout.sensing.touch import Touch, Touches

WAIT_NS = 1_500_000_000
"""A take is told within this of its end, and must come before the hand-over of what was taken."""
LATEST_NS = 2**62


@dataclass(slots=True)
class Contacts:
    """Touches and doubts, each kept until it is due."""

    touches: Touches
    waiting: list[tuple[int, str, tuple[str, ...], Touch | Doubt]] = field(default_factory=list)
    """A heap by when each is due."""

    def see(self, frame: PeopleFrame) -> None:
        """Take a frame of people, in event time."""
        for touch in self.touches.see(frame):
            self._wait(touch)

    def finish(self) -> None:
        """Nothing more is seen: hands that still touch have touched."""
        for touch in self.touches.finish():
            self._wait(touch)

    def doubt(self, doubt: Doubt) -> None:
        """Take a doubt about who is who."""
        heappush(self.waiting, (doubt.t_ns + WAIT_NS, "who", (doubt.person,), doubt))

    def due_ns(self) -> int:
        """When the next one is due; `LATEST_NS` while there is none."""
        return self.waiting[0][0] if self.waiting else LATEST_NS

    def pop(self, pasts: Hypotheses, book: VisitBook, shop: Goods) -> Happening | None:
        """The next one with its choices; None where it can change nothing."""
        found = heappop(self.waiting)[-1]
        if isinstance(found, Doubt):
            people = (found.person, *(other for other, _ in found.others))
            return exchange(found, pasts, {person: book.visit_of(person) for person in people})
        parties = {person: book.visit_of(person) for person in found.people}
        return (hand_over if found.kind == "hands" else left_on_floor)(found, pasts, parties, shop)

    def _wait(self, touch: Touch) -> None:
        heappush(self.waiting, (touch.end_ns + WAIT_NS, touch.kind, touch.people, touch))
