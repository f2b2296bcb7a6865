"""Whether anybody is overcharged alone when something breaks: each fault in the shop's hours, decided as it ships.

Bar: overcharged among those settled alone <= 0.2 % at 95 % under every single fault. What the faults cost otherwise
(fewer settled alone, goods given away) stands beside it. The card and the certificate are those that ship, or those of
the calibration hours of `day` where `--keep` holds them. Simulated; fifteen faults of fifteen hours take hours, so
`--keep DIR` goes on where it was stopped, and `--seeds` takes fewer.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks._bench import bars, bench, percent, told
from benchmarks._deciding import answered
from benchmarks._suites import SAMPLE, Job
from walkout.checkout.decide import SHOWN_AT, settling, settling_shipped
from walkout.cli.suite_scores import Wanted
from walkout.evaluation.certificate import from_json as certificate_of
from walkout.evaluation.ladder import upper
from walkout.evaluation.settled import outcomes, summary
from walkout.evaluation.tables import grouped, tagged
from walkout.evaluation.verdict import Verdict
from walkout.inference.calibrate import Card
from walkout.inference.calibrate import from_json as card_of
from walkout.twin.settings import DEFAULT

SEEDS = range(20_001, 20_016)
OVER = 0.002


def run(
    *, json: bool, data: Path, seeds: range | None = None, workers: int | None = None, keep: Path | None = None
) -> dict[str, Any]:
    """Measure and, unless `json`, print; `data` is not used."""
    del data
    this = bench("faults", json, seeds, workers, keep, SEEDS)
    card, settle_at = decided_by(keep)
    rows = this.rows(Job(Wanted("faults", SAMPLE, None, this.seeds, DEFAULT), {"ours": answered}))
    figures = counted(card, settle_at, rows) | {"seeds": f"{this.seeds[0]}..{this.seeds[-1]}"}
    this.show(shown(figures), told(figures["bars"]))
    return figures


def decided_by(keep: Path | None) -> tuple[Card, float | None]:
    """The card and the threshold: of the files that `day` left beside the verdicts, or as they ship."""
    if keep is not None and (keep / "card.json").is_file() and (keep / "certificate.json").is_file():
        card = card_of((keep / "card.json").read_bytes())
        by = settling(card, certificate_of((keep / "certificate.json").read_bytes()), "simulated")
        return by.card, by.settle_at
    by = settling_shipped("simulated")
    return by.card, by.settle_at


def counted(card: Card, settle_at: float | None, rows: Sequence[Verdict]) -> dict[str, Any]:
    """Every fault apart."""
    found: dict[str, Any] = {}
    held: dict[str, bool] = {}
    for fault, of in grouped(rows, tagged("fault")).items():
        figures = summary(outcomes(of, card, settle_at, SHOWN_AT))
        over = figures["settled_overcharged"]
        bound = upper(over["count"], over["of"], 0.05)
        found[fault] = figures | {"settled_overcharged_bound": bound}
        held[f"{fault}: overcharged alone <= {OVER:.1%} at 95 %"] = bound <= OVER
    return {"origin": "simulated", "settle_at": settle_at, "faults": found, **bars(**held)}


def shown(figures: dict[str, Any]) -> Table:
    """A fault a row."""
    table = Table(
        "fault",
        "visits",
        "exactly right (95 %)",
        "settled alone (95 %)",
        "of those overcharged",
        "95 % bound",
        "given away per 1,000",
        box=None,
    )
    for fault, row in figures["faults"].items():
        over, given = row["settled_overcharged"], row["given_away_per_1000"]
        table.add_row(
            fault,
            str(row["visits"]),
            percent(row["exact"]),
            percent(row["settled_alone"]),
            f"{over['count']} of {over['of']}",
            f"{row['settled_overcharged_bound']:.2%}",
            f"{given['mean']:.0f}",
        )
    return table
