"""What is measured of a looks network, on draws whose truth is known."""

import numpy as np
import pytest

from walkout.learning.looks_fit import Trials, auroc, axes_of, calibrated, figures, measured, scatters


def drawn(rng: np.random.Generator, products: int, views: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Products' places vary by 9, 4 and 1 along three slanted directions; small pictures scatter twice as far."""
    turn = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    places = rng.standard_normal((products, 5)) * np.sqrt([9.0, 4.0, 1.0, 0.0, 0.0])
    of = np.repeat(np.arange(products), views)
    across = np.where(rng.random(len(of)) < 0.5, 96.0, 24.0)
    noise = rng.standard_normal((len(of), 5)) * np.where(across == 96.0, 1.0, 2.0)[:, None]
    return (places[of] + noise) @ turn.T + 3.0, of, across


def test_axes_make_products_scatter_by_one_and_find_where_they_differ() -> None:
    vectors, of, _ = drawn(np.random.default_rng(0), 400, 8)
    axes = axes_of(vectors, of)
    at = (vectors - axes.mean) @ axes.axes
    rest = at - np.stack([at[of == p].mean(axis=0) for p in range(400)])[of]
    assert (rest**2).mean(axis=0) * 8 / 7 == pytest.approx(np.ones(len(axes.between)), abs=0.1)
    # the scatter within products is 2.5 on average over small and large pictures
    assert axes.between == pytest.approx(np.array([9.0, 4.0, 1.0]) / 2.5, rel=0.25)


def test_small_pictures_are_found_to_scatter_more() -> None:
    vectors, of, across = drawn(np.random.default_rng(1), 300, 8)
    axes = axes_of(vectors, of)
    sizes, scatter = scatters((vectors - axes.mean) @ axes.axes, of, across)
    assert sizes[0] == 24.0
    assert scatter == pytest.approx(np.array([4.0, 1.0]) / 2.5, rel=0.2)


def test_the_slope_makes_log_odds_honest() -> None:
    rng = np.random.default_rng(2)
    # ratios of unit normals d apart: log N(x; d) - log N(x; 0) = d x - d^2 / 2
    d, n = 1.5, 4000
    known = d * rng.standard_normal((n, 4)) - d * d / 2
    known[:, 0] += d * d
    unknown = d * rng.standard_normal((n, 4)) - d * d / 2
    slope, offset = calibrated(Trials(3.0 * known + 2.0, 3.0 * unknown + 2.0))
    assert slope == pytest.approx(1 / 3.0, rel=0.1)
    assert offset == pytest.approx(-2.0 / 3.0, abs=0.15)


def test_the_whole_measure_of_known_draws() -> None:
    vectors, of, across = drawn(np.random.default_rng(3), 120, 6)
    axes = axes_of(vectors, of)
    at = (vectors - axes.mean) @ axes.axes
    measure = measured(at, of, across, axes.between, 1)
    assert 0.7 < measure.slope < 1.4
    found = figures(Trials(np.array([[2.0, 0.0], [1.0, 3.0]]), np.array([[-1.0, 0.5], [0.0, -2.0]])))
    assert found["right_of_6"] == 0.5
    assert found["auroc"] == 1.0


def test_auroc_counts_pairs() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.integers(0, 9, 40).astype(float), rng.integers(0, 7, 30).astype(float)
    pairs = (a[:, None] > b[None, :]).mean() + 0.5 * (a[:, None] == b[None, :]).mean()
    assert auroc(a, b) == pytest.approx(pairs)
