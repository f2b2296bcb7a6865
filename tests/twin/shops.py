"""A small shop for the twin's tests."""

from decimal import Decimal

from walkout.store.layout import Camera, Fixture, Gate, Plate, Shelf
from walkout.store.planogram import Facing
from walkout.store.product import Mass, Product
from walkout.store.shop import Store


def small_shop(fixtures: int = 2, shelves: int = 3, plates: int = 6, prefix: str = "g") -> Store:
    """Gondolas in a row along y = 0 with the shopper's side at y < 0; two plates a facing."""
    racks = []
    facings: list[Facing] = []
    products = {}
    for f in range(fixtures):
        boards = tuple(
            Shelf(
                s + 1,
                round(0.4 + 0.35 * s, 3),
                0.4,
                0.33,
                tuple(Plate(p + 1, round(0.1 * p, 3), 0.1) for p in range(plates)),
            )
            for s in range(shelves)
        )
        racks.append(Fixture(f"{prefix}{f + 1}", 0.2 + f * (0.1 * plates + 0.3), 0.1, 0.1 * plates, 0.4, boards))
        for s in range(shelves):
            for p in range(0, plates, 2):
                number = len(facings) + 1
                gtin = f"{number:013d}"
                gtin += str(-sum(int(d) * (3, 1)[k % 2] for k, d in enumerate(gtin)) % 10)
                facings.append(Facing(f"{prefix}{f + 1}", s + 1, (p + 1, p + 2), gtin, 1, 10))
                products[gtin] = Product(
                    gtin, f"Product {number}", (Mass(40.0 + 23.0 * number, 0.5),), Decimal("1.50"), "EUR"
                )
    gates = (Gate("door", 0.0, -2.0, 1.0),)
    cameras = (Camera("c1", 0.0, -2.5, 2.6, (1.0, 0.0, 1.0), 420.0),)
    floor = (
        (-1.0, -2.5),
        (0.2 + fixtures * (0.1 * plates + 0.3) + 1.0, -2.5),
        (0.2 + fixtures * (0.1 * plates + 0.3) + 1.0, 0.6),
        (-1.0, 0.6),
    )
    return Store(
        "small", "simulated", "EUR", "Europe/Berlin", floor, tuple(racks), gates, cameras, products, tuple(facings)
    )
