"""Appeals: whoever was found wrong may say that they were not; somebody else decides, within 14 days, in writing."""

from dataclasses import dataclass

from sqlalchemy import Engine, exists, insert, select

from walkout.review import tables
from walkout.review.case import ReviewError
from walkout.review.gold import correct_gold, newest

DAYS_NS = 14 * 24 * 3_600_000_000_000
"""An appeal is decided within so long; later ones are overdue and counted in public."""


@dataclass(frozen=True, slots=True)
class Appeal:
    """One appeal and what came of it; `upheld` None: nothing yet."""

    appeal: str
    answer: str
    worker: str
    words: str
    filed_ns: int
    due_ns: int
    upheld: bool | None
    decided_by: str | None
    reason: str | None
    decided_ns: int | None


def appeal(engine: Engine, worker: str, answer: str, words: str, t_ns: int) -> str:
    """File one against what gold said of one's own answer; from now on it does not count until it is decided.

    Raises ReviewError for another person's answer, one that is no gold, or one that was appealed before.
    """
    with engine.begin() as connection:
        found = connection.execute(
            select(tables.answers.c.worker, tables.questions.c.gold)
            .join(tables.questions, tables.questions.c.question == tables.answers.c.question)
            .where(tables.answers.c.answer == answer)
        ).one_or_none()
        if found is None or found.worker != worker or found.gold is None:
            raise ReviewError(f"found {answer}, right: an own answer to a question whose answer was known")
        known = select(tables.appeals.c.appeal).where(tables.appeals.c.answer == answer)
        if connection.execute(known).one_or_none() is not None:
            raise ReviewError("found a second appeal of one answer, right: one; its decision can be asked about")
        name = f"appeal/{answer}"
        connection.execute(
            insert(tables.appeals).values(
                appeal=name, answer=answer, worker=worker, words=words, filed_ns=t_ns, due_ns=t_ns + DAYS_NS
            )
        )
        return name


def rule(engine: Engine, name: str, by: str, *, upheld: bool, reason: str, t_ns: int, key: str | None = None) -> None:
    """Decide an appeal. Upheld, it corrects the item to `key` (None: takes it out), and with it everybody's figures.

    Raises ReviewError where the one who decides is the one who appealed or wrote the item, gives no reason, or where
    it is decided already.
    """
    with engine.begin() as connection:
        row = connection.execute(
            select(tables.appeals, tables.questions.c.gold)
            .join(tables.answers, tables.answers.c.answer == tables.appeals.c.answer)
            .join(tables.questions, tables.questions.c.question == tables.answers.c.question)
            .where(tables.appeals.c.appeal == name)
        ).one_or_none()
        if row is None:
            raise ReviewError(f"found no appeal {name}, right: one that was filed")
        item = newest(connection, row.gold)
        if item is None or by in {row.worker, item.author} or not by:
            raise ReviewError(f"found {by or 'nobody'} deciding, right: neither who appealed nor who wrote the item")
        if not reason:
            raise ReviewError("found a decision without a reason, right: one in writing")
        ruled = select(tables.rulings).where(tables.rulings.c.appeal == name)
        if connection.execute(ruled).one_or_none() is not None:
            raise ReviewError("found a decision that was made, right: a new appeal of another answer")
        connection.execute(
            insert(tables.rulings).values(appeal=name, decided_by=by, upheld=upheld, reason=reason, t_ns=t_ns)
        )
        if upheld:
            correct_gold(connection, row.gold, key, by, f"{name}: {reason}", t_ns)


def appeals(engine: Engine, worker: str | None = None) -> tuple[Appeal, ...]:
    """Appeals of a person, or of all, the oldest first."""
    of, ruling = tables.appeals.c, tables.rulings.c
    query = (
        select(tables.appeals, ruling.upheld, ruling.decided_by, ruling.reason, ruling.t_ns)
        .outerjoin(tables.rulings, ruling.appeal == of.appeal)
        .order_by(of.filed_ns, of.appeal)
    )
    query = query if worker is None else query.where(of.worker == worker)
    with engine.execution_options(walkout_reads=True).begin() as connection:
        return tuple(
            Appeal(
                r.appeal,
                r.answer,
                r.worker,
                r.words,
                r.filed_ns,
                r.due_ns,
                r.upheld,
                r.decided_by,
                r.reason,
                r.t_ns,
            )
            for r in connection.execute(query)
        )


def overdue(engine: Engine, now_ns: int) -> tuple[str, ...]:
    """Appeals that should be decided and are not."""
    ruled = exists().where(tables.rulings.c.appeal == tables.appeals.c.appeal)
    query = select(tables.appeals.c.appeal).where((tables.appeals.c.due_ns < now_ns) & ~ruled)
    with engine.execution_options(walkout_reads=True).begin() as connection:
        return tuple(connection.execute(query.order_by(tables.appeals.c.due_ns)).scalars())
