"""What came and went on plates before they settled: the levels in between, and the changes that they make."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.sensing.test_plates import at, batch, clock, detector, noise
from walkout.sensing.event import ShelfEvent
from walkout.sensing.steps import steps_of

SECOND = 1_000_000_000


def whole(delta_g: tuple[float, ...]) -> ShelfEvent:
    plates = tuple(range(1, len(delta_g) + 1))
    cov = tuple(tuple(0.25 if i == j else 0.0 for j in plates) for i in plates)
    return ShelfEvent("g/1/1@0", "g", 1, plates, delta_g, cov, 0, 0, 9 * SECOND, 10 * SECOND)


def held(*levels: tuple[float, float, tuple[float, ...]]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(from s, to s, grams of each plate), and a row that ends the list."""
    ns = [(int(a * SECOND), int(b * SECOND)) for a, b, _ in levels] + [(0, 0)]
    grams = [g for _, _, g in levels] + [tuple(0.0 for _ in levels[0][2])]
    return np.array(ns, np.int64), np.array(grams, np.float64)


@pytest.mark.parametrize(
    ("net", "levels", "changes"),
    [
        ((0.0,), [(1.0, 2.0, (262.0,))], [262.0, -262.0]),
        ((120.0,), [(1.0, 2.0, (60.0,)), (2.2, 4.0, (120.0,)), (4.4, 6.0, (176.0,))], [60.0, 60.0, 56.0, -56.0]),
        ((-1956.0,), [(1.0, 2.0, (68.0,)), (2.4, 4.0, (-1955.0,))], [68.0, -2024.0]),
        ((0.0,), [(1.0, 1.2, (283.0,)), (1.4, 2.0, (262.0,))], [262.0, -262.0]),
        ((0.0,), [(1.0, 2.0, (262.0,)), (2.1, 2.3, (290.0,))], [262.0, -262.0]),
        ((-300.0,), [(1.0, 2.0, (-100.0,)), (2.5, 4.0, (-300.0,))], [-100.0, -200.0]),
        ((300.0,), [(1.0, 4.0, (299.0,))], []),
        ((0.0,), [(1.0, 2.0, (5.0,))], []),
    ],
    ids=[
        "put and taken again",
        "three put, one taken",
        "a light thing put, heavy ones taken",
        "a hand on it first",
        "a hand on it before it goes",
        "all one way",
        "one change",
        "less than goods weigh",
    ],
)
def test_the_changes_between_the_levels_that_were_held(
    net: tuple[float, ...], levels: list[tuple[float, float, tuple[float, ...]]], changes: list[float]
) -> None:
    steps = steps_of(whole(net), *held(*levels))
    assert [sum(step.delta_g) for step in steps] == pytest.approx(changes, abs=0.01)
    assert sum(sum(step.delta_g) for step in steps) == pytest.approx(sum(net) if steps else 0.0, abs=0.01)
    assert all(a.end_ns <= b.start_ns + SECOND // 2 for a, b in pairwise(steps))
    assert all(step.reported_ns == 10 * SECOND and not step.steps for step in steps)


def test_a_level_held_shortly_is_told_less_surely() -> None:
    brief, long = (steps_of(whole((0.0,)), *held((1.0, 1.0 + s, (262.0,))))[0] for s in (0.3, 3.0))
    assert brief.cov_g2[0][0] > long.cov_g2[0][0] >= 0.25


@pytest.mark.parametrize("ringing_g", [0.0, 10.0], ids=["quiet", "walking"])
@pytest.mark.parametrize(
    ("levels", "changes"),
    [
        ([(10.0, 262.0), (11.0, 0.0)], [262.0, -262.0]),
        ([(10.0, 60.0), (11.2, 120.0), (12.4, 60.0)], [60.0, 60.0, -60.0]),
    ],
    ids=["put and taken after a second", "two put and one taken"],
)
def test_a_detector_tells_what_lay_there_for_a_while(
    levels: list[tuple[float, float]], changes: list[float], ringing_g: float
) -> None:
    grams = noise(40, seed=3, ringing_g=ringing_g)
    rest = np.zeros(len(grams), np.float32)
    for from_s, level in levels:
        rest[at(from_s) :] = level
    grams[:, 0, 3] += rest
    for size in (12, 500):
        watch, t_ns = detector(), clock(len(grams))
        told = [
            e for k in range(0, len(grams), size) for e in watch.push(batch(grams[k : k + size], t_ns[k : k + size]))
        ]
        told += watch.flush()
        assert len(told) == 1
        assert told[0].came_back == (levels[-1][1] == 0.0)
        assert [sum(step.delta_g) for step in told[0].steps] == pytest.approx(changes, abs=4.0)
