"""What a hand does to a scale beside moving goods: it rests on them, lifts them in parts, and goes again."""

from collections.abc import Sequence
from math import log

from walkout.inference.goods import UNKNOWN, Goods, masses
from walkout.inference.item import ANYWHERE, Item, Past, Plates, Sets, Source, by_itself, item_of
from walkout.inference.weight import Change, Load, counts
from walkout.sensing.event import ShelfEvent

PART_SD_G = 3.0
"""Parts of one lift are read from the same plates, so that their gains are one."""


def press(here: Plates, seen: Change, shop: Goods) -> Item:
    """Nothing moved, but a hand rests on the goods (or lifts them a little); its weight may go again."""
    model = shop.model
    load = by_itself(seen, model.press_g, 1.0, model)
    log_prior = log(model.press) - log(shop.facings)
    if seen.total_g < 0:  # the end of one that was not seen to begin
        return Item("", 0, here, "press", 0, log_prior + log(model.press_unseen), (load,))
    return Item(f"{UNKNOWN}{seen.total_g:.0f}", -1, here, "press", 0, log_prior, (load,))


def released(event: ShelfEvent, home: Sequence[Source], seen: Change, past: Past, shop: Goods) -> Sets:
    """A hand that rested there goes, alone or with goods."""
    if seen.total_g >= 0:
        return []
    model = shop.model
    found: Sets = []
    for place, gtin in sorted(past.strays):
        here = place[:2] == (event.fixture, event.shelf) and set(place[2]) & set(seen.main)
        if not here or not gtin.startswith(UNKNOWN):
            continue
        source = Source(gtin, place, "stray", 0, 0.0)
        gone = item_of(source, 1, seen, shop)
        found.append(((gone,), log(model.press_over) - log(shop.facings)))
        rest = abs(seen.total_g) - masses(shop, gtin)[0].mass_g
        for one in home:
            fits = {q for m in masses(shop, one.gtin) for q in counts(-rest, m.mass_g, m.sd_g, model)}
            for q in sorted(fits if rest > 0 else ()):
                taken = item_of(one, q, seen, shop)
                found.append(((taken, gone), taken.log_prior + log(model.press_over)))
    return found


def unknown(here: Plates, home: Sequence[Source], seen: Change, shop: Goods) -> Item:
    """What nothing in the catalogue explains, or a part of something that is lifted slowly."""
    model = shop.model
    whole = model.unknown_item / shop.plates / ANYWHERE
    part = model.in_parts / shop.facings if home and seen.total_g < 0 else 0.0
    shares = ((model.unknown_mass_g, whole), (model.part_g, part))
    sign = 1 if seen.total_g < 0 else -1
    what = tuple(
        Load(seen.main, 0.0, grams, sign, abs(seen.total_g), -seen.total_g, log(p / (whole + part)))
        for grams, p in shares
        if p > 0.0
    )
    return Item(_named(abs(seen.total_g), here), sign, here, "unknown", 0, log(whole + part), what)


def _named(mass_g: float, here: Plates) -> str:
    return f"{UNKNOWN}{mass_g:.0f}@{here[0]}/{here[1]}/{here[2][0]}"


def parts(here: Plates, home: Sequence[Source], seen: Change, past: Past, shop: Goods) -> Sets:
    """The next part, or the last, of something that somebody lifts slowly."""
    if seen.total_g >= 0:
        return []
    model, left_g = shop.model, abs(seen.total_g)
    found: Sets = []
    for gtin in sorted({gtin for _, gtin in past.held if gtin.startswith(UNKNOWN)}):
        place = gtin.partition("@")[2].rsplit("/", 2)
        if place[:2] != [here[0], str(here[1])] or abs(int(place[2]) - here[2][0]) > 1:
            continue
        lifted_g = masses(shop, gtin)[0].mass_g
        before = Item(gtin, -1, here, "part", 0, 0.0, (Load(seen.main, lifted_g, PART_SD_G, -1, 0.0),))
        for one in home:
            fits = {q for m in masses(shop, one.gtin) for q in counts(-left_g - lifted_g, m.mass_g, m.sd_g, model)}
            for q in sorted(fits):
                taken = item_of(one, q, seen, shop)
                log_prior = taken.log_prior - one.log_prior - log(len(home)) + log(model.part_ends)
                found.append(((taken, before), log_prior))
        more = Load(seen.main, 0.0, model.part_g, 1, left_g, left_g)
        so_far = Item(_named(lifted_g + left_g, here), 1, here, "unknown", 0, 0.0, (more,))
        counted = Item(gtin, -1, here, "part", 0, 0.0, (Load(seen.main, 0.0, 0.0, -1, 0.0, 0.0),))
        found.append(((so_far, counted), log(model.part_goes_on)))
    return found
