import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="models need ONNX Runtime ('./run extras')")
pytest.importorskip("cv2", reason="pictures need OpenCV ('./run extras')")
pytest.importorskip("onnx", reason="onnx, of the developers' tools, builds the models ('./run test')")

from tests.sensing.vision.nets import answering
from walkout.recording.people import JOINTS
from walkout.sensing.vision.onnx_file import ModelFileError
from walkout.sensing.vision.rtmo import Rtmo, to_joints


def coco() -> np.ndarray:
    """One person: joint k of COCO at (10 k, 100 + k), all sure."""
    return np.array([[[10.0 * k, 100.0 + k, 0.9] for k in range(17)]], np.float32)


def test_cocos_joints_become_the_peoples() -> None:
    joints = to_joints(coco(), 0.3)[0]
    by_name = dict(zip(JOINTS, joints.tolist(), strict=True))
    assert by_name["l_wrist"] == pytest.approx([90, 109, 0.9])
    assert by_name["r_elbow"] == pytest.approx([80, 108, 0.9])
    assert by_name["neck"] == pytest.approx([55, 105.5, 0.9])
    assert by_name["head"] == pytest.approx([35, 103.5, 0.9])  # between the ears


def test_a_head_without_both_ears_is_the_mean_of_the_face_and_what_is_unsure_is_not_found() -> None:
    person = coco()
    person[0, 3, 2] = 0.1
    person[0, 5, 2] = 0.05
    joints = to_joints(person, 0.3)[0]
    assert joints[JOINTS.index("head")].tolist() == pytest.approx([17.5, 101.75, 0.9])
    for lost in ("neck", "l_shoulder"):
        assert np.isnan(joints[JOINTS.index(lost), :2]).all()
        assert joints[JOINTS.index(lost), 2] == 0


def test_people_come_back_in_the_cameras_pixels_best_first_and_each_once() -> None:
    boxes = np.array([[[10, 20, 110, 220, 0.6], [12, 20, 110, 221, 0.5], [300, 20, 400, 220, 0.9], [0, 0, 9, 9, 0.1]]])
    people = np.repeat(coco()[None], 4, axis=1)
    found = Rtmo(answering((1, 3, 640, 640), [boxes, people]))(np.zeros((720, 1280, 3), np.uint8))
    assert found.scores.tolist() == pytest.approx([0.9, 0.6])
    assert found.boxes[1].tolist() == pytest.approx([20, 40, 220, 440])
    assert found.keypoints[0, JOINTS.index("l_wrist")].tolist() == pytest.approx([180, 218, 0.9])
    assert np.isnan(found.spread_px).all()


def test_a_picture_of_nobody() -> None:
    nobody = [np.zeros((1, 0, 5)), np.zeros((1, 0, 17, 3))]
    assert len(Rtmo(answering((1, 3, 640, 640), nobody))(np.zeros((360, 640, 3), np.uint8))) == 0


def test_another_network_is_refused() -> None:
    with pytest.raises(ModelFileError, match="right would be"):
        Rtmo(answering((1, 3, 640, 640), [np.zeros((1, 4, 5)), np.zeros((1, 4, 26, 3))]))
