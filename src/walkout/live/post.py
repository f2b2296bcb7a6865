"""The post office: each final revision of a receipt goes to its shopper's address, tried until it went, never twice.

A letter is waiting, claimed by a worker, being handed over, sent, refused, or nobody knows. Handed over is written to
the database before the server has the letter: whatever dies after that may have been sent, and is not sent again. The
shopper has the page, and the shop sees it counted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from sqlalchemy import Engine, Row, and_, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from walkout.checkout import tables
from walkout.checkout.receipt import from_published
from walkout.live.addresses import VISIT, Addresses
from walkout.live.mail import Mail, MailError, UnsureError, letter_of

SECOND_NS = 1_000_000_000
FIRST_WAIT_NS, LONGEST_WAIT_NS = 5 * SECOND_NS, 3600 * SECOND_NS
GIVE_UP_NS = 3 * 86_400 * SECOND_NS
LEASE_NS = 300 * SECOND_NS
"""A worker that has not said anything for so long is dead."""
MOST_ADDRESSES = 3
"""Different addresses of one visit: a typing mistake may be put right, a shop is no relay."""
State = Literal["waiting", "claimed", "handing", "sent", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class Letter:
    """What became of one revision's letter."""

    revision: int
    state: State
    attempts: int
    last_error: str
    sent_ns: int | None


class Post:
    """One shop's letters. Everything may be called again, from any thread, by several workers."""

    def __init__(
        self, engine: Engine, addresses: Addresses, mail: Mail, shop: Callable[[], str], link: Callable[[str], str]
    ) -> None:
        """`shop`: its name as the public may read it now."""
        """`link`: a visit's signed link."""
        self._engine, self._addresses, self._mail, self._shop, self._link = engine, addresses, mail, shop, link
        self._reading = engine.execution_options(walkout_reads=True)

    def queue(self, now_ns: int) -> int:
        """A letter for the newest final revision of each visit with an address, where there is none; how many."""
        receipts, letters, addresses = tables.receipts, tables.letters, tables.addresses
        newest = (
            select(receipts.c.visit, func.max(receipts.c.revision).label("revision"), addresses.c.address)
            .join(addresses, addresses.c.owner == literal(VISIT) + receipts.c.visit)
            .where(receipts.c.final)
            .group_by(receipts.c.visit, addresses.c.address)
        ).subquery()
        same = and_(letters.c.visit == newest.c.visit, letters.c.revision == newest.c.revision)
        query = select(newest, letters.c.recipient).join(letters, same, isouter=True)
        with self._reading.begin() as connection:
            rows = connection.execute(query).all()
        known = {(row.visit, row.revision, row.recipient) for row in rows}
        made = 0
        for row in rows:
            key = (row.visit, row.revision, self._addresses.digest(row.address))
            if key in known:
                continue
            known.add(key)
            made += self._add(*key, now_ns)
        return made

    def deliver(self, now_ns: int, most: int = 50) -> int:
        """Send what is due; how many letters went."""
        self._bury(now_ns)
        sent = 0
        for _ in range(most):
            row = self._claim(now_ns)
            if row is None:
                break
            sent += self._send(row, now_ns)
        return sent

    def of(self, visit: str) -> tuple[Letter, ...]:
        """A visit's letters, the oldest first."""
        letters = tables.letters
        query = select(letters).where(letters.c.visit == visit).order_by(letters.c.revision, letters.c.queued_ns)
        with self._reading.begin() as connection:
            rows = connection.execute(query).all()
        return tuple(Letter(row.revision, row.state, row.attempts, row.last_error, row.sent_ns) for row in rows)

    def counts(self) -> dict[str, int]:
        """How many letters are in each state."""
        query = select(tables.letters.c.state, func.count()).group_by(tables.letters.c.state)
        with self._reading.begin() as connection:
            return {str(state): int(count) for state, count in connection.execute(query)}

    def _add(self, visit: str, revision: int, recipient: str, now_ns: int) -> int:
        letters = tables.letters
        with self._reading.begin() as connection:
            query = select(func.count(func.distinct(letters.c.recipient))).where(letters.c.visit == visit)
            others = query.where(letters.c.recipient != recipient)
            if connection.execute(others).scalar_one() >= MOST_ADDRESSES:
                return 0
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    insert(letters).values(
                        visit=visit, revision=revision, recipient=recipient, state="waiting", queued_ns=now_ns,
                        next_ns=now_ns, attempts=0, last_error="",
                    )
                )  # fmt: skip
        except IntegrityError:  # another worker was quicker
            return 0
        return 1

    def _bury(self, now_ns: int) -> None:
        """What a dead worker left: claimed only is safe to try again, handed over is not."""
        letters = tables.letters
        with self._engine.begin() as connection:
            dead = letters.c.next_ns <= now_ns
            words = "the shop ended while this letter was handed over; it may have gone"
            chosen = update(letters).where(letters.c.state == "handing", dead)
            connection.execute(chosen.values(state="unknown", last_error=words))
            connection.execute(update(letters).where(letters.c.state == "claimed", dead).values(state="waiting"))

    def _claim(self, now_ns: int) -> Row[Any] | None:
        letters = tables.letters
        query = select(letters).where(letters.c.state == "waiting", letters.c.next_ns <= now_ns)
        with self._engine.begin() as connection:
            row = connection.execute(query.order_by(letters.c.next_ns).limit(1)).one_or_none()
            if row is None:
                return None
            mine = update(letters).where(_this(row), letters.c.state == "waiting")
            done = connection.execute(
                mine.values(state="claimed", next_ns=now_ns + LEASE_NS, attempts=row.attempts + 1)
            )
            return row if done.rowcount else None

    def _send(self, row: Row[Any], now_ns: int) -> int:
        address = self._addresses.of(row.visit)
        if address is None or self._addresses.digest(address) != row.recipient:
            self._set(row, "refused", last_error="the shopper took the address back")
            return 0
        receipts = tables.receipts
        query = select(receipts).where(receipts.c.visit == row.visit, receipts.c.revision == row.revision)
        with self._reading.begin() as connection:
            issued = connection.execute(query).one()
        receipt = from_published(orjson.loads(issued.published))
        letter = letter_of(address, self._mail.sender, receipt, self._shop(), self._link(row.visit), issued.issued_ns)
        try:
            self._mail.send(letter, lambda: self._set(row, "handing"))
        except UnsureError as error:
            self._set(row, "unknown", last_error=str(error)[:300])
            return 0
        except MailError as error:
            if error.final or now_ns - row.queued_ns > GIVE_UP_NS:
                self._set(row, "refused", last_error=str(error)[:300])
            else:
                wait_ns = min(LONGEST_WAIT_NS, FIRST_WAIT_NS * 2 ** min(row.attempts, 20))
                self._set(row, "waiting", next_ns=now_ns + wait_ns, last_error=str(error)[:300])
            return 0
        self._set(row, "sent", sent_ns=now_ns, last_error="")
        return 1

    def _set(self, row: Row[Any], state: State, **values: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(tables.letters).where(_this(row)).values(state=state, **values))


def _this(row: Row[Any]) -> Any:
    letters = tables.letters
    return and_(letters.c.visit == row.visit, letters.c.revision == row.revision, letters.c.recipient == row.recipient)
