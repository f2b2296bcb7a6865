"""A shop's own certificate, from what people said blindly while it settled nothing alone.

Looking at labels until they please proves nothing. So the numbers of labels at which a certificate is tried are fixed
beforehand (n, 2 n, 4 n, ...), each try takes exactly the first so many, and has half of the chance to err that the one
before it had: 1/2, 1/4, 1/8 of delta. That also makes a try the same whenever, and however often, it is made.
"""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select

from walkout.checkout.decide import Settling, SettlingError, settling
from walkout.checkout.receipt import Receipt
from walkout.evaluation.certificate import Certificate, from_json, to_json
from walkout.evaluation.certification import certify
from walkout.evaluation.verdict import Verdict
from walkout.live.cashier import ASKED
from walkout.live.desk import Desk
from walkout.live.watch import bounds_of
from walkout.review import tables
from walkout.review.audit import basket_of
from walkout.review.guard import Levels
from walkout.review.planner import labels_needed

FILE = "certificate.json"
HOPED = 0.2
"""The plan hopes for a rate of a fifth of each level."""
MOST_TRIES = 12


def planned(levels: Levels, tries: int = 0) -> int:
    """Labels at which a certificate is tried for the first time, or after so many tries."""
    delta = levels.delta / 4.0
    first = max(labels_needed(level, HOPED * level, delta)[0] for level in (levels.wrong, levels.over))
    return int(first * 2**tries)


class Shadow:
    """The shadow of one shop. Its methods run where the till runs."""

    def __init__(self, desk: Desk, folder: Path, since_ns: int = 0) -> None:
        """`since_ns`: when what the shop works with was last changed; labels of visits before it are of another one."""
        self._desk, self._path, self._since_ns = desk, folder / FILE, since_ns
        self._counted_ns = 0
        self._tried = 0

    def work(self, every_ns: int = 60_000_000_000) -> Certificate | None:
        """Try a certificate where enough labels are there for the next try; gives one that was made now."""
        watch, queues = self._desk.watch, self._desk.queues
        now_ns = queues.now_ns()
        if watch.state != "shadow" or not watch.wants_labels or abs(now_ns - self._counted_ns) < every_ns:
            return None
        self._counted_ns = now_ns
        found = self.labels()
        while self._tried < MOST_TRIES and len(found) >= (count := planned(watch.levels, self._tried)):
            self._tried += 1
            made = self._try(found[:count])
            if made.settle_at is not None:
                part = self._path.with_suffix(".part")
                part.write_bytes(to_json(made))
                part.replace(self._path)
                by = settling(self._desk.cashier.settling.card, made, self._desk.store.origin)
                watch.certified(by, bounds_of(made))
                self._desk.cashier.settling = watch.settling()
                return made
        return None

    def labels(self) -> tuple[Verdict, ...]:
        """What people said of each visit, against what software would have settled, in the order of their last word.

        Days stand for recordings: visits of one day may go wrong together.
        """
        last, asked = tables.resolutions.c, tables.questions.c
        query = (
            select(asked.visit, last.question, last.number, last.key, last.how, last.t_ns)
            .join(tables.questions, asked.question == last.question)
            .where((asked.queue == "audit") & asked.case.is_not(None))
            .order_by(last.t_ns, last.question, last.number)
        )
        with self._desk.queues.reading.begin() as connection:
            rows = {row.visit: row for row in connection.execute(query)}
        before_ns = self._desk.queues.now_ns() - self._desk.queues.undo_ns
        found = []
        for visit, row in sorted(rows.items(), key=lambda one: (one[1].t_ns, one[0])):
            if row.how == "undone" or row.t_ns > before_ns:
                continue
            issued = self._desk.cashier.ledger.receipts(visit)
            receipt = next((one.receipt for one in issued if one.reason == ASKED), None)
            if receipt is not None and receipt.left_ns >= self._since_ns:
                found.append(_verdict(receipt, row.key, int(row.t_ns)))
        return tuple(found)

    def _try(self, verdicts: tuple[Verdict, ...]) -> Certificate:
        levels, store = self._desk.watch.levels, self._desk.store
        delta = levels.delta / 2.0**self._tried
        about = f"the first {len(verdicts)} blind labels of its shadow, try {self._tried}"
        card = self._desk.cashier.settling.card
        return certify(verdicts, card, store=store.name, about=about, alpha=levels.wrong, over=levels.over, delta=delta)


def own_certificate(folder: Path, base: Settling, origin: str) -> tuple[Settling, tuple[float, float]] | None:
    """What a shop's own certificate lets it do; None: it has none, or one of another card or origin."""
    path = folder / FILE
    if not path.is_file():
        return None
    made = from_json(path.read_bytes())
    try:
        return settling(base.card, made, "real" if origin == "real" else "simulated"), bounds_of(made)
    except SettlingError:
        return None


def _verdict(receipt: Receipt, key: str | None, t_ns: int) -> Verdict:
    charged = {line.gtin: line.quantity for line in receipt.lines}
    day = f"{datetime.fromtimestamp(t_ns / 1e9, UTC):%Y-%m-%d}"
    p = receipt.p_exact if receipt.p_raw is None else receipt.p_raw
    made = Verdict(day, receipt.visit, "ours", p, (), 0, sum(charged.values()), 0, origin=receipt.origin)
    if key is None:  # nobody could tell: it counts as wrong in both ways
        return replace(made, taken=1, charged=max(1, made.charged))
    true = basket_of(key)
    right = sum(min(n, true.get(gtin, 0)) for gtin, n in charged.items())
    return replace(made, taken=sum(true.values()), right=right, taken_value=Decimal(0))
