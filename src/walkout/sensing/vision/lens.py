"""A calibrated camera as arithmetic: store-frame points to pixels, pixels to rays, and how one moves with the other.

Pinhole with Brown's distortion (k1, k2, p1, p2, k3), as in OpenCV's calibration. Pixels count from the picture's upper
left corner, so that the middle of the first pixel is (0.5, 0.5); OpenCV's own count is half a pixel less.
"""

from dataclasses import dataclass
from math import cos, radians, sin
from typing import Self

import numpy as np
from numpy.typing import NDArray

from walkout.store.layout import Camera

Floats = NDArray[np.float64]

NEAR_M = 0.05
"""What is nearer to the camera's plane than this has no pixel."""
_STEPS = 20
"""Of fixed-point undistortion; the lenses of shop cameras need five to ten for a thousandth of a pixel."""


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """One camera: where it is, which way it looks, and its lens."""

    id: str
    at_m: Floats
    """Shape (3,), the store frame."""
    axes: Floats
    """Shape (3, 3): right, down and forward as rows."""
    focal_px: float
    centre_px: Floats
    """Shape (2,)."""
    distortion: Floats
    """Shape (5,)."""
    width_px: int
    height_px: int
    rate_hz: float

    @classmethod
    def of(cls, camera: Camera) -> Self:
        """The lens of a store's camera; one that looks straight up or down has +y at the top."""
        at = np.array([camera.x_m, camera.y_m, camera.z_m])
        forward = np.array(camera.look_at_m) - at
        forward /= np.linalg.norm(forward)
        upward = np.array([0.0, 0.0, 1.0] if abs(forward[2]) < 1.0 - 1e-9 else [0.0, 1.0, 0.0])
        level = np.cross(forward, upward)
        level /= np.linalg.norm(level)
        below, turn = np.cross(forward, level), radians(camera.roll_deg)
        right = cos(turn) * level + sin(turn) * below
        middle = (camera.width_px / 2, camera.height_px / 2) if camera.centre_px is None else camera.centre_px
        axes = np.stack([right, np.cross(forward, right), forward])
        size = (camera.width_px, camera.height_px)
        return cls(
            camera.id, at, axes, camera.focal_px, np.array(middle), np.array(camera.distortion), *size, camera.rate_hz
        )

    def project(self, points_m: Floats) -> tuple[Floats, Floats]:
        """Pixels (..., 2) and depth along the optical axis (...) of points (..., 3); NaN pixels behind the camera."""
        local = (np.asarray(points_m) - self.at_m) @ self.axes.T
        depth = local[..., 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            flat = np.where(depth[..., None] > NEAR_M, local[..., :2] / depth[..., None], np.nan)
        return self.focal_px * self._bend(flat) + self.centre_px, depth

    def jacobian(self, points_m: Floats) -> Floats:
        """How pixels move with points: (..., 2, 3), pixels a metre; NaN behind the camera."""
        local = (np.asarray(points_m) - self.at_m) @ self.axes.T
        with np.errstate(divide="ignore", invalid="ignore"):
            inverse = np.where(local[..., 2] > NEAR_M, 1.0 / local[..., 2], np.nan)
        flat = local[..., :2] * inverse[..., None]
        # the flat point with the camera's own axes: d(x/z) = dx/z - x dz/z^2
        inner = np.zeros((*flat.shape[:-1], 2, 3))
        inner[..., 0, 0] = inner[..., 1, 1] = inverse
        inner[..., :, 2] = -flat * inverse[..., None]
        moved = inner @ self.axes
        if self.distortion.any():
            moved = self._bending(flat) @ moved
        return self.focal_px * moved

    def rays(self, pixels: Floats) -> Floats:
        """Unit directions (..., 3) in the store frame of pixels (..., 2)."""
        flat = self.flatten(pixels)
        local = np.concatenate([flat, np.ones((*flat.shape[:-1], 1))], axis=-1)
        toward = local @ self.axes
        return np.asarray(toward / np.linalg.norm(toward, axis=-1, keepdims=True))

    def flatten(self, pixels: Floats) -> Floats:
        """Pixels without focal length and distortion: x/z and y/z in the camera's own axes, (..., 2)."""
        bent = (np.asarray(pixels, np.float64) - self.centre_px) / self.focal_px
        if not self.distortion.any():
            return bent
        k1, k2, p1, p2, k3 = self.distortion
        flat = bent
        for _ in range(_STEPS):
            x, y = flat[..., 0], flat[..., 1]
            r2 = x * x + y * y
            radial = np.maximum(1.0 + r2 * (k1 + r2 * (k2 + r2 * k3)), 0.1)
            aside = np.stack([2 * p1 * x * y + p2 * (r2 + 2 * x * x), p1 * (r2 + 2 * y * y) + 2 * p2 * x * y], axis=-1)
            flat = (bent - aside) / radial[..., None]
        return flat

    def sees(self, points_m: Floats, margin_px: float = 0.0) -> NDArray[np.bool_]:
        """Whether points (..., 3) lie in the picture, so much inside its edges; nothing in between is known."""
        pixels, depth = self.project(points_m)
        u, v = pixels[..., 0], pixels[..., 1]
        inside = (
            (u >= margin_px) & (u < self.width_px - margin_px) & (v >= margin_px) & (v < self.height_px - margin_px)
        )
        return np.asarray(inside & (depth > NEAR_M))

    def on_plane(self, pixels: Floats, z_m: float | Floats) -> Floats:
        """Where pixels' rays (..., 2) meet the level z: (..., 3), NaN where they do not, before the camera."""
        toward = self.rays(pixels)
        with np.errstate(divide="ignore", invalid="ignore"):
            far = (np.asarray(z_m) - self.at_m[2]) / toward[..., 2]
        far = np.where(np.isfinite(far) & (far > NEAR_M), far, np.nan)
        return np.asarray(self.at_m + far[..., None] * toward)

    def _bend(self, flat: Floats) -> Floats:
        if not self.distortion.any():
            return flat
        k1, k2, p1, p2, k3 = self.distortion
        x, y = flat[..., 0], flat[..., 1]
        r2 = x * x + y * y
        radial = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))
        u = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)
        v = y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y
        return np.stack([u, v], axis=-1)

    def _bending(self, flat: Floats) -> Floats:
        """The derivative of `_bend`, (..., 2, 2)."""
        k1, k2, p1, p2, k3 = self.distortion
        x, y = flat[..., 0], flat[..., 1]
        r2 = x * x + y * y
        radial = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))
        slope = 2.0 * (k1 + r2 * (2 * k2 + 3 * r2 * k3))
        out = np.empty((*flat.shape[:-1], 2, 2))
        out[..., 0, 0] = radial + slope * x * x + 2 * p1 * y + 6 * p2 * x
        out[..., 1, 1] = radial + slope * y * y + 6 * p1 * y + 2 * p2 * x
        out[..., 0, 1] = out[..., 1, 0] = slope * x * y + 2 * p1 * x + 2 * p2 * y
        return out
