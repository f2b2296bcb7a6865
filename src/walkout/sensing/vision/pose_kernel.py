"""The inner loop of `pose`, compiled: each joint to the top of its map's hill where there is one near."""

import numpy as np
from numpy.typing import NDArray

from walkout.sensing.compiled import compiled

Floats = NDArray[np.float32]


@compiled
def peak(before: float, here: float, after: float) -> float:
    """Where between its neighbours a hill's top lies, -0.5..0.5: a parabola through three logarithms."""
    low, middle, high = np.log(max(before, 1e-6)), np.log(max(here, 1e-6)), np.log(max(after, 1e-6))
    bend = low - 2.0 * middle + high
    if not bend < -1e-9:
        return 0.0
    return float(min(max(0.5 * (low - high) / bend, -0.5), 0.5))


@compiled
def refine(
    places: Floats,
    spread: Floats,
    joints: Floats,
    fine: float,
    most_reach: float,
    least_hill: float,
    base: float,
    slope: float,
    unrefined: float,
) -> None:
    """Move joints (people, 8, 2), pixels, and scale their spreads (people, 8), in place.

    `joints` (8, rows, columns): where joints of anybody are, in cells of `fine` pixels; hills lower than `least_hill`
    do not count.
    """
    rows, columns = joints.shape[1], joints.shape[2]
    for person in range(len(places)):
        for joint in range(places.shape[1]):
            x, y = places[person, joint, 0] / fine, places[person, joint, 1] / fine
            reach = min(max(1.5 * spread[person, joint] / fine + 1.0, 1.5), most_reach)
            left, right = max(0, int(x - reach)), min(columns, int(x + reach) + 1)
            top, bottom = max(0, int(y - reach)), min(rows, int(y + reach) + 1)
            best, row, column = -1.0, -1, -1
            for r in range(top, bottom):
                for c in range(left, right):
                    hill = joints[joint, r, c]
                    if hill > best:  # else nothing far off makes it the best
                        far2 = (c + 0.5 - x) ** 2 + (r + 0.5 - y) ** 2
                        # Of two hills near, another person's may be the higher one: what lies nearer counts more.
                        worth = hill * np.exp(-far2 / (2.0 * reach * reach))
                        if worth > best:
                            best, row, column = worth, r, c
            if row < 0 or joints[joint, row, column] < least_hill:
                spread[person, joint] *= unrefined
                continue
            aside, above = 0.0, 0.0
            here = joints[joint, row, column]
            if 0 < column < columns - 1:
                aside = peak(joints[joint, row, column - 1], here, joints[joint, row, column + 1])
            if 0 < row < rows - 1:
                above = peak(joints[joint, row - 1, column], here, joints[joint, row + 1, column])
            places[person, joint, 0] = (column + 0.5 + aside) * fine
            places[person, joint, 1] = (row + 0.5 + above) * fine
            spread[person, joint] *= base + slope * (1.0 - here)
