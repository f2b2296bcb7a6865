"""What a report is made from: the shop's database, its log, and what the operator says of the shop in a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, Row, Select, Table, select

from walkout.disclosure.recount import Recount, recount
from walkout.disclosure.storage import tables_in
from walkout.privacy.audit import audit
from walkout.privacy.checkpoint import Checkpoint, CheckpointError, decode, witnessed
from walkout.privacy.entry import Entry
from walkout.privacy.entry import decode as decode_entry
from walkout.privacy.log import CHECKPOINTS, HEAD, lines_of
from walkout.privacy.witness import COPY

ABOUT = "disclosure.json"
"""The operator's own file in the data folder: names, addresses, claims, data sets."""
NO_WITNESS = "no witness configured: the operator could have rewritten this"


class DisclosureError(ValueError):
    """A report that cannot be made; its words say what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in UTC; `end_ns` is left out."""

    name: str
    start_ns: int
    end_ns: int


def month(name: str) -> Month:
    """The month of a name such as 2026-11. Raises DisclosureError where it is none."""
    try:
        start = datetime.strptime(name, "%Y-%m").replace(tzinfo=UTC)
        if name != start.strftime("%Y-%m") or not 1970 <= start.year < 2200:
            raise ValueError
    except ValueError as error:
        raise DisclosureError(f"found the month {name!r}, right: one such as 2026-11") from error
    following = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return Month(name, int(start.timestamp()) * 1_000_000_000, int(following.timestamp()) * 1_000_000_000)


@dataclass(frozen=True)
class Source:
    """One shop's month. `log` is the log's folder; `witness` an outside copy of its checkpoints, where there is one."""

    engine: Engine
    log: Path
    month: Month
    store: str
    origin: str
    now_ns: int
    about: Mapping[str, Any] = field(default_factory=dict)
    witness: Path | None = None

    @cached_property
    def tables(self) -> frozenset[str]:
        """The tables of the database."""
        return tables_in(self.engine)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The log's entries as they are on the disk, up to its signed head."""
        size = self.head.size  # first: it says where there is no log
        return tuple(decode_entry(line) for line in list(lines_of(self.log))[:size])

    @cached_property
    def head(self) -> Checkpoint:
        """The log's signed head: what the report rests on. Raises DisclosureError where there is none."""
        try:
            return decode((self.log / HEAD).read_bytes().rstrip(b"\n"))
        except (OSError, CheckpointError) as error:
            raise DisclosureError(f"found no log in {self.log} ({error}), right: the log of an open shop") from error

    @cached_property
    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """The kept checkpoints, the oldest first."""
        path = self.log / CHECKPOINTS
        return tuple(decode(line) for line in path.read_bytes().splitlines()) if path.exists() else ()

    @cached_property
    def witnessed(self) -> Checkpoint | None:
        """The newest checkpoint that a witness saw of this very log; None without a witness's copy."""
        if self.witness is None:
            return None
        copy = self.witness / COPY if self.witness.is_dir() else self.witness
        if not copy.is_file() or not audit(self.log, witness=copy).whole:
            return None
        seen = [witnessed(line) for line in copy.read_bytes().splitlines()]
        return max(seen, key=lambda one: one.size, default=None)

    @cached_property
    def counts(self) -> Recount:
        """The month's numbers from the log alone."""
        return recount(self.entries, self.month.name)

    def rows(self, *needs: Table, query: Select[Any]) -> Sequence[Row[Any]]:
        """A query's rows; none where one of the tables that it needs is not there."""
        if any(table.name not in self.tables for table in needs):
            return ()
        with self.engine.execution_options(walkout_reads=True).begin() as connection:
            return connection.execute(query).all()

    def inputs(self, tables: Sequence[Table]) -> dict[str, dict[str, Any]]:
        """How many rows each table holds, and the hash of all of them: what was there when the report was made."""
        made = {}
        for table in tables:
            if table.name not in self.tables:
                continue
            found = self.rows(table, query=select(table).order_by(*table.primary_key.columns))
            digest = sha256()
            for row in found:
                digest.update(orjson.dumps([str(value) for value in row]) + b"\n")
            made[str(table.name)] = {"rows": len(found), "sha256": digest.hexdigest()}
        return made


def read_about(path: Path) -> dict[str, Any]:
    """The operator's file; nothing where there is none. Raises DisclosureError where it is no JSON object."""
    if not path.is_file():
        return {}
    try:
        read = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise DisclosureError(f"{path}: found no JSON ({error}), right: one object") from error
    if not isinstance(read, dict):
        raise DisclosureError(f"{path}: found {type(read).__name__}, right: one JSON object")
    return read
