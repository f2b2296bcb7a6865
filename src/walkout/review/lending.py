"""Leases: who is given which question, for how long, and what dead hands hold goes back."""

import hmac
import secrets
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, insert, select, true

from walkout.review import gold, slots, tables
from walkout.review.asking import Asking
from walkout.review.case import LEASE_NS, Body, Lease, ReviewError, body_from
from walkout.review.resolve import QUEUES, Queue

BY_NAME: Final = frozenset({"annotate"})
"""Purposes with a screen of their own: nobody is given one of them among other questions."""
HELD: Final = 2
"""Questions lent to one person at most: the one in hand, and the next one, lent ahead."""


class Lending(Asking):
    """Who has which question in hand, and what is ahead of it."""

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

    def _lent(self, connection: Connection, token: str) -> Any:
        row = connection.execute(select(tables.leases).where(tables.leases.c.token == token)).one_or_none()
        if row is None:
            raise ReviewError("found a token that was never given out, right: the lease's own")
        return row


def _lease(token: str, question: Any, worker: str, leased_ns: int, renewed_ns: int) -> Lease:
    shown: Queue = "settle" if question.queue == "gold" else question.queue
    until_ns, body = renewed_ns + LEASE_NS, body_from(question.body)
    return Lease(token, question.question, question.visit, worker, question.queue, shown, body, leased_ns, until_ns)


def _uniform(seed: bytes, name: str) -> float:
    """A number from 0 to 1 that only the seed tells in advance."""
    return int.from_bytes(hmac.digest(seed, name.encode(), "sha256")[:8]) / 2**64
