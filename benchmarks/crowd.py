"""The curve from 1 to 12 shoppers at once in the real shop's 12 square metres, ours and both reference methods.

Simulated; no bar is set, the curve is the figure. 12 plays a seed: about 25 minutes on two cores.
"""

from pathlib import Path
from typing import Any

from benchmarks._bench import bench, by_tag, methods_table
from benchmarks._methods import METHODS
from benchmarks._suites import Job, real_shop
from walkout.cli.suite_scores import Wanted
from walkout.evaluation.tables import by_method
from walkout.twin.settings import DEFAULT


def run(
    *, json: bool, data: Path, seeds: range | None = None, workers: int | None = None, keep: Path | None = None
) -> dict[str, Any]:
    """Measure and, unless `json`, print; FileNotFoundError where the real shop is not there."""
    this = bench("crowd", json, seeds, workers, keep)
    with real_shop(data) as shop:
        rows = this.rows(Job(Wanted("crowd", shop, None, this.seeds, DEFAULT), METHODS))
    curve = dict(sorted(by_tag(rows, "shoppers").items(), key=lambda item: int(item[0])))
    can = [row for row in rows if "undecidable" not in row.tags]
    decidable = dict(sorted(by_tag(can, "shoppers").items(), key=lambda item: int(item[0])))
    figures: dict[str, Any] = {
        "origin": "simulated",
        "seeds": f"{this.seeds[0]}..{this.seeds[-1]}",
        "all": by_method(rows),
        "by_shoppers": curve,
        "decidable_by_shoppers": decidable,
    }
    this.show(
        methods_table("shoppers", curve, [*METHODS]),
        methods_table("shoppers (decidable visits)", decidable, [*METHODS]),
    )
    return figures
