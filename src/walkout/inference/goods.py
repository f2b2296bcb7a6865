"""The goods of a shop as inference asks for them: what a GTIN weighs, what stands where, how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from walkout.inference.model import Model
from walkout.store.planogram import Box, Facing
from walkout.store.product import Mass
from walkout.store.shop import Store

UNKNOWN = "?"
"""An item that nothing in the catalogue explains is called `?621@fixture/shelf/plate`: its mass in grams, so that its
return is known again, and where it was, as it may be a part of something lifted slowly."""


@dataclass(frozen=True, slots=True, eq=False)
class Goods:
    """One shop's goods, with the counts that priors divide by."""

    store: Store
    model: Model
    facings: int
    plates: int
    priced: tuple[str, ...]
    """Every GTIN with a mass, sorted."""
    variants: tuple[str, ...]
    mass_g: NDArray[np.float64]
    sd_g: NDArray[np.float64]
    """Every mass that an item may have: its GTIN, the mass and its spread, shape (variants,)."""


def goods(store: Store, model: Model) -> Goods:
    """The goods of a shop."""
    cells = sum(plate.cell for fixture in store.fixtures for shelf in fixture.shelves for plate in shelf.plates)
    priced = tuple(sorted(gtin for gtin, product in store.products.items() if product.masses))
    known = [(gtin, _least_spread(m, model)) for gtin in priced for m in store.products[gtin].masses]
    return Goods(
        store,
        model,
        max(1, len(store.planogram)),
        max(1, cells),
        priced,
        tuple(gtin for gtin, _ in known),
        np.array([m.mass_g for _, m in known], np.float64),
        np.array([m.sd_g for _, m in known], np.float64),
    )


def near_mass(shop: Goods, total_g: float) -> tuple[str, ...]:
    """The GTINs of which one or two items fit a change within 4 standard deviations, sorted."""
    model, change_g = shop.model, abs(total_g)
    fits = np.zeros(len(shop.variants), np.bool_)
    for q in (1, 2):
        gain_g = model.gain_sd * q * shop.mass_g
        sd_g = np.sqrt(q * shop.sd_g**2 + gain_g**2 + 4 * model.plate_sd_g**2)
        fits |= np.abs(change_g - q * shop.mass_g) <= 4 * sd_g
    return tuple(sorted({shop.variants[k] for k in np.flatnonzero(fits)}))


def masses(shop: Goods, gtin: str) -> Sequence[Mass]:
    """The masses an item may have, grams, with the least spread that any item has; a wide guess where it is unknown."""
    model = shop.model
    if gtin.startswith(UNKNOWN):
        mass_g = float(gtin[len(UNKNOWN) :].partition("@")[0])
        return (Mass(mass_g, max(10.0, model.gain_sd * mass_g)),)
    product = shop.store.products.get(gtin)
    known = product.masses if product is not None else ()
    if not known:
        return (Mass(model.unknown_mass_g / 2, model.unknown_mass_g / 2),)
    return tuple(_least_spread(m, model) for m in known)


def _least_spread(mass: Mass, model: Model) -> Mass:
    return Mass(mass.mass_g, max(mass.sd_g, model.item_sd * mass.mass_g))


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
