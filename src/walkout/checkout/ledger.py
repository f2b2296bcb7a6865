"""Visits, receipts and their money in the database: each input is one transaction, with all that follows from it.

A receipt, what is known of the payment, the operation to ask for and its place in the outbox are written together or
not at all. What goes to the provider is outbox.py's.
"""

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, Row, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from walkout.checkout import tables
from walkout.checkout.payment import Answered, Basket, Decided, Entered, Input, Lapsed, Left, Operation, Payment, step
from walkout.checkout.provider import NOBODY, Answer, Event
from walkout.checkout.receipt import Receipt, from_published, only_back, sum_of, taxes_of, to_published
from walkout.checkout.terms import Terms

_PAYMENT = TypeAdapter(Payment)


class LedgerError(ValueError):
    """An input that contradicts the ledger; its words say what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class Issued:
    """One revision of a receipt, as it was published."""

    revision: int
    final: bool
    reason: str
    total: Decimal
    currency: str
    published: bytes
    sha256: str
    issued_ns: int

    @property
    def receipt(self) -> Receipt:
        """The receipt itself."""
        return from_published(orjson.loads(self.published))


class Ledger:
    """A store's visits and their money. Every method may be called again with the same input: it then does nothing."""

    def __init__(self, engine: Engine, store: str, terms: Terms, currency: str) -> None:
        self.engine = engine
        self.store = store
        self.terms = terms
        self.currency = currency
        self.reading = engine.execution_options(walkout_reads=True)

    def enter(self, visit: str, party: str, payer: str, entered_ns: int) -> None:
        """A party is at the gate: hold the first amount on its card.

        Raises LedgerError when the visit's name was used for another one.
        """
        try:
            self._enter(visit, party, payer, entered_ns)
        except IntegrityError:  # another process wrote it between our look and our write
            self._enter(visit, party, payer, entered_ns)

    def _enter(self, visit: str, party: str, payer: str, entered_ns: int) -> None:
        with self.engine.begin() as connection:
            found = connection.execute(select(tables.visits).where(tables.visits.c.visit == visit)).one_or_none()
            if found is not None:
                if (found.party, found.payer, found.entered_ns) != (party, payer, entered_ns):
                    raise LedgerError(
                        f"found a second visit called {visit} (party {party}, {entered_ns} ns), right: a name that "
                        f"was never used; the first was party {found.party}, {found.entered_ns} ns"
                    )
                return
            payment = Payment(self.store, visit, self.currency, self.terms)
            connection.execute(
                insert(tables.visits).values(
                    visit=visit,
                    party=party,
                    payer=payer,
                    currency=self.currency,
                    entered_ns=entered_ns,
                    stage="inside",
                    payment=_dump(payment),
                )
            )
            self._step(connection, payment, Entered(), entered_ns)

    def basket(self, visit: str, total: Decimal, now_ns: int) -> None:
        """What the party seems to hold now is worth so much: the hold grows with it, nothing is taken."""
        with self.engine.begin() as connection:
            payment = self._payment(connection, visit)
            if payment.basket != total:
                self._step(connection, payment, Basket(total), now_ns)

    def pay_with(self, visit: str, payer: str) -> bool:
        """Let somebody pay for a visit that nobody pays for yet; False where somebody does, or it has a final receipt.

        A hold that was declined for want of a card stays so; the receipt is then charged without one.
        """
        with self.engine.begin() as connection:
            payment = self._payment(connection, visit)
            chosen = (tables.visits.c.visit == visit) & (tables.visits.c.payer == NOBODY)
            if payment.total is not None:
                return False
            changed = connection.execute(update(tables.visits).where(chosen).values(payer=payer))
        return bool(changed.rowcount)

    def leave(self, visit: str, left_ns: int) -> None:
        """The party went out."""
        with self.engine.begin() as connection:
            payment = self._payment(connection, visit)
            if not payment.left:
                connection.execute(update(tables.visits).where(tables.visits.c.visit == visit).values(left_ns=left_ns))
                self._step(connection, payment, Left(), left_ns)

    def issue(self, receipt: Receipt, *, final: bool, reason: str, now_ns: int, added: bool = False) -> None:
        """Publish a revision of a receipt; a final one is paid, a provisional one only shown.

        `added`: the shopper themselves said that something was missing; lines that the last one withheld may come back
        without it. Raises LedgerError when this revision was
        published with other content, is not the next one, is in another currency, does not add up, or is final and
        holds lines that are not shown; and RevisionError as payment.step does.
        """
        published = orjson.dumps(to_published(receipt), option=orjson.OPT_SORT_KEYS)
        digest = hashlib.sha256(published).hexdigest()
        with self.engine.begin() as connection:
            payment = self._payment(connection, receipt.visit)
            last = _last(connection, receipt.visit)
            if last is not None and receipt.revision <= last.revision:
                before = _issued(connection, receipt.visit, receipt.revision)
                if before is None or (before.sha256, before.final) != (digest, final):
                    raise LedgerError(
                        f"found other content for {receipt.visit} revision {receipt.revision}, which is published; "
                        f"right: revision {last.revision + 1}"
                    )
                return
            self._check(receipt, last, final=final)
            if final:
                more = added or (last is not None and last.final and only_back(last.receipt, receipt))
                payment, operation = step(payment, Decided(receipt.revision, receipt.total, more))
            connection.execute(
                insert(tables.receipts).values(
                    visit=receipt.visit,
                    revision=receipt.revision,
                    final=final,
                    reason=reason,
                    total=receipt.total,
                    currency=receipt.currency,
                    published=published.decode(),
                    sha256=digest,
                    issued_ns=now_ns,
                )
            )
            if final:
                self._save(connection, payment, operation, now_ns)

    def answer(self, key: str, answer: Answer, by: str, now_ns: int) -> bool:
        """The provider's answer to one operation; False when it was known already.

        Raises LedgerError for a key that was never asked for.
        """
        with self.engine.begin() as connection:
            return self._answer(connection, key, answer, by, now_ns)

    def event(self, event: Event, now_ns: int) -> bool:
        """What the provider said unasked; False when this event changed nothing (a copy, or already known).

        An event about a key that this store never asked for is kept, and shown by reconciliation.
        """
        try:
            return self._event(event, now_ns)
        except IntegrityError:  # its copy came at the same instant
            return self._event(event, now_ns)

    def _event(self, event: Event, now_ns: int) -> bool:
        with self.engine.begin() as connection:
            seen = select(tables.events.c.id).where(tables.events.c.id == event.id)
            if connection.execute(seen).one_or_none() is not None:
                return False
            outcome = event.answer.outcome if event.answer else None
            connection.execute(
                insert(tables.events).values(
                    id=event.id, kind=event.kind, key=event.key, outcome=outcome, received_ns=now_ns
                )
            )
            asked = select(tables.operations.c.visit).where(tables.operations.c.key == event.key)
            visit = connection.execute(asked).scalar_one_or_none()
            if visit is None:
                return False
            if event.answer is not None:
                return self._answer(connection, event.key, event.answer, "event", now_ns)
            payment = self._payment(connection, visit)
            after = self._step(connection, payment, Lapsed(event.key), now_ns)
            return after != payment

    def payment(self, visit: str) -> Payment:
        """What is known of a visit's money; LedgerError for a visit that never entered."""
        with self.reading.begin() as connection:
            return self._payment(connection, visit, lock=False)

    def receipts(self, visit: str) -> tuple[Issued, ...]:
        """All revisions of a visit's receipt, the first first."""
        with self.reading.begin() as connection:
            chosen = tables.receipts.c.visit == visit
            rows = connection.execute(select(tables.receipts).where(chosen).order_by(tables.receipts.c.revision))
            return tuple(_to_issued(row) for row in rows)

    def visits(self, *stages: str) -> tuple[str, ...]:
        """The names of all visits, or of those at a stage (inside, waiting, decided, settled), sorted."""
        query = select(tables.visits.c.visit).order_by(tables.visits.c.visit)
        if stages:
            query = query.where(tables.visits.c.stage.in_(stages))
        with self.reading.begin() as connection:
            return tuple(connection.execute(query).scalars())

    def waiting(self, before_ns: int) -> tuple[str, ...]:
        """Visits that left, are not settled, and had a receipt by an instant; sorted."""
        visit, issued = tables.visits.c, tables.receipts.c
        had = exists().where((issued.visit == visit.visit) & (issued.issued_ns <= before_ns))
        query = select(visit.visit).where((visit.stage == "waiting") & had).order_by(visit.visit)
        with self.reading.begin() as connection:
            return tuple(connection.execute(query).scalars())

    def _check(self, receipt: Receipt, last: Issued | None, *, final: bool) -> None:
        if last is not None and last.final and not final:
            raise LedgerError("found a provisional receipt after a final one, right: a final one")
        wanted = 0 if last is None else last.revision + 1
        if receipt.revision != wanted:
            raise LedgerError(f"found revision {receipt.revision} of {receipt.visit}, right: {wanted}, the next one")
        if receipt.currency != self.currency:
            raise LedgerError(f"found a receipt in {receipt.currency}, right: {self.currency}, as at entry")
        lines = sum_of(receipt.lines, receipt.tax_rule)
        if lines != receipt.total:
            raise LedgerError(f"found a total of {receipt.total} over lines of {lines}, right: the sum of the lines")
        if taxes_of(receipt.lines, receipt.tax_rule) != receipt.taxes:
            raise LedgerError("found taxes that are not those of the lines, right: their sums by rate")
        if final and receipt.payable != receipt.total:
            raise LedgerError(
                f"found a final receipt of {receipt.total}, of which {receipt.payable} is shown, right: a final one "
                "holds only what is charged"
            )

    def _answer(self, connection: Connection, key: str, answer: Answer, by: str, now_ns: int) -> bool:
        asked = select(tables.operations.c.visit).where(tables.operations.c.key == key)
        visit = connection.execute(asked).scalar_one_or_none()
        if visit is None:
            raise LedgerError(f"found an answer to {key}, right: a key that was asked for")
        payment = self._payment(connection, visit)
        if payment.open is None or payment.open.key != key:
            return False
        connection.execute(
            update(tables.operations)
            .where(tables.operations.c.key == key)
            .values(
                outcome=answer.outcome,
                provider_id=answer.id,
                reason=answer.reason,
                answered_ns=now_ns,
                answered_by=by,
            )
        )
        connection.execute(tables.outbox.delete().where(tables.outbox.c.key == key))
        self._step(connection, payment, Answered(key, answer), now_ns)
        return True

    def _payment(self, connection: Connection, visit: str, *, lock: bool = True) -> Payment:
        query = select(tables.visits.c.payment).where(tables.visits.c.visit == visit)
        # PostgreSQL: one writer a visit; SQLite has one writer in all, and leaves the words out.
        found = connection.execute(query.with_for_update() if lock else query).scalar_one_or_none()
        if found is None:
            raise LedgerError(f"found a visit {visit}, right: one that entered")
        return _PAYMENT.validate_json(found)

    def _step(self, connection: Connection, payment: Payment, given: Input, now_ns: int) -> Payment:
        after, operation = step(payment, given)
        self._save(connection, after, operation, now_ns)
        return after

    def _save(self, connection: Connection, payment: Payment, operation: Operation | None, now_ns: int) -> None:
        chosen = update(tables.visits).where(tables.visits.c.visit == payment.visit)
        connection.execute(
            chosen.values(payment=_dump(payment), stage=_stage(payment), held_until_ns=payment.held_until_ns)
        )
        if operation is None:
            return
        connection.execute(
            insert(tables.operations).values(
                key=operation.key,
                visit=payment.visit,
                revision=operation.revision,
                kind=operation.kind,
                amount=operation.amount,
                currency=payment.currency,
                of_key=operation.of,
                asked_ns=now_ns,
            )
        )
        connection.execute(insert(tables.outbox).values(key=operation.key, next_ns=now_ns))


def _stage(payment: Payment) -> str:
    if payment.total is None:
        return "waiting" if payment.left else "inside"
    return "settled" if payment.settled else "decided"


def _dump(payment: Payment) -> str:
    return _PAYMENT.dump_json(payment).decode()


def _last(connection: Connection, visit: str) -> Issued | None:
    query = select(tables.receipts).where(tables.receipts.c.visit == visit)
    row = connection.execute(query.order_by(tables.receipts.c.revision.desc()).limit(1)).one_or_none()
    return None if row is None else _to_issued(row)


def _issued(connection: Connection, visit: str, revision: int) -> Issued | None:
    chosen = (tables.receipts.c.visit == visit) & (tables.receipts.c.revision == revision)
    row = connection.execute(select(tables.receipts).where(chosen)).one_or_none()
    return None if row is None else _to_issued(row)


def _to_issued(row: Row[Any]) -> Issued:
    return Issued(
        row.revision,
        row.final,
        row.reason,
        row.total,
        row.currency,
        row.published.encode(),
        row.sha256,
        row.issued_ns,
    )
