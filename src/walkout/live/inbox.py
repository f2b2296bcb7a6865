"""Frames that wait to be looked at: of each camera the newest one alone, however far behind whoever looks is."""

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Condition
from typing import Final

from walkout.recording.video import Decoded

FPS: Final = 10.0
SLACK: Final = 0.25
"""A frame so much of a step early is taken to be on time: cameras' clocks are not ours."""


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """A decoded frame, and when it arrived, UTC nanoseconds."""

    decoded: Decoded
    arrived_ns: int


class Pace:
    """Which frames of a camera are to be looked at, so that it is about so many a second; frames in order."""

    def __init__(self, fps: float) -> None:
        self._step_ns = round(1e9 / fps)
        self._next_ns: int | None = None

    def due(self, t_ns: int) -> bool:
        """Whether to look at the frame of an instant."""
        if self._next_ns is not None and t_ns < self._next_ns - SLACK * self._step_ns:
            return False
        # From when it was due, so that the rate is kept; from itself after a pause, so that nothing is made up for.
        late = self._next_ns is None or t_ns - self._next_ns > self._step_ns
        self._next_ns = (t_ns if late or self._next_ns is None else self._next_ns) + self._step_ns
        return True


class Inbox:
    """Put frames in from any thread, take them out in any other; one camera's are handed out one at a time."""

    def __init__(self, cameras: Iterable[str]) -> None:
        self._waiting: dict[str, Waiting] = {}
        self._looked: dict[str, int] = dict.fromkeys(sorted(cameras), 0)
        """At which turn each camera was last looked at."""
        self._busy: set[str] = set()
        self._turn = 0
        self._change = Condition()
        self._closed = False
        self.dropped = 0
        """Frames that were to be looked at and were not: a newer one came first."""

    def put(self, one: Waiting) -> None:
        """A frame; whichever of its camera waited is dropped."""
        with self._change:
            self.dropped += one.decoded.camera in self._waiting
            self._waiting[one.decoded.camera] = one
            self._change.notify()

    def take(self) -> Waiting | None:
        """The newest frame of the camera that was not looked at for longest; waits for one, None: `close` was called.

        Say `done` before that camera's next one can be had, so that each camera's are looked at in order.
        """
        with self._change:
            while not self._closed:
                free = self._waiting.keys() - self._busy
                if free:
                    camera = min(free, key=lambda name: (self._looked.get(name, 0), name))
                    self._turn += 1
                    self._looked[camera] = self._turn
                    self._busy.add(camera)
                    return self._waiting.pop(camera)
                self._change.wait()
            return None

    def done(self, camera: str) -> None:
        """Whoever took its frame has looked."""
        with self._change:
            self._busy.discard(camera)
            self._change.notify()

    def close(self) -> None:
        """Nobody is to wait any more."""
        with self._change:
            self._closed = True
            self._waiting.clear()
            self._change.notify_all()

    def __len__(self) -> int:
        return len(self._waiting)
