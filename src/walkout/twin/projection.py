"""Boxes of people in a camera's image, as a tracker reports them."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from walkout.store.layout import Camera

TOP_M, HALF_M = 0.12, 0.28
"""A body reaches this far above its head joint, and this far to the sides."""
LEAST_DEPTH_M, LEAST_PX = 0.1, 1.0


@njit(cache=True)
def _boxes(
    heads: NDArray[np.float64],
    centre: NDArray[np.float64],
    axes: NDArray[np.float64],
    focal_px: float,
    size_px: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    for i in range(len(heads)):
        low_u, low_v, high_u, high_v, depth = 1e9, 1e9, -1e9, -1e9, 1e9
        for corner in range(8):
            x = heads[i, 0] + (HALF_M if corner & 1 else -HALF_M) - centre[0]
            y = heads[i, 1] + (HALF_M if corner & 2 else -HALF_M) - centre[1]
            z = (heads[i, 2] + TOP_M if corner & 4 else 0.0) - centre[2]
            w = x * axes[2, 0] + y * axes[2, 1] + z * axes[2, 2]
            depth = min(depth, w)
            w = max(w, 1e-6)
            u = focal_px * (x * axes[0, 0] + y * axes[0, 1] + z * axes[0, 2]) / w + size_px[0] / 2
            v = focal_px * (x * axes[1, 0] + y * axes[1, 1] + z * axes[1, 2]) / w + size_px[1] / 2
            low_u, low_v, high_u, high_v = min(low_u, u), min(low_v, v), max(high_u, u), max(high_v, v)
        left, top = max(low_u, 0.0), max(low_v, 0.0)
        wide, tall = min(high_u, size_px[0]) - left, min(high_v, size_px[1]) - top
        if depth >= LEAST_DEPTH_M and wide >= LEAST_PX and tall >= LEAST_PX:
            out[i, 0], out[i, 1], out[i, 2], out[i, 3] = np.rint(left), np.rint(top), np.rint(wide), np.rint(tall)
        else:
            out[i] = 0.0


class Projection:
    """A pinhole camera without distortion."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self._centre = np.array([camera.x_m, camera.y_m, camera.z_m])
        ahead = np.array(camera.look_at_m) - self._centre
        ahead /= np.linalg.norm(ahead)
        right = np.cross(ahead, [0.0, 0.0, 1.0])
        size = float(np.linalg.norm(right))
        right = right / size if size > 1e-9 else np.array([1.0, 0.0, 0.0])
        self._axes = np.stack([right, np.cross(ahead, right), ahead])
        self._size_px = np.array([camera.width_px, camera.height_px], dtype=float)

    def boxes(self, heads: NDArray[np.float64]) -> NDArray[np.float64]:
        """The boxes around bodies with these heads, shape (bodies, 3) in metres: left, top, width, height.

        In whole pixels, shape (bodies, 4); the width is 0 where a body is out of view.
        """
        out = np.empty((len(heads), 4))
        _boxes(heads, self._centre, self._axes, self.camera.focal_px, self._size_px, out)
        return out
