from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from tests.inference.scene import (
    AWAY,
    CHIPS,
    COCOA,
    GUM,
    JAM,
    MINT,
    MODEL,
    SODA,
    T0,
    TEA,
    WATER,
    at,
    event,
    evidence,
    left_with,
    play,
    shop,
)
from walkout.inference.choice import Choice, Evidence, always_allowed, options
from walkout.inference.goods import goods
from walkout.inference.item import Past
from walkout.inference.look import Glance

GOODS = goods(shop(), MODEL)
NOTHING = Past({}, {})


def found(what: Evidence, past: Past = NOTHING) -> tuple[Choice, ...]:
    return options(what, past, GOODS).choices


def best(choices: Sequence[Choice]) -> Choice:
    return max(choices, key=lambda choice: choice.log_p)


def told(choice: Choice) -> list[tuple[str | None, str, int, str]]:
    return sorted((m.shopper, m.gtin, m.quantity, m.kind) for m in choice.moves)


def held(*gtins: str, by: str = "ann") -> Past:
    return Past({(by, gtin): 1.0 for gtin in gtins}, {})


TAKEN: Mapping[str, tuple[int, dict[int, float], str, Past, list[tuple[str | None, str, int, str]]]] = {
    "one": (1, {1: -618.0}, WATER, NOTHING, [("ann", WATER, 1, "home")]),
    "three of one": (2, {5: -181.0}, MINT, NOTHING, [("ann", MINT, 3, "home")]),
    "two products": (2, {5: -60.5, 6: -75.5}, MINT, NOTHING, [("ann", GUM, 1, "home"), ("ann", MINT, 1, "home")]),
    "two of one beside another": (
        2,
        {5: -120.5, 6: -75.5},
        MINT,
        NOTHING,
        [("ann", GUM, 1, "home"), ("ann", MINT, 2, "home")],
    ),
    "reaching beyond its facing": (1, {6: -70.0, 7: -51.0}, CHIPS, NOTHING, [("ann", CHIPS, 1, "home")]),
    "put back": (1, {1: 618.0}, WATER, held(WATER), [("ann", WATER, -1, "home")]),
    "put at a wrong place": (1, {7: 75.0}, JAM, held(GUM), [("ann", GUM, -1, "away")]),
    "one for another": (1, {7: -180.0}, JAM, held(CHIPS), [("ann", CHIPS, -1, "away"), ("ann", JAM, 1, "home")]),
    "lost beside its place": (2, {8: -250.5}, TEA, NOTHING, [("ann", TEA, 1, "lost")]),
    "left there earlier": (
        1,
        {7: -75.3},
        JAM,
        Past({}, {(("g", 1, (7,)), GUM): 1.0}),
        [("ann", GUM, 1, "stray")],
    ),
}


@pytest.mark.parametrize(("shelf", "delta_g", "near", "past", "right"), TAKEN.values(), ids=TAKEN)
def test_the_likeliest_explanation(
    shelf: int, delta_g: dict[int, float], near: str, past: Past, right: list[tuple[str | None, str, int, str]]
) -> None:
    assert told(best(found(evidence(event(1.0, shelf, delta_g), {"ann": at(near), "bob": AWAY}), past))) == sorted(
        right
    )


GHOSTS = {"light": {4: -7.0}, "loud": {4: 24.0}, "on two plates": {4: 6.0, 5: -5.0}}


@pytest.mark.parametrize("delta_g", GHOSTS.values(), ids=GHOSTS)
@pytest.mark.parametrize("past", [NOTHING, held(MINT, GUM)], ids=["nothing held", "something held"])
def test_a_ghost_with_no_hand_near_concerns_nobody(delta_g: dict[int, float], past: Past) -> None:
    choices = found(evidence(event(1.0, 2, delta_g), {"ann": AWAY, "bob": AWAY}), past)
    some = [c.log_p for c in choices if any(m.shopper for m in c.moves)]
    assert told(best(choices))[0][3] in ("noise", "shift", "press")
    assert not some or best(choices).log_p - max(some) > 3.0


def test_a_hand_that_rests_takes_its_weight_along() -> None:
    here = {"ann": at(GUM)}
    (rested,) = best(found(evidence(event(1.0, 2, {6: 14.0}), here))).moves
    assert (rested.kind, rested.shopper, rested.quantity) == ("press", None, -1)
    past = Past({}, {(rested.place, rested.gtin): 1.0})
    taken = best(found(evidence(event(2.0, 2, {6: -89.0}), here), past))
    assert [(m.shopper, m.gtin, m.quantity) for m in taken.moves] == [("ann", GUM, 1), (None, rested.gtin, 1)]


def test_two_shoppers_who_take_at_one_instant() -> None:
    choices = found(evidence(event(1.0, 2, {5: -60.0, 6: -75.0}), {"ann": at(MINT), "bob": at(GUM)}))
    assert told(best(choices)) == [("ann", MINT, 1, "home"), ("bob", GUM, 1, "home")]


def test_two_shoppers_who_take_of_one_product_one_of_them_with_both_hands() -> None:
    what = evidence(event(1.0, 2, {5: -120.0, 9: -125.0, 10: -125.0}), {"ann": (*at(MINT), *at(TEA)), "bob": at(MINT)})
    assert told(best(found(what))) == [("ann", MINT, 1, "home"), ("ann", TEA, 1, "home"), ("bob", MINT, 1, "home")]


def test_both_hands_at_the_goods_are_more_than_one() -> None:
    what = event(1.0, 2, {5: -60.0, 9: -125.0, 10: -125.0})
    x, y, z = at(TEA)
    choices = found(evidence(what, {"ann": (*at(MINT), *at(TEA)), "bob": (x, y - 0.08, z)}))
    assert told(best(choices)) == [("ann", MINT, 1, "home"), ("ann", TEA, 1, "home")]


def test_nothing_is_told_twice() -> None:
    what = evidence(event(1.0, 2, {5: -120.0, 6: -75.0}), {"ann": (*at(MINT), *at(GUM)), "bob": at(MINT)})
    moves = [tuple(sorted(choice.moves, key=str)) for choice in found(what)]
    assert len(moves) == len(set(moves))


def test_only_staff_bring_what_they_did_not_take() -> None:
    brought = evidence(event(1.0, 1, {7: 300.0}), {"ann": at(JAM)})
    assert not any(m.shopper for m in best(found(brought)).moves)
    by_staff = replace(brought, staff=frozenset({"ann"}))
    assert told(best(found(by_staff))) == [(None, JAM, -1, "home")]
    assert not any(m.shopper for choice in found(by_staff) for m in choice.moves)
    assert best(found(by_staff)).log_p > best(found(brought)).log_p + 2.0


@pytest.mark.parametrize("product", [TEA, COCOA])
def test_a_look_tells_equal_masses_apart(product: str) -> None:
    what = evidence(event(1.0, 2, {9: -125.0, 10: -125.0}), {"ann": at(TEA)})
    seen = Glance(
        T0 + 10**9, "ann", "g", 2, {TEA: 0.9 if product == TEA else 0.1, COCOA: 0.1 if product == TEA else 0.9}
    )
    assert told(best(found(replace(what, looks=(seen,))))) == [("ann", product, 1, "home")]
    elsewhere = replace(seen, shelf=1)
    assert found(replace(what, looks=(elsewhere,))) == found(what)


def test_an_equal_mass_put_where_another_was_taken_is_no_sure_return() -> None:
    choices = found(evidence(event(1.0, 1, {3: 624.0}), {"ann": at(SODA)}), held(WATER, SODA))
    by = {told(choice)[0][1:]: choice.log_p for choice in choices if told(choice)[0][0] == "ann"}
    assert 0.0 < by[SODA, -1, "home"] - by[WATER, -1, "away"] < 6.0


def test_something_is_always_allowed_and_nothing_is_without_a_probability() -> None:
    for delta_g in ({1: -618.0}, {1: 618.0}, {1: 1.0}, {1: -5000.0}, {1: 300.0, 2: -300.0}):
        choices = found(evidence(event(1.0, 1, delta_g), {"ann": at(WATER)}), held(WATER, JAM))
        assert any(always_allowed(choice) for choice in choices)
        assert all(-200.0 < choice.log_p < 0.0 for choice in choices)


def test_what_one_cannot_hold_is_never_brought_back() -> None:
    choices = found(evidence(event(1.0, 1, {1: 618.0}), {"ann": at(WATER), "bob": AWAY}), held(WATER, by="bob"))
    for choice in choices:
        assert all(m.quantity > 0 or m.shopper is None or (m.giver or m.shopper) == "bob" for m in choice.moves)


def test_a_lift_in_parts_is_one_take() -> None:
    here = {"ann": at(GUM)}
    steps = [evidence(event(1.0 + k, 2, {6: -25.0}, f"part {k}"), here) for k in range(3)]
    assert [(line.gtin, line.quantity) for line in left_with(play(*steps), "ann").lines] == [(GUM, 1)]


def test_a_hand_that_rested_does_not_make_the_goods_heavier() -> None:
    here = {"ann": at(GUM)}
    steps = [evidence(event(1.0, 2, {6: 16.0}, "rests"), here), evidence(event(5.0, 2, {6: -91.0}, "takes"), here)]
    assert [(line.gtin, line.quantity) for line in left_with(play(*steps), "ann").lines] == [(GUM, 1)]
