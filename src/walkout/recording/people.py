"""People in the shop at one instant, as a camera system delivers them: 3D joints with scores."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

FARTHEST_M = 10_000.0
"""A joint further than this from the store's corner along any axis is no joint: what is read holds none."""
JOINTS = ("head", "neck", "l_shoulder", "r_shoulder", "l_elbow", "r_elbow", "l_wrist", "r_wrist")


@dataclass(frozen=True, slots=True)
class Joint:
    """A body point in the store frame, metres, with the source's own score in 0..1."""

    x_m: float
    y_m: float
    z_m: float
    score: float


@dataclass(frozen=True, slots=True)
class CameraBox:
    """Where one camera saw the person: pixels of that camera's image, at that camera's own time."""

    camera: str
    t_ns: int
    left_px: float
    top_px: float
    width_px: float
    height_px: float


@dataclass(frozen=True, slots=True)
class Person:
    """One tracked person; joints that were not found are absent."""

    id: str
    joints: Mapping[str, Joint]
    boxes: tuple[CameraBox, ...] = ()
    source: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PeopleFrame:
    """Everybody in the shop at `t_ns`; it may arrive seconds later."""

    t_ns: int
    arrived_ns: int
    people: tuple[Person, ...]
    seq: int | None = None
    source: Mapping[str, Any] = field(default_factory=dict)
