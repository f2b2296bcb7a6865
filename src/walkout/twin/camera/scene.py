"""What a camera of the twin looks at: solids, lights and the camera's own pose, in metres in the store frame.

The store frame is right-handed, z up. A pixel (column, row) has its centre at (column + 0.5, row + 0.5); a camera's own
axes run right, down and forward. Colours are sRGB, 0..255. A solid's id is what `Frame.ids` says wherever it is seen; 0
means nothing.
"""

from dataclasses import dataclass
from math import cos, isfinite, radians, sin, sqrt
from typing import Literal

from walkout.store.layout import Camera

Vector = tuple[float, float, float]
Rotation = tuple[Vector, Vector, Vector]
"""Rows are the solid's own x, y and z axes in the store frame: orthonormal."""
Colour = tuple[int, int, int]
Pattern = Literal["plain", "stripes", "checks", "dots", "weave", "denim"]

PATTERNS: tuple[Pattern, ...] = ("plain", "stripes", "checks", "dots", "weave", "denim")
UPRIGHT: Rotation = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
WHITE: Colour = (255, 255, 255)


def turned(yaw_deg: float) -> Rotation:
    """The axes of a solid turned about z, anticlockwise seen from above."""
    c, s = cos(radians(yaw_deg)), sin(radians(yaw_deg))
    return ((c, s, 0.0), (-s, c, 0.0), (0.0, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Box:
    """A cuboid, or the upright cylinder that just fits in it; its front is its own -y side.

    `texture` is a GTIN whose packaging covers it (walkout.twin.camera.packaging); empty: `colour` alone. `structure`
    marks boards and walls: they cast shadows on what stands still.
    """

    centre_m: Vector
    half_m: Vector
    id: int
    rotation: Rotation = UPRIGHT
    colour: Colour = WHITE
    texture: str = ""
    shape: Literal["box", "cylinder"] = "box"
    structure: bool = False


@dataclass(frozen=True, slots=True)
class Capsule:
    """A limb: the round cone around the segment from `a_m` to `b_m`.

    `flat` presses it together along a direction, about `a_m`: its thickness there is the radius times the length of
    `flat` (between 0 and 1; (0, 0, 0) leaves it round). Trunks, skirts and shoes are flat.
    """

    a_m: Vector
    b_m: Vector
    radius_a_m: float
    radius_b_m: float
    id: int
    colour: Colour = WHITE
    flat: Vector = (0.0, 0.0, 0.0)
    pattern: Pattern = "plain"
    second: Colour = WHITE
    """The other colour of the pattern."""


@dataclass(frozen=True, slots=True)
class Ellipsoid:
    """An ellipsoid with half axes `half_m` along its own axes."""

    centre_m: Vector
    half_m: Vector
    id: int
    rotation: Rotation = UPRIGHT
    colour: Colour = WHITE


Solid = Box | Capsule | Ellipsoid


@dataclass(frozen=True, slots=True)
class Light:
    """A panel that shines down: `power` is the brightness of a white sheet one metre below it."""

    at_m: Vector
    power: float
    size_m: tuple[float, float] = (0.6, 0.6)
    colour: Colour = WHITE


@dataclass(frozen=True, slots=True)
class Scene:
    """What stands still: boxes, lights, the share of light that comes from everywhere, and the name of every id."""

    boxes: tuple[Box, ...]
    lights: tuple[Light, ...]
    ambient: float = 0.35
    names: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Pinhole:
    """A camera's pose: position, its right, down and forward axes, focal length and size in pixels."""

    at_m: Vector
    right: Vector
    down: Vector
    forward: Vector
    focal_px: float
    width_px: int
    height_px: int

    def pixel(self, point_m: Vector) -> tuple[float, float, float]:
        """Column, row (pixels) and depth (metres along the optical axis); column and row are NaN unless depth > 0."""
        offset = _minus(point_m, self.at_m)
        depth_m = _dot(offset, self.forward)
        if depth_m <= 0.0:
            return (float("nan"), float("nan"), depth_m)
        scale = self.focal_px / depth_m
        return (
            self.width_px / 2 + scale * _dot(offset, self.right),
            self.height_px / 2 + scale * _dot(offset, self.down),
            depth_m,
        )


def pinhole(camera: Camera) -> Pinhole:
    """The pose of a store's camera, its picture upright; one that looks straight up or down has +y at the top.

    Raises ValueError for a camera that looks at the point where it is, whose numbers are not finite, or whose lens bends
    rays or sits off the middle: such pictures cannot be drawn.
    """
    at = (camera.x_m, camera.y_m, camera.z_m)
    if not all(map(isfinite, (*at, *camera.look_at_m, camera.focal_px))):
        raise ValueError(f"camera {camera.id}: position, look_at_m and focal_px must be finite numbers")
    middle = (camera.width_px / 2, camera.height_px / 2)
    if any(camera.distortion) or camera.centre_px not in (None, middle):
        raise ValueError(f"camera {camera.id}: distortion and centre_px cannot be drawn; leave them out to film it")
    toward = _minus(camera.look_at_m, at)
    length = sqrt(_dot(toward, toward))
    if length < 1e-6:
        raise ValueError(
            f"camera {camera.id}: look_at_m {camera.look_at_m} is where the camera is; name a point it looks at"
        )
    forward = _times(toward, 1.0 / length)
    upward: Vector = (0.0, 0.0, 1.0) if abs(forward[2]) < 1.0 - 1e-9 else (0.0, 1.0, 0.0)
    level = unit(cross(forward, upward))
    below = cross(forward, level)
    turn = radians(camera.roll_deg)
    right = _plus(_times(level, cos(turn)), _times(below, sin(turn)))
    return Pinhole(at, right, cross(forward, right), forward, camera.focal_px, camera.width_px, camera.height_px)


def cross(a: Vector, b: Vector) -> Vector:
    """The cross product."""
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def unit(a: Vector) -> Vector:
    """The vector's direction; (0, 0, 0) for a vector too short to have one."""
    length = sqrt(_dot(a, a))
    return _times(a, 1.0 / length) if length > 1e-12 else (0.0, 0.0, 0.0)


def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _minus(a: Vector, b: Vector) -> Vector:
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def _plus(a: Vector, b: Vector) -> Vector:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def _times(a: Vector, k: float) -> Vector:
    return (a[0] * k, a[1] * k, a[2] * k)
