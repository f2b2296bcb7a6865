"""Both networks of the package, on people that the twin draws."""

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="models need ONNX Runtime ('./run extras')")
pytest.importorskip("cv2", reason="pictures need OpenCV ('./run extras')")

from walkout.learning.pose_score import Outcome, judge
from walkout.learning.renders import exam_chunk
from walkout.recording.people import JOINTS
from walkout.sensing.vision.two_looks import TwoLooks

WRISTS = [JOINTS.index("l_wrist"), JOINTS.index("r_wrist")]


def wrists_px(outcome: Outcome) -> float:
    return float(np.nanmedian([case.errors_px[WRISTS] for case in outcome.cases]))


def test_the_second_look_finds_the_same_people_and_halves_the_wrists_errors() -> None:
    chunks = [exam_chunk(31, 2, 8)]
    both = TwoLooks.packaged()
    once, twice = judge(both.first, chunks), judge(both, chunks)
    assert [case.found for case in once.cases] == [case.found for case in twice.cases]
    assert once.false == twice.false
    assert wrists_px(twice) < 0.5 * wrists_px(once)
    assert both.name == "own-pose+refine"
