"""What may have moved in one shelf event, before anybody is named: products, counts, places, alone or together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log, sqrt

from walkout.inference.goods import UNKNOWN, Goods, column, masses, near_mass, standing_at
from walkout.inference.model import Model
from walkout.inference.weight import Change, Load, counts, over, runs
from walkout.sensing.event import ShelfEvent
from walkout.store.planogram import Box

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
class _Source:
    """A product at a place that plates of the event touch: any count of it may be a part of the change."""

    gtin: str
    place: Plates
    kind: str
    box: int
    log_prior: float


def sets_of(event: ShelfEvent, seen: Change, past: Past, shop: Goods) -> tuple[Sets, tuple[Box, ...]]:
    """The sets of items that may make up one event, 'unknown' last, and the boxes their hands would be at."""
    boxes = [column(shop, event.fixture, event.shelf, seen.main)]
    home: list[_Source] = []
    for facing in standing_at(shop, event.fixture, event.shelf, seen.main):
        place = (event.fixture, event.shelf, facing.plates)
        home.append(_Source(facing.gtin, place, "home", len(boxes), _home_prior(facing.gtin, seen, shop)))
        boxes.append(shop.store.box(facing))
    stray = _stray(event, seen, past, shop, boxes)
    here: Plates = (event.fixture, event.shelf, seen.main)
    known = [*home, *stray]
    alone = [item for source in known for item in _counted(source, seen, shop)]
    alone += [item for source in home for item in _over(source, seen, shop)]
    alone += _astray(here, {source.gtin for source in home}, seen, past, shop)
    last = [*_pushed(here, seen, shop), _noise(here, seen, shop), _press(here, seen, shop), _unknown(here, seen, shop)]
    sets: Sets = [*_several(known, seen, shop), *_swaps(here, home, seen, past, shop)]
    sets += _released(event, home, seen, past, shop)
    return [*sets, *(((item,), item.log_prior) for item in (*alone, *last))], tuple(boxes)


def _home_prior(gtin: str, seen: Change, shop: Goods) -> float:
    """Of a take from a product's own place; of a return to it, once the product is known."""
    if seen.total_g < 0:
        return -log(shop.facings)
    return log(1.0 - shop.model.put_back_elsewhere) - log(len(shop.store.facings_of(gtin)))


def _stray(event: ShelfEvent, seen: Change, past: Past, shop: Goods, boxes: list[Box]) -> list[_Source]:
    """What somebody left there earlier though it is not its place."""
    found: list[_Source] = []
    for place, gtin in sorted(past.strays) if seen.total_g < 0 else ():
        here = place[:2] == (event.fixture, event.shelf) and set(place[2]) & set(seen.main)
        if here and not gtin.startswith(UNKNOWN):
            boxes.append(column(shop, *place))
            found.append(_Source(gtin, place, "stray", len(boxes) - 1, log(shop.model.stray_share / shop.facings)))
    return found


def _over(source: _Source, seen: Change, shop: Goods) -> Iterator[Item]:
    """Goods of a facing that reach beyond its plates, or stand partly beyond them."""
    lying = over(source.place[2], seen.main, shop.model)
    if lying is None:
        return
    run, log_share = lying
    for item in _counted(_Source(source.gtin, source.place, "home", 0, source.log_prior), seen, shop):
        loads = tuple(
            Load(run, m.mass_g, m.sd_g, item.quantity, log_share=log_share - log(len(masses(shop, source.gtin))))
            for m in masses(shop, source.gtin)
        )
        yield Item(item.gtin, item.quantity, item.place, item.kind, 0, item.log_prior, loads)


def _astray(here: Plates, at_home: set[str], seen: Change, past: Past, shop: Goods) -> Iterator[Item]:
    """What leaves a wrong place that nobody saw it come to, or comes to one."""
    model = shop.model
    if seen.total_g < 0:
        for gtin in near_mass(shop, seen.total_g):
            if gtin in at_home:
                continue
            log_prior = log(model.stray) - log(max(1, len(shop.priced))) + _where(gtin, here, shop)
            yield from _counted(_Source(gtin, here, "lost", 0, log_prior), seen, shop)[:1]
        return
    away = log(model.put_back_elsewhere) - log(shop.plates)
    for gtin in sorted({gtin for _, gtin in past.held} - at_home):
        yield from _counted(_Source(gtin, here, "away", 0, away), seen, shop)


def _where(gtin: str, here: Plates, shop: Goods) -> float:
    """The log prior that a product which is not at its place is at one plate: near its own place rather than far."""
    model = shop.model
    own = shop.store.facings_of(gtin)
    p = (1.0 - model.stray_shelf - model.stray_fixture) / shop.plates
    if any((f.fixture, f.shelf) == here[:2] for f in own):
        p += model.stray_shelf / max(1, len(shop.store.shelf(here[0], here[1]).plates))
    elif any(f.fixture == here[0] for f in own):
        p += model.stray_fixture / max(1, sum(len(s.plates) for s in shop.store.fixture(here[0]).shelves))
    return log(p)


def _pushed(here: Plates, seen: Change, shop: Goods) -> Iterator[Item]:
    """Goods that were pushed about, where plates allow it."""
    model = shop.model
    if len(seen.main) > 1:
        push = Load(seen.main, 0.0, 0.0, 1, model.shift_g, 0.0)
        yield Item("", 0, here, "shift", 0, log(model.shift) - log(shop.plates), (push,))


def _noise(here: Plates, seen: Change, shop: Goods) -> Item:
    """Nothing moved: the shelf rang, or a level wandered."""
    model = shop.model
    loads = (
        _by_itself(seen, model.noise_g, 1.0 - model.loud_noise, model),
        _by_itself(seen, model.loud_noise_g, model.loud_noise, model),
    )
    return Item("", 0, here, "noise", 0, log(model.noise) - log(shop.plates), loads)


def _press(here: Plates, seen: Change, shop: Goods) -> Item:
    """Nothing moved, but a hand rests on the goods (or lifts them a little); its weight may go again."""
    model = shop.model
    load = _by_itself(seen, model.press_g, 1.0, model)
    log_prior = log(model.press) - log(shop.facings)
    if seen.total_g < 0:
        return Item("", 0, here, "press", 0, log_prior, (load,))
    return Item(f"{UNKNOWN}{seen.total_g:.0f}", -1, here, "press", 0, log_prior, (load,))


def _by_itself(seen: Change, grams: float, share: float, model: Model) -> Load:
    """A change of every plate that takes part, each by itself: no mass, so many grams rms."""
    # The share of each in a common change of sqrt(n), and the rest as of what may lie on one or another.
    n = len(seen.main)
    return Load(seen.main, 0.0, grams * sqrt(n), 1, grams * sqrt(n * (model.bend + 1.0)), 0.0, log(share))


def _released(event: ShelfEvent, home: Sequence[_Source], seen: Change, past: Past, shop: Goods) -> Sets:
    """A hand that rested there goes, alone or with goods."""
    if seen.total_g >= 0:
        return []
    model = shop.model
    found: Sets = []
    for place, gtin in sorted(past.strays):
        here = place[:2] == (event.fixture, event.shelf) and set(place[2]) & set(seen.main)
        if not here or not gtin.startswith(UNKNOWN):
            continue
        source = _Source(gtin, place, "stray", 0, 0.0)
        gone = _item(source, 1, seen, shop)
        found.append(((gone,), log(model.press_over) - log(shop.facings)))
        rest = abs(seen.total_g) - masses(shop, gtin)[0].mass_g
        for one in home:
            fits = {q for m in masses(shop, one.gtin) for q in counts(-rest, m.mass_g, m.sd_g, model)}
            for q in sorted(fits if rest > 0 else ()):
                taken = _item(one, q, seen, shop)
                found.append(((taken, gone), taken.log_prior + log(model.press_over)))
    return found


def _unknown(here: Plates, seen: Change, shop: Goods) -> Item:
    """What nothing in the catalogue explains."""
    model = shop.model
    sign = 1 if seen.total_g < 0 else -1
    spread = ((model.unknown_mass_g, 1.0 - model.small_unknown), (model.small_unknown_g, model.small_unknown))
    what = tuple(
        Load(seen.main, 0.0, grams, sign, abs(seen.total_g), -seen.total_g, log(share)) for grams, share in spread
    )
    log_prior = log(model.unknown_item) - log(shop.plates) - log(ANYWHERE)
    return Item(f"{UNKNOWN}{abs(seen.total_g):.0f}", sign, here, "unknown", 0, log_prior, what)


def _several(sources: Sequence[_Source], seen: Change, shop: Goods) -> Iterator[tuple[tuple[Item, ...], float]]:
    """Two or three products that left together, or came together."""
    model = shop.model
    more = log(model.two_products)
    for many in (2, 3):
        for together in combinations(sources, many):
            if len({(source.gtin, source.place) for source in together}) < many:
                continue
            if many == 3 and len({p for source in together for p in source.place[2]} & set(seen.main)) < 2:
                continue
            # The first names the part of the shop; the others are of the few beside it.
            log_prior = max(s.log_prior for s in together) + (many - 1) * (more - log(max(1, len(sources) - 1)))
            for quantities in _shares(together, seen, shop, 3 if many == 2 else 2):
                items = [_item(s, q, seen, shop) for s, q in zip(together, quantities, strict=True)]
                counted = sum(i.log_prior - s.log_prior for i, s in zip(items, together, strict=True))
                yield tuple(items), log_prior + counted


def _shares(together: Sequence[_Source], seen: Change, shop: Goods, most: int) -> Iterator[tuple[int, ...]]:
    """Counts of each product, none 0, that may make up the whole change; all but the last up to `most`."""
    model = shop.model
    sign = 1 if seen.total_g < 0 else -1
    hidden = any(p not in seen.plates for source in together for p in source.place[2])
    heads: list[tuple[tuple[int, ...], float, float]] = [((), abs(seen.total_g), 0.0)]
    for source in together[:-1]:
        m = masses(shop, source.gtin)[0]
        heads = [
            ((*taken, q), rest - q * m.mass_g, var + q * m.sd_g**2 + (model.gain_sd * q * m.mass_g) ** 2)
            for taken, rest, var in heads
            for q in range(1, most + 1)
            if rest - q * m.mass_g > 0
        ]
    for taken, rest, var in heads:
        fits = {
            abs(q)
            for m in masses(shop, together[-1].gtin)
            for q in counts(rest, m.mass_g, m.sd_g, model, hidden=hidden, more_g2=var)
        }
        for q in sorted(fits):
            yield tuple(sign * n for n in (*taken, q))


def _swaps(
    here: Plates, home: Sequence[_Source], seen: Change, past: Past, shop: Goods
) -> Iterator[tuple[tuple[Item, ...], float]]:
    """One product taken and another, that somebody held, put down in its stead."""
    model = shop.model
    elsewhere = log(model.put_back_elsewhere)
    own = {source.gtin: source for source in home}
    for source in home:
        taken = _item(_Source(source.gtin, source.place, "home", source.box, -log(shop.facings)), 1, seen, shop)
        for back in sorted({gtin for _, gtin in past.held} - {source.gtin}):
            at = own.get(back)
            if at is None:
                put = _item(_Source(back, here, "away", 0, elsewhere), -1, seen, shop)
            else:
                put = _item(
                    _Source(back, at.place, "home", at.box, log(1.0 - model.put_back_elsewhere)), -1, seen, shop
                )
            yield (taken, put), log(model.swap) + taken.log_prior + put.log_prior


def _counted(source: _Source, seen: Change, shop: Goods) -> list[Item]:
    """One item a count that fits the whole change."""
    hidden = any(p not in seen.plates for p in source.place[2])
    fits = {
        q for m in masses(shop, source.gtin) for q in counts(seen.total_g, m.mass_g, m.sd_g, shop.model, hidden=hidden)
    }
    return [_item(source, q, seen, shop) for q in sorted(fits, key=lambda q: (abs(q), -q))]


def _item(source: _Source, quantity: int, seen: Change, shop: Goods) -> Item:
    known = masses(shop, source.gtin)
    lying = runs(source.place[2], seen.main) if source.kind == "home" else _lying(source, seen)
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


def _log_count(count: int, model: Model) -> float:
    """The log prior that so many of one product move at once."""
    if count < 2:
        return log(1.0 - model.more_of_it)
    return log(model.more_of_it * (1.0 - model.yet_more)) + (count - 2) * log(model.yet_more)


def _lying(source: _Source, seen: Change) -> tuple[tuple[tuple[int, ...], float], ...]:
    """Where goods may have lain that have no place here: on all plates that took part, or those that did most."""
    if source.kind == "stray":
        return ((source.place[2], 0.0),)
    return tuple((run, -log(ANYWHERE * len(seen.hulls))) for run in seen.hulls)
