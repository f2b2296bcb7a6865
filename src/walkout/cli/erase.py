"""`walkout erase VISIT`: end what is kept of a visit."""

import time
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from walkout.checkout.storage import StorageError, open_database
from walkout.cli.console import Exit, Json, out, print_json, refuse
from walkout.disclosure.proof import Proofs
from walkout.disclosure.scribe import Scribe
from walkout.live.erasure import STAYS, Erased, ErasureError, erase_visit
from walkout.live.record import VAULT, Record
from walkout.privacy.keys import KeyStoreError
from walkout.privacy.log import LogError
from walkout.privacy.vault import Vault
from walkout.store.folder import load
from walkout.store.problem import StoreError


def erase_command(
    visit: Annotated[str, typer.Argument(help="The visit's id.")],
    *,
    data: Annotated[Path, typer.Option(metavar="DIR", help="The shop's data folder.")],
    secrets: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The folder of store.key and signing.key; else in the data folder."),
    ] = None,
    store: Annotated[
        Path | None, typer.Option(metavar="STORE", help="The store folder: erase from the shop's database too.")
    ] = None,
    database: Annotated[
        str | None, typer.Option("--db", metavar="URL", help="Else ledger.db in the data folder.")
    ] = None,
    json: Json = False,
) -> None:
    """Delete a visit's keys, and with them its clips and whose the log's entries were; status 1 if nothing was kept.

    With --store also what its receipt rests on, what the shopper wrote, and a card that came once. The shop must be
    closed (an open one does it from the shopper's own page). What the log counted stays counted, receipts and accounts
    stay. Raw video is not a visit's own: it ends by its own clock, within hours.
    """
    vault_at = data / VAULT if (data / VAULT / "keys").is_dir() else data
    if not (vault_at / "keys").is_dir():
        refuse(f"There is no data folder at {data}: right is one with keys, log, raw and clips in it.")
    now_ns = time.time_ns()
    try:
        with Vault(vault_at, secrets or data / "secrets", now_ns) as vault:
            done = _erase(vault, visit, data, store, database, now_ns)
    except (KeyStoreError, LogError, StoreError, StorageError, SQLAlchemyError, ErasureError) as error:
        refuse(error)
    if json:
        print_json({"visit": visit, "keys": done.keys, "files": done.files} | ({"rows": done.rows} if store else {}))
    elif done.keys or done.rows:
        out.print(
            f"{done.keys} keys deleted, {done.files} files removed; the log has a tombstone of each", markup=False
        )
        if store is not None:
            out.print(f"{done.rows} rows of the database emptied. What stays:", markup=False)
            for words in STAYS:
                out.print(f"  {words}", markup=False)
    else:
        out.print(f"nothing is kept of {visit}", markup=False)
    if not (done.keys or done.rows):
        raise typer.Exit(Exit.FAILED)


def _erase(vault: Vault, visit: str, data: Path, store: Path | None, database: str | None, now_ns: int) -> Erased:
    if store is None:
        ended = vault.erase(visit, now_ns)
        return Erased(ended.keys, ended.files, 0)
    shop = load(store)
    engine = open_database(database or data / "ledger.db")
    try:
        scribe = Scribe(engine, vault, lambda: now_ns)
        record = Record(engine, shop, data, vault, scribe, Proofs(engine, vault), lambda: now_ns)
        return erase_visit(engine, record, visit)
    finally:
        engine.dispose()
