"""`walkout audit verify`: does the log of looks, decisions and deletions still say what it said?"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from walkout.checkout.storage import connect
from walkout.cli.console import Exit, Json, out, print_json, refuse
from walkout.disclosure.bundle import REPORT, read_bundle
from walkout.disclosure.holder import check
from walkout.disclosure.ledgers import unlike
from walkout.privacy.audit import audit
from walkout.privacy.entry import EntryError, decode
from walkout.privacy.log import ENTRIES
from walkout.privacy.witness import COPY

app = typer.Typer(help="The log of every look, decision and deletion.", no_args_is_help=True, add_completion=False)


@app.callback()
def group() -> None:
    """Keep `verify` a command of its own."""


@app.command("verify")
def verify_command(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The log's folder, or the data folder around it.")],
    *,
    witness: Annotated[
        Path | None, typer.Option(metavar="FILE", help=f"An outside witness's copy ({COPY}), or its folder.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(metavar="HEX", help="The public key that it must be signed with, 64 hex digits.")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The shop's database too (or its URL): its rows against the log's entries."),
    ] = None,
    json: Json = False,
) -> None:
    """Say whether anything was changed, left out, moved or cut, and where; status 1 if so. Needs no secret.

    In the folder of a bundle, the report too: its numbers counted again from the log, and the reviewers' statement
    against their own signatures.
    """
    try:
        wanted = None if key is None else bytes.fromhex(key)
    except ValueError:
        wanted = b""
    if wanted is not None and len(wanted) != 32:
        refuse(f"--key is {key!r}; right are 64 hex digits, as in log.pub.")
    folder = path if (path / ENTRIES).is_file() else path / "log"
    copy = witness / COPY if witness is not None and witness.is_dir() else witness
    if not (folder / ENTRIES).is_file():
        refuse(f"There is no log in {path}: right is a folder with {ENTRIES}, or one with such a folder 'log' in it.")
    if copy is not None and not copy.is_file():
        refuse(f"There is no witness's copy at {copy}.")
    found = audit(folder, key=wanted, witness=copy)
    told = _report(folder)
    if told is not None:
        found = replace(found, findings=(*found.findings, *told))
    if database is not None:
        found = replace(found, findings=(*found.findings, *_ledgers(database, folder)))
    if json:
        print_json({**asdict(found), "whole": found.whole, "report": told is not None})
    else:
        out.print(
            f"{found.entries} entries under {found.checkpoints} checkpoints, signed by key {found.key or 'unknown'}; "
            f"root {found.root[:16]}",
            markup=False,
        )
        if copy is not None:
            out.print(f"{found.witnessed} of them are under what the witness saw", markup=False)
        for words in found.findings:
            out.print(f"WRONG  {words}", markup=False)
        for words in found.notes:
            out.print(f"note   {words}", markup=False)
        what = "the log is" if told is None else "log and report are"
        out.print(f"{what} {'whole' if found.whole else 'NOT whole'}", markup=False)
    if not found.whole:
        raise typer.Exit(Exit.FAILED)


def _ledgers(database: str, folder: Path) -> tuple[str, ...]:
    """What of a database does not fit the log: without keys, by what is public in the entries."""
    if "://" not in database and not Path(database).is_file():
        refuse(f"There is no database at {database}: right is a shop's ledger.db, or a URL.")
    try:
        entries = [decode(line) for line in (folder / ENTRIES).read_bytes().splitlines()]
    except EntryError:
        return ("the database was not looked at: the log cannot be read",)
    engine = connect(database)
    try:
        return unlike(engine, entries)
    finally:
        engine.dispose()


def _report(folder: Path) -> tuple[str, ...] | None:
    """What of a bundle's report does not fit its log; None: there is no report here."""
    if not (folder / REPORT).is_file():
        return None
    try:
        return check(read_bundle(folder))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return (f"{REPORT} cannot be read as a report: {error}",)
