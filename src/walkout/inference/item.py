"""Some of one product that moved, and the loads that it makes on the plates where it may have lain."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log, sqrt

from walkout.inference.goods import Goods, masses
from walkout.inference.model import Model
from walkout.inference.weight import Change, Load, counts, runs

Plates = tuple[str, int, tuple[int, ...]]
"""A place: fixture, shelf, plates."""

Sets = list[tuple[tuple["Item", ...], float]]
"""Items that together may make up one event, each set with its log prior."""


ANYWHERE = 3.0
"""Goods that have no place lie on one plate, on two or on more, each as likely."""


@dataclass(frozen=True, slots=True)
class Item:
    """Some of one product at one place."""

    gtin: str
    quantity: int
    """Items that left the shelf (below 0: came to it)."""
    place: Plates
    kind: str
    """See `Move.kind`."""
    box: int
    """Where a hand would be: an index of the boxes that `sets_of` gives."""
    log_prior: float
    loads: tuple[Load, ...]
    """One a mass that the product may have and a way in which it may have lain."""


@dataclass(frozen=True, slots=True)
class Past:
    """What some hypothesis or other says of the past: who may hold what, and what may stand at wrong places."""

    held: Mapping[tuple[str, str], float]
    """(shopper, GTIN) to its probability, never 0."""
    strays: Mapping[tuple[Plates, str], float]


@dataclass(frozen=True, slots=True)
class Source:
    """A product at a place that plates of the event touch: any count of it may be a part of the change."""

    gtin: str
    place: Plates
    kind: str
    box: int
    log_prior: float
    strays: frozenset[tuple[int, ...]] = frozenset()
    """Plates among its own on which something else was left."""


def counted(source: Source, seen: Change, shop: Goods) -> list[Item]:
    """One item a count that fits the whole change."""
    hidden = any(p not in seen.plates for p in source.place[2])
    fits = {
        q for m in masses(shop, source.gtin) for q in counts(seen.total_g, m.mass_g, m.sd_g, shop.model, hidden=hidden)
    }
    return [item_of(source, q, seen, shop) for q in sorted(fits, key=lambda q: (abs(q), -q))]


def item_of(source: Source, quantity: int, seen: Change, shop: Goods) -> Item:
    """So many of a product from a place, on the plates that speak for it."""
    known = masses(shop, source.gtin)
    lying = _at_home(source, seen, shop.model) if source.kind == "home" else _lying(source, seen)
    return Item(
        source.gtin,
        quantity,
        source.place,
        source.kind,
        source.box,
        source.log_prior + _log_count(abs(quantity), shop.model),
        tuple(
            Load(run, m.mass_g, m.sd_g, quantity, log_share=share - log(len(known)))
            for m in known
            for run, share in lying
        ),
    )


def by_itself(seen: Change, grams: float, share: float, model: Model) -> Load:
    """A change of every plate that takes part, each by itself: no mass, so many grams rms."""
    # The share of each in a common change of sqrt(n), and the rest as of what may lie on one or another.
    n = len(seen.main)
    return Load(seen.main, 0.0, grams * sqrt(n), 1, grams * sqrt(n * (model.bend + 1.0)), 0.0, log(share))


def _log_count(count: int, model: Model) -> float:
    """The log prior that so many of one product move at once."""
    if count < 2:
        return log(1.0 - model.more_of_it)
    return log(model.more_of_it * (1.0 - model.yet_more)) + (count - 2) * log(model.yet_more)


def _at_home(source: Source, seen: Change, model: Model) -> tuple[tuple[tuple[int, ...], float], ...]:
    """Where goods may have lain in their own place: anywhere, or where somebody left something else."""
    lying, near = runs(source.place[2], seen.main), model.beside_stray
    here = [run for run, _ in lying if run in source.strays]
    if not here:
        return lying
    return tuple((run, log((1.0 - near) * exp(share) + near * (run in here) / len(here))) for run, share in lying)


def _lying(source: Source, seen: Change) -> tuple[tuple[tuple[int, ...], float], ...]:
    """Where goods may have lain that have no place here: on all plates that took part, or those that did most."""
    if source.kind == "stray":
        return ((source.place[2], 0.0),)
    return tuple((run, -log(ANYWHERE * len(seen.hulls))) for run in seen.hulls)
