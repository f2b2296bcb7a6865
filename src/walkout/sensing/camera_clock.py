"""When a camera's frames were taken, by the recorder's clock, from its own stamps and when they arrived.

A camera's stamps (RTP, pts) have steady steps and an unknown zero; arrivals are by the recorder's clock and late by a
delay that varies. The least delay of the last half minute is nearest to the truth (the minimum filter of NTP, RFC 5905,
section 10): of n delays that exceed their floor by tau on average, the least exceeds it by tau / n.
"""

from collections import deque
from dataclasses import dataclass
from math import hypot
from typing import Final

WINDOW_NS: Final = 30_000_000_000
"""So long that hundreds of frames count, so short that a crystal 100 ppm off has moved by 3 ms only."""
DRIFT: Final = 100e-6
"""How wrong a camera's crystal may be; 50 ppm are usual."""
JUMP_NS: Final = 1_000_000_000
LATE_NS: Final = 10_000_000_000
"""A frame so much earlier, or so much later, than its stamp lets expect has the stamp of another clock."""
MOST: Final = 4096
_UNKNOWN_NS: Final = 500_000_000


@dataclass(frozen=True, slots=True)
class Offset:
    """The recorder's clock minus the camera's stamps, and one standard error of it, nanoseconds.

    The floor of the delay itself (exposure, encoder, network) is in it, the same for all frames of a camera.
    """

    offset_ns: int
    error_ns: int


class CameraClock:
    """One camera's stamps to the recorder's clock; frames in order of arrival."""

    def __init__(self, floor_ns: int = 0) -> None:
        """`floor_ns`: how long a frame of this camera takes at least, where that is known."""
        self._floor_ns = floor_ns
        self._delays: deque[tuple[int, int]] = deque(maxlen=MOST)
        """Arrival, and arrival minus stamp."""
        self._last_ns = 0
        self.restarts = 0
        """How often the stamps began anew."""

    def push(self, stamp_ns: int | None, arrived_ns: int) -> int:
        """When a frame was taken, UTC nanoseconds; later than the one before. None: it has no stamp."""
        self.observe(stamp_ns, arrived_ns)
        return self.time_of(stamp_ns, arrived_ns)

    def observe(self, stamp_ns: int | None, arrived_ns: int) -> None:
        """Learn from a frame; in order of arrival."""
        if stamp_ns is None:
            return
        delay_ns = arrived_ns - stamp_ns
        if self._delays and not -JUMP_NS < delay_ns - self._least() < LATE_NS:
            self.restart()
        while self._delays and arrived_ns - self._delays[0][0] > WINDOW_NS:
            self._delays.popleft()
        self._delays.append((arrived_ns, delay_ns))

    def time_of(self, stamp_ns: int | None, arrived_ns: int) -> int:
        """When a frame was taken as far as is known now; later than the last one asked for."""
        known = self.offset
        if known is None:
            return self._after(arrived_ns - self._floor_ns)
        if stamp_ns is None:
            return self._after(arrived_ns - (self._typical() - known.offset_ns) - self._floor_ns)
        return self._after(stamp_ns + known.offset_ns - self._floor_ns)

    @property
    def offset(self) -> Offset | None:
        """What is known of the offset; None before the first stamp."""
        if not self._delays:
            return None
        count = len(self._delays)
        least = self._least()
        tau_ns = sum(delay for _, delay in self._delays) / count - least
        span_ns = self._delays[-1][0] - self._delays[0][0]
        first_ns = _UNKNOWN_NS if count < 5 else 0
        error_ns = hypot(tau_ns / count, DRIFT * span_ns / 2, first_ns)
        return Offset(round(least - tau_ns / count), round(error_ns))

    def restart(self) -> None:
        """Forget the offset: the camera connected again, its stamps begin anew."""
        self.restarts += bool(self._delays)
        self._delays.clear()

    def _least(self) -> int:
        return min(delay for _, delay in self._delays)

    def _typical(self) -> int:
        return sorted(delay for _, delay in self._delays)[len(self._delays) // 2]

    def _after(self, t_ns: int) -> int:
        self._last_ns = max(t_ns, self._last_ns + 1)
        return self._last_ns


def apart(one: Offset, other: Offset) -> float:
    """One standard error of the time between frames of two cameras, nanoseconds; their floors are taken as equal."""
    return hypot(one.error_ns, other.error_ns)
