"""What a shop sold, from its ledger: stock as the books have it, what to order, and sales by day and product."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from walkout.checkout.ledger import Ledger
from walkout.checkout.receipt import Receipt
from walkout.store.planogram import Facing

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stock:
    """One product: what stood in the planogram, what final receipts took since, and what is left by these books.

    `left` is None where the planogram names no stock. The books know nothing of goods that were put on shelves since,
    nor of what was taken and not charged: a count on the spot is the truth.
    """

    gtin: str
    planned: int | None
    sold: int
    left: int | None
    days_left: float | None
    """At the pace of the days looked at; None where nothing was sold or no stock is known."""


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: visits that ended, of these with goods, items, and what final receipts say."""

    day: date
    visits: int
    buyers: int
    items: int
    total: Decimal


def last_receipts(ledger: Ledger, since_ns: int = 0) -> tuple[Receipt, ...]:
    """The last final receipt of each visit that ended since an instant, by time of exit."""
    found = []
    for visit in ledger.visits("decided", "settled"):
        final = [one for one in ledger.receipts(visit) if one.final]
        if final and (receipt := final[-1].receipt).left_ns >= since_ns:
            found.append(receipt)
    return tuple(sorted(found, key=lambda one: (one.left_ns, one.visit)))


def stock(receipts: Iterable[Receipt], planogram: Iterable[Facing], days: float) -> tuple[Stock, ...]:
    """The stock of every product of the planogram, the soonest gone first; `days` is how long the receipts span."""
    planned: dict[str, int | None] = {}
    for facing in planogram:
        before = planned.get(facing.gtin, 0)
        planned[facing.gtin] = None if facing.stock is None or before is None else before + facing.stock
    sold: dict[str, int] = {}
    for receipt in receipts:
        for line in receipt.lines:
            sold[line.gtin] = sold.get(line.gtin, 0) + line.quantity
    found = []
    for gtin, had in planned.items():
        out = sold.get(gtin, 0)
        left = None if had is None else max(0, had - out)
        pace = out / days if days > 0 else 0.0
        found.append(Stock(gtin, had, out, left, round(left / pace, 1) if left is not None and pace else None))
    return tuple(sorted(found, key=lambda one: (one.days_left is None, one.days_left or 0.0, one.gtin)))


def by_day(receipts: Iterable[Receipt], timezone: str) -> tuple[Day, ...]:
    """Sales by local day, the oldest first; days without visits are left out."""
    zone = ZoneInfo(timezone)
    groups: dict[date, list[Receipt]] = {}
    for receipt in receipts:
        local = (_EPOCH + timedelta(microseconds=receipt.left_ns // 1000)).astimezone(zone)
        groups.setdefault(local.date(), []).append(receipt)
    return tuple(
        Day(
            day,
            len(group),
            sum(bool(one.lines) for one in group),
            sum(line.quantity for one in group for line in one.lines),
            sum((one.total for one in group), Decimal(0)),
        )
        for day, group in sorted(groups.items())
    )
