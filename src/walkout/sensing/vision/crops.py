"""Where to look: the squares of a picture in which a hand's goods, or what changed on a shelf, are.

Pixels count from the picture's upper left corner, so that the middle of the first pixel is (0.5, 0.5).
"""

from dataclasses import dataclass
from importlib import import_module
from math import ceil, floor
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rgb = NDArray[np.uint8]

BEYOND_WRIST_M = 0.09
"""From the wrist to the middle of what a hand holds."""
LEAST_PX = 8.0
"""A view with fewer pixels across says nothing."""
CHANGED = 22
"""A pixel whose brightest channel changed by more, of 255, after the light's own change is taken off, has changed;
the coding of a still picture moves a pixel by less."""
LEAST_CHANGED, MOST_CHANGED = 10, 0.85
"""Fewer changed pixels are noise; more than this share of the place is somebody in front of it."""
ROUND = 0.2
"""A changed place is widened by this share, since goods change least where they are like what is behind them."""


class Eye(Protocol):
    """What is asked of a calibrated camera."""

    @property
    def focal_px(self) -> float:
        """Focal length."""

    @property
    def width_px(self) -> int:
        """Columns."""

    @property
    def height_px(self) -> int:
        """Rows."""

    def project(self, points_m: Floats) -> tuple[Floats, Floats]:
        """Pixels (..., 2) and depth (...) of points (..., 3) in the store frame; NaN pixels behind the camera."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a picture, pixels; it may reach beyond the edges."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def across(self) -> float:
        """The longer side."""
        return max(self.right - self.left, self.bottom - self.top)


def hand_window(eye: Eye, wrist_m: Floats, elbow_m: Floats | None, side_m: float) -> Window | None:
    """The square of `side_m` metres around what a hand holds; None where its middle is out of the picture.

    It lies beyond the wrist on the line from the elbow; without an elbow, at the wrist.
    """
    at = wrist_m
    if elbow_m is not None and (far := float(np.linalg.norm(wrist_m - elbow_m))) > 1e-3:
        at = wrist_m + BEYOND_WRIST_M / far * (wrist_m - elbow_m)
    pixel, depth = eye.project(at)
    u, v = float(pixel[0]), float(pixel[1])
    if not (0.0 <= u < eye.width_px and 0.0 <= v < eye.height_px and float(depth) > 0.0):
        return None
    half = 0.5 * side_m * eye.focal_px / float(depth)
    return Window(u - half, v - half, u + half, v + half) if 2 * half >= LEAST_PX else None


def place_window(eye: Eye, corners_m: Floats) -> Window | None:
    """The upright rectangle around points (n, 3), such as a facing's corners; None unless all are in the picture."""
    pixels, depth = eye.project(corners_m)
    if not (np.isfinite(pixels).all() and (depth > 0.0).all()):
        return None
    (left, top), (right, bottom) = pixels.min(axis=0).tolist(), pixels.max(axis=0).tolist()
    inside = left >= 0.0 and top >= 0.0 and right <= eye.width_px and bottom <= eye.height_px
    return Window(left, top, right, bottom) if inside and max(right - left, bottom - top) >= LEAST_PX else None


def holds(window: Window, pixels: Floats, share: float = 0.2) -> bool:
    """Whether any of some pixels (n, 2) lies in a window, or beside it by a share of its longer side."""
    by = share * window.across
    u, v = pixels[..., 0], pixels[..., 1]
    inside = (u > window.left - by) & (u < window.right + by) & (v > window.top - by) & (v < window.bottom + by)
    return bool(np.any(inside))


def cut(rgb: Rgb, window: Window) -> Rgb:
    """The square around a window's middle, uint8 (n, n, 3); beyond the picture's edge the edge goes on."""
    half = window.across / 2
    u, v = (window.left + window.right) / 2, (window.top + window.bottom) / 2
    n = max(2, ceil(2 * half))
    rows = np.clip(np.arange(n) + floor(v - half + 0.5), 0, rgb.shape[0] - 1)
    columns = np.clip(np.arange(n) + floor(u - half + 0.5), 0, rgb.shape[1] - 1)
    return np.ascontiguousarray(rgb[rows[:, None], columns[None, :]])


def changed(before: Rgb, after: Rgb, window: Window) -> Window | None:
    """Where two pictures of one camera differ within a window; None where nothing did, or nearly everything.

    A change of light alone moves all pixels alike and is taken off first. The ends are the 4th and 96th hundredth of
    the changed pixels, so that a few stray ones do not count.
    """
    cv2 = import_module("cv2")
    top, bottom = max(floor(window.top), 0), min(ceil(window.bottom), before.shape[0])
    left, right = max(floor(window.left), 0), min(ceil(window.right), before.shape[1])
    if bottom - top < 3 or right - left < 3:
        return None
    here = (slice(top, bottom), slice(left, right))
    apart = after[here].astype(np.float32) - before[here].astype(np.float32)
    apart -= np.median(apart, axis=(0, 1))
    most = np.asarray(cv2.blur(np.abs(apart).max(axis=2), (3, 3)))
    rows, columns = np.nonzero(most > CHANGED)
    if len(rows) < LEAST_CHANGED or len(rows) > MOST_CHANGED * most.size:
        return None
    low_v, high_v = np.percentile(rows, [4, 96]).tolist()
    low_u, high_u = np.percentile(columns, [4, 96]).tolist()
    by = 0.5 * ROUND * max(high_u - low_u, high_v - low_v) + 1.0
    found = Window(left + low_u - by, top + low_v - by, left + high_u + 1 + by, top + high_v + 1 + by)
    return found if found.across >= LEAST_PX else None
