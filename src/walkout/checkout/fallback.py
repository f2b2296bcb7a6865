"""When a hold runs out while a person still looks: the shopper pays only for what is shown."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from sqlalchemy import select

from walkout.checkout import tables
from walkout.checkout.ledger import Ledger, LedgerError
from walkout.checkout.receipt import Line, Receipt, recounted

DIGITS = 6
"""As far as receipts give probabilities."""
REASON = "the hold ran out before a person was done: only what is shown is charged"
Shown = Callable[[Receipt], tuple[Line, ...]]
"""Which lines of a provisional receipt are charged without anybody's further look."""


def marked_shown(receipt: Receipt) -> tuple[Line, ...]:
    """The lines that the decision marked as shown, as far as they have evidence."""
    return tuple(line for line in receipt.lines if line.shown and line.evidence)


def only_shown(receipt: Receipt, shown: Shown = marked_shown) -> Receipt:
    """The next revision, settled, with only the lines that are shown.

    Where lines were dropped, `p_exact` becomes an upper bound of the probability that the rest is exactly right: the
    old lines must be wrong, and none of the dropped may be there.
    """
    kept = shown(receipt)
    dropped = [line for line in receipt.lines if line not in kept]
    p_exact = receipt.p_exact
    if dropped:
        p_exact = round(min(1 - p_exact, *(1 - line.probability for line in dropped)), DIGITS)
    return replace(
        recounted(receipt, kept),
        p_exact=p_exact,
        revision=receipt.revision + 1,
        status="settled",
        questions=(),
    )


def due(ledger: Ledger, now_ns: int) -> tuple[str, ...]:
    """Visits that left, have no final receipt, and whose hold is gone or ends within the margin; sorted."""
    deadline_ns = now_ns + ledger.terms.margin_ns
    waiting = tables.visits.c.stage == "waiting"
    ends = tables.visits.c.held_until_ns
    query = select(tables.visits.c.visit, ends).where(waiting, ends.is_(None) | (ends <= deadline_ns))
    with ledger.reading.begin() as connection:
        rows = connection.execute(query.order_by(tables.visits.c.visit)).all()
    # Without an end the hold may just not be answered yet: only one that ran out counts.
    gone = ("expired", "declined")
    return tuple(row.visit for row in rows if row.held_until_ns or ledger.payment(row.visit).hold_state in gone)


def fall_back(ledger: Ledger, now_ns: int, shown: Shown = marked_shown) -> tuple[Receipt, ...]:
    """Make the receipts that are due final with what is shown; the operations to pay them wait in the outbox.

    A visit that has no provisional receipt yet is left for the next call.
    """
    made = []
    for visit in due(ledger, now_ns):
        issued = ledger.receipts(visit)
        if not issued or issued[-1].final:
            continue
        receipt = only_shown(issued[-1].receipt, shown)
        with suppress(LedgerError):  # a person was done at this very instant: their revision stands
            ledger.issue(receipt, final=True, reason=REASON, now_ns=now_ns)
            made.append(receipt)
    return tuple(made)
