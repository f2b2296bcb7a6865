"""The levels between which a plate went before it settled: what was put down and soon taken again, compiled.

An event tells only the net change, as a hand that rests on goods weighs like goods until it goes. Where two people are
at the goods, one may put down what the other takes: then the levels in between matter, and they are noted here.
"""

from typing import Final

import numpy as np

from walkout.sensing.compiled import compiled
from walkout.sensing.plate_state import FED, HISTORY, REF, ROUGH, STEPS, PlateState

LEAST_BLOCKS: Final = 3
"""A level is held for 0.3 s at least: goods that are put down and taken at once lie alone for no longer."""
HELD_G: Final = 2.5
HELD_SHARE: Final = 0.015
"""... and strays by so much, or by this share of itself: a hand's force varies by 2-5 %, goods do not."""
HELD_NOISE: Final = 2.5
"""... or by so many times the plates' own mean jump."""
BACK_G: Final = 12.0
"""A level that was left again within seconds is noted from here up: below, it is mostly a hand."""


@compiled
def note_steps(row: int, number: int, lo: int, hi: int, onset: int, first: int, state: PlateState) -> float:
    """Write the levels that plates lo to hi of a shelf held since `onset`; how far the farthest was from the start.

    Levels are grams from the reference, which must not have taken in the change yet.
    """
    count = 0
    farthest = 0.0
    noise = 0.0
    for j in range(lo, hi):
        noise += state.lane[ROUGH, first + j] ** 2
    noise = np.sqrt(noise)
    begin = max(onset - 1, number - HISTORY + 1, 0)
    for j in range(lo, hi):  # what was before the last change that was told is not a level of this one
        begin = max(begin, 2 * state.mark[FED, first + j])
    low = high = 0.0
    start = begin
    for k in range(begin, number + 2):
        total = summed(k, number, lo, hi, first, state)
        if k > start:
            wide = 2.0 * max(HELD_G, HELD_SHARE * 0.5 * abs(low + high), HELD_NOISE * noise)
            if max(high, total) - min(low, total) <= wide:  # False for NaN
                low, high = min(low, total), max(high, total)
                continue
            if k - start >= LEAST_BLOCKS:
                trim = 1 if k - start > LEAST_BLOCKS + 1 else 0
                level, before = write_level(row, count, lo, hi, start + trim, k - trim, first, state)
                if count > 0 and abs(level - before) <= wide:
                    state.step_ns[row, count - 1, 1] = state.block_ns[(k - 1) % HISTORY]
                elif count < STEPS:
                    state.step_ns[row, count, 0] = state.block_ns[start % HISTORY]
                    state.step_ns[row, count, 1] = state.block_ns[(k - 1) % HISTORY]
                    farthest = max(farthest, abs(level))
                    count += 1
        start, low, high = k, total, total
    for rest in range(count, STEPS):
        state.step_ns[row, rest, 0] = 0
    return farthest


@compiled
def write_level(
    row: int, count: int, lo: int, hi: int, begin: int, end: int, first: int, state: PlateState
) -> tuple[float, float]:
    """Write the means of some blocks as the next level, where there is room; the plates' sum, and that of the last."""
    level = before = 0.0
    for j in range(lo, hi):
        grams = 0.0
        for k in range(begin, end):
            grams += state.block[k % HISTORY, first + j] - state.lane[REF, first + j]
        grams /= end - begin
        if count < STEPS:
            state.step_g[row, count, j - lo] = grams
        if count > 0:
            before += state.step_g[row, count - 1, j - lo]
        level += grams
    return level, before


@compiled
def summed(k: int, number: int, lo: int, hi: int, first: int, state: PlateState) -> float:
    """How far some plates together are from their references at one block; NaN after the last block."""
    if k > number:
        return float(np.nan)
    total = 0.0
    for j in range(lo, hi):
        total += state.block[k % HISTORY, first + j] - state.lane[REF, first + j]
    return total
