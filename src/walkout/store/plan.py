"""The shop seen from above."""

from math import cos, hypot, radians, sin

from walkout.store.layout import Camera, Fixture, Gate
from walkout.store.shop import Store
from walkout.store.svg import box, group, line, number, outline, picture, text

_WIDTH_PX, _TALLEST_PX, _MARGIN_PX = 720.0, 720.0, 48.0
_SIGHT_M = 0.6
"""How much of a camera's line of sight is drawn; the whole of it would cover the plan."""


class _View:
    """Metres to pixels: x to the right, y up, as on a map."""

    def __init__(self, points: list[tuple[float, float]]) -> None:
        xs, ys = [x for x, _ in points] or [0.0], [y for _, y in points] or [0.0]
        self.left_m, self.right_m, self.low_m, self.high_m = min(xs), max(xs), min(ys), max(ys)
        wide, tall = max(self.right_m - self.left_m, 1.0), max(self.high_m - self.low_m, 1.0)
        self.scale = min((_WIDTH_PX - 2 * _MARGIN_PX) / wide, (_TALLEST_PX - 2 * _MARGIN_PX) / tall, 140.0)
        self.width, self.height = wide * self.scale + 2 * _MARGIN_PX, tall * self.scale + 2 * _MARGIN_PX

    def at(self, x_m: float, y_m: float) -> tuple[float, float]:
        return _MARGIN_PX + (x_m - self.left_m) * self.scale, self.height - _MARGIN_PX - (y_m - self.low_m) * self.scale


def plan_svg(store: Store) -> str:
    """The floor with its fixtures, gates and cameras as an SVG that stands alone; a thick edge is a fixture's front."""
    corners = [corner for fixture in store.fixtures for corner in _corners(fixture)]
    gates = [(gate.x_m, gate.y_m) for gate in store.gates]
    cameras = [(camera.x_m, camera.y_m) for camera in store.cameras]
    view = _View([*store.floor_m, *corners, *gates, *cameras])
    parts = _grid(view)
    if store.floor_m:
        parts.append(outline([view.at(x, y) for x, y in store.floor_m], "floor"))
    parts += [_fixture(view, fixture) for fixture in store.fixtures]
    parts += [_gate(view, gate) for gate in store.gates]
    parts += [_camera(view, camera) for camera in store.cameras]
    return picture(parts, view.width, view.height, f"Plan of {store.name}")


def _corners(fixture: Fixture) -> list[tuple[float, float]]:
    ends = ((0.0, 0.0), (fixture.width_m, 0.0), (fixture.width_m, fixture.depth_m), (0.0, fixture.depth_m))
    return [fixture.to_store(x, y, 0.0)[:2] for x, y in ends]


def _grid(view: _View) -> list[str]:
    """The scale on two sides: ticks a metre apart, or further where the shop is large."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 500, 5000) if step * view.scale >= 36)
    parts: list[str] = []
    low_y, left_x = view.height - _MARGIN_PX + 8, _MARGIN_PX - 8
    first = int(-(-view.left_m // step)) * step
    for metre in range(first, int(view.right_m // 1) + 1, step):
        x, _ = view.at(metre, 0.0)
        parts += [line(x, low_y, x, low_y + 4), text(x, low_y + 17, f"{metre} m", "muted", "middle")]
    first = int(-(-view.low_m // step)) * step
    for metre in range(first, int(view.high_m // 1) + 1, step):
        _, y = view.at(0.0, metre)
        parts += [line(left_x, y, left_x - 4, y), text(left_x - 8, y + 4, f"{metre} m", "muted", "end")]
    return parts


def _fixture(view: _View, fixture: Fixture) -> str:
    points = [view.at(x, y) for x, y in _corners(fixture)]
    plates = sum(len(shelf.plates) for shelf in fixture.shelves)
    x, y = view.at(*fixture.to_store(fixture.width_m / 2, fixture.depth_m / 2, 0.0)[:2])
    along = hypot(points[1][0] - points[0][0], points[1][1] - points[0][1])
    upright = abs(points[1][0] - points[0][0]) < abs(points[1][1] - points[0][1])
    turn = -90.0 if upright and along > 60 else 0.0
    parts = [outline(points, "body"), line(*points[0], *points[1], "front")]
    parts.append(text(x - 1 if turn else x, y if turn else y + 4, fixture.id, "title", "middle", turn))
    return group(parts, f"{fixture.kind} {fixture.id}: {len(fixture.shelves)} shelves, {plates} plates")


def _gate(view: _View, gate: Gate) -> str:
    dx, dy = (gate.width_m / 2 * part for part in (cos(radians(gate.yaw_deg)), sin(radians(gate.yaw_deg))))
    one, other = view.at(gate.x_m - dx, gate.y_m - dy), view.at(gate.x_m + dx, gate.y_m + dy)
    ends = [box(x - 3, y - 3, 6, 6, "dot") for x, y in (one, other)]
    x, y = view.at(gate.x_m, gate.y_m)
    way = {"entry": "in", "exit": "out", "both": "in and out"}[gate.way]
    words = text(x, y + 16, f"{gate.id}: {way}", "halo", "middle")
    return group([line(*one, *other, "ink"), *ends, words], f"gate {gate.id}: {way}, {gate.width_m:g} m wide")


def _camera(view: _View, camera: Camera) -> str:
    x, y = view.at(camera.x_m, camera.y_m)
    dx, dy = camera.look_at_m[0] - camera.x_m, camera.look_at_m[1] - camera.y_m
    share = min(_SIGHT_M / hypot(dx, dy), 1.0) if hypot(dx, dy) > 0 else 0.0
    sight = line(x, y, *view.at(camera.x_m + share * dx, camera.y_m + share * dy), "muted-line")
    dot = f'<circle class="dot" cx="{number(x)}" cy="{number(y)}" r="4"/>'
    above = 16.0 if dy > 0 else -8.0
    parts = [sight, dot, text(x, y + above, camera.id, "muted halo", "middle")]
    size = f"{camera.width_px} x {camera.height_px} at {camera.rate_hz:g} Hz"
    return group(parts, f"camera {camera.id}: {camera.z_m:g} m high, {size}")
