"""A payment provider that moves no money: the default, and the one that tests are hard on.

It keeps its own books in its own SQLite file, honours idempotency keys, refuses what a real one refuses, and goes
wrong on request (faults.py). What it says unasked waits in `deliver`.
"""

import sqlite3
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from threading import RLock

import orjson

from walkout.checkout.faults import Fault, Faults, no_faults
from walkout.checkout.provider import Answer, Event, Kind, Movement, NoAnswerError, Request, RequestRefusedError

DAY_NS = 24 * 3_600_000_000_000
KEY_LIFE_NS = DAY_NS
"""How long a key is remembered at least."""
DECLINED_CARD = "declined"
"""The payer whose card is always declined."""

SCHEMA = """
create table if not exists seen (key text primary key, times integer not null);
create table if not exists deaf (key text primary key, until_ns integer not null);
create table if not exists answers (key text primary key, body text not null, answer text not null);
create table if not exists holds (id text primary key, key text not null, visit text not null, payer text not null,
    currency text not null, amount text not null, state text not null, expires_ns integer not null);
create table if not exists payments (id text primary key, amount text not null, currency text not null);
create table if not exists movements (number integer primary key, key text not null, kind text not null,
    visit text not null, amount text not null, currency text not null, id text not null, of text, expires_ns integer);
create table if not exists delayed (number integer primary key, request text not null);
create table if not exists events (number integer primary key, id text not null, kind text not null,
    key text not null, answer text, times integer not null);
"""


class FakeProvider:
    """The provider; `now_ns` is its clock, `hold_life_ns` how long it keeps a hold, `at_once` hears first webhooks."""

    def __init__(
        self,
        path: Path | str,
        now_ns: Callable[[], int],
        *,
        faults: Faults = no_faults,
        hold_life_ns: int = 2 * DAY_NS,
        at_once: Callable[[Event], object] | None = None,
    ) -> None:
        self.now_ns = now_ns
        self.faults = faults
        self.hold_life_ns = hold_life_ns
        self.at_once = at_once
        # Explicit transactions; its books survive a kill, a power cut need not be withstood.
        self._books = sqlite3.connect(path, isolation_level=None, timeout=10.0, check_same_thread=False)
        self._lock = RLock()  # several threads of one shop may ask
        self._books.execute("pragma journal_mode=wal")
        self._books.execute("pragma synchronous=off")
        self._books.executescript(SCHEMA)

    def close(self) -> None:
        """Close the books."""
        self._books.close()

    def perform(self, request: Request) -> Answer:
        """As PaymentProvider says; what the fault of this call makes of it."""
        try:
            with self._lock:
                return self._perform(request)
        except sqlite3.OperationalError as error:  # its disk is full: as if a real one were out of order
            raise NoAnswerError(f"no answer ({error})") from error

    def _perform(self, request: Request) -> Answer:
        before = self._count(request.key)
        if self._is_deaf(request.key):
            raise NoAnswerError("no answer (the provider is down)")
        fault = self.faults(request, before)
        if fault is Fault.TIMEOUT_BEFORE:
            raise NoAnswerError("no answer (the request was lost)")
        if fault is Fault.LATE:
            self._write("insert into delayed (request) values (?)", orjson.dumps(_plain(request)).decode())
            raise NoAnswerError("no answer (the request is slow)")
        answer = self._once(request, fault)
        if fault is Fault.DUPLICATE:
            self._once(request, Fault.NONE)
        if fault is Fault.FORGET:
            self._write("insert into deaf values (?, ?)", request.key, self.now_ns() + KEY_LIFE_NS)
        if fault in (Fault.TIMEOUT_AFTER, Fault.FORGET):
            raise NoAnswerError("no answer (the answer was lost)")
        event = Event(f"ev-{request.key}", "answer", request.key, answer)
        if fault is Fault.WEBHOOK_FIRST and self.at_once is not None:
            self.at_once(event)
        self._say(event, times=2 if fault is Fault.DUPLICATE else 1)
        return answer

    def look_up(self, key: str) -> Answer | None:
        """From the movements, which stay when a key is forgotten."""
        row = self._books.execute("select id, expires_ns from movements where key = ?", (key,)).fetchone()
        return None if row is None else Answer("done", row[0], row[1])

    def movements(self) -> Iterable[Movement]:
        """All that took effect, in order."""
        rows = self._books.execute("select key, kind, visit, amount, currency, id from movements order by number")
        return [Movement(key, kind, visit, Decimal(amount), cur, id_) for key, kind, visit, amount, cur, id_ in rows]

    @property
    def requests(self) -> int:
        """How often anything was asked."""
        return int(self._books.execute("select coalesce(sum(times), 0) from seen").fetchone()[0])

    def deliver(self) -> tuple[Event, ...]:
        """What it has to say since the last call: delayed requests take effect now, holds run out, webhooks are due."""
        try:
            with self._lock:
                return self._deliver()
        except sqlite3.OperationalError:  # as above: what it has to say, it says next time
            return ()

    def _deliver(self) -> tuple[Event, ...]:
        for number, text in self._books.execute("select number, request from delayed order by number").fetchall():
            request = _request(orjson.loads(text))
            answer = self._once(request, Fault.NONE)
            self._say(Event(f"ev-late-{request.key}", "answer", request.key, answer))
            self._write("delete from delayed where number = ?", number)
        query = "select id, key from holds where state = 'held' and expires_ns <= ? order by id"
        for id_, key in self._books.execute(query, (self.now_ns(),)).fetchall():
            self._write("update holds set state = 'expired' where id = ?", id_)
            self._say(Event(f"ev-lapsed-{id_}", "lapsed", key))
        said = []
        rows = self._books.execute("select id, kind, key, answer, times from events order by number").fetchall()
        for id_, kind, key, text, times in rows:
            answer_said = None if text is None else Answer(**orjson.loads(text))
            said += [Event(id_, kind, key, answer_said)] * times
        self._write("delete from events")
        return tuple(said)

    def _is_deaf(self, key: str) -> bool:
        """Whether a key gets no answer for now; when that is over, the key itself is forgotten."""
        row = self._books.execute("select until_ns from deaf where key = ?", (key,)).fetchone()
        if row is None:
            return False
        if self.now_ns() >= row[0]:
            self._write("delete from answers where key = ?", key)
        return bool(self.now_ns() < row[0])

    def _count(self, key: str) -> int:
        """How often this key came before this time."""
        self._write("insert into seen values (?, 1) on conflict (key) do update set times = times + 1", key)
        return int(self._books.execute("select times from seen where key = ?", (key,)).fetchone()[0]) - 1

    def _once(self, request: Request, fault: Fault) -> Answer:
        """The stored answer where the key is known, else the effect and its answer, in one transaction."""
        body = orjson.dumps(_plain(request), option=orjson.OPT_SORT_KEYS).decode()
        self._books.execute("begin immediate")
        try:
            known = self._books.execute("select body, answer from answers where key = ?", (request.key,)).fetchone()
            if known is not None:
                if known[0] != body:
                    raise RequestRefusedError(f"found key {request.key} with another request, right: a key of its own")
                answer = Answer(**orjson.loads(known[1]))
            else:
                answer = self._do(request, fault)
                stored = orjson.dumps(_plain_answer(answer)).decode()
                self._books.execute("insert into answers values (?, ?, ?)", (request.key, body, stored))
        except BaseException:
            self._books.execute("rollback")
            raise
        self._books.execute("commit")
        return answer

    def _do(self, request: Request, fault: Fault) -> Answer:
        if request.amount <= 0:
            raise RequestRefusedError(f"found an amount of {request.amount}, right: above 0")
        if fault is Fault.DECLINE or (request.payer == DECLINED_CARD and request.kind in ("hold", "adjust", "charge")):
            return Answer("declined", reason="the card was declined")
        if request.kind in ("hold", "charge"):
            return self._new(request)
        if request.kind == "refund":
            return self._refund(request)
        return self._on_hold(request, fault)

    def _new(self, request: Request) -> Answer:
        if request.kind == "charge":
            return self._paid(request)
        expires_ns = self.now_ns() + self.hold_life_ns
        id_ = self._id("h")
        row = (id_, request.key, request.visit, request.payer, request.currency, str(request.amount), "held")
        self._books.execute("insert into holds values (?, ?, ?, ?, ?, ?, ?, ?)", (*row, expires_ns))
        return self._moved(request, id_, expires_ns)

    def _on_hold(self, request: Request, fault: Fault) -> Answer:
        query = "select amount, state, expires_ns, currency from holds where id = ?"
        found = self._books.execute(query, (request.of,)).fetchone()
        if found is None:
            raise RequestRefusedError(f"found hold {request.of}, right: one that was made here")
        held, state, expires_ns, currency = Decimal(found[0]), found[1], found[2], found[3]
        if state == "expired" or (state == "held" and (fault is Fault.EXPIRE or self.now_ns() >= expires_ns)):
            self._books.execute("update holds set state = 'expired' where id = ?", (request.of,))
            return Answer("expired", reason="the hold has run out")
        if state != "held" or currency != request.currency:
            raise RequestRefusedError(f"found a {state} hold in {currency}, right: one held in {request.currency}")
        if request.kind == "adjust":
            self._books.execute("update holds set amount = ? where id = ?", (str(request.amount), request.of))
            return self._moved(request, str(request.of), expires_ns)
        if request.kind == "cancel":
            self._books.execute("update holds set state = 'cancelled' where id = ?", (request.of,))
            return self._moved(request, str(request.of))
        if request.amount > held:
            raise RequestRefusedError(f"found a capture of {request.amount}, right: at most the {held} held")
        self._books.execute("update holds set state = 'captured' where id = ?", (request.of,))
        return self._paid(request)

    def _paid(self, request: Request) -> Answer:
        id_ = self._id("p")
        row = (id_, str(request.amount), request.currency)
        self._books.execute("insert into payments values (?, ?, ?)", row)
        return self._moved(request, id_)

    def _refund(self, request: Request) -> Answer:
        found = self._books.execute("select amount from payments where id = ?", (request.of,)).fetchone()
        if found is None:
            raise RequestRefusedError(f"found payment {request.of}, right: one that was made here")
        back = self._books.execute("select amount from movements where kind = 'refund' and of = ?", (request.of,))
        left = Decimal(found[0]) - sum((Decimal(amount) for (amount,) in back), Decimal(0))
        if request.amount > left:
            raise RequestRefusedError(f"found a refund of {request.amount}, right: at most the {left} left")
        return self._moved(request, self._id("r"))

    def _moved(self, request: Request, id_: str, expires_ns: int | None = None) -> Answer:
        row = (request.key, request.kind, request.visit, str(request.amount), request.currency, id_, request.of)
        self._books.execute(
            "insert into movements (key, kind, visit, amount, currency, id, of, expires_ns) "
            "values (?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, expires_ns),
        )
        return Answer("done", id_, expires_ns)

    def _id(self, letter: str) -> str:
        count = self._books.execute("select count(*) from movements").fetchone()[0]
        return f"{letter}{count + 1}"

    def _say(self, event: Event, times: int = 1) -> None:
        answer = None if event.answer is None else orjson.dumps(_plain_answer(event.answer)).decode()
        query = "insert into events (id, kind, key, answer, times) values (?, ?, ?, ?, ?)"
        self._write(query, event.id, event.kind, event.key, answer, times)

    def _write(self, query: str, *values: object) -> None:
        self._books.execute(query, values)


def _plain(request: Request) -> dict[str, str | None]:
    return {
        "key": request.key,
        "kind": request.kind,
        "visit": request.visit,
        "amount": str(request.amount),
        "currency": request.currency,
        "payer": request.payer,
        "of": request.of,
    }


def _request(plain: dict[str, str]) -> Request:
    kind: Kind = plain["kind"]  # type: ignore[assignment]  # written by _plain
    return Request(
        plain["key"], kind, plain["visit"], Decimal(plain["amount"]), plain["currency"], plain["payer"], plain["of"]
    )


def _plain_answer(answer: Answer) -> dict[str, str | int | None]:
    return {"outcome": answer.outcome, "id": answer.id, "expires_ns": answer.expires_ns, "reason": answer.reason}
