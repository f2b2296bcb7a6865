"""All that a replay finds, for whoever shows it: receipts, what was lost, and what each decision rests on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from walkout.checkout.receipt import Receipt
from walkout.inference.belief import Belief
from walkout.inference.explanation import Explanation
from walkout.recording.loss import Loss
from walkout.sensing.event import ShelfEvent
from walkout.store.shop import Origin, Store


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The plates of one shelf around one event, at a low rate."""

    event: str
    """Id of the shelf event."""
    fixture: str
    shelf: int
    plates: tuple[int, ...]
    """The plates that gave readings, rising; the columns of `grams`."""
    t_ns: NDArray[np.int64]
    """Shape (samples,)."""
    grams: NDArray[np.float32]
    """Shape (samples, plates), as delivered, not zeroed; NaN: no reading."""


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Where one tracked person's head went over the floor, ten points a second at most."""

    person: str
    visit: str
    """"" where the person belongs to no visit (seen too briefly, or staff)."""
    t_ns: NDArray[np.int64]
    """Shape (points,)."""
    xy_m: NDArray[np.float32]
    """Shape (points, 2), the store frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """One recording, replayed. Tuples are in time order, ties by id."""

    origin: Origin
    store: Store
    start_ns: int
    end_ns: int
    """Event time of the first and the last observation; both 0 where there was none."""
    receipts: tuple[Receipt, ...]
    beliefs: tuple[Belief, ...]
    """One a receipt, in the same order: its visit, its lines' reasons, the other baskets."""
    degraded: tuple[Loss, ...]
    events: tuple[ShelfEvent, ...]
    explanations: tuple[Explanation, ...]
    """One an event, in the same order."""
    curves: tuple[Curve, ...]
    """One an event, in the same order: from 5 s before to 5 s after it, where the recording has that."""
    paths: tuple[Path, ...]
    counts: Mapping[str, int]
    """What was read: `plate_samples`, `people_frames`, `gate_events`."""
