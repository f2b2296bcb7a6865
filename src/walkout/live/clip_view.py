"""Which cameras see a hand best, and which part of their pictures a clip shows."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import dist, hypot
from typing import Final

import numpy as np

from walkout.privacy.bodies import Point, Sight, View
from walkout.recording.people import PeopleFrame, Person
from walkout.store.layout import Camera

HALF_M: Final = 0.55
"""Half of what a clip shows around the middle of hand and facing."""
FILL_M: Final = 0.27
"""A ray this near to a head ends in its fill."""
LEAST_PX, MOST_PX = 96, 320
EDGE_PX: Final = 12.0
"""A hand nearer to the edge of a picture than this is not seen well."""
LOST_NS: Final = 3_000_000_000
"""Whoever was seen this near to an instant, and not at it, is somewhere about."""
DOOR_M: Final = 0.8
SILENT_NS: Final = 350_000_000
"""A tracker that said nothing for so long before or after a picture leaves it without people: it is withheld."""


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of a picture, pixels: even sizes, as video wants them."""

    left_px: int
    top_px: int
    width_px: int
    height_px: int


def view_of(camera: Camera, crop: Crop | None = None) -> View:
    """A camera as the renderer of clips sees it. ValueError where it looks at where it is."""
    at, target = np.array([camera.x_m, camera.y_m, camera.z_m]), np.array(camera.look_at_m)
    length = float(np.linalg.norm(target - at))
    if length < 1e-6:
        raise ValueError(f"camera {camera.id} looks at the place where it is; right is another point in look_at_m")
    ahead = (target - at) / length
    upward = np.array([0.0, 0.0, 1.0]) if abs(ahead[2]) < 1.0 - 1e-9 else np.array([0.0, 1.0, 0.0])
    right = np.cross(ahead, upward)
    right /= np.linalg.norm(right)
    part = crop or Crop(0, 0, camera.width_px, camera.height_px)
    return View(
        at,
        np.stack([right, np.cross(ahead, right), ahead]),
        camera.focal_px,
        (camera.width_px / 2, camera.height_px / 2),
        part.left_px,
        part.top_px,
        part.width_px,
        part.height_px,
    )


def best_cameras(cameras: Sequence[Camera], hand: Point, head: Point | None, count: int = 2) -> tuple[Camera, ...]:
    """The cameras that see a hand best, at most `count`, the best first; none where none has it in its picture.

    Best is large in the picture, not behind the own chest, and not in line with the own head, before or behind the
    hand: a head is filled wherever it is.
    """
    scored = []
    for camera in cameras:
        column, row, depth = view_of(camera).pixel(hand)
        if not (
            EDGE_PX <= column <= camera.width_px - EDGE_PX
            and EDGE_PX <= row <= camera.height_px - EDGE_PX
            and depth > 0.2
        ):
            continue
        score = camera.focal_px / depth
        if head is not None:
            chest = (head[0], head[1], head[2] - 0.35)
            eye = (camera.x_m, camera.y_m, camera.z_m)
            score *= min(1.0, 0.2 + _passes(eye, hand, chest) / 0.35)
            score *= 1.0 if _passes(eye, hand, head, beyond=True) > FILL_M else 0.1
        scored.append((-score, camera.id, camera))
    return tuple(camera for _, _, camera in sorted(scored, key=lambda one: one[:2])[:count])


def crop_of(camera: Camera, hand: Point, target: Point) -> Crop:
    """The part of a camera's picture around a hand and the facing it is at."""
    middle = ((hand[0] + target[0]) / 2, (hand[1] + target[1]) / 2, (hand[2] + target[2]) / 2)
    column, row, depth = view_of(camera).pixel(middle)
    half = min(max(camera.focal_px * (HALF_M + dist(hand, target) / 2) / max(depth, 0.2), LEAST_PX / 2), MOST_PX / 2)
    width, height = (min(2 * int(half), size) // 2 * 2 for size in (camera.width_px, camera.height_px))
    left = min(max(int(column) - width // 2, 0), camera.width_px - width)
    top = min(max(int(row) - height // 2, 0), camera.height_px - height)
    return Crop(left // 2 * 2, top // 2 * 2, width, height)


def sights_at(
    frames: Sequence[PeopleFrame], t_ns: int, doors: Sequence[tuple[float, float]] = ()
) -> tuple[Sight, ...] | None:
    """Everybody about an instant, as seen just before and just after it; None where the tracker was silent.

    `frames` in order of time. Where somebody was between the two lies within the union of both with its margins.
    Whoever is in neither, and was seen within `LOST_NS` of the instant, may be near: they are told with their last
    place before and their first one after, and how long ago that is; unless that was at one of the `doors` (metres),
    through which they came or went.
    """
    times = [frame.t_ns for frame in frames]
    at = bisect_right(times, t_ns)
    if at == 0 or at == len(frames) or t_ns - times[at - 1] > SILENT_NS or times[at] - t_ns > SILENT_NS:
        return None
    found = [_sight(person) for frame in frames[at - 1 : at + 1] for person in frame.people]
    known = {sight.id for sight in found}
    for side in (reversed(frames[: at - 1]), frames[at + 1 :]):
        lost: set[str] = set()
        for frame in side:
            if abs(frame.t_ns - t_ns) > LOST_NS:
                break
            for person in frame.people:
                if person.id in known or person.id in lost or not person.joints:
                    continue
                lost.add(person.id)
                if not _at_door(person, doors):
                    found.append(_sight(person, abs(frame.t_ns - t_ns) / 1e9))
    return tuple(found)


def _at_door(person: Person, doors: Sequence[tuple[float, float]]) -> bool:
    return any(
        hypot(joint.x_m - x_m, joint.y_m - y_m) < DOOR_M for joint in person.joints.values() for x_m, y_m in doors
    )


def _sight(person: Person, age_s: float = 0.0) -> Sight:
    joints = {name: (joint.x_m, joint.y_m, joint.z_m) for name, joint in person.joints.items()}
    return Sight(person.id, joints, age_s)


def _passes(eye: Point, hand: Point, point: Point, *, beyond: bool = False) -> float:
    """How near the segment from an eye to a hand, or the ray on `beyond` it, passes a point, metres."""
    a, b, p = np.array(eye), np.array(hand), np.array(point)
    share = float((p - a) @ (b - a)) / max(float((b - a) @ (b - a)), 1e-9)
    along = max(share, 0.0) if beyond else min(max(share, 0.0), 1.0)
    return float(np.linalg.norm(a + along * (b - a) - p))
