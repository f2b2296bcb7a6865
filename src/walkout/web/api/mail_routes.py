"""A shopper says where the receipts of their visit go by e-mail, or takes that back; by the signed link alone."""

import time
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from walkout.live.mail import LONGEST, MailError
from walkout.web.api.context import Context, of, paced
from walkout.web.api.problem import ProblemError

router = APIRouter(tags=["shopper"])


class Address(BaseModel):
    """Where to."""

    address: str = Field(min_length=3, max_length=LONGEST)


@router.post("/s/{token}/mail", status_code=201)
async def give(request: Request, token: str, given: Address) -> dict[str, Any]:
    """Send the receipts of this visit to an address, this one's last and all that follow."""
    context, visit = shopper_visit(request, token)
    if context.post is None:
        raise ProblemError(409, "this shop sends no e-mail; the link is the receipt")
    act = context.till.addresses.give
    try:
        await context.shop.do(lambda: act(visit, given.address, time.time_ns()))
    except MailError as error:
        raise ProblemError(422, str(error)) from error
    return mail_of(context, visit)


@router.delete("/s/{token}/mail")
async def take_back(request: Request, token: str) -> dict[str, Any]:
    """Forget the address; what was sent stays sent."""
    context, visit = shopper_visit(request, token)
    await context.shop.do(lambda: context.till.addresses.take_back(visit))
    return mail_of(context, visit)


def mail_of(context: Context, visit: str) -> dict[str, Any]:
    """Whether the shop sends e-mail, where this visit's goes (not in full: links are passed on), and what went."""
    address = context.till.addresses.of(visit)
    letters = () if context.post is None else context.post.of(visit)
    return {
        "offered": context.post is not None,
        "address": None if address is None else f"{address[0]}...@{address.rpartition('@')[2]}",
        "letters": [{name: asdict(one)[name] for name in ("revision", "state", "sent_ns")} for one in letters],
    }


def shopper_visit(request: Request, token: str) -> tuple[Context, str]:
    """The visit of a signed link; 404 for any other."""
    paced(request)
    context = of(request)
    visit = context.identity.visit_of(token)
    if visit is None:
        raise ProblemError(404, "this link is not one of this shop's")
    return context, visit
