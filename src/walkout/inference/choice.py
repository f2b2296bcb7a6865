"""Explanations of one shelf event, each a few moves: who, which product, how many, at which plates.

What depends on the past (who holds what, what stands at a wrong place) is only named here; `hypothesis` decides
whether a given past allows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import log

import numpy as np

from walkout.inference.goods import UNKNOWN, Goods, column, masses, standing_at
from walkout.inference.hands import log_ratios
from walkout.inference.model import Model
from walkout.inference.weight import Change, Load, change, counts, log_densities, runs
from walkout.sensing.event import ShelfEvent
from walkout.sensing.people import Track
from walkout.sensing.reach import Reach, nearest, reach
from walkout.store.planogram import Box

Plates = tuple[str, int, tuple[int, ...]]
"""A place: fixture, shelf, plates."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """All that is known of one event."""

    event: ShelfEvent
    present: tuple[str, ...]
    """The shoppers who were in the shop then, sorted."""
    tracks: Mapping[str, Track]
    """Of whoever was seen in the event's window."""
    reading: tuple[int, ...]
    """The plates of the shelf that gave readings then."""
    seen: bool
    """Whether there was any frame of people at all, an empty one included."""


@dataclass(frozen=True, slots=True)
class Move:
    """Some of one product leave the shelf with somebody (quantity below 0: come back)."""

    shopper: str | None
    gtin: str
    quantity: int
    place: Plates
    kind: str
    """home: the product's own place; stray: left there earlier by somebody whom we saw; lost: left there unseen;
    away: put at a wrong place; unknown; shift."""
    box: int
    """Which box of `Options.reach` its hand was at."""
    giver: str | None = None
    """Who took it first, where somebody else puts it back."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One explanation of one event; `log_p` is all that does not depend on the past."""

    moves: tuple[Move, ...]
    log_p: float
    residual_g: float


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """Every explanation of one event that is worth following, in a fixed order, and what the sentences need."""

    evidence: Evidence
    seen: Change
    choices: tuple[Choice, ...]
    reaches: Mapping[str, Reach]


@dataclass(frozen=True, slots=True)
class _Item:
    """Some of one product at one place, before anybody is named."""

    gtin: str
    quantity: int
    place: Plates
    kind: str
    box: int
    log_prior: float
    loads: tuple[Load, ...]
    """One a mass that the product may have and a way in which it may have lain."""


@dataclass(frozen=True, slots=True)
class Past:
    """What some hypothesis or other says of the past: who may hold what, and what may stand at wrong places."""

    held: frozenset[tuple[str, str]]
    """(shopper, GTIN)."""
    strays: frozenset[tuple[Plates, str]]


def options(evidence: Evidence, past: Past, shop: Goods) -> Options:
    """The explanations of one event; always at least 'nobody' and 'unknown'."""
    model, event = shop.model, evidence.event
    seen = change(event, evidence.reading, model)
    boxes: list[Box] = []
    items = _items(evidence, seen, past, shop, boxes)
    fixture = shop.store.fixture(event.fixture)
    reaches = {s: reach(evidence.tracks[s], fixture, boxes) for s in evidence.present if s in evidence.tracks}
    near = {s: log_ratios(reaches[s], event, model) if s in reaches else np.zeros(len(boxes)) for s in evidence.present}
    sets = _together(items, shop)
    scores = [
        log_prior + log_weight for (_, log_prior), log_weight in zip(sets, _densities(seen, sets, shop), strict=True)
    ]
    choices: list[Choice] = []
    for (together, _), score in zip(sets, scores, strict=True):
        if score < scores[-1] - model.gate:  # the last is always 'unknown'
            continue
        moved_g = sum(item.loads[0].mass_g * item.quantity for item in together)
        choices += [
            Choice(moves, score + log_who, seen.total_g + moved_g)
            for moves, log_who in _actors(together, evidence, past, near, shop)
        ]
    return Options(evidence, seen, _gated(choices, model.gate), reaches)


def nearest_hand(found: Options, move: Move) -> tuple[float | None, str]:
    """The least distance of the mover's hand to the goods, metres, and its name; None where no hand was seen."""
    if move.shopper is None or move.shopper not in found.reaches:
        return None, ""
    return nearest(found.reaches[move.shopper], move.box)


def _gated(choices: Sequence[Choice], gate: float) -> tuple[Choice, ...]:
    """Without those that lose by more than the gate to the best of nobody's explanations, which every past allows."""
    always = max(c.log_p for c in choices if all(m.shopper is None and m.kind != "stray" for m in c.moves))
    return tuple(c for c in choices if c.log_p >= always - gate)


def _items(evidence: Evidence, seen: Change, past: Past, shop: Goods, boxes: list[Box]) -> list[_Item]:
    """What may have moved; the last two are 'shift' (where plates allow it) and 'unknown'."""
    event, model = evidence.event, shop.model
    taken = seen.total_g < 0
    facings = standing_at(shop, event.fixture, event.shelf, seen.main)
    here: Plates = (event.fixture, event.shelf, seen.main)
    boxes.append(column(shop, event.fixture, event.shelf, seen.main))
    items: list[_Item] = []
    for facing in facings:
        boxes.append(shop.store.box(facing))
        place = (event.fixture, event.shelf, facing.plates)
        places = len(shop.store.facings_of(facing.gtin))
        log_prior = -log(shop.facings) if taken else log(1.0 - model.put_back_elsewhere) - log(places)
        items += _counted(facing.gtin, place, "home", len(boxes) - 1, log_prior, seen, shop)
    for place, gtin in sorted(past.strays) if taken else ():
        if place[:2] == here[:2] and set(place[2]) & set(seen.main):
            boxes.append(column(shop, *place))
            items += _counted(gtin, place, "stray", len(boxes) - 1, -log(shop.facings), seen, shop)
    if taken:
        lost = log(model.stray) - log(max(1, len(shop.priced))) - log(shop.plates)
        for gtin in shop.priced:
            items += _counted(gtin, here, "lost", 0, lost, seen, shop)[:1]
    else:
        away = log(model.put_back_elsewhere) - log(shop.plates)
        for gtin in sorted({gtin for _, gtin in past.held}):
            items += _counted(gtin, here, "away", 0, away, seen, shop)
    if len(seen.main) > 1:
        push = Load(seen.main, 0.0, 0.0, 1, model.shift_g, 0.0)
        items.append(_Item("", 0, here, "shift", 0, log(model.shift) - log(shop.plates), (push,)))
    what = Load(seen.main, 0.0, model.unknown_mass_g, 1 if taken else -1, abs(seen.total_g), -seen.total_g)
    called = f"{UNKNOWN}{abs(seen.total_g):.0f}"
    rest = _Item(called, 1 if taken else -1, here, "unknown", 0, log(model.unknown_item) - log(shop.plates), (what,))
    return [*items, rest]


def _counted(gtin: str, place: Plates, kind: str, box: int, log_prior: float, seen: Change, shop: Goods) -> list[_Item]:
    """One item a count that fits the whole change, or a part of it where other products may be the rest."""
    model = shop.model
    hidden = any(p not in seen.plates for p in place[2])
    known = masses(shop, gtin)
    sign = 1 if seen.total_g < 0 else -1
    fits = {q for m in known for q in counts(seen.total_g, m.mass_g, m.sd_g, model, hidden=hidden)}
    if kind == "home":  # may be a part of it, beside another product
        fits |= {sign * q for q in (1, 2) if min(m.mass_g for m in known) * q < abs(seen.total_g)} | {-sign}
    lying = runs(place[2], seen.main) if kind == "home" else ((place[2], 0.0),)
    return [
        _Item(
            gtin,
            q,
            place,
            kind,
            box,
            log_prior + (abs(q) - 1) * log(model.more_of_it) + log(1 - model.more_of_it),
            tuple(
                Load(run, m.mass_g, m.sd_g, q, log_share=share - log(len(known))) for m in known for run, share in lying
            ),
        )
        for q in sorted(fits, key=lambda q: (abs(q), -q))
    ]


def _together(items: Sequence[_Item], shop: Goods) -> list[tuple[tuple[_Item, ...], float]]:
    """Sets of items that may make up one event, each with the log prior of the set; 'unknown' alone comes last."""
    model = shop.model
    single = [((item,), item.log_prior) for item in items]
    home = [item for item in items if item.kind in ("home", "stray")]
    pairs: list[tuple[tuple[_Item, ...], float]] = []
    others = max(1, len({(item.gtin, item.place) for item in home}) - 1)
    for a, b in combinations(home, 2):
        if (a.gtin, a.place) == (b.gtin, b.place):
            continue
        rate = model.two_products if a.quantity * b.quantity > 0 else model.swap
        # The first names the part of the shop; the second is one of the few beside it.
        pairs.append(((a, b), log(rate) + max(a.log_prior, b.log_prior) - log(others)))
    return [*pairs, *single]


def _densities(seen: Change, sets: Sequence[tuple[tuple[_Item, ...], float]], shop: Goods) -> list[float]:
    """The log density of the change under each set of items, averaged over their masses and where they lay."""
    loads: list[tuple[Load, ...]] = []
    spans: list[tuple[int, int]] = []
    for items, _ in sets:
        variants = list(product(*(item.loads for item in items)))
        spans.append((len(loads), len(loads) + len(variants)))
        loads += variants
    density = log_densities(seen, loads, shop.model)
    density += np.array([sum(load.log_share for load in together) for together in loads])
    return [float(np.logaddexp.reduce(density[a:b])) for a, b in spans]


def _actors(
    together: Sequence[_Item], evidence: Evidence, past: Past, near: Mapping[str, np.ndarray], shop: Goods
) -> list[tuple[tuple[Move, ...], float]]:
    """Who may have made some moves, with the log prior and the log ratio of their hands."""
    model = shop.model
    untracked = model.untracked if evidence.seen else model.untracked_blind
    nobody = log(untracked + (model.nobody if together[0].kind in ("unknown", "shift") else 0.0))
    way = log(model.put_back) if together[0].quantity < 0 else log(1.0 - model.put_back)
    found = [(tuple(_move(item, None) for item in together), nobody + way)] if _may_be_nobody(together) else []
    if not evidence.present:
        return found
    one = log(1.0 - untracked) - log(len(evidence.present)) + way
    for shopper in evidence.present:
        hands = sum(float(near[shopper][item.box]) for item in together) / len(together)
        for moves, log_give in _given(together, shopper, past, shop):
            found.append((moves, one + hands + log_give))
    found += _two_shoppers(together, evidence.present, near, one + log(model.two_shoppers), model)
    return found


def _may_be_nobody(together: Sequence[_Item]) -> bool:
    """Nobody tracked may take, or restock a product's own place; only a shopper puts things back elsewhere."""
    return all(item.kind != "away" for item in together)


def _given(together: Sequence[_Item], shopper: str, past: Past, shop: Goods) -> list[tuple[tuple[Move, ...], float]]:
    """One shopper's moves: takes as they are, returns from their own basket or from somebody else's."""
    ways: list[list[tuple[Move, float]]] = []
    for item in together:
        if item.quantity >= 0:
            ways.append([(_move(item, shopper), 0.0)])
            continue
        back = [(_move(item, shopper), 0.0)] if (shopper, item.gtin) in past.held else []
        givers = sorted({s for s, gtin in past.held if gtin == item.gtin and s != shopper})
        back += [(_move(item, shopper, giver), log(shop.model.hand_over) - log(len(givers))) for giver in givers]
        ways.append(back)
    return [
        (tuple(move for move, _ in combination), sum(log_p for _, log_p in combination))
        for combination in product(*ways)
    ]


def _two_shoppers(
    together: Sequence[_Item],
    present: Sequence[str],
    near: Mapping[str, np.ndarray],
    log_prior: float,
    model: Model,
) -> list[tuple[tuple[Move, ...], float]]:
    """Takes of two by two shoppers at one instant, where a hand of each was there.

    The prior of the set counts one shopper who takes two; that is taken out again.
    """
    if any(item.quantity < 0 for item in together) or len(present) < 2:
        return []
    if len(together) == 2:
        a, b = together
        log_prior -= log(model.two_products)
    elif together[0].quantity == 2 and together[0].gtin:
        a = b = _part(together[0])
        log_prior -= log(model.more_of_it)
    else:
        return []
    found: list[tuple[tuple[Move, ...], float]] = []
    for s, t in product(present, present):
        if s == t or (a is b and s > t) or min(near[s][a.box], near[t][b.box]) <= 0.0:
            continue
        hands = float(near[s][a.box] + near[t][b.box])
        found.append(((_move(a, s), _move(b, t)), log_prior - log(len(present) - 1) + hands))
    return found


def _part(item: _Item) -> _Item:
    return _Item(item.gtin, 1, item.place, item.kind, item.box, item.log_prior, item.loads)


def _move(item: _Item, shopper: str | None, giver: str | None = None) -> Move:
    return Move(shopper, item.gtin, item.quantity, item.place, item.kind, item.box, giver)
