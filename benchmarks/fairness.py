"""Whether anybody is served worse: exactly right and asked, by stature, wheelchair, pushchair, bags and group.

Free play in the sample store, where every kind of shopper is as common as any other, so that few visits say much. Held:
in no group is the share not exactly right, or the share that is unsure, more than twice that of the best group; shares
are of (count + 1) of (visits + 2), so that a group without any does not divide by nothing. Parties of two or three buy
two or three times as much, so errors an item are printed too. Simulated. One play of 15 minutes a seed: about 15
minutes on two cores.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from benchmarks._bench import bars, bench, percent, told
from benchmarks._methods import METHODS
from benchmarks._suites import SAMPLE, Job
from benchmarks.neighbours import item_error
from walkout.evaluation.tables import figures, grouped, tagged
from walkout.store.folder import load
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate
from walkout.twin.seeds import stream
from walkout.twin.settings import DEFAULT, Settings
from walkout.twin.shoppers import BAGS, KINDS, random_build, random_visit
from walkout.twin.suites import Play

PARTIES, MINUTES = 20, 15.0
STATURES_M = (1.45, 2.02)
GROUPS = (0.6, 0.25, 0.15)
"""Shares of parties of one, two and three."""
TAGS = ("stature", "kind", "bag", "handed", "party", "crowd")
BARRED = ("stature", "kind", "bag", "party")
TIMES = 2.0


@dataclass(frozen=True, slots=True)
class Everybody:
    """Free play in which kinds, statures and bags are drawn evenly."""

    store: Path
    seeds: range
    settings: Settings = DEFAULT
    name: str = "fairness"

    def plays(self) -> Iterator[Play]:
        """One play a seed."""
        shop = load(self.store)
        for seed in self.seeds:
            observations = partial(simulate, shop, _coming(seed, self.settings), seed=seed, settings=self.settings)
            yield Play(f"fairness-s{seed:05d}", shop, observations)


def _coming(seed: int, settings: Settings) -> tuple[Arrival, ...]:
    rng = stream(seed, "fairness")
    times = np.sort(rng.random(PARTIES)) * 60.0 * MINUTES
    return tuple(
        Arrival(0.5 + float(t), tuple(_member(rng, settings) for _ in range(1 + int(rng.choice(3, p=GROUPS)))))
        for t in times
    )


def _member(rng: np.random.Generator, settings: Settings) -> Member:
    kinds, bags = [kind for kind, _ in KINDS], sorted(set(BAGS))
    build = replace(
        random_build(rng),
        kind=kinds[int(rng.integers(len(kinds)))],
        stature_m=round(float(rng.uniform(*STATURES_M)), 3),
        bag=bags[int(rng.integers(len(bags)))],
    )
    return Member(build, random_visit(rng, settings))


def run(
    *, json: bool, data: Path, seeds: range | None = None, workers: int | None = None, keep: Path | None = None
) -> dict[str, Any]:
    """Measure and, unless `json`, print; `data` is not used."""
    del data
    this = bench("fairness", json, seeds, workers, keep)
    rows = this.rows(Job(Everybody(SAMPLE, this.seeds), {"ours": METHODS["ours"]}))
    rows = [row for row in rows if row.visit]
    groups: dict[str, dict[str, Any]] = {}
    for tag in TAGS:
        found = grouped(rows, tagged(tag))
        groups[tag] = {value: figures(of) | {"items_wrong": item_error(of)} for value, of in found.items()}
    ratios = {tag: {what: _ratio(groups[tag], what) for what in ("wrong", "unsure")} for tag in TAGS}
    held = {
        f"{tag}: worst within {TIMES:g} times the best, {what}": ratios[tag][what] <= TIMES
        for tag in BARRED
        for what in ("wrong", "unsure")
    }
    this.show(_table(groups), told(held))
    seeds_text = f"{this.seeds[0]}..{this.seeds[-1]}"
    return {
        "origin": "simulated",
        "seeds": seeds_text,
        "all": figures(rows),
        "groups": groups,
        "ratios": ratios,
        **bars(**held),
    }


def _ratio(values: Mapping[str, Mapping[str, Any]], what: str) -> float:
    """The worst group's share over the best's."""
    counts = [row["unsure"] if what == "unsure" else row["exact"] for row in values.values()]
    bad = [(c["count"] if what == "unsure" else c["of"] - c["count"], c["of"]) for c in counts]
    shares = [(count + 1) / (of + 2) for count, of in bad]
    return max(shares) / min(shares) if shares else 1.0


def _table(groups: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Table:
    table = Table(
        "group", "", "visits", "exactly right (95 %)", "unsure (95 %)", "overcharged", "items wrong", box=None
    )
    for tag, values in groups.items():
        for value, row in values.items():
            shares = [percent(row[what]) for what in ("exact", "unsure", "overcharged")]
            table.add_row(tag, value, str(row["visits"]), *shares, f"{100 * row['items_wrong']:.1f} %")
    return table
