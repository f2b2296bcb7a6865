"""Pictures of any size to the one size a model takes, and places back again."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

GREY = 114
"""What stands where the picture does not reach; the value most detectors are trained with."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How a picture of one size lies in another: model pixel = scale x picture pixel + (left, top)."""

    scale: float
    left_px: float
    top_px: float
    width_px: int
    height_px: int

    def back(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Points (..., 2), or boxes (..., 4), of the model's picture in the camera's."""
        shift = np.tile(np.array([self.left_px, self.top_px], np.float32), x.shape[-1] // 2)
        return np.asarray((x - shift) / np.float32(self.scale), np.float32)


def letterbox(
    rgb: NDArray[np.uint8], width_px: int, height_px: int, at: Literal["corner", "middle"] = "corner"
) -> tuple[NDArray[np.uint8], Letterbox]:
    """The picture in the model's size, its shape kept, grey around it; at the top left, or in the middle.

    Raises ValueError for what is not uint8 (rows, columns, 3).
    """
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
        raise ValueError(f"a picture is uint8 (rows, columns, 3), found {rgb.dtype} {rgb.shape}")
    rows, columns = rgb.shape[:2]
    scale = min(width_px / columns, height_px / rows)
    wide, high = max(1, int(columns * scale)), max(1, int(rows * scale))
    # Averaging where it shrinks: thin arms would drop out between the pixels that are kept.
    way = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
    small = rgb if scale == 1.0 else cv2.resize(rgb, (wide, high), interpolation=way)
    left, top = (0, 0) if at == "corner" else ((width_px - wide) // 2, (height_px - high) // 2)
    canvas = np.full((height_px, width_px, 3), GREY, np.uint8)
    canvas[top : top + high, left : left + wide] = small
    return canvas, Letterbox(scale, left, top, width_px, height_px)
