"""Levels, noise and times read from a plate's recent blocks: the small steps of the slow part, compiled."""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from walkout.sensing.plate_state import AGE, CELL, COUNT, HISTORY, PHASE, REF, ROUGH, SWAY

FLOOR_G: Final = np.float32(5.0)
"""A change below this is not called. Goods shift and boards bend under a shopper's weight: levels of 1-4 g that last a second
or two are common on the upper boards. 5 g is above that and leaves a 6 g item 2 sigma of a usual plate (0.5 g) above it."""
FLOOR_3_G: Final = np.float32(8.0)
"""The same for the sum of three neighbours, whose drifts add up: sqrt(3) of one plate's."""
WAKE: Final = np.float32(4.0)
"""How many times a plate's own learned noise wakes the slow part. A false wake costs a microsecond, not an event."""
DRIFT_G2_S: Final = 0.1
"""Variance that slow wander adds to an old reference each second: 1-3 g in 30 s measured, taken as a random walk."""
REST_G: Final = 1.0
"""Two halves of a settled second may differ by this much: the drift of goods that come to rest, four quanta of the cells."""
RELAX: Final = 0.005
"""... or by this share of the change: load cells and goods go on creeping for a while after a big step."""
STEADY_SDS: Final = 4.0
"""... or by this many standard deviations of the plate's noise."""
TREMBLE: Final = 3.0
"""A hand that rests on goods trembles: its force varies by 2-5 % (force steadiness of an isometric grip), 1-15 g for 30-300 g.
The mean of 4 jumps of quiet noise stays under 3 x its expectation in all but one of 10,000 cases."""


@njit(cache=True)
def level(i: int, number: int, blocks: int, block: NDArray[np.float32]) -> float:
    """The mean of the last blocks of a plate, grams from its offset; NaN where one is missing."""
    total = 0.0
    for k in range(number - blocks + 1, number + 1):
        total += block[k % HISTORY, i]
    return total / blocks


@njit(cache=True)
def mean_sd(i: int, blocks: int, gain: float, lane: NDArray[np.float32]) -> float:
    """The standard deviation of a mean over some blocks.

    SWAY is the mean |difference| of two means over 6 blocks, clipped at twice itself: 0.735 of the difference's standard
    deviation for Gaussian noise, thus 1.04 of the standard deviation of one mean.
    """
    return max(1.0 * lane[SWAY, i], 0.1) * gain * np.sqrt(6.0 / blocks)


@njit(cache=True)
def ref_variance(i: int, age_blocks: int, lane: NDArray[np.float32]) -> float:
    """The variance of a reference level that was last fed some blocks ago, g^2."""
    return float(max(1.0 * lane[SWAY, i], 0.1)) ** 2 * 3.0 / max(lane[COUNT, i], 1.0) + DRIFT_G2_S * age_blocks * 0.1


@njit(cache=True)
def restlessness(
    number: int, first: int, last: int, block: NDArray[np.float32], lane: NDArray[np.float32], mark: NDArray[np.int32]
) -> float:
    """How much rougher a shelf is now than what its plates learned, from those that no hand touches; at least 1.

    Footsteps shake a whole board and a hand only what it touches, so the untouched plates tell the two apart.
    """
    ratio = np.empty(last - first, np.float64)
    count = 0
    for i in range(first, last):
        if mark[CELL, i] and mark[PHASE, i] == 0 and lane[AGE, i] >= 5.0:
            value = roughness(i, number, 10, block)
            if value == value:
                ratio[count] = value / max(lane[ROUGH, i], 0.1)
                count += 1
    if count < 2:
        return 1.0
    return float(min(max(np.median(ratio[:count]), 1.0), 10.0))


@njit(cache=True)
def roughness(i: int, number: int, blocks: int, block: NDArray[np.float32]) -> float:
    """The mean |difference| of neighbouring means over 0.2 s in the last blocks; NaN where one is missing."""
    total = 0.0
    steps = blocks // 2 - 1
    for k in range(steps):
        a, b = number - 2 * k, number - 2 * k - 2
        now = block[a % HISTORY, i] + block[(a - 1) % HISTORY, i]
        total += abs(now - (block[b % HISTORY, i] + block[(b - 1) % HISTORY, i])) * 0.5
    return total / steps


@njit(cache=True)
def shaking(
    i: int, number: int, window: int, gain: float, block: NDArray[np.float32], lane: NDArray[np.float32]
) -> bool:
    """Whether a plate trembles more than its shelf does."""
    return bool(roughness(i, number, window, block) > TREMBLE * max(lane[ROUGH, i], 0.1) * gain)


@njit(cache=True)
def steady(
    i: int, number: int, window: int, gain: float, block: NDArray[np.float32], lane: NDArray[np.float32]
) -> bool:
    """Whether the two halves of a plate's last blocks agree; no where readings are missing."""
    half = window // 2
    now, before = level(i, number, half, block), level(i, number - half, half, block)
    apart = abs(now - before)
    sd = mean_sd(i, half, gain, lane) * np.sqrt(2.0)
    return bool(apart <= max(max(REST_G, STEADY_SDS * sd), RELAX * abs(now - lane[REF, i])))


@njit(cache=True)
def onset_of(i: int, number: int, block: NDArray[np.float32], lane: NDArray[np.float32]) -> int:
    """The first block of a plate's present trouble: quiet for 0.3 s before it."""
    limit = max(2.0, 3.0 * lane[ROUGH, i])
    onset = number + 1
    quiet = 0
    for k in range(number, max(number - HISTORY, -1), -1):
        value = block[k % HISTORY, i]
        if not (value == value):
            break
        if abs(value - lane[REF, i]) > limit:
            onset = k
            quiet = 0
        elif onset <= number:
            quiet += 1
            if quiet == 3:
                break
        elif number - k > 12:
            break
    return onset if onset <= number else max(number - 11, 0)


@njit(cache=True)
def span_of(
    i: int, number: int, onset: int, delta_g: float, gain: float, block: NDArray[np.float32], lane: NDArray[np.float32]
) -> tuple[int, int]:
    """The change of a plate as [start, end) in blocks: from the last one at the old level to the first one at the new."""
    ref = lane[REF, i]
    after = ref + delta_g
    limit = min(max(0.15 * abs(delta_g), 3.0 * lane[ROUGH, i] * gain), 0.5 * abs(delta_g))
    oldest = max(onset, number - HISTORY + 1, 0)
    end = number
    while end > oldest and abs(block[(end - 1) % HISTORY, i] - after) <= limit:
        end -= 1
    start = end
    sign = 1.0 if delta_g > 0.0 else -1.0
    while start > oldest and (block[(start - 1) % HISTORY, i] - ref) * sign > limit:
        start -= 1
    return start, end
