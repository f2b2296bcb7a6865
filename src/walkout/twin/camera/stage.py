"""A store as a scene: room, fixtures, price tags, and on every facing the products that stand there."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from walkout.store.layout import Fixture, Shelf
from walkout.store.shop import Store
from walkout.twin.camera.packaging import Atlas, Draw, atlas, design
from walkout.twin.camera.raycast import FLOOR_ID
from walkout.twin.camera.scene import Box, Colour, Light, Rotation, Scene, Vector, turned

WALL_ID = 2
CEILING_ID = 3
FIXTURE_ID = 10
"""The first fixture's id; the next fixtures follow in the store's order."""
FACING_ID = 1000
"""The first facing's id; the next facings follow in the planogram's order."""
PERSON_ID = 20_000
"""Ids from here on are free for what moves; `walkout.twin.camera.figure` counts people from here."""

HEIGHT_M = 3.0
_BOARD_M = 0.025
_TILE_M = 0.6
_MARGIN_M = 0.6
_FLOOR_LIGHT = 0.75
"""How bright a white sheet on the floor is, with everything from the panels: a shop of 800 lux, well exposed."""
_AMBIENT = 0.30

_BODY: dict[str, Colour] = {
    "gondola": (206, 206, 202),
    "fridge": (236, 240, 243),
    "rack": (88, 92, 98),
    "table": (176, 142, 104),
}
_RAIL: dict[str, Colour] = {
    "gondola": (196, 60, 52),
    "fridge": (70, 130, 180),
    "rack": (52, 54, 58),
    "table": (140, 110, 80),
}


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """A store ready for its cameras: scene, packaging, each facing's items (those in front first), and the rest."""

    scene: Scene
    atlas: Atlas
    goods: tuple[tuple[Box, ...], ...]
    furniture: tuple[Box, ...]


def stage(store: Store, *, ceiling: bool = True) -> Stage:
    """The scene of a store with every facing full; KeyError for a facing on a shelf that is not there."""
    goods = tuple(_goods(store, index) for index in range(len(store.planogram)))
    boxes = [*_room(store, ceiling)]
    names = [(FLOOR_ID, "floor"), (WALL_ID, "wall"), (CEILING_ID, "ceiling")]
    for index, fixture in enumerate(store.fixtures):
        boxes += _furniture(fixture, FIXTURE_ID + index)
        names.append((FIXTURE_ID + index, f"fixture {fixture.id}"))
    for index, facing in enumerate(store.planogram):
        boxes += _tag(store, index)
        names.append((FACING_ID + index, f"facing {facing.fixture}/{facing.shelf}/{facing.gtin}"))
    lights = _lights(extent(store))
    everything = (*boxes, *(item for items in goods for item in items))
    packaging = atlas(facing.gtin for facing in store.planogram)
    return Stage(Scene(everything, lights, _AMBIENT, tuple(names)), packaging, goods, tuple(boxes))


def without(full: Stage, taken: Mapping[int, int]) -> tuple[Scene, tuple[Box, ...]]:
    """The scene after `taken[index]` items left a facing, and the boxes that went: what `rebake` asks for."""
    gone = tuple(
        box for index in sorted(taken) for box in full.goods[index][: _boxes_of(full.goods[index], taken[index])]
    )
    kept = list(full.furniture)
    for index, boxes in enumerate(full.goods):
        kept += boxes[_boxes_of(boxes, taken.get(index, 0)) :]
    return Scene(tuple(kept), full.scene.lights, full.scene.ambient, full.scene.names), gone


def item(gtin: str, centre_m: Vector, size_m: Vector, rotation: Rotation, owner: int) -> tuple[Box, ...]:
    """One packed item anywhere, such as in a hand: width, depth, height in metres along its own axes."""
    form, accent = design(gtin).form, design(gtin).accent
    half = (size_m[0] / 2, size_m[1] / 2, size_m[2] / 2)
    if form == "carton":
        return (Box(centre_m, half, owner, rotation, texture=gtin),)
    round_half = min(half[0], half[1])
    if form == "can":
        return (Box(centre_m, (round_half, round_half, half[2]), owner, rotation, texture=gtin, shape="cylinder"),)
    up = rotation[2]

    def raised(by: float) -> Vector:
        return (centre_m[0] + by * up[0], centre_m[1] + by * up[1], centre_m[2] + by * up[2])

    body = Box(
        raised(-0.25 * half[2]),
        (round_half, round_half, 0.75 * half[2]),
        owner,
        rotation,
        texture=gtin,
        shape="cylinder",
    )
    neck_half = (0.42 * round_half, 0.42 * round_half, 0.25 * half[2])
    return (body, Box(raised(0.75 * half[2]), neck_half, owner, rotation, accent, shape="cylinder"))


def _boxes_of(boxes: tuple[Box, ...], count: int) -> int:
    """How many boxes the first `count` items are: a bottle is two."""
    per_item = 1 + sum(1 for box in boxes[1:2] if not box.texture)
    return count * per_item


def _goods(store: Store, index: int) -> tuple[Box, ...]:
    """The items of a facing: a column each facing, rows to the back or to its stock, all inside the facing's box."""
    facing = store.planogram[index]
    place, fixture = store.box(facing), store.fixture(facing.fixture)
    draw = Draw(int(facing.gtin) * 31 + index)
    wide_m, deep_m, high_m = (high - low for low, high in zip(place.low_m, place.high_m, strict=True))
    columns = max(facing.facings, ceil(wide_m / 0.28))
    width_m = wide_m / columns
    slender = draw.unit(1.1, 2.6)
    height_m = high_m if facing.height_m is not None else min(high_m * draw.unit(0.6, 0.9), slender * width_m)
    depth_m = min(deep_m, width_m if design(facing.gtin).form != "carton" else width_m * draw.unit(0.5, 1.0))
    rows = max(1, int(deep_m / max(depth_m, 0.04)))
    room = columns * rows
    count = room if facing.stock is None else min(room, facing.stock)
    items: list[Box] = []
    for k in range(count):
        row, column = divmod(k, columns)
        # Room to stand a little askew without leaving the facing's box.
        x_m = place.low_m[0] + (column + 0.5) * width_m + draw.unit(-0.02, 0.02) * width_m
        y_m = place.low_m[1] + (row + 0.5) * depth_m + draw.unit(0.0, 0.02) * depth_m
        centre = fixture.to_store(x_m, y_m, place.low_m[2] + height_m / 2)
        size = (0.90 * width_m, 0.90 * depth_m, height_m)
        items += item(facing.gtin, centre, size, turned(fixture.yaw_deg + draw.unit(-2.5, 2.5)), FACING_ID + index)
    return tuple(items)


def _in_fixture(
    fixture: Fixture,
    low: Vector,
    high: Vector,
    owner: int,
    colour: Colour,
    *,
    structure: bool = True,
) -> Box:
    middle = fixture.to_store((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (low[2] + high[2]) / 2)
    half = ((high[0] - low[0]) / 2, (high[1] - low[1]) / 2, (high[2] - low[2]) / 2)
    return Box(middle, half, owner, turned(fixture.yaw_deg), colour, structure=structure)


def _furniture(fixture: Fixture, owner: int) -> list[Box]:
    """Boards with rails, a back, a foot, and walls where the kind has them."""
    body, rail = _BODY[fixture.kind], _RAIL[fixture.kind]
    wide, deep = fixture.width_m, fixture.depth_m
    top = max((shelf.z_m + shelf.height_m for shelf in fixture.shelves), default=1.0)
    lowest = min((shelf.z_m for shelf in fixture.shelves), default=0.1)
    boxes = []
    for shelf in fixture.shelves:
        boxes.append(
            _in_fixture(fixture, (0.0, 0.0, shelf.z_m - _BOARD_M), (wide, shelf.depth_m, shelf.z_m), owner, body)
        )
        low, high = (0.0, -0.012, shelf.z_m - 0.045), (wide, 0.0, shelf.z_m - 0.002)
        boxes.append(_in_fixture(fixture, low, high, owner, rail, structure=False))
    if fixture.kind != "table":
        boxes.append(_in_fixture(fixture, (0.0, deep - 0.02, 0.0), (wide, deep, top), owner, body))
        if lowest > 0.06:
            boxes.append(_in_fixture(fixture, (0.0, 0.03, 0.0), (wide, deep, lowest - _BOARD_M), owner, (70, 70, 74)))
    if fixture.kind == "fridge":
        boxes += [
            _in_fixture(fixture, (-0.05, 0.0, 0.0), (0.0, deep, top), owner, body),
            _in_fixture(fixture, (wide, 0.0, 0.0), (wide + 0.05, deep, top), owner, body),
            _in_fixture(fixture, (-0.05, 0.0, top), (wide + 0.05, deep, top + 0.12), owner, (40, 74, 112)),
        ]
    if fixture.kind == "table":
        for x in (0.03, wide - 0.03):
            boxes.append(
                _in_fixture(fixture, (x - 0.03, 0.05, 0.0), (x + 0.03, deep - 0.05, lowest - _BOARD_M), owner, body)
            )
    return boxes


def _tag(store: Store, index: int) -> list[Box]:
    """A price tag on the rail under a facing: white paper, a name, a price."""
    facing = store.planogram[index]
    fixture, place = store.fixture(facing.fixture), store.box(facing)
    id_ = FIXTURE_ID + next(i for i, other in enumerate(store.fixtures) if other.id == fixture.id)
    shelf: Shelf = store.shelf(facing.fixture, facing.shelf)
    middle, z = (place.low_m[0] + place.high_m[0]) / 2, shelf.z_m - 0.042
    half = min(0.035, (place.high_m[0] - place.low_m[0]) * 0.45)

    def paper(x0: float, x1: float, y: float, z0: float, z1: float, colour: Colour) -> Box:
        return _in_fixture(
            fixture, (middle + x0, y, z + z0), (middle + x1, -0.011, z + z1), id_, colour, structure=False
        )

    return [
        paper(-half, half, -0.014, 0.0, 0.036, (250, 250, 240)),
        paper(-0.8 * half, 0.5 * half, -0.0145, 0.026, 0.031, (60, 60, 60)),
        paper(0.0, 0.85 * half, -0.0145, 0.006, 0.020, (30, 30, 30)),
    ]


def extent(store: Store) -> tuple[float, float, float, float]:
    """Left, front, right, back of the room: the floor's outline, or all that stands in it with a margin."""
    points = list(store.floor_m)
    if not points:
        for fixture in store.fixtures:
            for x, y in (
                (0.0, -1.5),
                (fixture.width_m, -1.5),
                (0.0, fixture.depth_m),
                (fixture.width_m, fixture.depth_m),
            ):
                points.append(fixture.to_store(x, y, 0.0)[:2])
        points += [(gate.x_m, gate.y_m) for gate in store.gates]
    points += [(camera.x_m, camera.y_m) for camera in store.cameras]
    xs, ys = [x for x, _ in points] or [-3.0, 3.0], [y for _, y in points] or [-3.0, 3.0]
    margin = 0.05 if store.floor_m else _MARGIN_M
    return (min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin)


def _room(store: Store, ceiling: bool) -> list[Box]:
    left, front, right, back = extent(store)
    high = max([HEIGHT_M, *(camera.z_m + 0.3 for camera in store.cameras)])
    middle_x, middle_y, half_x, half_y = (left + right) / 2, (front + back) / 2, (right - left) / 2, (back - front) / 2
    boxes = []
    draw = Draw(1)
    columns, rows = ceil((right - left) / _TILE_M), ceil((back - front) / _TILE_M)
    for k in range(columns * rows):
        x, y = left + (k % columns + 0.5) * _TILE_M, front + (k // columns + 0.5) * _TILE_M
        grey = 168 + draw.below(14)
        half = _TILE_M / 2 - 0.003
        boxes.append(Box((x, y, -0.05), (half, half, 0.05), FLOOR_ID, colour=(grey, grey - 3, grey - 8)))
    boxes.append(
        Box((middle_x, middle_y, -0.06), (half_x + 0.5, half_y + 0.5, 0.057), FLOOR_ID, colour=(120, 118, 112))
    )
    for x, y, hx, hy, shade in (
        (left - 0.05, middle_y, 0.05, half_y + 0.1, 214),
        (right + 0.05, middle_y, 0.05, half_y + 0.1, 210),
        (middle_x, front - 0.05, half_x + 0.1, 0.05, 218),
        (middle_x, back + 0.05, half_x + 0.1, 0.05, 218),
    ):
        boxes.append(
            Box((x, y, high / 2), (hx, hy, high / 2), WALL_ID, colour=(shade, shade, shade - 6), structure=True)
        )
    if ceiling:
        boxes.append(Box((middle_x, middle_y, high + 0.05), (half_x, half_y, 0.05), CEILING_ID, colour=(235, 235, 232)))
    return boxes


def _lights(extent: tuple[float, float, float, float]) -> tuple[Light, ...]:
    """Panels about 2.4 m apart under the ceiling, at most nine, so bright that the middle of the floor is well lit."""
    left, front, right, back = extent
    columns, rows = (max(1, min(3, round(length / 2.4))) for length in (right - left, back - front))
    z = HEIGHT_M - 0.06
    places = [
        (left + (i + 0.5) * (right - left) / columns, front + (j + 0.5) * (back - front) / rows, z)
        for j in range(rows)
        for i in range(columns)
    ]
    middle = ((left + right) / 2, (front + back) / 2)
    sums = sum(z * z / ((x - middle[0]) ** 2 + (y - middle[1]) ** 2 + z * z) ** 2 for x, y, _ in places)
    tints: tuple[Colour, ...] = ((255, 250, 240), (255, 247, 232), (250, 250, 255))
    return tuple(
        Light(place, (_FLOOR_LIGHT - 0.75 * _AMBIENT) / sums, (1.2, 0.6), tints[k % len(tints)])
        for k, place in enumerate(places)
    )
