from math import sqrt

import numpy as np
import pytest

from walkout.evaluation.tracking import Moment, hota, identity, moment, resampled, switches

# One person for 8 frames (or more), told exactly where they are told at all. The figures follow from the papers'
# definitions: HOTA = sqrt(DetA * AssA), AssA the mean over matches of TPA / (TPA + FPA + FNA).
CASES = {
    # name: ids told in each frame (None: missed), HOTA, DetA, AssA, IDF1
    "all right": ("aaaaaaaa", 1.0, 1.0, 1.0, 1.0),
    "half missed": ("aaaa....", sqrt(0.5 * 0.5), 0.5, 0.5, 8 / 12),
    "two halves": ("aaaabbbb", sqrt(0.5), 1.0, 0.5, 8 / 16),
    "four quarters": ("aabbccdd", sqrt(0.25), 1.0, 0.25, 4 / 16),
    "alternating": ("abababab", sqrt(0.5), 1.0, 0.5, 8 / 16),
    "three in four, then anew": (
        "aaaaaabb",
        sqrt((6 * 6 / 8 + 2 * 2 / 8) / 8),
        1.0,
        (6 * 6 / 8 + 2 * 2 / 8) / 8,
        12 / 16,
    ),
}


def played(told: str) -> list[Moment]:
    here = np.zeros(3)
    return [moment({"true": here}, {} if name == "." else {name: here}, 1.0) for name in told]


@pytest.mark.parametrize(("told", "score", "detection", "association", "f1"), CASES.values(), ids=CASES)
def test_one_person(told: str, score: float, detection: float, association: float, f1: float) -> None:
    found = hota(played(told))
    assert (found.hota, found.detection, found.association) == pytest.approx((score, detection, association))
    assert found.localisation == pytest.approx(1.0)
    assert identity(played(told)).f1 == pytest.approx(f1)


def test_two_who_exchange_ids_half_way() -> None:
    alike = np.array([[1.0, 0.0], [0.0, 1.0]])
    moments = [Moment(("x", "y"), ("a", "b") if k < 4 else ("b", "a"), alike) for k in range(8)]
    found = hota(moments)
    # each match: 4 frames right of 8 true and 8 told
    assert found.association == pytest.approx(4 / 12)
    assert found.detection == pytest.approx(1.0)
    assert identity(moments).f1 == pytest.approx(0.5)
    assert switches(moments) == 2


def test_likeness_decides_up_to_which_threshold_a_match_counts() -> None:
    moments = [Moment(("x",), ("a",), np.array([[0.5]]))] * 4
    found = hota(moments)
    # 10 of 19 thresholds are at 0.5 or below
    assert found.hota == pytest.approx(10 / 19)
    # where nothing matches, what matches is told exactly, by convention: 9 of 19
    assert found.localisation == pytest.approx((10 * 0.5 + 9) / 19)


def test_false_people_cost() -> None:
    moments = [Moment(("x",), ("a", "ghost"), np.array([[1.0, 0.0]]))] * 4
    assert hota(moments).hota == pytest.approx(sqrt(0.5))
    assert identity(moments).f1 == pytest.approx(8 / 12)


def test_nobody_there_and_nobody_told_is_right() -> None:
    assert hota([moment({}, {}, 1.0)]).hota == 1.0
    assert identity([moment({}, {}, 1.0)]).f1 == 1.0


def test_an_interval_holds_its_figure() -> None:
    parts = [played("aaaaaaaa"), played("aaaabbbb"), played("aaaaaaaa")]
    low, high = resampled(parts, lambda part: identity(part).f1)
    assert 0.5 <= low <= (1 + 0.5 + 1) / 3 <= high <= 1.0
