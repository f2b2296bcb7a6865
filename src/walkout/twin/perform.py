"""A simulated shop that goes on for as long as somebody asks: what its sensors deliver, in order of arrival."""

from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush

from walkout.recording.gate import GateEvent
from walkout.recording.look import Look
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.tags import TagFrame
from walkout.recording.truth import TruthVisit
from walkout.twin.party import Arrival
from walkout.twin.simulation import BATCH_S, BLOCK_S, Simulation

Delivered = PlateBatch | PeopleFrame | GateEvent | Look | TagFrame
AHEAD_S = 2 * BLOCK_S
"""What is made at a time is decided so far ahead: whoever is told something acts on it this much later."""
Due = Callable[[float], Sequence[Arrival]]
"""Who comes before an instant, seconds from the start, and was not named before."""


def perform(
    sim: Simulation, due: Due, heard: Callable[[TruthVisit], None] | None = None
) -> Iterator[tuple[float, list[Delivered]]]:
    """Blocks without end: seconds from the start, and what arrives before then and has not been handed out.

    `heard` is told what each party really bought when its last member has left.
    """
    phases = {name: k * BATCH_S / max(len(sim.scales), 1) for k, name in enumerate(sorted(sim.scales))}
    waiting: list[tuple[int, int, Delivered]] = []
    count, n = 0, 0
    while True:
        now_s, ahead_s = n * BLOCK_S, (n + 2) * BLOCK_S
        for arrival in due(ahead_s):
            sim.admit(arrival)
        sim.advance(ahead_s)
        sim.sway(now_s)
        block = [observation for _, observation in sim.drain(now_s + BLOCK_S)]
        for name, phase_s in phases.items():
            block += [batch for _, batch in sim.batches(name, n, phase_s)]
        block += [frame for _, frame in sim.tracker.frames(sim, now_s, now_s + BLOCK_S)]
        block += [frame for _, frame in sim.readers.frames(now_s + BLOCK_S)]
        for observation in block:
            if isinstance(observation, Delivered):
                heappush(waiting, (observation.arrived_ns, count, observation))
                count += 1
            elif isinstance(observation, TruthVisit) and heard is not None:
                heard(observation)
        sim.forget(now_s)
        n += 1
        ready = []
        while waiting and waiting[0][0] < sim.ns(n * BLOCK_S):
            ready.append(heappop(waiting)[2])
        yield n * BLOCK_S, ready
