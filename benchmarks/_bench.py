"""What the benches of inference share: how they are run, their tables, and how bars are held."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks._suites import TEST_SEEDS, Job, run_suite, to_stderr
from walkout.cli.suite_scores import Wanted
from walkout.evaluation.tables import by_method, consistent, grouped, tagged
from walkout.evaluation.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Bench:
    """One run of a bench: `seeds` and `workers` as asked for, or the bench's own."""

    name: str
    json: bool
    seeds: range = TEST_SEEDS
    workers: int = 1
    keep: Path | None = None

    def rows(self, job: Job, part: str = "") -> list[Verdict]:
        """The verdicts of a job, inconsistent recordings left out; `part` names it where the bench has several."""
        keep = None
        if self.keep is not None:
            self.keep.mkdir(parents=True, exist_ok=True)
            keep = self.keep / f"{self.name}{'-' if part else ''}{part}.jsonl"
        return consistent(run_suite(job, workers=self.workers, keep=keep, say=to_stderr))

    def show(self, *tables: Table | str) -> None:
        """Print, unless JSON is wanted."""
        if not self.json:
            console = Console(width=150, highlight=False)
            for table in tables:
                console.print(table, markup=False)


def bench(
    name: str, json: bool, seeds: range | None, workers: int | None, keep: Path | None, own: range = TEST_SEEDS
) -> Bench:
    """A bench with its own seeds, and every core, where nothing else is asked for."""
    return Bench(name, json, own if seeds is None else seeds, workers or os.cpu_count() or 1, keep)


def percent(share: Mapping[str, Any]) -> str:
    """A share with its interval."""
    if share["share"] is None:
        return "-"
    low, high = share["interval"]
    return f"{100 * share['share']:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def methods_table(title: str, groups: Mapping[str, Mapping[str, Mapping[str, Any]]], order: Sequence[str]) -> Table:
    """Groups down, and for each method: exactly right with interval, F1, overcharged, sure but wrong."""
    table = Table(
        title, "method", "visits", "exactly right (95 %)", "F1", "overcharged", "unsure", "sure, wrong", box=None
    )
    for group, methods in groups.items():
        for name in [n for n in order if n in methods]:
            row = methods[name]
            figures = [percent(row["exact"]), "-" if row["f1"] is None else f"{row['f1']:.3f}"]
            figures += [percent(row["overcharged"]), f"{100 * (row['unsure']['share'] or 0):.1f} %"]
            table.add_row(group, name, str(row["visits"]), *figures, percent(row["sure_wrong"]))
    return table


def by_tag(rows: Iterable[Verdict], tag: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Value of a tag to method to figures."""
    return {value: by_method(found) for value, found in grouped(rows, tagged(tag)).items()}


def bars(**held: bool) -> dict[str, Any]:
    """Bars by name, and whether all are met."""
    return {"bars": held, "passed": all(held.values())}


def told(held: Mapping[str, bool]) -> str:
    """Bars in words."""
    return "\n".join(f"{'met   ' if met else 'MISSED'} {name}" for name, met in held.items())


def harder(job: Job, **changes: Any) -> Job:
    """The same job with some settings of the twin changed; its tags name them."""
    assert isinstance(job.wanted, Wanted)
    settings = replace(job.wanted.settings, **changes)
    tags = {**job.tags, **{name: f"{value:g}" for name, value in changes.items()}}
    return replace(job, wanted=replace(job.wanted, settings=settings), tags=tags)
