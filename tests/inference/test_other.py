"""An answer that nobody thought of: a new hypothesis where the scale allows it, and none where it does not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkout.inference.belief import Basket, Belief, BelievedLine
from walkout.inference.doubt import Answer, Doubt
from walkout.inference.model import Model
from walkout.inference.other import BOUND_SD, counts, named, only_gtin
from walkout.inference.visit import Visit
from walkout.store.product import Mass

TEA, OAT, RYE = "00000000000017", "00000000000024", "00000000000031"
MODEL = Model()


def belief(p: float = 0.5) -> Belief:
    """Ann took a tea or an oat bar; beside it she surely has a rye bar, or two; or Bob did it."""
    baskets = (
        Basket(((RYE, 1), (TEA, 1)), p),
        Basket(((OAT, 1), (RYE, 1)), 0.3),
        Basket(((RYE, 1),), 0.6 - p),
    )
    answers = (
        Answer((("ann", TEA, 1),), "Ann took a tea"),
        Answer((("ann", OAT, 1),), "Ann took an oat bar"),
        Answer((("bob", TEA, 1),), "Bob took a tea"),
    )
    what = Doubt("e1", 1, 2, "f", 1, answers, ((p, 0, 0), (0, 0.3, 0), (0, 0, 0.6 - p), (0.04, 0.03, 0.03)))
    again = Doubt("e2", 3, 4, "f", 2, (Answer((), "no"), Answer((("ann", RYE, 1),), "yes")),
                  ((p / 2, p / 2), (0.1, 0.2), (0.6 - p, 0.0), (0.05, 0.05)))  # fmt: skip
    return Belief(Visit("v", "v", ("ann",), 0, 9), (BelievedLine(RYE, 1, 1, "", ("e2",)),), p, baskets, (what, again))


@given(st.floats(0.1, 0.5), st.integers(1, 3), st.floats(0.5, 1.0))
def test_the_baskets_follow_and_everything_else_stays_as_sure_as_it_was(p: float, n: int, trust: float) -> None:
    after = named(belief(p), "e1", "x" * 14, {n: 1.0}, trust=trust)
    assert sum(b.probability for b in after.baskets) <= 1 + 1e-9
    mine = sum(b.probability for b in after.baskets if b.items == ((RYE, 1), ("x" * 14, n)))
    assert mine == pytest.approx(trust * (p + 0.3))
    bobs = sum(b.probability for b in after.baskets[3:] if b.items == ((RYE, 1),))
    assert bobs == pytest.approx(trust * (0.6 - p)), "whose hand it was is as unsure as before"
    (other,) = after.doubts
    assert sum(map(sum, other.joint)) == pytest.approx(1)
    assert len(other.joint) == len(after.baskets) + 1
    for basket, row in zip(after.baskets, other.joint[:-1], strict=True):
        assert sum(row) == pytest.approx(basket.probability, abs=1e-9)
    assert {line.gtin for line in after.lines} <= {RYE, "x" * 14, TEA, OAT}


def test_a_sure_answer_settles_with_a_line_of_what_was_named() -> None:
    sure = replace(belief(0.6), doubts=(replace(belief(0.6).doubts[0], joint=(
        (0.6, 0, 0), (0, 0.39, 0), (0, 0, 0.005), (0.005, 0, 0))),), baskets=(
        *belief(0.6).baskets[:1], Basket(((OAT, 1), (RYE, 1)), 0.39), Basket(((RYE, 1),), 0.005)))  # fmt: skip
    after = named(sure, "e1", "x" * 14, {2: 1.0})
    assert after.p_exact > 0.985
    assert {line.gtin: line.quantity for line in after.lines} == {RYE: 1, "x" * 14: 2}
    assert next(line for line in after.lines if line.gtin == "x" * 14).events == ("e1",)


def test_what_came_back_is_taken_off_only_where_it_was_had() -> None:
    answers = (Answer((("ann", TEA, -1),), "Ann put a tea back"),)
    back = Doubt("e1", 1, 2, "f", 1, answers, ((0.7,), (0.3,), (0.0,)))
    baskets = (Basket(((OAT, 1),), 0.7), Basket((), 0.3))
    given_back = Belief(Visit("v", "v", ("ann",), 0, 9), (), 0.7, baskets, (back,))
    after = named(given_back, "e1", OAT, {1: 1.0}, trust=1.0, left=False)
    assert [(b.items, b.probability) for b in after.baskets[2:]] == [(((TEA, 1),), 0.7)], "they have the tea still"


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_thing_that_nothing_explained_is_explained_where_it_is_the_only_one(elsewhere: bool) -> None:
    answers = (Answer((("ann", "", 1),), "something unknown"), Answer((("ann", TEA, 1),), "a tea"))
    table = ((0.9, 0.05), (0.0, 0.04), (0.0, 0.01)) if elsewhere else ((0.95, 0.0), (0.0, 0.04), (0.0, 0.01))
    doubt = Doubt("e1", 1, 2, "f", 1, answers, table)
    baskets = (Basket((), 0.95, unknown=True), Basket(((TEA, 1),), 0.04))
    after = named(Belief(Visit("v", "v", ("ann",), 0, 9), (), 0.04, baskets, (doubt,)), "e1", RYE, {1: 1.0})
    assert (after.p_exact > 0.9) == (not elsewhere), "an unknown thing that may be of elsewhere stays unknown"


@given(st.floats(5, 900), st.floats(0, 5), st.integers(1, 12), st.floats(-1, 1))
def test_a_number_within_the_bounds_is_allowed_and_one_far_off_is_not(
    mass: float, sd: float, n: int, at: float
) -> None:
    spread = (n * sd**2 + (MODEL.gain_sd * n * mass) ** 2 + 4 * MODEL.plate_sd_g**2) ** 0.5
    inside = counts((Mass(mass, sd),), -(n * mass + 0.99 * BOUND_SD * at * spread), MODEL)
    assert n in inside
    assert sum(inside.values()) == pytest.approx(1)
    far = counts((Mass(mass, sd),), n * mass + 1.01 * BOUND_SD * spread, MODEL)
    assert n not in far


def test_a_product_without_a_mass_and_one_that_is_too_heavy_are_no_number_of_items() -> None:
    assert counts((), -100.0, MODEL) == {}
    assert counts((Mass(500.0, 5.0),), -100.0, MODEL) == {}
    assert only_gtin(belief(), "e2") == RYE
    assert only_gtin(belief(), "e1") is None
    with pytest.raises(ValueError, match="right: an event"):
        named(belief(), "nothing", TEA, {1: 1.0})
