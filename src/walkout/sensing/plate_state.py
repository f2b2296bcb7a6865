"""Where a plate detector keeps what it knows: plain arrays, so that a kernel can work on them and a snapshot is their bytes."""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

HISTORY: Final = 128
"""Blocks of 0.1 s kept for looking back: 12.8 s, more than a lift of 8 s with a hand before it."""
PAIRS: Final = 8
"""Pairs of blocks kept for the running means: a power of two above the 7 that the recent second and what leaves it need."""
OUT: Final = 64
"""Events one kernel call may write before it hands them over."""

# Rows of `lane` (float32, one column a plate).
OFFSET, REF, COUNT, ROUGH, SWAY, SPREAD, AGE, DEV, LEFT, RIGHT = range(10)
LANE_ROWS: Final = 10
# Rows of `mark` (int32, one column a plate).
OPEN_AT, FED, PHASE, ONSET, STEADY, CELL = range(6)
MARK_ROWS: Final = 6
# Entries of `meta` (int64).
SAMPLES, LAST_NS, ACTIVE, BIG_END, BIG_SHELF, BIG_PLATE, EVENTS, ECHOES, STARTED = range(9)
META_SIZE: Final = 9
# Columns of `out_int` (int64) and the first axis of `out_float` (float64).
O_SHELF, O_FIRST, O_SIZE, O_MAIN, O_ONSET, O_START, O_END, O_REPORTED = range(8)
OUT_COLUMNS: Final = 8
CLOSED: Final = 2**31 - 1
REF_PAIRS: Final = np.float32(15.0)
"""The reference level remembers 15 x 0.2 s = 3 s. Noise of a pair 0.3-3 g and a wander of 0.3 g per root second put the
best memory of a local-level filter between 0.6 and 5 s; and a 10 g item lifted over 8 s (1.25 g/s) must outrun it by the
floor: 1.25 x (3 + 1.2) = 5.3 g."""


@dataclass(slots=True)
class PlateState:
    """All that changes while samples come in; `snapshot` and `restore` of the detector copy these bytes."""

    raw: NDArray[np.float32]
    """Samples of the block that is not full yet, shape (samples a block, plates)."""
    block: NDArray[np.float32]
    """Means over 0.1 s less the plate's offset, shape (HISTORY, plates); NaN: no reading."""
    pair: NDArray[np.float32]
    """Means over 0.2 s, shape (PAIRS, plates)."""
    lane: NDArray[np.float32]
    mark: NDArray[np.int32]
    block_ns: NDArray[np.int64]
    """Time of the first sample of each block, shape (HISTORY,)."""
    meta: NDArray[np.int64]
    big_g: NDArray[np.float64]
    """The change of the last event, for telling its echo on other plates, shape (1,)."""

    @classmethod
    def fresh(cls, cells: NDArray[np.bool_], samples_a_block: int) -> "PlateState":
        """The state before the first sample; `cells` has shape (shelves, plates)."""
        lanes = cells.size
        lane = np.zeros((LANE_ROWS, lanes), np.float32)
        lane[OFFSET] = np.nan
        plate = np.arange(lanes) % cells.shape[1]
        lane[LEFT] = plate > 0
        lane[RIGHT] = plate < cells.shape[1] - 1
        mark = np.zeros((MARK_ROWS, lanes), np.int32)
        mark[CELL] = cells.reshape(-1)
        return cls(
            raw=np.full((samples_a_block, lanes), np.nan, np.float32),
            block=np.full((HISTORY, lanes), np.nan, np.float32),
            pair=np.full((PAIRS, lanes), np.nan, np.float32),
            lane=lane,
            mark=mark,
            block_ns=np.zeros(HISTORY, np.int64),
            meta=np.zeros(META_SIZE, np.int64),
            big_g=np.zeros(1, np.float64),
        )

    def arrays(self) -> tuple[NDArray[np.generic], ...]:
        """Every array, in a fixed order."""
        return tuple(getattr(self, field.name) for field in fields(self))
