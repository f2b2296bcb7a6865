"""What the tests of money share: receipts of given amounts, a shop's ledger with a fake provider, a clock."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine

from walkout.checkout.faults import Fault, Faults, no_faults
from walkout.checkout.ledger import Ledger
from walkout.checkout.outbox import SECOND_NS, drain
from walkout.checkout.provider import Event, Request
from walkout.checkout.provider_fake import FakeProvider
from walkout.checkout.receipt import HumanWork, Line, Receipt
from walkout.checkout.terms import Terms

START_NS = 1_800_000_000_000_000_000
HOUR_NS = 3600 * SECOND_NS
GTIN = "00071142008582"
D = Decimal


def line(price: str, quantity: int = 1, probability: float = 0.99, *evidence: str) -> Line:
    shown = probability >= 0.95
    return Line(GTIN, "water", quantity, D(price), probability, "it left the shelf", evidence or ("e1",), shown)


def receipt(visit: str, revision: int, *lines: Line) -> Receipt:
    total = sum((one.unit_price * one.quantity for one in lines), D(0))
    return Receipt(
        visit=visit,
        party="p",
        shoppers=("s",),
        entered_ns=START_NS,
        left_ns=START_NS + 60 * SECOND_NS,
        lines=lines,
        total=total,
        currency="EUR",
        p_exact=0.9,
        decided_by="software",
        human=HumanWork(),
        revision=revision,
        origin="simulated",
    )


@dataclass
class Shop:
    """A ledger and a fake provider under one clock; `quiet` runs both until nothing is left to do."""

    engine: Engine
    books: Path
    terms: Terms = field(default_factory=Terms)
    now_ns: int = START_NS
    faults: Faults = no_faults
    hold_life_ns: int = 48 * HOUR_NS

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.engine, "shop", self.terms, "EUR")
        self.provider = FakeProvider(
            self.books,
            lambda: self.now_ns,
            faults=self._fault,
            hold_life_ns=self.hold_life_ns,
            at_once=lambda event: self.ledger.event(event, self.now_ns),
        )

    def _fault(self, request: Request, before: int) -> Fault:
        return self.faults(request, before)

    def enter(self, visit: str = "v1", payer: str = "card") -> None:
        self.ledger.enter(visit, "p", payer, self.now_ns)

    def issue(self, visit: str, revision: int, *lines: Line, final: bool = True, added: bool = False) -> None:
        made = receipt(visit, revision, *lines)
        self.ledger.issue(made, final=final, reason="test", now_ns=self.now_ns, added=added)

    def drain(self) -> None:
        drain(self.ledger, self.provider, self.now_ns)

    def events(self) -> tuple[Event, ...]:
        events = self.provider.deliver()
        for event in events:
            self.ledger.event(event, self.now_ns)
        return events

    def quiet(self, rounds: int = 400) -> None:
        """Let time go on, webhooks come and the outbox drain, until nothing is left."""
        for _ in range(rounds):
            self.drain()
            moved = self.events()
            if not moved and all(self.ledger.payment(visit).open is None for visit in self.ledger.visits()):
                return
            self.now_ns += 700 * SECOND_NS
        raise AssertionError("the outbox does not come to rest")

    def taken(self, visit: str = "v1") -> Decimal:
        """What the provider's books say the shopper paid, less what went back."""
        signs = {"capture": 1, "charge": 1, "refund": -1}
        return sum((signs.get(m.kind, 0) * m.amount for m in self.provider.movements() if m.visit == visit), D(0))

    def kinds(self, visit: str = "v1") -> list[str]:
        return [movement.kind for movement in self.provider.movements() if movement.visit == visit]


def on(kind: str, fault: Fault, times: int = 1) -> Faults:
    """The fault at the first so many calls for a kind of operation ('' for all kinds)."""

    def chosen(request: Request, before: int) -> Fault:
        return fault if before < times and request.kind.startswith(kind) else Fault.NONE

    return chosen
