"""What was taken and is not charged, by cause, as far as the shop itself can know; quick in a ledger of years.

Only the rows that can count are read: final receipts that a rule made because nobody answered, visits with a payment
that was not taken, cases that were upheld, and what was contested before it was paid.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import distinct, func, select

from walkout.checkout import contest, fallback, tables
from walkout.checkout.ledger import Ledger


@dataclass(frozen=True, slots=True)
class GivenAway:
    """Visits with a receipt, and amounts by cause."""

    visits: int
    causes: Mapping[str, Decimal]

    def per_1000(self) -> dict[str, str]:
        """Amounts per 1,000 visits, as decimal strings."""
        count = max(self.visits, 1)
        cent = Decimal("0.01")
        return {name: format((value * 1000 / count).quantize(cent), "f") for name, value in self.causes.items()}


def given_away(ledger: Ledger, unanswered: Collection[str]) -> GivenAway:
    """Sum up. `unanswered`: the reasons of final receipts that were made because nobody answered."""
    receipts, operations, cases = tables.receipts, tables.operations, tables.cases
    before = receipts.alias("before")
    dropped = (
        select(receipts.c.total, before.c.total.label("asked"))
        .join(before, (before.c.visit == receipts.c.visit) & (before.c.revision == receipts.c.revision - 1))
        .where(receipts.c.reason.in_([*unanswered, fallback.REASON]), receipts.c.final, ~before.c.final)
    )
    failed = select(operations.c.visit).distinct().where(operations.c.outcome.in_(["declined", "expired"]))
    upheld = select(cases.c.amount).where(cases.c.outcome == "upheld", cases.c.amount.is_not(None))
    contested = contest.lost(ledger)
    with ledger.reading.begin() as connection:
        visits = connection.execute(select(func.count(distinct(receipts.c.visit)))).scalar_one()
        lost = sum((max(Decimal(0), row.asked - row.total) for row in connection.execute(dropped)), Decimal(0))
        back = sum(connection.execute(upheld).scalars(), Decimal(0))
        suspects = list(connection.execute(failed).scalars())
    payments = [ledger.payment(visit) for visit in suspects]
    kept = sum((one.uncollected for one in payments if one.total is not None and one.settled), Decimal(0))
    kept -= sum((contest.unpaid(ledger, visit) for visit in suspects if visit in contested), Decimal(0))
    causes = {"unanswered": lost, "not collected": kept, "given back": back}
    return GivenAway(visits, causes | {"contested": sum(contested.values(), Decimal(0))})
