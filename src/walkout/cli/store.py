"""`walkout store check|show|schema`: a shop as a folder of plain files."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from walkout.cli.console import Exit, Json, out, print_json, refuse, write_file
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
