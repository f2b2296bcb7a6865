"""What the competition's winner is documented to get wrong, ours beside both reference methods.

Simulated, in the sample store; visits that no sensor can decide are counted apart. Held: ours loses to neither
reference on any of them, and the winner's method fails where the real one did (see also `bench winner`). About 2
minutes on two cores.
"""

from pathlib import Path
from typing import Any

from benchmarks._bench import bars, bench, by_tag, methods_table, told
from benchmarks._methods import METHODS
from benchmarks._suites import SAMPLE, Job
from walkout.cli.suite_scores import Wanted
from walkout.evaluation.tables import by_method
from walkout.twin.settings import DEFAULT


def run(
    *, json: bool, data: Path, seeds: range | None = None, workers: int | None = None, keep: Path | None = None
) -> dict[str, Any]:
    """Measure and, unless `json`, print; `data` is not used."""
    del data
    this = bench("published-failures", json, seeds, workers, keep)
    rows = this.rows(Job(Wanted("published-failures", SAMPLE, None, this.seeds, DEFAULT), METHODS))
    can = [row for row in rows if "undecidable" not in row.tags]
    over_all, behaviours = by_method(rows), by_tag(rows, "behaviour")
    ahead = {
        name: found["ours"]["exact"]["count"] >= max(found[m]["exact"]["count"] for m in METHODS)
        for name, found in behaviours.items()
    }
    held = {"ours is exactly right as often as either reference, on each": all(ahead.values())}
    figures: dict[str, Any] = {
        "origin": "simulated",
        "seeds": f"{this.seeds[0]}..{this.seeds[-1]}",
        "all": over_all,
        "decidable": by_method(can),
        "by_behaviour": behaviours,
        "decidable_by_behaviour": by_tag(can, "behaviour"),
        "ahead": ahead,
        **bars(**held),
    }
    this.show(
        methods_table("visits", {"all": over_all, "decidable": figures["decidable"]}, [*METHODS]),
        methods_table("behaviour", behaviours, [*METHODS]),
        methods_table("behaviour (decidable)", figures["decidable_by_behaviour"], [*METHODS]),
        told(held),
    )
    return figures
