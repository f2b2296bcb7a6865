"""Our ledger held against the provider's books: every difference, in words, and nothing mended silently."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Row, select

from walkout.checkout import tables
from walkout.checkout.ledger import Ledger
from walkout.checkout.payment import Payment
from walkout.checkout.provider import Movement, PaymentProvider

What = Literal[
    "not at the provider",
    "not in our ledger",
    "done twice",
    "other amount",
    "answer missing",
    "owed to the shopper",
    "not collected",
    "other sum",
    "above the receipt",
]
IN, OUT = ("capture", "charge"), ("refund",)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not alike; `ours` and `theirs` are amounts where both have one."""

    what: What
    visit: str
    key: str | None
    ours: Decimal | None
    theirs: Decimal | None
    words: str


def reconcile(ledger: Ledger, provider: PaymentProvider) -> tuple[Difference, ...]:
    """All differences, by visit and key. `not collected` is a loss, no fault; all others need somebody.

    While requests are under way `answer missing` is normal; it should be gone after the outbox is empty.
    """
    theirs = [movement for movement in provider.movements() if movement.key.startswith(f"{ledger.store}/")]
    with ledger.reading.begin() as connection:
        query = select(tables.operations).order_by(tables.operations.c.visit, tables.operations.c.key)
        ours = connection.execute(query).all()
    found = [*_by_key(ours, theirs)]
    sums = _sums(theirs)
    for visit in ledger.visits():
        found += _of_visit(ledger.payment(visit), sums.get(visit, Decimal(0)))
    return tuple(sorted(found, key=lambda one: (one.visit, one.key or "", one.what)))


def _by_key(ours: Iterable[Row[Any]], theirs: Iterable[Movement]) -> Iterable[Difference]:
    moved: dict[str, list[Movement]] = {}
    for movement in theirs:
        moved.setdefault(movement.key, []).append(movement)
    for row in ours:
        here = moved.pop(row.key, [])
        if len(here) > 1:
            total = sum((one.amount for one in here), Decimal(0))
            yield Difference("done twice", row.visit, row.key, row.amount, total, f"done {len(here)} times")
        if here and (here[0].amount, here[0].currency) != (row.amount, row.currency):
            words = f"asked {row.amount} {row.currency}, done {here[0].amount} {here[0].currency}"
            yield Difference("other amount", row.visit, row.key, row.amount, here[0].amount, words)
        if row.outcome is None:
            known = "done" if here else "not done"
            amount = here[0].amount if here else None
            words = f"no answer yet; at the provider {known}"
            yield Difference("answer missing", row.visit, row.key, row.amount, amount, words)
        elif row.outcome == "done" and not here:
            words = "we were told that it was done"
            yield Difference("not at the provider", row.visit, row.key, row.amount, None, words)
        elif row.outcome != "done" and here:
            words = f"we were told {row.outcome}"
            yield Difference("not in our ledger", row.visit, row.key, None, here[0].amount, words)
    for key, unknown in moved.items():
        for one in unknown:
            yield Difference("not in our ledger", one.visit, key, None, one.amount, "we never asked for it")


def _sums(movements: Iterable[Movement]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for one in movements:
        sign = 1 if one.kind in IN else -1 if one.kind in OUT else 0
        sums[one.visit] = sums.get(one.visit, Decimal(0)) + sign * one.amount
    return sums


def _of_visit(payment: Payment, theirs: Decimal) -> Iterable[Difference]:
    visit = payment.visit
    if payment.open is None and payment.net != theirs:
        words = "captured and charged, less refunded"
        yield Difference("other sum", visit, None, payment.net, theirs, words)
    if payment.settled and payment.owed:
        words = "a refund was declined: pay it another way"
        yield Difference("owed to the shopper", visit, None, payment.goal, payment.net, words)
    if payment.settled and payment.uncollected:
        yield Difference("not collected", visit, None, payment.total, payment.net, payment.why_uncollected)
    if payment.settled and theirs > (payment.total or 0) and not payment.owed:
        yield Difference("above the receipt", visit, None, payment.total, theirs, "more was taken than is shown")
