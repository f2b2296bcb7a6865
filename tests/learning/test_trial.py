from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inference.scene import JAM, TEA
from tests.learning.lessons import belief, label
from walkout.inference.calibrate import NO_CARD
from walkout.learning.trial import LEAST, Said, said, tried

A, B = ((JAM, 1),), ((TEA, 1),)


def each(p: float, count: int = 40, basket: tuple[tuple[str, int], ...] = A) -> dict[str, Said]:
    return {f"v{n}": Said(basket, p, {B: 1.0}) for n in range(count)}


def true(count: int = 40) -> dict[str, object]:
    return {f"v{n}": label(f"v{n}", dict(A)) for n in range(count)}


def test_what_is_better_on_every_fresh_visit_is_promoted() -> None:
    found = tried(each(0.6), each(0.9), true())  # type: ignore[arg-type]
    assert found.promoted
    assert found.gain == pytest.approx(log(0.9 / 0.6))
    assert found.people == "fewer than 5"


def test_what_is_no_better_or_seen_too_little_is_kept_back() -> None:
    assert not tried(each(0.9), each(0.9), true()).promoted  # type: ignore[arg-type]
    assert not tried(each(0.9), each(0.6), true()).promoted  # type: ignore[arg-type]
    few = tried(each(0.6, LEAST - 1), each(0.9, LEAST - 1), true(LEAST - 1))  # type: ignore[arg-type]
    assert not few.promoted
    assert "29 fresh visits" in few.why
    assert tried({}, {}, {}).gain is None


def test_what_charges_more_that_was_not_taken_is_kept_back_however_good_it_is_elsewhere() -> None:
    after = each(0.99) | {"v0": Said((*A, *B), 0.6, {A: 1.0})}
    found = tried(each(0.3), after, true())  # type: ignore[arg-type]
    assert (found.over_before, found.over_after, found.promoted) == (0, 1, False)


def test_a_visit_counts_for_those_that_it_stands_for() -> None:
    labels = {"v0": label("v0", dict(A)), "v1": label("v1", dict(A), p=0.05)}
    before, after = each(0.5, 2), {"v0": Said(A, 0.9, {}), "v1": Said(A, 0.45, {})}
    found = tried(before, after, labels)
    assert found.gain == pytest.approx((log(1.8) + 20 * log(0.9)) / 21)


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_the_score_is_proper(truth: float, told: float) -> None:
    """Whoever says what is so expects the best score."""
    honest, other = Said(A, truth, {B: 1.0}), Said(A, told, {B: 1.0})
    mean = [truth * one.log_score(A) + (1 - truth) * one.log_score(B) for one in (honest, other)]
    assert mean[0] >= mean[1] - 1e-12


def test_a_belief_is_told_with_what_it_does_not_write_down() -> None:
    found = said(belief("v", {JAM: 1}, 0.9, {TEA: 0.05}), NO_CARD)
    assert found.p == NO_CARD.exact(0.9, empty=False)
    assert found.log_score(B) == pytest.approx(log((1 - found.p) * 0.5))
    assert found.log_score(()) == pytest.approx(log(1e-3))
