"""All that is recorded about one person, for that person: one file, every row."""

import csv
from io import StringIO
from typing import Any

import orjson
from sqlalchemy import MetaData, Table, select

from walkout.labour import tables
from walkout.labour.ledger import LabourLedger
from walkout.labour.notice import NOTICE

VERSION = 1


def own_data(ledger: LabourLedger, worker: str, metadata: MetaData = tables.metadata) -> dict[str, Any]:
    """Every row of every table that is about a person, and the list of what is recorded and why."""
    found: dict[str, Any] = {}
    with ledger.reading.begin() as connection:
        for table in metadata.sorted_tables:
            if "worker" in table.c:
                query = select(table).where(table.c.worker == worker).order_by(*table.primary_key.columns)
                found[str(table.name)] = [_plain(dict(row._mapping)) for row in connection.execute(query)]  # noqa: SLF001
    return {
        "kind": "own-data",
        "version": VERSION,
        "worker": worker,
        "recorded": [{"where": r.where, "what": r.what, "why": r.why, "how_long": r.how_long} for r in NOTICE],
        "tables": found,
    }


def to_json(data: dict[str, Any]) -> bytes:
    """The export as one JSON file."""
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def to_csv(data: dict[str, Any], table: Table) -> str:
    """One table of the export as CSV."""
    out = StringIO()
    writer = csv.DictWriter(out, [column.name for column in table.c], lineterminator="\n")
    writer.writeheader()
    writer.writerows(data["tables"][table.name])
    return out.getvalue()


def _plain(row: Any) -> dict[str, Any]:
    return {str(name): value if isinstance(value, str | int | bool) else str(value) for name, value in row.items()}
