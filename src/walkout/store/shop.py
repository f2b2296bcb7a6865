"""A shop as the rest of Walkout knows it: where things stand, what is for sale, and where each product belongs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from walkout.store.layout import Camera, Fixture, Gate, Plate, Shelf
from walkout.store.planogram import Box, Facing
from walkout.store.product import Product
from walkout.store.selling import NOTHING, Selling

Origin = Literal["real", "simulated"]


@dataclass(frozen=True, slots=True)
class Policies:
    """What the operator chose where the software could do either."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    hand_over: Annotated[
        Literal["last_holder", "first_taker"],
        Field(description="who pays for an item that passes from one party to another"),
    ] = "last_holder"


@dataclass(frozen=True, slots=True)
class Store:
    """One shop. `products` maps 14-digit GTINs to products; `floor_m` is the floor's outline, (x, y) in metres.

    Built by `walkout.store.folder.load`, which checks that all of it fits together; built by hand, nothing is checked.
    """

    name: str
    origin: Origin
    currency: str
    timezone: str
    floor_m: tuple[tuple[float, float], ...]
    fixtures: tuple[Fixture, ...]
    gates: tuple[Gate, ...]
    cameras: tuple[Camera, ...]
    products: Mapping[str, Product]
    planogram: tuple[Facing, ...]
    policies: Policies = Policies()
    selling: Selling = NOTHING
    _fixtures: dict[str, Fixture] = field(init=False, repr=False, compare=False)
    _shelves: dict[tuple[str, int], Shelf] = field(init=False, repr=False, compare=False)
    _plates: dict[tuple[str, int, int], Plate] = field(init=False, repr=False, compare=False)
    _facings_on: dict[tuple[str, int], tuple[Facing, ...]] = field(init=False, repr=False, compare=False)
    _facings_of: dict[str, tuple[Facing, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        shelves = {(fixture.id, shelf.id): shelf for fixture in self.fixtures for shelf in fixture.shelves}
        on: dict[tuple[str, int], list[Facing]] = {}
        of: dict[str, list[Facing]] = {}
        for facing in self.planogram:
            on.setdefault((facing.fixture, facing.shelf), []).append(facing)
            of.setdefault(facing.gtin, []).append(facing)
        index: dict[str, object] = {
            "_fixtures": {fixture.id: fixture for fixture in self.fixtures},
            "_shelves": shelves,
            "_plates": {(*key, plate.id): plate for key, shelf in shelves.items() for plate in shelf.plates},
            "_facings_on": {key: tuple(facings) for key, facings in on.items()},
            "_facings_of": {key: tuple(facings) for key, facings in of.items()},
        }
        for name, value in index.items():
            object.__setattr__(self, name, value)  # the class is frozen; these are its own lookups

    def fixture(self, fixture: str) -> Fixture:
        """The fixture of this id; KeyError where there is none."""
        try:
            return self._fixtures[fixture]
        except KeyError:
            raise KeyError(f"no fixture {fixture!r}; there are {', '.join(sorted(self._fixtures)) or 'none'}") from None

    def shelf(self, fixture: str, shelf: int) -> Shelf:
        """A shelf of a fixture; KeyError where there is none."""
        try:
            return self._shelves[fixture, shelf]
        except KeyError:
            raise KeyError(f"no shelf {shelf} on fixture {fixture!r}") from None

    def plate(self, fixture: str, shelf: int, plate: int) -> Plate:
        """A plate of a shelf; KeyError where there is none."""
        try:
            return self._plates[fixture, shelf, plate]
        except KeyError:
            raise KeyError(f"no plate {plate} on shelf {shelf} of fixture {fixture!r}") from None

    def facings_on(self, fixture: str, shelf: int) -> tuple[Facing, ...]:
        """The facings of a shelf in the planogram's order; empty where there are none."""
        return self._facings_on.get((fixture, shelf), ())

    def facings_of(self, gtin: str) -> tuple[Facing, ...]:
        """The facings of a product in the planogram's order; empty where it has no place."""
        return self._facings_of.get(gtin, ())

    def box(self, facing: Facing) -> Box:
        """Where the goods of a facing are, in its fixture's frame, metres.

        What the facing leaves open comes from the shelf: from the left edge of its first plate to the right edge of
        its last, the whole depth, and all the height that is free. KeyError for a shelf or plate that is not there.
        """
        shelf = self.shelf(facing.fixture, facing.shelf)
        plates = [self.plate(facing.fixture, facing.shelf, plate) for plate in facing.plates]
        edge_m = min(plate.x_m for plate in plates)
        left_m = edge_m if facing.x_m is None else facing.x_m
        wide_m = max(plate.x_m + plate.width_m for plate in plates) - edge_m
        width_m = wide_m if facing.width_m is None else facing.width_m
        height_m = shelf.height_m if facing.height_m is None else facing.height_m
        return Box((left_m, 0.0, shelf.z_m), (left_m + width_m, shelf.depth_m, shelf.z_m + height_m))
