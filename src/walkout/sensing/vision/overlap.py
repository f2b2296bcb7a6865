"""One box a person where a model gave several."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def overlaps(one: Floats, others: Floats) -> Floats:
    """Intersection over union of a box (4,) with others (n, 4): left, top, right, bottom."""
    low, high = np.maximum(one[:2], others[:, :2]), np.minimum(one[2:], others[:, 2:])
    both = np.clip(high - low, 0.0, None).prod(axis=1)
    areas = np.clip(others[:, 2:] - others[:, :2], 0.0, None).prod(axis=1)
    own = np.clip(one[2:] - one[:2], 0.0, None).prod()
    return np.asarray(both / np.maximum(areas + own - both, 1e-9), np.float32)


def best_of_each(boxes: Floats, scores: Floats, most_overlap: float) -> NDArray[np.int64]:
    """Which boxes stay, best first, when each strikes out the worse ones that overlap it more than so much."""
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while len(order):
        best, order = int(order[0]), order[1:]
        kept.append(best)
        order = order[overlaps(boxes[best], boxes[order]) <= most_overlap]
    return np.array(kept, np.int64)
