"""Opening the database: SQLite in WAL mode from a path, PostgreSQL from a URL; its schema brought up to date."""

import importlib.util
from pathlib import Path
from typing import Any

import alembic.command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError

SQLITE_WAITS_MS = 10_000
"""How long a writer waits for another one before it gives up."""
MIGRATION_LOCK = 0x57616C6B
"""The advisory lock under which PostgreSQL's schema is changed: any number that nobody else takes ("Walk")."""


class StorageError(Exception):
    """A database that cannot be used as it is; its words say what was found and what would be right."""


def open_database(where: str | Path, *, durable: bool = True) -> Engine:
    """An engine for a path (SQLite) or a URL (`postgresql://user@host/name`, `sqlite:///path`), schema up to date.

    `durable=False` leaves out SQLite's flush to disk at each commit (a power cut may then lose the last ones; a killed
    process loses nothing). Raises StorageError for a URL that is none, a driver that is not installed, and a schema
    of a newer release.
    """
    engine = connect(where, durable=durable)
    migrate(engine)
    return engine


def connect(where: str | Path, *, durable: bool = True) -> Engine:
    """As open_database, the schema left as it is."""
    text = str(where)
    try:
        url = make_url(text if "://" in text else f"sqlite:///{text}")
    except ArgumentError as error:
        raise StorageError(f"found {text!r}, right: a path, or a URL such as postgresql://user@host/name") from error
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url)
        _set_up_sqlite(engine, durable=durable)
        return engine
    if url.get_backend_name() != "postgresql":
        raise StorageError(f"found a database of {url.get_backend_name()}, right: sqlite or postgresql")
    if importlib.util.find_spec("pg8000") is None:
        raise StorageError("PostgreSQL needs the driver pg8000: './run extras', or pip install 'walkout[postgres]'")
    return create_engine(url.set(drivername="postgresql+pg8000"), pool_pre_ping=True)


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema up to a revision; nothing happens where it is there already."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # two processes may start at once
            connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        known = {script.revision for script in _scripts().walk_revisions()}
        found = schema_revision(connection)
        if found is not None and found not in known:
            raise StorageError(
                f"found a database of schema {found}, right: {head_revision()} or older; "
                "it was written by a newer release of Walkout"
            )
        config = _config()
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, revision)


def scrub(engine: Engine) -> None:
    """Make SQLite let go of what was deleted, in its write-ahead log and in free pages; PostgreSQL vacuums itself."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None  # noqa: S101 - a connection that is open
            for words in ("PRAGMA secure_delete=ON", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                raw.execute(words).fetchall()


def schema_revision(connection: Connection) -> str | None:
    """The schema's revision, or None in an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str:
    """The newest schema that this release knows."""
    return str(_scripts().get_current_head())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "walkout.checkout:migrations")
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _set_up_sqlite(engine: Engine, *, durable: bool) -> None:
    """WAL, foreign keys, and transactions that SQLAlchemy begins itself: the driver's own begin too late."""

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={SQLITE_WAITS_MS}",
            "journal_mode=WAL",
            f"synchronous={'FULL' if durable else 'OFF'}",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # A writer takes its place at once: one that read first and writes later could only fail.
        reads = connection.get_execution_options().get("walkout_reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
