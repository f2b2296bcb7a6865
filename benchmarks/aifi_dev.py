"""The labelled real cases, played in the real shop with skeletons as they come: ours beside both reference methods.

Visits that no sensor can decide are named from the truth alone; the bars are over the others. Simulated. About 15
minutes on two cores.
"""

from pathlib import Path
from typing import Any

from benchmarks._bench import bars, bench, by_tag, methods_table, percent, told
from benchmarks._methods import METHODS
from benchmarks._suites import Job, labels, real_shop
from walkout.cli.suite_scores import Wanted
from walkout.evaluation.tables import SURE, by_method, certainty, grouped, share
from walkout.twin.settings import DEFAULT

F1_BAR, EXACT_BAR = 0.99, 0.98


def run(
    *, json: bool, data: Path, seeds: range | None = None, workers: int | None = None, keep: Path | None = None
) -> dict[str, Any]:
    """Measure and, unless `json`, print; FileNotFoundError where the real shop or its labels are not there."""
    this = bench("aifi-dev", json, seeds, workers, keep)
    with real_shop(data) as shop:
        rows = this.rows(Job(Wanted("aifi-dev", shop, labels(data), this.seeds, DEFAULT), METHODS))
    can = [row for row in rows if "undecidable" not in row.tags]
    cannot = [row for row in rows if "undecidable" in row.tags]
    over_can = by_method(can)
    unsure = share([r for r in cannot if r.method == "ours"], lambda row: certainty(row) < SURE)
    exact = over_can["ours"]["exact"]["share"]
    held = {
        f"F1 over the decidable >= {F1_BAR}": over_can["ours"]["f1"] >= F1_BAR,
        f"exactly right over the decidable >= {EXACT_BAR:.0%}": exact >= EXACT_BAR,
        "the undecidable come out unsure": unsure["count"] == unsure["of"],
    }
    figures: dict[str, Any] = {
        "origin": "simulated",
        "seeds": f"{this.seeds[0]}..{this.seeds[-1]}",
        "decidable": over_can,
        "undecidable": by_method(cannot),
        "undecidable_unsure": unsure,
        "named": {
            reason: sorted({f"{row.recording} {row.visit}" for row in found})
            for reason, found in grouped(cannot, lambda row: row.tags.get("undecidable")).items()
        },
        "by_case": by_tag(rows, "case"),
        **bars(**held),
    }
    this.show(
        methods_table("visits", {"decidable": over_can, "undecidable": figures["undecidable"]}, [*METHODS]),
        f"undecidable that came out unsure (p_exact under {SURE}): {percent(unsure)}",
        *(f"  undecidable: {reason}: {', '.join(names)}" for reason, names in figures["named"].items()),
        methods_table("case", figures["by_case"], [*METHODS]),
        told(held),
    )
    return figures
