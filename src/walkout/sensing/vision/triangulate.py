"""One point from several cameras' pixels: a linear start, Gauss-Newton on the pixels, and the covariance that is left.

Linear: Hartley and Zisserman, Multiple View Geometry, 2nd ed., section 12.2, on undistorted coordinates. The covariance
is the inverse of the normal equations at the minimum (the same, section 5.1.3): what pixel noise alone leaves open.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from walkout.sensing.vision.lens import Floats, Lens

STEPS = 8
"""Of Gauss-Newton at most; it stops below a tenth of a millimetre."""


@dataclass(frozen=True, slots=True, eq=False)
class Fix:
    """A point in the store frame, metres."""

    at_m: Floats
    """Shape (3,)."""
    covariance_m2: Floats
    """Shape (3, 3)."""
    off_px: float
    """The root mean square of what is left in the pictures, weighted by the pixels' own spreads, in pixels of the
    least uncertain one."""


def ray_gap_m(a: Lens, pixel_a: Floats, b: Lens, pixel_b: Floats) -> Floats:
    """How far the rays of two cameras' pixels (..., 2) pass each other, metres; infinite behind either camera."""
    u, v = a.rays(pixel_a), b.rays(pixel_b)
    base = b.at_m - a.at_m
    uv = (u * v).sum(-1)
    ub, vb = u @ base, v @ base
    across = np.maximum(1.0 - uv * uv, 1e-9)
    s, t = (ub - uv * vb) / across, (uv * ub - vb) / across
    gap = np.linalg.norm(a.at_m + s[..., None] * u - b.at_m - t[..., None] * v, axis=-1)
    return np.asarray(np.where((s > 0) & (t > 0), gap, np.inf))


def triangulate(lenses: Sequence[Lens], pixels: Floats, spread_px: Floats) -> Fix | None:
    """The point that two or more cameras see at these pixels, or None: fewer than two, parallel rays, or behind one.

    `pixels` (cameras, 2), NaN where a camera does not see it; `spread_px` (cameras,): one standard deviation.
    """
    used = [k for k in range(len(lenses)) if np.isfinite(pixels[k]).all()]
    if len(used) < 2:
        return None
    rows = []
    for k in used:
        lens, (x, y) = lenses[k], lenses[k].flatten(pixels[k])
        weight = lens.focal_px / spread_px[k]
        for flat, axis in ((x, lens.axes[0]), (y, lens.axes[1])):
            row = flat * lens.axes[2] - axis
            rows.append((*(weight * row), weight * float(row @ lens.at_m)))
    system = np.array(rows)
    at, _, rank, _ = np.linalg.lstsq(system[:, :3], system[:, 3], rcond=1e-9)
    if rank < 3:
        return None
    normal = np.eye(3)
    for _ in range(STEPS):
        slopes, off = [], []
        for k in used:
            seen, depth = lenses[k].project(at)
            if not depth > 0 or not np.isfinite(seen).all():
                return None
            slopes.append(lenses[k].jacobian(at) / spread_px[k])
            off.append((pixels[k] - seen) / spread_px[k])
        slope, residual = np.concatenate(slopes), np.concatenate(off)
        normal = slope.T @ slope
        if np.linalg.cond(normal) > 1e12:
            return None
        step = np.linalg.solve(normal, slope.T @ residual)
        at = at + step
        if float(np.abs(step).max()) < 1e-4:
            break
    left = float(np.sqrt(np.mean(residual**2))) * float(np.min(spread_px[used]))
    return Fix(at, np.linalg.inv(normal), left)
