"""AiFi's planogram documents to fixtures and facings, and back.

A facing's box stands in the store frame (`global_coordinates`) and in its shelf's (`coordinates`), both in metres
with a Rodrigues rotation. Gondolas stand upright, so that only the turn about z counts; the front left corner below
the shelves is the fixture's origin, which is our frame too (`walkout.store.layout`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import cos, degrees, radians, sin
from typing import Any, Final, TypeVar

import numpy as np

from walkout.recording.aifi.columns import Columns
from walkout.recording.aifi.documents import fixture_of, gondola_of
from walkout.store.layout import Fixture, Plate, Shelf
from walkout.store.planogram import Facing
from walkout.store.shop import Store

PITCH_M: Final = 0.1016
"""Width of a plate and distance to the next: 4 inches (store_meta/Plates.json of January 2020)."""
NEAR_M: Final = 0.002
_MAX_PLATES: Final = 200
Point = tuple[float, float, float]
T = TypeVar("T", float, tuple[float, float])


@dataclass(frozen=True, slots=True)
class Placed:
    """One facing as its document says it; `product` is empty for a place without goods."""

    gondola: int
    shelf: int
    plates: tuple[int, ...]
    product: str
    local_m: Point
    global_m: Point
    yaw_deg: float
    size_m: Point


def read_placed(document: Mapping[str, Any]) -> list[Placed]:
    """The facing in a document, in one piece for each shelf that it lies on.

    Raises:
        ValueError: it says no place, or no size.
    """
    shelves: dict[tuple[int, int], list[int]] = {}
    plates = document.get("plate_ids", [])
    for plate in plates if type(plates) is list else []:
        shelf = _object(plate, "shelf_id")
        key = (_index(_object(shelf, "gondola_id"), "id"), _index(shelf, "shelf_index"))
        shelves.setdefault(key, []).append(_index(plate, "plate_index"))
    if not shelves:
        raise ValueError("it names no plates")
    local, world = _object(document, "coordinates"), _object(document, "global_coordinates")
    size_m = _point(world, ("dim_x", "dim_y", "dim_z"))
    if min(size_m) <= 0:
        raise ValueError(f"its size is {size_m} m")
    transform = _object(world, "transform")
    turn = _point(_object(transform, "rotation"), ("x", "y", "z"))
    if abs(turn[0]) > 1e-3 or abs(turn[1]) > 1e-3:
        raise ValueError("it is tilted")
    product = _object(document, "planogram_product_id").get("id", "")
    if type(product) is not str:
        raise ValueError("its product's id is not a text")
    return [
        Placed(
            gondola=gondola,
            shelf=shelf,
            plates=tuple(sorted(set(plates))),
            product="".join(letter if letter.isprintable() else " " for letter in product)[:1000],
            local_m=_point(_object(_object(local, "transform"), "translation"), ("x", "y", "z")),
            global_m=_point(_object(transform, "translation"), ("x", "y", "z")),
            yaw_deg=round(degrees(turn[2]), 3),
            size_m=size_m,
        )
        for (gondola, shelf), plates in shelves.items()
    ]


def _point(value: Mapping[str, Any], names: tuple[str, str, str]) -> Point:
    x, y, z = (_metres(value.get(name, 0)) for name in names)
    return x, y, z


def _metres(value: Any) -> float:
    if type(value) not in (int, float) or not abs(value) <= 1000:
        raise ValueError(f"a length is {str(value)[:40]}")
    return round(float(value), 4)  # a tenth of a millimetre: the documents hold 0.1016 as 0.10159999877214432


def _index(value: Mapping[str, Any], name: str) -> int:
    found = value.get(name, 0)
    if type(found) is not int or not 1 <= found <= _MAX_PLATES:
        raise ValueError(f"{name} is {str(found)[:40]}; right is 1 to {_MAX_PLATES}")
    return found


def _object(value: Any, name: str) -> Mapping[str, Any]:
    found = value.get(name, {}) if type(value) is dict else {}
    return found if type(found) is dict else {}


def build_fixtures(placed: Iterable[Placed], columns: Columns) -> tuple[tuple[Fixture, ...], list[str]]:
    """Fixtures with shelves and plates, and what is doubtful about them.

    Every shelf of a gondola has plates from 1 to the highest that the planogram names on that gondola. A plate has no
    cell where the recording carries its gondola but never a number for it; a gondola that the recording does not carry
    at all keeps its cells, since nothing speaks against them.
    """
    warnings: list[str] = []
    by_gondola: dict[int, list[Placed]] = {}
    for place in placed:
        by_gondola.setdefault(place.gondola, []).append(place)
    fixtures = tuple(_fixture(gondola, by_gondola[gondola], columns, warnings) for gondola in sorted(by_gondola))
    return fixtures, warnings


def _fixture(gondola: int, placed: list[Placed], columns: Columns, warnings: list[str]) -> Fixture:
    name = fixture_of(gondola)
    yaw_deg = _commonest(place.yaw_deg for place in placed)
    x_m, y_m = _commonest(_origin(place, yaw_deg) for place in placed)
    odd = [p for p in placed if p.yaw_deg != yaw_deg or _far(_origin(p, yaw_deg), (x_m, y_m))]
    if odd:
        warnings.append(f"{name}: {len(odd)} of {len(placed)} facings do not stand in line with the others")
    last = max(max(place.plates) for place in placed)
    shelves: dict[int, list[Placed]] = {}
    for place in placed:
        shelves.setdefault(place.shelf, []).append(place)
    depth_m = max(place.size_m[1] for place in placed)
    return Fixture(
        id=name,
        x_m=x_m,
        y_m=y_m,
        width_m=round(last * PITCH_M, 4),
        depth_m=depth_m,
        yaw_deg=yaw_deg,
        shelves=tuple(
            Shelf(
                id=shelf,
                z_m=_commonest(place.global_m[2] for place in shelves[shelf]),
                depth_m=max(place.size_m[1] for place in shelves[shelf]),
                height_m=max(place.size_m[2] for place in shelves[shelf]),
                plates=tuple(
                    Plate(plate, round((plate - 1) * PITCH_M, 4), PITCH_M, columns.carried(name, shelf, plate))
                    for plate in range(1, last + 1)
                ),
            )
            for shelf in sorted(shelves)
        ),
    )


def _origin(place: Placed, yaw_deg: float) -> tuple[float, float]:
    """Where the shelf's own origin stands in the store frame."""
    c, s = cos(radians(yaw_deg)), sin(radians(yaw_deg))
    x_m, y_m, _ = place.local_m
    return round(place.global_m[0] - c * x_m + s * y_m, 3), round(place.global_m[1] - s * x_m - c * y_m, 3)


def _far(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return max(abs(one[0] - other[0]), abs(one[1] - other[1])) > NEAR_M


def _commonest(values: Iterable[T]) -> T:
    """The value that comes most often; the lowest of several."""
    counted = Counter(values)
    return min(counted, key=lambda value: (-counted[value], value))


def build_facings(
    placed: Iterable[Placed], fixtures: Iterable[Fixture], gtins: Mapping[str, str]
) -> tuple[tuple[Facing, ...], list[str]]:
    """Facings in the order of fixtures, shelves and plates; places without goods and repetitions are left out."""
    by_name = {fixture.id: fixture for fixture in fixtures}
    facings: dict[Facing, None] = {}
    count = 0
    for place in sorted(placed, key=lambda place: (place.gondola, place.shelf, place.plates, place.product)):
        if not place.product:
            continue
        fixture = by_name[fixture_of(place.gondola)]
        shelf = next(shelf for shelf in fixture.shelves if shelf.id == place.shelf)
        left_m = round(fixture.to_fixture(*place.global_m)[0], 4)
        plates_m = (min(place.plates) - 1) * PITCH_M, (max(place.plates) - min(place.plates) + 1) * PITCH_M
        plain = abs(left_m - plates_m[0]) <= NEAR_M and abs(place.size_m[0] - plates_m[1]) <= NEAR_M
        facing = Facing(
            fixture=fixture.id,
            shelf=place.shelf,
            plates=place.plates,
            gtin=gtins[place.product],
            x_m=None if plain else left_m,
            width_m=None if plain else place.size_m[0],
            height_m=None if abs(place.size_m[2] - shelf.height_m) <= NEAR_M else place.size_m[2],
        )
        facings[facing] = None
        count += 1
    repeated = count - len(facings)
    return tuple(facings), [f"{repeated} facings came twice and are taken in once"] if repeated else []


def planogram_documents(store: Store) -> list[dict[str, Any]]:
    """Documents for a store that came from elsewhere; a shelf without goods becomes an empty facing.

    Fixtures whose names are not of the form gondola-N are numbered after the highest N, in their order.
    """
    numbers = gondola_numbers(fixture.id for fixture in store.fixtures)
    return [
        _document(store, fixture, facing, numbers[fixture.id])
        for fixture in store.fixtures
        for shelf in fixture.shelves
        for facing in store.facings_on(fixture.id, shelf.id) or _empty(fixture.id, shelf)
    ]


def _empty(fixture: str, shelf: Shelf) -> tuple[Facing, ...]:
    plates = tuple(plate.id for plate in shelf.plates)
    return (Facing(fixture, shelf.id, plates, ""),) if plates else ()


def gondola_numbers(fixtures: Iterable[str]) -> dict[str, int]:
    """A number for each fixture: its own where its name holds one."""
    names = list(fixtures)
    numbers = {name: number for name in names if (number := gondola_of(name)) is not None}
    following = max(numbers.values(), default=0)
    for name in names:
        if name not in numbers:
            following += 1
            numbers[name] = following
    return numbers


def _document(store: Store, fixture: Fixture, facing: Facing, gondola: int) -> dict[str, Any]:
    box = store.box(facing)
    shelf = store.shelf(facing.fixture, facing.shelf)
    product = store.products.get(facing.gtin)
    size = [high - low for low, high in zip(box.low_m, box.high_m, strict=True)]
    dims = {name: _single(value) for name, value in zip(("dim_x", "dim_y", "dim_z"), size, strict=True)}
    local = (box.low_m[0], box.low_m[1], box.low_m[2] - shelf.z_m)
    rotation = _sparse((0.0, 0.0, radians(fixture.yaw_deg)))
    spot = {"gondola_id": {"id": gondola}, "shelf_index": facing.shelf}
    identity = (product.source_ids or (product.gtin[2:],))[0] if product else ""
    return {
        "plate_ids": [{"shelf_id": spot, "plate_index": plate} for plate in facing.plates],
        "planogram_product_id": {"barcode_type": "UPC", "id": identity} if product else {},
        "coordinates": {"transform": {"translation": _sparse(local), "rotation": rotation}, **dims},
        "global_coordinates": {
            "transform": {"translation": _sparse(fixture.to_store(*box.low_m)), "rotation": rotation},
            **dims,
        },
    }


def _sparse(point: Point) -> dict[str, float]:
    single = {axis: _single(value) for axis, value in zip("xyz", point, strict=True)}
    return {axis: value for axis, value in single.items() if value}


def _single(value: float) -> float:
    return float(np.float32(round(value, 6)))
