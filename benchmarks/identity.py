"""The curves against the tracker's faults: identity swaps and missing joints, none to five times the default.

The labelled real cases in the real shop, and four shoppers at once there, where swaps have somebody to swap with. Held:
nothing; the curves are the figure. Simulated. Five seeds (101..105) and 9 levels: about 40 minutes on two cores.
"""

from pathlib import Path
from typing import Any

from benchmarks._bench import bench, harder, methods_table
from benchmarks._methods import METHODS
from benchmarks._suites import Job, labels, real_shop
from walkout.cli.suite_scores import Wanted
from walkout.evaluation.tables import by_method
from walkout.evaluation.verdict import Verdict
from walkout.twin.settings import DEFAULT

LEVELS = (0.0, 1.0, 2.0, 3.0, 5.0)
FAULTS = ("identity_swaps", "missing_joints")
SHOPPERS = "crowd-04"
OWN_SEEDS = range(101, 106)
COMPARED = {name: METHODS[name] for name in ("ours", "winner")}


def four(name: str) -> bool:
    """Whether a play of the crowd is the one of four shoppers."""
    return name.startswith(SHOPPERS)


def run(
    *, json: bool, data: Path, seeds: range | None = None, workers: int | None = None, keep: Path | None = None
) -> dict[str, Any]:
    """Measure and, unless `json`, print; FileNotFoundError where the real shop or its labels are not there."""
    this = bench("identity", json, seeds, workers, keep, OWN_SEEDS)
    figures: dict[str, Any] = {"origin": "simulated", "seeds": f"{this.seeds[0]}..{this.seeds[-1]}"}
    with real_shop(data) as shop:
        jobs = {
            "aifi-dev": Job(Wanted("aifi-dev", shop, labels(data), this.seeds, DEFAULT), COMPARED),
            "crowd of 4": Job(Wanted("crowd", shop, None, this.seeds, DEFAULT), COMPARED, only=four),
        }
        for suite, job in jobs.items():
            plain = this.rows(job, f"{suite.replace(' ', '-')}-default")
            for fault in FAULTS:
                curve: dict[str, list[Verdict]] = {"1": plain}
                for level in LEVELS:
                    part = f"{suite.replace(' ', '-')}-{fault}-{level:g}"
                    if level != 1.0:
                        curve[f"{level:g}"] = this.rows(harder(job, **{fault: level}), part)
                table = {level: by_method(curve[level]) for level in sorted(curve, key=float)}
                figures.setdefault(suite, {})[fault] = table
                this.show(methods_table(f"{suite}: times {fault}", table, [*COMPARED]))
    return figures
