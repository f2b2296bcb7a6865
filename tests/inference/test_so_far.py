"""Beliefs told again are those worked out anew, and only those to whom something happened are worked out."""

from dataclasses import replace
from pathlib import Path

from walkout.inference.posterior import explain
from walkout.live.engine import Engine
from walkout.recording.channel import Observation
from walkout.recording.gate import GateEvent
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.store.folder import load
from walkout.twin.party import Arrival
from walkout.twin.perform import perform
from walkout.twin.settings import DEFAULT
from walkout.twin.shoppers import arrivals
from walkout.twin.simulation import Simulation

STORE = load(Path(__file__).resolve().parents[2] / "examples" / "sample-store")


def busy(seed: int, seconds: int) -> list[Observation]:
    """What the sensors say of a rush hour."""
    coming = list(arrivals(seed, DEFAULT, shoppers=600, minutes=60.0))

    def due(before_s: float) -> list[Arrival]:
        ready = [one for one in coming if one.t_s < before_s]
        coming[:] = coming[len(ready) :]
        return ready

    found: list[Observation] = []
    for now_s, ready in perform(Simulation(STORE, seed), due):
        found += [one for one in ready if isinstance(one, PlateBatch | PeopleFrame | GateEvent)]
        if now_s >= seconds:
            return found
    return found


def test_what_is_told_again_is_what_would_be_worked_out_anew() -> None:
    engine, asked, told = Engine(STORE), 0, 0
    for k, observation in enumerate(busy(2, 45)):
        engine.step(observation)
        if k % 12:
            continue
        baskets, recent = engine.baskets(), engine.recent()
        anew = [engine._believe(visit) for visit in engine._book.open_visits()]
        assert baskets == tuple(replace(belief, doubts=()) for belief in anew)
        assert [engine.basket(belief.visit.id) for belief in baskets] == anew
        assert recent == explain(engine._course.pasts, engine._goods)
        asked += len(baskets) + len(recent)
        told += any(belief.lines for belief in baskets)
    assert told > 10, "somebody held something"
    assert engine._so_far.worked_out < asked / 2, "most of it was there already"


def test_a_snapshot_holds_nothing_of_it_and_goes_on_alike() -> None:
    one = Engine(STORE)
    stream = busy(3, 40)
    half = len(stream) // 2
    for observation in stream[:half]:
        one.step(observation)
    without = one.snapshot()
    one.baskets()
    assert one.snapshot() == without
    other = Engine.restore(STORE, without)
    for observation in stream[half:]:
        assert one.step(observation).beliefs == other.step(observation).beliefs
        assert one.baskets() == other.baskets()
