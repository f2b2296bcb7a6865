"""`walkout erase VISIT`: end what is kept of a visit."""

import time
from pathlib import Path
from typing import Annotated

import typer

from walkout.cli.console import Exit, Json, out, print_json, refuse
from walkout.privacy.keys import KeyStoreError
from walkout.privacy.log import LogError
from walkout.privacy.vault import Vault


def erase_command(
    visit: Annotated[str, typer.Argument(help="The visit's id.")],
    *,
    data: Annotated[Path, typer.Option(metavar="DIR", help="The shop's data folder.")],
    secrets: Annotated[Path, typer.Option(metavar="DIR", help="The folder of store.key and signing.key, elsewhere.")],
    json: Json = False,
) -> None:
    """Delete a visit's keys, and with them its clips and whose the log's entries were; status 1 if nothing was kept.

    What the log counted stays counted. Raw video is not a visit's own: it ends by its own clock, within hours.
    """
    if not (data / "keys").is_dir():
        refuse(f"There is no data folder at {data}: right is one with keys, log, raw and clips in it.")
    now_ns = time.time_ns()
    try:
        with Vault(data, secrets, now_ns) as vault:
            done = vault.erase(visit, now_ns)
    except (KeyStoreError, LogError) as error:
        refuse(error)
    if json:
        print_json({"visit": visit, "keys": done.keys, "files": done.files})
    elif done.keys:
        out.print(
            f"{done.keys} keys deleted, {done.files} files removed; the log has a tombstone of each", markup=False
        )
    else:
        out.print(f"nothing is kept of {visit}", markup=False)
    if not done.keys:
        raise typer.Exit(Exit.FAILED)
