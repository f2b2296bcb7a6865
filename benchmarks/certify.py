"""Whether a certificate keeps its word: draw labelled visits from a pool again and again, certify, look at the pool.

A certificate is broken where more of the pool's visits at or above its threshold are wrong than it says. At 95 %, of
200 at most 16 may be (the 95 % bound of 5 % of 200). The pool is every hour of `day` that is not of the card; where it
holds fewer than 20,000 visits, that is said: whole hours are drawn with replacement, so that what hangs together stays
together. Simulated; a minute once the verdicts of `day` are there.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from benchmarks._bench import bars, bench, told
from benchmarks._deciding import day, learnt
from walkout.evaluation.calibration import calibrated, receipts_of
from walkout.evaluation.certificate import RISKS
from walkout.evaluation.ladder import LEVELS, Sample, climb, sample
from walkout.evaluation.verdict import Verdict
from walkout.inference.calibrate import Card
from walkout.twin.suites import TEST_SEEDS

DRAWS = 200
MOST_BROKEN = 16
POOL = 20_000
HOURS = 35
"""Hours of one drawing: as many as the certificate that ships is made of."""
SEED = 20_260_102


def run(
    *, json: bool, data: Path, seeds: range | None = None, workers: int | None = None, keep: Path | None = None
) -> dict[str, Any]:
    """Measure and, unless `json`, print; `data` is not used."""
    del data
    this = bench("day", json, seeds, workers, keep, TEST_SEEDS)
    by = learnt(this)
    rows = [*this.rows(day(this.seeds), "test")]
    figures = resampled(by.card, rows) | {"seeds": f"{this.seeds[0]}..{this.seeds[-1]}"}
    table = Table("risk", "at most", "certified", "share settled, mean", "broken", box=None)
    for name, row in figures["rungs"].items():
        risk, alpha = name.split(" ")
        table.add_row(risk, alpha, str(row["certified"]), f"{row['share']:.1%}", str(row["broken"]))
    this.show(f"pool of {figures['pool']} visits, {figures['said']}", table, told(figures["bars"]))
    return figures


def resampled(card: Card, rows: Sequence[Verdict], *, hours: int = HOURS, draws: int = DRAWS) -> dict[str, Any]:
    """Every rung on `draws` samples of `hours` whole hours each, against the pool that they come from."""
    pool = sample(calibrated(card, receipts_of(rows)))
    units = [np.flatnonzero(pool.unit == k) for k in range(int(pool.unit.max()) + 1)]
    rng = np.random.default_rng(SEED)
    rungs = {f"{risk} {alpha:.1%}": {"certified": 0, "broken": 0, "share": 0.0} for risk in RISKS for alpha in LEVELS}
    for _ in range(draws):
        drawn = rng.integers(0, len(units), hours)
        at = np.concatenate([units[k] for k in drawn])
        unit = np.repeat(np.arange(hours), [len(units[k]) for k in drawn])
        tested = Sample(pool.p[at], unit.astype(np.int64), {risk: bad[at] for risk, bad in pool.bad.items()})
        for risk in RISKS:
            for alpha in LEVELS:
                rung = climb(tested, risk, alpha, card.grid)
                if rung.threshold is None:
                    continue
                row = rungs[f"{risk} {alpha:.1%}"]
                row["certified"] += 1
                row["share"] += rung.share / draws
                row["broken"] += int(pool.bad[risk][pool.p >= rung.threshold].mean() > alpha)
    held = {
        f"{name}: at most {MOST_BROKEN} of {draws} broken": row["broken"] <= MOST_BROKEN for name, row in rungs.items()
    }
    few = len(pool.p) < POOL
    said = f"fewer than {POOL}: whole hours drawn with replacement" if few else "whole hours drawn with replacement"
    return {"origin": "simulated", "pool": len(pool.p), "said": said, "draws": draws, "rungs": rungs, **bars(**held)}
