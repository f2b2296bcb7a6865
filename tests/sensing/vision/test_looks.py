"""Prototypes and scores: Bayes' rule on a Gaussian model, held against draws from that very model."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkout.inference.look import Glance, log_look
from walkout.inference.model import Model
from walkout.sensing.vision.looks import MOST_PICTURES, Measure, Scores, enrol, likelihoods, score, together

D = 6
MEASURE = Measure(np.linspace(4.0, 0.5, D), np.array([24.0, 96.0]), np.array([3.0, 1.0]), 1e6, 1.0, 0.0, 0.8)


def drawn(rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal(D) * np.sqrt(MEASURE.between)


def test_probabilities_are_honest_where_the_model_holds() -> None:
    rng, said, right = np.random.default_rng(0), [], []
    for _ in range(1500):
        places = [drawn(rng) for _ in range(5)]
        shots = int(rng.choice([1, 3]))
        known = {
            f"{k}": enrol(place + rng.standard_normal((shots, D)), [96.0] * shots, MEASURE)
            for k, place in enumerate(places[:4])
        }
        true = int(rng.integers(5))  # the fifth is something else
        across, noise = (96.0, 1.0) if rng.random() < 0.5 else (24.0, 3.0**0.5)
        seen = places[true] + noise * rng.standard_normal(D)
        p = score(seen, across, known, MEASURE).probabilities(0.2)
        best = max(p, key=lambda key: p[key])
        said.append(p[best])
        right.append(best == (str(true) if true < 4 else ""))
    assert np.mean(said) == pytest.approx(np.mean(right), abs=0.03)
    assert np.mean(right) > 0.6


@given(st.integers(1, 12), st.integers(0, 1000))
def test_more_pictures_leave_less_doubt_and_their_order_says_nothing(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pictures = rng.standard_normal((count, D))
    sizes = rng.uniform(20, 120, count).tolist()
    known = enrol(pictures, sizes, MEASURE)
    order = rng.permutation(count)
    again = enrol(pictures[order], [sizes[k] for k in order], MEASURE)
    assert again.place == pytest.approx(known.place)
    fewer = enrol(pictures[:1], sizes[:1], MEASURE)
    assert (known.doubt <= fewer.doubt * 1.001).all()
    assert (known.doubt < MEASURE.between).all()


def test_a_picture_unlike_all_is_something_else() -> None:
    rng = np.random.default_rng(1)
    known = {name: enrol(np.full((3, D), at), [96.0] * 3, MEASURE) for name, at in (("a", 1.0), ("b", -1.0))}
    near, far = score(np.full(D, 1.0), 96.0, known, MEASURE), score(np.full(D, 9.0), 96.0, known, MEASURE)
    assert near.best() == "a"
    assert near.log_ratios["a"] > 0.0 > near.log_ratios["b"]
    assert far.best() == ""
    assert far.probabilities(0.5)[""] > 0.99
    assert Scores({}).best() == ""
    assert sum(near.probabilities(0.3).values()) == pytest.approx(1.0)
    assert rng.random() < 1.0


def test_a_small_picture_says_less() -> None:
    known = {name: enrol(np.full((3, D), at), [96.0] * 3, MEASURE) for name, at in (("a", 1.0), ("b", -1.0))}
    large, small = (score(np.full(D, 1.0), px, known, MEASURE).log_ratios for px in (96.0, 24.0))
    assert large["a"] - large["b"] > small["a"] - small["b"] > 0.0
    assert MEASURE.scatter_at(5.0) == 3.0
    assert MEASURE.scatter_at(5000.0) == 1.0


def test_what_is_wrong_is_refused() -> None:
    for pictures, sizes in (
        (np.zeros((0, D)), []),
        (np.zeros((MOST_PICTURES + 1, D)), [96.0] * (MOST_PICTURES + 1)),
        (np.zeros((1, D + 1)), [96.0]),
        (np.full((1, D), np.nan), [96.0]),
        (np.zeros((2, D)), [96.0]),
    ):
        with pytest.raises(ValueError, match=r"pictures"):
            enrol(pictures, sizes, MEASURE)
    with pytest.raises(ValueError, match="same candidates"):
        together([Scores({"a": 1.0}), Scores({"b": 1.0})], MEASURE)


def test_pictures_of_one_moment_are_not_counted_as_if_they_were_independent() -> None:
    one, blind = Scores({"a": 2.0, "b": -2.0}), Scores({"a": -40.0, "b": -40.0})
    alone, thrice = together([one], MEASURE), together([one] * 3, MEASURE)
    assert alone["a"] - alone["b"] < thrice["a"] - thrice["b"] < 3.0 * (alone["a"] - alone["b"])
    nothing = together([blind], MEASURE)
    assert nothing["a"] == nothing["b"] == pytest.approx(log(0.2), abs=1e-6)
    assert together([], MEASURE) == {}


def test_likelihoods_are_what_the_inference_takes() -> None:
    likely = likelihoods(together([Scores({"b": -3.0, "a": 3.0, "c": -3.0})], MEASURE))
    assert list(likely) == ["a", "b", "c"]
    assert likely["a"] == 1.0
    glance = Glance(0, "p", "f", 1, likely)
    model = Model()
    assert log_look([glance], ["a"], model) > 0.5
    assert log_look([glance], ["b"], model) < -1.0
    flat = Glance(0, "p", "f", 1, likelihoods(together([Scores({"a": -50.0, "b": -50.0})], MEASURE)))
    assert log_look([flat], ["a"], model) == pytest.approx(0.0, abs=1e-6)
