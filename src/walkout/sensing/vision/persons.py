"""People in one picture of one camera: what every model gives, whatever it is."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from walkout.recording.people import JOINTS

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Persons:
    """The n people in a picture of `width_px` x `height_px`, best score first.

    `boxes` (n, 4): left, top, right, bottom in pixels; (0, 0) is the outer corner of the first pixel, so that its
    middle is (0.5, 0.5), and boxes and joints may reach beyond the picture's edge.
    `scores` (n,): the model's own score, 0..1; not a probability unless the model's card says so.
    `keypoints` (n, 8, 3): column, row, score of recording.people.JOINTS in that order (head is the middle of the head,
    neck the root of the neck). A joint that was not found has NaN, NaN, 0; a model without joints finds none.
    `spread_px` (n, 8): how far off, as one standard deviation along each axis, the model itself expects a joint to be;
    NaN where it does not say.

    All are float32. Raises ValueError for other shapes.
    """

    width_px: int
    height_px: int
    boxes: Floats
    scores: Floats
    keypoints: Floats
    spread_px: Floats

    def __post_init__(self) -> None:
        n, k = len(self.boxes), len(JOINTS)
        wanted = {"boxes": (n, 4), "scores": (n,), "keypoints": (n, k, 3), "spread_px": (n, k)}
        for name, shape in wanted.items():
            array = getattr(self, name)
            if array.shape != shape or array.dtype != np.float32:
                raise ValueError(f"{name} must be float32 {shape}, found {array.dtype} {array.shape}")

    def __len__(self) -> int:
        return len(self.boxes)

    @classmethod
    def of(
        cls,
        width_px: int,
        height_px: int,
        boxes: Floats,
        scores: Floats,
        keypoints: Floats | None = None,
        spread_px: Floats | None = None,
    ) -> Self:
        """Put the best first; without keypoints, none are found, and without spreads, none are known."""
        n, k = len(boxes), len(JOINTS)
        if keypoints is None:
            keypoints = np.full((n, k, 3), np.nan, np.float32)
            keypoints[:, :, 2] = 0.0
        if spread_px is None:
            spread_px = np.full((n, k), np.nan, np.float32)
        order = np.argsort(-scores, kind="stable")
        return cls(width_px, height_px, boxes[order], scores[order], keypoints[order], spread_px[order])

    @classmethod
    def none(cls, width_px: int, height_px: int) -> Self:
        """A picture without people."""
        return cls.of(width_px, height_px, np.zeros((0, 4), np.float32), np.zeros(0, np.float32))
