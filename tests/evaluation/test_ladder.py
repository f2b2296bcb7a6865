import numpy as np
import pytest

from walkout.evaluation.ladder import (
    Sample,
    climb,
    correlation,
    design_effect,
    ladder,
    needed,
    p_value,
    upper,
)

GRID = tuple(np.round(np.linspace(0.999, 0.5, 60), 4).tolist())


def visits(count: int, seed: int, *, per: int = 50, cluster: float = 0.0) -> Sample:
    """Calibrated probabilities whose visits are wrong as often as they say; `cluster`: more in a quarter of hours."""
    rng = np.random.default_rng(seed)
    p = 1.0 - 0.4 * rng.random(count) ** 6
    unit = np.arange(count) // per
    bad = rng.random(count) > p
    if cluster:
        bad |= (rng.random(unit.max() + 1) < 0.25)[unit] & (rng.random(count) < cluster)
    return Sample(p, unit.astype(np.int64), {"wrong": bad, "overcharged": bad, "undercharged": bad})


@pytest.mark.parametrize(
    ("bad", "alpha", "delta", "count"),
    [
        (0, 0.01, 0.05, 299),
        (1, 0.01, 0.05, 473),
        (0, 0.005, 0.05, 598),
        (3, 0.005, 0.05, 1549),
        (0, 0.001, 0.05, 2995),
        (10, 0.001, 0.05, 16959),
        (0, 0.001, 0.01, 4603),
    ],
)
def test_the_fewest_labels_are_those_of_the_exact_binomial(bad: int, alpha: float, delta: float, count: int) -> None:
    assert needed(bad, alpha, delta) == count


def test_an_upper_bound_is_where_the_p_value_is_delta() -> None:
    assert upper(0, 100, 0.05) == pytest.approx(0.0295, abs=1e-4)
    assert p_value(3, 1000, upper(3, 1000, 0.05)) == pytest.approx(0.05)
    assert (upper(5, 5, 0.05), upper(0, 0, 0.05), p_value(0, 0, 0.1)) == (1.0, 1.0, 1.0)


def test_a_rung_says_what_it_rests_on() -> None:
    tested = visits(5000, 1)
    rung = climb(tested, "wrong", 0.01, GRID)
    assert rung.threshold is not None
    assert rung.threshold in GRID
    assert rung.labels == int((tested.p >= rung.threshold).sum())
    assert rung.share == rung.labels / 5000
    assert rung.bad / rung.labels < rung.bound <= 0.0105
    assert rung.short == 0


def test_too_few_labels_are_counted() -> None:
    few = Sample(np.full(100, 0.999), np.arange(100), {"wrong": np.zeros(100, np.bool_)})
    rung = climb(few, "wrong", 0.01, (0.99,))
    assert (rung.threshold, rung.labels, rung.bad) == (None, 100, 0)
    assert 190 <= rung.short <= 900


def test_more_labels_do_not_help_where_too_many_are_wrong() -> None:
    bad = np.arange(1000) % 10 == 0
    rung = climb(Sample(np.full(1000, 0.9), np.arange(1000), {"wrong": bad}), "wrong", 0.01, (0.8,))
    assert (rung.threshold, rung.short) == (None, -1)


def test_visits_of_one_recording_that_fail_together_count_for_fewer() -> None:
    unit = np.repeat(np.arange(50), 20)
    together, apart = np.isin(unit, (1, 2)), np.arange(1000) % 25 == 0
    assert correlation(together, unit) == pytest.approx(1.0)
    assert design_effect(together, unit) == pytest.approx(20.0)
    assert design_effect(apart, unit) == 1.0
    assert correlation(np.zeros(1000, np.bool_), unit) == 0.0


@pytest.mark.parametrize("cluster", [0.0, 0.05], ids=["independent", "hours that go worse"])
def test_a_certificate_is_broken_no_more_often_than_it_says(cluster: float) -> None:
    pool = visits(40_000, 5, cluster=cluster)
    rng = np.random.default_rng(7)
    broken = certified = 0
    for _ in range(60):
        drawn = rng.integers(0, 800, 60)
        at = (drawn[:, None] * 50 + np.arange(50)).ravel()
        tested = Sample(pool.p[at], np.repeat(np.arange(60), 50), {"wrong": pool.bad["wrong"][at]})
        rung = climb(tested, "wrong", 0.02, GRID)
        if rung.threshold is not None:
            certified += 1
            broken += int(pool.bad["wrong"][pool.p >= rung.threshold].mean() > 0.02)
    assert broken <= 7  # 97.5 % bound of 5 % of 60
    assert certified >= (50 if not cluster else 1)


def test_a_ladder_has_every_risk_at_every_level() -> None:
    rungs = ladder(visits(2000, 8), GRID, levels=(0.01, 0.001))
    assert [(r.risk, r.alpha) for r in rungs] == [
        (risk, alpha) for risk in ("wrong", "overcharged", "undercharged") for alpha in (0.01, 0.001)
    ]


def test_a_level_that_is_no_probability_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        climb(visits(10, 1), "wrong", 1.0, GRID)
