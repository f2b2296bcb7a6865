"""Opening the time and pay ledger: its tables brought up to date in a database of either kind."""

from pathlib import Path

from sqlalchemy import Engine

from walkout.checkout.branch import Branch
from walkout.checkout.storage import connect

BRANCH = Branch("walkout.labour:migrations", "labour_version")


def open_labour(where: str | Path, *, durable: bool = True) -> Engine:
    """An engine for a path or a URL, this room's tables up to date; raises StorageError as the checkout's does."""
    engine = connect(where, durable=durable)
    BRANCH.migrate(engine)
    return engine
