"""Samples of the scales of one fixture, as delivered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class PlateBatch:
    """Consecutive samples of every plate of one fixture.

    `grams[k, s - 1, p - 1]` is sample k of shelf s, plate p; NaN: no plate there, or no reading. Values
    are not zeroed: only differences mean anything.
    """

    fixture: str
    t_ns: NDArray[np.int64]
    """Event time of each sample, UTC nanoseconds, shape (samples,)."""
    grams: NDArray[np.float32]
    """Shape (samples, shelves, plates)."""
    rate_hz: float
    arrived_ns: int
    """When the batch reached the recorder, UTC nanoseconds."""
    seq: int | None = None
    source: Mapping[str, Any] = field(default_factory=dict)
    """What the source said beyond this, kept so that an import can be exported again."""
