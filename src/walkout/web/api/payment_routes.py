"""Where Stripe calls back: its signature is the key."""

import time
from functools import partial

from fastapi import APIRouter, Request

from walkout.checkout.provider import WebhookError, WebhookProvider
from walkout.web.api.context import of, paced
from walkout.web.api.problem import ProblemError

router = APIRouter(tags=["payments"])


@router.post("/payments/stripe")
async def stripe(request: Request) -> dict[str, int]:
    """Take in what Stripe says unasked; the same event again does nothing."""
    paced(request)
    context = of(request)
    till = context.till
    provider, secret = till.provider.cards, till.wishes.stripe_webhook
    if not isinstance(provider, WebhookProvider) or not secret:
        raise ProblemError(404, "this shop does not pay by Stripe")
    body = await request.body()
    try:
        events = provider.events(body, request.headers.get("stripe-signature", ""), secret)
    except WebhookError as error:
        raise ProblemError(400, str(error)) from error
    now_ns = time.time_ns()
    changed = [await context.shop.do(partial(till.ledger.event, event, now_ns)) for event in events]
    return {"taken": sum(changed)}
