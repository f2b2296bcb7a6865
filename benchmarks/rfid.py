"""RFID tags on goods at the exit: the same hard visits without tags, and with more or fewer, better or worse heard.

In the sample store: single shoppers who take only what has a product within 10 g beside it, with half as many plates
(neighbours share one); the trick of putting an equal mass back (`equal_mass_swap`), taking gram by gram
(`creeping_take`) and putting back out of sight (`hidden_return`); and two who take from one facing at once and leave
together (`same_take_by_two`). Simulated; no bar is set; the inference is told none of the rates (it assumes 0.95 and
0.1). 5 plays of 6 variants a seed: about 4 minutes with one worker.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks._bench import bench, by_tag, percent
from benchmarks._methods import METHODS
from benchmarks._suites import SAMPLE, Job
from benchmarks.neighbours import TAKES, equals, half_seen, halved, item_error
from walkout.evaluation.tables import by_method
from walkout.store.folder import load
from walkout.store.shop import Store
from walkout.twin import behaviours as b
from walkout.twin.evader import TRICKS
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate
from walkout.twin.seeds import stream
from walkout.twin.settings import DEFAULT, Settings
from walkout.twin.shoppers import random_build
from walkout.twin.simulation import Observation
from walkout.twin.suites import FAILURES, Play
from walkout.twin.tags import with_tags

SEEDS = range(131, 137)
"""Used for nothing else."""
VARIANTS: dict[str, tuple[float, float, float]] = {
    "no tags": (0.0, 0.0, 0.0),
    "every product, read 0.95, strays 0.1": (1.0, 0.95, 0.1),
    "a third of the products, read 0.95, strays 0.1": (1 / 3, 0.95, 0.1),
    "every product, read 0.8, strays 0.1": (1.0, 0.8, 0.1),
    "every product, read 0.95, strays 1": (1.0, 0.95, 1.0),
    "every product, read 0.8, strays 1": (1.0, 0.8, 1.0),
}
"""Share of the products with a tag, how often a tag that leaves is heard, stray tags heard at an exit."""
KINDS = ("equal_mass_swap", "creeping_take", "hidden_return", "same_take_by_two")


@dataclass(frozen=True, slots=True)
class Tagged:
    """The visits of the bench, in a shop with tags on a share of its products."""

    store: Path
    seeds: range
    share: float
    settings: Settings
    name: str = "rfid"

    def plays(self) -> Iterator[Play]:
        """Five plays a seed, the same visits whatever the tags."""
        shop = with_tags(load(self.store), self.share) if self.share else load(self.store)
        for seed in self.seeds:
            yield self._neighbours(shop, seed)
            for kind in KINDS:
                yield Play(f"{kind}-s{seed:05d}", shop, partial(self._kind, shop, kind, seed), {"behaviour": kind})

    def _neighbours(self, shop: Store, seed: int) -> Play:
        rng = stream(seed, "rfid", "neighbours")
        facings = equals(shop)
        wanted = [facings[int(k)] for k in rng.choice(len(facings), TAKES, replace=False)]
        visit = b.sequence(*(partial(b.take, facing=facing) for facing in wanted))
        coming = (Arrival(0.5, (Member(random_build(rng), visit),)),)

        def observations() -> Iterator[Observation]:
            return map(half_seen, simulate(shop, coming, seed=seed, settings=self.settings))

        return Play(f"neighbours-s{seed:05d}", halved(shop), observations, {"behaviour": "neighbours"})

    def _kind(self, shop: Store, kind: str, seed: int) -> Iterator[Observation]:
        rng = stream(seed, "rfid", kind)
        behaviours = FAILURES[kind]() if kind in FAILURES else (TRICKS[kind],)
        coming = [Arrival(0.5 + 1.5 * k, (Member(random_build(rng), one),)) for k, one in enumerate(behaviours)]
        return simulate(shop, coming, seed=seed, settings=self.settings)


def run(
    *, json: bool, data: Path, seeds: range | None = None, workers: int | None = None, keep: Path | None = None
) -> dict[str, Any]:
    """Measure and, unless `json`, print; `data` is not used."""
    del data
    this = bench("rfid", json, seeds, workers, keep, SEEDS)
    found: dict[str, Any] = {}
    table = Table(
        "tags", "visits", "exactly right (95 %)", "items wrong", "overcharged", "unsure", "sure, wrong", box=None
    )
    kinds = Table("tags", "neighbours", *KINDS, title="exactly right, of visits", box=None)
    for k, (name, (share, read, stray)) in enumerate(VARIANTS.items()):
        settings = replace(DEFAULT, tag_read=read, tag_stray=stray)
        rows = this.rows(Job(Tagged(SAMPLE, this.seeds, share, settings), {"ours": METHODS["ours"]}), f"{k}")
        row = by_method(rows)["ours"]
        of = {kind: one["ours"] for kind, one in by_tag(rows, "behaviour").items()}
        found[name] = {**row, "items_wrong": item_error(rows), "by_kind": of}
        figures = [str(row["visits"]), percent(row["exact"]), f"{100 * item_error(rows):.1f} %"]
        figures += [percent(row["overcharged"]), f"{100 * (row['unsure']['share'] or 0):.0f} %"]
        table.add_row(name, *figures, percent(row["sure_wrong"]))
        counts = [of[kind]["exact"] for kind in ("neighbours", *KINDS)]
        kinds.add_row(name, *(f"{one['count']} of {one['of']}" for one in counts))
    this.show(table, kinds)
    return {"origin": "simulated", "seeds": f"{this.seeds[0]}..{this.seeds[-1]}", "variants": found}
