"""What somebody gains who wants to leave with more than the receipt says, by trick, against ours and both references.

Gain: what was taken and not charged, less what was charged and not taken, in the shop's money and in items. A visit is
settled wrongly when the method is sure of it and it is not exactly right; what a sure method gives away is lost, what
an unsure one gives away is asked about first. Simulated, in the sample store. About 2 minutes on two cores.
"""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.table import Table

from benchmarks._bench import bench, by_tag, methods_table, percent
from benchmarks._methods import METHODS
from benchmarks._suites import SAMPLE, Job
from walkout.cli.suite_scores import Wanted
from walkout.evaluation.tables import SURE, Rows, by_method, certainty, grouped, share, tagged
from walkout.twin.settings import DEFAULT


def run(
    *, json: bool, data: Path, seeds: range | None = None, workers: int | None = None, keep: Path | None = None
) -> dict[str, Any]:
    """Measure and, unless `json`, print; `data` is not used."""
    del data
    this = bench("evader", json, seeds, workers, keep)
    rows = this.rows(Job(Wanted("evader", SAMPLE, None, this.seeds, DEFAULT), METHODS))
    tricks = {
        trick: {name: gain(of) for name, of in grouped(found, lambda row: row.method).items()}
        for trick, found in {"all": rows, **grouped(rows, tagged("trick"))}.items()
    }
    figures: dict[str, Any] = {
        "origin": "simulated",
        "seeds": f"{this.seeds[0]}..{this.seeds[-1]}",
        "all": by_method(rows),
        "by_trick": by_tag(rows, "trick"),
        "gain": tricks,
    }
    this.show(methods_table("trick", figures["by_trick"], [*METHODS]), _table(tricks))
    return figures


def gain(rows: Rows) -> dict[str, Any]:
    """Of one method: per 100 visits the value and the items not charged, all and of visits that it was sure of."""
    sure = [row for row in rows if certainty(row) >= SURE]
    per = 100 / max(1, len(rows))
    return {
        "visits": len(rows),
        "taken_value": round(float(_sum(rows, "taken_value")) * per, 2),
        "gained_value": round(float(_sum(rows, "undercharged_value") - _sum(rows, "overcharged_value")) * per, 2),
        "not_charged_value": round(float(_sum(rows, "undercharged_value")) * per, 2),
        "not_charged_value_sure": round(float(_sum(sure, "undercharged_value")) * per, 2),
        "not_charged_items": round(sum(row.taken - row.right for row in rows) * per, 2),
        "not_charged_items_sure": round(sum(row.taken - row.right for row in sure) * per, 2),
        "settled_wrong": share(rows, lambda row: certainty(row) >= SURE and not row.exact),
    }


def _sum(rows: Rows, name: str) -> Decimal:
    return sum((getattr(row, name) for row in rows), Decimal(0))


def _table(tricks: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Table:
    table = Table(
        "trick",
        "method",
        "taken, a 100 visits",
        "not charged",
        "of it while sure",
        "gained (net)",
        "items not charged",
        "settled wrongly (95 %)",
        box=None,
    )
    for trick, methods in tricks.items():
        for name in METHODS:
            row = methods[name]
            values = [
                row[key] for key in ("taken_value", "not_charged_value", "not_charged_value_sure", "gained_value")
            ]
            table.add_row(
                trick,
                name,
                *(f"{v:.2f}" for v in values),
                f"{row['not_charged_items']:.1f}",
                percent(row["settled_wrong"]),
            )
    return table
