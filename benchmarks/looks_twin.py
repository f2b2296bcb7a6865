"""Looks from the twin's rendered pictures through the whole inference: neighbours of equal mass, without and with.

In the sample shop single shoppers take only products that have a neighbour within 10 g beside them on their shelf; the
same visits are also seen by half as many plates, each twice as wide, so that neighbours share one. Each visit is played
twice: once for plates and people, from whose shelf events follows which pictures are wanted, and once more for just
those pictures of all six cameras (with lens, light and noise, as JPEG at quality 80). Crops of hands and of what
changed on the shelf become looks, by prototypes from three portraits a product; then the same recording is replayed
without looks and with them. Simulated; the bar is that looks must not make it worse. 3 plays a seed, each some hundred
pictures: about 10 s a play on an idle core, and the shop's still part once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
from rich.table import Table

from benchmarks._bench import bench, percent
from benchmarks._methods import ours
from benchmarks._suites import SAMPLE, to_stderr
from benchmarks.neighbours import equals, half_seen, halved
from walkout.evaluation.rows import rows
from walkout.evaluation.tables import by_method
from walkout.evaluation.verdict import Verdict
from walkout.recording.look import Look
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.reader import open_recording
from walkout.recording.truth import TruthMove
from walkout.recording.video import Picture
from walkout.sensing.event import ShelfEvent
from walkout.sensing.plates import PlateDetector, cells_of
from walkout.sensing.vision.glimpses import People, Wish, looks_of, plan
from walkout.sensing.vision.lens import Lens
from walkout.sensing.vision.looks import Prototype
from walkout.sensing.vision.looks_model import LooksModel
from walkout.store.folder import load
from walkout.store.shop import Store
from walkout.twin import behaviours as b
from walkout.twin.camera.portrait import portraits
from walkout.twin.film import Scenery, Snapshots
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate
from walkout.twin.record import write
from walkout.twin.seeds import stream
from walkout.twin.settings import DEFAULT
from walkout.twin.shelves import Shelves
from walkout.twin.shoppers import random_build
from walkout.twin.simulation import START_NS, Observation

OWN_SEEDS = range(101, 105)
SETS = ("plates", "half the plates")
PLAYS, TAKES, PICTURES = 3, 4, 3
RATE_HZ = 10.0
QUALITY = 80
NS = 1_000_000_000


class Shots(Snapshots):
    """Snapshots of a store whose still part is drawn already."""

    def __init__(self, store: Store, seed: int, instants_s: Sequence[float], scenery: Scenery | None) -> None:
        self._set_up(store, seed, DEFAULT, scenery)
        self._instants_s = instants_s
        self.pictures = {camera.id: [] for camera in store.cameras}
        self.people = None

    def taken(self) -> Iterator[Picture]:
        """The pictures as they come out of JPEG."""
        for camera, pictures in self.pictures.items():
            for t_s, rgb in zip(self._instants_s, pictures, strict=True):
                coded = cv2.imencode(".jpg", rgb[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
                decoded = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)[:, :, ::-1]
                yield Picture(camera, START_NS + round(t_s * NS), decoded)


@dataclass(slots=True)
class Seen:
    """How often the likeliest product of a look was the true one, by what the look came from."""

    looks: int = 0
    right: int = 0
    given_true: float = 0.0
    blind: float = 0.0
    """What one look in so many candidates would be right by chance, summed."""


def run(
    *, json: bool, data: Path, seeds: range | None = None, workers: int | None = None, keep: Path | None = None
) -> dict[str, Any]:
    """Play, look, replay, and print."""
    del data
    held = bench("looks-twin", json, seeds, workers, keep, OWN_SEEDS)
    shop, model = load(SAMPLE), LooksModel.load()
    prototypes = {gtin: model.enrol(pictures) for gtin, pictures in catalogue(shop).items()}
    verdicts: list[Verdict] = []
    seen: Mapping[str, Seen] = {name: Seen() for name in SETS}
    scenery: Scenery | None = None
    for seed in held.seeds:
        for part in range(PLAYS):
            found, scenery = one(shop, seed, part, prototypes, model, seen, scenery)
            verdicts += found
            to_stderr(f"seed {seed} part {part}: {seen}")
    figures = by_method(verdicts)
    items = {name: mistaken([v for v in verdicts if v.method == name]) for name in figures}
    table = Table("method", "visits", "exactly right (95 %)", "items wrong", title="neighbours of equal mass", box=None)
    for name, row in figures.items():
        wrong = f"{items[name]['wrong']} of {items[name]['taken']}"
        table.add_row(name, str(row["visits"]), percent(row["exact"]), wrong)
    looked = {
        name: {
            "looks": s.looks,
            "likeliest_is_true": round(s.right / max(s.looks, 1), 4),
            "by_chance": round(s.blind / max(s.looks, 1), 4),
            "mean_p_of_true": round(s.given_true / max(s.looks, 1), 4),
        }
        for name, s in seen.items()
    }
    held.show(table, f"looks at true takes: {looked}")
    better = all(items[f"{name}, looks"]["wrong"] <= items[name]["wrong"] for name in SETS)
    return {
        "origin": "simulated",
        "methods": {name: {"exact": row["exact"], "items": items[name]} for name, row in figures.items()},
        "looks": looked,
        "bars": {"looks do not make it worse": better},
        "passed": better,
    }


def catalogue(shop: Store) -> Mapping[str, list[Any]]:
    """Portraits of every product that stands somewhere."""
    shelves = Shelves(shop, Snapshots(shop, 0, []).scenery.full)
    sizes = {facing.gtin: shelves.size_m(facing.gtin) for facing in shop.planogram}
    return {gtin: portraits(gtin, size, PICTURES) for gtin, size in sorted(sizes.items()) if size is not None}


def one(
    shop: Store,
    seed: int,
    part: int,
    prototypes: Mapping[str, Prototype],
    model: LooksModel,
    seen: Mapping[str, Seen],
    scenery: Scenery | None,
) -> tuple[list[Verdict], Scenery]:
    """One visit as both sets of plates see it, without looks and with them."""
    played = partial(simulate, shop, seed=1000 * seed + part)
    first = list(played(_coming(shop, seed, part)))
    people = [o for o in first if isinstance(o, PeopleFrame)]
    sets = {"plates": (shop, first), "half the plates": (halved(shop), [half_seen(o) for o in first])}
    eyes = {camera.id: Lens.of(camera) for camera in shop.cameras}
    crowd, wanted = People(people), list[Wish]()
    events = {name: shelf_events(store, told) for name, (store, told) in sets.items()}
    for name, (store, _) in sets.items():
        plans = [plan(k, event, crowd, store, eyes) for k, event in enumerate(events[name])]
        wanted += [wish for planned in plans if planned is not None for wish in planned[1]]
    shots = Shots(shop, 1000 * seed + part, _instants(wanted), scenery)
    for _ in played(_coming(shop, seed, part), film=shots):
        pass
    shots.close()
    found: list[Verdict] = []
    with TemporaryDirectory(prefix="walkout-") as folder:
        for name, (store, told) in sets.items():
            looks = looks_of(events[name], people, shots.taken(), store, eyes, prototypes, model)
            looks = [replace(look, arrived_ns=look.arrived_ns + NS // 10) for look in looks]
            _count(looks, [o for o in told if isinstance(o, TruthMove)], seen[name])
            for method, more in ((name, []), (f"{name}, looks", looks)):
                ordered = sorted([*told, *more], key=_when)
                recording = open_recording(write(ordered, Path(folder) / f"looks-{seed}-{part}.mcap", store))
                found += rows(recording, ours(recording), method)
    return found, shots.scenery


def shelf_events(shop: Store, observations: Sequence[Observation]) -> list[ShelfEvent]:
    """The events that the plates tell, by the detector as it ships."""
    found: list[ShelfEvent] = []
    for fixture in shop.fixtures:
        own = [o for o in observations if isinstance(o, PlateBatch) and o.fixture == fixture.id]
        if own:
            shape = (own[0].grams.shape[1], own[0].grams.shape[2])
            detector = PlateDetector(fixture.id, cells_of(fixture, shape), own[0].rate_hz)
            for batch in own:
                found += detector.push(batch)
            found += detector.flush()
    return sorted(found, key=lambda event: (event.start_ns, event.id))


def mistaken(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """Items taken, and how many of them the receipts do not have or have as something else."""
    return {"taken": sum(v.taken for v in verdicts), "wrong": sum(max(v.taken, v.charged) - v.right for v in verdicts)}


def _coming(shop: Store, seed: int, part: int) -> tuple[Arrival, ...]:
    rng, facings = stream(seed, "looks bench", part), equals(shop)
    wanted = [facings[int(k)] for k in rng.choice(len(facings), TAKES, replace=False)]
    visit = b.sequence(*(partial(b.take, facing=facing) for facing in wanted))
    return (Arrival(0.5, (Member(random_build(rng), visit),)),)


def _instants(wishes: Sequence[Wish]) -> list[float]:
    """The cameras' instants at or after what is wanted, seconds."""
    return sorted({np.ceil((wish.t_ns - START_NS) / NS * RATE_HZ - 1e-6) / RATE_HZ for wish in wishes})


def _count(looks: Sequence[Look], moves: Sequence[TruthMove], seen: Seen) -> None:
    for look in looks:
        near = [
            m
            for m in moves
            if m.source.kind == "plates"
            and (m.source.fixture, m.source.shelf) == (look.fixture, look.shelf)
            and m.start_ns - NS <= look.t_ns <= m.end_ns + NS
        ]
        if len(near) == 1 and near[0].gtin in look.likelihoods:
            likely = look.likelihoods
            best = max(likely, key=lambda gtin: likely[gtin])
            seen.looks += 1
            seen.right += best == near[0].gtin
            seen.given_true += likely[near[0].gtin] / sum(likely.values())
            seen.blind += 1.0 / len(likely)


def _when(observation: Observation) -> int:
    if isinstance(observation, PlateBatch):
        return int(observation.t_ns[-1])
    if isinstance(observation, TruthMove):
        return observation.end_ns
    return int(getattr(observation, "t_ns", getattr(observation, "left_ns", 0)))
