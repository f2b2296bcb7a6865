import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from walkout.sensing.vision.overlap import best_of_each, overlaps


def test_overlap_is_the_shared_area_over_all_of_it() -> None:
    one = np.array([0, 0, 2, 2], np.float32)
    others = np.array([[0, 0, 2, 2], [1, 0, 3, 2], [5, 5, 6, 6], [1, 1, 1, 1]], np.float32)
    assert overlaps(one, others).tolist() == pytest.approx([1.0, 1 / 3, 0.0, 0.0])


@given(
    arrays(np.float32, (7, 4), elements=st.floats(0, 50, width=32)),
    arrays(np.float32, 7, elements=st.floats(0, 1, width=32)),
)
def test_who_stays_overlaps_nobody_better_and_who_goes_overlaps_somebody(
    corners: np.ndarray, scores: np.ndarray
) -> None:
    boxes = np.concatenate([corners[:, :2], corners[:, :2] + corners[:, 2:]], axis=1)
    kept = best_of_each(boxes, scores, 0.4).tolist()
    assert scores[kept].tolist() == sorted(scores[kept].tolist(), reverse=True)
    for k in range(7):
        better = [j for j in kept if j != k and scores[j] >= scores[k]]
        struck = any(overlaps(boxes[j], boxes[k : k + 1])[0] > 0.4 for j in better)
        assert struck or k in kept
