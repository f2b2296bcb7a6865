"""Play a shop: run a simulation and put what comes out in order of time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

from walkout.store.planogram import Facing
from walkout.store.shop import Store
from walkout.twin.party import Arrival
from walkout.twin.settings import DEFAULT, Settings
from walkout.twin.simulation import BATCH_S, BLOCK_S, START_NS, Observation, Simulation

if TYPE_CHECKING:
    from walkout.twin.film import Film


def simulate(
    store: Store,
    arrivals: Iterable[Arrival],
    *,
    seed: int,
    settings: Settings = DEFAULT,
    start_ns: int = START_NS,
    least_s: float = 0.0,
    quiet_s: float = 2.0,
    planogram: Sequence[Facing] = (),
    masses_g: Mapping[str, float] | None = None,
    door: tuple[float, float] | None = None,
    notes: Mapping[str, str] | None = None,
    film: "Film | None" = None,
) -> Iterator[Observation]:
    """Play a shop: what its sensors deliver and what really happened, in order of time.

    Args:
        store: The shop.
        arrivals: Who comes, in order of time; taken as time goes on, so it may be endless with `until_s` set.
        seed: Same seed and arrivals: same observations, to the bit.
        settings: How hard.
        start_ns: The instant of second 0, UTC.
        least_s: Go on at least so long, even when nobody is left.
        quiet_s: Go on so long after the last person left.
        planogram: Where products stand at the start, if not where the store's own planogram says.
        masses_g: Masses of products whose catalogue row has none, grams.
        door: Where people come in when the store has no gate, metres.
        notes: Facts to record as truth notes.
        film: The store's cameras, to be filmed too; changes nothing else.

    Yields:
        Plate batches, people frames, gate events, camera frames and truth.
    """
    sim = Simulation(store, seed, settings, start_ns, planogram, masses_g, door)
    return play(sim, arrivals, least_s=least_s, quiet_s=quiet_s, notes=notes, film=film)


def play(
    sim: Simulation,
    arrivals: Iterable[Arrival],
    *,
    least_s: float = 0.0,
    quiet_s: float = 2.0,
    notes: Mapping[str, str] | None = None,
    film: "Film | None" = None,
) -> Iterator[Observation]:
    """Run a simulation that is set up; arguments and what it yields as for `simulate`."""
    facts = {"seed": str(sim.seed), "settings": sim.settings.name, **(notes or {})}
    if sim.settings.looks_confusion is not None:
        facts["looks_confusion"] = f"{sim.settings.looks_confusion:g}"
    for name, value in facts.items():
        sim.note(name, value)
    phases = {name: k * BATCH_S / max(len(sim.scales), 1) for k, name in enumerate(sorted(sim.scales))}
    coming = iter(arrivals)
    upcoming = next(coming, None)
    n, end_s = 0, least_s
    while upcoming is not None or sim.busy or n * BLOCK_S < end_s:
        now, ahead = n * BLOCK_S, (n + 2) * BLOCK_S
        while upcoming is not None and upcoming.t_s < ahead:
            sim.admit(upcoming)
            upcoming = next(coming, None)
        sim.advance(ahead)
        if upcoming is not None or sim.busy:
            end_s = max(least_s, now + BLOCK_S + quiet_s)
        sim.sway(now)
        block: list[tuple[float, Observation]] = list(sim.drain(now + BLOCK_S))
        for name, phase_s in phases.items():
            block += sim.batches(name, n, phase_s)
        block += sim.tracker.frames(sim, now, now + BLOCK_S)
        block += sim.readers.frames(now + BLOCK_S)
        if film is not None:
            block += film.frames(sim, list(block), now, now + BLOCK_S)
        block.sort(key=itemgetter(0))
        yield from (observation for _, observation in block)
        sim.forget(now)
        n += 1
    yield from (observation for _, observation in sim.drain(float("inf")))
