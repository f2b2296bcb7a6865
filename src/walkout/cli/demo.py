"""`./run demo`: a whole story in one command."""

from pathlib import Path
from typing import Annotated

import orjson
import typer

import walkout
from walkout.cli.console import err, out, refuse, step, write_file
from walkout.cli.replay import print_receipts, replayed
from walkout.cli.report import page
from walkout.evaluation.score import judge, summary
from walkout.live.replay import replay_json
from walkout.recording.reader import open_recording
from walkout.twin.record import demo_visit

SAMPLE = Path(walkout.__file__).resolve().parents[2] / "examples" / "sample-store"


def demo_command(
    *,
    once: Annotated[bool, typer.Option("--once", help="Do not open the page in a browser.")] = False,
    seed: Annotated[int, typer.Option(help="The same seed plays the same story.")] = 1,
    folder: Annotated[Path, typer.Option("--out", help="Where the recording and the page go.")] = Path("out/demo"),
) -> None:
    """Play a few simulated shoppers through the whole system: scales and skeletons in, receipts and a page out."""
    if not SAMPLE.is_dir():
        refuse("The sample shop is part of the source tree, not of the installed package: run this from a clone.")
    folder.mkdir(parents=True, exist_ok=True)
    recording, drawing = folder / "visit.mcap", folder / "visit.html"
    with step("Simulating five shoppers in the sample shop"):
        demo_visit(SAMPLE, recording, seed)
    with step("Deciding who took what"):
        result = replayed(recording)
    with step("Drawing the page"):
        write_file(drawing, page(recording, result).encode())
    print_receipts(result)
    receipts = orjson.loads(replay_json(result))["receipts"]
    figures = summary([judge(open_recording(recording), receipts)])
    out.print(
        f"Everything here is simulated. Held against the simulation's truth: "
        f"{figures['exact']:.0%} of {figures['visits']} receipts exactly right."
    )
    out.print(f"The page: {drawing.resolve()}", markup=False)
    out.print("Try next: ./run walkout store show examples/sample-store, or docs/tutorials/first-receipt.md")
    if not once and err.is_terminal:
        typer.launch(drawing.resolve().as_uri())
