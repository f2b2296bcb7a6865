"""The goods of a shop as inference asks for them: what a GTIN weighs, what stands where, how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass

from walkout.inference.model import Model
from walkout.store.planogram import Box, Facing
from walkout.store.product import Mass
from walkout.store.shop import Store

UNKNOWN = "?"
"""An item that nothing in the catalogue explains is called `?621`: its mass in grams, so that its return is known
again."""


@dataclass(frozen=True, slots=True, eq=False)
class Goods:
    """One shop's goods, with the counts that priors divide by."""

    store: Store
    model: Model
    facings: int
    plates: int
    priced: tuple[str, ...]
    """Every GTIN with a mass, sorted."""


def goods(store: Store, model: Model) -> Goods:
    """The goods of a shop."""
    cells = sum(plate.cell for fixture in store.fixtures for shelf in fixture.shelves for plate in shelf.plates)
    priced = tuple(sorted(gtin for gtin, product in store.products.items() if product.masses))
    return Goods(store, model, max(1, len(store.planogram)), max(1, cells), priced)


def masses(shop: Goods, gtin: str) -> Sequence[Mass]:
    """The masses an item may have, grams, with the least spread that any item has; a wide guess where it is unknown."""
    model = shop.model
    if gtin.startswith(UNKNOWN):
        mass_g = float(gtin[len(UNKNOWN) :])
        return (Mass(mass_g, max(10.0, model.gain_sd * mass_g)),)
    product = shop.store.products.get(gtin)
    known = product.masses if product is not None else ()
    if not known:
        return (Mass(model.unknown_mass_g / 2, model.unknown_mass_g / 2),)
    return tuple(Mass(m.mass_g, max(m.sd_g, model.item_sd * m.mass_g)) for m in known)


def name(shop: Goods, gtin: str) -> str:
    """What people call it."""
    product = shop.store.products.get(gtin)
    return product.name if product is not None else "an item that is not in the catalogue"


def standing_at(shop: Goods, fixture: str, shelf: int, plates: Sequence[int]) -> tuple[Facing, ...]:
    """The facings that touch some plates, one a product and place, by GTIN and plates."""
    found = {(f.gtin, f.plates): f for f in shop.store.facings_on(fixture, shelf) if any(p in f.plates for p in plates)}
    return tuple(found[key] for key in sorted(found))


def column(shop: Goods, fixture: str, shelf: int, plates: Sequence[int]) -> Box:
    """The room above some plates in the fixture's frame; KeyError where the store has none of them."""
    known = {plate.id for plate in shop.store.shelf(fixture, shelf).plates}
    here = tuple(p for p in plates if p in known)
    if not here:
        raise KeyError(f"no plate {', '.join(map(str, plates))} on shelf {shelf} of fixture {fixture!r}")
    return shop.store.box(Facing(fixture, shelf, here, ""))
