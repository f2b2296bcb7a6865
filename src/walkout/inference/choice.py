"""Explanations of one shelf event, each a few moves: who, which product, how many, at which plates.

What depends on the past (who holds what, what stands at a wrong place) is only named here; `hypothesis` decides
whether a given past allows it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from math import inf, log

import numpy as np
from numpy.typing import NDArray

from walkout.inference.combination import sets_of
from walkout.inference.goods import UNKNOWN, Goods
from walkout.inference.hands import log_ratios, log_ratios_both, window_ns
from walkout.inference.item import Item, Past, Plates, Sets
from walkout.inference.look import Glance, glances_at, log_look
from walkout.inference.model import Model
from walkout.inference.weight import Change, Gains, Load, change, log_densities
from walkout.sensing.event import ShelfEvent
from walkout.sensing.people import Track
from walkout.sensing.reach import Reach, nearest, reach

AWAY_MOST = 5.0
"""`_beside` adds no more than this."""
LOOKED_MOST = 3.0
"""What somebody's looks add at most, about: a look tells one product from some twenty nearby."""


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
    staff: frozenset[str] = frozenset()
    """Who of those present works there: what they take or bring is no sale."""
    looks: tuple[Glance, ...] = ()
    """What was seen in hands about then, anywhere."""
    gains: Gains = field(default_factory=dict)
    """What is known of the plates' gains."""


@dataclass(frozen=True, slots=True)
class Move:
    """Some of one product leave the shelf with somebody (quantity below 0: come back)."""

    shopper: str | None
    gtin: str
    quantity: int
    place: Plates
    kind: str
    """home: the product's own place; stray: left there earlier by somebody whom we saw; lost: left there unseen;
    away: put at a wrong place; unknown; shift: pushed about; noise: nothing moved;
    part: counted again with what it is a part of; press: a hand's own weight, kept as a stray named by its grams until
    it goes."""
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
class Hands:
    """The log ratios of everybody's hands: of one at a box, and of one at each of two."""

    one: Mapping[str, NDArray[np.float64]]
    both: Mapping[str, NDArray[np.float64]]

    def at(self, shopper: str, together: Sequence[Item], model: Model) -> float:
        """Of a shopper who moved some items, with one hand or, where that may be, with both."""
        one = sum(float(self.one[shopper][item.box]) for item in together) / len(together)
        boxes = [item.box for item in together for _ in range(abs(item.quantity) if len(together) == 1 else 1)]
        if len(boxes) < 2 or len(together) > 2 or shopper not in self.both:
            return one
        two = float(self.both[shopper][boxes[0], boxes[1]])
        return float(np.logaddexp(log(1.0 - model.two_hands) + one, log(model.two_hands) + two))


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
    seen = change(event, evidence.reading, model, evidence.gains)
    sets, boxes = sets_of(event, seen, past, shop)
    fixture = shop.store.fixture(event.fixture)
    reaches = {s: reach(evidence.tracks[s], fixture, boxes) for s in evidence.present if s in evidence.tracks}
    near = {s: log_ratios(reaches[s], event, model) if s in reaches else np.zeros(len(boxes)) for s in evidence.present}
    both = {s: log_ratios_both(found, event, model) for s, found in reaches.items()}
    scores = [
        log_prior + log_weight for (_, log_prior), log_weight in zip(sets, _densities(seen, sets, shop), strict=True)
    ]
    nobody = [_nobody(together, evidence, near, shop) for together, _ in sets]
    looks = glances_at(evidence.looks, event.fixture, event.shelf, window_ns(event, model))
    free = [all(item.kind != "stray" for item in together) for together, _ in sets]
    floor = max(score + log_p for score, log_p, any_ in zip(scores, nobody, free, strict=True) if any_) - model.gate
    weighed: list[tuple[Choice, float]] = []
    for (together, _), score, log_nobody in zip(sets, scores, nobody, strict=True):
        moved_g = sum(item.loads[0].mass_g * item.quantity for item in together)
        found = [(tuple(_move(item, None) for item in together), log_nobody)]
        found += _actors(together, evidence, past, Hands(near, both), floor - score - LOOKED_MOST * len(looks), shop)
        if looks:
            found = [(moves, log_who + _looked(moves, looks, model)) for moves, log_who in found]
        for moves, log_who in found:
            if score + log_who >= floor:
                choice = Choice(moves, score + log_who, seen.total_g + moved_g)
                weighed.append((choice, choice.log_p + _log_past(moves, past)))
    sure = max((choice for choice, _ in weighed if always_allowed(choice)), key=lambda choice: choice.log_p)
    floor = max(log_p for _, log_p in weighed) - model.gate
    kept = tuple(choice for choice, log_p in weighed if log_p >= floor or choice is sure)
    return Options(evidence, seen, kept, reaches)


def _looked(moves: Sequence[Move], looks: Mapping[str, Sequence[Glance]], model: Model) -> float:
    """The log likelihood ratio of what was seen in the movers' hands."""
    return sum(
        log_look(some, [m.gtin for m in moves if m.shopper == person and m.gtin], model)
        for person, some in looks.items()
    )


def _log_past(moves: Sequence[Move], past: Past) -> float:
    """The log probability that the past allows some moves, each asked alone."""
    log_p = 0.0
    for move in moves:
        if move.shopper is not None and move.quantity < 0:
            log_p += log(past.held[move.giver or move.shopper, move.gtin])
        if move.kind == "stray":
            log_p += log(past.strays[move.place, move.gtin])
    return log_p


def always_allowed(choice: Choice) -> bool:
    """Whether every past allows it: nobody who is tracked did it, and nothing had to be left there before."""
    return all(move.shopper is None and move.kind != "stray" for move in choice.moves)


def nearest_hand(found: Options, move: Move) -> tuple[float | None, str]:
    """The least distance of the mover's hand to the goods, metres, and its name; None where no hand was seen."""
    if move.shopper is None or move.shopper not in found.reaches:
        return None, ""
    return nearest(found.reaches[move.shopper], move.box)


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


def _nobody(
    together: Sequence[Item], evidence: Evidence, near: Mapping[str, NDArray[np.float64]], shop: Goods
) -> float:
    """The log prior that nobody who is tracked did it; -inf where every past that allows it names somebody.

    Somebody untracked may take, or restock a product's own place; only a shopper puts things back elsewhere.
    """
    model, kinds = shop.model, {item.kind for item in together}
    if all(_no_goods(item) for item in together) and kinds & {"press", "stray"}:
        # Somebody's hand was there, whoever's.
        hands = [float(near[shopper][together[0].box]) for shopper in evidence.present]
        return float(np.logaddexp.reduce([*hands, log(model.untracked)])) - log(len(hands) + 1)
    if kinds & {"away", "part"} or any(item.kind == "stray" and not _no_goods(item) for item in together):
        return -inf
    if kinds == {"noise"}:
        return 0.0
    untracked = model.untracked if evidence.seen else model.untracked_blind
    nobody = model.nobody if kinds & {"unknown", "shift"} else 0.0
    # A shopper brings back one of the few things that they hold; staff may bring any.
    brought = sum(log(shop.facings) for item in together if item.quantity < 0 and item.kind == "home")
    log_one = log(1.0 - untracked) - log(max(1, len(evidence.present)))
    working = [
        log_one + sum(float(near[person][item.box]) for item in together) / len(together)
        for person in evidence.present
        if person in evidence.staff
    ]
    return float(np.logaddexp.reduce([log(untracked + nobody), *working])) + _way(together, model) - brought


def _no_goods(item: Item) -> bool:
    """Whether it is a hand's own weight that comes or goes."""
    return item.kind == "press" or (item.kind == "stray" and item.gtin.startswith(UNKNOWN))


def _way(together: Sequence[Item], model: Model) -> float:
    return log(model.put_back) if together[0].quantity < 0 else log(1.0 - model.put_back)


def _actors(
    together: Sequence[Item],
    evidence: Evidence,
    past: Past,
    hands: Hands,
    least: float,
    shop: Goods,
) -> list[tuple[tuple[Move, ...], float]]:
    """Which shoppers may have made some moves, with the log prior and the log ratio of their hands, if `least`."""
    model, present = shop.model, tuple(s for s in evidence.present if s not in evidence.staff)
    if not present or together[0].kind == "noise" or _no_goods(together[0]):
        return []
    untracked = model.untracked if evidence.seen else model.untracked_blind
    one = log(1.0 - untracked) - log(len(evidence.present)) + _way(together, model)
    found: list[tuple[tuple[Move, ...], float]] = []
    for shopper in present:
        at_work = hands.at(shopper, together, model)
        if one + at_work + AWAY_MOST >= least:
            for moves, log_give in _given(together, shopper, past, shop):
                found.append((moves, one + at_work + log_give))
    found += _two_shoppers(together, present, past, hands, one, least, shop)
    return found


def _given(together: Sequence[Item], shopper: str, past: Past, shop: Goods) -> list[tuple[tuple[Move, ...], float]]:
    """One shopper's moves: takes as they are, returns from their own basket or from somebody else's."""
    ways: list[list[tuple[Move, float]]] = []
    for item in together:
        if _no_goods(item):
            ways.append([(_move(item, None), 0.0)])
            continue
        if item.quantity >= 0:
            ways.append([(_move(item, shopper), 0.0)])
            continue
        log_away = _beside(item, shopper, past, shop) if item.kind == "away" else 0.0
        back = [(_move(item, shopper), log_away)] if (shopper, item.gtin) in past.held else []
        givers = sorted({s for s, gtin in past.held if gtin == item.gtin and s != shopper})
        log_give = log_away + log(shop.model.hand_over) - log(max(1, len(givers)))
        back += [(_move(item, shopper, giver), log_give) for giver in givers]
        ways.append(back)
    return [
        (tuple(move for move, _ in combination), sum(log_p for _, log_p in combination))
        for combination in product(*ways)
    ]


def _beside(item: Item, shopper: str, past: Past, shop: Goods) -> float:
    """How much likelier a wrong place is for being that of something else which the shopper holds, as a log ratio."""
    model = shop.model
    held = {gtin: p for (s, gtin), p in past.held.items() if s == shopper and gtin != item.gtin}
    fixture, shelf, plates = item.place
    if not any(
        set(f.plates) & set(plates)
        for g in held
        for f in shop.store.facings_of(g)
        if (f.fixture, f.shelf) == (fixture, shelf)
    ):
        return log(1.0 - model.away_beside)
    return log(1.0 - model.away_beside + model.away_beside * shop.plates / max(1.0, sum(held.values())))


def _two_shoppers(
    together: Sequence[Item],
    present: Sequence[str],
    past: Past,
    hands: Hands,
    one: float,
    least: float,
    shop: Goods,
) -> list[tuple[tuple[Move, ...], float]]:
    """What two shoppers did at one instant, where a hand of each was there.

    The prior of a set counts one shopper who does it all; that is taken out again.
    """
    model = shop.model
    near = [s for s in present if any(hands.one[s][item.box] > 0.0 for item in together)]
    if len(near) < 2:
        return []
    parts = _parted(together, model)
    log_prior = one + log(model.two_shoppers) - log(max(1, len(present) - 1))
    found: list[tuple[tuple[Move, ...], float]] = []
    for s, t in combinations(near, 2):
        for mine, theirs, log_once in parts:
            if min(float(hands.one[x][i.box]) for x, items in ((s, mine), (t, theirs)) for i in items) <= 0.0:
                continue
            log_p = log_prior - log_once + hands.at(s, mine, model) + hands.at(t, theirs, model)
            if log_p + AWAY_MOST < least:
                continue
            for a, log_a in _given(mine, s, past, shop):
                found += [((*a, *b), log_p + log_a + log_b) for b, log_b in _given(theirs, t, past, shop)]
    return found


def _parted(together: Sequence[Item], model: Model) -> list[tuple[tuple[Item, ...], tuple[Item, ...], float]]:
    """The ways to part items between a first and a second shopper, with the log prior that one would do it all.

    Some of a product may go to each: where two reach at once, one of them often has something in the other hand too.
    """
    if any(_no_goods(item) or item.kind == "part" for item in together):
        return []
    swapped = len({item.quantity > 0 for item in together}) > 1
    another = log(model.swap) if swapped else log(model.two_products)
    found = []
    for shares in product(*(_shares(item) for item in together)):
        mine, theirs = (tuple(_some(together, [share[k] for share in shares])) for k in (0, 1))
        if mine and theirs:
            both = len(mine) + len(theirs) - len(together)
            found.append((mine, theirs, (1 - both) * another + both * log(model.more_of_it)))
    return found


def _shares(item: Item) -> list[tuple[int, int]]:
    """How many of it each of two shoppers may have moved."""
    count, sign = abs(item.quantity), 1 if item.quantity > 0 else -1
    if item.quantity == 0 or item.kind not in ("home", "stray", "away"):
        return [(item.quantity, 0), (0, item.quantity)]
    return [(sign * n, sign * (count - n)) for n in range(count + 1)]


def _some(together: Sequence[Item], quantities: Sequence[int]) -> Iterator[Item]:
    return (replace(item, quantity=q) for item, q in zip(together, quantities, strict=True) if q)


def _move(item: Item, shopper: str | None, giver: str | None = None) -> Move:
    return Move(shopper, item.gtin, item.quantity, item.place, item.kind, item.box, giver)
