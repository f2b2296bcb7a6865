"""A shop's day: calibrate on the calibration seeds, certify, and count on the test seeds what that comes to.

Simulated, 100 visits an hour in the sample store: 24 hours to learn from, 50 to count. An hour takes 20 to 60 seconds
on a core, so the whole takes about half an hour on two; `--keep DIR` goes on where it was stopped, and leaves
`card.json` and `certificate.json` there, which are what ships for simulated shops.
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks._bench import bars, bench, percent, told
from benchmarks._deciding import Deciding, day, learnt
from walkout.evaluation.calibration import calibrated, receipts_of
from walkout.evaluation.reliability import exact_told, reliability
from walkout.evaluation.settled import outcomes, summary
from walkout.evaluation.verdict import Verdict
from walkout.twin.suites import TEST_SEEDS

EXACT, ALONE, WRONG, QUESTIONS = 0.99, 0.95, 0.005, 50.0


def run(
    *, json: bool, data: Path, seeds: range | None = None, workers: int | None = None, keep: Path | None = None
) -> dict[str, Any]:
    """Measure and, unless `json`, print; `data` is not used."""
    del data
    this = bench("day", json, seeds, workers, keep, TEST_SEEDS)
    by = learnt(this)
    figures = counted(by, this.rows(day(this.seeds), "test")) | {"seeds": f"{this.seeds[0]}..{this.seeds[-1]}"}
    this.show(*shown(figures))
    return figures


def counted(by: Deciding, rows: Sequence[Verdict]) -> dict[str, Any]:
    """What a card and a threshold come to on fresh visits."""
    found = summary(outcomes(rows, by.card, by.settle_at, by.shown_at))
    fresh = reliability(exact_told(calibrated(by.card, receipts_of(rows))))
    held = {
        f"exactly right >= {EXACT:.0%}": found["exact"]["share"] >= EXACT,
        f"settled alone >= {ALONE:.0%}, certified wrong <= {WRONG:.1%}": by.settle_at is not None
        and found["settled_alone"]["share"] >= ALONE,
        f"of those wrong <= {WRONG:.1%}": found["settled_wrong"]["share"] is not None
        and found["settled_wrong"]["share"] <= WRONG,
        f"questions a 1,000 visits <= {QUESTIONS:g}": by.settle_at is not None
        and found["questions_per_1000"]["mean"] <= QUESTIONS,
    }
    return {
        "origin": "simulated",
        "settle_at": by.settle_at,
        "certificate": by.certificate.id,
        "settling": [asdict(rung) for rung in by.certificate.settling],
        "ladder": [asdict(rung) for rung in by.certificate.ladder],
        "calibration_error": {"error": fresh.error, "interval": [fresh.error_low, fresh.error_high]},
        **found,
        **bars(**held),
    }


def shown(figures: dict[str, Any]) -> list[Table | str]:
    """The figures for people."""
    table = Table("", "", box=None, show_header=False)
    for name, words in (
        ("exact", "exactly right, all visits"),
        ("settled_alone", "settled alone"),
        ("settled_wrong", "of those wrong"),
        ("settled_overcharged", "of those overcharged"),
        ("ends_exact", "exactly right in the end"),
    ):
        table.add_row(words, percent(figures[name]))
    for name, words in (
        ("questions_per_1000", "questions answered"),
        ("seen_whole_per_1000", "visits that questions did not settle"),
        ("taken_per_1000", "value taken"),
        ("given_away_per_1000", "value not charged while nobody answers"),
        ("overcharged_while_unanswered_per_1000", "value overcharged while nobody answers"),
    ):
        table.add_row(f"{words}, per 1,000 visits", _mean(figures[name]))
    for cause, row in figures["given_away_by_cause_per_1000"].items():
        table.add_row(f"  not charged: {cause}", _mean(row))
    ladder = Table("risk", "at most", "may settle alone", "labels", box=None)
    for rung in figures["ladder"]:
        short = "too many are" if rung["short"] < 0 else f"~{rung['short']} labels short"
        share = f"none: {short}" if rung["threshold"] is None else f"{rung['share']:.1%}"
        ladder.add_row(rung["risk"], f"{rung['alpha']:.1%}", share, str(rung["labels"]))
    low, high = figures["calibration_error"]["interval"]
    return [
        f"{figures['visits']} simulated visits in {figures['recordings']} hours; settles from {figures['settle_at']}",
        table,
        ladder,
        f"calibration error {figures['calibration_error']['error']:.4f} ({low:.4f} to {high:.4f})",
        told(figures["bars"]),
    ]


def _mean(row: dict[str, Any]) -> str:
    low, high = row["interval"]
    return f"{row['mean']:.1f} ({low:.1f} to {high:.1f})"
