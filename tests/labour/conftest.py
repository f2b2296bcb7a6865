"""Fixtures of the time and pay ledger: databases of both kinds, a clock to turn, an invented place."""

import os
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.labour.desk import Turned, card
from tests.postgres import new_database, postgres
from walkout.checkout.storage import connect
from walkout.labour import tables
from walkout.labour.books import Books
from walkout.labour.ledger import LabourLedger
from walkout.labour.storage import BRANCH, open_labour

__all__ = ["postgres"]


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with this room's tables and no rows, to be copied."""
    path = tmp_path_factory.mktemp("labour") / "empty.db"
    open_labour(path).dispose()
    return path


@pytest.fixture(scope="session")
def postgres_ready(postgres: str) -> Iterator[str]:
    """A database of that server with this room's tables, for this process alone."""
    with new_database(postgres, f"walkout_labour_{os.getpid()}") as url:
        open_labour(url).dispose()
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An open database of either kind with this room's tables and no rows."""
    if request.param == "sqlite":
        made = connect(shutil.copy(request.getfixturevalue("ready"), tmp_path / "labour.db"), durable=False)
    else:
        made = connect(request.getfixturevalue("postgres_ready"))
        with made.begin() as connection:
            names = ", ".join(tables.metadata.tables)
            connection.execute(text(f"TRUNCATE {names}"))
            connection.execute(text("UPDATE labour_version SET version_num = :head"), {"head": BRANCH.head()})
            connection.execute(text("ALTER TABLE labour_log ENABLE TRIGGER USER"))
    yield made
    made.dispose()


@pytest.fixture
def turned() -> Turned:
    """A clock to turn."""
    return Turned()


@pytest.fixture
def books(engine: Engine, turned: Turned) -> Books:
    """Books with one person, one card and the invented floors."""
    made = Books(LabourLedger(engine, turned.clock()), "simulated")
    text = files("walkout.labour").joinpath("examples/floors.csv").read_text("utf-8")
    made.import_floors(text, "operator")
    made.add_card(card())
    made.ledger.register("swift-heron", "exampleville", "employed", "Example Ltd")
    return made
