"""`walkout bench NAME`: the measurements behind every public figure."""

import importlib
import inspect
import sys
from pathlib import Path
from typing import Annotated

import typer

import walkout
from walkout.cli.console import Exit, err, print_json, refuse
from walkout.cli.suite import seed_range

FOLDER = Path(walkout.__file__).resolve().parents[2] / "benchmarks"


def names() -> list[str]:
    """The benches in the source tree, sorted; a module whose name begins with an underscore is a helper."""
    return sorted(path.stem.replace("_", "-") for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))


def bench_command(
    name: Annotated[str, typer.Argument(help="Which bench; 'list' names them.")] = "list",
    folder: Annotated[Path | None, typer.Argument(help="For aifi-real: where the downloaded readings are.")] = None,
    *,
    data: Annotated[Path, typer.Option(help="The folder of real recordings.", envvar="WALKOUT_SHARED_DATA")] = (
        FOLDER.parent.parent / "shared" / "data"
    ),
    seeds: Annotated[str | None, typer.Option(metavar="A..B", help="Other seeds than the bench's own.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="So many plays at once; default: every core.")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(help="Keep each visit's verdict in this folder; a stopped run goes on from there.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure something and print the figures beside their bars; status 1 when a bar is missed."""
    if not FOLDER.is_dir():
        refuse("The benches are part of the source tree, not of the installed package: run this from a clone.")
    if name == "list":
        print_json(names()) if json else typer.echo("\n".join(names()))
        return
    if name not in names():
        refuse(f"There is no bench '{name}': there are {', '.join(names())}.")
    sys.path.insert(0, str(FOLDER.parent))
    module = importlib.import_module(f"benchmarks.{name.replace('-', '_')}")
    given = {
        "folder": folder,
        "seeds": None if seeds is None else seed_range(seeds),
        "workers": workers,
        "keep": keep,
    }
    taken = inspect.signature(module.run).parameters
    if strange := [option for option, value in given.items() if value is not None and option not in taken]:
        refuse(f"Bench '{name}' takes no {' and no '.join(strange)}.")
    try:
        figures = module.run(json=json, data=data, **{k: v for k, v in given.items() if k in taken})
    except FileNotFoundError as error:
        refuse(f"This bench needs a file that is not here: {error.filename or error} (--data names the folder).")
    except ValueError as error:
        refuse(error)
    if json:
        print_json(figures)
    if not figures.get("passed", True):
        err.print("A bar was missed (see above).")
        raise typer.Exit(Exit.FAILED)
