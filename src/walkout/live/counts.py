"""How many of each product stand on the shelves, by weight alone: what the scales say now, not what the books say.

A refill shows at once, and so does what left without a receipt. It can be said of a product only where each of its
facings has its plates for itself, all of them with a measured zero (`walkout commission`), and where the masses of so
many items do not differ by more than a part of one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from walkout.recording.plates import PlateBatch
from walkout.store.planogram import Facing
from walkout.store.shop import Store

CALM_G = 15.0
"""A plate that moves more than this within one message is touched, or rings; its last calm reading stands."""
PLATE_G, GAIN = 3.0, 0.005
"""A measured zero wanders by so much, and a measured gain is so far off; assumed, from commissioning's own bounds."""
SURE = 0.35
"""A count is told where all that is unsure about the weight is less than this share of one item."""

Key = tuple[str, int, int]
"""Fixture, shelf, plate."""


@dataclass(slots=True)
class Counts:
    """The last calm weight of each plate of a shop that can be counted by."""

    store: Store
    _facings: dict[str, tuple[Facing, ...]] = field(init=False)
    _plates: dict[str, list[tuple[int, int]]] = field(init=False, default_factory=dict)
    _grams: dict[Key, float] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._facings = countable(self.store)
        for facings in self._facings.values():
            for facing in facings:
                at = self._plates.setdefault(facing.fixture, [])
                at += [(facing.shelf, plate) for plate in facing.plates]

    def see(self, batch: PlateBatch) -> None:
        """Take readings, tare and gain out."""
        for shelf, plate in self._plates.get(batch.fixture, ()):
            readings = batch.grams[:, shelf - 1, plate - 1]
            if len(readings) and np.isfinite(readings).all() and float(np.ptp(readings)) <= CALM_G:
                self._grams[batch.fixture, shelf, plate] = float(readings.mean())

    def now(self) -> Mapping[str, int]:
        """GTIN to how many stand on the shelves, of every product that can be counted now."""
        found = {gtin: self._count(gtin, facings) for gtin, facings in self._facings.items()}
        return {gtin: count for gtin, count in found.items() if count is not None}

    def _count(self, gtin: str, facings: tuple[Facing, ...]) -> int | None:
        mass = self.store.products[gtin].masses[0]
        total, plates = 0.0, 0
        for facing in facings:
            for plate in facing.plates:
                grams = self._grams.get((facing.fixture, facing.shelf, plate))
                if grams is None:
                    return None
                total, plates = total + grams, plates + 1
        count = max(0, round(total / mass.mass_g))
        unsure_g = sqrt(count * mass.sd_g**2 + (GAIN * total) ** 2 + plates * PLATE_G**2)
        off_g = abs(total - count * mass.mass_g)
        return count if max(2.0 * unsure_g, off_g) <= SURE * mass.mass_g else None


def countable(store: Store) -> dict[str, tuple[Facing, ...]]:
    """The products that weight alone can count, each with its facings."""
    users: dict[Key, int] = {}
    for facing in store.planogram:
        for plate in facing.plates:
            key = (facing.fixture, facing.shelf, plate)
            users[key] = users.get(key, 0) + 1

    def alone(facing: Facing) -> bool:
        plates = [store.plate(facing.fixture, facing.shelf, plate) for plate in facing.plates]
        measured = all(plate.cell and (plate.tare_g != 0.0 or plate.gain != 1.0) for plate in plates)
        return measured and all(users[facing.fixture, facing.shelf, plate] == 1 for plate in facing.plates)

    found = {}
    for gtin, product in sorted(store.products.items()):
        facings = store.facings_of(gtin)
        if facings and len(product.masses) == 1 and product.sold_by == "unit" and all(map(alone, facings)):
            found[gtin] = facings
    return found
