"""Each behaviour alone and in pairs, ours beside both reference methods, in the sample store.

The first bar is over all visits, also those that no sensor can decide (see `walkout.evaluation.decidable`); the second
over those that can be decided. Pairs that ours always gets right are left out of the printed table. Simulated. 128
scripts and 20 seeds make 2,560 plays: about an hour on two cores; `--seeds 101..104` is a fifth of it.
"""

from pathlib import Path
from typing import Any

from benchmarks._bench import bars, bench, by_tag, methods_table, told
from benchmarks._methods import METHODS
from benchmarks._suites import SAMPLE, Job
from walkout.cli.suite_scores import Wanted
from walkout.evaluation.tables import by_method
from walkout.twin.settings import DEFAULT

OVER_ALL, WORST = 0.95, 0.80


def run(
    *, json: bool, data: Path, seeds: range | None = None, workers: int | None = None, keep: Path | None = None
) -> dict[str, Any]:
    """Measure and, unless `json`, print; `data` is not used."""
    del data
    this = bench("behaviours", json, seeds, workers, keep)
    rows = this.rows(Job(Wanted("behaviours", SAMPLE, None, this.seeds, DEFAULT), METHODS))
    can = [row for row in rows if "undecidable" not in row.tags]
    everything, over_all, behaviours = by_method(rows), by_method(can), by_tag(can, "behaviour")
    worst = {name: found["ours"]["exact"]["share"] for name, found in behaviours.items() if "ours" in found}
    below = {name: value for name, value in worst.items() if value < WORST}
    names = sorted({part for row in rows for part in row.tags["behaviour"].split("+")})
    parts = {name: by_method([row for row in rows if name in row.tags["behaviour"].split("+")]) for name in names}
    hidden = by_tag([row for row in rows if "undecidable" in row.tags], "behaviour")
    held = {
        f"exactly right over all >= {OVER_ALL:.0%}": everything["ours"]["exact"]["share"] >= OVER_ALL,
        f"no behaviour under {WORST:.0%} where it can be decided": not below,
    }
    figures: dict[str, Any] = {
        "origin": "simulated",
        "seeds": f"{this.seeds[0]}..{this.seeds[-1]}",
        "decidable": over_all,
        "all": everything,
        "by_part": parts,
        "by_behaviour": behaviours,
        "undecidable_by_behaviour": hidden,
        "under_the_bar": below,
        **bars(**held),
    }
    printed = {name: found for name, found in behaviours.items() if "+" not in name or worst.get(name, 0.0) < 1.0}
    this.show(
        methods_table("visits", {"all": everything, "decidable": over_all}, [*METHODS]),
        methods_table("alone or in a pair", parts, [*METHODS]),
        methods_table("behaviour (decidable)", printed, [*METHODS]),
        methods_table("behaviour (undecidable)", hidden, [*METHODS]),
        told(held),
    )
    return figures
