"""Receipts with no skeletons given: the same visits with skeletons, through six cameras, and with half of everything.

The labelled real cases in the real shop, and a quarter of an hour of the sample store's `day`, six cameras round the
walls. Their people are seen by a pretended detector (`walkout.evaluation.pretended`: exact joints with assumed flaws,
no picture is drawn), followed by our tracker, bound to the gates' messages, and given to the engine like anybody's
skeletons; receipts are matched to truth by paths. `pixels-drawn` does the same from drawn pictures and the network of
the package, on two cases. Held for cameras and plates: >= 93 % exactly right, overcharged among settled alone <= 0.5 %.
Simulated. Five seeds: about 40 minutes on two cores.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from benchmarks._bench import bars, bench, methods_table, percent, told
from benchmarks._deciding import answered
from benchmarks._suites import SAMPLE, Job, labels, real_shop
from benchmarks.neighbours import half_seen, halved
from benchmarks.tracking import PHASE_S, walls
from walkout.checkout.decide import SHOWN_AT, settling_shipped
from walkout.evaluation.pretended import pretended
from walkout.evaluation.settled import outcomes, summary
from walkout.evaluation.tables import by_method, grouped, tagged
from walkout.evaluation.verdict import Verdict
from walkout.recording.gate import GateEvent
from walkout.recording.look import Look
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.sensing.vision.doors import bind
from walkout.sensing.vision.eyes import Steps
from walkout.sensing.vision.tracker import Tracker
from walkout.store.folder import load
from walkout.store.shop import Store
from walkout.twin import nanostore
from walkout.twin.film import Film
from walkout.twin.glimpses import Glimpses
from walkout.twin.labels import load_labels, play_case
from walkout.twin.play import simulate
from walkout.twin.settings import DEFAULT, Settings
from walkout.twin.shoppers import arrivals
from walkout.twin.simulation import Observation
from walkout.twin.suites import SHOPPERS_PER_HOUR, Play

OWN_SEEDS = range(101, 106)
MINUTES = 15.0
Sensors = Literal["skeletons and plates", "cameras and plates", "cameras only", "plates only", "half of each"]
SENSORS: tuple[Sensors, ...] = (
    "skeletons and plates",
    "cameras and plates",
    "cameras only",
    "plates only",
    "half of each",
)
EXACT_BAR, OVERCHARGED_BAR = 0.93, 0.005
ROUND = tuple(nanostore.CAMERAS[k] for k in (0, 1, 3, 4, 5, 7))
"""Six of the eight cameras of the real shop; where they hang is invented, for nobody published it."""
Simulated = Callable[[Film | None], Iterator[Observation]]


@dataclass(frozen=True, slots=True)
class Watching:
    """The labelled cases, or where `cases` is None a quarter of an hour of free play, as some sensors see them."""

    store: Path
    cases: Path | None
    seeds: range
    sensors: Sensors
    settings: Settings = DEFAULT
    name: str = "pixels"

    def plays(self) -> Iterator[Play]:
        """The same visits whatever the sensors."""
        shop = load(self.store)
        shop = replace(shop, cameras=walls(shop) if shop.floor_m else ROUND)
        tags = {"sensors": self.sensors, "part": "day" if self.cases is None else "aifi-dev"}
        if self.cases is None:
            for seed in self.seeds:
                yield self._play(f"day-s{seed:05d}", shop, seed, partial(_quarter, shop, seed, self.settings), tags)
            return
        for name, case in load_labels(self.cases).items():
            for seed in self.seeds:
                own, _, _ = play_case(shop, case, seed=seed, settings=self.settings)

                def observations(film: Film | None, case: Any = case, seed: int = seed) -> Iterator[Observation]:
                    return play_case(shop, case, seed=seed, settings=self.settings, film=film)[1]

                yield self._play(f"{name}-s{seed:05d}", own, seed, observations, {**tags, "case": name})

    def _play(self, name: str, shop: Store, seed: int, simulated: Simulated, tags: dict[str, str]) -> Play:
        half = self.sensors == "half of each"
        seen_by = replace(shop, cameras=shop.cameras[::2]) if half else shop
        made = partial(seen, seen_by, simulated, seed, self.sensors)
        return Play(name, halved(seen_by) if half else seen_by, made, tags)


def _quarter(shop: Store, seed: int, settings: Settings, film: Film | None) -> Iterator[Observation]:
    shoppers = round(SHOPPERS_PER_HOUR * MINUTES / 60.0)
    return simulate(
        shop,
        arrivals(seed, settings, shoppers=shoppers, minutes=MINUTES),
        seed=seed,
        settings=settings,
        film=film,
    )


def seen(shop: Store, simulated: Simulated, seed: int, sensors: Sensors) -> Iterator[Observation]:
    """What these sensors deliver of a play."""
    if sensors == "skeletons and plates":
        yield from simulated(None)
        return
    if sensors == "plates only":
        yield from (o for o in simulated(None) if not isinstance(o, PeopleFrame | Look))
        return
    with closing(Glimpses(shop, PHASE_S[: len(shop.cameras)])) as film:
        rest: list[Observation] = [o for o in simulated(film) if not isinstance(o, PeopleFrame | Look)]
        steps = Steps(Tracker(shop, seed.to_bytes(8, "big")))
        frames = [f for sight in pretended(film.taken, shop, seed) for f in steps.push(sight)] + [*steps.finish()]
    if sensors == "cameras only":
        rest = [o for o in rest if not isinstance(o, PlateBatch)]
    if sensors == "half of each":
        rest = [half_seen(o) for o in rest]
    yield from merged(rest, frames, shop)


def merged(rest: Sequence[Observation], frames: Sequence[PeopleFrame], shop: Store) -> Iterator[Observation]:
    """Everything else in its own order, gates bound to who was seen there, each frame before what came after it."""
    gates = [o for o in rest if isinstance(o, GateEvent)]
    bound = {(e.t_ns, e.way, e.visit, e.gate): e for e in bind(gates, frames, shop.gates)}
    waiting = iter(frames)
    frame = next(waiting, None)
    for observation in rest:
        now_ns = observation.arrived_ns if isinstance(observation, PlateBatch | GateEvent) else 0
        while frame is not None and frame.arrived_ns <= now_ns:
            yield frame
            frame = next(waiting, None)
        if isinstance(observation, GateEvent):
            yield bound[observation.t_ns, observation.way, observation.visit, observation.gate]
        else:
            yield observation
    while frame is not None:
        yield frame
        frame = next(waiting, None)


def figures_of(rows: Sequence[Verdict]) -> dict[str, Any]:
    """What ours came to, and what it would have settled alone by the card and certificate that ship."""
    by = settling_shipped("simulated")
    found = summary(outcomes(rows, by.card, by.settle_at, SHOWN_AT))
    return {
        "ours": by_method(rows)["ours"],
        "settled_alone": found["settled_alone"],
        "settled_overcharged": found["settled_overcharged"],
    }


def run(
    *, json: bool, data: Path, seeds: range | None = None, workers: int | None = None, keep: Path | None = None
) -> dict[str, Any]:
    """Measure and, unless `json`, print; FileNotFoundError where the real shop or its labels are not there."""
    this = bench("pixels", json, seeds, workers, keep, OWN_SEEDS)
    methods = {"ours": answered}
    rows: list[Verdict] = []
    with real_shop(data) as shop:
        for sensors in SENSORS:
            for part, store, cases in (("aifi-dev", shop, labels(data)), ("day", SAMPLE, None)):
                job = Job(Watching(store, cases, this.seeds, sensors), methods)
                rows += this.rows(job, f"{part}-{sensors.replace(' ', '-')}")
    table: dict[str, dict[str, Any]] = {}
    for by, of in grouped(rows, tagged("sensors")).items():
        for part, some in grouped(of, tagged("part")).items():
            table[f"{part}, {by}"] = figures_of(some)
    held: dict[str, bool] = {}
    for part in ("aifi-dev", "day"):
        row = table[f"{part}, cameras and plates"]
        held[f"{part}: exactly right >= {EXACT_BAR:.0%}"] = row["ours"]["exact"]["share"] >= EXACT_BAR
        over = row["settled_overcharged"]["share"]
        held[f"{part}: overcharged alone <= {OVERCHARGED_BAR:.1%}"] = over is None or over <= OVERCHARGED_BAR
    figures: dict[str, Any] = {
        "origin": "simulated; people as a pretended detector would see them",
        "seeds": f"{this.seeds[0]}..{this.seeds[-1]}",
        "by_sensors": table,
        **bars(**held),
    }
    this.show(
        methods_table("part and sensors", table, ["ours"]),
        *(f"{name}: settled alone {percent(row['settled_alone'])}" for name, row in table.items()),
        told(held),
    )
    return figures
