"""A part of the schema with migrations of its own, beside the checkout's in the same database.

Each branch keeps its revision in a table of its own, so that two rooms can change their tables without meeting.
"""

from dataclasses import dataclass

import alembic.command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, select

from walkout.checkout.storage import MIGRATION_LOCK, StorageError


@dataclass(frozen=True, slots=True)
class Branch:
    """Where a room's migrations are (`walkout.labour:migrations`), and the table that holds its revision."""

    scripts: str
    version_table: str

    def migrate(self, engine: Engine, revision: str = "head") -> None:
        """Bring this branch up to a revision; StorageError where a newer release wrote it."""
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":  # two processes may start at once
                connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            self.check(connection)
            config = self._config()
            config.attributes["connection"] = connection
            config.attributes["version_table"] = self.version_table
            alembic.command.upgrade(config, revision)

    def check(self, connection: Connection) -> None:
        """Look whether this release knows what is there; StorageError where a newer one wrote it."""
        found = self.revision(connection)
        if found is not None and found not in self.revisions():
            raise StorageError(
                f"found {self.version_table} at {found}, right: {self.head()} or older; "
                "it was written by a newer release of Walkout"
            )

    def revision(self, connection: Connection) -> str | None:
        """The branch's revision in a database, or None where it was never there."""
        options = {"version_table": self.version_table}
        return MigrationContext.configure(connection, opts=options).get_current_revision()

    def head(self) -> str:
        """The newest revision that this release knows."""
        return str(ScriptDirectory.from_config(self._config()).get_current_head())

    def revisions(self) -> tuple[str, ...]:
        """All revisions, the oldest first."""
        walked = ScriptDirectory.from_config(self._config()).walk_revisions()
        return tuple(script.revision for script in walked)[::-1]

    def _config(self) -> Config:
        config = Config()
        config.set_main_option("script_location", self.scripts)
        config.set_main_option("path_separator", "os")
        return config


def only_added_to(*tables: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """SQL by dialect that makes tables refuse UPDATE and DELETE, and SQL that takes the refusal away again."""
    make: dict[str, list[str]] = {"sqlite": [], "postgresql": []}
    drop: dict[str, list[str]] = {"sqlite": [], "postgresql": []}
    for table in tables:
        words = f"{table} is only ever added to"
        for action in ("UPDATE", "DELETE"):
            name = f"{table}_no_{action.lower()}"
            body = f"BEFORE {action} ON {table} BEGIN SELECT RAISE(ABORT, '{words}'); END"
            make["sqlite"].append(f"CREATE TRIGGER {name} {body}")
            drop["sqlite"].append(f"DROP TRIGGER {name}")
        make["postgresql"].append(
            f"CREATE FUNCTION {table}_is_kept() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{words}'; END $$"
        )
        make["postgresql"].append(
            f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_is_kept()"
        )
        drop["postgresql"] += [f"DROP TRIGGER {table}_is_kept ON {table}", f"DROP FUNCTION {table}_is_kept()"]
    return make, drop
