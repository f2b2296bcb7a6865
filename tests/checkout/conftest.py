"""Fixtures of the checkout: databases of both kinds, empty and ready."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from tests.checkout.money import Shop
from walkout.checkout import tables
from walkout.checkout.storage import connect, head_revision, open_database

HOW = "install PostgreSQL (Debian: apt install postgresql), or set WALKOUT_TEST_POSTGRES to the URL of an empty server"


def _program(name: str) -> str | None:
    """A program of PostgreSQL's, from PATH or where Debian keeps it."""
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or (str(newest[0]) if newest else None)


def _has_user(name: str) -> bool:
    return any(one.pw_name == name for one in pwd.getpwall())


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server: the one that is named, or one of our own for this session, on a socket only."""
    named = os.environ.get("WALKOUT_TEST_POSTGRES")
    if named:
        yield named
        return
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    if initdb is None or pg_ctl is None:
        pytest.skip(f"no PostgreSQL here: {HOW}")
    prefix: list[str] = []
    # A socket's path is short (107 bytes), pytest's folders are not.
    folder = Path(tempfile.mkdtemp())
    if os.geteuid() == 0:  # PostgreSQL will not run as root
        if shutil.which("setpriv") is None or not _has_user("postgres"):
            pytest.skip(f"PostgreSQL does not run as root, and there is no user postgres to run it: {HOW}")
        prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        shutil.chown(folder, "postgres")
    data = folder / "data"
    try:
        options = ["-D", str(data), "-U", "walkout", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"]
        subprocess.run([*prefix, initdb, *options], check=True, capture_output=True, cwd="/")
        settings = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        start = ["-D", str(data), "-w", "-t", "60", "-l", str(folder / "log"), "-o", settings, "start"]
        subprocess.run([*prefix, pg_ctl, *start], check=True, capture_output=True, cwd="/")
        yield f"postgresql://walkout@/postgres?unix_sock={folder}/.s.PGSQL.5432"
    finally:
        stop = ["-D", str(data), "-m", "immediate", "stop"]
        subprocess.run([*prefix, pg_ctl, *stop], check=False, capture_output=True, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the newest schema and no rows, to be copied."""
    path = tmp_path_factory.mktemp("ledger") / "empty.db"
    open_database(path).dispose()
    return path


@pytest.fixture(scope="session")
def postgres_ready(postgres: str) -> Iterator[str]:
    """A database of that server with the newest schema, for this process alone."""
    with _new_database(postgres, f"walkout_ready_{os.getpid()}") as url:
        open_database(url).dispose()
        yield url


@contextmanager
def _new_database(server: str, name: str) -> Iterator[str]:
    admin = create_engine(connect(server).url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield connect(server).url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of either kind without any table: a path, or a URL."""
    if request.param == "sqlite":
        yield str(tmp_path / "empty.db")
        return
    with _new_database(request.getfixturevalue("postgres"), f"walkout_empty_{os.getpid()}") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, ready: Path, tmp_path: Path) -> str:
    """A database of either kind with the newest schema and no rows: a path, or a URL."""
    if request.param == "sqlite":
        return str(shutil.copy(ready, tmp_path / "ledger.db"))
    url = str(request.getfixturevalue("postgres_ready"))
    engine = connect(url)
    with engine.begin() as connection:
        names = ", ".join(table.name for table in tables.metadata.sorted_tables)
        connection.execute(text(f"TRUNCATE {names}"))
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head_revision()})
    engine.dispose()
    return url


@pytest.fixture
def engine(where: str) -> Iterator[Engine]:
    """An open database of either kind."""
    made = connect(where, durable=False)
    yield made
    made.dispose()


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> Iterator[Shop]:
    """A shop on either kind of database."""
    made = Shop(engine, tmp_path / "provider.db")
    yield made
    made.provider.close()


@pytest.fixture
def small_shop(ready: Path, tmp_path: Path) -> Iterator[Shop]:
    """A shop on SQLite, quick to have."""
    made = Shop(connect(shutil.copy(ready, tmp_path / "ledger.db"), durable=False), tmp_path / "provider.db")
    yield made
    made.provider.close()
    made.engine.dispose()
