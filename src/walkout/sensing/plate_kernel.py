"""The fast part of the plate detector, compiled: from samples to levels, noise, and the test that wakes the slow part.

Everything is laid out time x plates, so that one instruction works on neighbouring plates. Sums are taken in a fixed
order: the same samples give the same bytes in any chunking.
"""

from collections.abc import Callable
from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray

from walkout.sensing.compiled import compiled
from walkout.sensing.plate_groups import CONFIRM, WINDOW, settle_shelf
from walkout.sensing.plate_noise import FLOOR_3_G, FLOOR_G, LEAST_NOISE_G, REF_PAIRS, WAKE
from walkout.sensing.plate_state import (
    ACTIVE,
    AGE,
    CELL,
    CLOSED,
    COUNT,
    DEV,
    ENOUGH,
    EVENTS,
    FED,
    HISTORY,
    LAST_NS,
    LEFT,
    OFFSET,
    OPEN_AT,
    PACE,
    PAIRS,
    PRIOR_STEPS,
    REF,
    RIGHT,
    ROUGH,
    SAMPLES,
    SPREAD,
    STARTED,
    SWAY,
    PlateState,
)
from walkout.sensing.plate_wait import CONFIRM_UP

MOST_G: Final = np.float32(1e6)
"""What says more than a tonne, or infinity, is no reading; plates are rated 20 kg."""
LEARN_STEPS: Final = np.float32(25.0)
"""The learned noise remembers 25 x 0.2 s = 5 s, so that it follows a walker who comes and goes."""
LEARN_SLOW: Final = np.float32(100.0)
"""The same for the spread about the reference, whose values repeat over 1.2 s: 20 s."""
CLIP: Final = np.float32(2.0)
"""One step counts at most this many times the noise learned so far: a change of 600 g raises it by 4 % a step, no
more."""
FIRST_STEPS: Final = np.float32(PRIOR_STEPS + 3.0)
"""... but for the first second of a plate, of which nothing is known: ringing is learned at once."""
THIRD: Final = np.float32(1.0 / 3.0)
"""Ringing leaves a fifth to a half of what it does over 0.2 s in means over 0.6 s: so much more is believed at once."""
HELD: Final = np.float32(0.25)
"""A plate that moves learns at a quarter of the speed: a hand is not noise, but a plate that stays noisy must be
learned."""


@compiled
def push(
    x: NDArray[np.float32], t_ns: NDArray[np.int64], gap_ns: int, back_ns: int, plates: int, state: PlateState
) -> int:
    """Take samples until one is out of step in time or there are events to hand over; the number taken comes back.

    `x` has shape (samples, all plates of the fixture). A step in time above `gap_ns`, of nothing, or back by `back_ns`
    (negative) or more is out of step.
    """
    meta = state.meta
    size = state.raw.shape[0]
    total = x.shape[0]
    k = 0
    while k < total:
        inside = meta[SAMPLES] % size
        number = meta[SAMPLES] // size
        if inside == 0:
            state.block_ns[number % HISTORY] = t_ns[k]
        if (
            inside == 0
            and k + size <= total
            and meta[STARTED]
            and in_step(t_ns, k, size, meta[LAST_NS], gap_ns, back_ns)
        ):
            fill_block(x[k : k + size], state.block[number % HISTORY], state)
            meta[LAST_NS] = t_ns[k + size - 1]
            meta[SAMPLES] += size
            k += size
        else:
            step = t_ns[k] - meta[LAST_NS]
            if meta[STARTED] and (step <= back_ns or step == 0 or step > gap_ns):
                return k
            state.raw[inside, : x.shape[1]] = x[k]
            meta[LAST_NS] = t_ns[k]
            meta[STARTED] = 1
            meta[SAMPLES] += 1
            k += 1
            if inside < size - 1:
                continue
            fill_block(state.raw[:, : x.shape[1]], state.block[number % HISTORY], state)
        if number % 2 == 1:
            woken = tick(number // 2, state)
            if woken or meta[ACTIVE] > 0:
                look(number, x.shape[1] // plates, plates, woken, WINDOW, CONFIRM, CONFIRM_UP, state)
                if meta[EVENTS] >= ENOUGH:
                    return k
    return k


def ready(state: PlateState) -> Callable[..., int]:
    """`push`, compiled for a state like this, without the look at its arguments' types at each call (1.5 us).

    One form serves arrays that may be written and arrays that may not (as those that come straight from a file).
    """
    dispatcher: Any = push
    types: Any = numba.types
    typeof: Any = numba.typeof
    x, t_ns = types.Array(types.float32, 2, "C", readonly=True), types.Array(types.int64, 1, "C", readonly=True)
    signature = (x, t_ns, types.int64, types.int64, types.int64, typeof(state))
    dispatcher.compile(signature)
    entry: Callable[..., int] = dispatcher.get_overload(signature)
    return entry


@compiled
def look(
    number: int, shelves: int, plates: int, woken: bool, window: int, confirm: int, confirm_up: int, state: PlateState
) -> None:
    """Look closely at every shelf that moves at block `number`."""
    state.meta[ACTIVE] = 0
    for shelf in range(shelves):
        settle_shelf(number, shelf, plates, woken, window, confirm, confirm_up, state)


@compiled
def in_step(t_ns: NDArray[np.int64], k: int, size: int, last_ns: int, gap_ns: int, back_ns: int) -> bool:
    """Whether the next samples follow each other in time."""
    last = last_ns
    for j in range(k, k + size):
        step = t_ns[j] - last
        if step <= back_ns or step == 0 or step > gap_ns:
            return False
        last = t_ns[j]
    return True


@compiled
def fill_block(x: NDArray[np.float32], means: NDArray[np.float32], state: PlateState) -> None:
    """The mean of some samples, less the offset, for each plate."""
    size, lanes = x.shape
    offset = state.lane[OFFSET]
    cell = state.mark[CELL]
    share = np.float32(1.0) / np.float32(size)
    if size == 6:
        x0, x1, x2, x3, x4, x5 = x[0], x[1], x[2], x[3], x[4], x[5]
        for i in range(lanes):
            o = offset[i]
            total = (((((x0[i] - o) + (x1[i] - o)) + (x2[i] - o)) + (x3[i] - o)) + (x4[i] - o)) + (x5[i] - o)
            means[i] = total * share
    else:
        for i in range(lanes):
            means[i] = np.float32(0.0)
        for j in range(size):
            row = x[j]
            for i in range(lanes):
                means[i] += row[i] - offset[i]
        for i in range(lanes):
            means[i] *= share
    holes = np.int32(0)
    for i in range(lanes):
        holes |= np.int32(not abs(means[i]) < MOST_G) & cell[i]
    if holes:
        mend_block(x, means, offset, cell)


@compiled
def mend_block(
    x: NDArray[np.float32], means: NDArray[np.float32], offset: NDArray[np.float32], cell: NDArray[np.int32]
) -> None:
    """The same for plates of which samples are missing: half of them must be there.

    A plate's first sample sets its offset.
    """
    size, lanes = x.shape
    for i in range(lanes):
        if cell[i] == 0 or abs(means[i]) < MOST_G:
            continue
        count = 0
        total = np.float32(0.0)
        for j in range(size):
            value = x[j, i]
            if abs(value) < MOST_G:
                if offset[i] != offset[i]:
                    offset[i] = value
                total += value - offset[i]
                count += 1
        means[i] = total / np.float32(count) if 2 * count >= size else np.float32(np.nan)


@compiled
def tick(number: int, state: PlateState) -> bool:
    """One step of 0.2 s on all plates: follow the levels and the noise; True where some plate left its level.

    The loops are many and small: a compiler runs a loop on several plates at once only where it can check at little
    cost that the rows written are not those read.
    """
    lane, mark, pair = state.lane, state.mark, state.pair
    lanes = lane.shape[1]
    half, third, one, zero = np.float32(0.5), np.float32(1.0 / 3.0), np.float32(1.0), np.float32(0.0)
    small, large = np.float32(LEAST_NOISE_G), np.float32(1e9)
    b0, b1 = state.block[(2 * number) % HISTORY], state.block[(2 * number + 1) % HISTORY]
    p0, p1, p2 = pair[number % PAIRS], pair[(number - 1) % PAIRS], pair[(number - 2) % PAIRS]
    now, before = state.triple[number % PAIRS], state.triple[(number - 3) % PAIRS]
    old = pair[(number - 6) % PAIRS]
    for i in range(lanes):
        p0[i] = (b0[i] + b1[i]) * half
    for i in range(lanes):
        now[i] = ((p0[i] + p1[i]) + p2[i]) * third
    ref, count, open_at, fed = lane[REF], lane[COUNT], mark[OPEN_AT], mark[FED]
    for i in range(lanes):  # what leaves the recent 1.2 s undisturbed becomes part of the reference
        take = (open_at[i] <= number - 6) & (old[i] == old[i])
        n = min(count[i] + one, REF_PAIRS)
        step = (old[i] - ref[i]) / n
        count[i] = n if take else count[i]
        fed[i] = number - 6 if take else fed[i]
        ref[i] = ref[i] + step if take else ref[i]
    dev, rough, sway, spread = lane[DEV], lane[ROUGH], lane[SWAY], lane[SPREAD]
    age, pace = lane[AGE], lane[PACE]
    for i in range(lanes):
        d = (now[i] + before[i]) * half - ref[i]
        d = d if count[i] >= np.float32(3.0) else zero
        d = d if open_at[i] != CLOSED else zero  # it moves already: the slow part looks after it
        dev[i] = d if d == d else zero
    for i in range(lanes):
        age[i] = min(age[i] + one, LEARN_SLOW) if now[i] == now[i] else age[i]
    for i in range(lanes):
        pace[i] = (HELD if open_at[i] == CLOSED else one) / min(age[i], LEARN_STEPS)
    for i in range(lanes):
        apart = abs(now[i] - before[i])
        apart = min(apart, CLIP * max(sway[i], THIRD * rough[i]) + small) if apart == apart else sway[i]
        sway[i] = max(sway[i] + (apart - sway[i]) * pace[i], small)
    for i in range(lanes):
        jump = abs(p0[i] - p1[i])
        most = CLIP * rough[i] + small if age[i] > FIRST_STEPS else large
        jump = min(jump, most) if jump == jump else rough[i]
        rough[i] = max(rough[i] + (jump - rough[i]) * pace[i], small)
    for i in range(lanes):
        off = min(abs(dev[i]), CLIP * spread[i] + small)
        spread[i] = max(spread[i] + (off - spread[i]) / age[i], small)
    left, right = lane[LEFT], lane[RIGHT]
    woken = np.int32(0)
    for i in range(lanes):
        woken |= np.int32(abs(dev[i]) > max(FLOOR_G, WAKE * max(sway[i], spread[i])))
    for i in range(1, lanes - 1):
        three = (dev[i] + left[i] * dev[i - 1]) + right[i] * dev[i + 1]
        noise = (sway[i] + left[i] * sway[i - 1]) + right[i] * sway[i + 1]
        woken |= np.int32(abs(three) > max(FLOOR_3_G, WAKE * noise))
    return bool(woken != 0)
