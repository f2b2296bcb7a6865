"""`./run demo`: a shop that opens, or its whole story in one command."""

import asyncio
import shutil
import socket
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

import walkout
from walkout.checkout.decide import rung_shipped
from walkout.cli.console import err, out, refuse, step, write_file
from walkout.cli.replay import print_receipts, replayed
from walkout.cli.report import page
from walkout.live.cashier import SECOND_NS
from walkout.live.story import Told, tell
from walkout.live.till import Wishes
from walkout.store.folder import load
from walkout.twin.record import demo_arrivals
from walkout.web.api.context import Context
from walkout.web.serve import Serving, serve

SAMPLE = Path(walkout.__file__).resolve().parents[2] / "examples" / "sample-store"
PER_HOUR, ANSWER_S = 120, 300


def demo_command(
    *,
    once: Annotated[bool, typer.Option("--once", help="Play the story, print the receipts, and end.")] = False,
    seed: Annotated[int, typer.Option(help="The same seed plays the same story.")] = 1,
    folder: Annotated[Path, typer.Option("--out", help="Where the journal and the page go.")] = Path("out/demo"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Of the pages.")] = 8000,
) -> None:
    """Open the sample shop with simulated shoppers in it; without a terminal, or with --once, play its story."""
    if not SAMPLE.is_dir():
        refuse("The sample shop is part of the source tree, not of the installed package: run this from a clone.")
    folder.mkdir(parents=True, exist_ok=True)
    if once or not err.is_terminal:
        play_story(folder, seed)
    else:
        open_shop(folder / "open", seed, port)


def play_story(folder: Path, seed: int) -> None:
    """Five shoppers over the real wire: scales, skeletons and a gate over MQTT in, receipts and a page out."""
    store, shop, drawing = load(SAMPLE), folder / "shop", folder / "visit.html"
    if (shop / "journal").is_dir():  # of the last time; nothing else is ever deleted
        shutil.rmtree(shop)
    with step("Five simulated shoppers come in; scales, skeletons and the gate speak over MQTT, eight times as fast"):
        try:
            told = asyncio.run(tell(store, shop, demo_arrivals(), seed=seed))
        except (OSError, TimeoutError) as error:
            refuse(error)
    with step("Replaying the journal offline"):
        result = replayed(told.journal)
    with step("Drawing the page"):
        write_file(drawing, page(told.journal, result).encode())
    print_receipts(told.receipts, len(result.events))
    _say(told)
    same = {(r.visit, r.lines, r.p_exact) for r in told.receipts} == {
        (r.visit, r.lines, r.p_exact) for r in result.receipts
    }
    out.print(f"The replay of the journal decides {'the same' if same else 'SOMETHING ELSE'}.")
    out.print(f"The page: {drawing.resolve()}", markup=False)
    out.print("Try next: ./run demo in a terminal opens the shop; docs/tutorials/first-receipt.md")
    if not same:
        raise typer.Exit(1)


def open_shop(data: Path, seed: int, port: int) -> None:
    """The sample shop, open, until Ctrl-C."""
    wishes = Wishes(any_card=True, answer_within_ns=ANSWER_S * SECOND_NS, settle_at=rung_shipped())
    how = Serving(
        load(SAMPLE),
        data,
        port,
        broker_port=_free_port(),
        wishes=wishes,
        twin_per_hour=PER_HOUR,
        seed=seed,
        newcomer=True,
    )

    def opened(context: Context, first_run: str) -> None:
        out.print(f"The shop is open at {context.base_url}. Simulated shoppers come in. Ctrl-C closes the shop.")
        if first_run:
            out.print(f"Make yourself its admin, and here only its reviewer too, once: {first_run}", markup=False)
        typer.launch(first_run or context.base_url)

    try:
        asyncio.run(serve(how, opened))
    except OSError as error:
        refuse(error)
    except KeyboardInterrupt:
        pass
    err.print("closed; everything is kept")


def _say(told: Told) -> None:
    paid = ", ".join(told.paid.values())
    out.print(
        f"Everything here is simulated. Held against the simulation's truth: "
        f"{told.exact:.0%} of {len(told.receipts)} receipts exactly right."
    )
    out.print(
        f"{told.messages} messages; a provisional receipt {median(told.provisional_s or (0.0,)):.2f} s after the exit "
        f"(median); charged: {paid} EUR, by a provider that moves no money."
    )
    alone, at = sum(receipt.status == "settled" for receipt in told.receipts), rung_shipped()
    if at is not None:
        out.print(
            f"{alone} settled without a person: those at least {at:.1%} sure, of which at most 1 % charge too much "
            "(at 95 %, simulated visits)."
            + (" Nobody answered for the others: only what is shown was charged." if alone < len(told.receipts) else "")
        )


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
