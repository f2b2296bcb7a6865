"""Scales to shelf events, online: one detector a fixture."""

import json
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from walkout.recording.loss import Loss
from walkout.recording.plates import PlateBatch
from walkout.sensing import plate_kernel
from walkout.sensing.event import ShelfEvent
from walkout.sensing.plate_groups import WINDOW
from walkout.sensing.plate_state import (
    EVENTS,
    HISTORY,
    LAST_NS,
    O_BACK,
    O_END_NS,
    O_FIRST,
    O_MAIN,
    O_ONSET_NS,
    O_REPORTED_NS,
    O_SHELF,
    O_SIZE,
    O_START_NS,
    OFFSET,
    SAMPLES,
    STARTED,
    fresh,
)
from walkout.sensing.sample_clock import SampleClock
from walkout.sensing.steps import steps_of
from walkout.store.layout import Fixture

BLOCK_S: Final = 0.1
"""Samples are averaged over 0.1 s first: a zero at 10 Hz, just above the ringing, and a sixth of the work after it."""
LEAST_WINDOW: Final = 4
"""At the end of a stream a new level of 0.4 s is told too, with the larger covariance that it has."""
ANY_STEP_NS: Final = 2**62
VERSION: Final = 3
HALF_NOISE: Final = 3.5
"""A change of so many times the loudness is as likely noise as not; see `noise_p`."""


class PlateDetector:
    """Finds lasting changes of weight on the plates of one fixture while samples come in.

    An event is told 1.0-1.4 s after its change has ended and the plates are quiet again. The same samples give the
    same events in any chunking. Times are those of the samples (event time).
    """

    def __init__(self, fixture: str, cells: NDArray[np.bool_], rate_hz: float) -> None:
        """`cells[s - 1, p - 1]`: whether shelf s has a load cell as plate p; columns without one are never looked at.

        Raises:
            ValueError: `cells` is not two-dimensional or empty, or the rate is not a positive number.
        """
        if cells.ndim != 2 or cells.size == 0:
            raise ValueError(f"fixture {fixture}: cells has shape {cells.shape}, it should be (shelves, plates)")
        if not (np.isfinite(rate_hz) and rate_hz > 0):
            raise ValueError(f"fixture {fixture}: the rate is {rate_hz} Hz, it should be a positive number")
        self.fixture = fixture
        self.rate_hz = float(rate_hz)
        self._shape = (int(cells.shape[0]), int(cells.shape[1]))
        self._period_ns = round(1e9 / rate_hz)
        self._state = fresh(cells.astype(np.bool_), max(1, round(BLOCK_S * rate_hz)))
        self._meta = self._state.meta
        self._kernel = plate_kernel.ready(self._state)
        self._clock = SampleClock(fixture, self._period_ns)

    def push(self, batch: PlateBatch) -> tuple[ShelfEvent, ...]:
        """Take samples and return the events they complete, in order of their end.

        Raises:
            ValueError: the batch is of another fixture, or of another shape.
        """
        grams = batch.grams
        if batch.fixture != self.fixture or grams.shape[1:] != self._shape or len(batch.t_ns) != grams.shape[0]:
            raise ValueError(
                f"fixture {self.fixture} takes samples of shape (n, {self._shape[0]}, {self._shape[1]}) with n times; "
                f"found fixture {batch.fixture}, shape {grams.shape}, {len(batch.t_ns)} times"
            )
        flat = np.ascontiguousarray(grams, np.float32).reshape(grams.shape[0], -1)
        t_ns = np.ascontiguousarray(batch.t_ns, np.int64)
        if not self._clock.waiting:
            taken = self._run(t_ns, flat, self._clock.gap_ns)
            if taken == len(t_ns) and not self._meta[EVENTS]:
                return ()
        else:
            taken = 0
        events = self._drain()
        while taken < len(t_ns):
            for piece_ns, piece in self._clock.admit(t_ns[taken:], flat[taken:], int(self._meta[LAST_NS])):
                events += self._run_piece(piece_ns, piece)
            taken = len(t_ns)
        return tuple(events)

    def flush(self) -> tuple[ShelfEvent, ...]:
        """The events that the end of the stream completes; changes younger than 0.4 s are not told."""
        events: list[ShelfEvent] = []
        for piece_ns, piece in self._clock.release(int(self._meta[LAST_NS])):
            events += self._run_piece(piece_ns, piece)
        blocks = int(self._meta[SAMPLES]) // self._state.raw.shape[0]
        for window in range(WINDOW, LEAST_WINDOW - 1, -2):
            if blocks >= WINDOW:
                plate_kernel.look(blocks - 1, *self._shape, False, window, 1, 1, self._state)
                events += self._drain()
        return tuple(events)

    def losses(self) -> tuple[Loss, ...]:
        """What was wrong with the samples so far: duplicates, disorder, gaps, a clock that ran back."""
        return self._clock.losses()

    def levels(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The last 12.8 s as means over 0.1 s, for drawing.

        Returns:
            The time of the first sample of each block, UTC nanoseconds, shape (blocks,), and the grams, shape (blocks,
            shelves, plates); NaN: no reading.
        """
        last = int(self._meta[SAMPLES]) // self._state.raw.shape[0]
        index = np.arange(max(0, last - HISTORY), last) % HISTORY
        lanes = self._shape[0] * self._shape[1]
        grams = (self._state.block[index] + self._state.lane[OFFSET])[:, :lanes]
        return self._state.block_ns[index], grams.reshape(-1, *self._shape)

    def snapshot(self) -> bytes:
        """All that the detector knows.

        `restore` on one made with the same arguments goes on as if nothing had happened.
        """
        self._state.raw[int(self._meta[SAMPLES]) % len(self._state.raw) :] = 0.0  # rests of blocks that are done
        self._state.told[...] = 0
        self._state.told_g[...] = 0.0
        self._state.step_ns[...] = 0
        self._state.step_g[...] = 0.0
        head = {"version": VERSION, "fixture": self.fixture, "rate_hz": self.rate_hz, "shape": self._shape}
        parts = [json.dumps(head).encode(), *(array.tobytes() for array in self._state), self._clock.snapshot()]
        return b"".join(len(part).to_bytes(8, "little") + part for part in parts)

    def restore(self, data: bytes) -> None:
        """Take over a snapshot.

        Raises:
            ValueError: the snapshot is damaged, or of another fixture, rate, shape or version.
        """
        parts = _split(data)
        head = {"version": VERSION, "fixture": self.fixture, "rate_hz": self.rate_hz, "shape": list(self._shape)}
        sizes = [array.nbytes for array in self._state]
        found = json.loads(parts[0]) if parts else None
        if found != head or [len(part) for part in parts[1:-1]] != sizes:
            raise ValueError(f"this snapshot does not fit: found {found}, it should be {head}")
        arrays: tuple[NDArray[np.generic], ...] = self._state
        for array, part in zip(arrays, parts[1:-1], strict=True):
            array[...] = np.frombuffer(part, array.dtype).reshape(array.shape)
        self._clock.restore(parts[-1])

    def _run_piece(self, t_ns: NDArray[np.int64], flat: NDArray[np.float32]) -> list[ShelfEvent]:
        """Take samples that the clock put in order, whatever their times are."""
        events: list[ShelfEvent] = []
        self._meta[STARTED] = 0
        done = 0
        while done < len(t_ns):
            done += self._run(t_ns[done:], flat[done:], ANY_STEP_NS)
            events += self._drain()
        return events

    def _run(self, t_ns: NDArray[np.int64], flat: NDArray[np.float32], gap_ns: int) -> int:
        return self._kernel(flat, t_ns, gap_ns, self._clock.back_ns, self._shape[1], self._state)

    def _drain(self) -> list[ShelfEvent]:
        count = int(self._meta[EVENTS])
        self._meta[EVENTS] = 0
        found = [self._event(k) for k in range(count)]
        return [event for event in found if event.steps or not event.came_back]

    def _event(self, number: int) -> ShelfEvent:
        row, values = self._state.told[number].tolist(), self._state.told_g[number]
        shelf, first, size, start_ns = row[O_SHELF] + 1, row[O_FIRST] + 1, row[O_SIZE], row[O_START_NS]
        delta_g, variance_g2, rough_g = values[:, :size].tolist()
        main = row[O_MAIN] - row[O_FIRST]
        event = ShelfEvent(
            id=f"{self.fixture}/{shelf}/{row[O_MAIN] + 1}@{start_ns // 10**9}.{start_ns // 10**6 % 1000:03d}",
            fixture=self.fixture,
            shelf=shelf,
            plates=tuple(range(first, first + size)),
            delta_g=tuple(round(value, 3) for value in delta_g),
            cov_g2=tuple(tuple(round(v, 4) if i == j else 0.0 for j in range(size)) for i, v in enumerate(variance_g2)),
            onset_ns=row[O_ONSET_NS],
            start_ns=start_ns,
            end_ns=row[O_END_NS],
            reported_ns=row[O_REPORTED_NS],
            noise_p=0.0 if row[O_BACK] else noise_p(delta_g[main], rough_g[main]),
        )
        return replace(event, steps=steps_of(event, self._state.step_ns[number], self._state.step_g[number, :, :size]))


def noise_p(delta_g: float, rough_g: float) -> float:
    """How likely a change is only noise, by how loud the plate was while its new level was measured.

    `rough_g` is the mean |difference| of neighbouring means over 0.2 s. Fitted by eye to simulated recordings (5.7
    hours, tuning seeds; ghosts of all changes): 14 of 14 below twice the loudness, 11 of 15 at 2-4 times, 6 of 31 at
    4-8, 1 of 23 at 8-12, 2 of 2,665 above.
    """
    loudness = abs(delta_g) / max(rough_g, 1e-6)
    return round(1.0 / (1.0 + (loudness / HALF_NOISE) ** 3), 5)


def cells_of(fixture: Fixture, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Which (shelf, plate) of an array of this shape carry a load cell, by the store; shelf s is row s - 1."""
    cells = np.zeros(shape, np.bool_)
    for shelf in fixture.shelves:
        for plate in shelf.plates:
            if plate.cell and shelf.id <= shape[0] and plate.id <= shape[1]:
                cells[shelf.id - 1, plate.id - 1] = True
    return cells


def _split(data: bytes) -> list[bytes]:
    parts = []
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 8], "little")
        parts.append(data[at + 8 : at + 8 + size])
        at += 8 + size
    return parts if at == len(data) else []
