"""Agreement, confusion, evidence, alarm and finite populations, against published figures and by simulation."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from walkout.review import evidence, population
from walkout.review.agreement import Metric, agreement, alpha
from walkout.review.dawid_skene import dawid_skene
from walkout.review.drift import Drift, first_alarm
from walkout.review.evidence import Evidence, log_e, upper
from walkout.review.planner import labels_needed, plan
from walkout.review.population import Stratum, most_wrong, most_wrong_together

N = None
# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", examples A, B and C.
BINARY = list(zip([0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0], strict=True))
NOMINAL = list(
    zip(
        ["a", "a", "b", "b", "d", "c", "c", "c", "e", "d", "d", "a"],
        ["b", "a", "b", "b", "b", "c", "c", "c", "e", "d", "d", "d"],
        strict=True,
    )
)
FOUR = list(
    zip(
        [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
        [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
        strict=True,
    )
)


@pytest.mark.parametrize(
    ("units", "metric", "published"),
    [
        (BINARY, "nominal", 0.095),
        (NOMINAL, "nominal", 0.692),
        (FOUR, "nominal", 0.743),
        (FOUR, "ordinal", 0.815),
        (FOUR, "interval", 0.849),
        (FOUR, "ratio", 0.797),
    ],
)
def test_alpha_is_the_published_one(units: list[tuple[object, ...]], metric: Metric, published: float) -> None:
    assert round(alpha(units, metric), 3) == published


def test_alpha_at_its_ends() -> None:
    assert alpha([("a", "a"), ("b", "b")]) == 1.0
    assert alpha([("a", "a"), ("a", "a")]) == 1.0
    assert math.isnan(alpha([("a", None), (None, "b")]))
    assert alpha([("a", "b"), ("b", "a")]) < 0.0
    with pytest.raises(ValueError, match="right: nominal or ordinal"):
        alpha([("a", "b")], "interval")


def test_agreement_says_how_sure_it_is_and_looks_at_what_is_rare() -> None:
    units = [("no", "no")] * 190 + [("yes", "yes")] * 4 + [("yes", "no")] * 6
    found = agreement(units)
    assert found.low < found.alpha < found.high
    assert found.units == 200
    rare, usual = found.on_value
    assert (rare[0], rare[2]) == ("yes", 14)
    assert rare[1] == pytest.approx(8 / 14)
    assert usual[1] > 0.98


def test_dawid_skene_finds_who_confuses_what() -> None:
    random = np.random.default_rng(5)
    classes, items = 3, 400
    tables = np.array(
        [
            [[0.95, 0.03, 0.02], [0.03, 0.95, 0.02], [0.02, 0.03, 0.95]],
            [[0.9, 0.05, 0.05], [0.05, 0.9, 0.05], [0.05, 0.05, 0.9]],
            [[0.95, 0.03, 0.02], [0.6, 0.38, 0.02], [0.02, 0.03, 0.95]],  # takes the second for the first
            [[1 / 3] * 3] * 3,  # guesses
        ]
    )
    truth = random.integers(0, classes, items)
    answers = [
        (i, p, int(random.choice(classes, p=tables[p, truth[i]]))) for i in range(items) for p in range(len(tables))
    ]
    found = dawid_skene(answers, items, len(tables), classes)
    assert np.abs(found.confusion - tables).max() < 0.12
    assert (found.truth.argmax(axis=1) == truth).mean() > 0.94
    majority = np.array([np.bincount([a for j, _, a in answers if j == i], minlength=3).argmax() for i in range(items)])
    assert (found.truth.argmax(axis=1) == truth).sum() >= (majority == truth).sum()
    assert all(b >= a - 1e-3 * abs(a) for a, b in pairwise(found.log_likelihood))
    with pytest.raises(ValueError, match="right: several for each item"):
        dawid_skene([], 0, 0, 2)


@pytest.mark.parametrize(
    ("bad", "level", "labels"),
    [(0, 0.01, 339), (0, 0.005, 679), (0, 0.001, 3399), (2, 0.01, 885), (2, 0.005, 1773), (2, 0.001, 8877)],
)
def test_labels_until_the_e_process_certifies(bad: int, level: float, labels: int) -> None:
    """The table of human-work.md, 3c."""
    assert evidence.needed(bad, level) == labels


def test_a_shop_at_the_level_is_certified_too_often_at_most_once_in_twenty() -> None:
    """5,000 shops whose rate is exactly the level, looked at after each of 2,000 labels."""
    random, level, shops, labels = np.random.default_rng(3), 0.02, 5000, 2000
    bad = (random.random((shops, labels)) < level).cumsum(axis=1)
    count = np.arange(1, labels + 1)
    most = int(bad.max())
    table = np.full((most + 1, labels), -np.inf)
    for k in range(most + 1):
        for n in range(max(1, k), labels + 1, 10):  # every tenth label: enough to see, quick to run
            table[k, n - 1] = log_e(k, n, level)
    ever = (table[bad, count - 1] >= -math.log(0.05)).any(axis=1).mean()
    assert ever <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / shops)


@given(st.integers(0, 4), st.integers(100, 5000))
def test_evidence_grows_with_the_level(bad: int, count: int) -> None:
    """So that the levels that are not ruled out are an interval."""
    levels = [bad / count + 1e-4 + 0.0007 * k for k in range(40)]
    found = [log_e(bad, count, level) for level in levels]
    assert all(b >= a - 1e-9 for a, b in pairwise(found))


def test_evidence_is_kept_once_it_was_there() -> None:
    now = Evidence(0.01)
    for _ in range(339):
        now = now.after(bad=False)
    assert now.certified()
    assert now.after(bad=True).certified()
    assert now.e_value > 20
    assert upper(0, 339) <= 0.01 < upper(0, 330)
    assert upper(0, 0) == upper(5, 5) == 1.0
    with pytest.raises(ValueError, match="right: a part of the whole"):
        log_e(3, 2, 0.01)


@pytest.mark.parametrize(
    ("base", "after", "median", "tolerance"),
    [(0.001, 0.01, 499, 0.18), (0.001, 0.03, 123, 0.18), (0.01, 0.10, 52, 0.18), (0.01, 0.03, 440, 0.2)],
)
def test_the_alarm_comes_as_fast_as_measured_before(base: float, after: float, median: float, tolerance: float) -> None:
    """human-work.md, 2d and 3e: labels from a jump to the alarm, the median of 200."""
    random = np.random.default_rng(11)
    found = [first_alarm(base, random.random(20_000) < after) or 20_000 for _ in range(200)]
    assert np.median(found) == pytest.approx(median, rel=tolerance)


def test_the_alarm_starts_anew_below_one() -> None:
    drift = Drift(0.01)
    for _ in range(500):
        drift = drift.after(bad=False)
    assert drift.value < 1.0
    assert drift.after(bad=True).value > 1.0
    assert not drift.alarmed


@pytest.mark.parametrize(
    ("size", "at_1_percent", "at_a_tenth"),
    [(1000, 238, 777), (5000, 284, 1965), (10_000, 291, 2383), (30_000, 296, 2763), (100_000, 298, 2922)],
)
def test_draws_without_a_wrong_one_that_certify_a_month(size: int, at_1_percent: int, at_a_tenth: int) -> None:
    """human-work.md, 3c."""
    assert population.needed(size, 0, size // 100, 0.05) == at_1_percent
    assert population.needed(size, 0, size // 1000, 0.05) == at_a_tenth


@given(st.integers(1, 300), st.data())
def test_the_bound_is_the_last_number_that_is_possible(size: int, data: st.DataObject) -> None:
    drawn = data.draw(st.integers(0, size))
    bad = data.draw(st.integers(0, drawn))
    found = most_wrong(Stratum(size, drawn, bad), 0.05)
    possible = [w for w in range(bad, size - drawn + bad + 1) if hypergeom.cdf(bad, size, w, drawn) > 0.05]
    assert found == max(possible)


def test_bounds_over_strata_hold_as_often_as_they_say() -> None:
    random, false = np.random.default_rng(9), 0
    for _ in range(150):
        sizes, wrong, rates = (800, 300), (12, 15), (0.1, 0.4)
        strata = []
        for size, w, rate in zip(sizes, wrong, rates, strict=True):
            drawn = int(random.binomial(size, rate))
            strata.append(Stratum(size, drawn, int(random.hypergeometric(w, size - w, drawn))))
        false += most_wrong_together(strata, 0.05) < sum(wrong)
    assert false <= 7.5 + 3 * math.sqrt(150 * 0.05 * 0.95)


def test_strata_at_their_ends() -> None:
    assert most_wrong_together([], 0.05) == 0
    assert most_wrong_together([Stratum(50, 50, 3)], 0.05) == 3
    assert most_wrong_together([Stratum(50, 50, 3), Stratum(40, 40, 1)], 0.05) == 4
    assert most_wrong_together([Stratum(9000, 0, 0), Stratum(9000, 0, 0)], 0.05) == 18_000
    with pytest.raises(ValueError, match="right: each a part of the next"):
        Stratum(5, 6, 0)


@pytest.mark.parametrize(
    ("level", "rate", "labels"),
    [
        (0.001, 0.0001, 4742),
        (0.001, 0.0002, 7752),
        (0.001, 0.00033, 13_146),
        (0.001, 0.0005, 25_495),
        (0.01, 0.001, 473),
        (0.01, 0.002, 773),
        (0.01, 0.005, 2546),
    ],
)
def test_labels_that_certify_nine_times_of_ten(level: float, rate: float, labels: int) -> None:
    """human-work.md, 3c."""
    assert labels_needed(level, rate)[0] == labels


def test_the_plan_of_a_shadow_phase() -> None:
    found = plan(alpha=0.01, rate=0.002, visits_a_day=1000, share_alone=0.85, seconds_a_visit=45, hourly=20.0)
    assert (found.labels, found.may_be_wrong, found.visits) == (773, 3, 910)
    assert found.days == pytest.approx(0.91)
    assert found.hours == pytest.approx(910 * 45 * 2.05 / 3600)
    assert found.cost == pytest.approx(20 * found.hours)
    with pytest.raises(ValueError, match="right: a rate below the level"):
        labels_needed(0.01, 0.01)
    with pytest.raises(ValueError, match="right: both above 0"):
        plan(alpha=0.01, rate=0.002, visits_a_day=0)
