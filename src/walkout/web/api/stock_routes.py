"""What stands on the shelves by the books, what stands at wrong places, and what was sold when."""

import time
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from walkout.checkout.receipt import Receipt
from walkout.checkout.statistics import (
    LARGE,
    basket_sizes,
    best_sellers,
    by_day,
    by_hour,
    items_of,
    last_receipts,
    stock,
)
from walkout.live.till import Till
from walkout.store.shop import Store
from walkout.web.api.context import allowed, of
from walkout.web.api.problem import ProblemError

router = APIRouter(tags=["stock"])
DAY_NS = 86_400 * 10**9
Days = Annotated[int, Query(ge=1, le=366, description="so many days back from now")]
SELLERS = 100
"""Products that are told of sales; the best of them."""


@router.get("/stock", dependencies=[Depends(allowed("stock.read"))])
def read_stock(request: Request, days: Days = 30) -> dict[str, Any]:
    """What stands on the shelves by weight where that can tell, else by the books, and sales of the last days."""
    context = of(request)
    store, receipts = context.till.store, _receipts(context.till, days)
    return {
        "origin": store.origin,
        "currency": store.currency,
        "products": [
            {
                "gtin": one.gtin,
                "name": _name(store, one.gtin),
                "planned": one.planned,
                "sold": one.sold,
                "left": one.left,
                "counted": one.counted,
                "days_left": one.days_left,
                "reorder": one.reorder,
            }
            for one in stock(receipts, store.planogram, days, context.shop.counts.now())
        ],
        "days": _days(context.till, receipts),
    }


@router.get("/sales", dependencies=[Depends(allowed("stock.read"))])
def read_sales(request: Request, days: Days = 30) -> dict[str, Any]:
    """Sales of the last days by final receipts: by local day and hour, by product, and how large baskets are."""
    till = of(request).till
    store, receipts = till.store, _receipts(till, days)
    return {
        "origin": store.origin,
        "currency": store.currency,
        "timezone": store.timezone,
        "visits": len(receipts),
        "buyers": sum(bool(one.lines) for one in receipts),
        "items": sum(map(items_of, receipts)),
        "total": format(sum((one.total for one in receipts), Decimal(0)), "f"),
        "days": _days(till, receipts),
        "hours": [
            {"hour": one.hour, "visits": one.visits, "items": one.items, "total": format(one.total, "f")}
            for one in by_hour(receipts, store.timezone)
        ],
        "products": [
            {
                "gtin": one.gtin,
                "name": _name(store, one.gtin),
                "items": one.items,
                "visits": one.visits,
                "total": format(one.total, "f"),
            }
            for one in best_sellers(receipts)[:SELLERS]
        ],
        "baskets": [
            {"items": size, "or_more": size == LARGE, "visits": count}
            for size, count in enumerate(basket_sizes(receipts))
        ],
    }


@router.get("/misplaced", dependencies=[Depends(allowed("stock.read"))])
def read_misplaced(request: Request) -> dict[str, Any]:
    """What shoppers left at wrong places, the longest there first; nobody's name goes with it."""
    till = of(request).till
    store = till.store
    return {
        "items": [
            {
                "id": one.id,
                "gtin": one.gtin,
                "name": _name(store, one.gtin),
                "quantity": one.quantity,
                "fixture": one.fixture,
                "shelf": one.shelf,
                "plates": list(one.plates),
                "t_ns": one.t_ns,
                "probability": one.probability,
                "home": [
                    {"fixture": f.fixture, "shelf": f.shelf, "plates": list(f.plates)}
                    for f in store.facings_of(one.gtin)
                ],
            }
            for one in till.misplaced.there()
        ],
        "next": None,
    }


@router.delete(
    "/misplaced/{item}",
    status_code=204,
    response_class=Response,
    dependencies=[Depends(allowed("misplaced.write"))],
)
def put_back(request: Request, item: Annotated[int, Path(ge=1, le=2**62)]) -> Response:
    """It is put back, or was not there: strike it off the list. Who did that, and when, is not kept."""
    if not of(request).till.misplaced.put_back(item):
        raise ProblemError(404, f"no item {item} waits to be put back; somebody else may have done it")
    return Response(status_code=204)


def _receipts(till: Till, days: int) -> tuple[Receipt, ...]:
    return last_receipts(till.ledger, time.time_ns() - days * DAY_NS)


def _days(till: Till, receipts: tuple[Receipt, ...]) -> list[dict[str, Any]]:
    return [
        {
            "day": one.day.isoformat(),
            "visits": one.visits,
            "buyers": one.buyers,
            "items": one.items,
            "total": format(one.total, "f"),
        }
        for one in by_day(receipts, till.store.timezone)
    ]


def _name(store: Store, gtin: str) -> str:
    return store.products[gtin].name if gtin in store.products else gtin
