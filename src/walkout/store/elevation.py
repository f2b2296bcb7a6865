"""The shelves seen from the front, as a shopper sees them."""

from walkout.store.layout import Fixture, Shelf
from walkout.store.planogram import Facing
from walkout.store.shop import Store
from walkout.store.svg import LINE_PX, box, group, line, picture, text, wrap

_SCALE = 560.0
"""Pixels a metre: a plate of 0.1 m takes a word."""
_LEFT_PX, _TOP_PX, _PLATE_PX, _PAD_PX = 32.0, 36.0, 18.0, 5.0
_BETWEEN_PX = 32.0


def elevations_svg(store: Store) -> str:
    """All fixtures, one above the other, as an SVG that stands alone."""
    parts: list[str] = []
    width, y = 0.0, 0.0
    for fixture in store.fixtures:
        drawn, wide, tall = _fixture(store, fixture)
        parts.append(f'<g transform="translate(0 {y:.1f})">{"".join(drawn)}</g>')
        width, y = max(width, wide), y + tall + _BETWEEN_PX
    return picture(parts, width or 320.0, max(y - _BETWEEN_PX, 40.0), f"Shelves of {store.name}")


def elevation_svg(store: Store, fixture: str) -> str:
    """One fixture as an SVG that stands alone; KeyError where there is none of this id."""
    parts, width, height = _fixture(store, store.fixture(fixture))
    return picture(parts, width, height, f"Shelves of {fixture}")


def label_mass(store: Store, gtin: str) -> str:
    """The mass of a product as people write it; several where it has variants."""
    product = store.products.get(gtin)
    if product is None or not product.masses:
        return "mass not known"
    return " or ".join(
        f"{mass.mass_g:,.0f} g" if mass.mass_g >= 100 else f"{mass.mass_g:g} g" for mass in product.masses
    )


def _fixture(store: Store, fixture: Fixture) -> tuple[list[str], float, float]:
    """Its parts, width and height in pixels."""
    shelves = sorted(fixture.shelves, key=lambda shelf: (shelf.z_m, shelf.id))
    top_m = max((shelf.z_m + shelf.height_m for shelf in shelves), default=0.5)
    floor_y = _TOP_PX + max(top_m, 0.1) * _SCALE
    width = fixture.width_m * _SCALE
    plates = sum(len(shelf.plates) for shelf in shelves)
    parts = [text(_LEFT_PX, 18, fixture.id, "title")]
    about = f"{fixture.kind}, {len(shelves)} shelves, {plates} plates"
    parts.append(text(_LEFT_PX + width, 18, about, "muted", "end"))
    parts.append(line(_LEFT_PX, floor_y, _LEFT_PX + width, floor_y, "ink"))
    parts += [line(x, _TOP_PX, x, floor_y, "muted-line") for x in (_LEFT_PX, _LEFT_PX + width)]
    for number, shelf in enumerate(shelves):
        above_m = shelves[number + 1].z_m if number + 1 < len(shelves) else top_m
        parts += _shelf(store, fixture, shelf, floor_y, max(above_m, shelf.z_m))
    return parts, width + 2 * _LEFT_PX, floor_y + 8


def _shelf(store: Store, fixture: Fixture, shelf: Shelf, floor_y: float, above_m: float) -> list[str]:
    y = floor_y - shelf.z_m * _SCALE
    right = _LEFT_PX + fixture.width_m * _SCALE
    free_m = max(min(shelf.height_m, above_m - shelf.z_m - _PLATE_PX / _SCALE), 0.02)
    parts = [line(_LEFT_PX, y, right, y, "ink"), text(_LEFT_PX - 8, y, f"{shelf.id}", "", "end")]
    for plate in shelf.plates:
        x, wide = _LEFT_PX + plate.x_m * _SCALE, plate.width_m * _SCALE
        number = text(x + wide / 2, y + 13, f"{plate.id}" if plate.cell else f"({plate.id})", "muted", "middle")
        parts += [line(x, y, x, y + 5, "muted-line"), line(x + wide, y, x + wide, y + 5, "muted-line"), number]
    facings = store.facings_on(fixture.id, shelf.id)
    for facing in facings:
        mates = [other for other in facings if set(other.plates) & set(facing.plates)]
        parts.append(_facing(store, facing, y, free_m, mates))
    return parts


def _facing(store: Store, facing: Facing, y: float, free_m: float, mates: list[Facing]) -> str:
    """The space of a facing with its goods; those that share plates stand one above the other, dashed."""
    where = store.box(facing)
    x, width = _LEFT_PX + where.low_m[0] * _SCALE, (where.high_m[0] - where.low_m[0]) * _SCALE
    tall = free_m * _SCALE / len(mates)
    base = y - mates.index(facing) * tall
    goods = min((where.high_m[2] - where.low_m[2]) * _SCALE / len(mates), tall)
    product = store.products.get(facing.gtin)
    name = product.name if product else facing.gtin
    parts = [box(x + 1, base - goods, max(width - 2, 0.5), goods, "goods")]
    parts.append(box(x + 1, base - tall, max(width - 2, 0.5), tall, "slot shared" if len(mates) > 1 else "slot"))
    parts += _words(x, base - tall, width, tall, name, label_mass(store, facing.gtin))
    stock = "" if facing.stock is None else f", stock {facing.stock}"
    price = f", {product.price:f} {product.currency}" if product else ""
    plates = ", ".join(map(str, facing.plates))
    mass = label_mass(store, facing.gtin)
    return group(parts, f"{name}\n{facing.gtin}, {mass}{price}\nshelf {facing.shelf}, plates {plates}{stock}")


def _words(x: float, y: float, width: float, height: float, name: str, mass: str) -> list[str]:
    """Name and mass in a space: across it, or up it where it is too narrow for a word."""
    note = [(mass, "muted")]
    across = wrap(name, width - 2 * _PAD_PX, 99)
    upright = (width < 90 and (len(across) + len(note)) * LINE_PX > height - 4) or width < 60 < height
    wide, tall = (height, width) if upright else (width, height)
    room = max(int((tall - 2) / LINE_PX), 0)
    rows = [(row, "") for row in wrap(name, wide - 2 * _PAD_PX, max(room - len(note), 1))] + note
    rows = rows[:room]
    if upright:
        left = x + (width - len(rows) * LINE_PX) / 2 + 10
        at = [(left + number * LINE_PX, y + height - _PAD_PX) for number in range(len(rows))]
        return [text(*place, words, kind, "start", -90.0) for place, (words, kind) in zip(at, rows, strict=True)]
    at = [(x + _PAD_PX, y + 12 + number * LINE_PX) for number in range(len(rows))]
    return [text(*place, words, kind) for place, (words, kind) in zip(at, rows, strict=True)]
