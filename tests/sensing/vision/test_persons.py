import numpy as np
import pytest

from walkout.recording.people import JOINTS
from walkout.sensing.vision.persons import Persons


def boxes(n: int) -> np.ndarray:
    return np.arange(4 * n, dtype=np.float32).reshape(n, 4)


def test_the_best_come_first_and_what_a_model_does_not_give_is_not_found() -> None:
    persons = Persons.of(640, 360, boxes(3), np.array([0.2, 0.9, 0.5], np.float32))
    assert len(persons) == 3
    assert persons.scores.tolist() == pytest.approx([0.9, 0.5, 0.2])
    assert persons.boxes[0].tolist() == [4, 5, 6, 7]
    assert persons.keypoints.shape == (3, len(JOINTS), 3)
    assert np.isnan(persons.keypoints[:, :, :2]).all()
    assert (persons.keypoints[:, :, 2] == 0).all()
    assert np.isnan(persons.spread_px).all()


def test_a_picture_without_people() -> None:
    assert len(Persons.none(64, 48)) == 0


def test_other_shapes_are_refused_with_what_would_be_right() -> None:
    with pytest.raises(ValueError, match=r"scores must be float32 \(2,\), found float64 \(2,\)"):
        Persons(64, 48, boxes(2), np.zeros(2), np.zeros((2, 8, 3), np.float32), np.zeros((2, 8), np.float32))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="keypoints must be"):
        Persons.of(64, 48, boxes(1), np.zeros(1, np.float32), np.zeros((1, 17, 3), np.float32))
