"""Pictures to people in 3D: the twin's cameras drawn, the network of the package, the tracker; a small sample.

The figures of `tracking`, from real detections in simulated pictures (clothes, skin, light and noise drawn by the twin)
by six cameras round the walls. No H.264 between: the network sees the drawn picture. Bars as in `tracking`; the network
is the weak part, and the figures say by how much.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._bench import bars, told
from benchmarks.tracking import SAMPLE, Part, figures_of, follow, held, walls
from walkout.recording.camera import CameraFrame
from walkout.sensing.vision.lens import Lens
from walkout.sensing.vision.model import PersonModel
from walkout.sensing.vision.pose import OwnPose
from walkout.sensing.vision.sighting import Sighting
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
    """Draws every camera's picture at each instant, has the network look at it, and keeps what was found and true."""

    def __init__(self, store: Store, seed: int, instants_s: list[float], model: PersonModel) -> None:
        super().__init__(store, seed, instants_s)
        self._truth = Glimpses(store)
        self._model = model
        self.sights: list[Sighting] = []
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
                self.sights.append(Sighting(eye.camera.id, sim.ns(t_s), self._model(rgb)))
        self._truth.taken.clear()
        yield from self._truth.frames(sim, (), from_s, to_s)
        wanted = {sim.ns(t_s) for t_s in moving}
        self.glimpses += [glimpse for glimpse in self._truth.taken if glimpse.t_ns in wanted]


def judged(seed: int, people: int, seconds: float, model: PersonModel) -> Part:
    """One play through pictures."""
    shop = load(SAMPLE)
    shop = replace(shop, cameras=walls(shop))
    rng = stream(seed, "tracking", people)
    coming = [
        Arrival(1.0 + 1.5 * k, (Member(random_build(rng), b.sequence(b.take, b.return_one, b.take)),))
        for k in range(people)
    ]
    instants = [round(float(t), 3) for t in np.arange(FROM_S, FROM_S + seconds, EVERY_S)]
    film = Watched(shop, seed, instants, model)
    try:
        for _ in simulate(shop, coming, seed=seed * 10 + people, film=film):
            if film.glimpses and film.glimpses[-1].t_ns >= film.sights[0].t_ns + round((seconds - 1.0) * 1e9):
                break
    finally:
        film.close()
    sights = sorted(film.sights, key=lambda one: (one.t_ns, one.camera))
    lenses = {camera.id: Lens.of(camera) for camera in shop.cameras}
    in_view, everybody, errors = held(follow(shop, sights, seed), film.glimpses, lenses)
    plain = {n: {k: tuple(v) for k, v in e.items()} for n, e in errors.items()}
    return Part("walls", 0, people, seed, tuple(in_view), tuple(everybody), plain, film.builds)


def run(*, json: bool, data: Path, seeds: range | None = None, model: PersonModel | None = None) -> dict[str, Any]:
    """Measure and, unless `json`, print; `data` is not used. A seed takes about four minutes of a core."""
    del data
    chosen, network = SEEDS if seeds is None else seeds, OwnPose() if model is None else model
    found = [judged(seed, people, SECONDS, network) for seed in chosen for people in CROWDS]
    figures: dict[str, Any] = {
        "origin": "simulated pictures",
        "network": network.name,
        "seeds": f"{chosen[0]}..{chosen[-1]}",
        "seconds_each": SECONDS,
        "by_people": {str(n): figures_of([part for part in found if part.people == n]) for n in CROWDS},
        "all": figures_of(found),
    }
    every = figures["all"]
    figures |= bars(
        idf1=every["idf1"] >= 0.97,
        head=every.get("head_median_cm", 99.0) <= 5.0,
        wrist=every.get("wrist_median_cm", 99.0) <= 8.0,
    )
    if not json:
        for name, row in [*figures["by_people"].items(), ("all", every)]:
            print(name, row)
        print(told(figures["bars"]))
    return figures
