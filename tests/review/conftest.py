"""Fixtures of the review desk: databases of both kinds, a clock to turn, people who accepted everything."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.postgres import new_database, postgres
from tests.review.desk import Desk
from walkout.checkout.storage import connect
from walkout.review import tables
from walkout.review.storage import open_review

__all__ = ["postgres"]


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with this room's tables and no rows, to be copied."""
    path = tmp_path_factory.mktemp("review") / "empty.db"
    open_review(path).dispose()
    return path


@pytest.fixture(scope="session")
def postgres_ready(postgres: str) -> Iterator[str]:
    """A database of that server with this room's tables, for this process alone."""
    with new_database(postgres, f"walkout_review_{os.getpid()}") as url:
        open_review(url).dispose()
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of either kind with this room's tables and no rows: a path, or a URL."""
    if request.param == "sqlite":
        return str(shutil.copy(request.getfixturevalue("ready"), tmp_path / "review.db"))
    url = str(request.getfixturevalue("postgres_ready"))
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {', '.join(tables.metadata.tables)}"))
    engine.dispose()
    return url


@pytest.fixture
def engine(where: str) -> Iterator[Engine]:
    """An open database of either kind."""
    made = connect(where, durable=False)
    yield made
    made.dispose()


@pytest.fixture
def desk(engine: Engine) -> Desk:
    """A desk with three people who accepted everything."""
    return Desk(engine)


@pytest.fixture
def small_desk(ready: Path, tmp_path: Path) -> Iterator[Desk]:
    """A desk on SQLite, quick to have."""
    made = connect(shutil.copy(ready, tmp_path / "review.db"), durable=False)
    yield Desk(made)
    made.dispose()
