"""The slow part of the plate detector: plates that left their level, until they are settled again and an event is told.

Compiled, and called only for a step of 0.2 s in which some plate of the fixture moves.
"""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from walkout.sensing.plate_noise import (
    FLOOR_3_G,
    FLOOR_G,
    WAKE,
    level,
    mean_sd,
    onset_of,
    ref_variance,
    restlessness,
    shaking,
    span_of,
    steady,
)
from walkout.sensing.plate_state import (
    ACTIVE,
    BIG_END,
    BIG_PLATE,
    BIG_SHELF,
    CELL,
    CLOSED,
    COUNT,
    DEV,
    ECHOES,
    EVENTS,
    FED,
    HISTORY,
    O_END,
    O_FIRST,
    O_MAIN,
    O_ONSET,
    O_REPORTED,
    O_SHELF,
    O_SIZE,
    O_START,
    ONSET,
    OPEN_AT,
    PHASE,
    REF,
    REF_PAIRS,
    SPREAD,
    STEADY,
    SWAY,
)

SURE: Final = 5.0
"""An event needs this many standard deviations. 360 plates x 3,600 s are 1.3 million seconds an hour; a Gaussian passes 5
sigma in 0.6 of a million, so noise alone makes under one event an hour in a whole shop even where the floor does not bind."""
SPREAD_SURE: Final = 4.0
"""The same in mean absolute deviations about the reference, learned over 20 s: 4 x 0.8 = 3.2 sigma of a slow wander, which
comes on top of the floor's own margin."""
WINDOW: Final = 10
"""Blocks (1 s) that give the new level. 1 s is a whole number of periods of every integer frequency: ringing averages out."""
CONFIRM: Final = 2
"""Steps of 0.2 s in a row that must look settled, so that no part of the change is left inside the window."""
GUARD_PLATES: Final = 3
"""Plates to either side whose reference waits while a plate moves; the measured leak is 2.1, 0.9 and 0.0 % at 1, 2, 3 plates."""
ECHO_SAME_SHELF: Final = 0.03
ECHO_OTHER_SHELF: Final = 0.01
"""A change smaller than this share of a simultaneous one is its leak (measured: 2.1 % beside, under 0.5 % on other shelves)."""
ECHO_BLOCKS: Final = 5
"""Simultaneous: ends within half a second of the other one's end."""
AFTERMATH: Final = 0.015
AFTERMATH_BLOCKS: Final = 50
"""Boards and goods that touch go on sharing the load for a while: beside a big change (see GUARD_PLATES) its leak may move by
this share of it, most of the leak itself, for 5 s."""


@njit(cache=True)
def settle_shelf(
    number: int,
    shelf: int,
    plates: int,
    window: int,
    confirm: int,
    block: NDArray[np.float32],
    lane: NDArray[np.float32],
    mark: NDArray[np.int32],
    meta: NDArray[np.int64],
    big_g: NDArray[np.float64],
    out_int: NDArray[np.int64],
    out_float: NDArray[np.float64],
) -> None:
    """Follow the moving plates of one shelf at block `number`; events go to the output, counted in `meta[EVENTS]`.

    `window`: blocks that give the new level; `confirm`: steps that must look settled (both smaller at the end of a stream).
    """
    first, last = shelf * plates, (shelf + 1) * plates
    phase, open_at = mark[PHASE], mark[OPEN_AT]
    moving = 0
    for i in range(first, last):
        if phase[i] == 0 and left_its_level(i, first, last, lane):
            activate(i, number, block, lane, mark)
        moving += phase[i]
    if moving == 0:
        return
    gain = restlessness(number, first, last, block, lane, mark)
    i = first
    while i < last:
        if phase[i] == 0:
            i += 1
            continue
        low = i
        high = i + 1
        while high < last and (phase[high] == 1 or (high + 1 < last and phase[high + 1] == 1)):
            high += 1
        settled = True
        for j in range(max(first, low - 1), min(last, high + 1)):
            if mark[CELL, j] and not steady(j, number, window, gain, block, lane):
                settled = False
        mark[STEADY, low] = mark[STEADY, low] + 1 if settled else 0
        for j in range(low + 1, high):
            mark[STEADY, j] = mark[STEADY, low]
        if mark[STEADY, low] >= confirm:
            conclude(
                number, low, high, first, last, shelf, window, gain, block, lane, mark, meta, big_g, out_int, out_float
            )
        i = high
    for i in range(first, last):
        if phase[i]:
            meta[ACTIVE] += 1
            for j in range(max(first, i - GUARD_PLATES), min(last, i + GUARD_PLATES + 1)):
                if phase[j] == 0:
                    open_at[j] = max(open_at[j], number // 2 - 4)


@njit(cache=True)
def left_its_level(i: int, first: int, last: int, lane: NDArray[np.float32]) -> bool:
    """Whether a plate, or it with its neighbours, is far from its reference; the wake-up test of the fast part."""
    dev, sway, spread = lane[DEV], lane[SWAY], lane[SPREAD]
    if abs(dev[i]) > max(FLOOR_G, WAKE * max(sway[i], spread[i])):
        return True
    total, noise = np.float32(0.0), np.float32(0.0)
    for j in range(max(first, i - 1), min(last, i + 2)):
        total += dev[j]
        noise += sway[j]
    return abs(total) > max(FLOOR_3_G, WAKE * noise) and abs(dev[i]) * np.float32(4.0) > abs(total)


@njit(cache=True)
def activate(
    i: int, number: int, block: NDArray[np.float32], lane: NDArray[np.float32], mark: NDArray[np.int32]
) -> None:
    """A plate starts to move: find the hand's onset, and take into the reference what came before it."""
    onset = onset_of(i, number, block, lane)
    mark[PHASE, i] = 1
    mark[ONSET, i] = onset
    mark[STEADY, i] = 0
    # The fast part has taken pairs up to number // 2 - 6; the clean ones after them count too.
    for pair in range(max(number // 2 - 5, mark[OPEN_AT, i]), (onset - 2) // 2):
        value = (block[(2 * pair) % HISTORY, i] + block[(2 * pair + 1) % HISTORY, i]) * np.float32(0.5)
        if value == value:
            n = min(lane[COUNT, i] + np.float32(1.0), REF_PAIRS)
            lane[REF, i] += (value - lane[REF, i]) / n
            lane[COUNT, i] = n
            mark[FED, i] = pair
    mark[OPEN_AT, i] = CLOSED


@njit(cache=True)
def conclude(
    number: int,
    low: int,
    high: int,
    first: int,
    last: int,
    shelf: int,
    window: int,
    gain: float,
    block: NDArray[np.float32],
    lane: NDArray[np.float32],
    mark: NDArray[np.int32],
    meta: NDArray[np.int64],
    big_g: NDArray[np.float64],
    out_int: NDArray[np.int64],
    out_float: NDArray[np.float64],
) -> None:
    """A group of plates is settled: tell an event, or nothing where they are back at their level."""
    size = last - first
    delta = np.zeros(size, np.float64)
    var = np.zeros(size, np.float64)
    onset = mark[ONSET, low]
    for j in range(low, high):
        if mark[PHASE, j]:
            onset = min(onset, mark[ONSET, j])
    for j in range(first, last):
        if mark[CELL, j] and lane[COUNT, j] >= 3.0:
            now = level(j, number, window, block)
            if now == now:
                delta[j - first] = now - lane[REF, j]
                var[j - first] = mean_sd(j, window, gain, lane) ** 2 + ref_variance(j, number - 2 * mark[FED, j], lane)
    changed, net, main = verdict(low - first, high - first, first, delta, var, lane)
    if changed and net > 0.0:
        # Only a hand adds weight that trembles; wait for it to go.
        for j in range(low, high):
            if shaking(j, number, window, gain, block, lane):
                mark[STEADY, low] = 0
                return
    lo, hi = low, high
    if changed:
        while lo > first and belongs(lo - 1, first, mark, delta, var):
            lo -= 1
        while hi < last and belongs(hi, first, mark, delta, var):
            hi += 1
        start, end = span_of(first + main, number, onset, delta[main], gain, block, lane)
        size_g = 0.0
        for j in range(lo - first, hi - first):
            size_g = max(size_g, abs(delta[j]))
        if is_echo(size_g, end, shelf, main, meta, big_g):
            meta[ECHOES] += 1
        else:
            row = meta[EVENTS]
            out_int[row, O_SHELF], out_int[row, O_FIRST], out_int[row, O_SIZE] = shelf, lo - first, hi - lo
            out_int[row, O_MAIN], out_int[row, O_ONSET] = main, min(onset, start)
            out_int[row, O_START], out_int[row, O_END], out_int[row, O_REPORTED] = start, end, number
            for j in range(lo, hi):
                out_float[row, 0, j - lo] = delta[j - first]
                out_float[row, 1, j - lo] = var[j - first]
            meta[EVENTS] += 1
            if size_g >= AFTERMATH * big_g[0] or end - meta[BIG_END] > AFTERMATH_BLOCKS:
                meta[BIG_SHELF], meta[BIG_PLATE], meta[BIG_END] = shelf, main, end
                big_g[0] = size_g
    for j in range(lo, hi):
        mark[PHASE, j] = 0
        mark[STEADY, j] = 0
        mark[OPEN_AT, j] = (number - window + 2) // 2
        if changed and delta[j - first] != 0.0:
            lane[REF, j] += np.float32(delta[j - first])
            lane[COUNT, j] = np.float32(window // 2)
            mark[OPEN_AT, j] = number // 2 + 1
            mark[FED, j] = number // 2


@njit(cache=True)
def verdict(
    low: int, high: int, first: int, delta: NDArray[np.float64], var: NDArray[np.float64], lane: NDArray[np.float32]
) -> tuple[bool, float, int]:
    """Whether one, two or three neighbouring plates changed beyond doubt; with the net change and the plate that moved most."""
    changed = False
    net = 0.0
    main = low
    for j in range(low, high):
        net += delta[j]
        if abs(delta[j]) > abs(delta[main]):
            main = j
        total, total_var, spread = 0.0, 0.0, 0.0
        for k in range(j, min(high, j + 3)):
            total += delta[k]
            total_var += var[k]
            spread = max(spread, lane[SPREAD, first + k])
            width = float(k - j + 1)
            floor = FLOOR_G * (width + 2.0) / 3.0 if width < 3.0 else FLOOR_3_G
            # Neighbours on one board share up to 0.4 of their noise: a sum of three has up to 1.8 x the variance.
            sure = SURE * np.sqrt(total_var * (1.0 + 0.4 * (width - 1.0)))
            if abs(total) > max(max(floor, sure), SPREAD_SURE * spread * np.sqrt(width)):
                changed = True
    return changed, net, main


@njit(cache=True)
def is_echo(
    size_g: float, end: int, shelf: int, plate: int, meta: NDArray[np.int64], big_g: NDArray[np.float64]
) -> bool:
    """Whether a change is no more than the leak of a bigger one."""
    apart = end - meta[BIG_END]
    if meta[BIG_SHELF] == shelf:
        beside = abs(plate - meta[BIG_PLATE]) <= GUARD_PLATES
        if beside and 0 <= apart <= AFTERMATH_BLOCKS and size_g < AFTERMATH * big_g[0]:
            return True
        return bool(abs(apart) <= ECHO_BLOCKS and size_g < ECHO_SAME_SHELF * big_g[0])
    return bool(abs(apart) <= ECHO_BLOCKS and size_g < ECHO_OTHER_SHELF * big_g[0])


@njit(cache=True)
def belongs(j: int, first: int, mark: NDArray[np.int32], delta: NDArray[np.float64], var: NDArray[np.float64]) -> bool:
    """Whether a plate beside an event moved with it: 3 sigma, and more than its own wander of 1-2 g."""
    return (
        mark[CELL, j] == 1 and mark[PHASE, j] == 0 and abs(delta[j - first]) > max(2.0, 3.0 * np.sqrt(var[j - first]))
    )
