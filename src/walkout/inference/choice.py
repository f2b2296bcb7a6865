"""Explanations of one shelf event, each a few moves: who, which product, how many, at which plates.

What depends on the past (who holds what, what stands at a wrong place) is only named here; `hypothesis` decides
whether a given past allows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import log

import numpy as np

from walkout.inference.goods import Goods
from walkout.inference.hands import log_ratios
from walkout.inference.item import Item, Past, Plates, Sets, sets_of
from walkout.inference.model import Model
from walkout.inference.weight import Change, Load, change, log_densities
from walkout.sensing.event import ShelfEvent
from walkout.sensing.people import Track
from walkout.sensing.reach import Reach, nearest, reach


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


def options(evidence: Evidence, past: Past, shop: Goods) -> Options:
    """The explanations of one event; always at least 'nobody' and 'unknown'."""
    model, event = shop.model, evidence.event
    seen = change(event, evidence.reading, model)
    sets, boxes = sets_of(event, seen, past, shop)
    fixture = shop.store.fixture(event.fixture)
    reaches = {s: reach(evidence.tracks[s], fixture, boxes) for s in evidence.present if s in evidence.tracks}
    near = {s: log_ratios(reaches[s], event, model) if s in reaches else np.zeros(len(boxes)) for s in evidence.present}
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


def always_allowed(choice: Choice) -> bool:
    """Whether every past allows it: nobody who is tracked did it, and nothing had to be left there before."""
    return all(move.shopper is None and move.kind != "stray" for move in choice.moves)


def nearest_hand(found: Options, move: Move) -> tuple[float | None, str]:
    """The least distance of the mover's hand to the goods, metres, and its name; None where no hand was seen."""
    if move.shopper is None or move.shopper not in found.reaches:
        return None, ""
    return nearest(found.reaches[move.shopper], move.box)


def _gated(choices: Sequence[Choice], gate: float) -> tuple[Choice, ...]:
    """Without those that lose by more than the gate to the best of nobody's explanations, which every past allows."""
    always = max(c.log_p for c in choices if always_allowed(c))
    return tuple(c for c in choices if c.log_p >= always - gate)


def _densities(seen: Change, sets: Sets, shop: Goods) -> list[float]:
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
    together: Sequence[Item], evidence: Evidence, past: Past, near: Mapping[str, np.ndarray], shop: Goods
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


def _may_be_nobody(together: Sequence[Item]) -> bool:
    """Nobody tracked may take, or restock a product's own place; only a shopper puts things back elsewhere."""
    return all(item.kind != "away" for item in together)


def _given(together: Sequence[Item], shopper: str, past: Past, shop: Goods) -> list[tuple[tuple[Move, ...], float]]:
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
    together: Sequence[Item],
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


def _part(item: Item) -> Item:
    loads = tuple(replace(load, quantity=1) for load in item.loads)
    return replace(item, quantity=1, loads=loads)


def _move(item: Item, shopper: str | None, giver: str | None = None) -> Move:
    return Move(shopper, item.gtin, item.quantity, item.place, item.kind, item.box, giver)
