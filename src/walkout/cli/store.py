"""`walkout store check|show|schema|backup|restore`: a shop as a folder of plain files, and what it did."""

import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import orjson
import typer
from sqlalchemy import Engine as Database

from walkout.checkout.epcis import epcis
from walkout.checkout.ledger import Ledger
from walkout.checkout.poslog import poslog
from walkout.checkout.provider import CardProvider, NoAnswerError
from walkout.checkout.provider_fake import FakeProvider
from walkout.checkout.provider_route import OwnBooks, Route, stripe_cards
from walkout.checkout.reconcile import reconcile
from walkout.checkout.sale import sales
from walkout.checkout.storage import StorageError, open_database
from walkout.checkout.terms import Terms
from walkout.cli.console import Exit, Json, out, print_json, refuse, write_bytes, write_file
from walkout.live.backup import BackupError, backup, check_keep, expire, restore
from walkout.privacy.retention import BACKUP_NS, DAY_NS
from walkout.store import drawing, schema
from walkout.store.folder import check, load
from walkout.store.problem import StoreError
from walkout.store.shop import Store

app = typer.Typer(help="A shop as a folder of plain files.", no_args_is_help=True, add_completion=False)

Data = Annotated[Path, typer.Argument(metavar="DATA", help="The data folder of the shop, see `walkout serve --data`.")]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The store folder.")]


@app.command("check")
def check_command(folder: Folder, *, json: Json = False) -> None:
    """Name every error and warning at once, each with its place and what would be right; status 1 on an error."""
    problems = check(folder)
    errors = sum(problem.level == "error" for problem in problems)
    if json:
        print_json({"errors": errors, "warnings": len(problems) - errors, "problems": [asdict(p) for p in problems]})
    else:
        for problem in problems:
            out.print(str(problem), markup=False)
        out.print(f"{folder}: {errors} errors, {len(problems) - errors} warnings", markup=False)
    if errors:
        raise typer.Exit(Exit.FAILED)


@app.command("show")
def show_command(
    folder: Folder,
    *,
    to: Annotated[Path | None, typer.Option("--out", help="Draw the shop into this HTML file.")] = None,
) -> None:
    """Draw the shop: as text here, or as plan and shelf elevations in one self-contained page."""
    try:
        store = load(folder)
    except StoreError as error:
        refuse(error)
    if to is None:
        out.print(drawing.show_text(store))
    else:
        write_file(to, drawing.show_html(store).encode())
        out.print(f"drew {store.name} into {to}", markup=False)


@app.command("schema")
def schema_command() -> None:
    """Print the JSON Schemas of the files of a store folder."""
    print_json(schema.schemas())


@app.command("export")
def export_command(
    form: Annotated[str, typer.Argument(metavar="FORM", help="poslog (ARTS POSLog 6, XML) or epcis (2.0, JSON-LD).")],
    folder: Folder,
    data: Data,
    *,
    to: Annotated[Path | None, typer.Option("--out", help="Write into this file.")] = None,
    since_ns: Annotated[int, typer.Option(help="Receipts issued at or after this instant, UTC nanoseconds.")] = 0,
    until_ns: Annotated[int | None, typer.Option(help="Receipts issued before this instant.")] = None,
    location: Annotated[
        str, typer.Option(help="epcis: the shop's GS1 Digital Link, https://id.gs1.org/414/<GLN>.")
    ] = "",
) -> None:
    """Write the sales in a shop's ledger, and what changed them later, in a form that other programs read."""
    if form not in ("poslog", "epcis"):
        refuse(f"found the form {form!r}, right: poslog or epcis")
    store, database = _opened(folder, data)
    found = sales(Ledger(database, store.name, Terms(), store.currency), since_ns, until_ns)
    if form == "poslog":
        text = poslog(found, store.name, store.timezone)
    else:
        made = epcis(found, store.name, store.timezone, time.time_ns(), location)
        text = orjson.dumps(made, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    database.dispose()
    if to is None:
        write_bytes(text)
    else:
        write_file(to, text)
        out.print(f"wrote {to}", markup=False)


@app.command("reconcile")
def reconcile_command(folder: Folder, data: Data, *, json: Json = False) -> None:
    """Hold a shop's ledger against its provider's books; status 1 where somebody has to look at a difference.

    The provider is the fake one in the data folder, or Stripe where WALKOUT_STRIPE_KEY holds a secret key.
    """
    store, database = _opened(folder, data)
    ledger = Ledger(database, store.name, Terms(), store.currency)
    key = os.environ.get("WALKOUT_STRIPE_KEY", "")
    try:
        cards: CardProvider = stripe_cards(key) if key else FakeProvider(data / "provider.db", time.time_ns)
        provider = Route(cards, OwnBooks(data / "own-books.db", time.time_ns))
        found = reconcile(ledger, provider)
    except (NoAnswerError, ValueError) as error:
        refuse(error)
    provider.close()
    database.dispose()
    faults = sum(one.what != "not collected" for one in found)
    if json:
        print_json({"differences": [asdict(one) for one in found], "faults": faults})
    else:
        for one in found:
            amounts = f"ours {one.ours}, theirs {one.theirs}"
            out.print(f"{one.visit}: {one.what} ({amounts}): {one.words}", markup=False)
        out.print(f"{len(found)} differences, {faults} of them need somebody", markup=False)
    if faults:
        raise typer.Exit(Exit.FAILED)


def _opened(folder: Path, data: Path) -> tuple[Store, Database]:
    if not (data / "ledger.db").is_file():
        refuse(f"found no ledger.db in {data}, right: the data folder of a shop that was open once")
    try:
        return load(folder), open_database(data / "ledger.db")
    except (StoreError, StorageError) as error:
        refuse(error)


@app.command("backup")
def backup_command(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="The data folder of a shop, see `walkout serve --data`.")
    ],
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="The archive to make (.tar.gz); it holds secrets.")],
    *,
    keep: Annotated[
        float, typer.Option(min=1, metavar="DAYS", help="Older backups beside it are deleted; less than 30.")
    ] = BACKUP_NS / DAY_NS,
) -> None:
    """Copy a shop's journal, ledger and secrets into one archive; the shop may be open.

    Backups in the same folder that are older than may be are deleted: what a shopper erased may not live on in them.
    """
    try:
        check_keep(round(keep * DAY_NS))
        size = backup(data, archive)
        gone = expire(archive.parent, round(keep * DAY_NS), time.time_ns())
    except BackupError as error:
        refuse(error)
    for path in gone:
        out.print(f"deleted {path}, which was older than {keep:g} days", markup=False)
    out.print(
        f"wrote {archive} ({size / 1e6:.1f} MB); it holds secrets: keep it where only you can read it", markup=False
    )


@app.command("restore")
def restore_command(
    archive: Annotated[Path, typer.Argument(metavar="FILE", help="What `store backup` made.")],
    data: Annotated[Path, typer.Argument(metavar="DATA", help="A folder that is empty or not there.")],
    *,
    old: Annotated[
        bool, typer.Option("--old", help="Also one that should have expired: what was erased since comes back.")
    ] = False,
) -> None:
    """Put a backup back."""
    try:
        restore(archive, data, old=old)
    except BackupError as error:
        refuse(error)
    out.print(f"restored {data}; open it with `walkout serve STORE --data {data}`", markup=False)
