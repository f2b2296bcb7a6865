"""`walkout report`: a recording in, a page out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from walkout.cli.console import out, refuse, write_file
from walkout.cli.replay import Source, StoreFolder, replayed
from walkout.live.outcome import Replay
from walkout.recording.reader import open_recording
from walkout.web.reaches import wrists
from walkout.web.report import report_html
from walkout.web.strips import strips


def report_command(
    recording: Source,
    *,
    to: Annotated[Path, typer.Option("--out", help="The page to make.")] = Path("visit.html"),
    visits: Annotated[
        list[str] | None, typer.Option("--visit", help="Show this visit in full; may be given again.")
    ] = None,
    pictures: Annotated[
        bool, typer.Option("--pictures", help="Show camera pictures too, not redacted; of a simulated recording only.")
    ] = False,
    store: StoreFolder = None,
) -> None:
    """Draw a recording as one self-contained page: paths, plate curves, candidates, receipts, and why."""
    result = replayed(recording, store)
    write_file(to, page(recording, result, visits or (), pictures=pictures).encode())
    out.print(f"wrote {to} ({to.stat().st_size / 1000:.0f} kB)", markup=False)


def page(recording: Path, result: Replay, visits: Sequence[str] = (), *, pictures: bool = False) -> str:
    """The report of a replayed recording; `visits` empty: the least sure in full, all others listed.

    `pictures` must be asked for by name, since they are not redacted; those of real people are withheld all the same.
    """
    known = {receipt.visit for receipt in result.receipts}
    for visit in visits:
        if visit not in known:
            refuse(f"{recording} has no visit '{visit}'; it has {', '.join(sorted(known)[:20])}")
    hands = wrists(open_recording(recording).observations(), result, visits)
    seen = strips(open_recording(recording), result, visits) if pictures else None
    return report_html(result, result.store, wrists=hands, visits=visits, strips=seen)
