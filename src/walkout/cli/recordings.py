"""`walkout import aifi` and `walkout export aifi|parquet`: recordings from and for other systems."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from walkout.cli.console import Json, err, out, print_json, progress, refuse
from walkout.recording.aifi import export_aifi
from walkout.recording.aifi.sources import import_any
from walkout.recording.error import RecordingError
from walkout.store.problem import StoreError

import_app = typer.Typer(
    help="Make a recording from another system's data.", no_args_is_help=True, add_completion=False
)
export_app = typer.Typer(help="Write a recording in another system's form.", no_args_is_help=True, add_completion=False)


@import_app.callback()
def _import() -> None:
    """Keep `aifi` a command of its own."""


@import_app.command("aifi")
def import_aifi_command(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="SRC",
            help="A folder of JSON lines (mongoexport), a file of mongodump --archive, or a CSV of readings.",
        ),
    ],
    recording: Annotated[Path, typer.Argument(metavar="OUT.mcap", help="The recording to make.")],
    *,
    store_out: Annotated[Path | None, typer.Option(help="Also save the shop as a store folder here.")] = None,
    store: Annotated[
        Path | None, typer.Option(help="The store folder that a CSV was recorded in; the others hold their own.")
    ] = None,
    json: Json = False,
) -> None:
    """Read a case of the AutoCheckout competition (AiFi NanoStore): scales, skeletons, planogram, products."""
    try:
        with progress("importing") as report_progress:
            report = import_any(source, recording, store_out, store=store, progress=report_progress)
    except (RecordingError, StoreError) as error:
        refuse(error)
    if json:
        print_json(asdict(report))
        return
    for warning in report.warnings:
        err.print(f"warning: {warning}", markup=False)
    for loss in report.losses:
        err.print(f"lost: {loss.kind} on {loss.channel or 'the source'}: {loss.detail} ({loss.count})", markup=False)
    for identity, gtin in report.restricted:
        err.print(f"note: the id {identity!r} is no GTIN; here it is {gtin} (GS1 restricted range)", markup=False)
    out.print(
        f"imported {report.plate_batches} plate batches and {report.people_frames} people frames, "
        f"{report.products} products from {report.rows} rows, {report.facings} facings: {recording}",
        markup=False,
    )


@export_app.command("aifi")
def export_aifi_command(
    recording: Annotated[Path, typer.Argument(metavar="REC", help="A recording.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")],
) -> None:
    """Write plate_data.json, full_targets.json, planogram.json and products.json of the competition's format."""
    try:
        with progress("exporting") as report_progress:
            export_aifi(recording, folder, progress=report_progress)
    except (RecordingError, StoreError) as error:
        refuse(error)
    out.print(f"exported {recording} into {folder}", markup=False)


@export_app.command("parquet")
def export_parquet_command(
    recording: Annotated[Path, typer.Argument(metavar="REC", help="A recording.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")],
    *,
    json: Json = False,
) -> None:
    """Write readings, people, gates, events, truth and store as Parquet tables, for notebooks and query engines."""
    from walkout.recording.parquet import export_parquet  # noqa: PLC0415 needs the optional pyarrow

    try:
        with progress("exporting") as report_progress:
            report = export_parquet(recording, folder, progress=report_progress)
    except RecordingError as error:
        refuse(error)
    if json:
        print_json(asdict(report))
        return
    tables = ", ".join(f"{rows} {name}" for name, rows in report.rows.items() if rows)
    out.print(f"exported {recording} into {folder}: {tables}", markup=False)
