"""Neighbours of equal mass in the real shop: who can tell them apart, with which sensors.

72 of the 113 real facings have a product within 10 g on their shelf. Single shoppers take only such products, each next
to its equal; the same visits are seen with plates and skeletons, with looks at three confusions on top, with plates and
a gate alone, and with half as many plates, each twice as wide. Simulated; no bar is set. 6 variants of 3 plays a seed:
about 15 minutes on two cores.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from benchmarks._bench import bench, percent
from benchmarks._methods import METHODS
from benchmarks._suites import Job, real_shop
from walkout.evaluation.tables import by_method, grouped
from walkout.evaluation.verdict import Verdict
from walkout.recording.look import Look
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.truth import Place, TruthMove
from walkout.store.folder import load
from walkout.store.layout import Gate, Plate
from walkout.store.planogram import Facing
from walkout.store.shop import Store
from walkout.twin import behaviours as b
from walkout.twin.labels import DOOR
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate
from walkout.twin.seeds import stream
from walkout.twin.settings import DEFAULT, Settings
from walkout.twin.shoppers import random_build
from walkout.twin.simulation import Observation
from walkout.twin.suites import Play

SAME_G = 10.0
PLAYS, TAKES = 3, 5
CONFUSIONS = (0.1, 0.3, 0.6)
"""Of looks: noise in each direction; products of one family lie about 0.7 apart, families 1.4."""
COMPARED = {name: METHODS[name] for name in ("ours", "winner")}


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Visits that take only products beside their equals; `half`: with half the plates."""

    store: Path
    seeds: range
    settings: Settings = DEFAULT
    half: bool = False
    name: str = "neighbours"

    def plays(self) -> Iterator[Play]:
        """Three plays a seed, the same visits whatever the settings of looks and plates."""
        shop = replace(load(self.store), gates=(Gate("door", *DOOR, 1.0),))
        facings = equals(shop)
        for seed in self.seeds:
            for part in range(PLAYS):
                rng = stream(seed, "neighbours", part)
                wanted = [facings[int(k)] for k in rng.choice(len(facings), TAKES, replace=False)]
                visit = b.sequence(*(partial(b.take, facing=facing) for facing in wanted))
                coming = (Arrival(0.5, (Member(random_build(rng), visit),)),)
                observations = partial(simulate, shop, coming, seed=100 * seed + part, settings=self.settings)
                name = f"neighbours-{part}-s{seed:05d}"
                if self.half:
                    yield Play(name, halved(shop), partial(_halves, observations))
                else:
                    yield Play(name, shop, observations)


def equals(store: Store) -> list[Facing]:
    """The facings with a product within 10 g on an adjoining facing of their shelf, in the planogram's order."""
    found = []
    for facing in store.planogram:
        mass_g = _mass_g(store, facing)
        beside = {p + step for p in facing.plates for step in (-1, 1)} - set(facing.plates)
        for other in store.facings_on(facing.fixture, facing.shelf):
            close = mass_g is not None and (o := _mass_g(store, other)) is not None and abs(o - mass_g) <= SAME_G
            if close and other.gtin != facing.gtin and beside & set(other.plates):
                found.append(facing)
                break
    return found


def _mass_g(store: Store, facing: Facing) -> float | None:
    product = store.products.get(facing.gtin)
    cell = any(store.plate(facing.fixture, facing.shelf, plate).cell for plate in facing.plates)
    return product.masses[0].mass_g if product is not None and product.masses and cell else None


def without_people(observations: Iterator[Observation], shop: Store, number: int) -> Iterator[Observation]:
    """What is left where nobody is tracked: plates, and a gate that knows who comes and goes."""
    del shop, number
    return (o for o in observations if not isinstance(o, PeopleFrame | Look))


def halved(store: Store) -> Store:
    """The shop with each two neighbouring plates as one: plate k is what 2k - 1 and 2k were."""
    fixtures = tuple(
        replace(f, shelves=tuple(replace(s, plates=tuple(_pairs(s.plates))) for s in f.shelves)) for f in store.fixtures
    )
    planogram = tuple(replace(f, plates=_half(f.plates)) for f in store.planogram)
    return replace(store, fixtures=fixtures, planogram=planogram)


def _pairs(plates: tuple[Plate, ...]) -> Iterator[Plate]:
    for k in _half(tuple(plate.id for plate in plates)):
        pair = [plate for plate in plates if (plate.id + 1) // 2 == k]
        left_m, right_m = min(p.x_m for p in pair), max(p.x_m + p.width_m for p in pair)
        yield Plate(k, left_m, round(right_m - left_m, 6), any(p.cell for p in pair))


def _half(plates: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted({(plate + 1) // 2 for plate in plates}))


def half_seen(observation: Observation) -> Observation:
    """What the halved shop's plates would have said, and the truth by their numbers."""
    if isinstance(observation, PlateBatch):
        grams = observation.grams
        if grams.shape[2] % 2:
            grams = np.concatenate([grams, np.full((*grams.shape[:2], 1), np.nan, np.float32)], axis=2)
        pairs = grams.reshape(*grams.shape[:2], -1, 2)
        both = np.where(np.isnan(pairs).all(axis=3), np.float32(np.nan), np.nansum(pairs, axis=3))
        return replace(observation, grams=both.astype(np.float32), source={})
    if isinstance(observation, TruthMove):
        return replace(observation, source=_half_place(observation.source), target=_half_place(observation.target))
    return observation


def _halves(made: Callable[[], Iterator[Observation]]) -> Iterator[Observation]:
    return map(half_seen, made())


def _half_place(place: Place) -> Place:
    return replace(place, plates=_half(place.plates))


def run(
    *, json: bool, data: Path, seeds: range | None = None, workers: int | None = None, keep: Path | None = None
) -> dict[str, Any]:
    """Measure and, unless `json`, print; FileNotFoundError where the real shop is not there."""
    this = bench("neighbours", json, seeds, workers, keep)
    with real_shop(data) as shop:
        plain = Job(Neighbours(shop, this.seeds), COMPARED)
        looks = {
            f"and looks, confusion {c:g}": Job(
                Neighbours(shop, this.seeds, replace(DEFAULT, looks_confusion=c)), {"ours": METHODS["ours"]}
            )
            for c in CONFUSIONS
        }
        jobs = {
            "plates and reach": plain,
            **looks,
            "plates and gate alone": replace(plain, change=without_people),
            "half the plates, and reach": Job(Neighbours(shop, this.seeds, half=True), COMPARED),
        }
        rows = {name: this.rows(job, f"{k}") for k, (name, job) in enumerate(jobs.items())}
        facings = len(equals(load(shop)))
    found = {name: by_method(of) for name, of in rows.items()}
    errors = {
        name: {method: item_error(made) for method, made in grouped(of, lambda row: row.method).items()}
        for name, of in rows.items()
    }
    table = Table(
        "sensors", "method", "visits", "exactly right (95 %)", "items wrong", "unsure", "sure, wrong", box=None
    )
    for name, methods in found.items():
        for method, row in methods.items():
            unsure = f"{100 * (row['unsure']['share'] or 0):.0f} %"
            cells = [percent(row["exact"]), f"{100 * errors[name][method]:.1f} %", unsure, percent(row["sure_wrong"])]
            table.add_row(name, method, str(row["visits"]), *cells)
    this.show(f"{facings} facings have an equal neighbour within {SAME_G:g} g", table)
    seeds_text = f"{this.seeds[0]}..{this.seeds[-1]}"
    return {"origin": "simulated", "seeds": seeds_text, "facings": facings, "sensors": found, "items_wrong": errors}


def item_error(rows: list[Verdict]) -> float:
    """The share of items taken that are not on the receipt."""
    taken = sum(row.taken for row in rows)
    return 1.0 - sum(row.right for row in rows) / taken if taken else 0.0
