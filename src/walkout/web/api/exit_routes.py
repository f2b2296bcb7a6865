"""The screen at an exit where people pay without an identity: see what the shop believes, say what is wrong, tap."""

import time
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from walkout.checkout.contest import amount as withheld
from walkout.live.disputes import DisputeError
from walkout.live.exit_screen import shown_at
from walkout.store.layout import Gate
from walkout.web.api.context import Context, allowed, of, paced
from walkout.web.api.problem import ProblemError
from walkout.web.api.visit_routes import GTIN, case_row

router = APIRouter(tags=["door"])
WORDS = "said at the exit, before paying"


class Contest(BaseModel):
    """Something on the screen that somebody does not have."""

    visit: str = Field(min_length=1, max_length=300)
    """The visit's own token, as the screen was given it."""
    gtin: str = Field(pattern=GTIN)


@router.get("/exit-screens", dependencies=[Depends(allowed("door.read"))])
def screens(request: Request) -> dict[str, Any]:
    """The screens of this shop, one for each exit: what is to be opened on a tablet there."""
    context = of(request)
    gates = _gates(context)
    items = [{"gate": one, "link": f"{context.base_url}/exit/{context.identity.screen(one)}"} for one in gates]
    return {"items": items, "next": None}


@router.get("/exit/{token}")
def screen(request: Request, token: str) -> dict[str, Any]:
    """What one screen shows now: the baskets of who stands there with nothing shown yet, and who just left."""
    context, gate = _gate(request, token)
    shop, store = context.shop, context.till.store
    now_ns = time.time_ns()
    shown = shown_at(gate, shop.view.people, tuple(shop.door.stays.of.values()), shop.left, now_ns)
    here = [_basket(context, visit) for visit in shown.here]
    return {
        "gate": gate.id,
        "store": {"name": context.till.record.shown_name(), "timezone": store.timezone},
        "currency": store.currency,
        "origin": store.origin,
        "here": here,
        "left": [_receipt(context, visit) for visit in shown.left if context.till.cashier.last(visit) is not None],
    }


@router.post("/exit/{token}/contest", status_code=201)
async def contest(request: Request, token: str, given: Contest) -> dict[str, Any]:
    """Before paying: "I do not have this". It is not charged, unless a person sees afterwards that it was taken."""
    context, gate = _gate(request, token)
    shop, visit = context.shop, context.identity.visit_of(given.visit)
    shown = shown_at(gate, shop.view.people, tuple(shop.door.stays.of.values()), shop.left, time.time_ns())
    if visit is None or visit not in shown.here:
        raise ProblemError(409, "found a basket that is not on this screen any more, right: one that is")
    try:
        case = await shop.do(lambda: context.disputes.ahead(visit, given.gtin, WORDS, time.time_ns()))
    except DisputeError as error:
        raise ProblemError(409, str(error)) from error
    return {key: value for key, value in case_row(case).items() if key in ("id", "kind", "gtin", "state")}


def _basket(context: Context, visit: str) -> dict[str, Any]:
    row = context.shop.view.visits.get(visit) or {"lines": [], "total": "0"}
    said = {case.gtin for case in context.disputes.of(visit)}
    lines = [
        {
            **line,
            "amount": format(Decimal(line["unit_price"]) * line["quantity"], "f"),
            "contested": line["gtin"] in said,
        }
        for line in row["lines"]
    ]
    contested = sum((Decimal(line["amount"]) for line in lines if line["contested"]), Decimal(0))
    total = format(Decimal(row["total"]) - contested, "f")  # what the tap pays
    return {"visit": context.identity.link(visit), "lines": lines, "total": total, "contested": format(contested, "f")}


def _receipt(context: Context, visit: str) -> dict[str, Any]:
    last = context.till.cashier.last(visit)
    assert last is not None  # noqa: S101 - whoever calls has looked
    return {
        "visit": context.identity.link(visit),
        "final": last.final,
        "total": format(last.receipt.total, "f"),
        "due": format(last.receipt.payable, "f"),
        "paid": format(context.till.ledger.payment(visit).net, "f"),
        "contested": format(withheld(last.receipt), "f"),
    }


def _gates(context: Context) -> dict[str, Gate]:
    if not context.till.wishes.pay_at_exit:
        return {}
    return {gate.id: gate for gate in context.till.store.gates if gate.way != "entry"}


def _gate(request: Request, token: str) -> tuple[Context, Gate]:
    paced(request)
    context = of(request)
    gate = _gates(context).get(context.identity.gate_of(token) or "")
    if gate is None:
        raise ProblemError(
            404, "this is no screen of this shop; right: a link of its Door page, where pay-at-exit is on"
        )
    return context, gate
