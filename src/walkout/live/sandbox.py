"""Named trips for whoever builds on the API: each makes a whole visit at once, with events, webhooks and money.

Only in a shop that was opened as a sandbox, which is a simulated one: nobody is in it, and the provider moves no money.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal
from uuid import uuid4

from walkout.checkout.faults import Fault
from walkout.checkout.provider import Request
from walkout.inference.belief import Basket, Belief, BelievedLine
from walkout.inference.visit import Visit
from walkout.live.cashier import DECIDED, Made
from walkout.live.disputes import Disputes
from walkout.live.till import Till

Trip = Literal["empty", "duplicate", "wrong-product", "group", "refund", "late-payment"]
TRIPS: Final[Mapping[Trip, str]] = {
    "empty": "somebody looks and leaves with nothing: a receipt without lines, the hold is cancelled",
    "duplicate": "everything is said twice, by the shop's devices and by the provider: one visit, one payment",
    "wrong-product": "the receipt holds what the shopper did not take, and they say so: an open case",
    "group": "three people on one payment, each with something in hand",
    "refund": "a paid visit of which one item is given back afterwards",
    "late-payment": "the provider gives no answer at first: the receipt stands, the payment comes later",
}
_LATE, _TWICE = "sandbox-late-payment-", "sandbox-duplicate-"
SECOND_NS = 1_000_000_000
STAY_NS = 90 * SECOND_NS
SURE = 0.999


class SandboxError(RuntimeError):
    """A trip that cannot be made; its words say why."""


@dataclass(frozen=True, slots=True)
class Played:
    """A trip that was made."""

    visit: str
    made: tuple[Made, ...]
    case: str | None


def sandbox_faults(request: Request, before: int) -> Fault:
    """What the fake provider does wrong in a sandbox: only what a trip's name says."""
    if request.visit.startswith(_LATE) and request.kind == "capture" and before == 0:
        return Fault.TIMEOUT_BEFORE
    return Fault.DUPLICATE if request.visit.startswith(_TWICE) else Fault.NONE


def play_trip(till: Till, disputes: Disputes, trip: Trip, now: Callable[[], int] = time.time_ns) -> Played:
    """Make one visit of a kind, from entry to its receipts; runs where the till runs.

    Raises:
        SandboxError: the shop sells nothing that a trip could take.
    """
    priced = sorted((p for p in till.store.products.values() if p.price > 0), key=lambda p: p.gtin)
    if not priced:
        raise SandboxError("found no product with a price, right: a catalogue")
    visit, left_ns = f"sandbox-{trip}-{uuid4().hex[:12]}", now()
    entered_ns = left_ns - STAY_NS
    people = ("sandbox-1", "sandbox-2", "sandbox-3") if trip == "group" else ("sandbox-1",)
    count = 0 if trip == "empty" else 3 if trip == "group" else 2 if trip == "refund" else 1
    gtins = [priced[k % len(priced)].gtin for k in range(count)]
    items = {gtin: gtins.count(gtin) for gtin in gtins}
    lines = tuple(BelievedLine(gtin, n, SURE, "a sandbox says so", ("sandbox",)) for gtin, n in sorted(items.items()))
    belief = Belief(
        Visit(visit, visit, people, entered_ns, left_ns), lines, SURE, (Basket(tuple(sorted(items.items())), 1.0),)
    )
    cashier, made = till.cashier, list[Made]()
    for _ in range(2 if trip == "duplicate" else 1):
        till.ledger.enter(visit, visit, "sandbox-card", entered_ns)
        cashier.feed.add(
            f"entered/{visit}", "visit.entered", visit, {"visit": visit, "entered_ns": entered_ns}, entered_ns
        )
        cashier.ask(now())
        cashier.basket(belief)
        cashier.leave(visit, left_ns)
        made += [one for one in (cashier.provisional(belief),) if one is not None]
    # Without evidence a rule closes disputes at once; a sandbox's are for whoever builds on them.
    till.evidence.keep(visit, {"events": [], "curves": [], "reaches": [], "baskets": []}, now())
    first = cashier.last(visit)
    if first is None:
        raise SandboxError("the ledger took no receipt; see the shop's log")
    receipt = first.receipt
    whole = tuple(replace(line, shown=True) for line in receipt.lines)
    total = sum((line.unit_price * line.quantity for line in whole), Decimal(0))
    final = replace(receipt, revision=1, lines=whole, total=total, due=total, status="settled", questions=())
    made += [one for one in (cashier.issue(final, reason=DECIDED),) if one is not None]
    cashier.ask(now())
    case = None
    if trip == "wrong-product":
        case = disputes.open(visit, "wrong", "I did not take this", now(), gtins[0], 1).id
    if trip == "refund":
        disputes.refund(visit, {gtins[0]: 1}, "sandbox: given back", "sandbox", now())
        cashier.ask(now())
    return Played(visit, tuple(made), case)
