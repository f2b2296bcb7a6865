"""Changes on the same plates by two people within seconds: one may take what the other has just put down.

Scales cannot tell goods that lie for a second or two from a hand that rests, so an event tells the net change, and
what came and went again tells none. For one shopper the net is all that counts. For two it is not: who put something
down no longer has it, and who took it does. So where the levels in between are what somebody's goods weigh, and
different people are the likeliest to have moved them, each change is an event of its own.
"""

from collections.abc import Callable

import numpy as np

from walkout.inference.choice import Evidence, log_past, options
from walkout.inference.goods import UNKNOWN, Goods, column
from walkout.inference.item import Past
from walkout.sensing.event import ShelfEvent
from walkout.sensing.people import Track
from walkout.sensing.reach import reach
from walkout.store.layout import Fixture
from walkout.store.planogram import Box

AT_GOODS_M = 0.3
"""A hand this near the goods may have been at work there: five times its spread, `Model.hand_sd_m`."""


def parts(
    event: ShelfEvent, gather: Callable[[ShelfEvent], Evidence], past: Past, shop: Goods
) -> tuple[ShelfEvent, ...]:
    """What is to be explained of an event: the event, each of its steps, or nothing where nothing came of it."""
    whole = () if event.came_back else (event,)
    told = [gather(step) for step in event.steps]
    if len({person for found in told for person in _hands(event, found, shop)}) < 2:
        return whole
    movers = set()
    for found in told:
        choices = options(found, past, shop).choices
        best = max(choices, key=lambda choice: choice.log_p + log_past(choice.moves, past))
        if not best.moves or any(move.gtin.startswith(UNKNOWN) or not move.quantity for move in best.moves):
            return whole
        movers |= {move.shopper for move in best.moves}
    return event.steps if len(movers) > 1 else whole


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
