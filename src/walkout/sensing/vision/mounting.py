"""Where a camera is and how long its lens, from points whose places are known and the pixels where it shows them.

For floors with a few marked points, and for people whose heads somebody else has placed: no board needed. Nothing is
assumed of where the camera hangs but that it is above the points' middle and about upright.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, degrees, log
from typing import Final

import numpy as np
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from walkout.sensing.vision.lens import Floats, Lens
from walkout.store.layout import Camera

LEAST_POINTS: Final = 5
"""A pose and a focal length are seven numbers; each point gives two, and one is to spare."""
HANGS_M: Final = (2.8, 0.8)
"""How high cameras hang and how much that differs: it decides only what the points leave open."""
WIDE: Final = (0.75, 0.5)
"""Focal lengths of shops' cameras in picture widths, and by what factor (its log) they differ."""
_AROUND: Final = 8
_FAR_M: Final = (1.5, 4.0)
_FOCAL: Final = (0.6, 1.1)
"""Starts: around the points at these distances, with these focal lengths in picture widths."""
_SOFT_PX: Final = 3.0
"""What is off by more counts less: a mark that was clicked wrong, a box that was cut."""


class PoseError(ValueError):
    """The points do not say where the camera is."""


@dataclass(frozen=True, slots=True)
class Posed:
    """A camera found, and how well it fits."""

    camera: Camera
    off_px: float
    """Median distance of a point from where the camera should show it, pixels."""
    worst_px: float
    off_cm: float
    """The same at the points' own distances: how far beside each ray its point lies, centimetres."""


def turned(axes: Floats, by: Floats) -> Floats:
    """A camera's axes (rows) turned by a rotation vector in its own frame."""
    return np.asarray(Rotation.from_rotvec(by).as_matrix().T @ axes)


def camera_of(lens: Lens) -> Camera:
    """The store's form of a lens: the point it looks at is on the floor, or 3 m ahead."""
    forward = lens.axes[2]
    far = lens.at_m[2] / -forward[2] if forward[2] < -0.1 else 3.0
    upward = np.array([0.0, 0.0, 1.0] if abs(forward[2]) < 1.0 - 1e-9 else [0.0, 1.0, 0.0])
    level = np.cross(forward, upward)
    level /= np.linalg.norm(level)
    below = np.cross(forward, level)
    roll = degrees(atan2(float(lens.axes[0] @ below), float(lens.axes[0] @ level)))
    x, y, z = (round(float(v), 5) for v in lens.at_m)
    a, b, c = (round(float(v), 5) for v in lens.at_m + far * forward)
    middle = np.array([lens.width_px / 2, lens.height_px / 2])
    centre = None if np.allclose(lens.centre_px, middle, atol=0.005) else lens.centre_px
    k1, k2, p1, p2, k3 = (round(float(v), 7) for v in lens.distortion)
    return Camera(
        lens.id,
        x,
        y,
        z,
        (a, b, c),
        round(float(lens.focal_px), 3),
        lens.width_px,
        lens.height_px,
        lens.rate_hz,
        round(roll, 5),
        None if centre is None else (round(float(centre[0]), 3), round(float(centre[1]), 3)),
        (k1, k2, p1, p2, k3),
    )


def pose(
    name: str,
    points_m: Floats,
    pixels: Floats,
    size_px: tuple[int, int],
    *,
    focal_px: float | None = None,
    bend: bool = False,
    rate_hz: float = 10.0,
) -> Posed:
    """The camera that shows points (n, 3) of the store frame at pixels (n, 2); the same input gives the same camera.

    `focal_px`: known (None: found too). `bend`: find k1 of the lens's distortion too, which needs many points.

    Raises:
        PoseError: too few points, or all on a line, or none of the starts comes to an end.
    """
    if len(points_m) < LEAST_POINTS:
        raise PoseError(
            f"camera {name}: {len(points_m)} points; right is {LEAST_POINTS} or more, spread over the floor"
        )
    spread = np.linalg.svd(points_m - points_m.mean(axis=0), compute_uv=False)
    if spread[1] < 0.05 * spread[0] or spread[1] < 0.1:
        raise PoseError(f"camera {name}: all points lie about on one line; right are points on both sides of it")
    free, few = focal_px is None, np.linspace(0, len(points_m) - 1, min(len(points_m), 24)).astype(int)
    begun = []
    for start in _starts(name, points_m, size_px, focal_px, rate_hz):
        rough = _fit(start, points_m[few], pixels[few], free_focal=free, bend=False, steps=12)
        begun += [] if rough is None else [rough]
    begun.sort(key=lambda pair: pair[0])
    fits = [_fit(lens, points_m, pixels, free_focal=free, bend=bend, steps=80) for _, lens in begun[:3]]
    whole = [fit for fit in fits if fit is not None]
    if not whole:
        raise PoseError(f"camera {name}: no camera shows these points at these pixels")
    lens = min(whole, key=lambda pair: pair[0])[1]
    seen, depth = lens.project(points_m)
    off = np.linalg.norm(seen - pixels, axis=1)
    beside = off * depth / lens.focal_px
    return Posed(camera_of(lens), float(np.median(off)), float(off.max()), 100 * float(np.median(beside)))


def _starts(
    name: str, points_m: Floats, size_px: tuple[int, int], focal_px: float | None, rate_hz: float
) -> Sequence[Lens]:
    middle, (width, height) = points_m.mean(axis=0), size_px
    focals = [share * width for share in _FOCAL] if focal_px is None else [focal_px]
    found = []
    for k in range(_AROUND):
        for far in _FAR_M:
            angle = 2 * np.pi * k / _AROUND
            x, y = middle[0] + far * np.cos(angle), middle[1] + far * np.sin(angle)
            z = max(2.5, middle[2] + 1.0)
            aim = (float(middle[0]), float(middle[1]), float(middle[2]))
            found += [
                Lens.of(Camera(name, float(x), float(y), float(z), aim, focal, width, height, rate_hz))
                for focal in focals
            ]
    return found


def _fit(
    start: Lens, points_m: Floats, pixels: Floats, *, free_focal: bool, bend: bool, steps: int
) -> tuple[float, Lens] | None:
    def made(x: Floats) -> Lens:
        focal = float(np.exp(x[6])) if free_focal else start.focal_px
        distortion = np.array([x[-1], 0.0, 0.0, 0.0, 0.0]) if bend else start.distortion
        size = (start.width_px, start.height_px)
        return Lens(
            start.id, x[:3], turned(start.axes, x[3:6]), focal, start.centre_px, distortion, *size, start.rate_hz
        )

    def off(x: Floats) -> Floats:
        seen, depth = made(x).project(points_m)
        wrong = np.where(np.isfinite(seen), seen - pixels, 1e3 + 1e3 * np.abs(depth)[:, None])
        usual = [(x[2] - HANGS_M[0]) / HANGS_M[1]]
        usual += [(x[6] - log(WIDE[0] * start.width_px)) / WIDE[1]] if free_focal else []
        return np.concatenate([wrong.reshape(-1), usual])

    x0 = np.concatenate([start.at_m, np.zeros(3), [log(start.focal_px)] * free_focal, [0.0] * bend])
    found = least_squares(off, x0, loss="soft_l1", f_scale=_SOFT_PX, max_nfev=steps, x_scale="jac")
    lens = made(found.x)
    _, depth = lens.project(points_m)
    above = lens.at_m[2] > float(points_m[:, 2].mean()) + 0.2
    if not above or not (depth > 0.2).all() or not 0.2 < lens.focal_px / lens.width_px < 8.0:
        return None
    return float(found.cost), lens
