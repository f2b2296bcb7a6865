"""What was sold, in the forms that other programs read."""

import time
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from walkout.checkout.epcis import epcis
from walkout.checkout.poslog import poslog
from walkout.checkout.sale import sales
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
