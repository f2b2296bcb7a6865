"""Charuco boards in pictures: which corners of a board a picture shows, and where (OpenCV, extra `eyes`)."""

from dataclasses import dataclass
from importlib import import_module
from math import cos, radians, sin
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from walkout.sensing.vision.lens import Floats

LEAST_CORNERS: Final = 8
"""Fewer corners of a board say too little of where it is."""


@dataclass(frozen=True, slots=True)
class Board:
    """A printed board: squares across and down, the side of a square and of a marker in metres, the markers' set."""

    across: int = 9
    down: int = 6
    square_m: float = 0.04
    marker_m: float = 0.03
    markers: str = "DICT_5X5_100"

    def made(self) -> Any:
        """OpenCV's own board. Raises ValueError for sizes or markers that make none."""
        cv2 = import_module("cv2")
        kind = getattr(cv2.aruco, self.markers, None)
        if kind is None or not self.markers.startswith("DICT_"):
            raise ValueError(f"markers {self.markers!r}; right is a set of OpenCV's, such as DICT_5X5_100")
        if not 0 < self.marker_m < self.square_m or self.across < 3 or self.down < 3:
            raise ValueError(f"{self}: right are 3 squares or more each way, and markers smaller than squares")
        dictionary = cv2.aruco.getPredefinedDictionary(kind)
        return cv2.aruco.CharucoBoard((self.across, self.down), self.square_m, self.marker_m, dictionary)

    def corners_m(self) -> Floats:
        """The inner corners by id, (n, 3): x along the board, y down it, z into it, from its upper left corner."""
        x, y = np.meshgrid(np.arange(1, self.across), np.arange(1, self.down))
        return np.asarray(np.stack([x.ravel(), y.ravel(), 0 * x.ravel()], axis=1) * self.square_m, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The corners of a board that one camera's picture shows at one instant."""

    camera: str
    instant: str
    """Pictures of cameras with the same name of an instant were taken together, or while the board lay still."""
    ids: NDArray[np.int64]
    pixels: Floats
    """(corners, 2), counted from the picture's corner as everywhere here."""


class Finder:
    """Finds one board in pictures; set up once. Raises as `Board.made`."""

    def __init__(self, board: Board) -> None:
        self._detector = import_module("cv2").aruco.CharucoDetector(board.made())

    def find(self, camera: str, instant: str, rgb: NDArray[np.uint8]) -> Shown | None:
        """What a picture shows of the board; None: too little."""
        corners, ids, _, _ = self._detector.detectBoard(np.ascontiguousarray(rgb.mean(axis=2).astype(np.uint8)))
        if ids is None or len(ids) < LEAST_CORNERS:
            return None
        # OpenCV counts from the middle of the first pixel
        return Shown(
            camera, instant, np.asarray(ids, np.int64).ravel(), np.asarray(corners, float).reshape(-1, 2) + 0.5
        )


def on_floor(x_m: float, y_m: float, yaw_deg: float) -> tuple[Floats, Floats]:
    """Where a board lies that faces up from the floor: the rotation (3, 3) of its frame, and its upper left corner.

    `yaw_deg` turns its upper edge from the store's x axis, seen from above against the clock.
    """
    c, s = cos(radians(yaw_deg)), sin(radians(yaw_deg))
    return np.array([[c, s, 0.0], [s, -c, 0.0], [0.0, 0.0, -1.0]]), np.array([x_m, y_m, 0.0])
