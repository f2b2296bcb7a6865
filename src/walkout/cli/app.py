"""The tree of commands and what happens to an error that nobody expected."""

import sys

import typer

from walkout import __version__
from walkout.cli import bench, demo, evaluate, recordings, replay, store, twin
from walkout.cli.console import Exit, err

app = typer.Typer(
    name="walkout",
    help="A checkout-free shop on hardware you own, with the people behind it in plain sight.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="Exit status: 0 done; 1 the answer is no; 2 the input was refused, nothing written; "
    "3 done, but input was lost and --strict was given.",
)
app.add_typer(store.app, name="store")
app.add_typer(recordings.import_app, name="import")
app.add_typer(recordings.export_app, name="export")
app.add_typer(twin.app, name="twin")
app.command("replay")(replay.replay_command)
app.command("report")(replay.report_command)
app.command("score")(evaluate.score_command)
app.command("bench")(bench.bench_command)
app.command("demo")(demo.demo_command)


@app.callback(invoke_without_command=True)
def top(*, version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    """Options of the program itself."""
    if version:
        typer.echo(f"walkout {__version__}")
        raise typer.Exit(Exit.OK)


def main() -> None:
    """Run the command line; Ctrl-C ends with status 130 and without a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        err.print("stopped by Ctrl-C")
        sys.exit(130)
