from dataclasses import replace

import pytest

from tests.inference.scene import AWAY, CHIPS, JAM, MODEL, SECOND, T0, WATER, at, event, evidence, left_with, play, shop
from walkout.inference.goods import goods
from walkout.inference.hypothesis import Hypotheses, advance, step
from walkout.inference.meeting import exchange, hand_over, left_on_floor
from walkout.sensing.identity import Doubt
from walkout.sensing.touch import Touch
from walkout.store.shop import Policies

PARTIES = {"a": "v1", "b": "v2", "c": "v1"}
GOODS = goods(shop(), MODEL)
SHELVES = {WATER: (1, 620.0, (1, 2)), CHIPS: (1, 120.0, (5, 6)), JAM: (1, 300.0, (7, 8))}


def takes(*what: tuple[float, str, str]) -> Hypotheses:
    """(second, shopper, product): who took what, each seen with a hand at it and the others away."""
    events = []
    for t_s, who, product in what:
        shelf, grams, plates = SHELVES[product]
        hands = {other: at(product) if other == who else AWAY for other in ("a", "b", "c")}
        events.append(evidence(event(t_s, shelf, dict.fromkeys(plates, -grams / 2)), hands))
    return play(*events)


def met(t_s: float, *people: str) -> Touch:
    start = T0 + int(t_s * SECOND)
    return Touch("hands", people, start, start + SECOND // 2, 0.05, 0.2, -1.2)


def at_floor(t_s: float, person: str, x_m: float = 0.2) -> Touch:
    start = T0 + int(t_s * SECOND)
    return Touch("floor", (person,), start, start + SECOND // 2, 0.1, x_m, -1.2)


def after(pasts: Hypotheses, touch: Touch) -> Hypotheses:
    found = (hand_over if touch.kind == "hands" else left_on_floor)(touch, pasts, PARTIES, GOODS)
    return pasts if found is None else advance(pasts, found, GOODS)


def held(pasts: Hypotheses, who: str) -> dict[str, int]:
    return {line.gtin: line.quantity for line in left_with(pasts, who).lines}


def test_what_passes_between_two_parties_is_on_the_receipt_of_who_has_it_last() -> None:
    pasts = after(takes((1, "a", WATER)), met(5, "a", "b"))
    assert (held(pasts, "a"), held(pasts, "b")) == ({}, {WATER: 1})
    assert 0.7 < left_with(pasts, "b").p_exact < 0.95
    assert "handed" in left_with(pasts, "b").lines[0].why


def test_hands_that_meet_inside_a_party_change_nothing() -> None:
    pasts = takes((1, "a", WATER))
    assert hand_over(met(5, "a", "c"), pasts, PARTIES, GOODS) is None


def test_hands_of_two_who_hold_nothing_change_nothing() -> None:
    assert hand_over(met(5, "a", "b"), takes(), PARTIES, GOODS) is None


def test_where_the_first_taker_pays_a_hand_over_changes_nothing() -> None:
    store = replace(shop(), policies=Policies("first_taker"))
    assert hand_over(met(5, "a", "b"), takes((1, "a", WATER)), PARTIES, goods(store, MODEL)) is None


def test_what_a_hand_passes_on_is_likelier_what_it_took_last() -> None:
    pasts = after(takes((1, "a", WATER), (120, "a", CHIPS)), met(125, "a", "b"))
    assert held(pasts, "a") == {WATER: 1}
    assert held(pasts, "b") == {CHIPS: 1}


def test_a_later_return_by_the_receiver_settles_the_hand_over() -> None:
    pasts = after(takes((1, "a", WATER)), met(5, "a", "b"))
    found = evidence(event(20, 1, {1: 310.0, 2: 310.0}), {"a": AWAY, "b": at(WATER), "c": AWAY})
    pasts = step(pasts, found, GOODS)
    assert (held(pasts, "a"), held(pasts, "b")) == ({}, {})
    assert left_with(pasts, "a").p_exact > 0.97


def test_what_is_left_on_the_floor_is_on_nobodys_receipt() -> None:
    pasts = after(takes((1, "a", WATER)), at_floor(5, "a"))
    assert held(pasts, "a") == {}
    assert 0.6 < left_with(pasts, "a").p_exact < 0.9


@pytest.mark.parametrize(("x_m", "got"), [(0.4, {WATER: 1}), (6.0, {})], ids=["there", "elsewhere"])
def test_what_lies_on_the_floor_can_be_picked_up_by_another_from_there(x_m: float, got: dict[str, int]) -> None:
    pasts = after(takes((1, "a", WATER)), at_floor(5, "a"))
    pasts = after(pasts, at_floor(40, "b", x_m))
    assert held(pasts, "b") == got


def test_staff_and_people_without_a_visit_pass_nothing_on() -> None:
    pasts = takes((1, "a", WATER))
    assert hand_over(met(5, "a", "s"), pasts, PARTIES, GOODS) is None
    assert left_on_floor(at_floor(5, "s"), pasts, PARTIES, GOODS) is None


@pytest.mark.parametrize("p", [0.1, 0.9])
def test_a_doubt_who_is_who_exchanges_all_that_two_hold_as_far_as_it_goes(p: float) -> None:
    pasts = takes((1, "a", WATER), (2, "b", JAM))
    found = exchange(Doubt(T0 + 5 * SECOND, "a", (("b", p),)), pasts, PARTIES)
    assert found is not None
    pasts = advance(pasts, found, GOODS)
    assert held(pasts, "a") == ({JAM: 1} if p > 0.5 else {WATER: 1})
    assert left_with(pasts, "a").p_exact == pytest.approx(max(p, 1 - p), abs=0.03)


def test_a_doubt_about_two_of_one_party_or_two_who_hold_nothing_changes_nothing() -> None:
    pasts = takes((1, "a", WATER))
    assert exchange(Doubt(T0 + 5 * SECOND, "a", (("c", 0.4),)), pasts, PARTIES) is None
    assert exchange(Doubt(T0 + 5 * SECOND, "b", (("d", 0.4),)), pasts, {**PARTIES, "d": "v3"}) is None
