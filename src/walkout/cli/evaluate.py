"""`walkout score`: receipts held against the truth that a recording carries."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from walkout.cli.console import Json, out, print_json, refuse
from walkout.cli.replay import replayed
from walkout.evaluation.matching import ClaimError
from walkout.evaluation.score import Judgement, NoTruthError, judge, summary
from walkout.live.replay import replay_json
from walkout.recording.error import RecordingError
from walkout.recording.reader import open_recording

SHARES = {
    "exact": "receipts exactly right",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1, mean over recordings",
    "settled_alone": "settled by software alone",
    "settled_wrong": "of those not exactly right",
    "overcharged": "charged for something not taken",
}


def score_command(
    recordings: Annotated[list[Path], typer.Argument(metavar="REC...", help="Recordings with truth.")],
    *,
    receipts: Annotated[
        Path | None,
        typer.Option(help="Score the receipts in this JSON file (published form), not those of our own replay."),
    ] = None,
    json: Json = False,
) -> None:
    """Say how many receipts are exactly right, and precision, recall and F1 as the competition counted them."""
    if receipts is not None and len(recordings) != 1:
        refuse(f"--receipts goes with one recording; found {len(recordings)}.")
    given = None if receipts is None else published(receipts)
    judgements = [judged(path, given) for path in recordings]
    figures = summary(judgements)
    if json:
        print_json(figures)
        return
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, words in SHARES.items():
        table.add_row(words, f"{figures[name]:.4f}")
    out.print(f"{figures['visits']} visits in {figures['recordings']} recordings ({origins(recordings)})")
    out.print(table)


def judged(path: Path, given: Sequence[Mapping[str, Any]] | None) -> Judgement:
    """One recording's receipts, given or replayed, held against its truth."""
    try:
        receipts = orjson.loads(replay_json(replayed(path)))["receipts"] if given is None else given
        return judge(open_recording(path), receipts)
    except (RecordingError, NoTruthError, ClaimError) as error:
        refuse(error)


def published(path: Path) -> list[Mapping[str, Any]]:
    """The receipts in a file: `{"receipts": [...]}` or the list alone."""
    try:
        found = orjson.loads(path.read_bytes())
    except OSError as error:
        refuse(f"{path} cannot be read: {error.strerror or error}")
    except orjson.JSONDecodeError as error:
        refuse(f"{path}: found text that is no JSON ({error}); right would be {{'receipts': [...]}}")
    found = found.get("receipts") if isinstance(found, dict) else found
    if not isinstance(found, list) or not all(isinstance(receipt, dict) for receipt in found):
        refuse(f"{path}: found no list of receipts; right would be {{'receipts': [...]}}")
    return found


def origins(recordings: Sequence[Path]) -> str:
    """Whether the figures are of real or of simulated visits."""
    return " and ".join(sorted({open_recording(path).origin for path in recordings}))
