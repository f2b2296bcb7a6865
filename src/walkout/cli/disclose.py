"""`walkout disclose`: the public report of a month, its page, and the bundle with which anybody can check it."""

import time
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from walkout.checkout.storage import StorageError, connect
from walkout.cli.console import Json, out, print_json, refuse, write_file
from walkout.disclosure.bundle import write_bundle
from walkout.disclosure.page import to_html
from walkout.disclosure.report import label, report, to_json
from walkout.disclosure.source import ABOUT, DisclosureError, Source, month, read_about
from walkout.store.folder import load
from walkout.store.problem import StoreError


def disclose_command(
    store: Annotated[Path, typer.Argument(metavar="STORE", help="The store folder.")],
    *,
    named: Annotated[str, typer.Option("--month", metavar="YYYY-MM", help="Which month, in UTC.")],
    to: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where report, page and bundle go.")],
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The shop's data folder; else under ~/.local/share/walkout.")
    ] = None,
    database: Annotated[
        str | None, typer.Option("--db", metavar="URL", help="postgresql://...; else ledger.db in the data folder.")
    ] = None,
    witness: Annotated[
        Path | None, typer.Option(metavar="FILE", help="An outside witness's copy of the checkpoints, or its folder.")
    ] = None,
    bundle: Annotated[bool, typer.Option("--bundle", help="Also the bundle that anybody can check offline.")] = False,
    json: Json = False,
) -> None:
    """Write what a month of the shop took in human work, from its own ledgers; the shop may stay open meanwhile."""
    from walkout.web.serve import data_folder  # noqa: PLC0415 - brings the whole web in

    try:
        shop = load(store)
        when = month(named)
        at = data_folder(shop) if data is None else data
        if database is None and not (at / "ledger.db").is_file():
            refuse(f"There is no ledger in {at}: right is the data folder of a shop that was open once (--data).")
        engine = connect(database or at / "ledger.db")
        about = read_about(at / ABOUT)
        log = at / "vault" / "log"
        source = Source(engine, log, when, shop.name, shop.origin, time.time_ns(), about, witness)
        made = report(source)
        to.mkdir(parents=True, exist_ok=True)
        write_file(to / f"disclosure-{named}.json", to_json(made))
        write_file(to / f"disclosure-{named}.html", to_html(made).encode())
        if bundle:
            write_bundle(source, made, to / f"bundle-{named}")
    except (StoreError, DisclosureError, StorageError, SQLAlchemyError, OSError) as error:
        refuse(error)
    if json:
        print_json(made)
        return
    for sentence in label(made):
        out.print(sentence, markup=False)
    out.print(made["checkpoint"]["words"], markup=False)
    if made["rows_not_in_the_log"]:
        out.print(f"{made['rows_not_in_the_log']} rows of the ledgers are not in the log yet", markup=False)
    out.print(f"written to {to}", markup=False)
