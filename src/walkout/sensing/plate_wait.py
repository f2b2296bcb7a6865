"""Whether a change of weight is over and all of it is known: slow lifts, resting hands, leak; compiled."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from walkout.sensing.compiled import compiled
from walkout.sensing.plate_noise import PATIENCE, creeps, gain_of, level, roughness, shaking, span_of, steady
from walkout.sensing.plate_state import LOADED, ONSET, PHASE, STEADY, PlateState
from walkout.sensing.plate_tell import ECHO_SAME_SHELF

SHARP: Final = 5
SLOW_G: Final = 100.0
WINDOW_SLOW: Final = 12
WINDOW_SLOW_LIGHT: Final = 30
"""A change that took longer than half a second may still go on: more of it must look settled, 1.2 s, or 3 s below
100 g, so that a slow lift under somebody's footsteps, or of a light item, is not told in pieces."""
CONFIRM_UP: Final = 17
WINDOW_UP: Final = 40
"""The same for more weight than before: 4 s in all. A resting hand weighs like goods until it goes; hands on goods
that nobody takes rest for a second or two. Nothing but a take makes a plate lighter, so takes do not wait."""
LEVEL_UP: Final = 30
"""... and their level is the mean over the last 3 s of it."""
WINDOW_STILL: Final = 16
STILL_STEPS: Final = 5
STILL_ROUGH: Final = 0.004
"""... unless they lie for 1.6 s as still as no hand does: a hand's force varies by 2-5 %, mostly under 2 Hz, so that
means over 0.2 s jump by 1.5-3 % of it on average. Of 6,000 made hands each that rest for 0.3-4 s, none that varies by 3
or 4 % ever was so still, and three in a thousand of those that vary by 2 %. The halves of the window must agree too."""
WINDOW_QUITE: Final = 26
QUITE_STEPS: Final = 10
QUITE_ROUGH: Final = 0.006
"""... or for 2.6 s nearly so, where twelve jumps tell more than seven."""
LEAST_PART: Final = 0.08
"""Plates that moved by less than this share of the one beside them that moved most show its leak, or no more."""
APART: Final = 5
"""Neighbouring plates of which one has settled for more than half a second before the other begins to move did not
change together."""
PART_SDS: Final = 11.0
"""... which is known of plates that moved by twice as many standard deviations as an event needs."""
PATIENT_STEPS: Final = 9
"""... and so many (2.4 s) are enough, without a look at trembling, on a plate whose trouble is older than PATIENCE."""


@compiled
def ready(
    low: int, high: int, first: int, confirm: int, delta: NDArray[np.float64], state: PlateState
) -> tuple[int, int, int]:
    """For how many steps a group has looked settled, the same under more weight, and the block at which it began.

    Only plates that moved count. One that shakes by itself beside them must not hold them up: it stays out.
    """
    mark = state.mark
    most = 0.0
    for j in range(low, high):
        if mark[PHASE, j]:
            most = max(most, abs(delta[j - first]))
    count = loaded = onset = 10**9
    for j in range(low, high):
        if mark[PHASE, j]:
            if abs(delta[j - first]) >= LEAST_PART * most:
                count = min(count, mark[STEADY, j])
                loaded = min(loaded, mark[LOADED, j])
                onset = min(onset, mark[ONSET, j])
            elif mark[STEADY, j] < confirm:
                delta[j - first] = 0.0
    return count, loaded, onset


@compiled
def goes_on(number: int, main: int, onset: int, delta_g: float, rest_g: float, state: PlateState) -> bool:
    """Whether a plate that became lighter slowly may still become lighter."""
    if creeps(main, number, delta_g, state):
        return True
    gain = gain_of(main, rest_g, state)
    start, end = span_of(main, number, onset, delta_g, gain, state)
    slow = WINDOW_SLOW if abs(delta_g) > SLOW_G else WINDOW_SLOW_LIGHT
    return bool(end - start > SHARP and not steady(main, number, slow, gain, state))


@compiled
def settled_up(
    number: int,
    low: int,
    high: int,
    first: int,
    main: int,
    onset: int,
    loaded: int,
    rest_g: float,
    delta: NDArray[np.float64],
    state: PlateState,
) -> int:
    """How many blocks give the level of plates that became heavier; 0 while it may be a hand.

    It may be one while it has not lasted long enough, or trembles, or still changes.
    """
    if loaded >= STILL_STEPS and still(number, WINDOW_STILL, STILL_ROUGH, low, high, first, main, delta, state):
        return WINDOW_STILL
    if loaded >= QUITE_STEPS and still(number, WINDOW_QUITE, QUITE_ROUGH, low, high, first, main, delta, state):
        return WINDOW_QUITE
    late = number - onset >= PATIENCE
    if loaded < (PATIENT_STEPS if late else CONFIRM_UP):
        return 0
    for j in range(low, high):
        gain = gain_of(j, rest_g, state)
        if state.mark[PHASE, j] and not late and shaking(j, number, WINDOW_UP, gain, state):
            return 0
    return LEVEL_UP if steady(first + main, number, LEVEL_UP, gain_of(first + main, rest_g, state), state) else 0


@compiled
def still(
    number: int,
    window: int,
    share: float,
    low: int,
    high: int,
    first: int,
    main: int,
    delta: NDArray[np.float64],
    state: PlateState,
) -> bool:
    """Whether more weight lies as still as no hand of that weight would: jumps below this share of it."""
    half = window // 2
    for j in range(low, high):
        grams = abs(delta[j - first])
        if grams >= LEAST_PART * abs(delta[main]):
            apart = abs(level(j, number, half, state) - level(j, number - half, half, state))
            if not (roughness(j, number, window, state) <= share * grams and apart <= 2.0 * STILL_ROUGH * grams):
                return False
    return True


@compiled
def source_moves(
    low: int, high: int, first: int, last: int, main: int, delta: NDArray[np.float64], state: PlateState
) -> bool:
    """Whether a change may be the leak of a bigger one on the shelf that is not told yet."""
    most = 0.0
    for j in range(first, last):
        if state.mark[PHASE, j] and not low <= j < high:
            most = max(most, abs(delta[j - first]))
    return bool(abs(delta[main]) < ECHO_SAME_SHELF * most)


@compiled
def same_time_end(
    number: int,
    low: int,
    high: int,
    first: int,
    rest_g: float,
    delta: NDArray[np.float64],
    var: NDArray[np.float64],
    state: PlateState,
) -> int:
    """The end of the plates from `low` on that changed at one time; what is no more than leak goes with its source."""
    most = 0.0
    for j in range(low, high):
        most = max(most, abs(delta[j - first]))
    before, begin, end = -1, 0, 0
    for j in range(low, high):
        size = abs(delta[j - first])
        if size < max(LEAST_PART * most, PART_SDS * np.sqrt(var[j - first])):
            continue
        start, stop = span_of(j, number, state.mark[ONSET, j], delta[j - first], gain_of(j, rest_g, state), state)
        if before >= 0 and (start - end > APART or begin - stop > APART):
            return before + 1 if size > abs(delta[before - first]) else j
        before, begin, end = j, start, stop
    return high
