"""What happened in the shop that others may follow: a list that only grows, each entry once, with a rising number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from walkout.checkout import tables


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; `id` rises, with gaps."""

    id: int
    kind: str
    visit: str | None
    t_ns: int
    body: Mapping[str, Any]


class Feed:
    """The list in the database: who follows it remembers the last number they saw."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = engine.execution_options(walkout_reads=True)

    def add(self, key: str, kind: str, visit: str | None, body: Mapping[str, Any], t_ns: int) -> bool:
        """Append an entry; False: one with this key is there already."""
        text = orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()
        try:
            with self._engine.begin() as connection:
                known = select(tables.feed.c.id).where(tables.feed.c.key == key)
                if connection.execute(known).first() is not None:
                    return False
                connection.execute(insert(tables.feed).values(key=key, kind=kind, visit=visit, t_ns=t_ns, body=text))
        except IntegrityError:  # another process was quicker
            return False
        return True

    def after(self, id_: int, most: int = 100) -> tuple[Entry, ...]:
        """The entries after a number, the oldest first."""
        query = select(tables.feed).where(tables.feed.c.id > id_).order_by(tables.feed.c.id).limit(most)
        with self._reading.begin() as connection:
            rows = connection.execute(query).all()
        return tuple(Entry(row.id, row.kind, row.visit, row.t_ns, orjson.loads(row.body)) for row in rows)

    def last(self) -> int:
        """The newest entry's number; 0 while there is none."""
        query = select(tables.feed.c.id).order_by(tables.feed.c.id.desc()).limit(1)
        with self._reading.begin() as connection:
            return connection.execute(query).scalar_one_or_none() or 0
