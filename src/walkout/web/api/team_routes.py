"""The review team as an operator sees it: who is on shift and what waits; no speed, no order of people."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from walkout.labour.ledger import LabourLedger
from walkout.review.waiting import Waiting, waiting
from walkout.web.api.access import Principal
from walkout.web.api.context import allowed, of
from walkout.web.api.desk_routes import did
from walkout.web.api.identity import IdentityError
from walkout.web.api.problem import ProblemError

router = APIRouter(tags=["review"])


class Member(BaseModel):
    """Somebody who joins the review team."""

    handle: str = Field(min_length=1, max_length=64)
    place: str = Field(min_length=1, max_length=100)
    contract: str = Field(min_length=1, max_length=100)
    employer: str = Field(min_length=1, max_length=200)
    password: str | None = Field(None, max_length=256)


@router.get("/review/team", dependencies=[Depends(allowed("team.read"))])
def team(request: Request) -> dict[str, Any]:
    """Who is on shift now, by name, and how much waits until when. Nothing of how much anybody did."""
    till = of(request).till
    now_ns = till.queues.now_ns()
    return {
        **on_shift(till.books.ledger),
        "queues": [queue_row(one, now_ns) for one in waiting(till.database, now_ns)],
        "places": sorted(till.reviewing.places()),
        "origin": till.store.origin,
    }


def on_shift(ledger: LabourLedger) -> dict[str, Any]:
    """Who is at work, by name, and who has a break; how many are on the team."""
    workers: Sequence[str] = ledger.workers()
    desks = [ledger.desk(worker) for worker in workers]
    rows = [{"handle": desk.worker, "on_break": bool(desk.rest)} for desk in desks if desk.open]
    return {"members": len(workers), "on_shift": sorted(rows, key=lambda row: str(row["handle"]))}


def queue_row(one: Waiting, now_ns: int) -> dict[str, Any]:
    """One queue, with how long the oldest waits."""
    return asdict(one) | {"oldest_s": max(0, round((now_ns - one.oldest_ns) / 1e9))}


@router.post("/review/team", status_code=201)
async def join(
    request: Request, given: Member, principal: Annotated[Principal, Depends(allowed("team.write"))]
) -> dict[str, Any]:
    """Somebody joins the team; with a password, they can sign in at once."""
    context, reviewing = of(request), of(request).till.reviewing
    users = {user["name"]: user["role"] for user in context.identity.users()}
    if given.password is None and given.handle not in users:
        raise ProblemError(422, "password: found nothing and no such user, right: one of the two")
    if users.get(given.handle, "reviewer") != "reviewer":
        raise ProblemError(409, f"{given.handle} is {users[given.handle]} here, right: a name of the role reviewer")
    places = reviewing.places()
    if given.place not in places:
        raise ProblemError(409, f"found the place {given.place[:60]!r}, right: one with floors and a rate card")
    if given.handle not in users:
        try:
            now_ns, made_by = time.time_ns(), principal.name
            context.identity.add_user(given.handle, str(given.password), "reviewer", now_ns, made_by=made_by)
        except IdentityError as error:
            raise ProblemError(422, str(error)) from error
    await did(context, lambda: reviewing.add(given.handle, given.place, given.contract, given.employer))
    return {"handle": given.handle, "place": given.place, "places": sorted(places)}
