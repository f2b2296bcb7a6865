"""Pictures to people in 3D: the twin's cameras drawn, the network of the package, the tracker; a small sample.

The figures of `tracking`, from real detections in simulated pictures (clothes, skin, light and noise drawn by the twin)
by six cameras round the walls. No H.264 between: the networks see the drawn picture. Bars as in `tracking`, for the two
looks that are the default; the pose network alone sees the same pictures beside them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._bench import bars, told
from benchmarks.tracking import SAMPLE, Part, by_build, figures_of, follow, held, walls
from walkout.recording.camera import CameraFrame
from walkout.sensing.vision.lens import Lens
from walkout.sensing.vision.model import PersonModel
from walkout.sensing.vision.pose import OwnPose
from walkout.sensing.vision.sighting import Sighting
from walkout.sensing.vision.two_looks import TwoLooks
from walkout.store.folder import load
from walkout.store.shop import Store
from walkout.twin import behaviours as b
from walkout.twin.film import Snapshots
from walkout.twin.glimpses import Glimpse, Glimpses
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate
from walkout.twin.seeds import stream
from walkout.twin.shoppers import random_build
from walkout.twin.simulation import Observation, Simulation

SEEDS = range(801, 802)
CROWDS = (1, 2, 3)
FROM_S, SECONDS = 1.5, 12.0
EVERY_S = 0.1


class Watched(Snapshots):
    """Draws every camera's picture at each instant, has each model look at it, and keeps what was found and true."""

    def __init__(self, store: Store, seed: int, instants_s: list[float], models: Sequence[PersonModel]) -> None:
        super().__init__(store, seed, instants_s)
        self._truth = Glimpses(store)
        self._models = models
        self.sights: dict[str, list[Sighting]] = {model.name: [] for model in models}
        self.glimpses: list[Glimpse] = []
        self.builds = self._truth.builds

    def frames(
        self, sim: Simulation, happened: Iterable[tuple[float, Observation]], from_s: float, to_s: float
    ) -> Iterator[tuple[float, CameraFrame]]:
        """Looks at the pictures of a stretch of time; yields nothing."""
        changes = self._changes(sim, happened)
        moving = {t_s: self._moving(sim, t_s) for t_s in self._instants_s if from_s <= t_s < to_s}
        for eye in self._eyes:
            for t_s, rgb in eye.pictures(sim, changes, moving):
                for model in self._models:
                    self.sights[model.name].append(Sighting(eye.camera.id, sim.ns(t_s), model(rgb)))
        self._truth.taken.clear()
        yield from self._truth.frames(sim, (), from_s, to_s)
        wanted = {sim.ns(t_s) for t_s in moving}
        self.glimpses += [glimpse for glimpse in self._truth.taken if glimpse.t_ns in wanted]


def judged(seed: int, people: int, seconds: float, models: Sequence[PersonModel]) -> dict[str, Part]:
    """One play through the same pictures for each model, by its name."""
    shop = load(SAMPLE)
    shop = replace(shop, cameras=walls(shop))
    rng = stream(seed, "tracking", people)
    coming = [
        Arrival(1.0 + 1.5 * k, (Member(random_build(rng), b.sequence(b.take, b.return_one, b.take)),))
        for k in range(people)
    ]
    instants = [round(float(t), 3) for t in np.arange(FROM_S, FROM_S + seconds, EVERY_S)]
    film = Watched(shop, seed, instants, models)
    try:
        for _ in simulate(shop, coming, seed=seed * 10 + people, film=film):
            if film.glimpses and film.glimpses[-1].t_ns >= film.glimpses[0].t_ns + round((seconds - 1.0) * 1e9):
                break
    finally:
        film.close()
    lenses = {camera.id: Lens.of(camera) for camera in shop.cameras}
    return {name: _followed(shop, seen, film, lenses, seed, people) for name, seen in film.sights.items()}


def _followed(
    shop: Store, seen: Sequence[Sighting], film: Watched, lenses: Mapping[str, Lens], seed: int, people: int
) -> Part:
    sights = sorted(seen, key=lambda one: (one.t_ns, one.camera))
    in_view, everybody, errors = held(follow(shop, sights, seed), film.glimpses, lenses)
    plain = {n: {k: tuple(v) for k, v in e.items()} for n, e in errors.items()}
    return Part("walls", 0, people, seed, tuple(in_view), tuple(everybody), plain, film.builds)


def run(
    *,
    json: bool,
    data: Path,
    seeds: range | None = None,
    models: Sequence[PersonModel] | None = None,
    seconds: float = SECONDS,
) -> dict[str, Any]:
    """Measure and, unless `json`, print; `data` is not used. A seed takes about four minutes of a core.

    The bars are those of the last model.
    """
    del data
    chosen = SEEDS if seeds is None else seeds
    networks = (OwnPose(), TwoLooks.packaged()) if models is None else models
    found = [judged(seed, people, seconds, networks) for seed in chosen for people in CROWDS]
    seen = f"{chosen[0]}..{chosen[-1]}"
    figures: dict[str, Any] = {"origin": "simulated pictures", "seeds": seen, "seconds_each": seconds}
    figures |= figures_by_network(found)
    if not json:
        for name, table in figures["by_network"].items():
            for crowd, row in [*table["by_people"].items(), ("all", table["all"])]:
                print(name, crowd, row)
            for group, row in table["by_build"].items():
                print(f"{name} {group:24s}", row)
        print(told(figures["bars"]))
    return figures


def figures_by_network(found: Sequence[Mapping[str, Part]]) -> dict[str, Any]:
    """The figures of plays by network, and the bars of the last one."""
    table: dict[str, Any] = {}
    every: dict[str, Any] = {}
    for name in found[0]:
        parts = [part[name] for part in found]
        every = figures_of(parts)
        rows = {str(n): figures_of([part for part in parts if part.people == n]) for n in CROWDS}
        table[name] = {"by_people": rows, "all": every, "by_build": by_build(parts)}
    return {"by_network": table} | bars(
        idf1=every["idf1"] >= 0.97,
        head=every.get("head_median_cm", 99.0) <= 5.0,
        wrist=every.get("wrist_median_cm", 99.0) <= 8.0,
    )
