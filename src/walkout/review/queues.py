"""The queues: who is given which question, for how long, and what is done with the answer.

Each call is one transaction. PostgreSQL locks rows (`FOR UPDATE SKIP LOCKED`, so that nobody waits for another one's
question); SQLite has one writer at a time (`BEGIN IMMEDIATE`). A lease lives while its last write lies less than five
minutes from now, on either side: a clock that jumps back cannot keep a question in dead hands for longer than that.
Locks on people, cases and questions leave their keys free (`FOR NO KEY UPDATE`), since whoever lends a slot points at
them; otherwise one who lends and one who answers wait for each other.
"""

from dataclasses import replace
from typing import Any, Final, Literal

from sqlalchemy import Connection, insert, select, update

from walkout.review import lending, slots, tables
from walkout.review.case import (
    LEASE_NS,
    REASONS,
    Lease,
    LeaseLostError,
    Outcome,
    ReviewError,
    body_from,
)
from walkout.review.lending import Lending
from walkout.review.resolve import Resolved, Sure, resolve

HELD: Final = lending.HELD


class Queues(Lending):
    """The desk. `accepted` says which purposes a person has agreed to; `now_ns` is the server's clock."""

    def renew(self, token: str) -> int:
        """A sign of life of the holder; gives the instant until which the lease now runs. Raises LeaseLostError."""
        with self.engine.begin() as connection:
            slot = self._slot(connection, token)
            if slot.ahead:
                raise ReviewError("found the question that is lent ahead, right: a sign of life of the one in hand")
            now_ns = self.now_ns()
            connection.execute(slots.change(slot.slot).values(renewed_ns=now_ns))
            return now_ns + LEASE_NS

    def submit(self, token: str, key: str | None, sure: Sure = "sure") -> Outcome:
        """An answer (None: cannot tell). The same again gives the same outcome and does nothing.

        Raises LeaseLostError where the lease is over and somebody else has the question, or nobody may answer it any
        more; and ReviewError for another answer under the same token (take the first one back instead).
        """
        with self.engine.begin() as connection:
            lent = self._lent(connection, token)
            self._lock(connection, lent.worker)
            before = connection.execute(select(tables.answers).where(tables.answers.c.token == token)).one_or_none()
            if before is not None:
                if (before.key, before.sure) != (key, sure):
                    raise ReviewError("found another answer under the same lease, right: undo the first one")
                return self._outcome(connection, before.answer, lent)
            question = self._question(connection, lent.question)
            slot = self._slot(connection, token)
            if slot.ahead:
                raise ReviewError("found the question that is lent ahead, right: the one in hand first")
            now_ns = self.now_ns()
            last = select(tables.answers.c.answer).join(
                tables.undone, tables.undone.c.answer == tables.answers.c.answer
            )
            mine = (tables.answers.c.slot == slot.slot) & (tables.answers.c.worker == lent.worker)
            undone = connection.execute(last.where(mine).order_by(tables.answers.c.t_ns.desc()).limit(1)).scalar()
            answer = f"{token}/a"
            connection.execute(
                insert(tables.answers).values(
                    answer=answer,
                    question=lent.question,
                    slot=slot.slot,
                    token=token,
                    worker=lent.worker,
                    key=key,
                    sure=sure,
                    supersedes=undone,
                    t_ns=now_ns,
                )
            )
            connection.execute(slots.change(slot.slot).values(state="done", renewed_ns=now_ns))
            slots.close(connection, token, "submitted", "", now_ns)
            self._settle(connection, question, now_ns)
            return self._outcome(connection, answer, lent)

    def skip(self, token: str, reason: str = REASONS[0]) -> None:
        """The holder does not want this one. It goes to somebody else, and nothing is noted against them."""
        if reason not in REASONS:
            raise ReviewError(f"found the reason {reason!r}, right: one of {', '.join(REASONS)}")
        self._give_back(token, "skipped", reason)

    def put_back(self, token: str) -> None:
        """The holder ends their work without having looked."""
        self._give_back(token, "returned", "")

    def undo(self, token: str) -> Lease:
        """Take an answer back within 60 s; the question is in the same hands again, under a new token.

        Raises ReviewError where that time is over or a third person is already looking at it.
        """
        with self.engine.begin() as connection:
            lent = self._lent(connection, token)
            self._lock(connection, lent.worker)
            question = self._question(connection, lent.question)
            now_ns = self.now_ns()
            row = connection.execute(select(tables.answers).where(tables.answers.c.token == token)).one_or_none()
            gone = select(tables.undone).where(tables.undone.c.answer == f"{token}/a")
            if row is None or connection.execute(gone).one_or_none() is not None:
                raise ReviewError("found no answer to take back, right: one that was submitted")
            if not 0 <= now_ns - row.t_ns <= self.undo_ns:
                raise ReviewError("found an answer older than 60 s, right: tell the desk, a person corrects it")
            third = select(tables.questions).where(tables.questions.c.of == lent.question)
            if connection.execute(third).first() is not None or question.state == "lapsed":
                raise ReviewError("found that others already decide it, right: tell the desk")
            self._step_back(connection, question)
            connection.execute(insert(tables.undone).values(answer=row.answer, t_ns=now_ns))
            if question.state == "closed":
                slots.resolved(connection, lent.question, None, "undone", now_ns)
                if question.of is not None:  # what it decided is undecided again
                    slots.resolved(connection, question.of, None, "undone", now_ns)
                chosen = update(tables.questions).where(tables.questions.c.question == lent.question)
                connection.execute(chosen.values(state="open"))
            slot = connection.execute(select(tables.slots).where(tables.slots.c.slot == row.slot)).one()
            return self._lend(connection, lent.worker, slot, now_ns)

    def _step_back(self, connection: Connection, question: Any) -> None:
        """Take back what a case asked next because of an answer. Raises ReviewError where somebody has it, or it ended.

        The case is locked, so that it cannot go on at the same time.
        """
        if question.case is None:
            return
        chosen = select(tables.cases.c.state).where(tables.cases.c.case == question.case)
        if connection.execute(chosen.with_for_update(key_share=True)).scalar_one() != "open":
            raise ReviewError("found that the receipt is decided, right: tell the desk, a person corrects it")
        of = tables.questions.c
        later = connection.execute(
            select(of.question).where(
                (of.case == question.case)
                & (of.state != "lapsed")
                & of.of.is_(None)
                & (of.question != question.question)
                & (of.opened_ns >= question.opened_ns)
            )
        ).scalars()
        for name in list(later):
            lent = select(tables.leases.c.token).where(tables.leases.c.question == name)
            if connection.execute(lent.where(~slots.never_taken(tables.leases.c.token))).first():
                raise ReviewError("found that somebody has the next question, right: tell the desk")
            slots.shut(connection, name, "lapsed")

    def _settle(self, connection: Connection, question: Any, now_ns: int) -> None:
        """See what the answers so far come to, and do it."""
        found = resolve(question.wanted, slots.given(connection, question.question))
        if found == "more":
            return
        if isinstance(found, Resolved):
            how: str = found.how if question.of is None else "third"
            slots.resolved(connection, question.question, found.key, how, now_ns)
            slots.shut(connection, question.question)
            if question.of is not None:
                slots.resolved(connection, question.of, found.key, "third", now_ns)
            return
        slots.shut(connection, question.question)
        self._third(connection, question)

    def another(self, question: str) -> None:
        """A question that has its answer goes to one more person, who sees nothing of it; said again it does nothing.

        What they say counts from then on. Of a question that is taken back meanwhile, or asked still, it does nothing.
        """
        with self.engine.begin() as connection:
            found = self._question(connection, question)
            last = slots.last_resolution(connection, question)
            if found.state == "closed" and last is not None and last.how != "undone":
                self._third(connection, found)

    def _third(self, connection: Connection, question: Any) -> None:
        body = body_from(question.body)
        self.put_in(
            connection,
            f"{question.question}/third",
            question.visit,
            "adjudicate",
            replace(body, candidates=tuple(sorted(body.candidates))),
            case=question.case,
            of=question.question,
            waiting=question.waiting,
            deadline_ns=question.deadline_ns,
        )

    def _outcome(self, connection: Connection, answer: str, lent: Any) -> Outcome:
        third = select(tables.questions.c.question).where(tables.questions.c.of == lent.question)
        name = connection.execute(third).scalar_one_or_none()
        last = slots.last_resolution(connection, lent.question)
        of = self._question(connection, lent.question, lock=False).of
        if last is None or last.how == "undone":
            return Outcome(answer, lent.question, lent.visit, resolved=False, key=None, third=name)
        return Outcome(answer, of or lent.question, lent.visit, resolved=True, key=last.key, third=name)

    def _give_back(self, token: str, how: Literal["skipped", "returned"], reason: str) -> None:
        with self.engine.begin() as connection:
            lent = self._lent(connection, token)
            closed = connection.execute(select(tables.closings).where(tables.closings.c.token == token)).one_or_none()
            if closed is not None and closed.how == how:
                return
            self._lock(connection, lent.worker)
            slot = self._slot(connection, token)
            slots.close(connection, token, how, reason, self.now_ns())
            connection.execute(slots.change(slot.slot).values(state="open", worker=None, token=None, ahead=None))

    def _slot(self, connection: Connection, token: str) -> Any:
        """The slot that a token holds, locked. A lease that ran out counts as long as nobody else took the question."""
        query = select(tables.slots).where((tables.slots.c.token == token) & (tables.slots.c.state == "leased"))
        slot = connection.execute(query.with_for_update()).one_or_none()
        if slot is None:
            raise LeaseLostError("found a lease that is over, right: a new one; the time until now is paid")
        if self._question(connection, slot.question, lock=False).state != "open":
            raise LeaseLostError("found a question that is closed, right: the next one; the time until now is paid")
        return slot
