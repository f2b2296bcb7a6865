"""The figures of a suite that is scored as it is played: all plays together, and by each tag's values."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from walkout.cli.console import err, out, print_json, progress, refuse
from walkout.cli.evaluate import SHARES
from walkout.cli.suite_scores import Scored, Wanted, score_plays
from walkout.cli.twin_options import refusing
from walkout.evaluation.score import Judgement, summary
from walkout.twin.settings import Settings
from walkout.twin.suites import VERSION

BY_TAG = ("exact", "f1", "overcharged")
"""The figures of one tag's value, beside its visits."""


def score_suite(
    name: str,
    store: Path,
    labels: Path | None,
    seeds: str | None,
    chosen: range | None,
    settings: Settings,
    workers: int,
    *,
    as_json: bool,
) -> None:
    """Score a suite with progress and print its figures; `seeds` are the `chosen` ones as they were asked for."""
    plays: list[Scored] = []
    with refusing(), progress(name) as report_progress:
        for play in score_plays(Wanted(name, store, labels, chosen, settings), workers):
            plays.append(play)
            report_progress(len(plays), 0, play.name)
            if not err.is_terminal:
                err.print(told(len(plays), play), markup=False)
    if not plays:
        refuse(f"suite '{name}' has no play with seeds {seeds}.")
    figures = {
        "suite": name,
        "version": VERSION,
        "origin": "simulated",
        "settings": settings.name,
        "seeds": seeds or "the suite's own",
        **summary([play.judgement for play in plays]),
        "with_losses": sum(play.losses > 0 for play in plays),
        "by_tag": by_tag(plays),
    }
    if as_json:
        print_json(figures)
    else:
        print_figures(figures)


def told(count: int, play: Scored) -> str:
    """One play in a line of progress."""
    figures = summary([play.judgement])
    if figures["left_out"]:
        return f"{count}. {play.name}: left out, its labels contradict themselves"
    return f"{count}. {play.name}: {figures['exact']:.0%} of {figures['visits']} exactly right, F1 {figures['f1']:.3f}"


def by_tag(plays: Sequence[Scored]) -> dict[str, dict[str, dict[str, Any]]]:
    """Tag to value to figures, in the suite's order; figures are null where every play is left out."""
    grouped: dict[str, dict[str, list[Judgement]]] = {}
    for play in plays:
        for tag, value in play.tags.items():
            grouped.setdefault(tag, {}).setdefault(value, []).append(play.judgement)
    return {tag: {value: _row(found) for value, found in values.items()} for tag, values in grouped.items()}


def _row(judgements: Sequence[Judgement]) -> dict[str, Any]:
    figures = summary(judgements)
    shares = {share: figures[share] if figures["recordings"] else None for share in BY_TAG}
    counts = {count: figures[count] for count in ("visits", "recordings", "left_out")}
    return {**counts, **shares}


def print_figures(figures: Mapping[str, Any]) -> None:
    """The figures for people: all plays together, then a table for each tag."""
    out.print(
        f"{figures['suite']}: {figures['visits']} visits in {figures['recordings']} recordings, simulated "
        f"(settings {figures['settings']})",
        markup=False,
    )
    for count, words in (("left_out", "left out: labels contradict themselves"), ("with_losses", "with lost input")):
        if figures[count]:
            out.print(f"recordings {words}: {figures[count]}")
    table = Table(show_header=False, box=None, pad_edge=False)
    for share, words in SHARES.items():
        table.add_row(words, f"{figures[share]:.4f}")
    out.print(table)
    for tag, values in figures["by_tag"].items():
        out.print()
        out.print(_table(tag, values))


def _table(tag: str, values: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(tag)
    for heading in ("visits", *BY_TAG):
        table.add_column(heading, justify="right")
    for value, row in values.items():
        table.add_row(value, *_cells(row))
    return table


def _cells(row: Mapping[str, Any]) -> Iterator[str]:
    yield str(row["visits"])
    for share in BY_TAG:
        yield "left out" if row[share] is None else f"{row[share]:.4f}"
