"""What a calibrated camera can see: a point's pixel, and what of the shop stands between."""

from collections.abc import Sequence
from math import hypot, sqrt

from walkout.store.layout import Camera, Fixture

Point = tuple[float, float, float]

BODY_M, BODY_TOP_M = 0.22, 1.75
"""A person as an upright cylinder: radius and height."""


def pixel(camera: Camera, point_m: Point) -> tuple[float, float, float] | None:
    """Column and row in pixels and depth in metres along the optical axis; None: not in the picture.

    Pinhole without distortion, the picture upright; a camera that looks straight up or down has +y at the top.
    """
    axes = _axes(camera)
    if axes is None:
        return None
    right, down, forward = axes
    offset = _minus(point_m, (camera.x_m, camera.y_m, camera.z_m))
    depth_m = _dot(offset, forward)
    if depth_m <= 1e-6:
        return None
    column = camera.width_px / 2 + camera.focal_px * _dot(offset, right) / depth_m
    row = camera.height_px / 2 + camera.focal_px * _dot(offset, down) / depth_m
    inside = 0.0 <= column < camera.width_px and 0.0 <= row < camera.height_px
    return (column, row, depth_m) if inside else None


def fixture_between(camera: Camera, point_m: Point, fixtures: Sequence[Fixture]) -> bool:
    """Whether a fixture, taken as a solid block, stands between a camera and a point outside all of them."""
    for fixture in fixtures:
        top_m = max((shelf.z_m + shelf.height_m for shelf in fixture.shelves), default=1.0)
        start = fixture.to_fixture(camera.x_m, camera.y_m, camera.z_m)
        end = fixture.to_fixture(*point_m)
        first, last = 0.0, 1.0
        for a, b, high in zip(start, end, (fixture.width_m, fixture.depth_m, top_m), strict=True):
            if abs(b - a) < 1e-12:
                first, last = (first, last) if 0.0 <= a <= high else (1.0, 0.0)
                continue
            low_at, high_at = sorted((-a / (b - a), (high - a) / (b - a)))
            first, last = max(first, low_at), min(last, high_at)
        if first < last:
            return True
    return False


def people_between(camera: Camera, point_m: Point, people_m: Sequence[tuple[float, float]]) -> int:
    """How many of the people who stand at these places are between a camera and a point."""
    ax, ay, az = camera.x_m, camera.y_m, camera.z_m
    bx, by, bz = point_m
    across = (bx - ax) ** 2 + (by - ay) ** 2
    count = 0
    for x_m, y_m in people_m:
        share = ((x_m - ax) * (bx - ax) + (y_m - ay) * (by - ay)) / across if across > 1e-12 else 1.0
        near_m = hypot(x_m - ax - share * (bx - ax), y_m - ay - share * (by - ay))
        count += 0.0 < share < 1.0 and near_m < BODY_M and az + share * (bz - az) < BODY_TOP_M
    return count


def _axes(camera: Camera) -> tuple[Point, Point, Point] | None:
    """Right, down and forward; None for a camera that looks at the point where it is."""
    toward = _minus(camera.look_at_m, (camera.x_m, camera.y_m, camera.z_m))
    length_m = sqrt(_dot(toward, toward))
    if length_m < 1e-6:
        return None
    forward = (toward[0] / length_m, toward[1] / length_m, toward[2] / length_m)
    level = hypot(forward[0], forward[1])
    right = (forward[1] / level, -forward[0] / level, 0.0) if level > 1e-6 else (forward[2] * -1.0, 0.0, 0.0)
    return right, _cross(forward, right), forward


def _cross(a: Point, b: Point) -> Point:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def _dot(a: Point, b: Point) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _minus(a: Point, b: Point) -> Point:
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])
