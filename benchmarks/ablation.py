"""What each part of inference is worth: ours without it, on the same recordings.

The labelled real cases in the real shop, what the winner is documented to fail at, and four shoppers at once. A part is
left out by fields of `walkout.inference.model.Model`; a variant whose fields the model has not is said to be missing.
Simulated. Five seeds (101..105): about 30 minutes on two cores.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from benchmarks._bench import bench, methods_table
from benchmarks._methods import Method, ours, with_model
from benchmarks._suites import SAMPLE, Job, labels, real_shop
from benchmarks.identity import OWN_SEEDS, four
from walkout.cli.suite_scores import Wanted
from walkout.evaluation.tables import by_method
from walkout.inference.model import Model
from walkout.twin.settings import DEFAULT

WITHOUT: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "without planogram belief": ({"planogram_belief": False},),
    "without joint windows": ({"joint_windows": False},),
    "without reach": ({"reach": False}, {"hand_lost": 1.0, "body_lost": 1.0, "body_near": 1.0}),
    "without baskets": ({"baskets": False},),
    "K = 1": ({"beam": 1},),
    "K = 8": ({"beam": 8},),
}
"""Fields that leave a part out; the first of each row that the model has all of."""


def variants() -> tuple[dict[str, Method], list[str]]:
    """Ours and each variant that the model can be, and the names of those that it cannot."""
    known = {field.name for field in fields(Model)}
    there: dict[str, Method] = {"ours": ours}
    for name, ways in WITHOUT.items():
        way = next((changes for changes in ways if set(changes) <= known), None)
        if way is not None:
            there[name] = with_model(**way)
    return there, [name for name in WITHOUT if name not in there]


def run(
    *, json: bool, data: Path, seeds: range | None = None, workers: int | None = None, keep: Path | None = None
) -> dict[str, Any]:
    """Measure and, unless `json`, print; FileNotFoundError where the real shop or its labels are not there."""
    this = bench("ablation", json, seeds, workers, keep, OWN_SEEDS)
    methods, missing = variants()
    with real_shop(data) as shop:
        jobs = {
            "aifi-dev": Job(Wanted("aifi-dev", shop, labels(data), this.seeds, DEFAULT), methods),
            "published-failures": Job(Wanted("published-failures", SAMPLE, None, this.seeds, DEFAULT), methods),
            "crowd-of-4": Job(Wanted("crowd", shop, None, this.seeds, DEFAULT), methods, only=four),
        }
        found = {suite: by_method(this.rows(job, suite)) for suite, job in jobs.items()}
    this.show(methods_table("suite", found, [*methods]), *(f"{name}: the model has no such switch" for name in missing))
    return {"origin": "simulated", "seeds": f"{this.seeds[0]}..{this.seeds[-1]}", "suites": found, "missing": missing}
