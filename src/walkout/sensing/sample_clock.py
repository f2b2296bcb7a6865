"""The order of samples in time: duplicates, disorder, gaps and clocks that run back, told apart and never silent."""

import json
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from walkout.recording.loss import Loss

Piece = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Times and samples that follow each other; NaN samples stand for those that were lost."""

JITTER_NS: Final = 100_000_000
"""Later than this after the sample before it, a sample is not merely late. Measured: messages come within +-25 ms of
their time, and the commonest message holds 200 ms, so the least that is lost is seen."""
WATERMARK_NS: Final = 1_000_000_000
"""How long missing samples are waited for, in event time, before they are given up."""
RIVAL_NS: Final = 2_000_000_000
"""Old times that go on in step for so long, with no newer one between, are a clock that was set back, not
repetitions."""
MOST_LOST_NS: Final = 3600 * 1_000_000_000
"""A longer gap is filled with this much of nothing: an hour makes every old level as doubtful as it can be."""
FILL: Final = 600


class SampleClock:
    """Puts the samples of one fixture into order. Works sample by sample, so that message sizes do not matter."""

    def __init__(self, channel: str, period_ns: int) -> None:
        self.gap_ns = max(JITTER_NS, 3 * period_ns)
        self.back_ns = -(3 * period_ns) // 4
        """Messages come a little early, so that their first samples overlap the last ones before them (measured: 6
        ms)."""
        self._channel = channel
        self._period_ns = period_ns
        self._ahead: list[tuple[int, NDArray[np.float32]]] = []
        self._rival: list[tuple[int, NDArray[np.float32]]] = []
        self._count = {"clock": 0, "disorder": 0, "duplicate": 0, "gap": 0}
        self._first: dict[str, int] = {}
        self._last: dict[str, int] = {}

    @property
    def waiting(self) -> bool:
        """Whether samples are held back because earlier ones are missing, or old times are being watched."""
        return bool(self._ahead or self._rival)

    def admit(self, t_ns: NDArray[np.int64], samples: NDArray[np.float32], last_ns: int) -> Iterator[Piece]:
        """Pieces that follow `last_ns` and each other, from samples in the order of arrival.

        The samples have shape (n, plates). What must wait stays inside.
        """
        last = last_ns
        k = 0
        while k < len(t_ns):
            if not self.waiting:
                steps = np.diff(t_ns[k:], prepend=last)
                wrong = np.flatnonzero((steps <= self.back_ns) | (steps == 0) | (steps > self.gap_ns))
                good = int(wrong[0]) if len(wrong) else len(steps)
                if good:
                    yield t_ns[k : k + good], samples[k : k + good]
                    last = int(t_ns[k + good - 1])
                    k += good
                    continue
            for piece in self._one(int(t_ns[k]), samples[k].copy(), last):
                yield piece
                last = int(piece[0][-1])
            k += 1

    def release(self, last_ns: int) -> Iterator[Piece]:
        """At the end of a stream: everything that still waits."""
        last = last_ns
        while self._ahead:
            for piece in self._give_up(last):
                yield piece
                last = int(piece[0][-1])
        self._rival.clear()

    def losses(self) -> tuple[Loss, ...]:
        """One entry for each kind of trouble so far."""
        words = {
            "clock": "the clock of the samples was set back; times went on from the earlier one",
            "disorder": "samples arrived after later ones and were put in their place",
            "duplicate": "samples whose time had passed already (sent twice, or too late) were dropped",
            "gap": "samples never arrived: no reading there",
        }
        return tuple(
            Loss(kind, self._channel, count, words[kind], self._first[kind], self._last[kind])
            for kind, count in sorted(self._count.items())
            if count
        )

    def snapshot(self) -> bytes:
        """All that is held back, and the counts."""
        head = {
            "ahead": [[t, row.tobytes().hex()] for t, row in self._ahead],
            "rival": [[t, row.tobytes().hex()] for t, row in self._rival],
            "count": self._count,
            "first": self._first,
            "last": self._last,
        }
        return json.dumps(head, sort_keys=True).encode()

    def restore(self, data: bytes) -> None:
        """Take over a snapshot of the same fixture."""
        head = json.loads(data)
        self._ahead = [(t, np.frombuffer(bytes.fromhex(row), np.float32)) for t, row in head["ahead"]]
        self._rival = [(t, np.frombuffer(bytes.fromhex(row), np.float32)) for t, row in head["rival"]]
        self._count, self._first, self._last = head["count"], head["first"], head["last"]

    def _one(self, t: int, row: NDArray[np.float32], last: int) -> Iterator[Piece]:
        if self._ahead and t > self._ahead[0][0]:  # nothing more comes before what waits first
            for piece in self._follow(last, self.gap_ns):
                yield piece
                last = int(piece[0][-1])
        if t - last <= self.back_ns or t == last:
            yield from self._old(t, row, last)
        elif t - last <= self.gap_ns:
            self._rival.clear()
            if self._ahead:
                self._note("disorder", t, 1)
            yield np.array([t]), row[np.newaxis]
            yield from self._follow(t, self._period_ns - self.back_ns)
        else:
            self._rival.clear()
            at = next((i for i, (other, _) in enumerate(self._ahead) if other >= t), len(self._ahead))
            if at < len(self._ahead) and self._ahead[at][0] == t:
                self._note("duplicate", t, 1)
                return
            self._ahead.insert(at, (t, row))
            if at < len(self._ahead) - 1:
                self._note("disorder", t, 1)
            while self._ahead and self._ahead[-1][0] - last > WATERMARK_NS:
                for piece in self._give_up(last):
                    yield piece
                    last = int(piece[0][-1])

    def _old(self, t: int, row: NDArray[np.float32], last: int) -> Iterator[Piece]:
        if self._rival and not 0 < t - self._rival[-1][0] <= self.gap_ns:
            self._rival.clear()
        self._rival.append((t, row))
        self._note("duplicate", t, 1)
        if t - self._rival[0][0] < RIVAL_NS:
            return
        rival, self._rival = self._rival, []
        while self._ahead:
            for piece in self._give_up(last):
                yield piece
                last = int(piece[0][-1])
        self._count["duplicate"] -= len(rival)
        self._note("clock", rival[0][0], 1)
        yield np.array([time for time, _ in rival]), np.stack([sample for _, sample in rival])

    def _follow(self, last: int, within_ns: int) -> Iterator[Piece]:
        """What waited and comes next now."""
        while self._ahead and self._ahead[0][0] - last <= within_ns:
            t, row = self._ahead.pop(0)
            yield np.array([t]), row[np.newaxis]
            last = t

    def _give_up(self, last: int) -> Iterator[Piece]:
        """Nothing more comes for the gap before what waits: no reading there, then go on."""
        t, row = self._ahead.pop(0)
        lost = round((t - last) / self._period_ns) - 1 if t - last > self.gap_ns else 0
        if lost:
            self._note("gap", last + self._period_ns, lost, t)
        filled = min(lost, round(MOST_LOST_NS / self._period_ns))
        times = t - self._period_ns * np.arange(filled, 0, -1, dtype=np.int64)
        times = np.maximum(times, last + 1 + np.arange(filled, dtype=np.int64))
        for k in range(0, filled, FILL):
            yield times[k : k + FILL], np.full((len(times[k : k + FILL]), len(row)), np.nan, np.float32)
        yield np.array([t]), row[np.newaxis]
        yield from self._follow(t, self.gap_ns)

    def _note(self, kind: str, t: int, count: int, end: int | None = None) -> None:
        self._count[kind] += count
        self._first.setdefault(kind, t)
        self._last[kind] = t if end is None else end
