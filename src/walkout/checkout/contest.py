"""What a shopper contested before they paid: withheld from the receipt and from the card until a person has looked.

The first receipt that is made while such a case is open withholds its lines, and so does each later one until the case
is closed. Only an answer in the shop's favour puts a line back, and charges it; a ledger takes a receipt that is higher
for that reason, and for no more than what the one before withheld. Where nobody can tell in time, or it is too late to
charge, the line is given away.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from sqlalchemy import select

from walkout.checkout import tables
from walkout.checkout.ledger import Issued, Ledger
from walkout.checkout.receipt import Receipt, recounted, sum_of

CHARGE_WITHIN_NS = 48 * 3600 * 1_000_000_000
"""So long after they left the card that was tapped may still be charged for it: as long as a hold lives. Then never."""
NOT_TAKEN = "contested before paying: it was not taken"
TAKEN = "contested before paying: a person saw that it was taken"
GIVEN_AWAY = "contested before paying: nobody could tell in time, so it is given away"
TOO_LATE = "contested before paying: it was taken, and it is too late to charge it, so it is given away"
LOST = (GIVEN_AWAY, TOO_LATE)


def open_contests(ledger: Ledger, visit: str) -> dict[str, int]:
    """The products of a visit's open cases of something wrong, and when each was said (UTC nanoseconds)."""
    of = tables.cases.c
    chosen = (of.visit == visit) & (of.state == "open") & (of.kind == "wrong") & of.gtin.is_not(None)
    with ledger.reading.begin() as connection:
        return {row.gtin: row.opened_ns for row in connection.execute(select(of.gtin, of.opened_ns).where(chosen))}


def to_withhold(
    receipt: Receipt, issued: Sequence[Issued], contests: Mapping[str, int], looked: str | None = None
) -> frozenset[str]:
    """The products whose lines a revision withholds.

    `issued`: the revisions before, and this one where it is made again after a crash. `contests`: as open_contests
    says; those count that were said before there was a receipt. `looked`: the one that was just looked at.
    """
    same = [one for one in issued if one.revision == receipt.revision]
    if same:
        return frozenset(line.gtin for line in same[0].receipt.withheld)
    found = {gtin for gtin, opened_ns in contests.items() if not issued or opened_ns <= issued[0].issued_ns}
    if issued and issued[-1].final:  # what is charged is charged
        found &= {line.gtin for line in issued[-1].receipt.withheld}
    return frozenset(found) - {looked}


def withhold(receipt: Receipt, gtins: Collection[str]) -> Receipt:
    """The receipt with the lines of some products withheld, and no others; total, taxes and what is due follow."""
    here = {line.gtin for line in receipt.lines}
    lines = (*receipt.lines, *(line for line in receipt.withheld if line.gtin not in here))
    withheld = tuple(line for line in lines if line.gtin in gtins)
    kept = tuple(line for line in lines if line.gtin not in gtins)
    if (kept, withheld) == (receipt.lines, receipt.withheld):
        return receipt
    made = replace(recounted(receipt, kept), withheld=withheld)
    if receipt.payable == receipt.total:
        return made
    return replace(made, due=sum_of((line for line in kept if line.shown), receipt.tax_rule))


def resolved(receipt: Receipt, gtin: str, *, charge: bool) -> Receipt:
    """The receipt after somebody looked at a line that is withheld: on it again, or gone."""
    back = tuple(line for line in receipt.withheld if line.gtin == gtin) if charge else ()
    rest = tuple(line for line in receipt.withheld if line.gtin != gtin)
    lines = (*receipt.lines, *(replace(line, shown=True) for line in back))
    return replace(recounted(receipt, lines), withheld=rest)


def amount(receipt: Receipt) -> Decimal:
    """What the withheld lines come to."""
    return sum_of((*receipt.lines, *receipt.withheld), receipt.tax_rule) - sum_of(receipt.lines, receipt.tax_rule)


def lost(ledger: Ledger) -> dict[str, Decimal]:
    """What was given away because it was contested, by visit: dropped in time, or charged and not paid."""
    of = tables.receipts.c
    query = select(of.visit).distinct().where(of.reason.in_([*LOST, TAKEN]))
    with ledger.reading.begin() as connection:
        visits = connection.execute(query).scalars().all()
    return {visit: _lost(ledger, visit) for visit in visits}


def unpaid(ledger: Ledger, visit: str) -> Decimal:
    """Of what a visit's payment still lacks, what was contested and then charged."""
    payment = ledger.payment(visit)
    if not payment.settled:
        return Decimal(0)
    pairs = pairwise(ledger.receipts(visit))
    risen = sum((after.total - before.total for before, after in pairs if after.reason == TAKEN), Decimal(0))
    return min(payment.uncollected, risen)


def _lost(ledger: Ledger, visit: str) -> Decimal:
    pairs = pairwise(ledger.receipts(visit))
    dropped = sum(
        (amount(before.receipt) - amount(after.receipt) for before, after in pairs if after.reason in LOST), Decimal(0)
    )
    return dropped + unpaid(ledger, visit)
