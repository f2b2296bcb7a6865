"""What a shop sold, from its ledger: stock as the books have it, what to order, sales by day, hour and product."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import func, select

from walkout.checkout import tables
from walkout.checkout.ledger import Ledger
from walkout.checkout.receipt import Receipt, from_published
from walkout.store.planogram import Facing

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_APART_NS = 86_400 * 10**9
"""A receipt's time of exit and its visit's, which the gate told first, are not further apart."""
LARGE = 10
"""Baskets of so many items and more are counted together."""


@dataclass(frozen=True, slots=True)
class Stock:
    """One product: what stood in the planogram, what final receipts took since, and what is left.

    `left` is what the scales count now where they can (`counted`), else by the books: None where the planogram names no
    stock. The books know nothing of goods that were put on shelves since, nor of what was taken and not charged.
    """

    gtin: str
    planned: int | None
    sold: int
    left: int | None
    days_left: float | None
    """At the pace of the days looked at; None where nothing was sold or no stock is known."""
    counted: int | None = None
    """What stands there by weight, refills and all; None where weight alone cannot tell."""

    @property
    def reorder(self) -> bool:
        """Whether to order: a third or less is left."""
        return self.left is not None and self.planned is not None and self.left * 3 <= self.planned


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: visits that ended, of these with goods, items, and what final receipts say."""

    day: date
    visits: int
    buyers: int
    items: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the local day, 0 to 23: visits that ended in it on any day, items, and what receipts say."""

    hour: int
    visits: int
    items: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class Seller:
    """One product: how many were sold, in how many visits, and what its lines come to."""

    gtin: str
    items: int
    visits: int
    total: Decimal


def last_receipts(ledger: Ledger, since_ns: int = 0) -> tuple[Receipt, ...]:
    """The last final receipt of each visit that ended since an instant, by time of exit."""
    visits, issued = tables.visits.c, tables.receipts.c
    recent = visits.left_ns.is_(None) | (visits.left_ns >= since_ns - _APART_NS)
    newest = (
        select(issued.visit, func.max(issued.revision).label("revision"))
        .join(tables.visits, visits.visit == issued.visit)
        .where(issued.final, visits.stage.in_(("decided", "settled")), recent)
        .group_by(issued.visit)
        .subquery()
    )
    query = select(issued.published).join(
        newest, (newest.c.visit == issued.visit) & (newest.c.revision == issued.revision)
    )
    with ledger.reading.begin() as connection:
        found = [from_published(orjson.loads(text)) for text in connection.execute(query).scalars()]
    return tuple(sorted((x for x in found if x.left_ns >= since_ns), key=lambda one: (one.left_ns, one.visit)))


def stock(
    receipts: Iterable[Receipt], planogram: Iterable[Facing], days: float, counted: Mapping[str, int] | None = None
) -> tuple[Stock, ...]:
    """The stock of every product of the planogram, the soonest gone first; `days` is how long the receipts span.

    `counted`: what the scales count now, GTIN to items, of what they can count.
    """
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
        weighed = (counted or {}).get(gtin)
        left = weighed if weighed is not None else None if had is None else max(0, had - out)
        pace = out / days if days > 0 else 0.0
        lasts = round(left / pace, 1) if left is not None and pace else None
        found.append(Stock(gtin, had, out, left, lasts, weighed))
    return tuple(sorted(found, key=lambda one: (one.days_left is None, one.days_left or 0.0, one.gtin)))


def by_day(receipts: Iterable[Receipt], timezone: str) -> tuple[Day, ...]:
    """Sales by local day, the oldest first; days without visits are left out."""
    zone = ZoneInfo(timezone)
    groups: dict[date, list[Receipt]] = {}
    for receipt in receipts:
        groups.setdefault(_local(receipt, zone).date(), []).append(receipt)
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


def by_hour(receipts: Iterable[Receipt], timezone: str) -> tuple[Hour, ...]:
    """Sales by hour of the local day, all 24, over all days together."""
    zone = ZoneInfo(timezone)
    groups: dict[int, list[Receipt]] = {hour: [] for hour in range(24)}
    for receipt in receipts:
        groups[_local(receipt, zone).hour].append(receipt)
    return tuple(
        Hour(hour, len(group), sum(map(items_of, group)), sum((one.total for one in group), Decimal(0)))
        for hour, group in groups.items()
    )


def best_sellers(receipts: Iterable[Receipt]) -> tuple[Seller, ...]:
    """What was sold, the most items first. Taxes on top of prices are not in a product's total."""
    items: dict[str, int] = {}
    visits: dict[str, set[str]] = {}
    total: dict[str, Decimal] = {}
    for receipt in receipts:
        for line in receipt.lines:
            items[line.gtin] = items.get(line.gtin, 0) + line.quantity
            total[line.gtin] = total.get(line.gtin, Decimal(0)) + line.cost
            visits.setdefault(line.gtin, set()).add(receipt.visit)
    found = (Seller(gtin, count, len(visits[gtin]), total[gtin]) for gtin, count in items.items())
    return tuple(sorted(found, key=lambda one: (-one.items, one.gtin)))


def basket_sizes(receipts: Iterable[Receipt]) -> tuple[int, ...]:
    """Visits by how many items their receipt has: 0, 1, ... and last `LARGE` and more."""
    counts = [0] * (LARGE + 1)
    for receipt in receipts:
        counts[min(items_of(receipt), LARGE)] += 1
    return tuple(counts)


def items_of(receipt: Receipt) -> int:
    """How many items a receipt has; goods sold by weight count as the pieces that were seen."""
    return sum(line.quantity for line in receipt.lines)


def _local(receipt: Receipt, zone: ZoneInfo) -> datetime:
    return (_EPOCH + timedelta(microseconds=receipt.left_ns // 1000)).astimezone(zone)
