"""Named trips of a sandbox, for whoever builds on the API; and a shopper's call for help."""

import time
from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from walkout.live.sandbox import TRIPS, SandboxError, Trip, play_trip
from walkout.web.api.context import Context, allowed, of
from walkout.web.api.mail_routes import shopper_visit
from walkout.web.api.problem import ProblemError

router = APIRouter(tags=["sandbox"])
help_router = APIRouter(tags=["shopper"])


class Wanted(BaseModel):
    """Which trip."""

    trip: Trip


class Call(BaseModel):
    """What the shopper needs."""

    words: str = Field("", max_length=300)


@router.get("/sandbox/trips", dependencies=[Depends(allowed("sandbox"))])
def trips(request: Request) -> dict[str, Any]:
    """The trips that can be made, and what each comes to."""
    _sandbox(request)
    return {"items": [{"trip": name, "words": words} for name, words in TRIPS.items()], "next": None}


@router.post("/sandbox/trips", status_code=201, dependencies=[Depends(allowed("sandbox"))])
async def make(request: Request, given: Wanted) -> dict[str, Any]:
    """Make one visit at once: its events, webhooks, receipts and money are as in a real shop."""
    context = _sandbox(request)
    try:
        done = await context.shop.do(lambda: play_trip(context.till, context.disputes, given.trip))
    except SandboxError as error:
        raise ProblemError(409, str(error)) from error
    context.shop.view.issued(done.made)
    return {"trip": given.trip, "visit": done.visit, "case": done.case, "link": context.link(done.visit)}


@help_router.post("/s/{token}/help", status_code=201)
async def call(request: Request, token: str, given: Call) -> dict[str, Any]:
    """Somebody of the staff should come."""
    context, visit = shopper_visit(request, token)
    if visit not in context.shop.door.stays.of:
        raise ProblemError(409, "this visit is over: say what is wrong with its receipt instead")
    words = "".join(c if c.isprintable() else " " for c in given.words)
    context.shop.bell.help(visit, words.strip(), time.time_ns())
    return {"visit": visit, "called": True}


def _sandbox(request: Request) -> Context:
    context = of(request)
    if not context.till.wishes.sandbox:
        raise ProblemError(404, "this shop is no sandbox; one is opened with --sandbox")
    return context
