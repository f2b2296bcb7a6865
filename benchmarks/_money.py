"""A shop's payments played out, with faults and crashes: for the bench and for the tests of money.

The story is a fixed list of inputs drawn from a seed. Whoever plays it may be stopped anywhere and play it again from
its start, as a shop's engine does from its journal: what was taken in before does nothing.

Run as a program it plays a story against two files until it is over or killed: `python -m benchmarks._money LEDGER
BOOKS SEED VISITS FAULT RATE`.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

from sqlalchemy import Engine, event, select

from walkout.checkout import tables
from walkout.checkout.fallback import fall_back
from walkout.checkout.faults import Fault, Faults, no_faults
from walkout.checkout.ledger import Ledger
from walkout.checkout.outbox import SECOND_NS, drain
from walkout.checkout.payment import Payment
from walkout.checkout.provider import Answer, Event, Movement, Request
from walkout.checkout.provider_fake import FakeProvider
from walkout.checkout.receipt import HumanWork, Line, Receipt
from walkout.checkout.storage import open_database
from walkout.checkout.terms import Terms

START_NS = 1_800_000_000_000_000_000
TERMS = Terms(hold=Decimal(20), cap=Decimal(120))
PRICES = [Decimal(text) for text in ("0.99", "1.25", "2.40", "3.10", "4.75", "12.00", "19.90")]
SHOWN_AT = 0.95
SHOP = "bench"


@dataclass(frozen=True, slots=True)
class Input:
    """One thing that happens in the shop; `receipt` where it is one."""

    kind: str
    visit: str
    amount: Decimal = Decimal(0)
    receipt: Receipt | None = None
    final: bool = False
    added: bool = False


def story(seed: int, visits: int) -> list[Input]:
    """Visits that overlap: baskets of 0 to 12 lines, a third looked at by a person, a third revised later."""
    random = Random(seed)  # noqa: S311 a simulation
    told = [_visit(random, f"s{seed}v{number}") for number in range(visits)]
    mixed = []
    while told:
        chosen = random.randrange(min(6, len(told)))
        mixed.append(told[chosen].pop(0))
        told = [inputs for inputs in told if inputs]
    return mixed


def _visit(random: Random, visit: str) -> list[Input]:
    lines = tuple(_line(random) for _ in range(random.choice([0, 1, 1, 2, 3, 5, 12])))
    inputs = [Input("enter", visit)]
    inputs += [Input("basket", visit, _total(lines[: k + 1])) for k in range(len(lines)) if random.random() < 0.5]
    inputs.append(Input("leave", visit))
    revision = 0
    if random.random() < 0.3:  # a person has to look first
        inputs.append(Input("receipt", visit, receipt=_receipt(visit, revision, lines)))
        revision += 1
        if random.random() < 0.2:  # nobody ever answers: the hold runs out
            return inputs
        lines = lines[: random.randint(0, len(lines))]
    lines = tuple(replace(line, shown=True) for line in lines)
    inputs.append(Input("receipt", visit, receipt=_receipt(visit, revision, lines), final=True))
    while random.random() < 0.4:
        revision += 1
        added = random.random() < 0.4
        lines = (*lines, replace(_line(random), shown=True)) if added else lines[: random.randint(0, len(lines))]
        made = _receipt(visit, revision, lines)
        inputs.append(Input("receipt", visit, receipt=made, final=True, added=added))
    return inputs


def _line(random: Random) -> Line:
    probability = random.choice([0.999, 0.99, 0.97, 0.8, 0.6])
    shown = probability >= SHOWN_AT
    return Line(
        "00071142008582", "goods", random.choice([1, 1, 1, 2]), random.choice(PRICES), probability, "", ("e",), shown
    )


def _total(lines: tuple[Line, ...]) -> Decimal:
    return sum((line.unit_price * line.quantity for line in lines), Decimal(0))


def _receipt(visit: str, revision: int, lines: tuple[Line, ...]) -> Receipt:
    return Receipt(
        visit=visit,
        party="p",
        shoppers=("s",),
        entered_ns=START_NS,
        left_ns=START_NS,
        lines=lines,
        total=_total(lines),
        currency="EUR",
        p_exact=0.9,
        decided_by="software",
        human=HumanWork(),
        revision=revision,
        origin="simulated",
    )


def at_rate(fault: Fault | None, rate: float, seed: int) -> Faults:
    """The fault (None: any) at a share of the calls, the same for the same key, count and seed."""
    every = [one for one in Fault if one is not Fault.NONE]

    def chosen(request: Request, before: int) -> Fault:
        drawn = crc32(f"{seed} {request.key} {before}".encode())
        if (drawn % 10_000) / 10_000 >= rate:
            return Fault.NONE
        return every[drawn // 10_000 % len(every)] if fault is None else fault

    return chosen


class CrashError(Exception):
    """The process dies here: nothing in the shop catches this."""


class Saboteur:
    """Counts the steps of a shop (statements, commits, requests, answers) and raises CrashError at the chosen one."""

    def __init__(self, at: int | None = None) -> None:
        self.at = at
        self.steps = 0

    def step(self, *_: Any, **__: Any) -> None:
        """One step."""
        self.steps += 1
        if self.steps == self.at:
            raise CrashError

    def statement(self, _connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        """One step before or after a statement; a death around BEGIN is the one before it."""
        if not text.startswith("BEGIN"):
            self.step()

    @contextmanager
    def on(self, engine: Engine) -> Iterator[None]:
        """Listen to an engine."""
        heard = {"before_cursor_execute": self.statement, "after_cursor_execute": self.statement, "commit": self.step}
        for name, listener in heard.items():
            event.listen(engine, name, listener)
        try:
            yield
        finally:
            for name, listener in heard.items():
                event.remove(engine, name, listener)


class Watched:
    """A provider, with a step before and after each request."""

    def __init__(self, provider: FakeProvider, saboteur: Saboteur) -> None:
        self.provider, self.saboteur = provider, saboteur
        self.look_up, self.movements = provider.look_up, provider.movements

    def perform(self, request: Request) -> Answer:
        """Pass it on."""
        self.saboteur.step()
        answer = self.provider.perform(request)
        self.saboteur.step()
        return answer


class Play:
    """One process of a shop: it plays a story from the start, and ends when all is settled."""

    def __init__(
        self, engine: Engine, books: Path, faults: Faults = no_faults, saboteur: Saboteur | None = None
    ) -> None:
        self.engine = engine
        self.saboteur = saboteur or Saboteur()
        self.now_ns = START_NS
        self.ledger = Ledger(engine, SHOP, TERMS, "EUR")
        self.provider = FakeProvider(books, lambda: self.now_ns, faults=faults, at_once=self._hear)

    def run(self, inputs: list[Input], seed: int) -> None:
        """Play to the end; provider and outbox work between the inputs as chance has it. Raises CrashError."""
        random = Random(seed + 1)  # noqa: S311 a simulation
        with self.saboteur.on(self.engine):
            for given in inputs:
                self.take(given)
                if random.random() < 0.6:
                    self.work()
                if random.random() < 0.3:
                    self.hear()
                self.now_ns += random.randint(1, 90) * SECOND_NS
            self.finish()

    def take(self, given: Input) -> None:
        """One input."""
        match given.kind:
            case "enter":
                self.ledger.enter(given.visit, "p", "card", START_NS)
            case "basket":
                self.ledger.basket(given.visit, given.amount, self.now_ns)
            case "leave":
                self.ledger.leave(given.visit, self.now_ns)
            case _:
                receipt = given.receipt
                assert receipt is not None
                self.ledger.issue(receipt, final=given.final, reason="", now_ns=self.now_ns, added=given.added)

    def work(self) -> None:
        """The outbox, once."""
        provider = Watched(self.provider, self.saboteur)
        drain(self.ledger, provider, self.now_ns)

    def hear(self) -> int:
        """The provider's events, newest first, as bad as it can be; how many."""
        events = self.provider.deliver()
        for one in reversed(events):
            self._hear(one)
        return len(events)

    def _hear(self, one: Event) -> None:
        self.ledger.event(one, self.now_ns)

    def finish(self, rounds: int = 2000) -> None:
        """Hours pass until every visit is settled; holds that nobody settled run out."""
        for _ in range(rounds):
            self.work()
            if not self.hear() and self.ledger.visits() == self.ledger.visits("settled"):
                return
            self.now_ns += 1800 * SECOND_NS
            fall_back(self.ledger, self.now_ns)
        raise AssertionError("found visits that are not settled after weeks, right: all settled")

    def close(self) -> None:
        """Let go of the files."""
        self.provider.close()


@dataclass(frozen=True, slots=True)
class Account:
    """One visit at the end: the ledger's view, the provider's movements, the last receipt's total."""

    payment: Payment
    movements: tuple[Movement, ...]
    total: Decimal
    highest: Decimal
    refused: bool
    """The provider declined something, or a hold had run out."""

    @property
    def net(self) -> Decimal:
        """What the provider took, less what it gave back."""
        signs = {"capture": 1, "charge": 1, "refund": -1}
        return sum((signs.get(one.kind, 0) * one.amount for one in self.movements), Decimal(0))

    @property
    def once(self) -> bool:
        """No operation took effect twice."""
        return len({one.key for one in self.movements}) == len(self.movements)

    @property
    def whole(self) -> bool:
        """Taken once and exactly: what the last receipt says; another sum only where something was declined."""
        payment = self.payment
        known = self.once and payment.settled and self.net == payment.net and self.net <= self.highest
        return known and (self.net == self.total or self.refused)


def accounts(play: Play) -> dict[str, Account]:
    """All visits of a play that ended."""
    moved: dict[str, list[Movement]] = {}
    for one in play.provider.movements():
        moved.setdefault(one.visit, []).append(one)
    with play.engine.connect() as connection:
        query = select(tables.operations.c.visit).where(tables.operations.c.outcome != "done")
        refused = set(connection.execute(query).scalars())
    found = {}
    for visit in play.ledger.visits():
        finals = [one.total for one in play.ledger.receipts(visit) if one.final]
        payment = play.ledger.payment(visit)
        found[visit] = Account(payment, tuple(moved.get(visit, ())), finals[-1], max(finals), visit in refused)
    return found


def crash_often(make: Callable[[Saboteur], Play], inputs: list[Input], seed: int, between: int) -> tuple[Play, int]:
    """Play to the end through crashes, one after 1 to about `between` steps; the last play, how many crashes."""
    random = Random(seed + 2)  # noqa: S311 a simulation
    crashes = 0
    while True:
        # The longer it lasts, the further each life gets: a story of more steps than a life holds would never end.
        play = make(Saboteur(random.randint(1, between + 40 * crashes)))
        try:
            play.run(inputs, seed)
        except CrashError:
            crashes += 1
            play.close()
            play.engine.dispose()
        else:
            return play, crashes


def main(arguments: list[str]) -> None:
    """Play until it is over or somebody kills us."""
    ledger, books, seed, visits, fault, rate = arguments
    engine = open_database(ledger, durable=False)
    kind = None if fault == "any" else Fault[fault]
    play = Play(engine, Path(books), at_rate(kind, float(rate), int(seed)))
    print("ready", flush=True)
    play.run(story(int(seed), int(visits)), int(seed))
    print("over", flush=True)
    play.close()
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1:])
