"""People with joints by Walkout's own small network, which is part of the package.

The network (walkout.learning.pose_net) takes red, green, blue 0..255 at 320 x 192 with the picture in the middle. It
gives where necks are (a map of cells of 8 pixels), what stands at each cell if a neck is there (box, joints, how far
off each may be, whether it is seen), and where joints of anybody are (maps of cells of 4 pixels). A joint is first
where its person's cell says; if the joint's map has a hill near there, it is at the hill's top.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from walkout.recording.people import JOINTS
from walkout.sensing.vision.letterbox import Letterbox, letterbox
from walkout.sensing.vision.persons import Floats, Persons
from walkout.sensing.vision.pose_kernel import refine
from walkout.sensing.vision.runner import Runner, Signature

WIDTH_PX, HEIGHT_PX = 320, 192
STRIDE, FINE = 8, 4
K = len(JOINTS)
SIGNATURE = Signature(
    (1, 3, HEIGHT_PX, WIDTH_PX),
    (
        (1, 1, HEIGHT_PX // STRIDE, WIDTH_PX // STRIDE),
        (1, 4 + 4 * K, HEIGHT_PX // STRIDE, WIDTH_PX // STRIDE),
        (1, K, HEIGHT_PX // FINE, WIDTH_PX // FINE),
    ),
)
SPREAD_KEY = "walkout.spread"
"""In the model's metadata: three numbers, fitted on frames it was not trained on (see `Tuning.spread`)."""
_SAME = 0.12
"""Two people whose heads and shoulders lie closer than this share of the larger one's height are one."""
_UPPER = slice(0, 4)
MOST_REACH = 6.0
"""Cells of the joints' maps within which a hill may be a joint's."""
_THREE = np.arange(3)


@dataclass(frozen=True, slots=True)
class Tuning:
    """Where the network's answers are cut.

    `spread`: what a refined joint's own spread is multiplied by is spread[0] + spread[1] x (1 - height of its hill);
    an unrefined one's is multiplied by spread[2].
    """

    least_score: float = 0.5
    least_hill: float = 0.25
    least_joint: float = 0.1
    spread: tuple[float, float, float] = (1.0, 0.0, 1.0)


class OwnPose:
    """Walkout's own pose network. Without `model`, the one in the package. Raises as Runner does."""

    def __init__(self, model: Path | bytes | None = None, tuning: Tuning | None = None, threads: int = 1) -> None:
        self.name = "own-pose"
        self._runner = Runner(packaged() if model is None else model, SIGNATURE, threads)
        self.tuning = tuning or Tuning(spread=_spread_of(self._runner.metadata.get(SPREAD_KEY, "")))

    def __call__(self, rgb: NDArray[np.uint8], /) -> Persons:
        """The people in a picture."""
        picture, fit = self.ready(rgb)
        centres, people, joints = self.raw(picture)
        found = decode(centres[0, 0], people[0], joints[0], self.tuning)
        keypoints = found.keypoints.copy()
        keypoints[:, :, :2] = fit.back(keypoints[:, :, :2])
        spread = np.asarray(found.spread_px / np.float32(fit.scale), np.float32)
        return Persons.of(rgb.shape[1], rgb.shape[0], fit.back(found.boxes), found.scores, keypoints, spread)

    def ready(self, rgb: NDArray[np.uint8], /) -> tuple[Floats, Letterbox]:
        """A picture as the network takes it, (1, 3, 192, 320), and how it lies in there."""
        canvas, fit = letterbox(rgb, WIDTH_PX, HEIGHT_PX, "middle")
        return np.ascontiguousarray(canvas.transpose(2, 0, 1)[None], np.float32), fit

    def raw(self, picture: Floats, /) -> Sequence[Floats]:
        """The network alone: its three maps."""
        return self._runner(picture)


def packaged() -> bytes:
    """The network in the package."""
    return resources.files("walkout.sensing.vision").joinpath("weights", "pose.onnx").read_bytes()


def decode(centres: Floats, people: Floats, joints: Floats, tuning: Tuning) -> Persons:
    """The network's three maps of one picture as people, in pixels of the network's own picture.

    centres (24, 40) and joints (8, 48, 80) in 0..1; people (36, 24, 40).
    """
    rows, columns = _peaks(centres, tuning.least_score)
    scores = centres[rows, columns]
    order = np.argsort(-scores, kind="stable")
    rows, columns, scores = rows[order], columns[order], scores[order]
    at = people[:, rows, columns].T
    middle = np.stack([columns + 0.5, rows + 0.5], axis=1).astype(np.float32) * STRIDE
    boxes = at[:, :4] + np.tile(middle, 2)
    places = at[:, 4 : 4 + 2 * K].reshape(-1, K, 2) + middle[:, None]
    kept = _distinct(places, boxes)
    boxes, places, scores, at = boxes[kept], places[kept], scores[kept], at[kept]
    spread = np.sqrt(2.0) * np.exp(np.clip(at[:, 4 + 2 * K : 4 + 3 * K], -3.0, 6.0))
    seen = 1.0 / (1.0 + np.exp(-at[:, 4 + 3 * K :]))
    places, spread = np.ascontiguousarray(places, np.float32), np.asarray(spread, np.float32)
    refine(places, spread, joints, FINE, MOST_REACH, tuning.least_hill, *tuning.spread)
    keypoints = np.concatenate([places, seen[:, :, None]], axis=2).astype(np.float32)
    lost = ~(keypoints[:, :, 2] >= tuning.least_joint)
    keypoints[lost] = (np.nan, np.nan, 0.0)
    spread[lost] = np.nan
    return Persons.of(WIDTH_PX, HEIGHT_PX, boxes.astype(np.float32), scores.astype(np.float32), keypoints, spread)


def _peaks(centres: Floats, least: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of cells no lower than the eight around them."""
    rows, columns = np.nonzero(centres >= least)
    if not len(rows):
        return rows, columns
    walled = np.full((centres.shape[0] + 2, centres.shape[1] + 2), -1.0, centres.dtype)
    walled[1:-1, 1:-1] = centres
    around = walled[rows[:, None, None] + _THREE[:, None], columns[:, None, None] + _THREE[None]]
    high = centres[rows, columns] >= around.max(axis=(1, 2))
    return rows[high], columns[high]


def _distinct(places: Floats, boxes: Floats) -> NDArray[np.int64]:
    """Which people stay, best first, when each strikes out the worse ones that stand where it stands."""
    kept: list[int] = []
    for k in range(len(places)):
        high = float(boxes[k, 3] - boxes[k, 1])
        apart = (np.abs(places[j, _UPPER] - places[k, _UPPER]).sum(axis=1).mean() for j in kept)
        if all(gap > _SAME * max(high, float(boxes[j, 3] - boxes[j, 1])) for gap, j in zip(apart, kept, strict=True)):
            kept.append(k)
    return np.array(kept, np.int64)


def _spread_of(text: str) -> tuple[float, float, float]:
    """The three numbers of the metadata; those that change nothing where there are none."""
    parts = [float(part) for part in text.split(",")] if text else [1.0, 0.0, 1.0]
    if len(parts) != 3 or not np.isfinite(parts).all():
        raise ValueError(f"{SPREAD_KEY} must be three numbers, found '{text}'")
    return (parts[0], parts[1], parts[2])
