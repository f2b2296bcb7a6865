"""What is exactly so in a picture: where people are, how much of them is seen, and which of their joints."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from walkout.twin.camera import trace
from walkout.twin.camera.figure import Figure
from walkout.twin.camera.gait import Joints
from walkout.twin.camera.jit import kernel
from walkout.twin.camera.pack import ID
from walkout.twin.camera.raycast import Frame, Moving, Window
from walkout.twin.camera.scene import Pinhole

Sight = Literal["seen", "behind_self", "hidden", "outside"]

_DEPTH_OF_JOINT_M = {
    "head": 0.16,
    "neck": 0.14,
    "shoulder": 0.14,
    "elbow": 0.09,
    "wrist": 0.08,
    "hip": 0.22,
    "knee": 0.14,
    "foot": 0.14,
}
"""How deep under its own skin and clothes a joint may be; what is farther before it is another part of the body."""


@dataclass(frozen=True, slots=True)
class JointView:
    """A joint in a picture: pixels, metres along the optical axis, and whether it is seen.

    `behind_self`: another part of the same body is before it; `hidden`: something else is; `outside`: not in the
    picture, and column and row are NaN where it is behind the camera.
    """

    name: str
    column_px: float
    row_px: float
    depth_m: float
    sight: Sight


@dataclass(frozen=True, slots=True)
class Extent:
    """Pixels of one id: how many, and the box around them (left, top, right, bottom, the last two outside)."""

    id: int
    count: int
    box: Window | None


@dataclass(frozen=True, slots=True)
class PersonView:
    """One person in a picture: `seen` is what it shows of them, `whole` what it would show with nothing before them."""

    id: int
    whole: Extent
    seen: Extent
    joints: tuple[JointView, ...]

    @property
    def share(self) -> float:
        """The share of the person's pixels in the picture that is seen; 0 where the picture would show none."""
        return self.seen.count / self.whole.count if self.whole.count else 0.0


def people_in(frame: Frame, camera: Pinhole, moving: Moving, figures: Sequence[Figure]) -> tuple[PersonView, ...]:
    """Truth of each figure, in the order given; `frame` must be the clean picture of `moving` by this camera."""
    ids = [figure.id for figure in figures]
    seen = {extent.id: extent for extent in extents(frame.ids, ids)}
    view, packed = trace.lens(camera), moving.packed
    rows, columns = frame.ids.shape
    areas = trace.bounds(packed.geometry, packed.meta, view, (0, 0, columns, rows))
    views = []
    for figure in figures:
        own = np.where((packed.meta[:, ID] == figure.id)[:, None], areas, 0).astype(np.int32)
        marks = np.zeros((rows, columns), np.int32)
        trace.cast(
            packed.geometry, packed.meta, view, own, (0.5, 0.5), np.full((rows, columns), np.inf, np.float32), marks
        )
        whole = extents(np.where(marks < 0, np.int32(figure.id), np.int32(0)), [figure.id])[0]
        joints = _joints(frame, camera, figure.id, figure.joints)
        views.append(PersonView(figure.id, whole, seen[figure.id], joints))
    return tuple(views)


def extents(ids: NDArray[np.int32], wanted: Sequence[int]) -> tuple[Extent, ...]:
    """Count and box of each wanted id in a picture of ids, in the order given. Raises ValueError for an id below 1."""
    if any(id_ < 1 for id_ in wanted):
        raise ValueError(f"ids are 1 and up, found {min(wanted)}")
    places = np.full(max(max(wanted, default=0), int(ids.max(initial=0))) + 1, -1, np.int32)
    for place, id_ in enumerate(wanted):
        places[id_] = place
    table = _measure(ids, places, len(wanted))
    found = []
    for id_ in wanted:
        count, left, top, right, bottom = table[places[id_]].tolist()
        found.append(Extent(id_, count, (left, top, right, bottom) if count else None))
    return tuple(found)


@kernel
def _measure(ids: NDArray[np.int32], places: NDArray[np.int32], wanted: int) -> NDArray[np.int64]:
    rows, columns = ids.shape
    table = np.zeros((wanted, 5), np.int64)
    table[:, 1], table[:, 2] = columns, rows
    for row in range(rows):
        for column in range(columns):
            place = places[ids[row, column]]
            if place >= 0:
                table[place, 0] += 1
                table[place, 1] = min(table[place, 1], column)
                table[place, 2] = min(table[place, 2], row)
                table[place, 3] = max(table[place, 3], column + 1)
                table[place, 4] = max(table[place, 4], row + 1)
    return table


def _joints(frame: Frame, camera: Pinhole, id_: int, joints: Joints) -> tuple[JointView, ...]:
    found = []
    for name, point in zip(Joints._fields, joints, strict=True):
        u, v, depth = camera.pixel(point)
        sight: Sight = "outside"
        if depth > trace.NEAR_M and 0.0 <= u < camera.width_px and 0.0 <= v < camera.height_px:
            before = float(frame.depth[int(v), int(u)])
            if before >= depth:
                sight = "seen"  # at the outline, the pixel's middle may miss the body
            elif frame.ids[int(v), int(u)] != id_:
                sight = "hidden"
            else:
                sight = (
                    "seen"
                    if depth - before <= _DEPTH_OF_JOINT_M[name.removeprefix("l_").removeprefix("r_")]
                    else "behind_self"
                )
        found.append(JointView(name, u, v, depth, sight))
    return tuple(found)
