"""What a shopper says is wrong with a receipt: a case is opened, looked at, closed. It locks nothing and marks nobody.

Where the evidence is gone the shopper's word stands, up to a stated cap. What a shopper adds is charged, as they said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Row, insert, select, update

from walkout.checkout import contest, tables
from walkout.checkout.pricing import price_of, priced
from walkout.checkout.receipt import HumanWork, Line, Receipt, recounted, with_quantity
from walkout.live.dispute_desk import BY_RULE
from walkout.live.till import Till

Kind = Literal["wrong", "missed"]
Outcome = Literal["upheld", "rejected", "added"]
MOST_OPEN = 20
"""Open cases of one visit at most: one tap too many opens no hundred."""


class DisputeError(ValueError):
    """Something that cannot be disputed, or be given back; its words say what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case."""

    id: str
    visit: str
    kind: Kind
    gtin: str | None
    quantity: int | None
    words: str
    state: Literal["open", "closed"]
    outcome: Outcome | None
    note: str
    amount: Decimal | None
    opened_ns: int
    closed_ns: int | None
    closed_by: str | None


class Disputes:
    """One shop's cases. Its methods write; they run where the till runs."""

    def __init__(self, till: Till) -> None:
        self._till = till
        self._reading = till.database.execution_options(walkout_reads=True)
        till.dispute_desk.close = self.close  # type: ignore[assignment] # outcomes are checked in it

    def open(
        self, visit: str, kind: Kind, words: str, now_ns: int, gtin: str | None = None, quantity: int | None = None
    ) -> Case:
        """Open a case, and close it at once where a rule can: the evidence is gone, or the shopper adds something.

        Raises:
            DisputeError: no such visit, line or product, or too many open cases.
        """
        if gtin is not None:  # another number on the packet will do
            gtin = self._till.store.selling.barcodes.get(gtin, gtin)
        last = self._till.cashier.last(visit)
        if last is None:
            raise DisputeError(f"found {visit}, which has no receipt yet; right: a visit that is over")
        if sum(case.state == "open" for case in self.of(visit)) >= MOST_OPEN:
            raise DisputeError(f"found {MOST_OPEN} open cases of this visit already, right: wait for an answer")
        amount = self._amount(last.receipt, kind, gtin, quantity)
        case = Case(
            f"c-{uuid4().hex[:16]}", visit, kind, gtin, quantity, words, "open", None, "", amount, now_ns, None, None
        )
        with self._till.database.begin() as connection:
            connection.execute(insert(tables.cases).values(**_plain(case)))
        self._tell(case, "dispute.opened")
        if last.final and kind == "missed" and gtin is not None:
            return self.close(case.id, "added", "as the shopper said", BY_RULE, now_ns)
        cap = self._till.wishes.dispute_cap
        if last.final and kind == "wrong" and self._till.evidence.of(visit) is None and amount <= cap:
            note = f"the evidence is gone: the shopper's word stands, up to {cap}"
            return self.close(case.id, "upheld", note, BY_RULE, now_ns)
        return case

    def ahead(self, visit: str, gtin: str, words: str, now_ns: int) -> Case:
        """Open a case before there is a receipt: somebody at the exit says that they do not have what is shown there.

        Receipts withhold its line, nothing of it is charged. After the final one a person looks, or, where that has no
        such line, a rule closes it.

        Raises:
            DisputeError: no such product, said before, or too many open cases.
        """
        gtin = self._till.store.selling.barcodes.get(gtin, gtin)
        product = self._till.store.products.get(gtin)
        if product is None:
            raise DisputeError(f"found the product {gtin}, right: one of this shop's catalogue")
        known = [case for case in self.of(visit) if case.state == "open"]
        if len(known) >= MOST_OPEN or any(case.gtin == gtin for case in known):
            raise DisputeError(f"found an open case of {gtin} of this visit already, right: one of each product")
        price = price_of(product, self._till.store.selling, now_ns, now_ns)
        id_ = f"c-{uuid4().hex[:16]}"
        case = Case(id_, visit, "wrong", gtin, None, words, "open", None, "", price, now_ns, None, None)
        with self._till.database.begin() as connection:
            connection.execute(insert(tables.cases).values(**_plain(case)))
        self._tell(case, "dispute.opened")
        return case

    def close(self, id_: str, outcome: Outcome, note: str, by: str, now_ns: int) -> Case:
        """Close a case; what is upheld is given back, what was added is charged.

        Raises:
            DisputeError: no such case, closed already, of another kind, or the receipt is not final yet.
        """
        case = self.case(id_)
        if case is None or case.state == "closed":
            raise DisputeError(f"found {'a closed case' if case else 'no case'} {id_}, right: an open one")
        if outcome == {"wrong": "added", "missed": "upheld"}[case.kind]:
            raise DisputeError(f"found the outcome {outcome} for something {case.kind}, right: upheld or rejected")
        last = self._till.cashier.last(case.visit)
        if last is not None and last.final and case.gtin in {line.gtin for line in last.receipt.withheld}:
            self._contested(last.receipt, case, outcome, by, now_ns)
            case = replace(case, amount=None)  # nothing was charged that could be given back
        elif outcome != "rejected":
            if last is None or not last.final:
                raise DisputeError("found a receipt that is not final yet, right: close the case after the decision")
            changed = self._changed(last.receipt, case)
            self._reissue(changed, f"{case.kind}: {note or outcome}", by, now_ns, added=case.kind == "missed")
        done = replace(case, state="closed", outcome=outcome, note=note, closed_ns=now_ns, closed_by=by)
        with self._till.database.begin() as connection:
            chosen = update(tables.cases).where(tables.cases.c.id == id_)
            connection.execute(chosen.values(**_plain(done)))
        self._tell(done, "dispute.closed")
        return done

    def _contested(self, receipt: Receipt, case: Case, outcome: Outcome, by: str, now_ns: int) -> None:
        """Charge what a person saw them take, in time; else it is gone from the receipt, and given away if in doubt."""
        gtin = case.gtin or ""
        charge = outcome == "rejected" and now_ns <= receipt.left_ns + contest.CHARGE_WITHIN_NS
        late = contest.TOO_LATE if outcome == "rejected" else contest.GIVEN_AWAY
        reason = contest.TAKEN if charge else contest.NOT_TAKEN if outcome == "upheld" and by != BY_RULE else late
        self._reissue(contest.resolved(receipt, gtin, charge=charge), reason, by, now_ns, added=False, looked=gtin)

    def refund(self, visit: str, lines: Mapping[str, int], reason: str, by: str, now_ns: int) -> Receipt:
        """Give some items back the price of; the receipt's next revision no longer has them.

        Raises:
            DisputeError: no final receipt, or not so many of these on it.
        """
        last = self._till.cashier.last(visit)
        if last is None or not last.final:
            raise DisputeError(f"found {visit} without a final receipt, right: refund after the decision")
        changed = last.receipt
        for gtin, quantity in lines.items():
            changed = _less(changed, gtin, quantity)
        return self._reissue(changed, f"refund: {reason}", by, now_ns, added=False)

    def case(self, id_: str) -> Case | None:
        """One case, or None."""
        with self._reading.begin() as connection:
            row = connection.execute(select(tables.cases).where(tables.cases.c.id == id_)).one_or_none()
        return None if row is None else _case(row)

    def of(self, visit: str) -> tuple[Case, ...]:
        """A visit's cases, the oldest first."""
        query = select(tables.cases).where(tables.cases.c.visit == visit).order_by(tables.cases.c.opened_ns)
        with self._reading.begin() as connection:
            return tuple(_case(row) for row in connection.execute(query))

    def all(self, *, state: str | None = None, after: str = "", most: int = 50) -> tuple[Case, ...]:
        """Cases by id after one, at most so many."""
        query = select(tables.cases).where(tables.cases.c.id > after).order_by(tables.cases.c.id).limit(most)
        if state is not None:
            query = query.where(tables.cases.c.state == state)
        with self._reading.begin() as connection:
            return tuple(_case(row) for row in connection.execute(query))

    def _amount(self, receipt: Receipt, kind: Kind, gtin: str | None, quantity: int | None) -> Decimal:
        if gtin is None:
            return receipt.payable if kind == "wrong" else Decimal(0)
        count = 1 if quantity is None else quantity
        if kind == "missed":
            product = self._till.store.products.get(gtin)
            if product is None:
                raise DisputeError(f"found the product {gtin}, right: one of this shop's catalogue")
            selling = self._till.store.selling
            return price_of(product, selling, receipt.entered_ns, receipt.left_ns) * count
        line = next((line for line in receipt.lines if line.gtin == gtin), None)
        if line is None or count > line.quantity:
            raise DisputeError(f"found {count} of {gtin}, right: what is on the receipt")
        return line.cost - with_quantity(line, line.quantity - count).cost

    def _changed(self, receipt: Receipt, case: Case) -> Receipt:
        if case.gtin is None:
            return receipt if case.kind == "missed" else replace(receipt, lines=())
        if case.kind == "wrong":
            return _less(receipt, case.gtin, case.quantity or 1)
        return self._more(receipt, case.gtin, case.quantity or 1)

    def _more(self, receipt: Receipt, gtin: str, count: int) -> Receipt:
        lines = [with_quantity(x, x.quantity + count) if x.gtin == gtin else x for x in receipt.lines]
        if all(line.gtin != gtin for line in receipt.lines):
            store = self._till.store
            sold = store.products[gtin]
            added = Line(gtin, sold.name, count, sold.price, 1.0, "the shopper said so", (), shown=True)
            span = (receipt.entered_ns, receipt.left_ns)
            # Offers of a basket are not worked out anew: what the shopper adds costs its own price.
            alone = replace(store.selling, offers=())
            lines += priced((added,), store.products, alone, receipt.currency, *span)
        return replace(receipt, lines=tuple(lines))

    def _reissue(
        self, receipt: Receipt, reason: str, by: str, now_ns: int, *, added: bool, looked: str | None = None
    ) -> Receipt:
        before = receipt.human
        more = replace(before, viewers=before.viewers + 1, purposes=(*before.purposes, "dispute"), last_at=now_ns)
        human: HumanWork = before if by == BY_RULE else more
        last = self._till.cashier.last(receipt.visit)
        made = replace(
            recounted(receipt, receipt.lines),
            revision=(last.revision if last is not None else -1) + 1,
            human=human,
            decided_by=receipt.decided_by if by == BY_RULE else "person",
            status="settled",
            questions=(),
        )
        if self._till.cashier.issue(made, reason=reason, added=added, looked=looked) is None:
            raise DisputeError("found another change of this receipt at the same time, right: try again")
        return made

    def _tell(self, case: Case, kind: str) -> None:
        body = {"case": case.id, "visit": case.visit, "kind": case.kind, "state": case.state, "outcome": case.outcome}
        self._till.feed.add(f"{kind}/{case.id}", kind, case.visit, body, case.closed_ns or case.opened_ns)


def _less(receipt: Receipt, gtin: str, quantity: int) -> Receipt:
    found = next((line for line in receipt.lines if line.gtin == gtin), None)
    if found is None or not 0 < quantity <= found.quantity:
        raise DisputeError(f"found {quantity} of {gtin}, right: 1 up to what is on the receipt")
    rest = with_quantity(found, found.quantity - quantity)
    lines = [rest if line is found else line for line in receipt.lines]
    return replace(receipt, lines=tuple(line for line in lines if line.quantity))


def _plain(case: Case) -> dict[str, Any]:
    return {name: getattr(case, name) for name in case.__slots__}


def _case(row: Row[Any]) -> Case:
    return Case(**{name: getattr(row, name) for name in Case.__slots__})
