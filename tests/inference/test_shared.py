"""Two people at the same goods within seconds: what one puts down the other may take."""

from dataclasses import replace

import pytest

from tests.inference.scene import AWAY, CHIPS, MODEL, RICE, SECOND, SODA, T0, WATER, at, event, evidence, play, shop
from walkout.inference.choice import Evidence
from walkout.inference.goods import goods
from walkout.inference.inquiry import Inquiry
from walkout.inference.shared import parts
from walkout.sensing.event import ShelfEvent

SHOP = goods(shop(), MODEL)
PUT, TAKEN = event(1.0, 1, {1: 618.0}, "put"), event(2.5, 1, {1: -618.0}, "taken")
NET = replace(event(1.0, 1, {1: 0.0}, "net"), end_ns=TAKEN.end_ns, steps=(PUT, TAKEN))
HOLDS = play(evidence(event(0.0, 1, {1: -620.0}), {"ann": at(WATER)}))
"""Ann has taken water."""


def gather(what: ShelfEvent) -> Evidence:
    """Ann's hand is at the water first, then Bob's."""
    first = what.start_ns < T0 + 2 * SECOND
    return evidence(what, {"ann": at(WATER) if first else AWAY, "bob": AWAY if first else at(WATER)})


def alone(what: ShelfEvent) -> Evidence:
    return evidence(what, {"ann": at(WATER), "bob": AWAY})


def test_a_put_and_a_take_of_two_people_are_two_events() -> None:
    assert parts(NET, HOLDS, Inquiry(gather, SHOP)) == (PUT, TAKEN)


def test_for_one_person_the_net_is_all_that_counts() -> None:
    assert parts(NET, HOLDS, Inquiry(alone, SHOP)) == ()
    net = replace(NET, delta_g=(-120.0,))
    assert parts(net, HOLDS, Inquiry(alone, SHOP)) == (net,)


def test_what_one_person_puts_among_others_of_its_mass_may_not_be_what_they_take() -> None:
    holds = play(evidence(event(0.0, 1, {3: -624.0}), {"ann": at(SODA)}))
    steps = event(1.0, 1, {1: 623.0}, "put"), event(3.0, 1, {1: -622.0}, "taken")
    assert parts(replace(NET, steps=steps), holds, Inquiry(alone, SHOP)) == steps


def test_what_nobody_held_was_a_hand() -> None:
    odd = replace(NET, steps=(event(1.0, 1, {1: 333.0}), event(2.5, 1, {1: -333.0})))
    assert parts(odd, play(evidence(event(0.0, 1, {5: -120.0}), {"ann": at(CHIPS)})), Inquiry(gather, SHOP)) == ()


@pytest.mark.parametrize("what", [PUT, TAKEN], ids=["put", "taken"])
def test_an_event_of_one_change_is_as_it_was(what: ShelfEvent) -> None:
    assert parts(what, HOLDS, Inquiry(gather, SHOP)) == (what,)


def test_two_things_put_on_one_plate_by_one_person_are_two_events_where_nothing_explains_both() -> None:
    steps = event(1.0, 1, {1: 618.0}, "water"), event(3.0, 1, {1: 1001.0}, "rice")
    both = replace(event(1.0, 1, {1: 1619.0}, "both"), end_ns=steps[1].end_ns, steps=steps)
    taken = [event(0.0, 1, {1: -620.0}), event(0.2, 2, {1: -1000.0})]
    pasts = play(evidence(taken[0], {"ann": at(WATER)}), evidence(taken[1], {"ann": at(RICE)}))
    assert parts(both, pasts, Inquiry(alone, SHOP)) == steps
    one = replace(both, delta_g=(620.0,), steps=(event(1.0, 1, {1: 310.0}), event(3.0, 1, {1: 310.0})))
    assert parts(one, pasts, Inquiry(alone, SHOP)) == (one,)
