"""People with joints by an RTMO network, as its makers export it.

Lu et al., "RTMO: Towards High-Performance One-Stage Real-Time Multi-Person Pose Estimation", 2023. The network takes
blue, green, red 0..255 in a square with the picture at the top left, and gives up to n people: a box with a score
(1, n, 5), and COCO's 17 joints with scores (1, n, 17, 3), all in pixels of the square.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from walkout.recording.people import JOINTS
from walkout.sensing.vision.letterbox import letterbox
from walkout.sensing.vision.overlap import best_of_each
from walkout.sensing.vision.persons import Floats, Persons
from walkout.sensing.vision.runner import Runner, Signature

_COCO = 17
_FACE = slice(0, 5)
"""Nose, eyes, ears."""
_EARS, _SHOULDERS = (3, 4), (5, 6)
_ONE_TO_ONE = {"l_shoulder": 5, "r_shoulder": 6, "l_elbow": 7, "r_elbow": 8, "l_wrist": 9, "r_wrist": 10}


class Rtmo:
    """An RTMO pose network of the given input size. Raises as Runner does."""

    def __init__(
        self,
        model: Path | bytes,
        size_px: int = 640,
        least_score: float = 0.3,
        most_overlap: float = 0.45,
        least_joint: float = 0.3,
        threads: int = 1,
    ) -> None:
        self.name = "rtmo"
        self._size_px, self._least, self._most_overlap = size_px, least_score, most_overlap
        self._least_joint = least_joint
        wanted = Signature((None, 3, size_px, size_px), ((None, None, 5), (None, None, _COCO, 3)))
        self._runner = Runner(model, wanted, threads)

    def __call__(self, rgb: NDArray[np.uint8], /) -> Persons:
        """The people in a picture."""
        canvas, fit = letterbox(rgb, self._size_px, self._size_px)
        bgr = np.ascontiguousarray(canvas[:, :, ::-1].transpose(2, 0, 1)[None], np.float32)
        found, coco = (part[0] for part in self._runner(bgr))
        sure = np.nan_to_num(found[:, 4]) >= self._least
        found, coco = found[sure], coco[sure]
        kept = best_of_each(found[:, :4], found[:, 4], self._most_overlap)
        found, coco = found[kept], coco[kept].copy()
        coco[:, :, :2] = fit.back(coco[:, :, :2])
        joints = to_joints(coco, self._least_joint)
        scores = np.ascontiguousarray(np.clip(found[:, 4], 0.0, 1.0))
        return Persons.of(rgb.shape[1], rgb.shape[0], fit.back(found[:, :4]), scores, joints)


def to_joints(coco: Floats, least: float) -> Floats:
    """COCO's joints (n, 17, 3) in the people's order (n, 8, 3); what scores less than `least` is not found.

    The neck is the middle of both shoulders. The head is the middle of both ears, which lie on the axis of the head;
    where one is not found, the mean of what is found of the face.
    """
    joints = np.full((len(coco), len(JOINTS), 3), np.nan, np.float32)
    joints[:, :, 2] = 0.0
    for name, place in _ONE_TO_ONE.items():
        joints[:, JOINTS.index(name)] = coco[:, place]
    joints[:, JOINTS.index("neck")] = _middle(coco[:, list(_SHOULDERS)])
    for one, person in enumerate(coco):
        face = person[_FACE]
        ears = person[list(_EARS)]
        parts = ears if (ears[:, 2] >= least).all() else face[face[:, 2] >= least]
        if len(parts):
            joints[one, JOINTS.index("head")] = parts.mean(axis=0)
    lost = ~(joints[:, :, 2] >= least)
    joints[lost] = (np.nan, np.nan, 0.0)
    return joints


def _middle(pair: Floats) -> Floats:
    """The middle of two joints (n, 2, 3), with the score of the worse."""
    made = pair.mean(axis=1)
    made[:, 2] = pair[:, :, 2].min(axis=1)
    return np.asarray(made, np.float32)
