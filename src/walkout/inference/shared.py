"""Several changes on the same plates within seconds: one person may take what another has just put down.

Scales cannot tell goods that lie for a second or two from a hand that rests, so an event tells the net change, and
what came and went again tells none. For one shopper the net is all that counts. For two it is not: who put something
down no longer has it, and who took it does. So where the levels in between are what somebody's goods weigh, and
different people are the likeliest to have moved them, each change is an event of its own. So it is where nothing in
the shop explains the whole, but goods explain each step: two things put on one plate within seconds. And so it is
where one person puts something among goods of the same mass that are not its like, and something as heavy goes: the
scale ends where it began, and what they hold may be another thing.
"""

from collections.abc import Callable

import numpy as np

from walkout.inference.choice import Evidence, Move
from walkout.inference.goods import UNKNOWN, Goods, column
from walkout.inference.hypothesis import Hypotheses, records, step
from walkout.sensing.event import ShelfEvent
from walkout.sensing.people import Track
from walkout.sensing.reach import reach
from walkout.store.layout import Fixture
from walkout.store.planogram import Box

AT_GOODS_M = 0.3
"""A hand this near the goods may have been at work there: five times its spread, `Model.hand_sd_m`."""


def parts(
    event: ShelfEvent, gather: Callable[[ShelfEvent], Evidence], pasts: Hypotheses, shop: Goods
) -> tuple[ShelfEvent, ...]:
    """What is to be explained of an event: the event, each of its steps, or nothing where nothing came of it."""
    whole = () if event.came_back else (event,)
    if not event.steps:
        return whole
    told = [gather(one) for one in event.steps]
    shared = len({person for found in told for person in _hands(event, found, shop)}) > 1
    if not shared and not event.came_back and likeliest(gather(event), pasts, shop)[0]:
        return whole
    every: list[Move] = []
    for found in told:
        moves, pasts = likeliest(found, pasts, shop)
        if not moves:
            return whole
        every += moves
    if shared:
        apart = len({move.shopper for move in every}) > 1
    else:
        apart = not event.came_back or any(move.kind == "away" for move in every)
    return event.steps if apart else whole


def likeliest(found: Evidence, pasts: Hypotheses, shop: Goods) -> tuple[tuple[Move, ...], Hypotheses]:
    """The moves of goods that explain an event best, none where no goods do; and the pasts after it."""
    after = step(pasts, found, shop)
    record, p = next((record, p) for record, p in records(after) if record.number == pasts.count)
    moves = record.told.choices[int(record.columns[int(np.argmax(p))])].moves
    unknown = any(move.gtin.startswith(UNKNOWN) or not move.quantity for move in moves)
    return () if unknown else moves, after


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
