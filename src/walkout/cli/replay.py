"""`walkout replay`: a recording in, receipts out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from walkout.checkout.receipt import Receipt
from walkout.cli.console import Exit, Json, err, out, progress, refuse, write_bytes
from walkout.live.outcome import Replay
from walkout.live.replay import replay, replay_json
from walkout.recording.error import RecordingError
from walkout.recording.reader import open_recording
from walkout.store.folder import load
from walkout.store.problem import StoreError
from walkout.web.words import money

Source = Annotated[Path, typer.Argument(metavar="REC", help="A recording (.mcap).")]
StoreFolder = Annotated[Path | None, typer.Option("--store", help="Use this store folder, not the recording's own.")]


def replayed(recording: Path, store: Path | None = None, *, samples: int | None = None) -> Replay:
    """Replay a file with progress; refuses what cannot be read, says on stderr what was lost."""
    try:
        with progress("replaying") as report_progress:
            result = replay(
                open_recording(recording),
                store=load(store) if store else None,
                samples=samples,
                progress=report_progress,
            )
    except (RecordingError, StoreError) as error:
        refuse(error)
    for loss in result.degraded:
        err.print(f"lost: {loss.kind} on {loss.channel or 'the file'}: {loss.detail} ({loss.count})", markup=False)
    return result


def replay_command(
    recording: Source,
    *,
    store: StoreFolder = None,
    samples: Annotated[
        int | None, typer.Option(min=1, help="Feed this many plate samples at a time; the receipts are the same.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="End with status 3 when anything was lost.")] = False,
    json: Json = False,
) -> None:
    """Decide what each party of a recording took, and print the receipts."""
    result = replayed(recording, store, samples=samples)
    if json:
        write_bytes(replay_json(result))
    else:
        print_receipts(result.receipts, len(result.events))
    if strict and result.degraded:
        raise typer.Exit(Exit.DEGRADED)


def print_receipts(receipts: Sequence[Receipt], events: int) -> None:
    """Receipts for people: one table a visit, the reasons below each line; `events`: so many at the shelves."""
    for receipt in receipts:
        out.print(receipt_table(receipt))
    with_lines = sum(bool(receipt.lines) for receipt in receipts)
    out.print(f"{len(receipts)} receipts, {with_lines} with lines; {events} shelf events")


def receipt_table(receipt: Receipt) -> Table:
    """One receipt; says that it is simulated where it is."""
    who = escape(", ".join(receipt.shoppers))
    seconds = (receipt.left_ns - receipt.entered_ns) / 1e9
    mark = "  simulated" if receipt.origin == "simulated" else ""
    table = Table(
        title=f"visit {escape(receipt.visit)}{mark}: {who}, {seconds:.0f} s, exactly right with {receipt.p_exact:.1%}",
        title_justify="left",
        show_footer=True,
        caption=decided(receipt),
        caption_justify="left",
    )
    table.add_column("", f"{sum(line.quantity for line in receipt.lines)}", justify="right")
    table.add_column("item", "total")
    table.add_column("each", money(receipt.total, receipt.currency), justify="right")
    table.add_column("sure", justify="right")
    for line in receipt.lines:
        table.add_row(
            f"{line.quantity}",
            f"{escape(line.name)}\n[dim]{escape(line.why)}",
            f"{line.unit_price}",
            f"{line.probability:.1%}",
        )
    if not receipt.lines:
        table.add_row("", "nothing taken", "", "")
    return table


def decided(receipt: Receipt) -> str:
    """Who decided; where nobody has yet: that a person is asked, what is due meanwhile, and what the questions are."""
    if receipt.status == "settled":
        return "settled: no person was asked" if receipt.decided_by == "software" else "settled: a person looked"
    said = [f"not settled: a person is asked; until then {money(receipt.payable, receipt.currency)} is due"]
    said += [f"{question.words} ({escape(question.event)})" for question in receipt.questions]
    return "\n".join(said)
