"""Questions whose answer is known: who has seen which, corrections, and what they say of anybody's answers.

No figure is stored. It is worked out from the answers and the newest revision of each item, so a correction reaches
everybody it concerns at once. "Cannot tell" is never wrong; what is under appeal does not count until it is decided.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, exists, func, insert, select

from walkout.evaluation.intervals import exact_share
from walkout.review import tables
from walkout.review.case import Body, ReviewError

EARLY = 200
"""Gold comes more often among somebody's first so many questions: quality shows early, and is stable."""
HALF = 0.5
"""So much of it is of cases where the software was wrong: what is rare is overlooked (Epping and others 2026)."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What gold says of one person: with bounds, since a few dozen answers say little."""

    worker: str
    right: int
    of: int
    low: float
    high: float
    """95 % bounds of the share that was right (Clopper and Pearson)."""
    cannot_tell: int
    under_appeal: int


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
    """The next item for somebody: one they never had, of both kinds in turn, in an order that only the seed tells."""
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


def figures(engine: Engine, worker: str) -> Figures:
    """What gold says of a person now. Show it to them first."""
    with engine.execution_options(walkout_reads=True).begin() as connection:
        found = list(_judged(connection, worker))
    counted = [right for right, pending in found if right is not None and not pending]
    low, high = exact_share(sum(counted), len(counted)) if counted else (0.0, 1.0)
    unknown = sum(right is None for right, _ in found)
    return Figures(worker, sum(counted), len(counted), low, high, unknown, sum(pending for _, pending in found))


def _judged(connection: Connection, worker: str) -> Iterable[tuple[bool | None, bool]]:
    """For each gold answer of a person: whether it was right (None: not scored), and whether that is under appeal."""
    answer, question = tables.answers.c, tables.questions.c
    gone = exists().where(tables.undone.c.answer == answer.answer)
    open_ = exists().where(tables.appeals.c.answer == answer.answer) & ~exists().where(
        (tables.appeals.c.answer == answer.answer) & (tables.rulings.c.appeal == tables.appeals.c.appeal)
    )
    query = (
        select(answer.key, question.gold, open_.label("pending"))
        .join(tables.questions, question.question == answer.question)
        .where((answer.worker == worker) & question.gold.is_not(None) & ~gone)
    )
    for row in connection.execute(query).all():
        item = newest(connection, row.gold)
        known = item is not None and item.key is not None and row.key is not None
        yield (row.key == item.key if known and item is not None else None), bool(row.pending)


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
