"""What a plate detector knows: plain arrays, so that compiled code can work on them and a snapshot is their bytes."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

HISTORY: Final = 128
"""Blocks of 0.1 s kept for looking back: 12.8 s, more than a lift of 8 s with a hand before it."""
PAIRS: Final = 8
"""Pairs of blocks kept for the running means; 7 are in use at a time."""
ENOUGH: Final = 16
"""Events after which compiled code hands over. One step makes at most one event a plate, so the output never
overflows."""
STEPS: Final = 8
"""Levels that are noted of one event, the earliest."""
CLOSED: Final = 2**31 - 1
"""In OPEN_AT: nothing goes into this plate's reference now."""
PRIOR_G: Final = 0.5
"""The noise assumed before any is seen: between a plate at rest (0.1-0.3 g over 0.2-0.6 s) and one that rings (1-4
g)."""
PRIOR_STEPS: Final = 4.0
"""... and how many steps of 0.2 s it counts for; small, so that a plate is known after two seconds."""

WIDTH: Final = 16
"""Columns are filled up to a multiple of this: as many plates as one instruction can work on; what is over holds no
plate."""

# Rows of `lane` (float32, one column a plate).
OFFSET, REF, COUNT, ROUGH, SWAY, SPREAD, AGE, DEV, LEFT, RIGHT, BESIDE, PACE = range(12)
# Rows of `mark` (int32, one column a plate).
OPEN_AT, FED, PHASE, ONSET, STEADY, LOADED, CELL = range(7)
# Entries of `meta` (int64).
SAMPLES, LAST_NS, ACTIVE, EVENTS, ECHOES, STARTED = range(6)
# Columns of `told` (int64): one row an event.
O_SHELF, O_FIRST, O_SIZE, O_MAIN, O_ONSET_NS, O_START_NS, O_END_NS, O_REPORTED_NS, O_BACK = range(9)


class PlateState(NamedTuple):
    """All that changes while samples come in.

    A plate is one column; those of a shelf are neighbours, the rest empty.
    """

    raw: NDArray[np.float32]
    """Samples of the block that is not full yet, shape (samples a block, plates)."""
    block: NDArray[np.float32]
    """Means over 0.1 s less the plate's offset, shape (HISTORY, plates); NaN: no reading."""
    block_ns: NDArray[np.int64]
    """Time of the first sample of each block, shape (HISTORY,)."""
    pair: NDArray[np.float32]
    """Means over 0.2 s, shape (PAIRS, plates)."""
    triple: NDArray[np.float32]
    """Means over 0.6 s, shape (PAIRS, plates)."""
    lane: NDArray[np.float32]
    """What is known of each plate: its offset, reference level and how many pairs made it, noise over 0.2 s (ROUGH),
    over 0.6 s (SWAY), about the reference (SPREAD), steps seen, distance from the reference now, and whether it has
    neighbours."""
    mark: NDArray[np.int32]
    """From which pair on the reference may learn and what it learned last, whether the plate moves, since which
    block, for how many steps it has been steady, and steady under more weight, whether it is a scale at all."""
    meta: NDArray[np.int64]
    big_g: NDArray[np.float64]
    """The last change of each shelf and the last big one, for telling their leak elsewhere, shape (2 shelves,)."""
    big_at: NDArray[np.int64]
    """The block at which it ended, and its plate, shape (2 shelves, 2)."""
    told: NDArray[np.int64]
    """Events to hand over, shape (plates + ENOUGH, 9)."""
    told_g: NDArray[np.float64]
    """Their changes, variances and the roughness behind them, shape (plates + ENOUGH, 3, plates of a shelf)."""
    step_ns: NDArray[np.int64]
    """From when to when each level before that was held, shape (plates + ENOUGH, STEPS, 2); 0: no more levels."""
    step_g: NDArray[np.float64]
    """Those levels, grams from the one before the event, shape (plates + ENOUGH, STEPS, plates of a shelf)."""


def fresh(cells: NDArray[np.bool_], samples_a_block: int) -> PlateState:
    """The state before the first sample; `cells` has shape (shelves, plates)."""
    plates = cells.shape[1]
    lanes = -(-cells.size // WIDTH) * WIDTH
    lane = np.zeros((12, lanes), np.float32)
    lane[OFFSET] = np.nan
    lane[ROUGH], lane[SWAY], lane[SPREAD], lane[AGE] = PRIOR_G, PRIOR_G, PRIOR_G, PRIOR_STEPS
    column = np.arange(lanes)
    lane[LEFT] = (column < cells.size) & (column % plates > 0)
    lane[RIGHT] = (column < cells.size) & (column % plates < plates - 1)
    mark = np.zeros((7, lanes), np.int32)
    mark[CELL, : cells.size] = cells.reshape(-1)
    return PlateState(
        raw=np.full((samples_a_block, lanes), np.nan, np.float32),
        block=np.full((HISTORY, lanes), np.nan, np.float32),
        block_ns=np.zeros(HISTORY, np.int64),
        pair=np.full((PAIRS, lanes), np.nan, np.float32),
        triple=np.full((PAIRS, lanes), np.nan, np.float32),
        lane=lane,
        mark=mark,
        meta=np.zeros(6, np.int64),
        big_g=np.zeros(2 * len(cells), np.float64),
        big_at=np.zeros((2 * len(cells), 2), np.int64),
        told=np.zeros((lanes + ENOUGH, 9), np.int64),
        told_g=np.zeros((lanes + ENOUGH, 3, plates), np.float64),
        step_ns=np.zeros((lanes + ENOUGH, STEPS, 2), np.int64),
        step_g=np.zeros((lanes + ENOUGH, STEPS, plates), np.float64),
    )
