"""The tree of commands and what happens to an error that nobody expected."""

import sys
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup

from walkout import __version__
from walkout.cli.console import Exit, err

COMMANDS: Final = {
    "store": "walkout.cli.store:app",
    "import": "walkout.cli.recordings:import_app",
    "export": "walkout.cli.recordings:export_app",
    "replay": "walkout.cli.replay:replay_command",
    "report": "walkout.cli.report:report_command",
    "score": "walkout.cli.evaluate:score_command",
    "calibrate": "walkout.cli.certify:calibrate_command",
    "certify": "walkout.cli.certify:certify_command",
    "certificate": "walkout.cli.certify:certificate_app",
    "model": "walkout.cli.model:app",
    "train": "walkout.cli.train:app",
    "see": "walkout.cli.see:see_command",
    "eyes": "walkout.cli.eyes:eyes_command",
    "cameras": "walkout.cli.cameras:app",
    "twin": "walkout.cli.twin:app",
    "review": "walkout.cli.review:app",
    "audit": "walkout.cli.audit:app",
    "disclose": "walkout.cli.disclose:disclose_command",
    "erase": "walkout.cli.erase:erase_command",
    "bench": "walkout.cli.bench:bench_command",
    "commission": "walkout.cli.commission:commission_command",
    "serve": "walkout.cli.serve:serve_command",
    "password": "walkout.cli.password:password_command",
    "demo": "walkout.cli.demo:demo_command",
}
"""Each command and where it is: loaded when it is called, since the compilers and solvers behind some take a second."""


EXTRAS: Final = {
    "av": "video",
    "cv2": "eyes",
    "moderngl": "gl",
    "onnxruntime": "eyes",
    "pyarrow": "parquet",
    "stripe": "stripe",
}
"""Optional packages and the extra that brings each."""


class Commands(TyperGroup):
    """A group that loads a command's module at its first use."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 click's own signature
        """The names in the order of the table above."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            one = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
            one.command(cmd_name)(found)
            found = one
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="walkout",
    cls=Commands,
    help="A checkout-free shop on hardware you own, with the people behind it in plain sight.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="Exit status: 0 done; 1 the answer is no; 2 the input was refused, nothing written; "
    "3 done, but input was lost and --strict was given.",
)


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
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRAS:
            raise
        err.print(
            f"This needs {package}, which is optional: './run extras' installs it "
            f"(or pip install 'walkout[{EXTRAS[package]}]').",
            markup=False,
        )
        sys.exit(Exit.REFUSED)
