"""Each fault shows, starts after the start, and leaves the truth alone."""

from collections.abc import Sequence

import numpy as np
import pytest

from tests.twin.shops import small_shop
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.truth import TruthMove, TruthNote, TruthVisit
from walkout.twin.faults import FAULTS, apply, believed
from walkout.twin.play import simulate
from walkout.twin.record import demo_arrivals
from walkout.twin.simulation import Observation

SHOP = small_shop()
PLAIN = list(simulate(SHOP, demo_arrivals(), seed=1))


def broken(name: str, seed: int = 1) -> list[Observation]:
    return list(apply(FAULTS[name], iter(PLAIN), SHOP, seed))


def facts(observations: Sequence[Observation]) -> list[Observation]:
    return [o for o in observations if isinstance(o, TruthMove | TruthVisit)]


def sensed(observations: Sequence[Observation]) -> list[object]:
    return [
        (o.fixture, o.t_ns.tobytes(), o.grams.tobytes(), o.arrived_ns) if isinstance(o, PlateBatch) else o
        for o in observations
        if not isinstance(o, TruthNote)
    ]


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_shows_is_named_and_leaves_truth_alone(name: str) -> None:
    observations = broken(name)
    assert TruthNote("fault", name) in observations
    assert facts(observations) == facts(PLAIN)
    assert sensed(observations) == sensed(broken(name))
    changed = believed(FAULTS[name], SHOP, 1) != SHOP
    assert changed or sensed(observations) != sensed(PLAIN)
    assert sensed(observations)[:20] == sensed(PLAIN)[:20]


def test_a_dead_plate_reads_nothing_and_the_others_go_on() -> None:
    dead = [
        tuple(place)
        for o in broken("dead_plate")
        if isinstance(o, PlateBatch)
        for place in np.argwhere(np.isnan(o.grams).all(axis=0)).tolist()
    ]
    assert len(set(dead)) == 1
    assert len(dead) > 50


def test_late_skeletons_come_five_seconds_later() -> None:
    lags = [(o.arrived_ns - o.t_ns) / 1e9 for o in broken("late_skeletons") if isinstance(o, PeopleFrame)]
    assert max(lags) > 7.0
    assert min(lags) < 3.0


def test_a_power_cut_silences_every_sensor() -> None:
    times = sorted(int(o.t_ns[0]) for o in broken("power_cut") if isinstance(o, PlateBatch))
    assert max(np.diff(times)) > 19_000_000_000


def test_shops_that_believe_wrong_things_are_still_shops() -> None:
    swapped = believed(FAULTS["wrong_planogram"], SHOP, 3)
    assert sorted(f.gtin for f in swapped.planogram) == sorted(f.gtin for f in SHOP.planogram)
    heavier = believed(FAULTS["mis_weighed_product"], SHOP, 3)
    assert sum(heavier.products[g].masses != SHOP.products[g].masses for g in SHOP.products) == 1
