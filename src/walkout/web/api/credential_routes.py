"""Whom a card or code at the gate stands for: other programs register them; tokens are never shown again."""

import time
from typing import Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from walkout.live.credentials import LONGEST
from walkout.live.door import Holder
from walkout.live.mail import LONGEST as LONGEST_ADDRESS
from walkout.live.mail import MailError, checked
from walkout.web.api.context import allowed, of
from walkout.web.api.problem import ProblemError

router = APIRouter(tags=["door"])
_ID = r"^[^\x00-\x1f\x7f]*$"


class NewCredential(BaseModel):
    """A token as the gate reads it, the provider's name for the card behind it, and where its receipts go."""

    token: str = Field(min_length=1, max_length=LONGEST)
    payer: str = Field(max_length=200, pattern=_ID)
    role: Literal["shopper", "staff"] = "shopper"
    blocked: str = Field("", max_length=200, pattern=_ID)
    mail: str | None = Field(None, max_length=LONGEST_ADDRESS)


@router.post("/credentials", status_code=201, dependencies=[Depends(allowed("credentials.write"))])
async def register(request: Request, given: NewCredential) -> dict[str, Any]:
    """Make a token known, or change what it stands for: `blocked` says why it may not come in any more."""
    context = of(request)
    till = context.till
    if given.role == "shopper" and not given.payer:
        raise ProblemError(422, "payer: found none, right: the provider's name for the card that pays")
    try:
        # Staff make no receipts: nothing is kept of them beside the role.
        mail = None if given.mail is None or given.role == "staff" else checked(given.mail)
    except MailError as error:
        raise ProblemError(422, f"mail: {error}") from error

    def act() -> Holder:
        holder = till.credentials.register(given.token, given.payer, given.role, given.blocked)
        till.addresses.of_card(holder.digest, mail, time.time_ns())
        return holder

    holder = await context.shop.do(act)
    return {
        "credential": holder.digest, "role": holder.role, "blocked": holder.blocked or None, "mail": mail is not None,
    }  # fmt: skip
