"""How true P(exactly right) is on fresh visits: as the twin is set by default, set harder, and with dead plates.

The card is that of the calibration seeds of `day` (with the default settings and all plates alive). Simulated, 20
hours of 100 visits each way; about half an hour on two cores beyond the calibration hours.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from benchmarks._bench import bars, bench, told
from benchmarks._deciding import day, learnt
from benchmarks._suites import Job
from walkout.cli.suite_scores import Wanted
from walkout.evaluation.calibration import calibrated, receipts_of
from walkout.evaluation.reliability import Reliability, exact_told, line_told, reliability
from walkout.evaluation.verdict import Verdict
from walkout.inference.calibrate import Card
from walkout.recording.plates import PlateBatch
from walkout.store.shop import Store
from walkout.twin.seeds import stream
from walkout.twin.settings import HARDER
from walkout.twin.simulation import Observation
from walkout.twin.suites import TEST_SEEDS

FRESH = TEST_SEEDS[:20]
ERROR = 0.02
DEAD = 0.05
"""Of the plates that goods stand on, this share gives no readings from the start."""


def run(
    *, json: bool, data: Path, seeds: range | None = None, workers: int | None = None, keep: Path | None = None
) -> dict[str, Any]:
    """Measure and, unless `json`, print; `data` is not used."""
    del data
    this = bench("day", json, seeds, workers, keep, FRESH)  # the calibration hours are shared with `day`
    card = learnt(this).card
    this = replace(this, name="calibration")
    plain = day(this.seeds)
    jobs = {
        "default": plain,
        "harder": replace(plain, wanted=replace(_wanted(plain), settings=HARDER)),
        "dead plates": replace(plain, change=dead_plates, tags={"dead": f"{DEAD:g}"}),
    }
    found = {name: measured(card, this.rows(job, name.replace(" ", "-"))) for name, job in jobs.items()}
    held = {f"{name}: error <= {ERROR}": parts["exact"].error <= ERROR for name, parts in found.items()}
    figures: dict[str, Any] = {
        "origin": "simulated",
        "seeds": f"{this.seeds[0]}..{this.seeds[-1]}",
        "card": card.id,
        **{name: {part: asdict(of) for part, of in parts.items()} for name, parts in found.items()},
        **bars(**held),
    }
    this.show(_table(found), told(held))
    return figures


def measured(card: Card, rows: Sequence[Verdict]) -> dict[str, Reliability]:
    """Whole receipts and lines, as published."""
    fresh = calibrated(card, receipts_of(rows))
    return {"exact": reliability(exact_told(fresh)), "lines": reliability(line_told(fresh))}


def dead_plates(observations: Iterator[Observation], shop: Store, number: int) -> Iterator[Observation]:
    """What is delivered where some plates, drawn anew for each hour, never give a reading."""
    plates = sorted({(f.fixture, f.shelf, plate) for f in shop.planogram for plate in f.plates})
    rng = stream(number, "dead plates")
    drawn = rng.choice(len(plates), max(1, round(DEAD * len(plates))), replace=False)
    dead = [plates[int(k)] for k in drawn]
    for observation in observations:
        if isinstance(observation, PlateBatch):
            grams = observation.grams.copy()
            for fixture, shelf, plate in dead:
                if fixture == observation.fixture:
                    grams[:, shelf - 1, plate - 1] = np.nan
            yield replace(observation, grams=grams)
        else:
            yield observation


def _wanted(job: Job) -> Wanted:
    assert isinstance(job.wanted, Wanted)
    return job.wanted


def _table(found: dict[str, dict[str, Reliability]]) -> Table:
    table = Table("visits", "of", "how many", "wrong", "calibration error (95 %)", "Brier", box=None)
    for name, parts in found.items():
        for part, of in parts.items():
            said = f"{of.error:.4f} ({of.error_low:.4f} to {of.error_high:.4f})"
            table.add_row(name, part, str(of.count), str(of.wrong), said, f"{of.brier:.4f}")
    return table
