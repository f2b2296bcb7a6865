"""Where people may be in a picture: balls around their joints, as seen by a camera, with generous margins.

Only eight upper joints are known (head, neck, shoulders, elbows, wrists). What hangs from them, legs, bags, a stride,
is taken to be within balls under the neck; what sticks out of these (a pushchair) is found by how the picture changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float, float]

HEAD_R, NECK_R = 0.21, 0.19
"""Metres. A head with a turban, a hood, an afro, within; errors of a tracker (a few centimetres) on top."""
UNDER_R, ARM_R, HAND_R = 0.42, 0.17, 0.17
FOOT_R: Final = 0.50
"""Half a stride and a shoe."""
OWN_R, OWN_ARM_R = 0.30, 0.12
"""The same of the one whose hand the clip is about: tighter, for more of the shelf is to be seen."""
WALK_M_S, MOST_ASTRAY_M = 0.8, 1.5
"""How fast and how far somebody may have gone whom the tracker lost."""
REACH_M: Final = 0.6
"""A hand farther from the facing than this is not what the clip is about."""
KEPT_R: Final = 0.13
"""Around the forearm that reaches: what is to be seen."""
BEYOND_M: Final = 0.20
"""From the wrist to the tips of the fingers, or the far side of what they hold."""
HEAD_UP_M: Final = 0.22
"""From the neck to the middle of the head, where only the neck was found."""
_RING: Final = np.stack([np.cos(np.linspace(0, 2 * np.pi, 12, False)), np.sin(np.linspace(0, 2 * np.pi, 12, False))], 1)
_NEAR_M: Final = 0.05


class UnplacedError(ValueError):
    """Somebody was seen and it is not known where: the picture must not be shown."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A part of a camera's picture: pose (position; right, down, forward as rows), focal length, and the part.

    The part is `width_px` x `height_px` pixels from (`left_px`, `top_px`) of a picture whose optical axis goes through
    (`middle_px`).
    """

    at_m: NDArray[np.float64]
    axes: NDArray[np.float64]
    focal_px: float
    middle_px: tuple[float, float]
    left_px: int
    top_px: int
    width_px: int
    height_px: int

    def rings(self, balls: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """The outline of each ball (x, y, z, radius) that is before the camera, (12, 2) pixels of the part.

        A circle of the radius at the ball's depth, made larger by how a sphere's outline stretches off the axis.
        """
        offset = (balls[:, :3] - self.at_m) @ self.axes.T
        there = offset[:, 2] >= _NEAR_M
        offset, radius = offset[there], balls[there, 3]
        if not len(radius):
            return []
        depth = offset[:, 2]
        nearer = np.maximum(depth - 0.5 * radius, _NEAR_M)
        stretch = np.sqrt(1.0 + (offset[:, 0] ** 2 + offset[:, 1] ** 2) / depth**2)
        centre = offset[:, :2] * (self.focal_px / depth)[:, None]
        centre += (self.middle_px[0] - self.left_px, self.middle_px[1] - self.top_px)
        return list(centre[:, None] + _RING * (self.focal_px * radius * stretch / nearer)[:, None, None])

    def pixel(self, point: Point) -> tuple[float, float, float]:
        """Column and row in the whole picture, and depth in metres; NaN, NaN where it is behind the camera."""
        right, down, depth = self.axes @ (np.array(point) - self.at_m)
        if depth < _NEAR_M:
            return (float("nan"), float("nan"), float(depth))
        scale = self.focal_px / depth
        return (float(self.middle_px[0] + scale * right), float(self.middle_px[1] + scale * down), float(depth))


@dataclass(frozen=True, slots=True)
class Sight:
    """One person at one instant: joints in the store frame, metres (those that were found).

    `age_s` is how far from that instant they were seen, where the tracker lost them: they may be a walk away.
    """

    id: str
    joints: Mapping[str, Point]
    age_s: float = 0.0

    @property
    def astray_m(self) -> float:
        """How far off they may be by now."""
        return min(WALK_M_S * self.age_s, MOST_ASTRAY_M)


def head_balls(sight: Sight) -> NDArray[np.float64]:
    """Balls around the head and the neck. UnplacedError where neither was found, nor two shoulders."""
    head, neck = _head(sight), _neck(sight)
    return np.array([[*head, HEAD_R + sight.astray_m], [*neck, NECK_R + sight.astray_m]])


def body_balls(sight: Sight, *, own: bool = False) -> NDArray[np.float64]:
    """Balls around the whole of somebody; `own`: tighter, for whoever the clip is about. Raises as `head_balls`."""
    neck = np.array(_neck(sight))
    joints = {name: np.array(point) for name, point in sight.joints.items()}
    under, arm = (OWN_R, OWN_ARM_R) if own else (UNDER_R, ARM_R)
    balls = [*head_balls(sight).tolist()]
    for share, radius in ((0.80, under), (0.55, under), (0.08, FOOT_R if not own else 1.2 * under)):
        balls.append([neck[0], neck[1], share * neck[2], radius])
    for side in ("l", "r"):
        for name, radius in ((f"{side}_shoulder", 1.2 * arm), (f"{side}_elbow", arm)):
            if name in joints:
                balls.append([*joints[name], radius])
        if not own and f"{side}_wrist" in joints:
            balls.append([*joints[f"{side}_wrist"], HAND_R])
            balls.append([*_tips(joints, side), HAND_R])
    found = np.array(balls)
    found[2:, 3] += sight.astray_m
    return found


def reaching_balls(sight: Sight, target: Point) -> NDArray[np.float64]:
    """Balls along the forearm nearest to a target, from near the elbow to beyond the hand; none if it is far away."""
    joints = {name: np.array(point) for name, point in sight.joints.items()}
    sides = [side for side in ("l", "r") if f"{side}_wrist" in joints]
    if not sides:
        return np.empty((0, 4))
    side = min(sides, key=lambda one: (float(np.linalg.norm(joints[f"{one}_wrist"] - target)), one))
    wrist, tips = joints[f"{side}_wrist"], _tips(joints, side)
    if sight.age_s or float(np.linalg.norm(wrist - target)) > REACH_M:
        return np.empty((0, 4))
    elbow = joints.get(f"{side}_elbow", wrist)
    points = [wrist + 0.5 * (elbow - wrist), wrist, tips]
    return np.array([[*point, KEPT_R] for point in points])


def placed(sights: Sequence[Sight]) -> bool:
    """Whether it is known where each of them is."""
    try:
        for sight in sights:
            _head(sight)
    except UnplacedError:
        return False
    return True


def _tips(joints: Mapping[str, NDArray[np.float64]], side: str) -> NDArray[np.float64]:
    wrist = joints[f"{side}_wrist"]
    fore = wrist - joints.get(f"{side}_elbow", wrist)
    length = float(np.linalg.norm(fore))
    return wrist + fore * (BEYOND_M / length) if length > 0.05 else wrist


def _neck(sight: Sight) -> Point:
    joints = sight.joints
    if "neck" in joints:
        return joints["neck"]
    if "l_shoulder" in joints and "r_shoulder" in joints:
        left, right = joints["l_shoulder"], joints["r_shoulder"]
        return ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2, (left[2] + right[2]) / 2)
    if "head" in joints:
        head = joints["head"]
        return (head[0], head[1], head[2] - HEAD_UP_M)
    raise UnplacedError(f"of {sight.id} neither head nor neck nor both shoulders were found")


def _head(sight: Sight) -> Point:
    if "head" in sight.joints:
        return sight.joints["head"]
    neck = _neck(sight)
    return (neck[0], neck[1], neck[2] + HEAD_UP_M)
