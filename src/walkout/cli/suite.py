"""`walkout twin suite`: the plays of a named suite, written to files or scored as they are made."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from walkout.cli.console import Json, err, out, print_json, progress, refuse
from walkout.cli.evaluate import SHARES
from walkout.cli.suite_scores import Scored, Wanted, score_plays
from walkout.cli.twin_options import Labels, Settings, refusing, settings_named
from walkout.evaluation.score import Judgement, summary
from walkout.store.folder import load
from walkout.twin.settings import Settings as HowHard
from walkout.twin.suites import SUITES, VERSION, write_suite

BY_TAG = ("exact", "f1", "overcharged")
"""The figures of one tag's value, beside its visits."""


def suite_command(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(SUITES)}.")],
    *,
    store: Annotated[Path, typer.Option(help="The store folder.")],
    folder: Annotated[
        Path | None, typer.Option("--out", help="Where the recordings go; those that are there are kept.")
    ] = None,
    score: Annotated[
        bool, typer.Option("--score", help="Replay and score each play as it is made; keep no recording.")
    ] = False,
    labels: Labels = None,
    seeds: Annotated[str | None, typer.Option(metavar="A..B", help="Other seeds than the suite's own.")] = None,
    settings: Settings = "default",
    cameras: Annotated[bool, typer.Option("--cameras", help="With --out: film the store's cameras too.")] = False,
    workers: Annotated[
        int, typer.Option(min=1, max=256, help="With --score: so many plays at once; the figures are the same.")
    ] = 1,
    json: Json = False,
) -> None:
    """Record a named, frozen suite for measuring (goes on where it was stopped), or score it without keeping files."""
    if score == (folder is not None):
        found = "both" if score else "neither"
        refuse(f"--out DIR keeps the recordings, --score scores them without: found {found} of them.")
    chosen = None if seeds is None else seed_range(seeds)
    how_hard = settings_named(settings)
    if folder is not None:
        if json:
            refuse("--json goes with --score: what is written is files.")
        write(name, store, folder, labels, chosen, how_hard, cameras=cameras)
        return
    if cameras:
        refuse("--cameras goes with --out: scores are of plates and people.")
    plays: list[Scored] = []
    with refusing(), progress(name) as report_progress:
        for play in score_plays(Wanted(name, store, labels, chosen, how_hard), workers):
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
        "settings": how_hard.name,
        "seeds": seeds or "the suite's own",
        **summary([play.judgement for play in plays]),
        "with_losses": sum(play.losses > 0 for play in plays),
        "by_tag": by_tag(plays),
    }
    if json:
        print_json(figures)
    else:
        print_figures(figures)


def write(
    name: str,
    store: Path,
    folder: Path,
    labels: Path | None,
    seeds: range | None,
    settings: HowHard,
    *,
    cameras: bool = False,
) -> None:
    """Write the suite's recordings into a folder, with progress."""
    with refusing(), progress(name) as report_progress:
        made: list[str] = []

        def progressed(recording: str, there: bool) -> None:
            made.append(recording)
            report_progress(len(made), 0, f"{recording}{' (was there)' if there else ''}")

        paths = write_suite(
            name,
            load(store),
            folder,
            labels=labels,
            seeds=seeds,
            settings=settings,
            cameras=cameras,
            progress=progressed,
        )
    out.print(f"{len(paths)} recordings in {folder}, simulated", markup=False)


def seed_range(text: str) -> range:
    """`3..7` as the seeds 3 to 7, the last included."""
    first, dots, last = text.partition("..")
    if not (dots and first.isdigit() and last.isdigit() and int(first) <= int(last)):
        refuse(f"--seeds: found '{text}'; right would be two whole numbers, the smaller first, such as 1..20")
    return range(int(first), int(last) + 1)


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
