from math import isclose

import pytest

from tests.inference.scene import (
    AWAY,
    CHIPS,
    COCOA,
    GUM,
    JAM,
    MINT,
    RICE,
    SODA,
    TEA,
    WATER,
    at,
    event,
    evidence,
    explained,
    left_with,
    play,
)
from walkout.inference.choice import Evidence
from walkout.inference.model import Model

A, B = "ann", "bob"


def take(t_s: float, product: str, shelf: int, delta_g: dict[int, float], who: str = A, **others: object) -> Evidence:
    hands = {who: at(product)} | dict.fromkeys(others, AWAY)
    return evidence(event(t_s, shelf, delta_g), hands)


CASES = [
    pytest.param([take(1, WATER, 1, {1: -618.0})], {WATER: 1}, id="take from one plate of two"),
    pytest.param([take(1, WATER, 1, {1: -300.0, 2: -321.0})], {WATER: 1}, id="take of what lay across plates"),
    pytest.param(
        [take(1, WATER, 1, {1: -612.0, 2: -9.0, 3: -11.0})], {WATER: 1}, id="leak to the neighbour is no item"
    ),
    pytest.param([take(1, CHIPS, 1, {5: -121.0, 6: -239.0})], {CHIPS: 3}, id="three at once"),
    pytest.param([take(1, CHIPS, 1, {5: -121.0}), take(5, CHIPS, 1, {6: -120.0})], {CHIPS: 2}, id="two takes"),
    pytest.param([take(1, JAM, 1, {7: -301.0}), take(5, JAM, 1, {8: 300.0})], {}, id="take and return"),
    pytest.param(
        [take(1, WATER, 1, {1: -618.0}), take(3, JAM, 1, {7: -301.0}), take(5, JAM, 1, {12: 300.0})],
        {WATER: 1},
        id="return to a wrong place",
    ),
    pytest.param([take(1, CHIPS, 1, {6: -120.0, 7: -300.0})], {CHIPS: 1, JAM: 1}, id="two neighbours in one event"),
    pytest.param([take(1, RICE, 2, {1: -330.0, 2: -340.0, 3: -332.0})], {RICE: 1}, id="across three plates"),
    pytest.param(
        [take(1, GUM, 2, {6: -75.0}), take(5, GUM, 2, {6: 75.3}), take(9, MINT, 2, {5: -60.0})],
        {MINT: 1},
        id="think again",
    ),
    pytest.param(
        [take(1, WATER, 1, {1: -618.0}), take(5, SODA, 1, {2: 4.0, 3: 307.0, 4: -303.0, 5: -4.0})],
        {WATER: 1},
        id="goods pushed aside are felt on the plates beside them, and are no exchange",
    ),
    pytest.param(
        [
            take(1, RICE, 2, {1: -330.0, 2: -340.0, 3: -332.0}),
            take(3, WATER, 1, {1: -618.0}),
            take(5, RICE, 2, {1: 66.0, 2: 866.0, 3: 67.0}),
        ],
        {WATER: 1},
        id="what is put back reaches a little onto the plates beside it",
    ),
]


@pytest.mark.parametrize(("what", "basket"), CASES)
def test_the_receipt_is_what_was_taken(what: list[Evidence], basket: dict[str, int]) -> None:
    belief = left_with(play(*what), A)
    assert {line.gtin: line.quantity for line in belief.lines} == basket
    assert belief.p_exact > 0.8
    assert all(line.probability >= 0.5 and line.events and line.why for line in belief.lines)


def test_a_line_says_what_shows_it() -> None:
    belief = left_with(play(take(1, WATER, 1, {2: -621.0})), A)
    assert belief.lines[0].why == "621 g left shelf 1 plate 2 while this shopper's right wrist was 3 cm from the water"
    assert belief.lines[0].events == ("g/1/2@1",)


def test_the_nearer_of_two_shoppers_has_it() -> None:
    beam = play(evidence(event(1, 1, {7: -300.0}), {A: at(WATER), B: at(JAM)}))
    assert left_with(beam, A).lines == ()
    assert [line.gtin for line in left_with(beam, B).lines] == [JAM]


@pytest.mark.parametrize(
    ("x_m", "product"), [(0.78, TEA), (1.02, COCOA)], ids=["hand on the left", "hand on the right"]
)
def test_reach_decides_between_equal_masses_on_the_same_plates(x_m: float, product: str) -> None:
    _, y, z = at(product)
    belief = left_with(play(evidence(event(1, 2, {9: -125.0, 10: -125.5}), {A: (x_m, y, z)})), A)
    assert [line.gtin for line in belief.lines] == [product]
    assert 0.7 < belief.p_exact < 0.99


def test_two_shoppers_equally_near_leave_it_open() -> None:
    beam = play(evidence(event(1, 1, {7: -300.0}), {A: at(JAM), B: at(JAM)}))
    for who in (A, B):
        assert 0.4 < left_with(beam, who).p_exact < 0.6
    together = left_with(beam, A, B)
    assert [line.gtin for line in together.lines] == [JAM]
    assert together.p_exact > 0.9


def test_one_put_down_and_another_taken_in_its_stead() -> None:
    beam = play(take(1, CHIPS, 1, {5: -120.0}), take(5, JAM, 1, {8: -180.5}))
    belief = left_with(beam, A)
    assert {line.gtin: line.quantity for line in belief.lines} == {JAM: 1}


def test_two_take_one_each_at_the_same_instant() -> None:
    beam = play(evidence(event(1, 1, {6: -120.0, 7: -300.0}), {A: at(CHIPS), B: at(JAM)}))
    assert [line.gtin for line in left_with(beam, A).lines] == [CHIPS]
    assert [line.gtin for line in left_with(beam, B).lines] == [JAM]


def test_a_later_return_settles_who_took_it() -> None:
    taken = evidence(event(1, 1, {7: -300.0}), {A: at(JAM), B: at(JAM)})
    again = evidence(event(5, 1, {5: -120.0}), {A: at(CHIPS), B: AWAY})
    back = evidence(event(9, 1, {7: 300.0}), {A: AWAY, B: at(JAM)})
    assert left_with(play(taken, again), B).p_exact < 0.6
    beam = play(taken, again, back)
    assert left_with(beam, B).lines == ()
    assert [line.gtin for line in left_with(beam, A).lines] == [CHIPS]
    assert left_with(beam, A).p_exact > 0.9
    assert explained(beam)[0].candidates[0].shopper == B


def test_what_one_leaves_at_a_wrong_place_another_may_take() -> None:
    beam = play(
        evidence(event(1, 1, {7: -301.0}), {A: at(JAM), B: AWAY}),
        evidence(event(5, 2, {6: 300.0}), {A: at(GUM), B: AWAY}),
        evidence(event(9, 2, {6: -299.0}), {A: AWAY, B: at(GUM)}),
    )
    assert left_with(beam, A).lines == ()
    belief = left_with(beam, B)
    assert [(line.gtin, line.quantity) for line in belief.lines] == [(JAM, 1)]
    assert "put there earlier" in belief.lines[0].why
    assert belief.p_exact > 0.9


def test_an_item_passed_on_and_put_back_by_another_is_off_the_first_ones_receipt() -> None:
    beam = play(
        evidence(event(1, 1, {7: -301.0}), {A: at(JAM), B: AWAY}),
        evidence(event(9, 1, {7: 300.0}), {A: AWAY, B: at(JAM)}),
    )
    assert left_with(beam, A).lines == ()
    assert left_with(beam, B).lines == ()


@pytest.mark.parametrize(
    "what",
    [
        pytest.param(evidence(event(1, 1, {7: -300.0}), {}), id="nobody is there"),
        pytest.param(evidence(event(1, 1, {7: -300.0}), {A: AWAY}), id="somebody far away"),
        pytest.param(evidence(event(1, 1, {7: 300.0}), {A: at(JAM)}), id="a restock"),
        pytest.param(evidence(event(1, 1, {7: -200.0, 8: 200.0}), {A: at(JAM)}), id="goods pushed along"),
        pytest.param(evidence(event(1, 1, {7: -437.0}), {A: at(JAM)}), id="a mass that fits nothing"),
    ],
)
def test_nothing_is_charged_that_cannot_be_shown(what: Evidence) -> None:
    assert left_with(play(what), A).lines == ()


def test_an_unknown_item_makes_the_receipt_unsure() -> None:
    belief = left_with(play(evidence(event(1, 1, {7: -437.0}), {A: at(JAM)})), A)
    assert belief.p_exact < 0.5
    assert any(basket.unknown for basket in belief.baskets)


def test_no_events_is_an_empty_receipt_that_is_sure() -> None:
    belief = left_with(play(), A)
    assert (belief.lines, belief.p_exact) == ((), 1.0)


def test_missing_evidence_lowers_the_probability_and_adds_nothing() -> None:
    full = left_with(play(evidence(event(1, 1, {7: -300.0}), {A: at(JAM), B: AWAY})), A).p_exact
    no_hands = left_with(play(evidence(event(1, 1, {7: -300.0}), {A: None, B: AWAY})), A).p_exact
    blind = left_with(play(evidence(event(1, 1, {7: -300.0}), {}, (A, B), seen=False)), A)
    assert full > no_hands > blind.p_exact
    assert blind.lines == ()


def test_a_dead_plate_widens() -> None:
    alive = evidence(event(1, 1, {7: -150.0}), {A: at(JAM)})
    dead = evidence(event(1, 1, {7: -150.0}), {A: at(JAM)}, reading=[p for p in range(1, 13) if p != 8])
    jam = [
        sum(c.probability for c in explained(play(what))[0].candidates if c.gtin == JAM and c.shopper == A)
        for what in (alive, dead)
    ]
    assert jam[0] < 0.05 < 0.5 < jam[1]
    assert left_with(play(dead), A).p_exact < left_with(play(take(1, JAM, 1, {7: -300.0})), A).p_exact


def test_the_beam_counts_what_it_lets_go() -> None:
    what = [evidence(event(t, 1, {7: -300.0}), {A: at(JAM), B: at(JAM)}) for t in (1, 5, 9)]
    wide = left_with(play(*what), A, B)
    narrow = left_with(play(*what, model=Model(beam=1)), A, B)
    assert wide.p_exact > 0.99
    assert narrow.p_exact < 0.5
    assert [(line.gtin, line.quantity) for line in narrow.lines] == [(JAM, 3)]
    assert narrow.lines[0].probability < 0.5


def test_candidates_sum_to_one_and_say_why() -> None:
    for explanation in explained(play(*(case.values[0][0] for case in CASES[:4]))):  # type: ignore[index]
        assert isclose(sum(c.probability for c in explanation.candidates), 1.0, abs_tol=1e-9)
        assert list(explanation.candidates[:-1]) == sorted(explanation.candidates[:-1], key=lambda c: -c.probability)
        assert all(c.why for c in explanation.candidates)
    assert SODA not in {line.gtin for line in left_with(play(take(1, WATER, 1, {1: -618.0})), A).lines}
