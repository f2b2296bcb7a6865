"""What the books say of each visit, ready for other programs: each final revision, what it changed, what was paid."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Row, select

from walkout.checkout import tables
from walkout.checkout.ledger import Issued, Ledger
from walkout.checkout.receipt import Line, Receipt

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tender:
    """Money that moved for one revision, as the provider said."""

    way: Literal["sale", "refund"]
    amount: Decimal
    at_ns: int


@dataclass(frozen=True, slots=True)
class Change:
    """Some of a product that a revision adds (`returned` False) or takes back, and for how much, above 0 or 0."""

    line: Line
    quantity: int
    cost: Decimal
    returned: bool


@dataclass(frozen=True, slots=True)
class Sale:
    """One final revision against the one before it; the first against nothing."""

    number: int
    """Counts up through all sales of an export."""
    issued: Issued
    receipt: Receipt
    before: Receipt | None
    changes: tuple[Change, ...]
    tenders: tuple[Tender, ...]

    @property
    def total(self) -> Decimal:
        """By how much the total changes, below 0 for a return."""
        return self.receipt.total - (ZERO if self.before is None else self.before.total)


def sales(ledger: Ledger, since_ns: int = 0, until_ns: int | None = None) -> Iterator[Sale]:
    """Every final revision that was issued in a span, by time of issue; visits without items have none.

    A revision that changes nothing that is charged (somebody looked, and it was right) is left out.
    """
    with ledger.reading.begin() as connection:
        query = select(tables.operations).where(tables.operations.c.outcome == "done")
        moved = connection.execute(query.order_by(tables.operations.c.answered_ns, tables.operations.c.key)).all()
    found = [
        (issued, receipt, before)
        for visit in ledger.visits()
        for issued, receipt, before in _final(ledger, visit)
        if since_ns <= issued.issued_ns and (until_ns is None or issued.issued_ns < until_ns)
    ]
    number = 0
    for issued, receipt, before in sorted(found, key=lambda one: (one[0].issued_ns, one[1].visit, one[1].revision)):
        changes = tuple(_changes(receipt, before))
        tenders = tuple(_tenders(moved, receipt.visit, receipt.revision))
        if changes or tenders:
            number += 1
            yield Sale(number, issued, receipt, before, changes, tenders)


def _final(ledger: Ledger, visit: str) -> Iterator[tuple[Issued, Receipt, Receipt | None]]:
    before: Receipt | None = None
    for issued in ledger.receipts(visit):
        if issued.final:
            receipt = issued.receipt
            yield issued, receipt, before
            before = receipt


def _changes(receipt: Receipt, before: Receipt | None) -> Iterator[Change]:
    old, new = _by_gtin(before), _by_gtin(receipt)
    for gtin in sorted({*old, *new}):
        one, other = old.get(gtin), new.get(gtin)
        line = other or one
        assert line is not None  # noqa: S101 - it is in one of the two
        more = (other.quantity if other else 0) - (one.quantity if one else 0)
        cost = (other.cost if other else ZERO) - (one.cost if one else ZERO)
        if more or cost:
            yield Change(line, abs(more), abs(cost), returned=more < 0 or (more == 0 and cost < 0))


def _by_gtin(receipt: Receipt | None) -> dict[str, Line]:
    found: dict[str, Line] = {}
    for line in receipt.lines if receipt is not None else ():
        before = found.get(line.gtin)
        if before is None:
            found[line.gtin] = line
        else:
            both = replace(line, quantity=line.quantity + before.quantity, amount=line.cost + before.cost)
            found[line.gtin] = both
    return found


def _tenders(moved: list[Row[Any]] | Any, visit: str, revision: int) -> Iterator[Tender]:
    for row in moved:
        if (row.visit, row.revision) == (visit, revision) and row.kind in ("capture", "charge", "refund"):
            yield Tender("refund" if row.kind == "refund" else "sale", row.amount, row.answered_ns)
