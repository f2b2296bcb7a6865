"""`walkout store check|show|schema|backup|restore`: a shop as a folder of plain files, and what it did."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from walkout.cli.console import Exit, Json, out, print_json, refuse, write_file
from walkout.live.backup import BackupError, backup, restore
from walkout.store import drawing, schema
from walkout.store.folder import check, load
from walkout.store.problem import StoreError

app = typer.Typer(help="A shop as a folder of plain files.", no_args_is_help=True, add_completion=False)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The store folder.")]


@app.command("check")
def check_command(folder: Folder, *, json: Json = False) -> None:
    """Name every error and warning at once, each with its place and what would be right; status 1 on an error."""
    problems = check(folder)
    errors = sum(problem.level == "error" for problem in problems)
    if json:
        print_json({"errors": errors, "warnings": len(problems) - errors, "problems": [asdict(p) for p in problems]})
    else:
        for problem in problems:
            out.print(str(problem), markup=False)
        out.print(f"{folder}: {errors} errors, {len(problems) - errors} warnings", markup=False)
    if errors:
        raise typer.Exit(Exit.FAILED)


@app.command("show")
def show_command(
    folder: Folder,
    *,
    to: Annotated[Path | None, typer.Option("--out", help="Draw the shop into this HTML file.")] = None,
) -> None:
    """Draw the shop: as text here, or as plan and shelf elevations in one self-contained page."""
    try:
        store = load(folder)
    except StoreError as error:
        refuse(error)
    if to is None:
        out.print(drawing.show_text(store))
    else:
        write_file(to, drawing.show_html(store).encode())
        out.print(f"drew {store.name} into {to}", markup=False)


@app.command("schema")
def schema_command() -> None:
    """Print the JSON Schemas of the files of a store folder."""
    print_json(schema.schemas())


@app.command("backup")
def backup_command(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="The data folder of a shop, see `walkout serve --data`.")
    ],
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="The archive to make (.tar.gz); it holds secrets.")],
) -> None:
    """Copy a shop's journal, ledger and secrets into one archive; the shop may be open."""
    try:
        size = backup(data, archive)
    except BackupError as error:
        refuse(error)
    out.print(
        f"wrote {archive} ({size / 1e6:.1f} MB); it holds secrets: keep it where only you can read it", markup=False
    )


@app.command("restore")
def restore_command(
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="What `store backup` made.")],
    data: Annotated[Path, typer.Argument(metavar="DATA", help="A folder that is empty or not there.")],
) -> None:
    """Put a backup back."""
    try:
        restore(archive, data)
    except BackupError as error:
        refuse(error)
    out.print(f"restored {data}; open it with `walkout serve STORE --data {data}`", markup=False)
