"""Disputes at the review desk: a shopper's word is looked at by somebody who never looked at that visit."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, Row, select

from walkout.checkout import tables as checkout
from walkout.checkout.contest import CHARGE_WITHIN_NS
from walkout.live.cashier import Cashier, Made
from walkout.live.desk import Desk
from walkout.review import tables
from walkout.review.case import Body
from walkout.review.slots import last_resolution

WITHIN_NS = 86_400 * 1_000_000_000
"""A dispute should be answered within so long; it comes before audits at the desk."""
WHOLE_NS = 2 * 1_000_000_000
WORDS = {
    "wrong": "The shopper says that this was not taken. Was it?",
    "missed": "The shopper says that something is missing on the receipt. Is it?",
}
CANDIDATES = {
    "wrong": (("rejected", "They took it with them"), ("upheld", "They did not take it with them")),
    "missed": (("added", "Yes, something is missing"), ("rejected", "No, nothing is missing")),
}
NOBODY = "nobody could tell in time; it is not charged"
NOT_THERE = "it is not on the receipt"
BY_RULE = "rule"
"""Who closed a case that no person closed."""
Close = Callable[[str, str, str, str, int], Any]
"""(case, outcome, note, by, now_ns): closes a dispute, and gives back what is upheld."""


class DisputeDesk:
    """Puts open disputes before people, and does what they answer. Its methods run where the till runs."""

    def __init__(self, database: Engine, desk: Desk, cashier: Cashier, *, now_ns: Callable[[], int]) -> None:
        self._reading = database.execution_options(walkout_reads=True)
        self._desk, self._cashier, self._now_ns = desk, cashier, now_ns
        self.close: Close | None = None
        """How a dispute is closed; the room's own `Disputes` says so when it is made."""
        self._done_ns = 0

    def work(self) -> tuple[Made, ...]:
        """Ask about disputes that are open, and close those that are answered and can be taken back no more."""
        now_ns = self._now_ns()
        if self.close is None or abs(now_ns - self._done_ns) < WHOLE_NS:
            return ()
        self._done_ns = now_ns
        of = checkout.cases.c
        with self._reading.begin() as connection:
            rows = connection.execute(select(checkout.cases).where(of.state == "open").order_by(of.opened_ns)).all()
        made = []
        for row in rows:
            last = self._cashier.last(row.visit)
            if last is None or not last.final:
                continue  # it is looked at anyway
            withheld = {line.gtin for line in last.receipt.withheld}
            there = withheld | {line.gtin for line in last.receipt.lines}
            if row.kind == "wrong" and row.gtin is not None and row.gtin not in there:
                self.close(row.id, "rejected", NOT_THERE, BY_RULE, now_ns)  # said before there was a receipt
                continue
            if row.gtin in withheld and now_ns > last.receipt.left_ns + CHARGE_WITHIN_NS:
                self.close(row.id, "upheld", NOBODY, BY_RULE, now_ns)
                continue
            self._ask(row)
            if self._answered(row, now_ns):
                again = self._desk.looked(row.visit)
                made += [] if again is None else [again]
        return tuple(made)

    def _ask(self, row: Row[Any]) -> None:
        receipt = self._cashier.last(row.visit)
        name = ""
        if row.gtin is not None:
            product = self._desk.store.products.get(row.gtin)
            waits = [x.quantity for x in (receipt.receipt.withheld if receipt else ()) if x.gtin == row.gtin]
            name = f" {row.quantity or next(iter(waits), 1)} x {product.name if product else row.gtin}."
        entered = receipt.receipt.entered_ns if receipt else row.opened_ns
        left = receipt.receipt.left_ns if receipt else row.opened_ns
        body = Body("", entered, left, "dispute", f"{WORDS[row.kind]}{name}", CANDIDATES[row.kind])
        self._desk.queues.put(f"dispute/{row.id}", row.visit, "dispute", body, deadline_ns=row.opened_ns + WITHIN_NS)

    def _answered(self, row: Row[Any], now_ns: int) -> bool:
        """Close what a person answered. What they cannot tell stays open for the operator."""
        with self._reading.begin() as connection:
            last = last_resolution(connection, f"dispute/{row.id}")
            by = select(tables.answers.c.worker).where(tables.answers.c.question == f"dispute/{row.id}")
            who = connection.execute(by.order_by(tables.answers.c.t_ns.desc()).limit(1)).scalar()
        if last is None or last.how == "undone" or last.key is None or self.close is None:
            return False
        if last.t_ns + self._desk.queues.undo_ns > now_ns:
            return False
        if last.key == "added" and row.gtin is None:
            return False  # what is missing, and how much, the operator settles with the shopper
        self.close(row.id, last.key, "a person looked at it", str(who), now_ns)
        return True
