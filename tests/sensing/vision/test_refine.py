from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="models need ONNX Runtime ('./run extras')")
pytest.importorskip("cv2", reason="pictures need OpenCV ('./run extras')")

from hypothesis import given
from hypothesis import strategies as st

from tests.sensing.vision.nets import answering
from walkout.recording.people import JOINTS
from walkout.sensing.vision import refine
from walkout.sensing.vision.onnx_file import ModelFileError
from walkout.sensing.vision.persons import Persons
from walkout.sensing.vision.refine import CELLS, CHANNELS, CROP_PX, K, Refiner, crops, packaged, placed, squares_of

HEAD, L_WRIST, R_WRIST = (JOINTS.index(name) for name in ("head", "l_wrist", "r_wrist"))
BODY = np.array([(0, -20), (0, 0), (-15, 5), (15, 5), (-20, 30), (20, 30), (-25, 55), (25, 55)], np.float32)


def people(*necks: tuple[float, float], boxes: tuple[float, float] = (60.0, 150.0)) -> Persons:
    """People with all joints at these necks, with boxes of that size."""
    n = len(necks)
    keypoints = np.full((n, K, 3), 0.9, np.float32)
    keypoints[:, :, :2] = np.array(necks, np.float32).reshape(n, 1, 2) + BODY
    low = np.array(necks, np.float32).reshape(n, 2) - [boxes[0] / 2, 30.0]
    box = np.concatenate([low, low + np.array(boxes)], axis=1).astype(np.float32)
    return Persons.of(640, 360, box, np.linspace(0.9, 0.6, n).astype(np.float32), keypoints, np.full((n, K), 5, "f4"))


def answers(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Nothing in any cell, nothing outside."""
    maps, whole = np.zeros((n, 4 * K, CELLS, CELLS), np.float32), np.full((n, 2 * K), -9.0, np.float32)
    maps[:, :K] = -9.0
    return maps, whole


def test_a_crop_holds_all_joints_with_room_and_grows_with_the_person() -> None:
    some = people((300, 100))
    ((left, top, side),) = squares_of(some.keypoints[:, :, :2], some.boxes).tolist()
    assert side == pytest.approx(max(1.4 * 75, 0.7 * 150), abs=0.5)
    at = (some.keypoints[0, :, :2] - [left, top]) / side
    assert at.min() > 0.1
    assert at.max() < 0.9
    twice = squares_of(2 * some.keypoints[:, :, :2], 2 * some.boxes)
    assert twice[0, 2] == pytest.approx(2 * side, abs=1.0)


def test_joints_that_are_not_known_leave_the_crop_to_the_others() -> None:
    some = people((300, 100))
    joints = some.keypoints[:, :, :2].copy()
    joints[0, [L_WRIST, R_WRIST]] = np.nan
    square = squares_of(joints, some.boxes)
    assert np.isfinite(square).all()
    assert not crops(np.zeros((360, 640, 3), np.uint8), joints, square)[0, 3 + L_WRIST].any()


def test_a_crop_shows_the_picture_and_where_each_joint_is_about() -> None:
    rgb = np.zeros((360, 640, 3), np.uint8)
    some = people((300, 100))
    x, y = some.keypoints[0, L_WRIST, :2].astype(int)
    rgb[y - 2 : y + 3, x - 2 : x + 3, 0] = 255
    square = squares_of(some.keypoints[:, :, :2], some.boxes)
    (made,) = crops(rgb, some.keypoints[:, :, :2], square)
    assert made.shape == (CHANNELS, CROP_PX, CROP_PX)
    places = [np.array(np.unravel_index(made[k].argmax(), made[k].shape)) for k in (0, 3 + L_WRIST)]
    assert np.abs(places[0] - places[1]).max() <= 3
    assert made[3:].max() <= 1.0


@given(
    st.floats(-300, 900), st.floats(-300, 700), st.floats(1, 1500), st.floats(1, 1500),
    st.lists(st.booleans(), min_size=8, max_size=8).filter(any),
)  # fmt: skip
def test_no_place_and_no_size_breaks_a_crop(x: float, y: float, wide: float, high: float, known: list[bool]) -> None:
    some = people((x, y), boxes=(wide, high))
    joints = np.where(np.array(known)[None, :, None], some.keypoints[:, :, :2], np.nan).astype(np.float32)
    made = crops(np.full((360, 640, 3), 9, np.uint8), joints, squares_of(joints, some.boxes))
    assert made.shape == (1, CHANNELS, CROP_PX, CROP_PX)
    assert np.isfinite(made).all()


def test_a_joint_is_in_its_best_cell_and_one_outside_stays_where_it_was() -> None:
    some = people((300, 100))
    squares = np.array([[100.0, 50.0, 256.0]], np.float32)
    maps, whole = answers(1)
    maps[0, HEAD, 10, 20] = 9.0
    maps[0, K + HEAD, 10, 20], maps[0, 2 * K + HEAD, 10, 20] = 0.25, -0.5
    maps[0, 3 * K + HEAD, 10, 20] = np.log(1.5)
    whole[0, K + HEAD] = 3.0
    whole[0, 1:K] = 20.0
    keypoints, spreads = placed(maps, whole, squares, some.keypoints, some.spread_px, 2.0)
    assert keypoints[0, HEAD, :2] == pytest.approx([100 + 2 * 4 * 20.75, 50 + 2 * 4 * 10.0], abs=1e-3)
    assert keypoints[0, HEAD, 2] == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-5)
    assert spreads[0, HEAD] == pytest.approx(np.sqrt(2) * 1.5 * 2 * 2.0, rel=1e-5)
    assert (keypoints[0, 1:] == some.keypoints[0, 1:]).all()
    assert (spreads[0, 1:] == some.spread_px[0, 1:]).all()


def test_a_joint_that_could_be_anywhere_stays_where_it_was_and_one_torn_between_two_places_is_at_one() -> None:
    some = people((300, 100))
    squares = np.array([[0.0, 0.0, 128.0]], np.float32)
    maps, whole = answers(1)
    maps[0, :K] = 0.0
    maps[0, L_WRIST, 0, 0] = 3.0
    maps[0, R_WRIST, 5, 6], maps[0, R_WRIST, 20, 20] = 12.0, 11.9
    keypoints, spreads = placed(maps, whole, squares, some.keypoints, some.spread_px, 1.0)
    assert (keypoints[0, L_WRIST] == some.keypoints[0, L_WRIST]).all()
    assert spreads[0, L_WRIST] == some.spread_px[0, L_WRIST]
    assert keypoints[0, R_WRIST, :2] == pytest.approx([26.0, 22.0])


def test_an_arm_too_long_to_be_one_ends_where_it_did() -> None:
    some = people((300, 100), (500, 100))
    made, spreads = some.keypoints.copy(), np.full((2, K), 1.0, np.float32)
    made[0, L_WRIST, :2] += (-40, 30)
    made[1, R_WRIST, :2] = np.nan
    joints, told = refine.with_arms(made.copy(), spreads, some.keypoints, some.spread_px, some.boxes)
    assert (joints[0, L_WRIST] == some.keypoints[0, L_WRIST]).all()
    assert told[0, L_WRIST] == some.spread_px[0, L_WRIST]
    assert np.isnan(joints[1, R_WRIST, 0])
    assert (told[1] == 1.0).all()


def test_all_people_of_a_picture_get_their_own_joints_in_turns_of_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that puts every joint in the middle of the crop: each person's joints are in the middle of theirs."""
    some = people(*((30.0 + 40 * k, 120.0) for k in range(11)))
    asked: list[int] = []

    class Middle:
        def __init__(self, *_: object) -> None:
            self.metadata: dict[str, str] = {}

        def __call__(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            asked.append(len(x))
            maps, whole = answers(len(x))
            maps[:, :K, 16, 16], maps[:, K : 3 * K, 16, 16] = 9.0, -0.5
            return maps, whole

    monkeypatch.setattr(refine, "Runner", Middle)
    found = Refiner(b"")(np.zeros((360, 640, 3), np.uint8), some)
    squares = squares_of(some.keypoints[:, :, :2], some.boxes)
    assert asked == [8, 3]
    assert found.keypoints[:, :, :2] == pytest.approx(
        np.repeat((squares[:, :2] + squares[:, 2:] / 2)[:, None], K, axis=1), abs=1e-3
    )
    assert (found.boxes == some.boxes).all()
    assert (found.scores == some.scores).all()


def test_people_without_joints_and_pictures_without_people_stay_as_they_are() -> None:
    model, rgb = Refiner(), np.zeros((360, 640, 3), np.uint8)
    assert len(model(rgb, Persons.none(640, 360))) == 0
    bare = Persons.of(640, 360, np.array([[1, 2, 30, 40]], np.float32), np.ones(1, np.float32))
    assert np.isnan(model(rgb, bare).keypoints[:, :, 0]).all()


def test_other_networks_and_other_spreads_are_refused(tmp_path: Path) -> None:
    wrong = answering((1, 3, 9, 9), [np.zeros((1, 4))])
    with pytest.raises(ModelFileError, match="right would be"):
        Refiner(wrong)
    for said in ("0", "-1", "nan", "1e9"):
        with pytest.raises(ValueError, match=refine.SPREAD_KEY):
            refine._spread_of(said)
    with pytest.raises(FileNotFoundError):
        Refiner(tmp_path / "none.onnx")


def test_the_packaged_network_is_small_gives_the_same_twice_and_says_how_far_off_it_is() -> None:
    assert len(packaged()) < 2_000_000
    model = Refiner()
    assert model.spread != 1.0, f"the fitted factor is in the metadata under {refine.SPREAD_KEY}"
    rgb = np.random.default_rng(1).integers(0, 255, (360, 640, 3), np.uint8)
    some = people((100, 100), (300, 200))
    once, again = model(rgb, some), model(rgb, some)
    assert (once.keypoints == again.keypoints).all()
    assert (once.spread_px > 0).all()
