"""Levels, noise and times read from a plate's recent blocks: the small steps of the slow part, compiled."""

from typing import Final

import numpy as np

from walkout.sensing.compiled import compiled
from walkout.sensing.plate_state import (
    AGE,
    BESIDE,
    CELL,
    COUNT,
    DEV,
    FED,
    HISTORY,
    ONSET,
    PAIRS,
    PHASE,
    REF,
    ROUGH,
    SPREAD,
    SWAY,
    PlateState,
)

MOST_GAIN: Final = 10.0
"""A plate in a quiet shop and beside a running child differ by about this much."""
FLOOR_G: Final = np.float32(5.0)
"""A change below this is not called. Goods shift and boards bend under a shopper's weight: levels of 1-4 g that last a
second or two are common on upper boards. 5 g is above that and leaves a 6 g item 2 sigma of a usual plate (0.5 g)
above it."""
FLOOR_3_G: Final = np.float32(8.0)
"""The same for the sum of three neighbours, whose shifts add up: sqrt(3) of one plate's."""
WAKE: Final = np.float32(4.0)
"""How many times a plate's own learned noise wakes the slow part. A false wake costs a microsecond, not an event."""
REF_PAIRS: Final = np.float32(15.0)
"""The reference level remembers 15 x 0.2 s = 3 s. Noise of a pair 0.3-3 g and a wander of 0.3 g per root second put
the best memory of a local-level filter between 0.6 and 5 s; and a 10 g item lifted over 8 s (1.25 g/s) must outrun it
by the floor: 1.25 x (3 + 1.2) = 5.3 g."""
LEAST_NOISE_G: Final = 0.1
"""No plate is taken for quieter than this: the quantum of 0.241 g over root 12, for an error that does not average
out."""
DRIFT_G2_S: Final = 0.03
"""Variance that slow wander adds to an old reference each second: 1-3 g peak to peak in 30 s measured, 1 g rms as a
random walk."""
REST_G: Final = 1.0
"""Two halves of a settled window may differ by this much: goods that come to rest, four quanta of the cells."""
RELAX: Final = 0.015
"""... or by this share of the change: cells and goods creep after a big step. A lift over 8 s moves by 5 % between
halves."""
STEADY_SDS: Final = 5.0
"""... or by this many standard deviations of the plate's noise; only then is a window of a shaken plate seldom
refused."""
LINE: Final = 0.15
"""... which is at least this share of its mean jump over 0.2 s: a swing of 1.6 Hz (measured, up to 2 g) cancels in
means over 0.6 s and moves those over 0.4 s by 0.8 of its height, 0.8 of the jump."""
STEADY_SDS_DOWN: Final = 8.0
STEADY_SHARE: Final = 0.2
"""The same for a plate that became lighter by much more: no hand does that by resting, so only what still moves must
be kept out, and a burst of footsteps must not hold up a take."""
PATIENCE: Final = 80
"""Blocks (8 s) after which more weight is treated so too: no hand rests for so long, but some plate shakes alone."""
ROUGHER: Final = 2.0
"""A window of 0.8 s holds three jumps, whose mean has a standard deviation of 0.4 of itself: one in fifty passes
this much of what is usual by chance."""
CREEP: Final = 1.45
"""The difference of two means over 0.8 s has a standard deviation of 0.36 mean second differences in white noise: this
is four of them."""
CREEP_ON: Final = 0.3
"""An even slope shows half of that between the halves of the last 0.8 s, a step that is over nothing."""
TREMBLE: Final = 2.0
"""A hand that rests on goods trembles: an isometric force varies by 2-5 %, 1-15 g for 30-300 g. The mean of 19 jumps
of quiet noise has a standard deviation of a quarter of itself, so it passes twice itself in less than one of 10,000
cases."""


@compiled
def level(i: int, number: int, blocks: int, state: PlateState) -> float:
    """The mean of the last blocks of a plate, grams from its offset; NaN where one is missing."""
    total = 0.0
    for k in range(number - blocks + 1, number + 1):
        total += state.block[k % HISTORY, i]
    return total / blocks


@compiled
def mean_sd(i: int, blocks: int, gain: float, state: PlateState) -> float:
    """The standard deviation of a mean over some blocks.

    SWAY is the mean |difference| of two means over 6 blocks, clipped at twice itself: 0.735 of the difference's
    standard deviation for Gaussian noise, thus 1.04 of the standard deviation of one mean.
    """
    return float(max(state.lane[SWAY, i], LEAST_NOISE_G) * gain * np.sqrt(6.0 / blocks))


@compiled
def ref_variance(i: int, number: int, state: PlateState) -> float:
    """The variance of a plate's reference level, g^2: of its mean, and of the wander since it was fed."""
    sd = max(state.lane[SWAY, i], LEAST_NOISE_G)
    age_s = (number - 2 * state.mark[FED, i]) * 0.1
    return float(sd * sd * 3.0 / max(state.lane[COUNT, i], 1.0) + DRIFT_G2_S * age_s)


@compiled
def at_rest(number: int, first: int, last: int, recent: bool, state: PlateState) -> float:
    """The median roughness of a shelf's plates that do not move: of the last second, or learned; 0 where they are few.

    `number` is that of the last pair.
    """
    values = np.empty(last - first, np.float64)
    count = 0
    for i in range(first, last):
        if state.mark[CELL, i] and state.mark[PHASE, i] == 0 and state.lane[AGE, i] >= 9.0:
            value = float(state.lane[ROUGH, i])
            if recent:
                value = 0.0
                for k in range(4):
                    value += abs(state.pair[(number - k) % PAIRS, i] - state.pair[(number - k - 1) % PAIRS, i])
                value = max(value * 0.25, LEAST_NOISE_G)
            if value == value:
                k = count
                while k > 0 and values[k - 1] > value:
                    values[k] = values[k - 1]
                    k -= 1
                values[k] = value
                count += 1
    return float(values[count // 2]) if count >= 2 else 0.0


@compiled
def gain_of(i: int, rest_g: float, state: PlateState) -> float:
    """How much rougher a plate must be now than what it learned before it moved: as much as those at rest; at least 1.

    Footsteps shake a whole board and a hand only what it touches, so the untouched plates tell the two apart.
    """
    if rest_g <= 0.0 or state.lane[BESIDE, i] <= 0.0:
        return 1.0
    return float(min(max(rest_g / state.lane[BESIDE, i], 1.0), MOST_GAIN))


@compiled
def roughness(i: int, number: int, blocks: int, state: PlateState) -> float:
    """The mean |difference| of neighbouring means over 0.2 s in the last blocks; NaN where one is missing."""
    total = 0.0
    steps = blocks // 2 - 1
    for k in range(steps):
        a = number - 2 * k
        now = state.block[a % HISTORY, i] + state.block[(a - 1) % HISTORY, i]
        total += abs(now - (state.block[(a - 2) % HISTORY, i] + state.block[(a - 3) % HISTORY, i])) * 0.5
    return total / steps


@compiled
def excess_of(i: int, number: int, window: int, gain: float, state: PlateState) -> float:
    """How much rougher a plate's last blocks are than they should be, beyond what few blocks do by chance; at least 1.

    What was learned lags behind a walker who comes, and one plate may ring where its shelf does not.
    """
    usual = ROUGHER * max(state.lane[ROUGH, i], LEAST_NOISE_G) * gain
    return float(max(roughness(i, number, window, state) / usual, 1.0))


@compiled
def shaking(i: int, number: int, window: int, gain: float, state: PlateState) -> bool:
    """Whether a plate trembles more than its shelf does."""
    return bool(roughness(i, number, window, state) > TREMBLE * max(state.lane[ROUGH, i], LEAST_NOISE_G) * gain)


@compiled
def steady(i: int, number: int, window: int, gain: float, state: PlateState) -> bool:
    """Whether the halves of a plate's last blocks agree, and its middle with its ends; no where readings are missing.

    The first sees a slope, the second a bump that is over within the window.
    """
    half, quarter = window // 2, window // 4
    now, before = level(i, number, half, state), level(i, number - half, half, state)
    middle = level(i, number - quarter, half, state)
    sd = max(mean_sd(i, half, gain, state), LINE * float(state.lane[ROUGH, i]) * gain) * np.sqrt(2.0)
    whole = (now + before) * 0.5
    away = whole - state.lane[REF, i]
    limit = max(REST_G, STEADY_SDS * sd, RELAX * abs(away))
    late = number - state.mark[ONSET, i] >= PATIENCE
    if away < 0.0 or late:
        limit = max(limit, min(STEADY_SDS_DOWN * sd, STEADY_SHARE * abs(away)))
    return bool(abs(now - before) <= limit and abs(middle - whole) * 2.0 <= limit)


@compiled
def creeps(i: int, number: int, delta_g: float, state: PlateState) -> bool:
    """Whether a plate still moves evenly the way it has moved: no step, but a slope that goes on.

    Second differences of means over 0.2 s see the noise and not the slope, so a long lift cannot pass for noise.
    """
    recent = level(i, number, 4, state) - level(i, number - 4, 4, state)
    whole = level(i, number, 8, state) - level(i, number - 8, 8, state)
    bend = 0.0
    for k in range(6):
        last = number - 2 * k
        bend += abs(level(i, last, 2, state) - 2.0 * level(i, last - 2, 2, state) + level(i, last - 4, 2, state))
    way = 1.0 if delta_g > 0.0 else -1.0
    return bool(way * whole > CREEP * bend / 6.0 and way * recent > CREEP_ON * way * whole)


@compiled
def left_its_level(i: int, first: int, last: int, state: PlateState) -> bool:
    """Whether a plate, or it with its neighbours, is far from its reference: the wake-up test, plate by plate."""
    dev, sway, spread = state.lane[DEV], state.lane[SWAY], state.lane[SPREAD]
    if abs(dev[i]) > max(FLOOR_G, WAKE * max(sway[i], spread[i])):
        return True
    total, noise = np.float32(0.0), np.float32(0.0)
    for j in range(max(first, i - 1), min(last, i + 2)):
        total += dev[j]
        noise += sway[j]
    return bool(abs(total) > max(FLOOR_3_G, WAKE * noise) and abs(dev[i]) * np.float32(4.0) > abs(total))


@compiled
def onset_of(i: int, number: int, state: PlateState) -> int:
    """The first block of a plate's present trouble: quiet for 0.3 s before it."""
    limit = max(2.0, 3.0 * state.lane[ROUGH, i])
    onset = number + 1
    quiet = 0
    for k in range(number, max(number - HISTORY, -1), -1):
        off = abs(state.block[k % HISTORY, i] - state.lane[REF, i])
        if off != off:
            break
        if off > limit:
            onset = k
            quiet = 0
        else:
            quiet += 1
            if quiet == (3 if onset <= number else 12):
                break
    return onset if onset <= number else max(number - 11, 0)


@compiled
def span_of(i: int, number: int, onset: int, delta_g: float, gain: float, state: PlateState) -> tuple[int, int]:
    """The change of a plate as [start, end) in blocks.

    The crossing is where "old level before, new level after" fits best (least squares, each block counting at most as
    much as one that lies right); from it the change reaches back to the old level and on to the new one as far as
    noise lets tell.
    """
    ref = float(state.lane[REF, i])
    oldest = max(onset - 2, number - HISTORY + 1, 0)
    best, total, cross = 0.0, 0.0, oldest
    for k in range(oldest, number + 1):
        share = (state.block[k % HISTORY, i] - ref) / delta_g
        if share == share:
            total += min(max(1.0 - 2.0 * share, -1.0), 1.0)
        if total > best:
            best, cross = total, k + 1
    limit = max(0.15, 4.0 * state.lane[ROUGH, i] * gain / abs(delta_g))
    start = end = min(cross, number)
    if limit > 0.4:
        return max(start - 1, oldest), min(end + 1, number)
    while start > oldest and (state.block[(start - 1) % HISTORY, i] - ref) / delta_g > limit:
        start -= 1
    while end < number and abs((state.block[end % HISTORY, i] - ref) / delta_g - 1.0) > limit:
        end += 1
    return start, end
