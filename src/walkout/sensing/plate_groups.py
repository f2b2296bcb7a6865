"""The slow part of the plate detector: plates that left their level, until they are settled again and an event is told.

Compiled, and called only for a step of 0.2 s in which some plate of the fixture moves.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from walkout.sensing.compiled import compiled
from walkout.sensing.plate_noise import (
    FLOOR_3_G,
    FLOOR_G,
    REF_PAIRS,
    at_rest,
    excess_of,
    gain_of,
    left_its_level,
    level,
    mean_sd,
    onset_of,
    ref_variance,
    roughness,
    steady,
)
from walkout.sensing.plate_state import (
    ACTIVE,
    BESIDE,
    CELL,
    CLOSED,
    COUNT,
    FED,
    HISTORY,
    LOADED,
    ONSET,
    OPEN_AT,
    PHASE,
    REF,
    SPREAD,
    STEADY,
    PlateState,
)
from walkout.sensing.plate_tell import GUARD_PLATES, extent, moved, tell, tell_back
from walkout.sensing.plate_wait import CONFIRM_UP, LEAST_PART, goes_on, ready, same_time_end, settled_up, source_moves

SURE: Final = 5.5
"""An event needs this many standard deviations. 360 plates x 3,600 s are 1.3 million seconds an hour; a Gaussian
passes 4.9 sigma in one of a million, so noise alone would make about one event an hour in a whole shop even where
the floor does not bind; the rest is for footsteps, which come in bursts."""
SPREAD_SURE: Final = 4.0
"""The same in mean absolute deviations about the reference, learned over 20 s: 4 x 0.8 = 3.2 sigma of a slow wander,
which comes on top of the floor's own margin."""
LOUDER: Final = 1.5
"""... and this many times the mean jump between means over 0.2 s in the window itself: bursts of footsteps are no
Gaussian noise, and on the loudest plates their levels stray by as much for a second or two."""
WINDOW: Final = 8
"""Blocks that give the new level: 0.8 s averages ringing of 7-9 Hz and white noise to a sixth and leaves a second try
within 1.5 s of the change."""
CONFIRM: Final = 3
"""Two of the last three steps of 0.2 s must look settled, so that no part of the change is left inside the window.
(A settled step counts 2, and one that is not takes back what exceeds 1, and then that.)"""
STILL_AWAY: Final = 0.6
UNDECIDED: Final = 60
"""A plate that is away by more than this share of what an event needs is watched for 6 s more before it counts as
back."""
STUMBLE: Final = 2
"""... of which an unsteady step takes back this many: a footstep is forgiven, a hand that moves on is not."""


@compiled
def settle_shelf(
    number: int, shelf: int, plates: int, woken: bool, window: int, confirm: int, confirm_up: int, state: PlateState
) -> None:
    """Follow the moving plates of one shelf at block `number`; events go to `state.told`.

    `woken`: the fast part saw a plate leave its level; `window`: blocks that give the new level; `confirm`,
    `confirm_up`: steps that must look settled (smaller at the end of a stream).
    """
    first, last = shelf * plates, (shelf + 1) * plates
    phase = state.mark[PHASE]
    moving = 0
    for i in range(first, last):
        if woken and phase[i] == 0 and left_its_level(i, first, last, state):
            activate(i, number, state)
            state.lane[BESIDE, i] = at_rest(number // 2, first, last, False, state)
        moving += phase[i]
    if moving == 0:
        return
    rest_g = at_rest(number // 2, first, last, True, state)
    delta = np.zeros(plates, np.float64)
    var = np.zeros(plates, np.float64)
    calm = count_steady(number, first, last, window, rest_g, state)
    if calm < confirm:
        guard(number, first, last, state)
        return
    measure(number, first, last, first, window, rest_g, delta, var, state)
    low = first
    while low < last:
        if phase[low] == 0:
            low += 1
            continue
        high = group_end(low, first, last, delta, var, state)
        conclude(number, low, high, first, last, window, confirm, confirm_up, rest_g, delta, var, state)
        low = high
    guard(number, first, last, state)


@compiled
def activate(i: int, number: int, state: PlateState) -> None:
    """A plate starts to move: find the hand's onset, and take into the reference what came before it."""
    lane, mark, block = state.lane, state.mark, state.block
    onset = onset_of(i, number, state)
    # The fast part has taken pairs up to number // 2 - 6; the clean ones after them count too.
    for pair in range(max(number // 2 - 5, mark[OPEN_AT, i]), (onset - 2) // 2):
        value = (block[(2 * pair) % HISTORY, i] + block[(2 * pair + 1) % HISTORY, i]) * np.float32(0.5)
        if value == value:
            n = min(lane[COUNT, i] + np.float32(1.0), REF_PAIRS)
            lane[REF, i] += (value - lane[REF, i]) / n
            lane[COUNT, i] = n
            mark[FED, i] = pair
    mark[PHASE, i] = 1
    mark[ONSET, i] = onset
    mark[STEADY, i] = 0
    mark[LOADED, i] = 0
    mark[OPEN_AT, i] = CLOSED


@compiled
def count_steady(number: int, first: int, last: int, window: int, rest_g: float, state: PlateState) -> int:
    """For how many steps each moving plate has been steady; the most of any comes back."""
    mark = state.mark
    most = 0
    for i in range(first, last):
        if mark[PHASE, i]:
            calm = steady(i, number, window, gain_of(i, rest_g, state), state)
            mark[STEADY, i] = mark[STEADY, i] + 2 if calm else max(min(mark[STEADY, i], 2) - 1, 0)
            mark[LOADED, i] = mark[LOADED, i] + 1 if calm else max(mark[LOADED, i] - STUMBLE, 0)
            most = max(most, mark[STEADY, i])
    return most


@compiled
def measure(
    number: int,
    low: int,
    high: int,
    first: int,
    window: int,
    rest_g: float,
    delta: NDArray[np.float64],
    var: NDArray[np.float64],
    state: PlateState,
) -> None:
    """How far each plate is from its reference now, with the variance; 0 where nothing is known."""
    lane, mark = state.lane, state.mark
    for i in range(low, high):
        if mark[CELL, i] and lane[COUNT, i] >= 3.0:
            now = level(i, number, window, state)
            if now == now:
                delta[i - first] = now - lane[REF, i]
                gain = gain_of(i, rest_g, state)
                sd = mean_sd(i, window, gain, state) * excess_of(i, number, window, gain, state)
                var[i - first] = sd * sd + ref_variance(i, number, state)


@compiled
def group_end(
    low: int, first: int, last: int, delta: NDArray[np.float64], var: NDArray[np.float64], state: PlateState
) -> int:
    """The end of the group of moving plates that begins at `low`.

    Ends where the sign turns or two plates are at rest.
    """
    phase = state.mark[PHASE]
    sign = moved(low - first, delta, var)
    high = low + 1
    for j in range(low + 1, last):
        if phase[j] == 0:
            if j > high:
                break
            continue
        other = moved(j - first, delta, var)
        if sign * other < 0:
            break
        sign = sign if sign != 0 else other
        high = j + 1
    return high


@compiled
def conclude(
    number: int,
    low: int,
    high: int,
    first: int,
    last: int,
    window: int,
    confirm: int,
    confirm_up: int,
    rest_g: float,
    delta: NDArray[np.float64],
    var: NDArray[np.float64],
    state: PlateState,
) -> None:
    """If a group of plates is settled: tell an event, or nothing where they are back at their level."""
    count, loaded, onset = ready(low, high, first, confirm, delta, state)
    if count < confirm:
        return
    changed, away, net, main = verdict(number, window, low - first, high - first, first, delta, var, state)
    if not changed:
        if not away or count >= UNDECIDED:
            tell_back(number, low, high, first, last, window, state)
            release(low, high, confirm, (number - window + 2) // 2, state)
        return
    if confirm_up == CONFIRM_UP:
        if source_moves(low, high, first, last, main, delta, state):
            return
        if net < 0.0 and goes_on(number, first + main, onset, delta[main], rest_g, state):
            return
        if net > 0.0:
            window = settled_up(number, low, high, first, main, onset, loaded, rest_g, delta, state)
            if window == 0:
                return
            measure(number, low, high, first, window, rest_g, delta, var, state)
    at = low
    while at < high:
        end = same_time_end(number, at, high, first, rest_g, delta, var, state)
        tell_part(number, at, end, first, last, window, rest_g, delta, var, state)
        at = end
    release(low, high, confirm, number // 2 + 1, state)


@compiled
def tell_part(
    number: int,
    low: int,
    high: int,
    first: int,
    last: int,
    window: int,
    rest_g: float,
    delta: NDArray[np.float64],
    var: NDArray[np.float64],
    state: PlateState,
) -> None:
    """Tell what changed at one time on some neighbouring plates, and take it into their references."""
    mark = state.mark
    main, onset = low - first, number
    for j in range(low, high):
        if abs(delta[j - first]) > abs(delta[main]):
            main = j - first
    for j in range(low, high):
        if mark[PHASE, j] and abs(delta[j - first]) >= LEAST_PART * abs(delta[main]):
            onset = min(onset, mark[ONSET, j])
    lo, hi = extent(low - first, high - first, main, first, delta, var, state)
    tell(number, lo, hi, main, onset, first, last, window, rest_g, delta, var, state)
    for j in range(first + lo, first + hi):
        if delta[j - first] != 0.0:
            state.lane[REF, j] += np.float32(delta[j - first])
            state.lane[COUNT, j] = min(np.float32(window // 2), REF_PAIRS)
            mark[OPEN_AT, j] = number // 2 + 1
            mark[FED, j] = number // 2
            delta[j - first] = 0.0  # another group of this step must not tell it again


@compiled
def release(low: int, high: int, confirm: int, open_at: int, state: PlateState) -> None:
    """Settled plates move no longer; their references learn again from a pair on."""
    for j in range(low, high):
        if state.mark[PHASE, j] and state.mark[STEADY, j] >= confirm:
            state.mark[PHASE, j] = 0
            state.mark[STEADY, j] = 0
            state.mark[OPEN_AT, j] = open_at


@compiled
def verdict(
    number: int,
    window: int,
    low: int,
    high: int,
    first: int,
    delta: NDArray[np.float64],
    var: NDArray[np.float64],
    state: PlateState,
) -> tuple[bool, bool, float, int]:
    """Whether one, two or three neighbouring plates changed beyond doubt, or may have.

    Also the net change, and the plate that moved most.
    """
    changed = away = False
    net = 0.0
    main = low
    for j in range(low, high):
        net += delta[j]
        if abs(delta[j]) > abs(delta[main]):
            main = j
        total, total_var, spread, rough = 0.0, 0.0, 0.0, 0.0
        for k in range(j, min(high, j + 3)):
            total += delta[k]
            total_var += var[k]
            spread = max(spread, state.lane[SPREAD, first + k])
            rough = max(rough, roughness(first + k, number, window, state))
            width = float(k - j + 1)
            floor = FLOOR_G + (FLOOR_3_G - FLOOR_G) * (width - 1.0) / 2.0
            # Neighbours on one board share up to 0.4 of their noise: a sum of three has up to 1.8 x the variance.
            sure = SURE * np.sqrt(total_var * (1.0 + 0.4 * (width - 1.0)))
            least = max(floor, sure, max(SPREAD_SURE * spread, LOUDER * rough) * np.sqrt(width))
            changed = changed or abs(total) > least
            away = away or abs(total) > STILL_AWAY * least
    return changed, away, net, main


@compiled
def guard(number: int, first: int, last: int, state: PlateState) -> None:
    """Count the plates that still move, and let the references beside them wait."""
    mark = state.mark
    for i in range(first, last):
        if mark[PHASE, i]:
            state.meta[ACTIVE] += 1
            for j in range(max(first, i - GUARD_PLATES), min(last, i + GUARD_PLATES + 1)):
                if mark[PHASE, j] == 0:
                    mark[OPEN_AT, j] = max(mark[OPEN_AT, j], number // 2 - 4)
