"""A table of a payment provider's faults by name, against the fake provider and a stateful fake of Stripe. Simulated.

Each row plays visits side by side (a hold that grows to 40.00, 23.50 of it captured, 11.00 given back) with one fault,
then reconciles. `met`: how often the fault came about. `whole`: the provider's books say that the shopper paid what the
last receipt says; `differences`: what reconciliation finds between both books.
"""

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.checkout import money, stripe_shop
from tests.checkout.money import HOUR_NS, line

from walkout.checkout.faults import Fault
from walkout.checkout.reconcile import reconcile
from walkout.checkout.storage import open_database

VISITS = 100
SOLD, KEPT = ("12.50", "11.00"), ("12.50",)
BASKET = money.D("30.00")
TAKES = frozenset({"capture", "charge"})
EVERY = TAKES | {"hold", "adjust", "cancel", "refund"}


@dataclass(frozen=True, slots=True)
class Wrong:
    """What goes wrong at the first request of some operations; `lapses`: holds end before their 23.50 are taken."""

    fault: Fault
    at: frozenset[str] = EVERY
    lapses: bool = False
    few: bool = False
    """With a tenth of the visits."""


BY_NAME = {
    "none": Wrong(Fault.NONE),
    "timeout before capture": Wrong(Fault.TIMEOUT_BEFORE, TAKES),
    "timeout after capture": Wrong(Fault.TIMEOUT_AFTER, TAKES),
    "duplicate webhook": Wrong(Fault.DUPLICATE),
    "webhook before answer": Wrong(Fault.WEBHOOK_FIRST),
    "partial capture": Wrong(Fault.NONE),
    "expired hold": Wrong(Fault.NONE, lapses=True),
    "hold ended early": Wrong(Fault.EXPIRE, frozenset({"adjust", "capture"}), few=True),
    "timeout before, everywhere": Wrong(Fault.TIMEOUT_BEFORE, few=True),
    "timeout after, everywhere": Wrong(Fault.TIMEOUT_AFTER, few=True),
    "the effect comes late": Wrong(Fault.LATE, few=True),
    "silent for a day, key forgotten": Wrong(Fault.FORGET, few=True),
}
"""Six names that a shop must withstand, between `none` and `hold ended early`; then harder ones, with fewer visits."""


class Fake:
    """A ledger with the fake provider."""

    def __init__(self, folder: Path) -> None:
        self.shop = money.Shop(open_database(folder / "ledger.db", durable=False), folder / "provider.db")
        self.engine, self.provider = self.shop.engine, self.shop.provider

    def wrong(self, chosen: Callable[[str, int], Fault]) -> None:
        """Let requests go wrong as is chosen by operation and by how often they came before."""
        self.shop.faults = lambda request, before: chosen(request.kind, before)

    def issue(self, visit: str, revision: int, prices: tuple[str, ...]) -> None:
        """Issue a final receipt over some prices."""
        self.shop.issue(visit, revision, *map(line, prices))

    def taken(self, visit: str) -> object:
        """What the shopper paid by the provider's books, less what went back."""
        return self.shop.taken(visit)

    @property
    def requests(self) -> int:
        """How often the provider was asked."""
        return self.provider.requests

    def close(self) -> None:
        """Close the books."""
        self.provider.close()


class Stripe:
    """A ledger with Stripe's adapter and the fake of Stripe over HTTP."""

    def __init__(self, folder: Path) -> None:
        self.engine = open_database(folder / "ledger.db", durable=False)
        self.shop = stripe_shop.Shop(self.engine)
        self.provider = self.shop.stripe

    def wrong(self, chosen: Callable[[str, int], Fault]) -> None:
        """Let requests go wrong as is chosen by operation and by how often they came before."""
        self.shop.fake.fault = chosen

    def issue(self, visit: str, revision: int, prices: tuple[str, ...]) -> None:
        """Issue a final receipt over some prices."""
        self.shop.issue(visit, revision, *prices)

    def taken(self, visit: str) -> object:
        """What the shopper paid by the provider's books, less what went back."""
        return money.D(self.shop.fake.taken(visit)) / 100

    @property
    def requests(self) -> int:
        """How often the provider was asked."""
        return self.shop.fake.posts

    def close(self) -> None:
        """Close the books."""
        self.shop.close()


def run(json: bool, data: Path | None = None, visits: int = VISITS) -> dict[str, Any]:
    """Measure; print a table unless `json`. `data` is not used; `passed`: every visit's money was whole."""
    del data
    rows = []
    heads = ("provider", "fault", "visits", "met", "requests", "whole", "differences")
    if not json:
        print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for kind in (Fake, Stripe):
        for name, wrong in BY_NAME.items():
            rows.append(_row(kind, name, wrong, max(1, visits // 10) if wrong.few else visits))
            if not json:
                print("| " + " | ".join(str(rows[-1][head]) for head in heads) + " |", flush=True)
    whole = all(row["whole"] == row["visits"] and not row["differences"] for row in rows)
    met = all(row["met"] >= row["visits"] for row in rows if row["fault"] != "none")
    return {"origin": "simulated", "rows": rows, "passed": whole and met}


def _row(kind: type[Fake | Stripe], name: str, wrong: Wrong, visits: int) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp())
    started = time.perf_counter()
    till = kind(folder)
    met = 0

    def chosen(operation: str, before: int) -> Fault:
        nonlocal met
        hit = before == 0 and operation in wrong.at and wrong.fault is not Fault.NONE
        met += hit
        return wrong.fault if hit else Fault.NONE

    till.wrong(chosen)
    try:
        names = [f"v{number}" for number in range(visits)]
        _play(till, names, lapses=wrong.lapses)
        if wrong.lapses:
            met = sum(till.shop.ledger.payment(visit).hold_state == "expired" for visit in names)
        elif name == "partial capture":
            met = _in_part(till)
        differences = reconcile(till.shop.ledger, till.provider)
        return {
            "provider": {Fake: "fake", Stripe: "Stripe's fake"}[kind],
            "fault": name,
            "visits": visits,
            "met": met,
            "requests": till.requests,
            "whole": sum(till.taken(visit) == money.D(KEPT[0]) for visit in names),
            "differences": len(differences),
            "seconds": round(time.perf_counter() - started, 1),
        }
    finally:
        till.close()
        till.engine.dispose()
        shutil.rmtree(folder)


def _play(till: Fake | Stripe, names: list[str], *, lapses: bool) -> None:
    shop = till.shop
    for visit in names:
        shop.ledger.enter(visit, "p", "cus_1:pm_1", shop.now_ns)
    shop.quiet()
    for visit in names:
        shop.ledger.basket(visit, BASKET, shop.now_ns)
    shop.quiet()
    for visit in names:
        shop.ledger.leave(visit, shop.now_ns)
    if lapses:
        shop.now_ns += 49 * HOUR_NS
        shop.quiet()
    for revision, prices in enumerate((SOLD, KEPT)):
        for visit in names:
            till.issue(visit, revision, prices)
        shop.quiet()


def _in_part(till: Fake | Stripe) -> int:
    """How many holds of the provider's books were captured for less than they had grown to."""
    held = {one.visit: one.amount for one in till.provider.movements() if one.kind in ("hold", "adjust")}
    return sum(one.kind == "capture" and one.amount < held[one.visit] for one in till.provider.movements())
