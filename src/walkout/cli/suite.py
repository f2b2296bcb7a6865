"""`walkout twin suite`: the plays of a named suite, written to files or scored as they are made."""

from pathlib import Path
from typing import Annotated

import typer

from walkout.cli.console import Json, out, progress, refuse
from walkout.cli.twin_options import Labels, Settings, refusing, settings_named
from walkout.store.folder import load
from walkout.twin.settings import Settings as HowHard
from walkout.twin.suites import SUITES, write_suite


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
    # Scoring loads the compilers and solvers behind replay, which takes a second: only where it is asked for.
    from walkout.cli.suite_figures import score_suite  # noqa: PLC0415

    score_suite(name, store, labels, seeds, chosen, how_hard, workers, as_json=json)


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
