"""Cases: visits that may not settle, one open question at a time, until they may, or until time is up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from walkout.checkout.decide import Decision, Settling, decide
from walkout.checkout.receipt import Asked, HumanWork, Receipt
from walkout.inference.belief import Belief
from walkout.inference.question import Question, answered
from walkout.review import tables
from walkout.review.case import ReviewError, body_of
from walkout.review.queues import Queues
from walkout.review.resolve import BLIND, Queue
from walkout.review.slots import last_resolution, never_taken

SECOND = 1e-9


@dataclass(frozen=True, slots=True)
class Case:
    """A visit before a person. `resolved`: question, and its answer (None: cannot be told), in order."""

    case: str
    visit: str
    state: str
    deadline_ns: int
    resolved: tuple[tuple[str, str | None], ...]


def reenter(belief: Belief, asked: Asked, key: str | None, by: Settling) -> tuple[Belief, Decision]:
    """Put an answer into the same inference, and decide again: settle, or ask the next question."""
    question = Question(asked.event, asked.start_ns, asked.end_ns, asked.kind, asked.words, (), asked.gain)  # type: ignore[arg-type]
    after = answered(belief, question, key)
    return after, decide(after, by)


def open_case(
    queues: Queues, receipt: Receipt, *, deadline_ns: int, waiting: bool = False, queue: Queue = "settle"
) -> str:
    """A case of a receipt that asks, with its most valuable question; said again it does nothing.

    Raises ReviewError for a receipt that is settled, or that asks without a question that would help.
    """
    if receipt.status != "asks" or not receipt.questions:
        raise ReviewError(f"found a receipt that {receipt.status}, right: one with an open question")
    name = f"case/{receipt.visit}"
    with queues.engine.begin() as connection:
        known = select(tables.cases.c.case).where(tables.cases.c.case == name)
        if connection.execute(known).one_or_none() is None:
            connection.execute(
                insert(tables.cases).values(
                    case=name,
                    visit=receipt.visit,
                    origin=receipt.origin,
                    revision=receipt.revision,
                    waiting=waiting,
                    opened_ns=queues.now_ns(),
                    deadline_ns=deadline_ns,
                    state="open",
                )
            )
            _ask(connection, queues, name, 0, receipt.questions[0], queue)
    return name


def go_on(queues: Queues, case: str, receipt: Receipt) -> str:
    """What the receipt is after an answer: the next question of the case, or its end. Gives the case's state.

    A receipt that still asks, without a question that would help, ends the case: only what is shown is paid.
    """
    with queues.engine.begin() as connection:
        row = connection.execute(
            select(tables.cases).where(tables.cases.c.case == case).with_for_update(key_share=True)
        ).one()
        if row.state != "open":
            return str(row.state)
        if receipt.status == "settled" or not receipt.questions:
            state = "settled" if receipt.status == "settled" else "shown_only"
            _end(connection, case, state, queues.now_ns())
            return state
        asked = connection.execute(
            select(tables.questions.c.question, tables.questions.c.state).where(
                (tables.questions.c.case == case) & tables.questions.c.of.is_(None)
            )
        ).all()
        if all(one.state != "open" for one in asked):
            _ask(connection, queues, case, len(asked), receipt.questions[0], "settle")
        return "open"


def end(queues: Queues, case: str, state: str) -> None:
    """End a case from outside: its receipt is final by another way. What was asked is asked no more."""
    with queues.engine.begin() as connection:
        row = connection.execute(
            select(tables.cases).where(tables.cases.c.case == case).with_for_update(key_share=True)
        ).one_or_none()
        if row is not None and row.state == "open":
            open_ = (tables.questions.c.case == case) & (tables.questions.c.state == "open")
            connection.execute(update(tables.questions).where(open_).values(state="lapsed"))
            _end(connection, case, state, queues.now_ns())


def lapse(queues: Queues) -> tuple[str, ...]:
    """End the cases whose time is up: what was asked is asked no more, and only what is shown is paid."""
    with queues.engine.begin() as connection:
        now_ns = queues.now_ns()
        of = tables.cases.c
        query = select(of.case).where((of.state == "open") & (of.deadline_ns <= now_ns))
        names = tuple(connection.execute(query.with_for_update(skip_locked=True, key_share=True)).scalars())
        for name in names:
            open_ = (tables.questions.c.case == name) & (tables.questions.c.state == "open")
            connection.execute(update(tables.questions).where(open_).values(state="lapsed"))
            _end(connection, name, "shown_only", now_ns)
        return names


def case_of(queues: Queues, case: str) -> Case:
    """How a case stands. Raises ReviewError where there is none."""
    with queues.reading.begin() as connection:
        row = connection.execute(select(tables.cases).where(tables.cases.c.case == case)).one_or_none()
        if row is None:
            raise ReviewError(f"found no case {case}, right: one that was opened")
        of = tables.questions.c
        names = connection.execute(
            select(of.question).where((of.case == case) & of.of.is_(None)).order_by(of.opened_ns, of.question)
        ).scalars()
        last = [(name, last_resolution(connection, name)) for name in list(names)]
        resolved = tuple((name, one.key) for name, one in last if one is not None and one.how != "undone")
        return Case(row.case, row.visit, row.state, row.deadline_ns, resolved)


def human_work(queues: Queues, visit: str) -> HumanWork:
    """How much people looked at a visit, for its receipt: every lease is a look, whatever came of it.

    One that was lent ahead takes time from when it came into the hand; one that never did was sent all the same.
    """
    of, ahead = tables.leases.c, tables.ahead.c
    came = select(ahead.t_ns).where((ahead.token == of.token) & (ahead.what == "taken")).scalar_subquery().label("came")
    query = (
        select(of.worker, of.purpose, of.leased_ns, tables.closings.c.t_ns, never_taken(of.token).label("never"), came)
        .outerjoin(tables.closings, tables.closings.c.token == of.token)
        .where(of.visit == visit)
    )
    with queues.reading.begin() as connection:
        rows: Sequence[Any] = connection.execute(query).all()
    if not rows:
        return HumanWork()
    starts = [row.leased_ns if row.came is None else max(row.came, row.leased_ns) for row in rows]
    pairs = list(zip(starts, rows, strict=True))
    ends = [start if row.t_ns is None or row.never else max(row.t_ns, start) for start, row in pairs]
    return HumanWork(
        viewers=len({row.worker for row in rows}),
        clips=len(rows),
        seconds=round(sum(end - start for start, end in zip(starts, ends, strict=True)) * SECOND, 3),
        purposes=tuple(sorted({row.purpose for row in rows})),
        last_at=max(ends),
    )


def _ask(connection: Connection, queues: Queues, case: str, number: int, asked: Asked, queue: Queue) -> None:
    row = connection.execute(select(tables.cases).where(tables.cases.c.case == case)).one()
    queues.put_in(
        connection,
        f"{case}/{number}",
        row.visit,
        queue,
        body_of(asked, blind=queue in BLIND),
        case=case,
        waiting=row.waiting,
        deadline_ns=row.deadline_ns,
    )


def _end(connection: Connection, case: str, state: str, now_ns: int) -> None:
    chosen = update(tables.cases).where(tables.cases.c.case == case)
    connection.execute(chosen.values(state=state, closed_ns=now_ns))
