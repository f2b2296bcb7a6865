"""Opening the review desk's tables in a database of either kind."""

from pathlib import Path

from sqlalchemy import Engine

from walkout.checkout.branch import Branch
from walkout.checkout.storage import connect

BRANCH = Branch("walkout.review:migrations", "review_version")


def open_review(where: str | Path, *, durable: bool = True) -> Engine:
    """An engine for a path or a URL, this room's tables up to date; raises StorageError as the checkout's does."""
    engine = connect(where, durable=durable)
    BRANCH.migrate(engine)
    return engine
