"""What was sold: in the forms that other programs read, and as stock and sales by day."""

import time
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from walkout.checkout.epcis import epcis
from walkout.checkout.poslog import poslog
from walkout.checkout.sale import sales
from walkout.checkout.statistics import by_day, last_receipts, stock
from walkout.web.api.context import allowed, of

router = APIRouter(tags=["exports"])
LARGEST = 2**62
Since = Annotated[int, Query(ge=0, le=LARGEST, description="issued at or after, UTC nanoseconds")]
Until = Annotated[int | None, Query(ge=0, le=LARGEST, description="issued before, UTC nanoseconds")]


@router.get(
    "/exports/poslog",
    response_class=Response,
    responses={200: {"content": {"application/xml": {}}}},
    dependencies=[Depends(allowed("exports.read"))],
)
def read_poslog(request: Request, since_ns: Since = 0, until_ns: Until = None) -> Response:
    """Final receipts, and what changed them later, as ARTS POSLog 6."""
    till = of(request).till
    text = poslog(sales(till.ledger, since_ns, until_ns), till.store.name, till.store.timezone)
    return Response(text, media_type="application/xml")


@router.get(
    "/exports/epcis",
    response_class=Response,
    responses={200: {"content": {"application/ld+json": {}}}},
    dependencies=[Depends(allowed("exports.read"))],
)
def read_epcis(request: Request, since_ns: Since = 0, until_ns: Until = None) -> Response:
    """The same as EPCIS 2.0 events."""
    till = of(request).till
    made: dict[str, Any] = epcis(
        sales(till.ledger, since_ns, until_ns), till.store.name, till.store.timezone, time.time_ns()
    )
    return Response(orjson.dumps(made), media_type="application/ld+json")


@router.get("/stock", dependencies=[Depends(allowed("stock.read"))])
def read_stock(request: Request, days: Annotated[int, Query(ge=1, le=366)] = 30) -> dict[str, Any]:
    """What should still stand on the shelves by these books, the soonest gone first, and sales of the last days."""
    till = of(request).till
    store, since_ns = till.store, time.time_ns() - days * 86_400 * 10**9
    receipts = last_receipts(till.ledger, since_ns)
    return {
        "origin": store.origin,
        "currency": store.currency,
        "products": [
            {
                "gtin": one.gtin,
                "name": store.products[one.gtin].name if one.gtin in store.products else one.gtin,
                "planned": one.planned,
                "sold": one.sold,
                "left": one.left,
                "days_left": one.days_left,
                "reorder": one.left is not None and one.planned is not None and one.left * 3 <= one.planned,
            }
            for one in stock(receipts, store.planogram, days)
        ],
        "days": [
            {
                "day": one.day.isoformat(),
                "visits": one.visits,
                "buyers": one.buyers,
                "items": one.items,
                "total": format(one.total, "f"),
            }
            for one in by_day(receipts, store.timezone)
        ],
    }
