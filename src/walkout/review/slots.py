"""Rows of the desk: which slot is next for whom, what was answered, what came of it. Always in an open transaction."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, or_, select, true, update

from walkout.review import tables
from walkout.review.case import LEASE_NS
from walkout.review.resolve import FRESH, Given


def person(worker: str) -> Any:
    """Somebody's row."""
    return select(tables.people).where(tables.people.c.worker == worker)


def change(slot: str) -> Any:
    """An update of one slot."""
    return update(tables.slots).where(tables.slots.c.slot == slot)


def alive(now_ns: int) -> ColumnElement[bool]:
    """Leases whose last write lies less than their length from now, on either side."""
    of = tables.slots.c
    return and_(of.renewed_ns > now_ns - LEASE_NS, of.renewed_ns < now_ns + LEASE_NS)


def held(connection: Connection, worker: str) -> list[Any]:
    """The slots in somebody's hands whose question is open: the last lent first, what is lent ahead at the end."""
    of, asked = tables.slots.c, tables.questions.c
    mine = (of.worker == worker) & (of.state == "leased") & (asked.state == "open")
    query = select(tables.slots).join(tables.questions, of.question == asked.question).where(mine)
    return list(connection.execute(query.order_by(of.ahead.is_(True), of.leased_ns.desc(), of.slot)))


def never_taken(token: Any) -> ColumnElement[bool]:
    """Leases that were lent ahead and never came into the hand."""
    lent, taken = tables.ahead.alias(), tables.ahead.alias()
    return and_(
        exists().where((lent.c.token == token) & (lent.c.what == "lent")),
        ~exists().where((taken.c.token == token) & (taken.c.what == "taken")),
    )


def next_slot(
    worker: str, purposes: frozenset[str], now_ns: int, *, ahead: bool = False, among: ColumnElement[bool] | None = None
) -> Any:
    """The slot to lend next: whoever waits first, then the nearest deadline; never one that this person has met.

    What somebody else has ahead of their hand counts as free, after all others; not for one who asks `ahead` too.
    `among`: only these questions.
    """
    slot, question = tables.slots.c, tables.questions.c
    had = tables.leases.alias("had")
    lost = exists().where((tables.closings.c.token == had.c.token) & tables.closings.c.how.in_(("expired", "returned")))
    mine = had.c.worker == worker
    met_question = exists().where((had.c.question == question.question) & mine & ~lost)
    met_visit = exists().where((had.c.visit == question.visit) & (had.c.question != question.question) & mine)
    dead = and_(slot.state == "leased", ~alive(now_ns))
    spare = and_(slot.state == "leased", slot.ahead.is_(True), slot.worker != worker, alive(now_ns))
    free = or_(slot.state == "open", dead) if ahead else or_(slot.state == "open", dead, spare)
    return (
        select(tables.slots)
        .join(tables.questions, slot.question == question.question)
        .where(question.state == "open", question.queue.in_(sorted(purposes)), free, ~met_question)
        .where(or_(question.queue.not_in(sorted(FRESH)), ~met_visit))
        .where(true() if among is None else among)
        .order_by(question.waiting.desc(), spare, question.deadline_ns, question.question, slot.number)
        .limit(1)
        .with_for_update(of=tables.slots, skip_locked=True)
    )


def given(connection: Connection, question: str) -> list[Given]:
    """The answers to a question that stand."""
    of = tables.answers.c
    gone = exists().where(tables.undone.c.answer == of.answer)
    query = select(tables.answers).where((of.question == question) & ~gone).order_by(of.t_ns, of.answer)
    return [Given(row.worker, row.key, row.sure) for row in connection.execute(query)]


def last_resolution(connection: Connection, question: str) -> Any:
    """The resolution of a question that counts, or None."""
    of = tables.resolutions.c
    query = select(tables.resolutions).where(of.question == question).order_by(of.number.desc()).limit(1)
    return connection.execute(query).one_or_none()


def resolved(connection: Connection, question: str, key: str | None, how: str, now_ns: int) -> None:
    """Write down what came of a question."""
    last = last_resolution(connection, question)
    number = 1 if last is None else last.number + 1
    row = {"question": question, "number": number, "key": key, "how": how, "t_ns": now_ns}
    connection.execute(insert(tables.resolutions).values(**row))


def shut(connection: Connection, question: str, state: str = "closed") -> None:
    """Nobody may answer a question any more."""
    chosen = update(tables.questions).where(tables.questions.c.question == question)
    connection.execute(chosen.values(state=state))


def close(connection: Connection, token: str, how: str, reason: str, now_ns: int) -> None:
    """Write down how a lease ended."""
    connection.execute(insert(tables.closings).values(token=token, how=how, reason=reason, t_ns=now_ns))
