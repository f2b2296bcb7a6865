"""What gold says of somebody's answers: with bounds, shown to them first, and nothing else done with it.

No figure is stored. It is worked out from the answers and the newest revision of each item, so a correction reaches
everybody it concerns at once. "Cannot tell" is never wrong; what is under appeal does not count until it is decided.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, exists, select

from walkout.evaluation.intervals import exact_share
from walkout.review import tables
from walkout.review.gold import newest


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
