"""Shops nobody has seen, and cameras in them: what people are drawn before when a model learns."""

from dataclasses import dataclass, replace
from decimal import Decimal
from math import cos, pi, radians, sin, tan

import cv2
import numpy as np
from numpy.typing import NDArray

from walkout.store.layout import Fixture, Plate, Shelf
from walkout.store.planogram import Facing
from walkout.store.product import Mass, Product
from walkout.store.shop import Store
from walkout.twin.camera.packaging import Atlas
from walkout.twin.camera.raycast import FLOOR_ID, Backdrop, Frame, bake
from walkout.twin.camera.scene import Box, Colour, Light, Pinhole, Scene, Vector, cross, unit
from walkout.twin.camera.stage import CEILING_ID, FACING_ID, FIXTURE_ID, WALL_ID, stage

Random = np.random.Generator
_LEVELS = ((8.0, 70.0), (40.0, 160.0), (120.0, 250.0))
_PRODUCTS = 16
_MOST_LAMPS = 3
"""So many lamps throw shadows at most: each costs rays for every pixel that stands still."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A camera before what stands still, the lights and packaging for what moves, and where people may stand.

    `floor_m`: left, front, right, back of the floor that people use.
    """

    backdrop: Backdrop
    scene: Scene
    atlas: Atlas
    gtins: tuple[str, ...]
    floor_m: tuple[float, float, float, float]


def colour(rng: Random) -> Colour:
    """Any colour, dark and grey ones more often than an even draw would give, as in shops and clothes."""
    kind, level, strength, *hues = rng.random(6).tolist()
    low, high = _LEVELS[int(3 * kind)]
    value = low + (high - low) * level
    red, green, blue = (min(252, max(4, int(value * (1.0 - strength**2 + strength**2 * 1.6 * hue)))) for hue in hues)
    return (red, green, blue)


def shop(rng: Random, sparse: bool = False) -> Store:
    """A room of 3.5 to 9 m a side with 2 to 7 fixtures along its walls and in its middle, and goods on most shelves."""
    wide, deep = float(rng.uniform(3.5, 9.0)), float(rng.uniform(3.5, 8.0))
    fixtures = [_fixture(rng, f"f{k}", wide, deep) for k in range(int(rng.integers(2, 4 if sparse else 8)))]
    facings: list[Facing] = []
    range_ = [f"{int(number):014d}" for number in rng.integers(10**12, 10**13, _PRODUCTS)]
    products: dict[str, Product] = {}
    for place in fixtures:
        for shelf in place.shelves:
            plate, last = 1, len(shelf.plates)
            while plate <= last:
                count = min(int(rng.integers(1, 4)), last - plate + 1)
                gtin = range_[int(rng.integers(0, _PRODUCTS))]
                if rng.random() < 0.85:
                    products[gtin] = Product(gtin, gtin, (Mass(100.0, 1.0),), Decimal("1.00"), "EUR")
                    stock = int(rng.integers(1, 7))
                    facings.append(Facing(place.id, shelf.id, tuple(range(plate, plate + count)), gtin, 1, stock))
                plate += count
    floor = ((0.0, 0.0), (wide, 0.0), (wide, deep), (0.0, deep))
    return Store(
        "seen in training", "simulated", "EUR", "UTC", floor, tuple(fixtures), (), (), products, tuple(facings)
    )


def _fixture(rng: Random, name: str, wide: float, deep: float) -> Fixture:
    count = int(rng.integers(2, 6))
    base, gap = float(rng.uniform(0.1, 0.4)), float(rng.uniform(0.26, 0.45))
    plates = int(rng.integers(4, 16))
    depth = float(rng.uniform(0.3, 0.5))
    shelves = tuple(
        Shelf(i + 1, base + i * gap, depth, gap - 0.04, tuple(Plate(p + 1, p * 0.15, 0.15) for p in range(plates)))
        for i in range(count)
    )
    length, kind = plates * 0.15, ("gondola", "fridge", "rack", "table")[int(rng.integers(0, 4))]
    side = int(rng.integers(0, 5))
    along = float(rng.uniform(0.0, max(0.1, (wide if side % 2 == 0 else deep) - length)))
    x, y, yaw = {
        0: (along, deep - depth, 0.0),
        1: (wide - depth, along + length, -90.0),
        2: (along + length, depth, 180.0),
        3: (depth, along, 90.0),
        4: (float(rng.uniform(0.8, wide - 0.8)), float(rng.uniform(0.8, deep - 0.8)), float(rng.uniform(-180, 180))),
    }[side]
    return Fixture(name, x, y, length, depth, shelves, kind, yaw_deg=yaw)  # type: ignore[arg-type]


def camera(rng: Random, floor_m: tuple[float, float, float, float], width_px: int, height_px: int) -> Pinhole:
    """A camera 2.1 to 3.3 m above the floor, 55 to 110 degrees wide, rolled a little, looking at the room."""
    left, front, right, back = floor_m
    at = (float(rng.uniform(left, right)), float(rng.uniform(front, back)), float(rng.uniform(2.1, 3.3)))
    if rng.random() < 0.7:  # most hang at a wall
        side = int(rng.integers(0, 4))
        walls = ((left + 0.12, at[1]), (right - 0.12, at[1]), (at[0], front + 0.12), (at[0], back - 0.12))
        at = (*walls[side], at[2])
    middle = ((left + right) / 2, (front + back) / 2)
    to = (
        middle[0] + float(rng.normal(0.0, 0.22)) * (right - left),
        middle[1] + float(rng.normal(0.0, 0.22)) * (back - front),
        float(rng.uniform(0.2, 1.4)),
    )
    if (to[0] - at[0]) ** 2 + (to[1] - at[1]) ** 2 < 0.6:
        to = (to[0] + 1.0, to[1] + 0.7, to[2])
    forward = unit((to[0] - at[0], to[1] - at[1], to[2] - at[2]))
    right_ = unit(cross(forward, (0.0, 0.0, 1.0)))
    down = cross(forward, right_)
    roll = radians(float(rng.normal(0.0, 4.0)))
    c, s = cos(roll), sin(roll)
    turned: Vector = (c * right_[0] + s * down[0], c * right_[1] + s * down[1], c * right_[2] + s * down[2])
    under: Vector = (c * down[0] - s * right_[0], c * down[1] - s * right_[1], c * down[2] - s * right_[2])
    half = radians(float(rng.uniform(55.0, 110.0))) / 2
    return Pinhole(at, turned, under, forward, width_px / 2 / tan(half), width_px, height_px)


def place(rng: Random, width_px: int, height_px: int, *, plain: bool = False) -> Place:
    """A new shop in new colours and light before a new camera, drawn once; some tenths of a second to seconds.

    `plain`: in the colours and the light that the twin gives every shop.
    """
    store = shop(rng, sparse=bool(rng.random() < 0.6))
    full = stage(store)
    wide, deep = store.floor_m[2]
    scene = full.scene if plain else _repainted(rng, full.scene)
    eye = camera(rng, (0.0, 0.0, wide, deep), width_px, height_px)
    return Place(bake(scene, eye, full.atlas), scene, full.atlas, full.atlas.gtins, (0.3, 0.3, wide - 0.3, deep - 0.3))


def flat_place(rng: Random, like: Place, width_px: int, height_px: int) -> Place:
    """No shop at all: a camera before a made-up pattern, so that a model learns people and not rooms.

    Lights and packaging are taken from another place. Costs some milliseconds.
    """
    floor = (0.0, 0.0, float(rng.uniform(3.0, 8.0)), float(rng.uniform(3.0, 8.0)))
    eye = camera(rng, floor, width_px, height_px)
    frame = Frame(
        pattern(rng, width_px, height_px),
        np.full((height_px, width_px), np.inf, np.float32),
        np.zeros((height_px, width_px), np.int32),
    )
    return Place(Backdrop(eye, frame, like.scene.ambient), like.scene, like.atlas, like.gtins, floor)


def pattern(rng: Random, width_px: int, height_px: int) -> NDArray[np.uint8]:
    """A picture of nothing: clouds of several sizes, bars, boxes and edges in any colours, uint8 (rows, columns, 3)."""
    picture = np.empty((height_px, width_px, 3), np.float32)
    picture[:] = colour(rng)
    for cells in (2, 5, 12, 40):
        if rng.random() < 0.7:
            coarse = np.repeat(rng.normal(0.0, rng.uniform(4, 34), (cells, 2 * cells, int(rng.choice((1, 3))))), 3, 2)
            way = cv2.INTER_NEAREST if cells > 20 else cv2.INTER_LINEAR
            picture += cv2.resize(coarse[:, :, :3].astype(np.float32), (width_px, height_px), interpolation=way)
    for _ in range(int(rng.integers(2, 26))):
        _bar(rng, picture)
    for _ in range(int(rng.integers(0, 6))):
        _wedge(rng, picture)
    return np.clip(picture, 0, 255).astype(np.uint8)


def _bar(rng: Random, picture: NDArray[np.float32]) -> None:
    """Paint a turned rectangle somewhere, whole or in stripes, in place."""
    turn, rows, columns = float(rng.uniform(0, pi)), *picture.shape[:2]
    x, y = float(rng.uniform(0, columns)), float(rng.uniform(0, rows))
    long_, thick = float(np.exp(rng.uniform(1.5, 5.5))), float(np.exp(rng.uniform(0.3, 4.2)))
    period = float(np.exp(rng.uniform(1.5, 3.0))) if rng.random() < 0.25 else 2.0 * long_
    c, s = cos(turn), sin(turn)
    paint, start = colour(rng), -long_
    while start < long_:
        end = min(long_, start + (period if period >= long_ else period / 2))
        corners = [(start, -thick), (end, -thick), (end, thick), (start, thick)]
        points = np.array([(x + c * u - s * v, y + s * u + c * v) for u, v in corners])
        cv2.fillPoly(picture, [np.rint(points).astype(np.int32)], paint)
        start += period


def _wedge(rng: Random, picture: NDArray[np.float32]) -> None:
    """Paint an upright shape somewhere that narrows upward, perhaps with a knob on it, in place: nobody's outline."""
    rows, columns = picture.shape[:2]
    x, y = float(rng.uniform(0, columns)), float(rng.uniform(0, rows))
    high = float(np.exp(rng.uniform(2.3, 4.8)))
    wide, top = high * float(rng.uniform(0.12, 0.5)), high * float(rng.uniform(0.0, 0.15))
    corners = np.array([(x - wide, y + high), (x + wide, y + high), (x + top, y), (x - top, y)])
    cv2.fillPoly(picture, [np.rint(corners).astype(np.int32)], colour(rng))
    if rng.random() < 0.3:
        cv2.ellipse(picture, (int(x), int(y)), (int(0.2 * high), int(0.14 * high)), 0, 0, 360, colour(rng), -1)


def _repainted(rng: Random, scene: Scene) -> Scene:
    """Walls, floor and fixtures in other colours, lamps of other strength and colour."""
    wall, ceiling, floor, second = colour(rng), colour(rng), colour(rng), colour(rng)
    tiled, other = rng.random() < 0.5, colour(rng)
    bodies: dict[int, Colour] = {}
    boxes: list[Box] = []
    for number, box in enumerate(scene.boxes):
        paint = box.colour
        if box.id == FLOOR_ID:
            paint = second if tiled and number % 2 else floor
        elif box.id == WALL_ID:
            paint = wall if number % 3 else other
        elif box.id == CEILING_ID:
            paint = ceiling
        elif FIXTURE_ID <= box.id < FACING_ID and box.structure:
            paint = bodies.setdefault(box.id, colour(rng))
        boxes.append(replace(box, colour=paint))
    power, tint = float(rng.uniform(0.5, 1.5)), rng.uniform(0.75, 1.0, 3)
    lamps = [scene.lights[k] for k in rng.permutation(len(scene.lights))[:_MOST_LAMPS]]
    power *= len(scene.lights) / len(lamps)
    lights = tuple(
        Light(
            lamp.at_m,
            lamp.power * power * float(rng.uniform(0.3, 1.4)),
            lamp.size_m,
            (int(255 * tint[0]), int(255 * tint[1]), int(255 * tint[2])),
        )
        for lamp in lamps
    )
    return Scene(tuple(boxes), lights, float(rng.uniform(0.12, 0.5)), scene.names)
