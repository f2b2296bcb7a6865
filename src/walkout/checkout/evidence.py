"""What a decision rests on, for as long as the shop keeps it: after that a dispute is the shopper's word."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError

from walkout.checkout import tables


class Evidence:
    """One JSON document a visit, deleted when its time is over."""

    def __init__(self, engine: Engine, life_ns: int) -> None:
        self._engine, self.life_ns = engine, life_ns
        self._reading = engine.execution_options(walkout_reads=True)

    def keep(self, visit: str, body: Mapping[str, Any], now_ns: int) -> None:
        """Keep a visit's evidence; what is there already stays."""
        text = orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY).decode()
        try:
            with self._engine.begin() as connection:
                known = select(tables.evidence.c.visit).where(tables.evidence.c.visit == visit)
                if connection.execute(known).first() is None:
                    values = {"visit": visit, "body": text, "until_ns": now_ns + self.life_ns}
                    connection.execute(insert(tables.evidence).values(**values))
        except IntegrityError:  # another process was quicker
            return

    def of(self, visit: str) -> dict[str, Any] | None:
        """A visit's evidence, and until when it is kept; None: gone, or never there."""
        with self._reading.begin() as connection:
            row = connection.execute(select(tables.evidence).where(tables.evidence.c.visit == visit)).one_or_none()
        return None if row is None else {**orjson.loads(row.body), "until_ns": row.until_ns}

    def delete_due(self, now_ns: int) -> int:
        """Delete what is over; so many."""
        with self._engine.begin() as connection:
            return int(connection.execute(delete(tables.evidence).where(tables.evidence.c.until_ns <= now_ns)).rowcount)
