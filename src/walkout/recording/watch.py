"""Watch streams for duplicates, disorder, clocks that run back, gaps, frozen pictures, readings that are no numbers."""

import hashlib
from collections import deque
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from walkout.recording.camera import CameraFrame
from walkout.recording.channel import Observation, topic_of
from walkout.recording.gate import GateEvent
from walkout.recording.look import Look
from walkout.recording.loss import Loss
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.tags import TagFrame

RECENT: Final = 64
"""Messages a channel that a duplicate is looked for in: 12 s of plates at 5 Hz, 4 s of people at 15 Hz."""
PLATE_GAP_NS: Final = 100_000_000
"""More than this between a batch's end and the next one's start, beyond one sample, is a gap (jitter seen: 24 ms)."""
MAX_KINDS: Final = 1000
OVERLAP_NS: Final = 50_000_000
"""A batch that begins this long before the last one ended is jitter of its clock (7 ms seen), not a step back."""
PEOPLE_GAP_NS: Final = 2_000_000_000
"""Frames of people are irregular (4 ms to 0.2 s seen); an empty shop still sends them."""
CAMERA_GAP_NS: Final = 300_000_000
CAMERA_STEPS: Final = 3.0
"""A camera's gap is more than so many of its usual steps, and more than 0.3 s: single frames are lost every day."""
STEPS: Final = 15
"""Steps of a camera whose median is the usual one; before a fifth of them, `PEOPLE_GAP_NS` is the gap."""
ENDED_NS: Final = 5_000_000_000
"""A camera that falls silent for longer than this before the end did not simply end with the others."""
FROZEN: Final = 3
"""So many repeats of the same bytes are a frozen picture: the noise of a working camera makes every frame differ. A
freeze before an encoder that runs on is not seen this way; that takes decoded pictures."""


@dataclass(slots=True)
class _Channel:
    recent: deque[tuple[int, Observation | CameraFrame]] = field(default_factory=lambda: deque(maxlen=RECENT))
    """With their first instants."""
    newest_ns: int | None = None
    """Of all first instants: what begins later is no duplicate."""
    last_start_ns: int | None = None
    last_ns: int = 0
    last_arrived_ns: int = 0
    seen: NDArray[np.bool_] | None = None
    steps: deque[int] = field(default_factory=lambda: deque(maxlen=STEPS))
    picture: bytes = b""
    picture_ns: int = 0
    repeats: int = 0


class Watch:
    """Collects losses while observations pass by; memory does not grow with their number."""

    def __init__(self) -> None:
        self._channels: dict[str, _Channel] = {}
        self._losses: dict[tuple[str, str, str], Loss] = {}

    def add(self, loss: Loss) -> None:
        """Count a loss that somebody else found; the first one's words stay."""
        key = (loss.kind, loss.channel, loss.detail if loss.kind in ("truncated", "unknown") else "")
        if key not in self._losses and len(self._losses) >= MAX_KINDS:
            key = ("unknown", "", "more")
            loss = Loss("unknown", "", loss.count, "losses of more kinds than are listed")
        before = self._losses.get(key)
        self._losses[key] = loss if before is None else _sum(before, loss)

    def losses(self) -> tuple[Loss, ...]:
        """Everything so far: a line for each kind on each channel, in a fixed order."""
        return tuple(self._losses[key] for key in sorted(self._losses))

    def ended(self, arrived_ns: int) -> None:
        """Say when the recording ended: a camera that fell silent long before is noted."""
        for topic, channel in sorted(self._channels.items()):
            if channel.picture and arrived_ns - channel.last_arrived_ns > ENDED_NS:
                self.add(Loss("gap", topic, 1, "nothing came any more", channel.last_ns, arrived_ns))

    def keep(self, observation: Observation | CameraFrame) -> bool:
        """Look at the next observation; False: it is an exact duplicate of a recent one."""
        topic = topic_of(observation)[0]
        channel = self._channels.setdefault(topic, _Channel())
        start_ns, end_ns = _span(observation)
        late = channel.newest_ns is not None and start_ns <= channel.newest_ns
        if late and any(first_ns == start_ns and _same(observation, other) for first_ns, other in channel.recent):
            self.add(Loss("duplicate", topic, 1, "the same message came again; left out", start_ns, end_ns))
            return False
        channel.recent.append((start_ns, observation))
        channel.newest_ns = start_ns if channel.newest_ns is None else max(start_ns, channel.newest_ns)
        if not isinstance(observation, GateEvent | Look | TagFrame):
            self._check_time(topic, channel, observation, start_ns, end_ns)
        if isinstance(observation, PlateBatch):
            self._check_readings(topic, channel, observation)
        if isinstance(observation, CameraFrame):
            self._check_picture(topic, channel, observation)
        return True

    def _check_time(
        self, topic: str, channel: _Channel, observation: Observation | CameraFrame, start_ns: int, end_ns: int
    ) -> None:
        before_ns, last_ns, arrived_ns = channel.last_start_ns, channel.last_ns, observation.arrived_ns
        channel.last_start_ns, channel.last_ns = start_ns, end_ns
        last_arrived_ns, channel.last_arrived_ns = channel.last_arrived_ns, arrived_ns
        allowed_ns = PEOPLE_GAP_NS
        if isinstance(observation, PlateBatch):
            allowed_ns = PLATE_GAP_NS + round(1e9 / observation.rate_hz)
            if (np.diff(observation.t_ns) <= 0).any():
                self.add(Loss("clock", topic, 1, "the source's clock ran back", start_ns, end_ns))
                return
        if before_ns is None:
            return
        if isinstance(observation, CameraFrame):
            if len(channel.steps) >= STEPS // 5:
                allowed_ns = max(CAMERA_GAP_NS, round(CAMERA_STEPS * median(channel.steps)))
            if start_ns > before_ns:
                channel.steps.append(start_ns - before_ns)
        if start_ns <= before_ns or last_ns - start_ns > OVERLAP_NS:
            late = arrived_ns < last_arrived_ns
            kind, detail = (
                ("disorder", "older than the message before it") if late else ("clock", "the source's clock ran back")
            )
            self.add(Loss(kind, topic, 1, detail, start_ns, end_ns))
        elif start_ns - last_ns > allowed_ns:
            self.add(Loss("gap", topic, 1, "nothing came for a while", last_ns, start_ns))

    def _check_picture(self, topic: str, channel: _Channel, frame: CameraFrame) -> None:
        picture = hashlib.blake2b(frame.data, digest_size=16).digest()
        if picture != channel.picture:
            channel.picture, channel.picture_ns, channel.repeats = picture, frame.t_ns, 0
            return
        channel.repeats += 1
        if channel.repeats >= FROZEN:
            count = FROZEN if channel.repeats == FROZEN else 1
            detail = "the same picture again and again, with times that run on"
            self.add(Loss("frozen", topic, count, detail, channel.picture_ns, frame.t_ns))

    def _check_readings(self, topic: str, channel: _Channel, batch: PlateBatch) -> None:
        numbers = np.isfinite(batch.grams)
        present = np.asarray(numbers.any(axis=0))
        seen = channel.seen
        if seen is None or seen.shape != present.shape:
            if seen is not None:
                self.add(Loss("malformed", topic, 1, "the number of shelves or plates changed"))
            seen = present
        missing = int((~numbers & seen).sum())
        if missing:
            start_ns, end_ns = _span(batch)
            self.add(Loss("nan", topic, missing, "readings missing at plates that had some before", start_ns, end_ns))
        channel.seen = np.logical_or(seen, present)


def _span(observation: Observation | CameraFrame) -> tuple[int, int]:
    if isinstance(observation, PlateBatch):
        return int(observation.t_ns[0]), int(observation.t_ns[-1])
    return observation.t_ns, observation.t_ns


def _same(one: Observation | CameraFrame, other: Observation | CameraFrame) -> bool:
    """Whether the content is equal; the arrival and what the source said do not count."""
    if isinstance(one, PlateBatch) and isinstance(other, PlateBatch):
        same_times = one.t_ns.tobytes() == other.t_ns.tobytes()
        return same_times and one.grams.shape == other.grams.shape and one.grams.tobytes() == other.grams.tobytes()
    if isinstance(one, PeopleFrame) and isinstance(other, PeopleFrame):
        return one.t_ns == other.t_ns and one.people == other.people
    if isinstance(one, CameraFrame) and isinstance(other, CameraFrame):
        return (one.t_ns, one.format, one.data) == (other.t_ns, other.format, other.data)
    if isinstance(one, GateEvent | Look | TagFrame) and type(one) is type(other):
        return replace(one, arrived_ns=0, source={}) == replace(other, arrived_ns=0, source={})
    return False


def _sum(first: Loss, second: Loss) -> Loss:
    starts = [t_ns for t_ns in (first.start_ns, second.start_ns) if t_ns is not None]
    ends = [t_ns for t_ns in (first.end_ns, second.end_ns) if t_ns is not None]
    return replace(
        first,
        count=first.count + second.count,
        start_ns=min(starts, default=None),
        end_ns=max(ends, default=None),
    )
