"""The looks network from its file: pictures of goods to coordinates, with ONNX Runtime (extra `eyes`).

The file comes with a card (JSON) of the same name that holds its SHA-256 and what was measured; a file that does not
match its card, is too large, or takes or gives other shapes is refused before it runs.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from walkout.sensing.vision.looks import Floats, Measure, Prototype, Scores, enrol, score
from walkout.sensing.vision.onnx_file import ModelFileError

if TYPE_CHECKING:
    from walkout.sensing.vision.runner import Runner

SHIPPED: Final = Path(__file__).parent / "weights" / "looks.onnx"
MOST_BYTES: Final = 5_000_000
SIDE_PX: Final = 96
"""Rows and columns of a picture as the network takes it."""
AT_ONCE: Final = 32


class LooksModelError(ValueError):
    """The model's file or card is not what it should be."""


def eyes_available() -> bool:
    """Whether ONNX Runtime and OpenCV are installed."""
    return find_spec("onnxruntime") is not None and find_spec("cv2") is not None


@dataclass(frozen=True, slots=True, eq=False)
class LooksModel:
    """A loaded network and what was measured of it."""

    measure: Measure
    card: Mapping[str, Any]
    _runner: "Runner"

    @classmethod
    def load(cls, path: Path = SHIPPED) -> Self:
        """The model of a file, with its card beside it.

        Raises:
            LooksModelError: the file or its card is missing, damaged, too large, or of another kind.
        """
        if not eyes_available():
            raise LooksModelError(
                "looks need ONNX Runtime and OpenCV, which are optional; './run extras' installs them"
            )
        card = _card(path.with_suffix(".json"))
        try:
            size = path.stat().st_size
            data = path.read_bytes() if size <= MOST_BYTES else b""
        except OSError as error:
            raise LooksModelError(f"found no model at {path} ({error.strerror}), right: looks.onnx") from error
        if size > MOST_BYTES:
            raise LooksModelError(f"{path} has {size} bytes, right: at most {MOST_BYTES}")
        if (found := sha256(data).hexdigest()) != card["sha256"]:
            raise LooksModelError(f"{path} has SHA-256 {found}, its card says {card['sha256']}: damaged or exchanged")
        measure = _measure(card)
        runner = import_module("walkout.sensing.vision.runner")  # which needs the extra
        signature = runner.Signature((None, SIDE_PX, SIDE_PX, 3), ((None, len(measure.between)),))
        try:
            return cls(measure, card, runner.Runner(data, signature))
        except ModelFileError as error:
            raise LooksModelError(f"{path}: {error}") from error

    def coordinates(self, pictures: Sequence[NDArray[np.uint8]]) -> Floats:
        """Coordinates float64 (n, d) of pictures uint8 (rows, columns, 3) RGB, each made 96 x 96."""
        squares = [square(picture) for picture in pictures]
        parts = [np.zeros((0, len(self.measure.between)))]
        for at in range(0, len(squares), AT_ONCE):
            batch = np.stack(squares[at : at + AT_ONCE]).astype(np.float32)
            parts.append(np.asarray(self._runner(batch)[0], np.float64))
        return np.concatenate(parts)

    def enrol(self, pictures: Sequence[NDArray[np.uint8]]) -> Prototype:
        """A product from 1 to 64 pictures of it, uint8 RGB, the product in the middle."""
        return enrol(self.coordinates(pictures), [min(p.shape[:2]) for p in pictures], self.measure)

    def score(
        self, picture: NDArray[np.uint8], candidates: Mapping[str, Prototype], across_px: float | None = None
    ) -> Scores:
        """How likely a picture is of each candidate; `across_px`: the camera's own pixels, where it was enlarged."""
        across = float(min(picture.shape[:2])) if across_px is None else across_px
        return score(self.coordinates([picture])[0], across, candidates, self.measure)


def square(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture as 96 x 96: the shorter side is filled up with the edge's colour, then all is scaled.

    Raises ValueError for another type or shape.
    """
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or 0 in picture.shape:
        raise ValueError(f"a picture is uint8 (rows, columns, 3), found {picture.dtype} {picture.shape}")
    cv2 = import_module("cv2")
    rows, columns = picture.shape[:2]
    more = abs(rows - columns)
    if more:
        around = ((more // 2, more - more // 2), (0, 0)) if rows < columns else ((0, 0), (more // 2, more - more // 2))
        picture = np.pad(picture, (*around, (0, 0)), mode="edge")
    how = cv2.INTER_AREA if picture.shape[0] > SIDE_PX else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (SIDE_PX, SIDE_PX), interpolation=how), np.uint8)


def _card(path: Path) -> Mapping[str, Any]:
    try:
        card = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise LooksModelError(f"found no readable card at {path}, right: the JSON that came with the model") from error
    if not isinstance(card, dict) or card.get("kind") != "looks" or not isinstance(card.get("sha256"), str):
        raise LooksModelError(f"{path} is no card of a looks model: 'kind' must be 'looks' and 'sha256' a text")
    return card


def _measure(card: Mapping[str, Any]) -> Measure:
    try:
        given = card["measure"]
        arrays = [np.asarray(given[name], np.float64) for name in ("between", "sizes_px", "scatter")]
        numbers = [float(given[name]) for name in ("trust", "slope", "offset", "shows")]
    except (KeyError, TypeError, ValueError) as error:
        raise LooksModelError(f"the model's card lacks or garbles what was measured: {error}") from error
    between, sizes, scatter = arrays
    fits = (
        between.ndim == sizes.ndim == 1
        and sizes.shape == scatter.shape
        and len(between)
        and len(sizes)
        and all(np.isfinite(a).all() and (a > 0).all() for a in arrays)
        and (np.diff(sizes) > 0).all()
        and np.isfinite(numbers).all()
        and numbers[0] > 0
        and numbers[1] > 0
        and 0 < numbers[3] <= 1
    )
    if not fits:
        raise LooksModelError("the model's card has measures that cannot be: all must be finite, variances above 0")
    return Measure(between, sizes, scatter, *numbers)
