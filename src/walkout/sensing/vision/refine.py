"""A second look at each person that the pose network found: a crop at the camera's own resolution, better joints.

The pose network sees 320 x 192 of a picture of 640 x 360 or more, where a head is some eight pixels wide; that is too
little to place wrists well or to tell front from back. This network (walkout.learning.refine_net) sees one person's
upper body in 128 x 128 pixels of the picture itself, and where the first one put each joint, which says whose crop it
is. It gives each joint anew, with its side and how far off it may be; whether somebody is there, and their box, stay.
"""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from walkout.recording.people import JOINTS
from walkout.sensing.vision.letterbox import GREY
from walkout.sensing.vision.persons import Floats, Persons
from walkout.sensing.vision.runner import Runner, Signature

CROP_PX, CELL_PX = 128, 4
CELLS = CROP_PX // CELL_PX
K = len(JOINTS)
_HALVES = (("shoulder", "elbow"), ("elbow", "wrist"))
CHANNELS = 3 + K
"""Red, green, blue 0..255, then each joint's hill of height 1 where the first network put it."""
MAPS, WHOLE = 4 * K, 2 * K
SIGNATURE = Signature((None, CHANNELS, CROP_PX, CROP_PX), ((None, MAPS, CELLS, CELLS), (None, WHOLE)))
SPREAD_KEY = "walkout.refine.spread"
"""In the model's metadata: what its own spreads are multiplied by, fitted on frames it was not trained on."""
HILL_PX = 4.0
"""One standard deviation of a hill that says where a joint is about, in pixels of the crop."""
AROUND, OF_BOX, LEAST_PX = 1.4, 0.7, 24.0
"""A crop's side: so many times the joints' extent, but no less than so much of the box's longer side."""
LEAST_SPREAD_LOG, MOST_SPREAD_LOG = -2.0, 4.0
"""Bounds of the logarithm of a joint's Laplace scale in pixels of the crop."""
LEAST_SURE = 0.2
"""A joint whose best place and the cells around it have less of the probability than this stays where it was: on frames
that it was not trained on, torsos were then better placed by the first network, and arms as well by either."""
LONGEST = 0.35
"""An upper or lower arm longer than this share of the box's longer side is not believed, and its far end stays where it
was; of drawn people one arm's half in a hundred is so long. On real pictures, which are unlike what the network was
trained on, its choices stray more."""
ARMS = tuple((JOINTS.index(f"{s}_{a}"), JOINTS.index(f"{s}_{b}")) for a, b in _HALVES for s in "lr")
"""Pairs of joints, from the shoulders outward."""
AROUND_CELLS = np.arange(-2, 3)
MOST_AT_ONCE = 8
"""People of one picture that are looked at together; more take turns, so that memory stays bounded."""
_FAR_OFF_PX = np.float32(-1e3)
"""Where a joint is drawn that is not known: so far off that nothing of its hill is in the crop."""
_MIDDLES = np.arange(CROP_PX, dtype=np.float32) + np.float32(0.5)


class Refiner:
    """The second network. Without `model`, the one in the package. Raises as Runner does."""

    def __init__(self, model: Path | bytes | None = None, threads: int = 1, spread: float | None = None) -> None:
        """`spread` takes the place of the factor in the file."""
        self._runner = Runner(packaged() if model is None else model, SIGNATURE, threads)
        self.spread = _spread_of(self._runner.metadata.get(SPREAD_KEY, "1.0")) if spread is None else spread

    def __call__(self, rgb: NDArray[np.uint8], persons: Persons, /) -> Persons:
        """The same people with their joints placed anew; those without any joint stay as they are."""
        keypoints, spreads = persons.keypoints.copy(), persons.spread_px.copy()
        known = np.flatnonzero(np.isfinite(keypoints[:, :, 0]).any(axis=1))
        for start in range(0, len(known), MOST_AT_ONCE):
            who = known[start : start + MOST_AT_ONCE]
            squares = squares_of(keypoints[who, :, :2], persons.boxes[who])
            maps, whole = self.raw(crops(rgb, keypoints[who, :, :2], squares))
            made = placed(maps, whole, squares, keypoints[who], spreads[who], self.spread)
            keypoints[who], spreads[who] = with_arms(*made, keypoints[who], spreads[who], persons.boxes[who])
        return Persons(persons.width_px, persons.height_px, persons.boxes, persons.scores, keypoints, spreads)

    def raw(self, some: Floats, /) -> Sequence[Floats]:
        """The network alone: maps and the 16 of some crops."""
        return self._runner(some)


def packaged() -> bytes:
    """The network in the package."""
    return resources.files("walkout.sensing.vision").joinpath("weights", "refine.onnx").read_bytes()


def squares_of(joints: Floats, boxes: Floats) -> Floats:
    """Left, top and side, whole pixels of the picture, of people's crops; joints (n, 8, 2) with NaN, boxes (n, 4)."""
    low, high = np.nanmin(joints, axis=1), np.nanmax(joints, axis=1)
    long_ = np.maximum(AROUND * (high - low).max(axis=1), OF_BOX * (boxes[:, 2:] - boxes[:, :2]).max(axis=1))
    side = np.rint(np.maximum(long_, LEAST_PX))
    corner = np.rint((low + high) / 2.0 - side[:, None] / 2.0)
    return np.concatenate([corner, side[:, None]], axis=1).astype(np.float32)


def crops(rgb: NDArray[np.uint8], joints: Floats, squares: Floats) -> Floats:
    """What the network takes of some people, (n, 11, 128, 128); grey where the picture ends."""
    made = np.empty((len(squares), CHANNELS, CROP_PX, CROP_PX), np.float32)
    rows, columns = rgb.shape[:2]
    for n, (left, top, side) in enumerate(squares.astype(np.int64).tolist()):
        x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + side, columns), min(top + side, rows)
        part = rgb[y0:y1, x0:x1]
        if part.shape != (side, side, 3):
            canvas = np.full((side, side, 3), GREY, np.uint8)
            if x1 > x0 and y1 > y0:
                canvas[y0 - top : y1 - top, x0 - left : x1 - left] = part
            part = canvas
        way = cv2.INTER_AREA if side > CROP_PX else cv2.INTER_LINEAR
        small = np.asarray(cv2.resize(part, (CROP_PX, CROP_PX), interpolation=way), np.uint8)
        for channel, colour in enumerate(cv2.split(small)):
            made[n, channel] = colour
    at = (joints - squares[:, None, :2]) * (np.float32(CROP_PX) / squares[:, None, 2:])
    at = np.where(np.isfinite(at), at, _FAR_OFF_PX)
    hills = np.exp(-((_MIDDLES - at[..., None]) ** 2) / np.float32(2.0 * HILL_PX**2))
    np.multiply(hills[:, :, 1, :, None], hills[:, :, 0, None, :], out=made[:, 3:])
    return made


def placed(
    maps: Floats, whole: Floats, squares: Floats, keypoints: Floats, spreads: Floats, factor: float
) -> tuple[Floats, Floats]:
    """The network's answers as joints (n, 8, 3) and spreads (n, 8) in the picture's pixels.

    A joint that the network takes to be outside the crop, or cannot choose a place for, stays where it was.
    """
    n = len(maps)
    heat = maps[:, :K].reshape(n, K, -1)
    cell = heat.argmax(axis=2)
    people, joints = np.arange(n)[:, None], np.arange(K)[None]
    rows, columns = cell // CELLS, cell % CELLS
    x = (columns + 0.5 + maps[people, K + joints, rows, columns]) * CELL_PX
    y = (rows + 0.5 + maps[people, 2 * K + joints, rows, columns]) * CELL_PX
    scale = np.clip(maps[people, 3 * K + joints, rows, columns], LEAST_SPREAD_LOG, MOST_SPREAD_LOG)
    high = heat.max(axis=2)
    likely = np.exp(heat - high[..., None])
    within, outside = likely.sum(axis=2), np.exp(np.minimum(whole[:, :K] - high, 60.0))
    near = np.pad(likely.reshape(n, K, CELLS, CELLS), ((0, 0), (0, 0), (2, 2), (2, 2)))
    down, across = rows[..., None, None] + AROUND_CELLS[:, None] + 2, columns[..., None, None] + AROUND_CELLS + 2
    sure = near[people[..., None, None], joints[..., None, None], down, across].sum(axis=(2, 3)) / (within + outside)
    inside = (within >= outside) & (sure >= LEAST_SURE)
    size = squares[:, 2:] / np.float32(CROP_PX)
    found = np.stack(
        [squares[:, :1] + x * size, squares[:, 1:2] + y * size, 1.0 / (1.0 + np.exp(-whole[:, K:]))], axis=2
    )
    apart = np.sqrt(2.0) * np.exp(scale) * size * factor
    joints_now = np.where(inside[..., None], found, keypoints).astype(np.float32)
    return joints_now, np.where(inside, apart, spreads).astype(np.float32)


def with_arms(
    made: Floats, made_spreads: Floats, keypoints: Floats, spreads: Floats, boxes: Floats
) -> tuple[Floats, Floats]:
    """Joints (n, 8, 3) and spreads as they were made, but for the far ends of arms too long to be arms, in place."""
    most = LONGEST * (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    for near, far in ARMS:
        long_ = np.hypot(*(made[:, far, :2] - made[:, near, :2]).T) > most
        made[long_, far], made_spreads[long_, far] = keypoints[long_, far], spreads[long_, far]
    return made, made_spreads


def _spread_of(text: str) -> float:
    value = float(text)
    if not 0.0 < value < 100.0:
        raise ValueError(f"{SPREAD_KEY} must be a number above 0, found '{text}'")
    return value
