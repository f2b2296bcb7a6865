"""A small shop and its people, for the tests and the bench of the cameras."""

from decimal import Decimal
from math import pi, sin

import numpy as np

from walkout.store.layout import Camera, Fixture, Plate, Shelf
from walkout.store.planogram import Facing
from walkout.store.product import Mass, Product
from walkout.store.shop import Store
from walkout.twin.body import KIND_CODE, Kind, pose
from walkout.twin.camera.figure import Figure, figure
from walkout.twin.camera.gait import with_legs
from walkout.twin.camera.looks import Aid, looks

KINDS: dict[Aid, Kind] = {
    "none": "walker",
    "wheelchair": "wheelchair",
    "pushchair": "pushchair",
    "child_in_arms": "child_in_arms",
}


def fixture(name: str, x_m: float, y_m: float, yaw_deg: float, width_m: float = 1.8) -> Fixture:
    shelves = tuple(
        Shelf(i + 1, z, 0.4, 0.32, tuple(Plate(p + 1, p * 0.1, 0.1) for p in range(round(width_m * 10))))
        for i, z in enumerate((0.2, 0.56, 0.92, 1.28))
    )
    return Fixture(name, x_m, y_m, width_m, 0.45, shelves, "fridge" if "fridge" in name else "gondola", yaw_deg=yaw_deg)


def small_shop(width_px: int = 640, height_px: int = 360) -> Store:
    """Two gondolas at the back wall, a fridge on the right, about 96 facings, four cameras."""
    fixtures = (
        fixture("gondola-1", 0.5, 3.5, 0.0),
        fixture("gondola-2", 2.6, 3.5, 0.0),
        fixture("fridge-1", 5.2, 2.9, -90.0, 1.2),
    )
    facings: list[Facing] = []
    for place in fixtures:
        for shelf in place.shelves:
            plate, last = 1, len(shelf.plates)
            while plate <= last:
                n = len(facings)
                count = min(1 + n * 7 % 3, last - plate + 1)
                gtin = f"{4_000_000_000_000 + n * 102_947:014d}"
                plates = tuple(range(plate, plate + count))
                facings.append(Facing(place.id, shelf.id, plates, gtin, max(1, count - n % 2)))
                plate += count
    products = {f.gtin: Product(f.gtin, f.gtin, (Mass(100.0, 1.0),), Decimal("1.00"), "EUR") for f in facings}
    scale = width_px / 640
    cameras = tuple(
        Camera(f"cam-{k + 1}", *at, to, focal * scale, width_px, height_px)
        for k, (at, to, focal) in enumerate(
            (
                ((0.1, 0.1, 2.6), (2.8, 3.4, 0.9), 420.0),
                ((5.5, 0.1, 2.6), (2.0, 3.4, 0.9), 420.0),
                ((2.5, 1.4, 2.7), (2.6, 3.4, 0.8), 380.0),
                ((0.1, 2.4, 2.4), (5.6, 2.3, 0.9), 450.0),
            )
        )
    )
    floor = ((0.0, 0.0), (5.7, 0.0), (5.7, 4.0), (0.0, 4.0))
    return Store("small", "simulated", "EUR", "UTC", floor, fixtures, (), cameras, products, tuple(facings))


def person(
    number: int,
    x_m: float,
    y_m: float,
    heading: float,
    *,
    aid: Aid = "none",
    reach: tuple[float, float, float] | None = None,
    speed: float = 0.0,
    phase: float = 0.0,
    stature_m: float = 1.75,
    head_cover: str = "",
    bag: str = "",
    clothing: str = "",
) -> Figure:
    hands = np.zeros((2, 4))
    if reach is not None:
        hands[1] = (1.0, *reach)
    upper = np.zeros((8, 3))
    pose(x_m, y_m, heading, stature_m, KIND_CODE[KINDS[aid]], 0.14 * speed * sin(phase), hands, upper)
    joints = with_legs(upper, (x_m, y_m), heading, stature_m, phase, speed, aid)
    worn = looks(number, aid=aid, head_cover=head_cover, bag=bag, clothing=clothing)
    return figure(joints, heading, worn, number, stature_m)


def crowd(step: int = 0) -> tuple[Figure, ...]:
    """Three people: one reaching, one walking by, one with a child; a `step` is a tenth of a second."""
    t = 0.1 * step
    return (
        person(1, 1.2, 3.0, pi / 2, reach=(1.3 + 0.2 * sin(t), 3.55, 1.1 + 0.3 * sin(0.7 * t))),
        person(2, 1.0 + (0.9 * t) % 3.5, 2.2, 0.0, speed=0.9, phase=5.6 * t, stature_m=1.62, bag="backpack"),
        person(3, 4.2, 2.7, 0.3 + 0.2 * sin(t), aid="child_in_arms", stature_m=1.85),
    )
