"""What may have moved in one shelf event, before anybody is named: products, counts, places, alone or two together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log

from walkout.inference.goods import UNKNOWN, Goods, column, masses, standing_at
from walkout.inference.weight import Change, Load, counts, runs
from walkout.sensing.event import ShelfEvent
from walkout.store.planogram import Box

Plates = tuple[str, int, tuple[int, ...]]
"""A place: fixture, shelf, plates."""

Sets = list[tuple[tuple["Item", ...], float]]
"""Items that together may make up one event, each set with its log prior."""


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

    held: frozenset[tuple[str, str]]
    """(shopper, GTIN)."""
    strays: frozenset[tuple[Plates, str]]


def sets_of(event: ShelfEvent, seen: Change, past: Past, shop: Goods) -> tuple[Sets, tuple[Box, ...]]:
    """The sets of items that may make up one event, 'unknown' last, and the boxes their hands would be at."""
    boxes = [column(shop, event.fixture, event.shelf, seen.main)]
    standing: dict[tuple[str, Plates], int] = {}
    for facing in standing_at(shop, event.fixture, event.shelf, seen.main):
        standing[facing.gtin, (event.fixture, event.shelf, facing.plates)] = len(boxes)
        boxes.append(shop.store.box(facing))
    home = _home(standing, seen, shop)
    stray = _stray(event, seen, past, shop, boxes)
    here: Plates = (event.fixture, event.shelf, seen.main)
    alone = [*home, *stray, *_astray(here, seen, past, shop), *_unsold(here, seen, shop)]
    pairs = [*_two_products([*home, *stray], shop), *_swaps(here, standing, seen, past, shop)]
    return [*pairs, *(((item,), item.log_prior) for item in alone)], tuple(boxes)


def _home(standing: Mapping[tuple[str, Plates], int], seen: Change, shop: Goods) -> list[Item]:
    """Of the products that belong on the plates that took part."""
    items: list[Item] = []
    for (gtin, place), box in standing.items():
        log_prior = -log(shop.facings)
        if seen.total_g >= 0:
            places = len(shop.store.facings_of(gtin))
            log_prior = log(1.0 - shop.model.put_back_elsewhere) - log(places)
        items += _counted(gtin, place, "home", box, log_prior, seen, shop)
    return items


def _stray(event: ShelfEvent, seen: Change, past: Past, shop: Goods, boxes: list[Box]) -> list[Item]:
    """Of what somebody left there earlier though it is not its place."""
    items: list[Item] = []
    for place, gtin in sorted(past.strays) if seen.total_g < 0 else ():
        if place[:2] == (event.fixture, event.shelf) and set(place[2]) & set(seen.main):
            boxes.append(column(shop, *place))
            items += _counted(gtin, place, "stray", len(boxes) - 1, -log(shop.facings), seen, shop)
    return items


def _astray(here: Plates, seen: Change, past: Past, shop: Goods) -> list[Item]:
    """What leaves a wrong place that nobody saw it come to, or comes to one."""
    if seen.total_g < 0:
        lost = log(shop.model.stray) - log(max(1, len(shop.priced))) - log(shop.plates)
        return [i for gtin in shop.priced for i in _counted(gtin, here, "lost", 0, lost, seen, shop)[:1]]
    away = log(shop.model.put_back_elsewhere) - log(shop.plates)
    held = sorted({gtin for _, gtin in past.held})
    return [i for gtin in held for i in _counted(gtin, here, "away", 0, away, seen, shop)]


def _unsold(here: Plates, seen: Change, shop: Goods) -> list[Item]:
    """Goods that were pushed about (where plates allow it), and at last what nothing explains."""
    model = shop.model
    items = []
    if len(seen.main) > 1:
        push = Load(seen.main, 0.0, 0.0, 1, model.shift_g, 0.0)
        items.append(Item("", 0, here, "shift", 0, log(model.shift) - log(shop.plates), (push,)))
    sign = 1 if seen.total_g < 0 else -1
    what = Load(seen.main, 0.0, model.unknown_mass_g, sign, abs(seen.total_g), -seen.total_g)
    log_prior = log(model.unknown_item) - log(shop.plates)
    items.append(Item(f"{UNKNOWN}{abs(seen.total_g):.0f}", sign, here, "unknown", 0, log_prior, (what,)))
    return items


def _two_products(items: Sequence[Item], shop: Goods) -> Sets:
    """Two products that left together, or came together."""
    others = max(1, len({(item.gtin, item.place) for item in items}) - 1)
    # The first names the part of the shop; the second is one of the few beside it.
    return [
        ((a, b), log(shop.model.two_products) + max(a.log_prior, b.log_prior) - log(others))
        for a, b in combinations(items, 2)
        if (a.gtin, a.place) != (b.gtin, b.place)
    ]


def _swaps(here: Plates, standing: Mapping[tuple[str, Plates], int], seen: Change, past: Past, shop: Goods) -> Sets:
    """One product taken and another, that somebody held, put down in its stead."""
    model = shop.model
    held = sorted({gtin for _, gtin in past.held})
    found: Sets = []
    for (gtin, place), box in standing.items():
        taken = _item(gtin, 1, place, "home", box, -log(shop.facings), seen, shop)
        for back in held:
            if back == gtin:
                continue
            own = [p for g, p in standing if g == back]
            kind, where, share = (
                ("home", own[0], 1.0 - model.put_back_elsewhere) if own else ("away", here, model.put_back_elsewhere)
            )
            put = _item(back, -1, where, kind, standing.get((back, where), 0), log(share), seen, shop)
            found.append(((taken, put), log(model.swap) + taken.log_prior + put.log_prior))
    return found


def _counted(gtin: str, place: Plates, kind: str, box: int, log_prior: float, seen: Change, shop: Goods) -> list[Item]:
    """One item a count that fits the whole change, or a part of it where other products may be the rest."""
    model = shop.model
    hidden = any(p not in seen.plates for p in place[2])
    known = masses(shop, gtin)
    sign = 1 if seen.total_g < 0 else -1
    fits = {q for m in known for q in counts(seen.total_g, m.mass_g, m.sd_g, model, hidden=hidden)}
    if kind == "home":  # may be a part of it, beside another product
        fits |= {sign * q for q in (1, 2) if min(m.mass_g for m in known) * q < abs(seen.total_g)}
    return [_item(gtin, q, place, kind, box, log_prior, seen, shop) for q in sorted(fits, key=lambda q: (abs(q), -q))]


def _item(
    gtin: str, quantity: int, place: Plates, kind: str, box: int, log_prior: float, seen: Change, shop: Goods
) -> Item:
    more = shop.model.more_of_it
    known = masses(shop, gtin)
    lying = runs(place[2], seen.main) if kind == "home" else ((place[2], 0.0),)
    return Item(
        gtin,
        quantity,
        place,
        kind,
        box,
        log_prior + (abs(quantity) - 1) * log(more) + log(1.0 - more),
        tuple(
            Load(run, m.mass_g, m.sd_g, quantity, log_share=share - log(len(known)))
            for m in known
            for run, share in lying
        ),
    )
