"""How fast and how lean the engine is on one core: plates, people and inference together, the twin's time left out.

Event to updated basket: the processor time of the step that takes the last observation an event waited for, until its
explanations are in the basket; the engine waits for nothing else, so on an idle core it is the time that passes. Shops
a core: one hour of a rush of 30 visits, over the processor time of the engine. Then how
both grow with shoppers, items and K, and the memory over a day of eight hours. Simulated, sample store. One process
whatever `--workers` says elsewhere: about 15 minutes.
"""

import gc
import os
import resource
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from benchmarks._bench import bars, bench, told
from benchmarks._suites import SAMPLE, TEST_SEEDS
from walkout.inference.model import Model
from walkout.live.engine import Engine
from walkout.recording.plates import PlateBatch
from walkout.recording.truth import TruthMove, TruthNote, TruthVisit
from walkout.sensing.event import ShelfEvent
from walkout.store.folder import load
from walkout.store.shop import Store
from walkout.twin import behaviours as b
from walkout.twin.actor import Behaviour
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate
from walkout.twin.record import delivered
from walkout.twin.seeds import stream
from walkout.twin.settings import DEFAULT
from walkout.twin.shoppers import arrivals, random_build
from walkout.twin.simulation import Observation

P99_BAR_MS, SHOPS_BAR, GROWTH_BAR_MB = 50.0, 100.0, 20.0
RUSH_VISITS, DAY_HOURS = 30, 8
SHOPPERS, ITEMS, BEAMS = (1, 2, 4, 8, 12), (2, 5, 10, 20), (1, 16, 64, 256)
OWN_SEEDS = TEST_SEEDS[:3]


@dataclass(slots=True)
class Spent:
    """What one run of the engine took."""

    seconds: float = 0.0
    """Processor time in the engine."""
    event_s: list[float] = field(default_factory=list)
    """Processor time of the step that explained each event."""
    receipts: int = 0
    simulated_s: float = 0.0
    memory_mb: list[tuple[float, float]] = field(default_factory=list)
    """(simulated hour, resident memory)."""

    def figures(self) -> dict[str, Any]:
        """Events, p50 and p99 in milliseconds, and shops a core."""
        ms = 1000.0 * np.array(self.event_s) if self.event_s else np.zeros(1)
        return {
            "events": len(self.event_s),
            "receipts": self.receipts,
            "p50_ms": round(float(np.median(ms)), 2),
            "p99_ms": round(float(np.quantile(ms, 0.99)), 2),
            "most_ms": round(float(ms.max()), 2),
            "shops_a_core": round(self.simulated_s / self.seconds, 1) if self.seconds else 0.0,
        }


class Counted(Engine):
    """The engine, counting the events that it has explained."""

    explained = 0

    def _explain_event(self, event: ShelfEvent) -> None:
        super()._explain_event(event)
        self.explained += 1


def follow(observations: Iterable[Observation], store: Store, model: Model | None = None) -> Spent:
    """Feed a shop's observations in the order of their arrival, and time the engine alone."""
    engine, spent = Counted(store, model=model), Spent()
    first_ns = 0
    next_ns = 0
    for observation in delivered(observations):
        if isinstance(observation, TruthMove | TruthVisit | TruthNote):
            continue
        before = engine.explained
        cpu = time.process_time()
        outputs = engine.step(observation)  # type: ignore[arg-type]  # pictures are never made here
        cpu = time.process_time() - cpu
        spent.seconds += cpu
        spent.event_s += [cpu] * (engine.explained - before)
        spent.receipts += len(outputs.beliefs)
        if isinstance(observation, PlateBatch) and len(observation.t_ns):
            last_ns = int(observation.t_ns[-1])
            first_ns = first_ns or last_ns
            spent.simulated_s = (last_ns - first_ns) / 1e9
            if last_ns >= next_ns:
                spent.memory_mb.append((spent.simulated_s / 3600.0, resident_mb()))
                next_ns = last_ns + 600_000_000_000
    cpu = time.process_time()
    spent.receipts += len(engine.finish().beliefs)
    spent.seconds += time.process_time() - cpu
    return spent


def resident_mb() -> float:
    """Memory in use now where the system tells it, else the most so far."""
    gc.collect()
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def rush(store: Store, seed: int, hours: float = 1.0) -> Iterator[Observation]:
    """Free play with 30 shoppers an hour."""
    coming = arrivals(seed, DEFAULT, shoppers=round(RUSH_VISITS * hours), minutes=60.0 * hours)
    return simulate(store, coming, seed=seed)


def together(store: Store, seed: int, shoppers: int, items: int) -> Iterator[Observation]:
    """So many single shoppers at once, each taking so many items and bringing one back."""
    rng = stream(seed, "latency")
    takes: list[Behaviour] = [b.take] * items
    visit = b.sequence(*takes, b.return_one)
    coming = [Arrival(0.5 + 0.5 * k, (Member(random_build(rng), visit),)) for k in range(shoppers)]
    return simulate(store, coming, seed=seed)


def pooled(runs: Sequence[Spent]) -> dict[str, Any]:
    """The figures of several runs as one."""
    both = Spent()
    for run_of in runs:
        both.seconds += run_of.seconds
        both.event_s += run_of.event_s
        both.receipts += run_of.receipts
        both.simulated_s += run_of.simulated_s
    return both.figures()


def run(*, json: bool, data: Path, seeds: range | None = None) -> dict[str, Any]:
    """Measure and, unless `json`, print; `data` is not used."""
    del data
    this = bench("latency", json, seeds, 1, None, OWN_SEEDS)
    store = load(SAMPLE)
    follow(together(store, 0, 1, 1), store)  # compiled and warm
    hour = pooled([follow(rush(store, seed), store) for seed in this.seeds])
    curves = {
        "shoppers at once": {
            n: pooled([follow(together(store, s, n, 4), store) for s in this.seeds]) for n in SHOPPERS
        },
        "items a visit": {n: pooled([follow(together(store, s, 2, n), store) for s in this.seeds]) for n in ITEMS},
        "K": {k: pooled([follow(together(store, s, 4, 4), store, Model(beam=k)) for s in this.seeds]) for k in BEAMS},
    }
    memory = follow(rush(store, this.seeds[0], DAY_HOURS), store).memory_mb
    grown_mb = memory[-1][1] - next(mb for at_h, mb in memory if at_h >= 1.0)
    held = {
        f"event to updated basket, p99 <= {P99_BAR_MS:g} ms": hour["p99_ms"] <= P99_BAR_MS,
        f"shops a core in a rush hour of {RUSH_VISITS} visits >= {SHOPS_BAR:g}": hour["shops_a_core"] >= SHOPS_BAR,
        f"memory grows by at most {GROWTH_BAR_MB:g} MB from the first to the last hour": grown_mb <= GROWTH_BAR_MB,
    }
    this.show(_table({"rush hour": {RUSH_VISITS: hour}, **curves}))
    this.show(
        f"memory, {DAY_HOURS} hours: {memory[0][1]:.0f} MB to {memory[-1][1]:.0f} MB, {grown_mb:+.1f} after an hour"
    )
    this.show(told(held))
    return {
        "origin": "simulated",
        "seeds": f"{this.seeds[0]}..{this.seeds[-1]}",
        "rush_hour": hour,
        **{name: {str(n): row for n, row in curve.items()} for name, curve in curves.items()},
        "memory_mb": memory,
        "grown_mb": grown_mb,
        **bars(**held),
    }


def _table(curves: dict[str, dict[int, dict[str, Any]]]) -> Table:
    table = Table("what", "how many", "events", "p50 ms", "p99 ms", "most ms", "shops a core", box=None)
    for name, curve in curves.items():
        for n, row in curve.items():
            cells = [row[key] for key in ("events", "p50_ms", "p99_ms", "most_ms", "shops_a_core")]
            table.add_row(name, str(n), *map(str, cells))
    return table
