"""Rate cards, floors, choices, statements and what came of them in the database."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Table, func, insert, select

from walkout.labour import rate, tables
from walkout.labour.floor import Place, read_floors
from walkout.labour.ledger import LabourError, LabourLedger
from walkout.labour.paid import Owed, Said, Sent, Shares, Status, shares, status
from walkout.labour.period import month
from walkout.labour.purposes import PURPOSES, Choice, Estimate, accepted, estimate
from walkout.labour.rate import RateCard
from walkout.labour.statement import Origin, Statement, digest, make_statement, to_json

RECENT_NS = 30 * 24 * 3_600_000_000_000
"""Estimates look so far back."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A statement as it was published."""

    worker: str
    period: str
    revision: int
    due: Decimal
    currency: str
    published: bytes
    sha256: str
    issued_ns: int


class Books:
    """What people are paid by, and what they were told they are owed."""

    def __init__(self, ledger: LabourLedger, origin: Origin) -> None:
        self.ledger = ledger
        self.origin = origin
        self.engine: Engine = ledger.engine

    def add_card(self, card: RateCard) -> str:
        """A rate card that follows those of its place; gives its hash. Raises RateError as rate.admit does."""
        with self.engine.begin() as connection:
            known = _cards(connection, card.place)
            if card not in known:
                now_ns = self.ledger.clock.now_ns()
                rate.admit(known, card, now_ns)
                connection.execute(
                    insert(tables.cards).values(
                        hash=card.hash,
                        place=card.place,
                        version=card.version,
                        body=rate.to_json(card).decode(),
                        recorded_ns=now_ns,
                    )
                )
        return card.hash

    def import_floors(self, text: str, by: str) -> tuple[str, ...]:
        """The floors file, whole; gives the places in it. Raises FloorError with everything that is wrong."""
        places = read_floors(text)
        digest_ = sha256(text.encode()).hexdigest()
        with self.engine.begin() as connection:
            found = select(tables.floors.c.hash).where(tables.floors.c.hash == digest_)
            if connection.execute(found).one_or_none() is None:
                connection.execute(
                    insert(tables.floors).values(
                        hash=digest_, file=text, imported_ns=self.ledger.clock.now_ns(), imported_by=by
                    )
                )
        return tuple(places)

    def card(self, place: str) -> RateCard:
        """The card in force now. Raises RateError where there is none."""
        with self.ledger.reading.begin() as connection:
            return rate.in_force(_cards(connection, place), place, self.ledger.clock.now_ns())

    def estimate(self, worker: str, purpose: str) -> Estimate:
        """What a purpose pays and how long its questions took lately: shown before anybody accepts it."""
        since_ns = self.ledger.clock.now_ns() - RECENT_NS
        of = tables.intervals.c
        query = select(func.sum(of.end_ns - of.start_ns)).where((of.purpose == purpose) & (of.start_ns >= since_ns))
        with self.ledger.reading.begin() as connection:
            card = rate.in_force(
                _cards(connection, _place_of(connection, worker)),
                _place_of(connection, worker),
                self.ledger.clock.now_ns(),
            )
            lengths = connection.execute(query.group_by(of.worker, of.unit)).scalars().all()
        return estimate(purpose, card, [int(ns) for ns in lengths])

    def accept(self, worker: str, purpose: str) -> Estimate:
        """A person agrees to one purpose, at today's card, having been shown the estimate that this gives."""
        return self._choose(worker, purpose, "accepted")

    def withdraw(self, worker: str, purpose: str) -> None:
        """A person does not want a purpose any more; nothing else of theirs changes."""
        self._choose(worker, purpose, "withdrawn")

    def accepted(self, worker: str) -> frozenset[str]:
        """The purposes that a person may be given questions of now."""
        with self.ledger.reading.begin() as connection:
            place = _place_of(connection, worker)
            cards = _cards(connection, place)
            rows = connection.execute(
                select(tables.choices).where(tables.choices.c.worker == worker).order_by(tables.choices.c.number)
            )
            choices = [Choice(r.worker, r.purpose, r.action, r.card, r.t_ns) for r in rows]
            if not choices:
                return frozenset()
            return accepted(choices, worker, cards, rate.in_force(cards, place, self.ledger.clock.now_ns()))

    def statement(self, worker: str, period: str, revision: int | None = None) -> Statement:
        """A statement: as it stands now, or a revision that was issued, computed again from the log."""
        with self.ledger.reading.begin() as connection:
            of = tables.statements.c
            rows = connection.execute(
                select(tables.statements).where((of.worker == worker) & (of.period == period)).order_by(of.revision)
            ).all()
            place_name = _place_of(connection, worker)
            cards = _cards(connection, place_name)
            floors, as_of, number = None, None, len(rows)
            if revision is not None:
                if revision >= len(rows):
                    raise LabourError(f"found no revision {revision} of {period}, right: below {len(rows)}")
                row = rows[revision]
                floors, as_of, number, cards = row.floors, row.as_of, revision, cards[: row.card_count]
            place = _place(connection, place_name, floors)[0]
            before = max((row.total for row in rows[:number]), default=Decimal(0))
        return make_statement(
            self.ledger.entries(worker, as_of),
            worker,
            cards,
            place,
            month(period, place.zone),
            origin=self.origin,
            revision=number,
            before=before,
        )

    def issue(self, worker: str, period: str) -> Issued:
        """Publish the statement as it stands; a revision that adds nothing to the last one is not made."""
        made = self.statement(worker, period)
        issued = self.issued(worker, period)
        if issued and made.due == 0:
            return issued[-1]
        published = to_json(made)
        with self.engine.begin() as connection:
            now_ns = self.ledger.clock.now_ns()
            connection.execute(
                insert(tables.statements).values(
                    worker=worker,
                    period=period,
                    revision=made.revision,
                    as_of=made.as_of,
                    floors=_place(connection, made.place.name, None)[1],
                    card_count=len(_cards(connection, made.place.name)),
                    due=made.due,
                    total=made.pay.total,
                    currency=made.pay.currency,
                    published=published.decode(),
                    sha256=digest(made),
                    issued_ns=now_ns,
                )
            )
        return self.issued(worker, period)[-1]

    def issued(self, worker: str | None = None, period: str | None = None) -> tuple[Issued, ...]:
        """Statements as published, of one person or of all, in order."""
        of = tables.statements.c
        query = select(tables.statements).order_by(of.worker, of.period, of.revision)
        query = query if worker is None else query.where(of.worker == worker)
        query = query if period is None else query.where(of.period == period)
        with self.ledger.reading.begin() as connection:
            return tuple(
                Issued(r.worker, r.period, r.revision, r.due, r.currency, r.published.encode(), r.sha256, r.issued_ns)
                for r in connection.execute(query)
            )

    def sent(self, statement: str, amount: Decimal, reference: str, by: str) -> None:
        """The operator says that money is under way; said again under the same reference it does nothing."""
        with self.engine.begin() as connection:
            found = select(tables.payouts).where(tables.payouts.c.reference == reference)
            row = connection.execute(found).one_or_none()
            if row is not None:
                if (row.statement, row.amount) != (statement, amount):
                    raise LabourError(f"found another payment under {reference}, right: a reference never used")
                return
            connection.execute(
                insert(tables.payouts).values(
                    reference=reference,
                    statement=statement,
                    amount=amount,
                    sent_ns=self.ledger.clock.now_ns(),
                    sent_by=by,
                )
            )

    def said(self, worker: str, statement: str, *, came: bool, words: str = "") -> None:
        """The person says whether a statement's money came. Raises LabourError for another person's statement."""
        if not statement.startswith(f"{worker}/"):
            raise LabourError(f"found {worker} speaking of {statement}, right: of a statement of their own")
        row = {"statement": statement, "came": came, "words": words, "said_ns": self.ledger.clock.now_ns()}
        self._numbered(tables.confirmations, worker, row)

    def looked(self, worker: str, by: str, what: str, reason: str) -> None:
        """Somebody looked at what is recorded about a person: call it before showing it to anybody else."""
        if not (by and what and reason):
            raise LabourError("found a look without a name, a thing or a reason, right: all three")
        row = {"looked_by": by, "what": what, "reason": reason, "t_ns": self.ledger.clock.now_ns()}
        self._numbered(tables.looks, worker, row)

    def payment(self, statement: str) -> Status:
        """Where a statement's money is."""
        owed, sent, said = self._money()
        found = next((one for one in owed if one.statement == statement), None)
        if found is None:
            raise LabourError(f"found no statement {statement}, right: one that was issued")
        return status(found, sent, said, self.ledger.clock.now_ns())

    def shares(self, currency: str) -> Shares:
        """How much of the money owed in a currency was confirmed, is late, or is disputed."""
        names = {f"{i.worker}/{i.period}/{i.revision}" for i in self.issued() if i.currency == currency}
        owed, sent, said = self._money()
        return shares([o for o in owed if o.statement in names], sent, said, self.ledger.clock.now_ns())

    def below_floor(self) -> int:
        """How many people's months are paid below their floor, by the newest statement of each; must be 0."""
        newest = {(one.worker, one.period): orjson.loads(one.published) for one in self.issued()}
        return sum(Decimal(one["total"]) < Decimal(one["floor"]["due"]) for one in newest.values())

    def _money(self) -> tuple[list[Owed], list[Sent], list[Said]]:
        owed = [Owed(f"{i.worker}/{i.period}/{i.revision}", i.due, i.issued_ns) for i in self.issued()]
        with self.ledger.reading.begin() as connection:
            sent = [
                Sent(r.statement, r.amount, r.sent_ns, r.reference) for r in connection.execute(select(tables.payouts))
            ]
            query = select(tables.confirmations).order_by(tables.confirmations.c.number)
            said = [Said(r.statement, r.came, r.said_ns, r.words) for r in connection.execute(query)]
        return owed, sent, said

    def _choose(self, worker: str, purpose: str, action: str) -> Estimate:
        if purpose not in PURPOSES:
            raise LabourError(f"found the purpose {purpose!r}, right: one of {', '.join(PURPOSES)}")
        shown = self.estimate(worker, purpose)
        body = orjson.dumps(asdict(shown), option=orjson.OPT_SORT_KEYS, default=str).decode()
        row = {"purpose": purpose, "action": action, "card": shown.card, "estimate": body}
        self._numbered(tables.choices, worker, row | {"t_ns": self.ledger.clock.now_ns()})
        return shown

    def _numbered(self, table: Table, worker: str, row: dict[str, Any]) -> None:
        """Add a row to one of the tables that count by person; the desk's lock keeps the numbers apart."""
        with self.engine.begin() as connection:
            connection.execute(select(tables.desks).where(tables.desks.c.worker == worker).with_for_update())
            last = select(func.coalesce(func.max(table.c.number), 0)).where(table.c.worker == worker)
            number = connection.execute(last).scalar_one() + 1
            connection.execute(insert(table).values(worker=worker, number=number, **row))


def _cards(connection: Connection, place: str) -> Sequence[RateCard]:
    query = select(tables.cards.c.body).where(tables.cards.c.place == place).order_by(tables.cards.c.version)
    return tuple(rate.from_json(body) for body in connection.execute(query).scalars())


def _place_of(connection: Connection, worker: str) -> str:
    found = connection.execute(select(tables.people.c.place).where(tables.people.c.worker == worker)).scalar()
    if found is None:
        raise LabourError(f"found nobody called {worker}, right: somebody who is registered")
    return str(found)


def _place(connection: Connection, name: str, floors: str | None) -> tuple[Place, str]:
    """A place by the floors file of a hash, or by the last one; and that file's hash."""
    query = select(tables.floors).order_by(tables.floors.c.imported_ns.desc(), tables.floors.c.hash)
    if floors is not None:
        query = query.where(tables.floors.c.hash == floors)
    row = connection.execute(query.limit(1)).one_or_none()
    places = read_floors(row.file) if row else {}
    if row is None or name not in places:
        raise LabourError(f"found no floor for {name}, right: a floors file that has it")
    return places[name], row.hash
