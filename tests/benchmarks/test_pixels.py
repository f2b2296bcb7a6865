from collections.abc import Iterator
from dataclasses import replace

from benchmarks._suites import SAMPLE
from benchmarks.pixels import seen
from benchmarks.tracking import walls

from walkout.recording.gate import GateEvent
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.store.folder import load
from walkout.twin import behaviours as b
from walkout.twin.film import Film
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate
from walkout.twin.seeds import stream
from walkout.twin.shoppers import random_build
from walkout.twin.simulation import Observation

SHOP = replace(load(SAMPLE), cameras=walls(load(SAMPLE)))


def simulated(film: Film | None) -> Iterator[Observation]:
    coming = [Arrival(0.5, (Member(random_build(stream(1, "pixels")), b.take),))]
    return simulate(SHOP, coming, seed=1, film=film)


def test_our_own_people_take_the_place_of_those_that_were_given() -> None:
    given = list(simulated(None))
    own = list(seen(SHOP, simulated, 1, "cameras and plates"))
    names = {p.id for o in own if isinstance(o, PeopleFrame) for p in o.people}
    assert len(names) == 1
    assert names.isdisjoint(p.id for o in given if isinstance(o, PeopleFrame) for p in o.people)
    assert {o.person for o in own if isinstance(o, GateEvent)} == names
    assert sum(isinstance(o, PlateBatch) for o in own) == sum(isinstance(o, PlateBatch) for o in given)
    arrived = [o.arrived_ns for o in own if isinstance(o, PeopleFrame | PlateBatch)]
    assert max(b - a for a, b in zip(arrived[1:], arrived[:-1], strict=True)) < 500_000_000  # nobody waits for long


def test_cameras_alone_bring_no_weights_and_plates_alone_nobody() -> None:
    assert not any(isinstance(o, PlateBatch) for o in seen(SHOP, simulated, 1, "cameras only"))
    assert not any(isinstance(o, PeopleFrame) for o in seen(SHOP, simulated, 1, "plates only"))
