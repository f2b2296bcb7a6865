"""Two people at the same goods within seconds: what one puts down the other may take."""

from dataclasses import replace

import pytest

from tests.inference.scene import AWAY, CHIPS, MODEL, SECOND, T0, WATER, at, event, evidence, shop
from walkout.inference.choice import Evidence
from walkout.inference.goods import goods
from walkout.inference.item import Past
from walkout.inference.shared import parts
from walkout.sensing.event import ShelfEvent

SHOP = goods(shop(), MODEL)
PUT, TAKEN = event(1.0, 1, {1: 618.0}, "put"), event(2.5, 1, {1: -618.0}, "taken")
NET = replace(event(1.0, 1, {1: 0.0}, "net"), end_ns=TAKEN.end_ns, steps=(PUT, TAKEN))
HOLDS = Past({("ann", WATER): 1.0}, {})


def gather(what: ShelfEvent) -> Evidence:
    """Ann's hand is at the water first, then Bob's."""
    first = what.start_ns < T0 + 2 * SECOND
    return evidence(what, {"ann": at(WATER) if first else AWAY, "bob": AWAY if first else at(WATER)})


def alone(what: ShelfEvent) -> Evidence:
    return evidence(what, {"ann": at(WATER), "bob": AWAY})


def test_a_put_and_a_take_of_two_people_are_two_events() -> None:
    assert parts(NET, gather, HOLDS, SHOP) == (PUT, TAKEN)


def test_for_one_person_the_net_is_all_that_counts() -> None:
    assert parts(NET, alone, HOLDS, SHOP) == ()
    net = replace(NET, delta_g=(-120.0,))
    assert parts(net, alone, HOLDS, SHOP) == (net,)


def test_what_nobody_held_was_a_hand() -> None:
    odd = replace(NET, steps=(event(1.0, 1, {1: 333.0}), event(2.5, 1, {1: -333.0})))
    assert parts(odd, gather, Past({("ann", CHIPS): 1.0}, {}), SHOP) == ()


@pytest.mark.parametrize("what", [PUT, TAKEN], ids=["put", "taken"])
def test_an_event_of_one_change_is_as_it_was(what: ShelfEvent) -> None:
    assert parts(what, gather, HOLDS, SHOP) == (what,)
