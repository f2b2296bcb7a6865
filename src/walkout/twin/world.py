"""What is where: every item on a shelf, in a hand or on the floor. Whatever moves, moves through here, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from walkout.store.planogram import Facing
from walkout.store.shop import Store
from walkout.twin.constants import ITEM_MASS_SD
from walkout.twin.seeds import number, stream
from walkout.twin.settings import Settings

STOCK = 8
"""Items of a facing where the planogram names no stock."""


@lru_cache(4096)
def _width(gtin: str) -> int:
    """How wide a product is among those that fit its column, in thousandths."""
    return number("width", gtin) % 1000


@dataclass(slots=True, eq=False)
class Item:
    """One packed item; `mass_g` is its own true mass, `width_m` what it covers of a shelf."""

    gtin: str
    mass_g: float
    width_m: float


@dataclass(slots=True, eq=False)
class Resting:
    """An item on a shelf, centred at `x_m` of the fixture's frame, with each plate's share of its mass."""

    item: Item
    fixture: str
    shelf: int
    x_m: float
    shares: tuple[tuple[int, float], ...]

    @property
    def plates(self) -> tuple[int, ...]:
        """The plates it lies on, in order."""
        return tuple(plate for plate, _ in self.shares)


@dataclass(slots=True)
class World:
    """The goods of a shop while people move them.

    Args:
        store: The shop.
        settings: How hard.
        seed: What single masses and places are drawn from.
        planogram: Where products stand at the start, if not where the store's own planogram says.
        masses_g: Masses for products whose catalogue row has none.
    """

    store: Store
    settings: Settings
    seed: int
    planogram: Sequence[Facing] = ()
    masses_g: Mapping[str, float] = field(default_factory=dict)
    resting: dict[tuple[str, int], list[Resting]] = field(default_factory=dict)
    holding: dict[str, list[Item]] = field(default_factory=dict)
    floor: list[tuple[Item, float, float]] = field(default_factory=list)
    _rng: np.random.Generator = field(init=False, repr=False)
    _spans: dict[tuple[str, int], list[tuple[int, float, float, float]]] = field(
        init=False, repr=False, default_factory=dict
    )
    """A shelf's plates from left to right: id, left and right edge, width, metres."""
    _by_product: dict[tuple[str, str, int], list[Resting]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._rng = stream(self.seed, "world")
        if not self.planogram:
            self.planogram = self.store.planogram
        for facing in self.planogram:
            if self.mass_g(facing.gtin) is not None:
                self.stock(facing, facing.stock if facing.stock is not None else STOCK)

    def mass_g(self, gtin: str) -> float | None:
        """The catalogue's mass of a product, grams, or the one given at the start; None where nobody knows it."""
        product = self.store.products.get(gtin)
        if product is not None and product.masses:
            return product.masses[0].mass_g
        return self.masses_g.get(gtin)

    def new_item(self, gtin: str, widest_m: float) -> Item:
        """A fresh item: its own mass, and its product's own width; ValueError where its mass is not known."""
        mass_g = self.mass_g(gtin)
        if mass_g is None:
            raise ValueError(f"product {gtin} has no mass: give it one in the catalogue before it is simulated")
        product = self.store.products.get(gtin)
        sd_g = product.masses[0].sd_g if product is not None and product.masses else 0.0
        sd_g = (sd_g or ITEM_MASS_SD * mass_g) * self.settings.mass_spread
        drawn = min(max(float(self._rng.standard_normal()), -3.0), 3.0)
        width_m = (0.55 + 0.4 * _width(gtin) / 1000) * widest_m
        return Item(gtin, max(mass_g + sd_g * drawn, 0.3 * mass_g), width_m)

    def stock(self, facing: Facing, count: int) -> list[Resting]:
        """Put fresh items on a facing, column by column."""
        box = self.store.box(facing)
        left_m, width_m = box.low_m[0], box.high_m[0] - box.low_m[0]
        column_m = width_m / max(facing.facings, 1)
        placed = []
        for k in range(count):
            item = self.new_item(facing.gtin, column_m)
            column = k % max(facing.facings, 1)
            slack_m = max(column_m - item.width_m, 0.0)
            x_m = left_m + column_m * (column + 0.5) + slack_m * 0.5 * float(self._rng.uniform(-1, 1))
            placed.append(self.rest(item, facing.fixture, facing.shelf, x_m))
        return placed

    def rest(self, item: Item, fixture: str, shelf: int, x_m: float) -> Resting:
        """Lay an item on a shelf; a part that hangs over the last plate is carried by that plate."""
        spans = self._spans.get((fixture, shelf))
        if spans is None:
            plates = sorted(self.store.shelf(fixture, shelf).plates, key=lambda plate: plate.x_m)
            spans = self._spans[fixture, shelf] = [(p.id, p.x_m, p.x_m + p.width_m, p.width_m) for p in plates]
        low_m, high_m = x_m - item.width_m / 2, x_m + item.width_m / 2
        covers = [(plate, min(high_m, right_m) - max(low_m, left_m)) for plate, left_m, right_m, _ in spans]
        covers = [(plate, cover_m) for plate, cover_m in covers if cover_m > 1e-6]
        if not covers and spans:
            covers = [(min(spans, key=lambda span: abs(span[1] + span[3] / 2 - x_m))[0], 1.0)]
        uneven = np.exp(0.25 * self._rng.standard_normal(len(covers)))
        weights = np.array([cover_m for _, cover_m in covers]) * uneven
        weights /= weights.sum() if len(weights) else 1.0
        heavy = [(plate, float(w)) for (plate, _), w in zip(covers, weights, strict=True) if w > 0.02]
        total = sum(w for _, w in heavy) or 1.0
        resting = Resting(item, fixture, shelf, x_m, tuple((plate, w / total) for plate, w in heavy))
        self.resting.setdefault((fixture, shelf), []).append(resting)
        self._by_product.setdefault((item.gtin, fixture, shelf), []).append(resting)
        return resting

    def lift(self, resting: Resting) -> Item:
        """Take an item off its shelf; ValueError where it no longer is there."""
        self.resting[resting.fixture, resting.shelf].remove(resting)
        self._by_product[resting.item.gtin, resting.fixture, resting.shelf].remove(resting)
        return resting.item

    def has(self, gtin: str, fixture: str, shelf: int) -> bool:
        """Whether any item of a product is on a shelf."""
        return bool(self._by_product.get((gtin, fixture, shelf)))

    def of(self, gtin: str, fixture: str, shelf: int, near_m: float | None = None) -> list[Resting]:
        """The items of a product on a shelf, the one nearest to `near_m` first (else in the order they were put)."""
        here = self._by_product.get((gtin, fixture, shelf), [])
        return list(here) if near_m is None else sorted(here, key=lambda r: abs(r.x_m - near_m))

    def hold(self, shopper: str, item: Item) -> None:
        """Give an item into somebody's hands."""
        self.holding.setdefault(shopper, []).append(item)

    def release(self, shopper: str, item: Item) -> None:
        """Take an item out of somebody's hands; ValueError where they do not hold it."""
        self.holding.get(shopper, []).remove(item)

    def basket(self, *shoppers: str) -> dict[str, int]:
        """What these shoppers hold, GTIN to count, in the order of GTINs."""
        counts: dict[str, int] = {}
        for shopper in shoppers:
            for item in self.holding.get(shopper, ()):
                counts[item.gtin] = counts.get(item.gtin, 0) + 1
        return dict(sorted(counts.items()))
