"""`walkout twin record`: a simulated shop."""

from pathlib import Path
from typing import Annotated

import typer

from walkout.cli.console import out, progress, refuse
from walkout.recording.error import RecordingError
from walkout.store.problem import StoreError
from walkout.twin.record import record
from walkout.twin.settings import SETTINGS

app = typer.Typer(
    help="A simulated shop, with truth; everything it makes is marked simulated.",
    no_args_is_help=True,
    add_completion=False,
)


@app.callback()
def _twin() -> None:
    """Keep `record` a command of its own."""


@app.command("record")
def record_command(
    *,
    store: Annotated[Path, typer.Option(help="The store folder.")],
    to: Annotated[Path, typer.Option("--out", help="The recording to make.")],
    shoppers: Annotated[int, typer.Option(min=1, max=500, help="How many people come.")] = 4,
    minutes: Annotated[float, typer.Option(min=0.1, max=1440, help="How long the door is open.")] = 5,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    settings: Annotated[str, typer.Option(help="How hard the shop is: milder, default or harder.")] = "default",
) -> None:
    """Record free play in a simulated shop."""
    if settings not in SETTINGS:
        refuse(f"--settings: found '{settings}'; right: {', '.join(SETTINGS)}")
    try:
        with progress("simulating") as report_progress:
            start: list[int] = []

            def told(t_ns: int) -> None:
                if not start:
                    start.append(t_ns)
                report_progress((t_ns - start[0]) // 10**9, int(minutes * 60), "")

            record(store, to, shoppers=shoppers, minutes=minutes, seed=seed, settings=SETTINGS[settings], progress=told)
    except (RecordingError, StoreError) as error:
        refuse(error)
    out.print(f"recorded {to} ({to.stat().st_size / 1e6:.1f} MB, simulated)", markup=False)
