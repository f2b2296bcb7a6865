"""Telling an event, compiled: which plates belong to it, when it was, and whether it is only a bigger one's leak."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from walkout.sensing.compiled import compiled
from walkout.sensing.plate_noise import gain_of, roughness, span_of
from walkout.sensing.plate_state import (
    ECHOES,
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
    ONSET,
    PHASE,
    ROUGH,
    SWAY,
    PlateState,
)
from walkout.sensing.plate_steps import BACK_G, note_steps

MEMBER_G: Final = 2.0
MEMBER_SDS: Final = 3.0
"""A plate belongs to a change beside it when it moved by 3 sigma and by more than what plates wander in seconds (1-2
g)."""
GUARD_PLATES: Final = 3
"""Plates to either side whose reference waits while a plate moves; the leak measured is 2.1, 0.9 and 0 % at 1, 2, 3
plates."""

ECHO_SAME_SHELF: Final = 0.03
ECHO_OTHER_SHELF: Final = 0.01
"""A change smaller than this share of a simultaneous one is its leak (measured: 2.1 % beside, under 0.5 % on other
shelves)."""
ECHO_BLOCKS: Final = 5
"""Simultaneous: ends within half a second of the other one's end."""
OUTSHINE: Final = 0.5
"""A change of less than this share of the last big one does not take its place."""
AFTERMATH: Final = 0.015
AFTERMATH_BLOCKS: Final = 50
"""Boards and goods that touch go on sharing the load for a while: beside a big change (see GUARD_PLATES) its leak may
move by this share of it, most of the leak itself, for 5 s."""


@compiled
def moved(j: int, delta: NDArray[np.float64], var: NDArray[np.float64]) -> int:
    """The sign of a plate's change where there is one, else 0."""
    if abs(delta[j]) <= max(MEMBER_G, MEMBER_SDS * np.sqrt(var[j])):
        return 0
    return 1 if delta[j] > 0.0 else -1


@compiled
def extent(
    low: int,
    high: int,
    main: int,
    first: int,
    delta: NDArray[np.float64],
    var: NDArray[np.float64],
    state: PlateState,
) -> tuple[int, int]:
    """The run of plates about the main one that moved its way: moving ones, and resting ones that got their leak."""
    lo, hi = low, high
    while lo < main and moved(lo, delta, var) == 0:
        lo += 1
    while hi > main + 1 and moved(hi - 1, delta, var) == 0:
        hi -= 1
    sign = moved(main, delta, var)
    while lo > 0 and state.mark[PHASE, first + lo - 1] == 0 and moved(lo - 1, delta, var) * sign > 0:
        lo -= 1
    while hi < len(delta) and state.mark[PHASE, first + hi] == 0 and moved(hi, delta, var) * sign > 0:
        hi += 1
    return lo, hi


@compiled
def tell(
    number: int,
    lo: int,
    hi: int,
    main: int,
    onset: int,
    first: int,
    last: int,
    window: int,
    rest_g: float,
    delta: NDArray[np.float64],
    var: NDArray[np.float64],
    state: PlateState,
) -> None:
    """Write an event to the output, unless it is the leak of a bigger one."""
    meta, told = state.meta, state.told
    shelf = first // (last - first)
    start, end = span_of(
        first + main, number, state.mark[ONSET, first + main], delta[main], gain_of(first + main, rest_g, state), state
    )
    size_g = abs(delta[main])
    if is_echo(size_g, state.mark[ONSET, first + main], end, shelf, main, state):
        meta[ECHOES] += 1
        return
    row = meta[EVENTS]
    meta[EVENTS] += 1
    told[row, O_SHELF], told[row, O_FIRST], told[row, O_SIZE], told[row, O_MAIN] = shelf, lo, hi - lo, main
    oldest = max(number - HISTORY + 1, 0)
    told[row, O_ONSET_NS] = state.block_ns[max(min(onset, start), oldest) % HISTORY]
    told[row, O_START_NS] = state.block_ns[start % HISTORY]
    told[row, O_END_NS] = state.block_ns[end % HISTORY]
    told[row, O_REPORTED_NS] = meta[LAST_NS]
    told[row, O_BACK] = 0
    note_steps(row, number, lo, hi, max(min(onset, start), oldest), first, state)
    for j in range(lo, hi):
        state.told_g[row, 0, j - lo] = delta[j]
        state.told_g[row, 1, j - lo] = var[j]
        state.told_g[row, 2, j - lo] = roughness(first + j, number, window, state)
    latest, biggest = 2 * shelf, 2 * shelf + 1
    if size_g >= OUTSHINE * state.big_g[biggest] or end - state.big_at[biggest, 0] > AFTERMATH_BLOCKS:
        state.big_at[biggest], state.big_g[biggest] = (end, main), size_g
    state.big_at[latest], state.big_g[latest] = (end, main), size_g


@compiled
def tell_back(number: int, low: int, high: int, first: int, last: int, window: int, state: PlateState) -> None:
    """Write what plates held for a while before they came back to where they were, if it was more than a hand holds."""
    meta, told = state.meta, state.told
    row = meta[EVENTS]
    onset = number
    for j in range(low, high):
        if state.mark[PHASE, j]:
            onset = min(onset, state.mark[ONSET, j])
    if note_steps(row, number, low - first, high - first, onset, first, state) < BACK_G:
        return
    meta[EVENTS] += 1
    main = low
    for j in range(low, high):
        if abs(state.step_g[row, 0, j - low]) > abs(state.step_g[row, 0, main - low]):
            main = j
    oldest = max(number - HISTORY + 1, 0)
    told[row, O_SHELF], told[row, O_FIRST], told[row, O_SIZE] = first // (last - first), low - first, high - low
    told[row, O_MAIN], told[row, O_REPORTED_NS], told[row, O_BACK] = main - first, meta[LAST_NS], 1
    told[row, O_ONSET_NS] = told[row, O_START_NS] = state.block_ns[max(onset, oldest) % HISTORY]
    told[row, O_END_NS] = state.block_ns[max(number - window, oldest) % HISTORY]
    for j in range(low, high):
        state.told_g[row, 0, j - low] = 0.0
        state.told_g[row, 1, j - low] = state.lane[SWAY, j] ** 2
        state.told_g[row, 2, j - low] = state.lane[ROUGH, j]


@compiled
def is_echo(size_g: float, onset: int, end: int, shelf: int, plate: int, state: PlateState) -> bool:
    """Whether a change is no more than the leak of a bigger one."""
    for other in range(len(state.big_g)):
        apart = end - state.big_at[other, 0]
        together = abs(apart) <= ECHO_BLOCKS
        if other // 2 != shelf:
            if together and size_g < ECHO_OTHER_SHELF * state.big_g[other]:
                return True
            continue
        beside = abs(plate - state.big_at[other, 1]) <= GUARD_PLATES
        if beside and 0 <= apart <= AFTERMATH_BLOCKS:
            together = together or onset <= state.big_at[other, 0] + ECHO_BLOCKS  # it began then; its end is a guess
            if size_g < AFTERMATH * state.big_g[other]:
                return True
        if together and size_g < ECHO_SAME_SHELF * state.big_g[other]:
            return True
    return False
