"""Whatever comes, the engine goes on, says nothing that is no probability, and is the same after a snapshot."""

import random

import pytest

from tests.inference.scene import shop
from tests.live.strange import strange
from walkout.inference.belief import Belief
from walkout.live.engine import Engine

EVERY = 50


def survives(seed: int) -> None:
    """Feed the streams of a seed, with a snapshot in their midst."""
    stream = strange(seed)
    engine = Engine(shop(), expected=("/plates/g", "/people"))
    cut = random.Random(seed).randrange(len(stream))  # noqa: S311
    beliefs: list[Belief] = []
    for number, observation in enumerate(stream):
        beliefs += engine.step(observation).beliefs
        if number == cut:
            data = engine.snapshot()
            engine = Engine.restore(shop(), data)
            assert engine.snapshot() == data
        if number % EVERY == 0:
            beliefs += engine.baskets()
    beliefs += engine.finish().beliefs
    assert all(0.0 <= belief.p_exact <= 1.0 for belief in beliefs)
    assert all(0.0 <= line.probability <= 1.0 and line.quantity > 0 for belief in beliefs for line in belief.lines)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_comes_the_engine_goes_on(seed: int) -> None:
    survives(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1300))
def test_whatever_comes_the_engine_goes_on_many_times(seed: int) -> None:
    survives(seed)
