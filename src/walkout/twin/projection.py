"""Boxes of people in a camera's image, as a tracker reports them."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from walkout.recording.people import CameraBox
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
        out[i, 0], out[i, 1] = max(low_u, 0.0), max(low_v, 0.0)
        out[i, 2], out[i, 3] = min(high_u, size_px[0]) - out[i, 0], min(high_v, size_px[1]) - out[i, 1]
        out[i, 4] = depth


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

    def boxes(self, joints: NDArray[np.float64], t_ns: int) -> list[CameraBox | None]:
        """The box around each body, joints of shape (people, 8, 3) in metres; None where it is out of view."""
        out = np.empty((len(joints), 5))
        _boxes(joints[:, 0], self._centre, self._axes, self.camera.focal_px, self._size_px, out)
        name = self.camera.id
        return [
            CameraBox(name, t_ns, float(round(u)), float(round(v)), float(round(wide)), float(round(tall)))
            if depth >= LEAST_DEPTH_M and wide >= LEAST_PX and tall >= LEAST_PX
            else None
            for u, v, wide, tall, depth in out.tolist()
        ]
