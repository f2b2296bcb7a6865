"""The truth is complete, the scales agree with it, and the same seed gives the same shop."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from tests.twin.shops import small_shop
from walkout.recording.gate import GateEvent
from walkout.recording.people import JOINTS, PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.truth import TruthMove, TruthVisit
from walkout.twin import behaviours as b
from walkout.twin import together
from walkout.twin.actor import Behaviour, Meeting
from walkout.twin.body import Build
from walkout.twin.evader import TRICKS
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate
from walkout.twin.record import demo_arrivals
from walkout.twin.settings import DEFAULT, HARDER, SILENT
from walkout.twin.shoppers import arrivals
from walkout.twin.simulation import START_NS, Observation, Simulation

SHOP = small_shop()


def one(behaviour: Behaviour) -> Sequence[Arrival]:
    return (Arrival(0.5, (Member(Build(), behaviour),)),)


def baskets_from_moves(observations: Sequence[Observation]) -> dict[str, Counter[str]]:
    held: dict[str, Counter[str]] = {}
    for move in observations:
        if isinstance(move, TruthMove):
            if move.source.kind == "shopper":
                held.setdefault(move.source.shopper, Counter())[move.gtin] -= move.quantity
            if move.target.kind == "shopper":
                held.setdefault(move.target.shopper, Counter())[move.gtin] += move.quantity
    return held


def assert_truth_is_complete(observations: Sequence[Observation]) -> None:
    held = baskets_from_moves(observations)
    for visit in observations:
        if isinstance(visit, TruthVisit):
            total: Counter[str] = Counter()
            for shopper in visit.shoppers:
                total += held.get(shopper, Counter())
            assert dict(total) == dict(visit.basket)


def level_of(observations: Sequence[Observation], at: int) -> dict[tuple[str, int, int], float]:
    """Mean reading of each plate over its first (0) or last (-1) batch."""
    batches: dict[str, list[PlateBatch]] = {}
    for observation in observations:
        if isinstance(observation, PlateBatch):
            batches.setdefault(observation.fixture, []).append(observation)
    levels = {}
    for fixture, of_it in batches.items():
        mean = of_it[at].grams.astype(float).mean(axis=0)
        for s, p in np.ndindex(mean.shape):
            levels[fixture, s + 1, p + 1] = float(mean[s, p])
    return levels


ALONE = {**b.BEHAVIOURS, **TRICKS}


@pytest.mark.parametrize("name", sorted(ALONE))
@pytest.mark.parametrize("seed", [1, 2])
def test_every_gram_that_leaves_a_plate_is_in_one_move(name: str, seed: int) -> None:
    observations = list(simulate(SHOP, one(b.sequence(b.take, ALONE[name])), seed=seed, settings=SILENT))
    before, after = level_of(observations, 0), level_of(observations, -1)
    expected: Counter[tuple[str, int]] = Counter()
    touched: set[tuple[str, int, int]] = set()
    for move in observations:
        if isinstance(move, TruthMove):
            for place, sign in ((move.source, -1.0), (move.target, 1.0)):
                if place.kind == "plates":
                    expected[place.fixture, place.shelf] += sign * move.mass_g  # type: ignore[assignment]
                    touched |= {(place.fixture, place.shelf, plate) for plate in place.plates}
    changed: Counter[tuple[str, int]] = Counter()
    for key, grams in after.items():
        changed[key[:2]] += grams - before[key]  # type: ignore[assignment]
        if key not in touched:
            assert abs(grams - before[key]) < 0.25
    for shelf in sorted(set(changed) | set(expected)):
        assert changed[shelf] == pytest.approx(expected[shelf], abs=0.25 * 6)
    assert_truth_is_complete(observations)


@pytest.mark.parametrize("settings", [DEFAULT, HARDER], ids=lambda s: s.name)
def test_same_seed_same_observations(settings) -> None:  # type: ignore[no-untyped-def]
    first, second, third = (list(simulate(SHOP, demo_arrivals(), seed=seed, settings=settings)) for seed in (5, 5, 6))
    assert len(first) == len(second)
    for a, z in zip(first, second, strict=True):
        if isinstance(a, PlateBatch) and isinstance(z, PlateBatch):
            assert a.grams.tobytes() == z.grams.tobytes()
            assert a.t_ns.tobytes() == z.t_ns.tobytes()
        else:
            assert a == z
    assert not np.array_equal(
        next(o.grams for o in first if isinstance(o, PlateBatch)),
        next(o.grams for o in third if isinstance(o, PlateBatch)),
    )


def test_the_demo_shows_what_it_promises() -> None:
    observations = list(simulate(SHOP, demo_arrivals(), seed=1))
    moves = [o for o in observations if isinstance(o, TruthMove)]
    visits = [o for o in observations if isinstance(o, TruthVisit)]
    gates = [o for o in observations if isinstance(o, GateEvent)]
    assert {"take", "return", "misplace"} <= {move.action for move in moves}
    assert max(move.quantity for move in moves) > 1
    assert len(visits) == 5
    assert [dict(v.basket) for v in visits].count({}) == 1
    assert Counter(g.way for g in gates) == {"entry": 5, "exit": 5}
    assert all(v.entered_ns < v.left_ns and v.path for v in visits)
    assert_truth_is_complete(observations)


def test_plates_come_in_whole_batches_at_60_hz() -> None:
    observations = list(simulate(SHOP, one(b.take), seed=3))
    batches = [o for o in observations if isinstance(o, PlateBatch) and o.fixture == "g1"]
    assert all(batch.grams.shape == (12, 3, 6) and batch.rate_hz == 60.0 for batch in batches)
    assert all(batch.arrived_ns > batch.t_ns[0] for batch in batches)
    starts = np.array([int(batch.t_ns[0]) - START_NS for batch in batches]) / 1e9
    assert np.diff(starts).mean() == pytest.approx(0.2, abs=0.001)
    assert 0.001 < np.diff(starts).std() < 0.008
    steps = np.concatenate([np.diff(batch.grams[:, 0, 0].astype(float)) for batch in batches]) / 0.241
    assert np.abs(steps - np.rint(steps)).max() < 0.02


def test_people_come_fifteen_times_a_second_and_late() -> None:
    frames = [o for o in simulate(SHOP, one(b.sequence(*[b.browse] * 8)), seed=4) if isinstance(o, PeopleFrame)]
    gaps = np.diff([frame.t_ns for frame in frames]) / 1e9
    assert (gaps > 0).all()
    assert 14.0 < 1.0 / gaps.mean() < 16.0
    lag = np.array([frame.arrived_ns - frame.t_ns for frame in frames]) / 1e9
    assert 2.2 < np.median(lag) < 2.4
    people = [person for frame in frames for person in frame.people]
    missing = 1.0 - sum(len(person.joints) for person in people) / (len(JOINTS) * len(people))
    assert 0.004 < missing < 0.02
    assert all(0.0 <= joint.score <= 1.0 for person in people for joint in person.joints.values())


def test_hand_over_moves_the_item_between_baskets() -> None:
    meeting = Meeting(2)
    pair = Arrival(0.5, (Member(Build(), together.give(meeting)),))
    other = Arrival(1.0, (Member(Build(), together.receive(meeting)),))
    observations = list(simulate(SHOP, (pair, other), seed=2))
    passed = [o for o in observations if isinstance(o, TruthMove) and o.action == "hand_over"]
    assert len(passed) == 1
    assert_truth_is_complete(observations)
    full = [o for o in observations if isinstance(o, TruthVisit) and o.basket]
    assert [visit.shoppers for visit in full] == [(passed[0].target.shopper,)]


def test_random_shoppers_leave_with_takes_minus_returns() -> None:
    for seed in range(100):
        sim = Simulation(SHOP, seed, DEFAULT, START_NS)
        for arrival in arrivals(seed, HARDER, shoppers=10, minutes=2.0):
            sim.admit(arrival)
        sim.advance(float("inf"))
        observations = [observation for _, observation in sim.drain(float("inf"))]
        assert not sim.busy
        assert_truth_is_complete(observations)
        assert sum(len(o.shoppers) for o in observations if isinstance(o, TruthVisit)) == 10


def pair(*behaviours: Behaviour) -> Sequence[Arrival]:
    return [Arrival(0.5 + k, (Member(Build(1.6 + 0.2 * k), behaviour),)) for k, behaviour in enumerate(behaviours)]


def test_two_people_take_the_same_product_at_the_same_instant() -> None:
    plan = together.Plan()
    observations = list(simulate(SHOP, pair(together.same_facing(plan), together.same_facing(plan)), seed=1))
    first, second = (o for o in observations if isinstance(o, TruthMove))
    assert first.gtin == second.gtin
    assert first.shopper != second.shopper
    assert abs(first.end_ns - second.end_ns) < 1_000_000_000
    assert_truth_is_complete(observations)


def test_crossed_arms_take_what_stands_before_the_other() -> None:
    plan = together.Plan()
    both = pair(together.crossed_arms(plan, left=True), together.crossed_arms(plan, left=False))
    observations = list(simulate(SHOP, both, seed=1))
    moves = sorted((o for o in observations if isinstance(o, TruthMove)), key=lambda move: move.source.plates)
    assert len({move.gtin for move in moves}) == 2
    assert moves[0].source.shelf == moves[1].source.shelf
    assert_truth_is_complete(observations)


def test_who_slips_through_the_gate_is_in_the_truth_but_in_no_gate_message() -> None:
    follower = Arrival(1.0, (Member(Build(), b.take, announced=False),))
    observations = list(simulate(SHOP, (follower,), seed=1))
    assert not [o for o in observations if isinstance(o, GateEvent)]
    assert len([o for o in observations if isinstance(o, TruthVisit)]) == 1
