"""People's boxes by a YOLOX network (Ge et al., "YOLOX: Exceeding YOLO Series in 2021"), any size, trained on COCO.

The network takes blue, green, red 0..255 with the picture at the top left, and gives for each cell of three grids
(strides 8, 16, 32) an offset in cells, the logarithm of a size in cells, how surely there is something, and of 80
kinds which; a person is the first kind.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from walkout.sensing.vision.letterbox import letterbox
from walkout.sensing.vision.overlap import best_of_each
from walkout.sensing.vision.persons import Floats, Persons
from walkout.sensing.vision.runner import Runner, Signature

_STRIDES = (8, 16, 32)
_PERSON = 5
"""The channel of the first kind, after four of the box and one of being anything."""
_LARGEST_LOG = 8.0
"""A size's logarithm beyond this is nonsense and would overflow."""


class Yolox:
    """A YOLOX detector of the given input size. Raises as Runner does."""

    def __init__(
        self,
        model: Path | bytes,
        size_px: int = 416,
        least_score: float = 0.3,
        most_overlap: float = 0.45,
        threads: int = 1,
    ) -> None:
        self.name = "yolox"
        self._size_px, self._least, self._most_overlap = size_px, least_score, most_overlap
        self._cells, self._strides = _grid(size_px)
        wanted = Signature((1, 3, size_px, size_px), ((1, len(self._cells), 85),))
        self._runner = Runner(model, wanted, threads)

    def __call__(self, rgb: NDArray[np.uint8], /) -> Persons:
        """The people in a picture; without joints."""
        canvas, fit = letterbox(rgb, self._size_px, self._size_px)
        bgr = np.ascontiguousarray(canvas[:, :, ::-1].transpose(2, 0, 1)[None], np.float32)
        boxes, scores = self._decoded(self._runner(bgr)[0][0])
        kept = best_of_each(boxes, scores, self._most_overlap)
        return Persons.of(rgb.shape[1], rgb.shape[0], fit.back(boxes[kept]), scores[kept])

    def _decoded(self, raw: Floats) -> tuple[Floats, Floats]:
        scores = np.nan_to_num(raw[:, 4] * raw[:, _PERSON])
        sure = scores >= self._least
        raw, cells, strides = raw[sure], self._cells[sure], self._strides[sure]
        middle = (raw[:, :2] + cells) * strides
        half = np.exp(np.minimum(raw[:, 2:4], _LARGEST_LOG)) * strides / 2
        return np.concatenate([middle - half, middle + half], axis=1), np.asarray(scores[sure], np.float32)


def _grid(size_px: int) -> tuple[Floats, Floats]:
    """Column and row of every cell (n, 2), and its stride (n, 1)."""
    cells, strides = [], []
    for stride in _STRIDES:
        rows, columns = np.mgrid[0 : size_px // stride, 0 : size_px // stride]
        cells.append(np.stack([columns.ravel(), rows.ravel()], axis=1))
        strides.append(np.full((rows.size, 1), stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)
