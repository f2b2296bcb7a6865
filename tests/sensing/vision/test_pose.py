from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="models need ONNX Runtime ('./run extras')")
pytest.importorskip("cv2", reason="pictures need OpenCV ('./run extras')")

from walkout.recording.people import JOINTS
from walkout.sensing.vision.pose import SPREAD_KEY, OwnPose, Tuning, decode, packaged

HEAD, NECK, L_WRIST = (JOINTS.index(name) for name in ("head", "neck", "l_wrist"))
TUNING = Tuning()


def maps() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.zeros((24, 40), np.float32), np.zeros((36, 24, 40), np.float32), np.zeros((8, 48, 80), np.float32)


def put(centres: np.ndarray, people: np.ndarray, row: int, column: int, score: float, joints: np.ndarray) -> None:
    """A person at a cell, with joints in pixels, a box of 40 x 80 and a Laplace scale of 2 pixels."""
    centres[row, column] = score
    middle = np.array([column + 0.5, row + 0.5]) * 8
    people[:4, row, column] = (-20, -20, 20, 60)
    people[4:20, row, column] = (joints - middle).ravel()
    people[20:28, row, column] = np.log(2.0)
    people[28:, row, column] = 3.0


def body(x: float, y: float) -> np.ndarray:
    return np.array(
        [
            (x, y - 10),
            (x, y),
            (x - 8, y),
            (x + 8, y),
            (x - 12, y + 15),
            (x + 12, y + 15),
            (x - 10, y + 28),
            (x + 10, y + 28),
        ]
    )


def test_a_cell_becomes_a_person() -> None:
    centres, people, joints = maps()
    put(centres, people, 10, 20, 0.9, body(164, 84))
    found = decode(centres, people, joints, TUNING)
    assert found.scores.tolist() == pytest.approx([0.9])
    assert found.boxes[0].tolist() == pytest.approx([144, 64, 184, 144])
    assert found.keypoints[0, :, :2] == pytest.approx(body(164, 84), abs=1e-3)
    assert found.spread_px[0] == pytest.approx(np.full(8, 2 * np.sqrt(2)), rel=1e-5)


def test_a_joint_goes_to_the_top_of_a_hill_near_it_between_the_cells() -> None:
    centres, people, joints = maps()
    put(centres, people, 10, 20, 0.9, body(164, 84))
    true = np.array([157.0, 113.5])  # the cell said (154, 112)
    y, x = np.mgrid[0:48, 0:80] + 0.5
    joints[L_WRIST] = 0.8 * np.exp(-((x * 4 - true[0]) ** 2 + (y * 4 - true[1]) ** 2) / (2 * 5.0**2))
    found = decode(centres, people, joints, replace(TUNING, spread=(0.5, 0.0, 3.0)))
    assert found.keypoints[0, L_WRIST, :2] == pytest.approx(true, abs=0.05)
    assert found.spread_px[0, L_WRIST] == pytest.approx(0.5 * 2 * np.sqrt(2), rel=1e-5)
    assert found.spread_px[0, HEAD] == pytest.approx(3.0 * 2 * np.sqrt(2), rel=1e-5)
    far = decode(centres, people, np.roll(joints, 30, axis=2), TUNING)
    assert far.keypoints[0, L_WRIST, :2] == pytest.approx([154, 112], abs=1e-3)


def test_two_cells_of_one_person_are_one_and_two_people_are_two() -> None:
    centres, people, joints = maps()
    put(centres, people, 10, 20, 0.9, body(164, 84))
    put(centres, people, 10, 22, 0.7, body(166, 85))
    put(centres, people, 10, 28, 0.6, body(228, 84))
    found = decode(centres, people, joints, TUNING)
    assert found.scores.tolist() == pytest.approx([0.9, 0.6])


def test_a_joint_that_is_surely_not_seen_is_not_found() -> None:
    centres, people, joints = maps()
    put(centres, people, 10, 20, 0.9, body(164, 84))
    people[28 + L_WRIST, 10, 20] = -5.0
    found = decode(centres, people, joints, TUNING)
    assert np.isnan(found.keypoints[0, L_WRIST, :2]).all()
    assert found.keypoints[0, L_WRIST, 2] == 0
    assert np.isnan(found.spread_px[0, L_WRIST])


def test_people_at_the_very_edge_and_wild_numbers_do_no_harm() -> None:
    centres, people, joints = maps()
    put(centres, people, 0, 0, 0.9, body(-500, -500))
    put(centres, people, 23, 39, 0.8, body(1e6, 1e6))
    people[20:28, 23, 39] = 1e9
    found = decode(centres, people, joints, TUNING)
    assert len(found) == 2
    assert np.isfinite(found.spread_px).all()


def test_the_packaged_network_is_small_loads_and_says_how_far_off_it_is() -> None:
    assert len(packaged()) < 5_000_000
    model = OwnPose()
    assert model.tuning.spread != (1.0, 0.0, 1.0), f"fitted spreads are in the metadata under {SPREAD_KEY}"
    picture = np.random.default_rng(1).integers(0, 255, (360, 640, 3), np.uint8)
    once, again = model(picture), model(picture)
    assert (once.boxes == again.boxes).all()
    assert (once.width_px, once.height_px) == (640, 360)
