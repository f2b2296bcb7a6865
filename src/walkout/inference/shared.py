"""Several changes on the same plates within seconds: one person may take what another has just put down.

Scales cannot tell goods that lie for a second or two from a hand that rests, so an event tells the net change, and
what came and went again tells none. For one shopper the net is all that counts. For two it is not: who put something
down no longer has it, and who took it does. So where the levels in between are what somebody's goods weigh, and
different people are the likeliest to have moved them, each change is an event of its own. So it is where nothing in
the shop explains the whole, but goods explain each step: two things put on one plate within seconds. And so it is
where one person puts something among goods of the same mass that are not its like, and something as heavy goes: the
scale ends where it began, and what they hold may be another thing.
"""

from collections.abc import Sequence

import numpy as np

from walkout.inference.choice import Evidence, Move
from walkout.inference.goods import UNKNOWN, Goods, column
from walkout.inference.hypothesis import Hypotheses, advance, likeliest
from walkout.inference.inquiry import Inquiry
from walkout.sensing.event import ShelfEvent
from walkout.sensing.people import Track
from walkout.sensing.reach import reach
from walkout.store.layout import Fixture
from walkout.store.planogram import Box

AT_GOODS_M = 0.3
"""A hand this near the goods may have been at work there: five times its spread, `Model.hand_sd_m`."""


def parts(event: ShelfEvent, pasts: Hypotheses, asked: Inquiry) -> tuple[ShelfEvent, ...]:
    """What is to be explained of an event: the event, each of its steps, or nothing where nothing came of it."""
    whole = () if event.came_back else (event,)
    if not event.steps:
        return whole
    hands = {person for one in event.steps for person in _hands(event, asked.evidence(one), asked.shop)}
    if len(hands) < 2 and not event.came_back and goods_of([event], pasts, asked):
        return whole
    every = goods_of(event.steps, pasts, asked)
    if len(hands) > 1:
        apart = len({move.shopper for move in every}) > 1
    else:
        apart = any(move.kind == "away" for move in every) if event.came_back else bool(every)
    return event.steps if apart else whole


def goods_of(events: Sequence[ShelfEvent], pasts: Hypotheses, asked: Inquiry) -> tuple[Move, ...]:
    """The moves of goods that explain some events best, one after the other; none where no goods explain one."""
    every: list[Move] = []
    for n, event in enumerate(events):
        if n:
            pasts = advance(pasts, asked.options(events[n - 1], pasts), asked.shop)
        moves = likeliest(pasts, asked.options(event, pasts)).moves
        if any(move.gtin.startswith(UNKNOWN) or not move.quantity for move in moves):
            return ()
        every += moves
    return tuple(every)


def _hands(event: ShelfEvent, found: Evidence, shop: Goods) -> list[str]:
    """Who had a hand at the goods while their weight changed."""
    most = max(abs(grams) for step in event.steps for grams in step.delta_g)
    moved = {
        plate
        for step in event.steps
        for plate, grams in zip(step.plates, step.delta_g, strict=True)
        if abs(grams) >= shop.model.main_share * most
    }
    box, fixture = column(shop, event.fixture, event.shelf, sorted(moved)), shop.store.fixture(event.fixture)
    return [person for person, track in sorted(found.tracks.items()) if _nearest_m(track, fixture, box) <= AT_GOODS_M]


def _nearest_m(track: Track, fixture: Fixture, box: Box) -> float:
    hand_m = reach(track, fixture, [box]).hand_m
    return float(np.nanmin(hand_m)) if hand_m.size and not np.isnan(hand_m).all() else np.inf
