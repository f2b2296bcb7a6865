"""Questions whose answer is known: which comes when and to whom, and how they are corrected."""

import hmac
from typing import Any

from sqlalchemy import Connection, Engine, Row, exists, func, insert, select

from walkout.review import tables
from walkout.review.case import Body, ReviewError

EARLY = 200
"""Gold comes more often among somebody's first so many questions: quality shows early, and is stable."""


def put_gold(
    engine: Engine, gold: str, body: Body, key: str, *, software_was_wrong: bool, author: str, t_ns: int
) -> None:
    """A new item; said again it does nothing."""
    with engine.begin() as connection:
        if newest(connection, gold) is None:
            _write(connection, gold, 1, body.to_json(), key, software_was_wrong, author, "new", t_ns)


def correct_gold(connection: Connection, gold: str, key: str | None, author: str, reason: str, t_ns: int) -> int:
    """The next revision of an item; `key` None takes it out. Raises ReviewError without a reason or an item."""
    last = newest(connection, gold)
    if last is None:
        raise ReviewError(f"found no gold item {gold}, right: one that exists")
    if not (author and reason):
        raise ReviewError("found a correction without a name or a reason, right: both")
    _write(connection, gold, last.revision + 1, last.body, key, last.software_was_wrong, author, reason, t_ns)
    return int(last.revision) + 1


def newest(connection: Connection, gold: str) -> Row[Any] | None:
    """The revision of an item that counts."""
    query = select(tables.gold).where(tables.gold.c.gold == gold).order_by(tables.gold.c.revision.desc()).limit(1)
    return connection.execute(query).one_or_none()


def unseen(connection: Connection, worker: str, seed: bytes) -> Row[Any] | None:
    """The next item for somebody: one they never had, in an order that only the seed tells.

    Every second one is of a case where the software was wrong: what is rare is overlooked (Epping and others 2026).
    """
    of, later = tables.gold.c, tables.gold.alias("later")
    had = exists().where(
        (tables.leases.c.worker == worker) & (tables.leases.c.visit == "gold/" + of.gold)  # every copy has that name
    )
    outdated = exists().where((later.c.gold == of.gold) & (later.c.revision > of.revision))
    rows = connection.execute(select(tables.gold).where(~had & ~outdated & of.key.is_not(None))).all()
    count = select(func.count()).select_from(tables.leases)
    seen = connection.execute(
        count.where((tables.leases.c.worker == worker) & (tables.leases.c.purpose == "gold"))
    ).scalar_one()
    wanted = [row for row in rows if row.software_was_wrong == bool(seen % 2)] or rows
    return min(wanted, key=lambda row: hmac.digest(seed, f"{worker}/{row.gold}".encode(), "sha256"), default=None)


def _write(
    connection: Connection,
    gold: str,
    revision: int,
    body: str,
    key: str | None,
    software_was_wrong: bool,
    author: str,
    reason: str,
    t_ns: int,
) -> None:
    connection.execute(
        insert(tables.gold).values(
            gold=gold,
            revision=revision,
            body=body,
            key=key,
            software_was_wrong=software_was_wrong,
            author=author,
            reason=reason,
            t_ns=t_ns,
        )
    )
