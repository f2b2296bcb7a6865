"""The queues: who is given which question, for how long, and what is done with the answer.

Each call is one transaction. PostgreSQL locks rows (`FOR UPDATE SKIP LOCKED`, so that nobody waits for another one's
question); SQLite has one writer at a time (`BEGIN IMMEDIATE`). A lease lives while its last write lies less than five
minutes from now, on either side: a clock that jumps back cannot keep a question in dead hands for longer than that.
Locks on people, cases and questions leave their keys free (`FOR NO KEY UPDATE`), since whoever lends a slot points at
them; otherwise one who lends and one who answers wait for each other.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, insert, select, true, update

from walkout.review import gold, slots, tables
from walkout.review.case import (
    LEASE_NS,
    REASONS,
    UNDO_NS,
    Body,
    Lease,
    LeaseLostError,
    Outcome,
    ReviewError,
    body_from,
)
from walkout.review.resolve import OVERLAP, QUEUES, Queue, Resolved, Sure, resolve

BY_NAME: Final = frozenset({"annotate"})
"""Purposes with a screen of their own: nobody is given one of them among other questions."""
HELD: Final = 2
"""Questions lent to one person at most: the one in hand, and the next one, lent ahead."""


class Queues:
    """The desk. `accepted` says which purposes a person has agreed to; `now_ns` is the server's clock."""

    def __init__(
        self,
        engine: Engine,
        accepted: Callable[[str], frozenset[str]],
        now_ns: Callable[[], int],
        *,
        seed: bytes = b"",
        gold_rates: tuple[float, float] = (0.1, 0.04),
        overlap: dict[str, int] | None = None,
        undo_ns: int = UNDO_NS,
    ) -> None:
        self.engine = engine
        self.reading = engine.execution_options(walkout_reads=True)
        self.accepted = accepted
        self.now_ns = now_ns
        self.seed = seed
        self.gold_rates = gold_rates
        self.overlap = OVERLAP | (overlap or {})
        self.undo_ns = undo_ns

    def register(self, worker: str) -> None:
        """A person who may be given questions; said again it does nothing."""
        with self.engine.begin() as connection:
            if connection.execute(slots.person(worker)).one_or_none() is None:
                connection.execute(insert(tables.people).values(worker=worker))

    def put(
        self,
        question: str,
        visit: str,
        queue: Queue,
        body: Body,
        *,
        deadline_ns: int,
        case: str | None = None,
        waiting: bool = False,
    ) -> None:
        """Ask something; said again it does nothing."""
        with self.engine.begin() as connection:
            self.put_in(connection, question, visit, queue, body, deadline_ns=deadline_ns, case=case, waiting=waiting)

    def put_in(self, connection: Connection, question: str, visit: str, queue: Queue, body: Body, **more: Any) -> None:
        """As `put`, in a transaction that is open; also `of` and `gold`."""
        if queue not in QUEUES:
            raise ReviewError(f"found the queue {queue!r}, right: one of {', '.join(QUEUES)}")
        known = select(tables.questions.c.question).where(tables.questions.c.question == question)
        if connection.execute(known).one_or_none() is not None:
            return
        wanted = self.overlap[queue]
        row = {"case": None, "of": None, "gold": None, "waiting": False} | more
        connection.execute(
            insert(tables.questions).values(
                question=question,
                visit=visit,
                queue=queue,
                body=body.to_json(),
                wanted=wanted,
                opened_ns=self.now_ns(),
                state="open",
                **row,
            )
        )
        rows = [{"slot": f"{question}/{n}", "question": question, "number": n, "state": "open"} for n in range(wanted)]
        connection.execute(insert(tables.slots), rows)

    def lease(
        self,
        worker: str,
        *,
        only: frozenset[str] | None = None,
        visit: str | None = None,
        opened_before_ns: int | None = None,
    ) -> Lease | None:
        """The most urgent question that this person may be given; None: there is none.

        Of the purposes that they accepted, but those of `BY_NAME`; `only` some, of all, if they say so. `visit`,
        `opened_before_ns`: for a demonstration; in a real shop nobody picks what they look at. Raises ReviewError for
        somebody unknown.
        """
        asked = tables.questions.c
        chosen = [] if visit is None else [asked.visit == visit]
        chosen += [] if opened_before_ns is None else [asked.opened_ns <= opened_before_ns]
        purposes = self.accepted(worker) & frozenset(QUEUES)
        purposes = purposes - BY_NAME if only is None else purposes & only
        with self.engine.begin() as connection:
            self._lock(connection, worker)
            now_ns = self.now_ns()
            self._expire(connection, tables.slots.c.worker == worker, now_ns)
            if not purposes or len(slots.held(connection, worker)) >= HELD:
                return None
            return self._lend_next(connection, worker, purposes, now_ns, among=and_(*chosen) if chosen else None)

    def ahead(self, worker: str) -> Lease | None:
        """What is lent ahead of the question in this person's hand; None: nothing is in hand, or there is no other.

        Asked again it is the same. Whoever is free may be lent it instead, until it comes into the hand (`take`).
        """
        purposes = (self.accepted(worker) & frozenset(QUEUES)) - BY_NAME
        with self.engine.begin() as connection:
            self._lock(connection, worker)
            now_ns = self.now_ns()
            self._expire(connection, tables.slots.c.worker == worker, now_ns)
            held = slots.held(connection, worker)
            if len(held) >= HELD and held[-1].ahead:
                return self._now_lent(connection, held[-1].token)
            if len(held) != 1 or held[0].ahead or not purposes:
                return None
            lease = self._lend_next(connection, worker, purposes, now_ns, ahead=True)
            return None if lease is None else replace(lease, ahead=True)

    def take(self, worker: str) -> Lease | None:
        """What was lent ahead comes into the hand; None: nothing is ahead, or something is in hand already."""
        with self.engine.begin() as connection:
            self._lock(connection, worker)
            now_ns = self.now_ns()
            self._expire(connection, tables.slots.c.worker == worker, now_ns)
            held = slots.held(connection, worker)
            if not held or not held[0].ahead:
                return None
            token = held[0].token
            mine = (tables.slots.c.token == token) & (tables.slots.c.state == "leased")
            slot = connection.execute(select(tables.slots).where(mine).with_for_update()).one_or_none()
            if slot is None:  # lent to somebody who was free, a moment ago
                return None
            connection.execute(slots.change(slot.slot).values(ahead=None, renewed_ns=now_ns))
            connection.execute(insert(tables.ahead).values(token=token, what="taken", t_ns=now_ns))
            return self._now_lent(connection, token)

    def held(self, worker: str) -> tuple[Lease, ...]:
        """What is lent to somebody now: the question in hand first, the one ahead last; dead leases left out."""
        with self.reading.begin() as connection:
            found = [self._now_lent(connection, slot.token) for slot in slots.held(connection, worker)]
        return tuple(lease for lease in found if lease is not None)

    def of_token(self, token: str, worker: str) -> Lease | None:
        """A lease that runs, of this person; None: it is over, or somebody else's, or there is none."""
        with self.reading.begin() as connection:
            lease = self._now_lent(connection, token)
        return lease if lease is not None and lease.worker == worker else None

    def purpose_of(self, token: str, worker: str) -> str | None:
        """The purpose of a lease that is, or was, this person's; None: there is no such one."""
        of = tables.leases.c
        with self.reading.begin() as connection:
            query = select(of.purpose).where((of.token == token) & (of.worker == worker))
            return connection.execute(query).scalar_one_or_none()

    def body_of_token(self, token: str) -> Body:
        """What a lease asks, or asked."""
        with self.reading.begin() as connection:
            return body_from(self._question(connection, self._lent(connection, token).question, lock=False).body)

    def open_counts(self, purposes: frozenset[str]) -> dict[str, int]:
        """Slots that wait for somebody, by queue."""
        of, asked = tables.slots.c, tables.questions.c
        query = (
            select(asked.queue, func.count())
            .join(tables.slots, of.question == asked.question)
            .where((asked.state == "open") & (of.state == "open") & asked.queue.in_(sorted(purposes)))
            .group_by(asked.queue)
        )
        with self.reading.begin() as connection:
            return {str(queue): int(count) for queue, count in connection.execute(query)}

    def _now_lent(self, connection: Connection, token: str) -> Lease | None:
        of = tables.slots.c
        query = select(tables.slots).where((of.token == token) & (of.state == "leased") & slots.alive(self.now_ns()))
        slot = connection.execute(query).one_or_none()
        if slot is None:
            return None
        question = self._question(connection, slot.question, lock=False)
        if question.state != "open":
            return None
        lease = _lease(token, question, slot.worker, slot.leased_ns, slot.renewed_ns)
        return replace(lease, ahead=bool(slot.ahead))

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

    def expire(self) -> tuple[tuple[str, str, str], ...]:
        """Take back what dead hands hold; gives (worker, question, token) of each, for the time ledger."""
        with self.engine.begin() as connection:
            return self._expire(connection, true(), self.now_ns())

    def _expire(
        self, connection: Connection, whose: ColumnElement[bool], now_ns: int
    ) -> tuple[tuple[str, str, str], ...]:
        query = select(tables.slots).where((tables.slots.c.state == "leased") & ~slots.alive(now_ns) & whose)
        ended = connection.execute(query.with_for_update(skip_locked=True)).all()
        for slot in ended:
            slots.close(connection, slot.token, "expired", "", now_ns)
            connection.execute(slots.change(slot.slot).values(state="open", worker=None, token=None, ahead=None))
        return tuple((slot.worker, slot.question, slot.token) for slot in ended if not slot.ahead)

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

    def _is_gold_next(self, connection: Connection, worker: str) -> bool:
        had = connection.execute(
            select(func.count()).select_from(tables.leases).where(tables.leases.c.worker == worker)
        ).scalar_one()
        early, later = self.gold_rates
        return _uniform(self.seed, f"gold/{worker}/{had}") < (early if had < gold.EARLY else later)

    def _lend_next(
        self,
        connection: Connection,
        worker: str,
        purposes: frozenset[str],
        now_ns: int,
        *,
        ahead: bool = False,
        among: ColumnElement[bool] | None = None,
    ) -> Lease | None:
        item = None
        if among is None and "gold" in purposes and self._is_gold_next(connection, worker):
            item = gold.unseen(connection, worker, self.seed)
        if item is None:
            query = slots.next_slot(worker, purposes - {"gold"}, now_ns, ahead=ahead, among=among)
            slot = connection.execute(query).one_or_none()
            return None if slot is None else self._lend(connection, worker, slot, now_ns, ahead=ahead)
        name = f"gold/{item.gold}/{worker}"
        body = body_from(item.body)
        self.put_in(connection, name, f"gold/{item.gold}", "gold", body, gold=item.gold, deadline_ns=now_ns)
        slot = connection.execute(select(tables.slots).where(tables.slots.c.question == name)).one()
        return self._lend(connection, worker, slot, now_ns, ahead=ahead)

    def _lend(self, connection: Connection, worker: str, slot: Any, now_ns: int, *, ahead: bool = False) -> Lease:
        question = self._question(connection, slot.question, lock=False)
        token = secrets.token_hex(16)
        if slot.state == "leased":  # its holder is gone, or has it only ahead
            lives = abs(now_ns - slot.renewed_ns) < LEASE_NS
            slots.close(connection, slot.token, "returned" if lives else "expired", "", now_ns)
        connection.execute(
            slots.change(slot.slot).values(
                state="leased", worker=worker, token=token, leased_ns=now_ns, renewed_ns=now_ns, ahead=ahead or None
            )
        )
        connection.execute(
            insert(tables.leases).values(
                token=token,
                slot=slot.slot,
                question=question.question,
                visit=question.visit,
                worker=worker,
                purpose=question.queue,
                leased_ns=now_ns,
            )
        )
        if ahead:
            connection.execute(insert(tables.ahead).values(token=token, what="lent", t_ns=now_ns))
        return _lease(token, question, worker, now_ns, now_ns)

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

    def _lent(self, connection: Connection, token: str) -> Any:
        row = connection.execute(select(tables.leases).where(tables.leases.c.token == token)).one_or_none()
        if row is None:
            raise ReviewError("found a token that was never given out, right: the lease's own")
        return row

    def _slot(self, connection: Connection, token: str) -> Any:
        """The slot that a token holds, locked. A lease that ran out counts as long as nobody else took the question."""
        query = select(tables.slots).where((tables.slots.c.token == token) & (tables.slots.c.state == "leased"))
        slot = connection.execute(query.with_for_update()).one_or_none()
        if slot is None:
            raise LeaseLostError("found a lease that is over, right: a new one; the time until now is paid")
        if self._question(connection, slot.question, lock=False).state != "open":
            raise LeaseLostError("found a question that is closed, right: the next one; the time until now is paid")
        return slot

    def _question(self, connection: Connection, question: str, *, lock: bool = True) -> Any:
        query = select(tables.questions).where(tables.questions.c.question == question)
        return connection.execute(query.with_for_update(key_share=True) if lock else query).one()

    def _lock(self, connection: Connection, worker: str) -> None:
        if connection.execute(slots.person(worker).with_for_update(key_share=True)).one_or_none() is None:
            raise ReviewError(f"found nobody called {worker}, right: somebody who is registered")


def _lease(token: str, question: Any, worker: str, leased_ns: int, renewed_ns: int) -> Lease:
    shown: Queue = "settle" if question.queue == "gold" else question.queue
    until_ns, body = renewed_ns + LEASE_NS, body_from(question.body)
    return Lease(token, question.question, question.visit, worker, question.queue, shown, body, leased_ns, until_ns)


def _uniform(seed: bytes, name: str) -> float:
    """A number from 0 to 1 that only the seed tells in advance."""
    return int.from_bytes(hmac.digest(seed, name.encode(), "sha256")[:8]) / 2**64
