"""What may have moved in one shelf event, before anybody is named: products, counts, places, alone or together."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from math import log, sqrt

from walkout.inference.goods import UNKNOWN, Goods, column, masses, near_mass, standing_at
from walkout.inference.item import Item, Past, Plates, Sets, Source, by_itself, counted, item_of
from walkout.inference.lift import parts, press, released, unknown
from walkout.inference.weight import Change, Load, counts, over
from walkout.sensing.event import ShelfEvent
from walkout.store.planogram import Box

PUSHED = 3.0
"""Where several of a product are pushed, so many."""


def sets_of(event: ShelfEvent, seen: Change, past: Past, shop: Goods) -> tuple[Sets, tuple[Box, ...]]:
    """The sets of items that may make up one event, 'unknown' last, and the boxes their hands would be at."""
    boxes = [column(shop, event.fixture, event.shelf, seen.main)]
    home: list[Source] = []
    for facing in standing_at(shop, event.fixture, event.shelf, seen.main):
        place = (event.fixture, event.shelf, facing.plates)
        home.append(Source(facing.gtin, place, "home", len(boxes), _home_prior(facing.gtin, seen, shop)))
        boxes.append(shop.store.box(facing))
    stray = _stray(event, seen, past, shop, boxes)
    if stray:
        left = frozenset(source.place[2] for source in stray)
        home = [replace(source, strays=left) for source in home]
    here: Plates = (event.fixture, event.shelf, seen.main)
    known = [*home, *stray]
    alone = [item for source in known for item in counted(source, seen, shop)]
    alone += [item for source in home for item in _over(source, seen, shop)]
    alone += _astray(here, {source.gtin for source in home}, seen, past, shop)
    last = [
        *_pushed(here, seen, shop),
        _noise(here, seen, shop),
        press(here, seen, shop),
        unknown(here, home, seen, shop),
    ]
    sets: Sets = [*_several(known, seen, shop), *_swaps(here, home, seen, past, shop)]
    sets += [*released(event, home, seen, past, shop), *parts(here, home, seen, past, shop)]
    return [*sets, *(((item,), item.log_prior) for item in (*alone, *last))], tuple(boxes)


def _home_prior(gtin: str, seen: Change, shop: Goods) -> float:
    """Of a take from a product's own place; of a return to it, once the product is known."""
    if seen.total_g < 0:
        return -log(shop.facings)
    return log(1.0 - shop.model.put_back_elsewhere) - log(len(shop.store.facings_of(gtin)))


def _stray(event: ShelfEvent, seen: Change, past: Past, shop: Goods, boxes: list[Box]) -> list[Source]:
    """What somebody left there earlier though it is not its place."""
    found: list[Source] = []
    if seen.total_g >= 0 or not shop.model.planogram_belief:
        return found
    for place, gtin in sorted(past.strays):
        here = place[:2] == (event.fixture, event.shelf) and set(place[2]) & set(seen.main)
        if here and not gtin.startswith(UNKNOWN):
            boxes.append(column(shop, *place))
            found.append(Source(gtin, place, "stray", len(boxes) - 1, log(shop.model.stray_share / shop.facings)))
    return found


def _over(source: Source, seen: Change, shop: Goods) -> Iterator[Item]:
    """Goods of a facing that reach beyond its plates, or stand partly beyond them."""
    lying = over(source.place[2], seen.main, shop.model)
    if lying is None:
        return
    run, log_share = lying
    for item in counted(Source(source.gtin, source.place, "home", 0, source.log_prior), seen, shop):
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
            yield from counted(Source(gtin, here, "lost", 0, log_prior), seen, shop)[:1]
        return
    away = log(model.put_back_elsewhere) - log(shop.plates)
    for gtin in sorted({gtin for _, gtin in past.held} - at_home):
        yield from counted(Source(gtin, here, "away", 0, away), seen, shop)


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
    """Goods that were pushed about, where plates allow it: one or some of what has its place there, or of anything."""
    model = shop.model
    if len(seen.main) < 2:
        return
    standing = [facing.gtin for facing in standing_at(shop, *here[:2], seen.main)]
    ways = [(model.shift_g, 0.0)]
    for gtin in standing:
        mass_g = masses(shop, gtin)[0].mass_g
        ways += [(mass_g, log(1.0 - model.more_of_it)), (PUSHED * mass_g, log(model.more_of_it))]
    # It lay somewhere, and lies somewhere else: twice the variance of lying.
    loads = tuple(
        Load(seen.main, 0.0, 0.0, 1, sqrt(2.0) * grams, 0.0, log_share - log(1 + len(standing)), pushed=True)
        for grams, log_share in ways
    )
    yield Item("", 0, here, "shift", 0, log(model.shift) - log(shop.plates), loads)


def _noise(here: Plates, seen: Change, shop: Goods) -> Item:
    """Nothing moved: the shelf rang, or a level wandered."""
    model = shop.model
    loads = (
        by_itself(seen, model.noise_g, 1.0 - model.loud_noise, model),
        by_itself(seen, model.loud_noise_g, model.loud_noise, model),
    )
    return Item("", 0, here, "noise", 0, log(model.noise) - log(shop.plates), loads)


def _several(sources: Sequence[Source], seen: Change, shop: Goods) -> Iterator[tuple[tuple[Item, ...], float]]:
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
                items = [item_of(s, q, seen, shop) for s, q in zip(together, quantities, strict=True)]
                counted = sum(i.log_prior - s.log_prior for i, s in zip(items, together, strict=True))
                yield tuple(items), log_prior + counted


def _shares(together: Sequence[Source], seen: Change, shop: Goods, most: int) -> Iterator[tuple[int, ...]]:
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
    here: Plates, home: Sequence[Source], seen: Change, past: Past, shop: Goods
) -> Iterator[tuple[tuple[Item, ...], float]]:
    """One product taken and another, that somebody held, put down in its stead."""
    model = shop.model
    elsewhere = log(model.put_back_elsewhere)
    own = {source.gtin: source for source in home}
    for source in home:
        taken = item_of(Source(source.gtin, source.place, "home", source.box, -log(shop.facings)), 1, seen, shop)
        for back in sorted({gtin for _, gtin in past.held} - {source.gtin}):
            at = own.get(back)
            if at is None:
                put = item_of(Source(back, here, "away", 0, elsewhere), -1, seen, shop)
            else:
                put = item_of(
                    Source(back, at.place, "home", at.box, log(1.0 - model.put_back_elsewhere)), -1, seen, shop
                )
            yield (taken, put), log(model.swap) + taken.log_prior + put.log_prior
