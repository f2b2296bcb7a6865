"""`walkout password NAME`: a one-time link for somebody who lost their password, an administrator too."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from walkout.checkout.storage import StorageError, open_database
from walkout.cli.console import Json, out, print_json, refuse
from walkout.web.api.identity import IdentityError
from walkout.web.api.password_links import DATA_FOLDER, PasswordLinks


def password_command(
    name: Annotated[str, typer.Argument(help="The user, as they sign in.")],
    *,
    data: Annotated[Path, typer.Option(metavar="DIR", help="The shop's data folder.")],
    base_url: Annotated[
        str, typer.Option(help="How people reach the shop: as serve was told, or as it printed.")
    ] = "http://127.0.0.1:8000",
    database: Annotated[
        str | None, typer.Option("--db", metavar="URL", help="Else ledger.db in the data folder.")
    ] = None,
    json: Json = False,
) -> None:
    """Print a link by which somebody sets a new password, once, within half an hour.

    Needs access to the data folder and nothing else; the shop may be open. The link is written down, and goes into the
    shop's log with the next entries. Give it to nobody but that person: nothing is sent.
    """
    if database is None and not (data / "ledger.db").is_file():
        refuse(f"There is no ledger.db in {data}: right is the data folder of a shop that was open once.")
    try:
        engine = open_database(database or data / "ledger.db")
        try:
            made = PasswordLinks(engine).make(name, DATA_FOLDER, time.time_ns())
        finally:
            engine.dispose()
    except (StorageError, SQLAlchemyError, IdentityError) as error:
        refuse(error)
    url = made.url(base_url)
    if json:
        print_json({"name": name, "url": url, "until_ns": made.until_ns})
        return
    until = datetime.fromtimestamp(made.until_ns // 1_000_000_000, UTC).astimezone()
    out.print(url, markup=False, soft_wrap=True)
    out.print(f"For {name}, once, until {until:%H:%M}. It ends all of their sessions.", markup=False)
