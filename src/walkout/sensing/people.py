"""People in event time: a bounded buffer that puts late skeletons in order, and tracks of hands cut from it.

Skeletons come from a pipeline of their own: 2.3 s late in the real data, 4 ms to 0.2 s apart, about 1 % of the joints
missing. They are joined to the plates by the time they were measured, never by the time they arrived.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from walkout.recording.gate import GateEvent
from walkout.recording.people import PeopleFrame, Person
from walkout.sensing.identity import Identities

HANDS = ("left wrist", "right wrist", "left hand", "right hand")
"""The columns of `Track.hands_m`, as a sentence names them."""

DISORDER_NS = 500_000_000
"""How far behind the newest frame an older one may still come: more than twice the longest real gap."""

MAX_FRAMES = 200_000
"""Frames kept at most, nearly four hours at 15 a second: a stream that stalls must not fill the memory."""

_COLUMN = {"l_wrist": 0, "r_wrist": 1, "l_hand": 2, "r_hand": 3}
_BODY = ("neck", "head", "l_shoulder", "r_shoulder")
_MISSING = (np.nan, np.nan, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Where one person's hands and body were, in the store frame, metres; NaN: that joint was not found."""

    person: str
    t_ns: NDArray[np.int64]
    """Shape (frames,), rising."""
    hands_m: NDArray[np.float64]
    """Shape (frames, 4, 3), columns as in `HANDS`."""
    body_m: NDArray[np.float64]
    """Neck, else head, else a shoulder; shape (frames, 3)."""


class PeopleBuffer:
    """Frames in event time, from the oldest still wanted to the newest; they come out with people for ids."""

    def __init__(
        self,
        disorder_ns: int = DISORDER_NS,
        max_frames: int = MAX_FRAMES,
        identities: Identities | None = None,
    ) -> None:
        """`identities`: who is whom (None: nobody told of any door yet)."""
        self.identities = Identities() if identities is None else identities
        self._times: list[int] = []
        self._frames: list[PeopleFrame] = []
        self._named: list[PeopleFrame] = []
        """The first of `_frames`, with people for ids."""
        self._disorder_ns = disorder_ns
        self._max_frames = max_frames
        self._newest_ns: int | None = None
        self._forgotten_ns: int | None = None
        self.duplicates = 0
        self.too_late = 0
        self.overflowed = 0
        self.late_since_ns: int | None = None

    @property
    def watermark_ns(self) -> int | None:
        """No frame before this is expected any more; None before the first frame."""
        return None if self._newest_ns is None else self._newest_ns - self._disorder_ns

    def __len__(self) -> int:
        return len(self._frames)

    def push(self, frame: PeopleFrame) -> bool:
        """Put a frame in its place; False: a repeat, or older than what was already forgotten (both are counted)."""
        t_ns = frame.t_ns
        if self._forgotten_ns is not None and t_ns < self._forgotten_ns:
            self.too_late += 1
            self.late_since_ns = t_ns if self.late_since_ns is None else min(t_ns, self.late_since_ns)
            return False
        at = bisect_right(self._times, t_ns)
        first = bisect_left(self._times, t_ns)
        if first < at:
            key = _content(frame)
            for i in range(first, at):
                other = _content(self._frames[i])
                if other == key:
                    self.duplicates += 1
                    return False
                if other > key:
                    at = i
                    break
        self._times.insert(at, t_ns)
        self._frames.insert(at, frame)
        if at < len(self._named):  # late, but not too late: those after it stay as they were named
            self._named.insert(at, self.identities.name(frame))
        self._newest_ns = t_ns if self._newest_ns is None else max(self._newest_ns, t_ns)
        if len(self._frames) > self._max_frames:
            self.overflowed += 1
            self.forget(self._times[1])
        return True

    def forget(self, before_ns: int) -> None:
        """Drop what was measured before this instant."""
        n = bisect_left(self._times, before_ns)
        self._name(n)
        del self._times[:n], self._frames[:n], self._named[:n]
        self._forgotten_ns = before_ns if self._forgotten_ns is None else max(self._forgotten_ns, before_ns)

    def between(self, start_ns: int, end_ns: int) -> tuple[PeopleFrame, ...]:
        """The frames measured from start to end, both included, in order, each person under one name for good.

        Ask for no instant before which frames may still come: who is who is settled as far as was asked.
        """
        end = bisect_right(self._times, end_ns)
        self._name(end)
        return tuple(self._named[bisect_left(self._times, start_ns) : end])

    def passed(self, event: GateEvent) -> GateEvent:
        """A gate message with the person for the tracker's id; whoever comes in is waited for under that id.

        Hand it on in event time, after everything before it was asked for.
        """
        if event.person is None:
            return event
        if event.way == "entry":
            self.identities.expect(event.person, event.t_ns)
        return replace(event, person=self.identities.name_of(event.person))

    def _name(self, upto: int) -> None:
        for frame in self._frames[len(self._named) : upto]:
            self._named.append(self.identities.name(frame))


def tracks(frames: Sequence[PeopleFrame]) -> Mapping[str, Track]:
    """Each person's track through some frames in order, by id in sorted order."""
    seen: dict[str, tuple[list[int], list[list[tuple[float, float, float]]], list[tuple[float, float, float]]]] = {}
    for frame in frames:
        for person in frame.people:
            times, hands, bodies = seen.setdefault(person.id, ([], [], []))
            times.append(frame.t_ns)
            hands.append(_hands(person))
            bodies.append(_body(person))
    return {
        id_: Track(id_, np.array(t, np.int64), np.array(h, np.float64), np.array(b, np.float64))
        for id_, (t, h, b) in sorted(seen.items())
    }


def _hands(person: Person) -> list[tuple[float, float, float]]:
    points: list[tuple[float, float, float]] = [_MISSING] * 4
    spare = [2, 3]
    for name in sorted(person.joints):
        if "wrist" not in name and "hand" not in name:
            continue
        column = _COLUMN.get(name)
        if column is None:  # a source that does not say which hand it saw
            if not spare:
                continue
            column = spare.pop(0)
        joint = person.joints[name]
        points[column] = (joint.x_m, joint.y_m, joint.z_m)
    return points


def _body(person: Person) -> tuple[float, float, float]:
    for name in _BODY:
        joint = person.joints.get(name)
        if joint is not None:
            return (joint.x_m, joint.y_m, joint.z_m)
    return _MISSING


def _content(frame: PeopleFrame) -> tuple[object, ...]:
    return tuple(
        (p.id, tuple((n, j.x_m, j.y_m, j.z_m, j.score) for n, j in sorted(p.joints.items())))
        for p in sorted(frame.people, key=lambda p: p.id)
    )
