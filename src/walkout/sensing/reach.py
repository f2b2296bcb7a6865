"""How near each hand came to the goods: distances from points to boxes in a fixture's own frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from walkout.sensing.people import HANDS, Track
from walkout.store.layout import Fixture
from walkout.store.planogram import Box


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """One person's distances to some boxes over an interval, metres; NaN: not seen."""

    person: str
    t_ns: NDArray[np.int64]
    """Shape (frames,)."""
    hand_m: NDArray[np.float64]
    """From each hand joint to each box, shape (frames, hands, boxes)."""
    body_m: NDArray[np.float64]
    """From the body to each box along the floor, shape (frames, boxes)."""


def to_fixture(points_m: NDArray[np.float64], fixture: Fixture) -> NDArray[np.float64]:
    """Points of the store frame in the fixture's frame, metres, shape (..., 3)."""
    c, s = cos(radians(fixture.yaw_deg)), sin(radians(fixture.yaw_deg))
    moved = points_m - np.array([fixture.x_m, fixture.y_m, fixture.z_m])
    x, y, z = moved[..., 0], moved[..., 1], moved[..., 2]
    return np.stack((c * x + s * y, -s * x + c * y, z), axis=-1)


def distances(points_m: NDArray[np.float64], boxes: Sequence[Box]) -> NDArray[np.float64]:
    """From points (..., d) to boxes, metres, shape (..., boxes), 0 inside; d is 3, or 2 for along the floor."""
    d = points_m.shape[-1]
    low = np.array([box.low_m[:d] for box in boxes]).reshape(len(boxes), d)
    high = np.array([box.high_m[:d] for box in boxes]).reshape(len(boxes), d)
    at = points_m[..., None, :]
    outside = np.maximum(np.maximum(low - at, at - high), 0.0)
    return np.asarray(np.sqrt((outside * outside).sum(axis=-1)), np.float64)


def reach(track: Track, fixture: Fixture, boxes: Sequence[Box]) -> Reach:
    """One person's hands and body against some boxes given in the fixture's frame."""
    hands = to_fixture(track.hands_m, fixture)
    body = to_fixture(track.body_m, fixture)
    return Reach(track.person, track.t_ns, distances(hands, boxes), distances(body[:, :2], boxes))


def nearest(found: Reach, box: int) -> tuple[float | None, str]:
    """The least distance of any hand to one box, metres, and that hand's name; None where no hand was seen."""
    d = found.hand_m[:, :, box]
    if not d.size or np.isnan(d).all():
        return None, ""
    at = int(np.nanargmin(d))
    return float(d.flat[at]), HANDS[at % d.shape[1]]
