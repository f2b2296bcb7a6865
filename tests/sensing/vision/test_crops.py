"""Where to look in a picture."""

import numpy as np
import pytest

from walkout.sensing.vision.crops import Window, changed, cut, hand_window, holds, place_window
from walkout.sensing.vision.lens import Lens
from walkout.store.layout import Camera

pytest.importorskip("cv2", reason="pictures need OpenCV ('./run extras')")

EYE = Lens.of(Camera("c", 0.0, 0.0, 2.0, (0.0, 4.0, 2.0), 400.0, 640, 360))


def test_a_hand_is_looked_for_beyond_the_wrist_and_farther_off_it_is_smaller() -> None:
    wrist, elbow = np.array([0.0, 4.0, 2.0]), np.array([-0.3, 4.0, 2.0])
    window = hand_window(EYE, wrist, elbow, 0.4)
    assert window is not None
    assert window.across == pytest.approx(0.4 * 400.0 / 4.0)
    assert (window.left + window.right) / 2 == pytest.approx(320.0 + 0.09 * 100.0)
    far = hand_window(EYE, wrist + np.array([0.0, 4.0, 0.0]), None, 0.4)
    assert far is not None
    assert far.across == pytest.approx(20.0)
    assert (far.left + far.right) / 2 == pytest.approx(320.0)
    assert hand_window(EYE, np.array([0.0, -1.0, 2.0]), None, 0.4) is None  # behind the camera
    assert hand_window(EYE, np.array([9.0, 4.0, 2.0]), None, 0.4) is None  # beside the picture
    assert hand_window(EYE, np.array([0.0, 40.0, 2.0]), None, 0.4) is None  # too small to say anything


def test_a_place_is_looked_at_where_all_of_it_is_in_the_picture() -> None:
    corners = np.array([(x, 4.0, z) for x in (-0.2, 0.2) for z in (1.8, 2.2)])
    window = place_window(EYE, corners)
    assert window is not None
    assert [window.left, window.top, window.right, window.bottom] == pytest.approx([300.0, 160.0, 340.0, 200.0])
    assert place_window(EYE, corners + np.array([3.3, 0.0, 0.0])) is None
    assert place_window(EYE, corners - np.array([0.0, 9.0, 0.0])) is None
    assert holds(window, np.array([(341.0, 180.0)]))
    assert not holds(window, np.array([(360.0, 180.0), (np.nan, np.nan)]))


def test_a_cut_is_square_and_goes_on_beyond_the_edge() -> None:
    rgb = np.arange(20 * 30 * 3, dtype=np.uint8).reshape(20, 30, 3)
    inside = cut(rgb, Window(5.0, 4.0, 15.0, 14.0))
    assert np.array_equal(inside, rgb[4:14, 5:15])
    beyond = cut(rgb, Window(-6.0, -2.0, 4.0, 2.0))
    assert beyond.shape == (10, 10, 3)
    assert np.array_equal(beyond[5, 0], rgb[0, 0])


def test_what_changed_is_found_though_the_light_changed_too() -> None:
    rng = np.random.default_rng(0)
    before = (100 + rng.normal(0, 3, (60, 80, 3))).astype(np.uint8)
    after = before.copy()
    after[20:40, 30:50] = (200, 60, 60)
    after = (after + 15).astype(np.uint8)
    whole = Window(0.0, 0.0, 80.0, 60.0)
    found = changed(before, after, whole)
    assert found is not None
    assert found.left == pytest.approx(28.0, abs=4.0)
    assert found.right == pytest.approx(52.0, abs=4.0)
    assert found.top == pytest.approx(18.0, abs=4.0)
    assert found.bottom == pytest.approx(42.0, abs=4.0)
    assert changed(before, before + np.uint8(15), whole) is None
    assert changed(before, after, Window(0.0, 0.0, 20.0, 15.0)) is None
    other = rng.integers(0, 255, before.shape, np.uint8)
    assert changed(before, other, whole) is None  # everything changed: somebody stands there
