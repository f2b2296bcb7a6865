"""Which columns of a recording ever carried a number, and which of those ever moved."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(slots=True)
class _Extent:
    low: NDArray[np.float32]
    high: NDArray[np.float32]


@dataclass(slots=True)
class Columns:
    """The lowest and highest reading of every column of every fixture."""

    _extents: dict[str, _Extent] = field(default_factory=dict)

    def add(self, fixture: str, grams: NDArray[np.float32]) -> None:
        """Take in samples, shape (samples, shelves, plates); a fixture may change its shape on the way."""
        finite = np.isfinite(grams)
        low = np.where(finite, grams, np.float32(np.inf)).min(axis=0)
        high = np.where(finite, grams, np.float32(-np.inf)).max(axis=0)
        known = self._extents.get(fixture)
        if known is None:
            self._extents[fixture] = _Extent(low, high)
            return
        shape = np.maximum(known.low.shape, low.shape)
        known.low = np.minimum(_grown(known.low, shape, np.inf), _grown(low, shape, np.inf))
        known.high = np.maximum(_grown(known.high, shape, -np.inf), _grown(high, shape, -np.inf))

    def fixtures(self) -> list[str]:
        """The fixtures that the recording carries, sorted."""
        return sorted(self._extents)

    def carried(self, fixture: str, shelf: int, plate: int) -> bool:
        """Whether a plate ever had a number; True for a fixture that the recording does not carry at all."""
        extent = self._extents.get(fixture)
        if extent is None:
            return True
        rows, columns = extent.low.shape
        return shelf <= rows and plate <= columns and bool(np.isfinite(extent.low[shelf - 1, plate - 1]))

    def every(self) -> Iterator[tuple[str, int, int, float]]:
        """Fixture, shelf, plate and range in grams of every column that ever had a number."""
        for fixture in self.fixtures():
            extent = self._extents[fixture]
            for shelf, plate in np.argwhere(np.isfinite(extent.low)):
                yield (
                    fixture,
                    int(shelf) + 1,
                    int(plate) + 1,
                    float(extent.high[shelf, plate] - extent.low[shelf, plate]),
                )


def _grown(values: NDArray[np.float32], shape: NDArray[np.intp], fill: float) -> NDArray[np.float32]:
    if values.shape == tuple(shape):
        return values
    grown = np.full(shape, fill, np.float32)
    grown[: values.shape[0], : values.shape[1]] = values
    return grown
