"""`walkout model list|fetch`: models that others made, fetched at the user's wish, by address and checksum."""

from pathlib import Path
from typing import Annotated

import typer

from walkout.cli.console import Json, err, out, print_json, progress, refuse
from walkout.sensing.vision import registry
from walkout.sensing.vision.registry import FetchError

app = typer.Typer(help="Models of others that a shop may use.", no_args_is_help=True, add_completion=False)

Into = Annotated[
    Path | None, typer.Option("--into", help="The folder for models; default: WALKOUT_MODELS, or the user's cache.")
]


@app.command("list")
def list_command(*, into: Into = None, json: Json = False) -> None:
    """Name every model that can be fetched, its licence, and whether it is there."""
    where = into or registry.folder()
    rows = [
        {
            "name": one.name,
            "what": one.what,
            "licence": one.licence,
            "source": one.source,
            "url": one.url,
            "sha256": one.sha256,
            "size_bytes": one.size_bytes,
            "adapter": one.adapter,
            "path": str(registry.place(one, where)),
            "present": registry.present(one, where),
        }
        for one in registry.MODELS
    ]
    if json:
        print_json(rows)
        return
    for row in rows:
        there = f"at {row['path']}" if row["present"] else "not fetched"
        out.print(f"{row['name']}: {row['what']}; {row['licence']}; {row['size_bytes']} bytes; {there}", markup=False)
    out.print("Walkout's own pose network is part of the package and needs no download.")


@app.command("fetch")
def fetch_command(
    name: Annotated[str, typer.Argument(help="Which model; 'walkout model list' names them.")],
    *,
    into: Into = None,
    json: Json = False,
) -> None:
    """Fetch a model, check it to the byte, show its licence; status 2, and nothing kept, if anything is wrong."""
    try:
        one = registry.entry(name)
    except KeyError as error:
        refuse(str(error.args[0]))
    err.print(f"{one.name}: {one.source}. Licence: {one.licence}.", markup=False)
    try:
        with progress(one.name, quiet=json) as report:
            path = registry.fetch(one, into or registry.folder(), lambda done, size: report(done, size, ""))
    except FetchError as error:
        refuse(error)
    if json:
        print_json({"name": one.name, "path": str(path), "sha256": one.sha256, "licence": one.licence})
    else:
        out.print(str(path), markup=False)
