"""Stock and sales from the ledger's receipts."""

from dataclasses import replace

from tests.checkout.money import GTIN, START_NS, D, Shop, line, receipt
from walkout.checkout.statistics import (
    LARGE,
    Stock,
    basket_sizes,
    best_sellers,
    by_day,
    by_hour,
    last_receipts,
    stock,
)
from walkout.store.planogram import Facing

DAY_NS = 86_400 * 10**9


def test_stock_counts_down_by_what_last_receipts_say(small_shop: Shop) -> None:
    for visit in ("v1", "v2"):
        small_shop.enter(visit)
        small_shop.issue(visit, 0, line("1.10", 3))
    small_shop.quiet()
    small_shop.issue("v2", 1, line("1.10", 1))
    found = last_receipts(small_shop.ledger)
    assert [one.revision for one in found] == [0, 1]
    places = (Facing("f", 1, (1,), GTIN, 1, 6), Facing("f", 2, (1,), GTIN, 1, 4), Facing("f", 3, (1,), "x", 1, None))
    water, other = stock(found, places, days=2.0)
    assert (water.planned, water.sold, water.left, water.days_left) == (10, 4, 6, 3.0)
    assert (other.planned, other.left, other.days_left) == (None, None, None)
    assert last_receipts(small_shop.ledger, START_NS + DAY_NS) == ()


def test_days_are_the_shops_own() -> None:
    late = replace(receipt("v1", 0, line("2.00", 2)), left_ns=START_NS + 15 * 3600 * 10**9 + 1800 * 10**9)
    empty = receipt("v2", 0)
    found = by_day((late, empty), "Europe/Berlin")
    assert [(str(d.day), d.visits, d.buyers, d.items, d.total) for d in found] == [
        ("2027-01-15", 1, 0, 0, D(0)),
        ("2027-01-16", 1, 1, 2, D("4.00")),
    ]
    assert len(by_day((late, empty), "UTC")) == 1


def test_hours_products_and_baskets_add_up_to_the_same_sales() -> None:
    late = replace(receipt("v1", 0, line("2.00", 2)), left_ns=START_NS + 15 * 3600 * 10**9)
    full = receipt("v2", 0, line("1.00", 12), replace(line("0.50"), gtin="x"))
    told = (late, full, receipt("v3", 0))
    hours = by_hour(told, "Europe/Berlin")
    assert [one.hour for one in hours] == list(range(24))
    days = by_day(told, "Europe/Berlin")
    sellers = best_sellers(told)
    assert sum(one.total for one in hours) == sum(one.total for one in days) == sum(one.total for one in sellers)
    assert sum(one.items for one in hours) == sum(one.items for one in days) == sum(one.items for one in sellers) == 15
    assert [(one.gtin, one.items, one.visits, one.total) for one in sellers] == [
        (GTIN, 14, 2, D("16.00")),
        ("x", 1, 1, D("0.50")),
    ]
    sizes = basket_sizes(told)
    assert (sum(sizes), sizes[0], sizes[2], sizes[LARGE]) == (3, 1, 1, 1)


def test_a_third_or_less_is_to_be_ordered() -> None:
    assert Stock(GTIN, 9, 6, 3, None).reorder
    assert not Stock(GTIN, 9, 5, 4, None).reorder
    assert not Stock(GTIN, None, 5, None, None).reorder
