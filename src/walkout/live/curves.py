"""The recent readings of the plates at a low rate: for drawing, and to know which plates gave readings."""

from bisect import bisect_left, bisect_right

import numpy as np
from numpy.typing import NDArray

from walkout.recording.plates import PlateBatch

SLOT_NS = 50_000_000
"""One sample in 50 ms is kept: the first of its slot, whatever the batches were."""
KEEP_NS = 60_000_000_000
"""Kept before the start of the newest batch: the longest event, the lateness of people, and 5 s around."""


class Curves:
    """The readings of one fixture in the last minute, thinned."""

    def __init__(self) -> None:
        self._t_ns: list[NDArray[np.int64]] = []
        self._grams: list[NDArray[np.float32]] = []
        self._last_slot: int | None = None

    def push(self, batch: PlateBatch) -> None:
        """Take a batch of samples; what runs back in time is left out."""
        if not len(batch.t_ns):
            return
        first: list[int] = []
        for n, t_ns in enumerate(batch.t_ns.tolist()):
            slot = t_ns // SLOT_NS
            if self._last_slot is None or slot > self._last_slot:
                first.append(n)
                self._last_slot = slot
        if first:
            self._t_ns.append(np.asarray(batch.t_ns[first], np.int64))
            self._grams.append(np.array(batch.grams[first], np.float32))

    def forget(self, before_ns: int) -> None:
        """Drop whole batches that end before an instant."""
        while self._t_ns and int(self._t_ns[0][-1]) < before_ns:
            del self._t_ns[0], self._grams[0]

    def shelf(self, shelf: int, start_ns: int, end_ns: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The kept samples of one shelf in an interval: times (samples,), grams (samples, plates); empty where none."""
        kept = slice(
            bisect_left(self._t_ns, start_ns, key=lambda t_ns: t_ns[-1]),
            bisect_right(self._t_ns, end_ns, key=lambda t_ns: t_ns[0]),
        )
        if not self._t_ns[kept]:
            return np.zeros(0, np.int64), np.zeros((0, 0), np.float32)
        all_ns, all_g = np.concatenate(self._t_ns[kept]), np.concatenate(self._grams[kept])
        inside = (all_ns >= start_ns) & (all_ns <= end_ns)
        return all_ns[inside], all_g[inside, shelf - 1]

    def reading(self, shelf: int, start_ns: int, end_ns: int) -> tuple[int, ...]:
        """The plates of one shelf that gave any reading in an interval."""
        _, grams = self.shelf(shelf, start_ns, end_ns)
        return tuple(int(p) + 1 for p in np.flatnonzero(np.isfinite(grams).any(axis=0)))
