"""What a reviewer does at the desk of a running shop: questions, answers, breaks; each with its time in the ledger.

The desk's tables and the time ledger know nothing of each other. Here is where a lease becomes an event of paid time;
what was answered goes no further than the desk.
"""

from collections.abc import Callable, Collection
from contextlib import suppress
from decimal import Decimal
from importlib.resources import files
from typing import Any

from sqlalchemy import func, insert, select

from walkout.labour import tables as labour
from walkout.labour.books import Books
from walkout.labour.ledger import LabourError
from walkout.labour.rate import OTHER, RateError, rate_card
from walkout.labour.shift import SECOND_NS
from walkout.live.desk import Desk
from walkout.review import tables
from walkout.review.case import Lease, Outcome, ReviewError
from walkout.review.queues import HELD, Queues
from walkout.review.resolve import Sure
from walkout.review.slots import never_taken
from walkout.store.shop import Origin

ALIVE_NS = 20 * SECOND_NS
"""A sign of life is written down at most so often while somebody waits."""
RECENT_NS = 86_400 * SECOND_NS
EXPIRE_NS = 2 * SECOND_NS
TICK_NS = 600 * SECOND_NS
"""Each look at who forgot to end a shift is an entry of the log, so it is not taken often."""
INVENTED = "exampleville"
"""The place at which people of a simulated shop work, with invented floors."""
DISTRESSING = "distressing"
FLAGS = ("the picture shows somebody", DISTRESSING, "the question makes no sense", "something else")
WARNING = "Somebody called what the clips of {visits} show distressing; a question about it may come."


class Reviewing:
    """The people of one shop's desk. Its methods run where the till runs."""

    def __init__(self, queues: Queues, books: Books, desk: Desk, *, now_ns: Callable[[], int], origin: Origin) -> None:
        self.queues, self.books, self.desk, self._now_ns = queues, books, desk, now_ns
        self._ledger = books.ledger
        self._expired_ns = self._ticked_ns = 0
        if origin == "simulated" and not self.places():
            self._invent()

    def open(self) -> None:
        """At a start: what passed since the last sign of life was our fault; leases that the ledger missed go in."""
        self._ledger.recover()
        since_ns = self._now_ns() - RECENT_NS
        lease, closing = tables.leases.c, tables.closings.c
        query = (
            select(lease.token, lease.worker, lease.question, lease.purpose, closing.how)
            .outerjoin(tables.closings, closing.token == lease.token)
            .where((lease.leased_ns > since_ns) & ~never_taken(lease.token))
            .order_by(lease.leased_ns)
        )
        with self.queues.reading.begin() as connection:
            rows = connection.execute(query).all()
        known = self._told([row.token for row in rows] + [f"{row.token}/done" for row in rows])
        for row in rows:
            if row.token not in known:
                self._leased(row.worker, row.token, row.question, row.purpose)
            if row.how is not None and f"{row.token}/done" not in known:
                self._ledger.happen(row.worker, row.how, f"{row.token}/done", unit=row.question)

    def work(self) -> None:
        """Take back what dead hands hold, and close the shifts whose end nobody told."""
        now_ns = self._now_ns()
        if abs(now_ns - self._expired_ns) < EXPIRE_NS:
            return
        self._expired_ns = now_ns
        for worker, question, token in self.queues.expire():
            self._ledger.happen(worker, "expired", f"{token}/done", unit=question)
        if abs(now_ns - self._ticked_ns) >= TICK_NS:
            self._ticked_ns = now_ns
            self._ledger.tick()

    def places(self) -> dict[str, str]:
        """Places with a rate card, and their currencies."""
        with self._ledger.reading.begin() as connection:
            names = connection.execute(select(labour.cards.c.place).distinct()).scalars().all()
        return {name: self.books.card(name).currency for name in names}

    def add(self, handle: str, place: str, contract: str, employer: str) -> None:
        """Somebody joins the team; said again it does nothing.

        Raises:
            LabourError: the handle is somebody else's, or the place has no rate card or no floor.
        """
        if place not in self.places():
            raise LabourError(f"found the place {place!r}, right: one with floors and a rate card (see /labour)")
        self._ledger.register(handle, place, contract, employer)
        self.queues.register(handle)

    def place_of(self, worker: str) -> str | None:
        """Where somebody works; None: they are not on the team."""
        with self._ledger.reading.begin() as connection:
            query = select(labour.people.c.place).where(labour.people.c.worker == worker)
            return connection.execute(query).scalar_one_or_none()

    def accept(self, worker: str, purpose: str) -> None:
        """A person agrees to one purpose at today's rate."""
        self.books.accept(worker, purpose)

    def lease(self, worker: str, **among: Any) -> Lease | None:
        """What the person has in hand, else the next question for them; None: nothing to do, and that time is paid.

        `among`: as `Queues.lease` takes it, for a demonstration.
        """
        held = self.queues.held(worker)
        if held and not held[0].ahead:
            self.alive(worker)
            return held[0]
        desk = self._ledger.desk(worker)
        if desk.open and (desk.rest or desk.fault):
            return None
        found = self.queues.take(worker) or self.queues.lease(worker, **among)
        if found is None:
            self.alive(worker)
            return None
        self._leased(worker, found.token, found.question, found.purpose)
        return found

    def ahead(self, worker: str) -> Lease | None:
        """The question after the one in hand, lent ahead so that it is there at once; None: there is none.

        It is a lease like any other and ends like any other, but nobody's time runs on it before it is in hand.
        """
        desk = self._ledger.desk(worker)
        return self.queues.ahead(worker) if desk.open and not (desk.rest or desk.fault) else None

    def renew(self, worker: str, token: str) -> int:
        """A sign of life of whoever holds a lease; until when it runs now. Raises LeaseLostError."""
        until_ns = self.queues.renew(token)
        self.alive(worker)
        return until_ns

    def alive(self, worker: str) -> None:
        """A sign of life, written down where the last one is a while ago."""
        desk = self._ledger.desk(worker)
        now_ns = self._ledger.clock.now_ns()
        if desk.open and now_ns - max(desk.alive_ns, desk.entered_ns) >= ALIVE_NS:
            self._ledger.happen(worker, "heartbeat", f"beat/{worker}/{now_ns}")

    def submit(self, worker: str, token: str, key: str | None, sure: Sure) -> Outcome:
        """An answer, its time, and what follows from it.

        Raises LeaseLostError, ReviewError as the queues do.
        """
        outcome = self.queues.submit(token, key, sure)
        self._done(worker, token, outcome.question, "submitted")
        if outcome.resolved:
            with suppress(ReviewError):  # an audit or a gold question has no case
                self.desk.advance(outcome.visit)
        return outcome

    def undo(self, worker: str, token: str) -> Lease:
        """Take an answer back; the question is in the same hands again. Raises ReviewError."""
        lease = self.queues.undo(token)
        for more in self.queues.held(worker)[HELD:]:
            self.put_back(worker, more.token)
        self._leased(worker, lease.token, lease.question, lease.purpose)
        with suppress(ReviewError):
            self.desk.advance(lease.visit)
        return lease

    def skip(self, worker: str, token: str, reason: str) -> None:
        """The holder does not want this one. Raises ReviewError, LeaseLostError."""
        question, lease = self._question(token), self.queues.of_token(token, worker)
        if lease is not None and lease.ahead:
            raise ReviewError("found the question that is lent ahead, right: the one in hand")
        self.queues.skip(token, reason)
        self._done(worker, token, question, "skipped")

    def put_back(self, worker: str, token: str) -> None:
        """The holder ends their work without having looked. Raises LeaseLostError."""
        question, lease = self._question(token), self.queues.of_token(token, worker)
        self.queues.put_back(token)
        if lease is None or not lease.ahead:  # no time ran on what was never in hand
            self._done(worker, token, question, "returned")

    def flag(self, token: str, reason: str, words: str) -> None:
        """Something is wrong with a question, or with what it shows."""
        with self.queues.engine.begin() as connection:
            of = tables.flags.c
            number = connection.execute(select(func.count()).where(of.token == token)).scalar_one()
            row = {"token": token, "number": number, "reason": reason, "words": words, "t_ns": self._now_ns()}
            connection.execute(insert(tables.flags).values(**row))

    def warning(self, purposes: Collection[str]) -> str | None:
        """What somebody should know before they take a question: whether one that waits was called distressing."""
        asked = tables.questions.c
        open_ = (asked.state == "open") & asked.queue.in_(purposes)
        waiting = select(asked.visit).where(open_ & asked.visit.in_(_called())).distinct()
        with self.queues.reading.begin() as connection:
            visits = len(connection.execute(waiting).all())
        return WARNING.format(visits="a visit" if visits == 1 else f"{visits} visits") if visits else None

    def distressing(self, visit: str) -> bool:
        """Whether somebody called what a visit's clips show distressing: they are covered until they are opened."""
        with self.queues.reading.begin() as connection:
            return connection.execute(_called().where(tables.leases.c.visit == visit)).first() is not None

    def shift(self, worker: str, kind: str, detail: str = "") -> None:
        """A shift or a break begins or ends. What is in hand when it does is put back: it is paid until now."""
        if kind in ("shift_ended", "break_started"):
            for lease in self.queues.held(worker):
                self.put_back(worker, lease.token)
        desk = self._ledger.desk(worker)
        if (kind == "shift_started") == desk.open and kind.startswith("shift"):
            return
        if kind == "break_ended" and not desk.rest:
            return
        event = f"{kind}/{worker}/{self._ledger.clock.now_ns()}"
        self._ledger.happen(worker, kind, event, detail=detail)

    def _leased(self, worker: str, token: str, question: str, purpose: str) -> None:
        card = self.books.card(str(self.place_of(worker))).hash
        self._ledger.happen(worker, "leased", token, unit=question, purpose=purpose, card=card)

    def _done(self, worker: str, token: str, question: str, how: str) -> None:
        self._ledger.happen(worker, how, f"{token}/done", unit=question)

    def _question(self, token: str) -> str:
        with self.queues.reading.begin() as connection:
            query = select(tables.leases.c.question).where(tables.leases.c.token == token)
            return str(connection.execute(query).scalar_one())

    def _told(self, events: list[str]) -> frozenset[str]:
        """Of some events, those that the time ledger has."""
        found: set[str] = set()
        with self._ledger.reading.begin() as connection:
            for at in range(0, len(events), 500):
                of = labour.log.c.event
                found |= set(connection.execute(select(of).where(of.in_(events[at : at + 500]))).scalars())
        return frozenset(found)

    def _invent(self) -> None:
        """Invented floors and a rate card, so that a simulated shop can be tried."""
        text = files("walkout.labour").joinpath("examples/floors.csv").read_text("utf-8")
        self.books.import_floors(text, "simulation")
        hourly = {OTHER: Decimal("16.00"), "dispute": Decimal("16.50"), "adjudicate": Decimal("16.50")}
        with suppress(RateError):
            self.books.add_card(rate_card(INVENTED, 1, "EUR", 0, hourly))


def _called() -> Any:
    """The visits of which somebody said so, with a flag or as the reason of a skip."""
    lease, flag, closing = tables.leases.c, tables.flags.c, tables.closings.c
    flagged = select(flag.token).where(flag.reason == DISTRESSING)
    skipped = select(closing.token).where((closing.how == "skipped") & (closing.reason == DISTRESSING))
    return select(lease.visit).where(lease.token.in_(flagged) | lease.token.in_(skipped))
