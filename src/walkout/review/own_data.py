"""What the review desk records about a person, why, and all of it for that person.

A test holds the list against the tables: a table about people that is not in it fails the build.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select

from walkout.review import tables
from walkout.review.figures import figures


@dataclass(frozen=True, slots=True)
class Recorded:
    """One thing that is recorded."""

    table: str
    what: str
    why: str
    how_long: str


VISIT = "as long as the visit's receipt can be disputed, then without your name"
NOTICE = (
    Recorded("review_people", "your handle", "to give you questions", "while you work here"),
    Recorded("review_slots", "the questions in your hands now", "so that nobody else gets them", "now only"),
    Recorded("review_leases", "which visits you looked at, when, and for what", "shoppers may know who looked", VISIT),
    Recorded("review_answers", "your answers and how sure you were", "they settle receipts", VISIT),
    Recorded("review_appeals", "your appeals and what came of them", "so that each gets its answer", VISIT),
)


def own_data(engine: Engine, worker: str) -> dict[str, Any]:
    """Every row about a person, what gold says of their answers, and what is recorded and why."""
    found: dict[str, Any] = {}
    with engine.execution_options(walkout_reads=True).begin() as connection:
        for table in tables.metadata.sorted_tables:
            if "worker" in table.c:
                query = select(table).where(table.c.worker == worker).order_by(*table.primary_key.columns)
                rows = connection.execute(query).all()
                found[str(table.name)] = [{str(k): v for k, v in row._mapping.items()} for row in rows]  # noqa: SLF001
    says = figures(engine, worker)
    return {
        "kind": "own-data-review",
        "version": 1,
        "worker": worker,
        "recorded": [{"table": r.table, "what": r.what, "why": r.why, "how_long": r.how_long} for r in NOTICE],
        "gold": {"right": says.right, "of": says.of, "low": says.low, "high": says.high},
        "tables": found,
    }
