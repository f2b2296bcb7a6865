"""Visits, their receipts, their money; refunds and disputes."""

import time
from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import Row, select

from walkout.checkout import tables
from walkout.checkout.ledger import Issued
from walkout.live.disputes import Case, DisputeError
from walkout.web.api.access import Principal
from walkout.web.api.context import Context, allowed, of
from walkout.web.api.problem import ProblemError

router = APIRouter(tags=["visits"])
GTIN = "^[0-9]{14}$"
STAGE = "^(inside|waiting|decided|settled)$"


class RefundLine(BaseModel):
    """So many of one product."""

    gtin: str = Field(pattern=GTIN)
    quantity: int = Field(ge=1, le=1000)


class Refund(BaseModel):
    """What to give back, and why."""

    lines: list[RefundLine] = Field(min_length=1, max_length=200)
    reason: str = Field(min_length=1, max_length=300)


class NewCase(BaseModel):
    """What is wrong with a receipt."""

    visit: str = Field(min_length=1, max_length=200)
    kind: str = Field(pattern="^(wrong|missed)$")
    gtin: str | None = Field(None, pattern=GTIN)
    quantity: int | None = Field(None, ge=1, le=1000)
    words: str = Field("", max_length=1000)


class Outcome(BaseModel):
    """How a case ends."""

    outcome: str = Field(pattern="^(upheld|rejected|added)$")
    note: str = Field("", max_length=1000)


@router.get("/visits", dependencies=[Depends(allowed("visits.read"))])
def visits(
    request: Request,
    cursor: Annotated[str, Query(max_length=200)] = "",
    stage: Annotated[str | None, Query(pattern=STAGE)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Visits, the newest first."""
    context = of(request)
    query = select(tables.visits).order_by(tables.visits.c.entered_ns.desc(), tables.visits.c.visit.desc())
    if stage is not None:
        query = query.where(tables.visits.c.stage == stage)
    if cursor:
        entered, _, name = cursor.partition("~")
        if not entered.isdecimal() or len(entered) > 19:
            raise ProblemError(422, "cursor: found something else than an answer's own 'next'")
        column, at = tables.visits.c.entered_ns, min(int(entered), 2**62)
        query = query.where((column < at) | ((column == at) & (tables.visits.c.visit < name.replace("\x00", ""))))
    with context.till.database.execution_options(walkout_reads=True).begin() as connection:
        rows = connection.execute(query.limit(limit + 1)).all()
    items = [_row(context, row) for row in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else None
    return {"items": items, "next": None if last is None else f"{last.entered_ns}~{last.visit}"}


@router.get("/visits/{visit}")
def visit(
    request: Request, visit: str, principal: Annotated[Principal, Depends(allowed("visits.read"))]
) -> dict[str, Any]:
    """One visit: receipts, money, what the decision rests on, and its case. A person who asks has looked at it."""
    context = of(request)
    row = _known(context, visit)
    if principal.scopes is None:  # a person, not a program
        context.till.record.looked(visit, row.entered_ns, principal.name, principal.role, "page")
    with context.till.database.execution_options(walkout_reads=True).begin() as connection:
        chosen = tables.operations.c.visit == visit
        money = connection.execute(select(tables.operations).where(chosen).order_by(tables.operations.c.asked_ns)).all()
    kept = context.till.evidence.of(visit)
    if kept is None:
        events = [e for e in context.shop.view.events.values() if any(c["visit"] == visit for c in e["candidates"])]
        kept = {"events": events, "curves": [], "reaches": [], "baskets": [], "until_ns": None}
    cases = context.disputes.of(visit)
    payment = context.till.ledger.payment(visit)
    return {
        "visit": {**_row(context, row), "live": context.shop.view.visits.get(visit)},
        "receipts": [_issued(one) for one in context.till.ledger.receipts(visit)],
        "money": {
            "held": _money(payment.held),
            "hold_state": payment.hold_state,
            "paid": _money(payment.net),
            "uncollected": _money(payment.uncollected),
            "owed": _money(payment.owed),
            "operations": [
                {
                    "key": one.key,
                    "kind": one.kind,
                    "amount": _money(one.amount),
                    "currency": one.currency,
                    "outcome": one.outcome,
                    "reason": one.reason,
                    "asked_ns": one.asked_ns,
                    "answered_ns": one.answered_ns,
                }
                for one in money
            ],
        },
        "timeline": kept,
        "case": case_row(cases[-1]) if cases else None,
        "cases": [case_row(case) for case in cases],
        "link": f"{context.base_url}/s/{context.identity.link(visit)}",
    }


@router.get("/visits/{visit}/receipts", dependencies=[Depends(allowed("receipts.read"))])
def receipts(request: Request, visit: str) -> dict[str, Any]:
    """All revisions of a visit's receipt, the first first."""
    context = of(request)
    _known(context, visit)
    return {"items": [_issued(one) for one in context.till.ledger.receipts(visit)], "next": None}


@router.post("/visits/{visit}/refunds", status_code=201)
async def refund(
    request: Request, visit: str, given: Refund, principal: Annotated[Principal, Depends(allowed("refunds.write"))]
) -> dict[str, Any]:
    """Give back the price of some items; the receipt's next revision no longer has them."""
    context = of(request)
    _known(context, visit)
    lines: dict[str, int] = {}
    for line in given.lines:
        lines[line.gtin] = lines.get(line.gtin, 0) + line.quantity
    act = context.disputes.refund
    try:
        made = await context.shop.do(lambda: act(visit, lines, given.reason, principal.name, time.time_ns()))
    except DisputeError as error:
        raise ProblemError(409, str(error)) from error
    return {"visit": visit, "revision": made.revision, "total": _money(made.total)}


@router.get("/disputes", dependencies=[Depends(allowed("disputes.read"))])
def disputes(
    request: Request,
    cursor: Annotated[str, Query(max_length=64)] = "",
    state: Annotated[str | None, Query(pattern="^(open|closed)$")] = None,
) -> dict[str, Any]:
    """Cases."""
    found = of(request).disputes.all(state=state, after=cursor.replace("\x00", ""), most=51)
    return {"items": [case_row(one) for one in found[:50]], "next": found[49].id if len(found) > 50 else None}


@router.post("/disputes", status_code=201, dependencies=[Depends(allowed("disputes.write"))])
async def open_case(request: Request, given: NewCase) -> dict[str, Any]:
    """Open a case for a shopper who asked at the counter."""
    return await opened(of(request), given)


@router.get("/disputes/{case_id}", dependencies=[Depends(allowed("disputes.read"))])
def one_case(request: Request, case_id: str) -> dict[str, Any]:
    """One case."""
    found = of(request).disputes.case(case_id.replace("\x00", ""))
    if found is None:
        raise ProblemError(404, f"no case {case_id[:60]}")
    return case_row(found)


@router.post("/disputes/{case_id}")
async def close_case(
    request: Request, case_id: str, given: Outcome, principal: Annotated[Principal, Depends(allowed("disputes.write"))]
) -> dict[str, Any]:
    """Close a case: what is upheld is given back."""
    context = of(request)
    if context.disputes.case(case_id.replace("\x00", "")) is None:
        raise ProblemError(404, f"no case {case_id[:60]}")
    outcome: Any = given.outcome
    act = context.disputes.close
    try:
        done = await context.shop.do(lambda: act(case_id, outcome, given.note, principal.name, time.time_ns()))
    except DisputeError as error:
        raise ProblemError(409, str(error)) from error
    return case_row(done)


async def opened(context: Context, given: NewCase) -> dict[str, Any]:
    """Open a case; 409 where there is nothing to dispute."""
    visit, kind = given.visit.replace("\x00", ""), "wrong" if given.kind == "wrong" else "missed"
    act: Any = context.disputes.open
    try:
        case: Case = await context.shop.do(
            lambda: act(visit, kind, given.words.replace("\x00", ""), time.time_ns(), given.gtin, given.quantity)
        )
    except DisputeError as error:
        raise ProblemError(409, str(error)) from error
    return case_row(case)


def case_row(case: Case) -> dict[str, Any]:
    """A case as the API says it."""
    return {**asdict(case), "amount": None if case.amount is None else _money(case.amount)}


def _known(context: Context, visit: str) -> Row[Any]:
    query = select(tables.visits).where(tables.visits.c.visit == visit.replace("\x00", ""))
    with context.till.database.execution_options(walkout_reads=True).begin() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise ProblemError(404, f"no visit {visit[:60]}")
    return row


def _row(context: Context, row: Row[Any]) -> dict[str, Any]:
    last = context.till.cashier.last(row.visit)
    return {
        "id": row.visit,
        "party": row.party,
        "stage": row.stage,
        "entered_ns": row.entered_ns,
        "left_ns": row.left_ns,
        "currency": row.currency,
        "revision": None if last is None else last.revision,
        "final": None if last is None else last.final,
        "total": None if last is None else _money(last.total),
    }


def _issued(one: Issued) -> dict[str, Any]:
    return {
        "revision": one.revision,
        "final": one.final,
        "reason": one.reason,
        "issued_ns": one.issued_ns,
        "sha256": one.sha256,
        "receipt": orjson.loads(one.published),
    }


def _money(amount: Decimal) -> str:
    return format(amount, "f")
