import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from walkout.evaluation.intervals import bootstrap, bootstrap_ratio, exact_share


@given(st.integers(0, 60), st.integers(1, 60))
def test_bounds_are_where_the_binomial_tails_hold_the_rest(part: int, whole: int) -> None:
    part = min(part, whole)
    low, high = exact_share(part, whole)
    assert 0.0 <= low <= part / whole <= high <= 1.0
    if part:
        assert binom.sf(part - 1, whole, low) == pytest.approx(0.025)
    if part < whole:
        assert binom.cdf(part, whole, high) == pytest.approx(0.025)


def test_nothing_is_known_of_nothing() -> None:
    assert exact_share(0, 0) == (0.0, 1.0)
    assert exact_share(0, 300)[1] == pytest.approx(1 - 0.025 ** (1 / 300))


@pytest.mark.parametrize("part", [-1, 4])
def test_more_than_all_is_refused(part: int) -> None:
    with pytest.raises(ValueError, match=f"found {part} of 3"):
        exact_share(part, 3)


def test_a_bootstrap_draws_by_unit() -> None:
    low, high = bootstrap_ratio([0, 10] * 20, [10] * 40)
    assert 0.3 < low < 0.4
    assert 0.6 < high < 0.7
    assert bootstrap_ratio([3], [4]) == (0.75, 0.75)
    assert bootstrap_ratio([0, 10] * 20, [10] * 40) == (low, high)


def test_any_figure_may_be_drawn() -> None:
    low, high = bootstrap([1.0, 2.0, 3.0, 4.0] * 10, lambda units: sum(units) / len(units))
    assert low < 2.5 < high
