"""The changes that make up one shelf event, from the levels that its plates held in between."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from walkout.sensing.event import ShelfEvent

LEAST_G: Final = 8.0
LEAST_SHARE: Final = 0.02
"""Levels that differ by less than this, or by this share of the greater, are one: goods settle and boards give."""
BRIEF_NS: Final = 500_000_000
HAND_G: Final = 60.0
"""A level that was held for less than half a second beside one no farther than this is a hand on the same goods: hands
load a plate by 10 to 55 g for 0.3 s on the real visit."""
HAND_SD_G: Final = 25.0
"""... so a level that was held so briefly alone may be goods and a hand."""
SETTLED_S: Final = 0.8
"""The variance of an event is of levels over about so long; a shorter one is as much less sure."""


def steps_of(event: ShelfEvent, held_ns: NDArray[np.int64], held_g: NDArray[np.float64]) -> tuple[ShelfEvent, ...]:
    """The changes between the levels that were held, in time order; none where there was but one.

    Args:
        event: The whole, told by its net change.
        held_ns: From when to when each level was held, UTC nanoseconds, shape (levels, 2); 0 ends the list.
        held_g: The levels, grams from the one before the event, shape (levels, plates of the event).
    """
    last_g = np.array(event.delta_g, np.float64)
    levels = [(event.onset_ns, event.onset_ns, np.zeros(len(event.plates)))]
    held = [(a, b, grams) for (a, b), grams in zip(held_ns.tolist(), held_g, strict=True) if a]
    for from_ns, to_ns, grams in _without_hands(held):
        if _apart(levels[-1][2], grams):
            levels.append((from_ns, to_ns, grams))
        else:
            levels[-1] = (levels[-1][0], to_ns, levels[-1][2])
    if _apart(levels[-1][2], last_g):
        levels.append((max(event.end_ns, levels[-1][1]), event.reported_ns, last_g))
    elif len(levels) > 1:
        levels[-1] = (*levels[-1][:2], last_g)
    if len(levels) < 3:
        return ()
    return tuple(_step(event, before, after) for before, after in pairwise(levels))


Level = tuple[int, int, NDArray[np.float64]]
"""From when, until when, grams of each plate."""


def _without_hands(held: Sequence[Level]) -> list[Level]:
    """The levels less those that were a hand's weight on goods, before or after they lay alone."""
    found = []
    for n, level in enumerate(held):
        beside = [other for other in (*held[max(0, n - 1) : n], *held[n + 1 : n + 2]) if _nearly(level, other)]
        brief = level[1] - level[0] < BRIEF_NS
        if not (brief and any(other[1] - other[0] >= level[1] - level[0] for other in beside)):
            found.append(level)
    return found


def _nearly(one: Level, other: Level) -> bool:
    return abs(float(one[2].sum() - other[2].sum())) <= HAND_G


def _apart(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    far_g = abs(float(other.sum() - one.sum()))
    return far_g > max(LEAST_G, LEAST_SHARE * max(abs(float(one.sum())), abs(float(other.sum()))))


def _step(event: ShelfEvent, before: Level, after: Level) -> ShelfEvent:
    delta_g = after[2] - before[2]
    main = int(np.argmax(np.abs(delta_g)))
    start_ns = min(before[1], after[0])
    held_s = [max(0.1, (level[1] - level[0]) / 1e9) for level in (before, after) if level[1] > level[0]]
    wider = sum(max(1.0, SETTLED_S / s) for s in held_s)
    briefly = any(0 < level[1] - level[0] < BRIEF_NS for level in (before, after))
    return replace(
        event,
        id=f"{event.fixture}/{event.shelf}/{event.plates[main]}@{start_ns // 10**9}.{start_ns // 10**6 % 1000:03d}",
        delta_g=tuple(round(float(grams), 3) for grams in delta_g),
        cov_g2=_widened(event.cov_g2, max(1.0, wider), main, HAND_SD_G**2 if briefly else 0.0),
        onset_ns=start_ns,
        start_ns=start_ns,
        end_ns=max(start_ns, after[0]),
        steps=(),
    )


def _widened(cov_g2: Sequence[Sequence[float]], by: float, main: int, more_g2: float) -> tuple[tuple[float, ...], ...]:
    """A covariance times a factor, and with so much more on the main plate."""
    return tuple(
        tuple(round(value * by + (more_g2 if i == j == main else 0.0), 4) for j, value in enumerate(row))
        for i, row in enumerate(cov_g2)
    )
