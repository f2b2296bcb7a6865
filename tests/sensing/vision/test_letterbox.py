import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("cv2", reason="pictures need OpenCV ('./run extras')")

from walkout.sensing.vision.letterbox import GREY, letterbox


def test_a_picture_of_the_right_size_is_not_touched() -> None:
    picture = np.random.default_rng(1).integers(0, 255, (6, 8, 3), np.uint8)
    canvas, fit = letterbox(picture, 8, 6)
    assert (canvas == picture).all()
    assert (fit.scale, fit.left_px, fit.top_px) == (1.0, 0, 0)


def test_the_rest_is_grey_below_or_on_both_sides() -> None:
    picture = np.full((360, 640, 3), 7, np.uint8)
    corner, _ = letterbox(picture, 320, 192, "corner")
    middle, fit = letterbox(picture, 320, 192, "middle")
    assert (corner[:180] == 7).all()
    assert (corner[180:] == GREY).all()
    assert (middle[6:186] == 7).all()
    assert (middle[:6] == GREY).all()
    assert (middle[186:] == GREY).all()
    assert fit.top_px == 6


@given(st.integers(1, 900), st.integers(1, 900), st.sampled_from(["corner", "middle"]))
def test_places_come_back_to_where_they_were(rows: int, columns: int, at: str) -> None:
    _, fit = letterbox(np.zeros((rows, columns, 3), np.uint8), 320, 192, at)  # type: ignore[arg-type]
    points = np.array([[0.0, 0.0], [columns, rows], [columns / 3, rows / 7]], np.float32)
    there = points * fit.scale + [fit.left_px, fit.top_px]
    assert there[:, 0].max() <= 321
    assert there[:, 1].max() <= 193
    assert fit.back(there.astype(np.float32)) == pytest.approx(points, abs=0.01 + 0.001 * max(rows, columns))


@pytest.mark.parametrize("bad", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)])
def test_what_is_no_picture_is_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="a picture is uint8"):
        letterbox(bad, 320, 192)
