import numpy as np
import pytest

pytest.importorskip("cv2", reason="pictures need OpenCV ('./run extras')")

from walkout.learning.pose_score import compare, figures, judge
from walkout.learning.renders import SIGHTS, Chunk
from walkout.recording.people import JOINTS
from walkout.sensing.vision.persons import Persons

SEEN = SIGHTS.index("seen")


def drawn() -> Chunk:
    """One frame of 640 x 360: somebody asked for, and somebody nearly hidden."""
    chunk = Chunk.empty(1, 640, 360)
    for p, (left, share) in enumerate(((100.0, 0.9), (400.0, 0.05))):
        chunk.boxes[0, p] = (left, 100, left + 60, 280)
        chunk.share[0, p] = share
        chunk.joints[0, p] = np.stack([np.full(8, left + 30), 110 + 10 * np.arange(8)], axis=1)
        chunk.sight[0, p] = SEEN
        chunk.about[0, p] = (1.7, 0, 0, 5, 100)
    return chunk


def found(*lefts: float, off: float = 0.0) -> Persons:
    boxes = np.array([(left, 100, left + 60, 280) for left in lefts], np.float32).reshape(-1, 4)
    keypoints = np.ones((len(lefts), 8, 3), np.float32)
    for k, left in enumerate(lefts):
        keypoints[k, :, 0], keypoints[k, :, 1] = left + 30 + off, 110 + 10 * np.arange(8)
    spreads = np.full((len(lefts), 8), 2.0, np.float32)
    return Persons.of(640, 360, boxes, np.linspace(0.9, 0.5, len(lefts)).astype(np.float32), keypoints, spreads)


def test_a_right_answer_is_right() -> None:
    cases, false = compare(found(100, off=3.0), drawn(), 0)
    assert false == 0
    assert len(cases) == 1
    assert cases[0].found
    assert cases[0].errors_px == pytest.approx(np.full(8, 3.0))
    assert cases[0].crowd == 2


def test_who_is_nearly_hidden_is_neither_asked_for_nor_held_against_a_model() -> None:
    cases, false = compare(found(100, 400), drawn(), 0)
    assert (len(cases), false) == (1, 0)


def test_the_same_person_twice_and_nobody_at_all_count_as_false() -> None:
    cases, false = compare(found(100, 105, 250), drawn(), 0)
    assert cases[0].found
    assert false == 2


def test_who_is_missed_has_no_errors() -> None:
    cases, false = compare(Persons.none(640, 360), drawn(), 0)
    assert not cases[0].found
    assert false == 0
    assert np.isnan(cases[0].errors_px).all()


def test_figures_are_in_pixels_of_the_large_picture() -> None:
    told = figures(judge(lambda _: found(100, 250, off=1.5), [drawn()]))
    assert told["recall"] == 1.0
    assert told["precision"] == 0.5
    assert told["joints_px"][JOINTS[0]]["median"] == 1.5
    assert told["error_over_spread"]["within_1"] == 1.0
    assert told["by"]["2 people"]["people"] == 1
    assert "3 people" not in told["by"]
