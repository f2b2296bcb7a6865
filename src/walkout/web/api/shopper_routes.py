"""The shopper's own page, by a signed link and without an account; and, in the demo, a shopper to play."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from walkout.checkout.ledger import LedgerError
from walkout.live.qr import qr_svg
from walkout.twin.interactive import ACTIONS, Wish
from walkout.web.api.access import Principal
from walkout.web.api.context import Context, allowed, of, paced
from walkout.web.api.problem import ProblemError
from walkout.web.api.visit_routes import GTIN, NewCase, case_row, opened

router = APIRouter(tags=["shopper"])
play_router = APIRouter(tags=["demo"])


class Complaint(BaseModel):
    """What the shopper says."""

    kind: str = Field(pattern="^(wrong|missed)$")
    gtin: str | None = Field(None, pattern=GTIN)
    line: int | None = Field(None, ge=0, le=1000)
    quantity: int | None = Field(None, ge=1, le=1000)
    words: str = Field("", max_length=1000)


class Play(BaseModel):
    """What the played shopper does next."""

    action: str = Field(pattern="^(enter|walk|take|take_two|put_back|hide|leave)$")
    fixture: str | None = Field(None, max_length=100)
    shelf: int | None = Field(None, ge=1, le=100)
    plate: int | None = Field(None, ge=1, le=1000)
    gtin: str | None = Field(None, pattern=GTIN)


@router.get("/s/{token}")
def own(request: Request, token: str) -> dict[str, Any]:
    """A shopper's visit: the basket while inside, the receipt after it, and what is stored about them."""
    context, visit = _visit(request, token)
    till = context.till
    try:
        payment = till.ledger.payment(visit)
    except LedgerError as error:
        raise ProblemError(404, "this visit is not here any more") from error
    issued = till.ledger.receipts(visit)
    base = {
        "visit": visit,
        "currency": till.store.currency,
        "origin": till.store.origin,
        "paid": format(payment.net, "f"),
    }
    cases = [case_row(case) for case in context.disputes.of(visit)]
    stored = _stored(context, visit)
    if not issued:
        live = context.shop.view.visits.get(visit)
        lines = [{**line, "why": "", "shown": False} for line in live["lines"]] if live else []
        total = live["total"] if live else "0"
        more = {"human": {"viewers": 0}, "decided_by": "software", "revisions": [], "cases": cases, "stored": stored}
        return {**base, "state": "inside", "lines": lines, "total": total, "due": "0", **more}
    last, receipt = issued[-1], issued[-1].receipt
    lines = [
        {
            "gtin": line.gtin,
            "name": line.name,
            "quantity": line.quantity,
            "unit_price": format(line.unit_price, "f"),
            "amount": format(line.cost, "f"),
            "offers": list(line.offers),
            "mass_g": line.mass_g,
            "why": line.why,
            "probability": line.probability,
            "shown": line.shown,
        }
        for line in receipt.lines
    ]
    human = receipt.human
    return {
        **base,
        "state": "final" if last.final else "provisional",
        "lines": lines,
        "total": format(receipt.total, "f"),
        "due": format(receipt.payable, "f"),
        "taxes": [
            {"name": t.name, "rate": format(t.rate, "f"), "net": format(t.net, "f"), "tax": format(t.tax, "f")}
            for t in receipt.taxes
        ],
        "decided_by": receipt.decided_by,
        "status": "settled" if receipt.status == "settled" else "asked",
        "p_exact": receipt.p_exact,
        "human": {"viewers": human.viewers, "clips": human.clips, "seconds": human.seconds, "last_at": human.last_at},
        "revisions": [
            {
                "revision": one.revision,
                "final": one.final,
                "reason": one.reason,
                "total": format(one.total, "f"),
                "issued_ns": one.issued_ns,
            }
            for one in issued
        ],
        "cases": cases,
        "stored": stored,
    }


@router.get("/s/{token}/qr", response_class=Response, responses={200: {"content": {"image/svg+xml": {}}}})
def qr(request: Request, token: str) -> Response:
    """The link as a QR code."""
    context, _ = _visit(request, token)
    return Response(qr_svg(f"{context.base_url}/s/{token}"), media_type="image/svg+xml")


@router.post("/s/{token}/disputes", status_code=201)
async def complain(request: Request, token: str, given: Complaint) -> dict[str, Any]:
    """One tap: this is wrong, or you missed something."""
    context, visit = _visit(request, token)
    gtin = given.gtin
    if gtin is None and given.line is not None:
        last = context.till.cashier.last(visit)
        lines = last.receipt.lines if last is not None else ()
        if given.line >= len(lines):
            raise ProblemError(422, f"line: found {given.line}, right: one of the receipt's {len(lines)}, from 0")
        gtin = lines[given.line].gtin
    case = NewCase(visit=visit, kind=given.kind, gtin=gtin, quantity=given.quantity, words=given.words)
    return await opened(context, case)


@play_router.get("/play")
def playing(request: Request, principal: Annotated[Principal, Depends(allowed("play"))]) -> dict[str, Any]:
    """The shopper that this user plays, and what can be reached. Only while the twin plays."""
    context = of(request)
    performer = context.performer
    if performer is None:
        raise ProblemError(404, "no twin plays here")
    name = context.play.get(principal.name)
    puppet = name[1] if name else None
    visit = performer.visit_of(f"you-{name[0]}") if name else None
    store = context.till.store
    return {
        "you": visit,
        "inside": puppet is not None and not puppet.gone,
        "done": list(puppet.done) if puppet is not None else [],
        "held": list(puppet.held) if puppet is not None else [],
        "link": f"{context.base_url}/s/{context.identity.link(visit)}" if visit else None,
        "facings": [
            {"fixture": f.fixture, "shelf": f.shelf, "plate": f.plates[0], "gtin": f.gtin} for f in store.planogram
        ],
    }


@play_router.post("/play")
def play(request: Request, given: Play, principal: Annotated[Principal, Depends(allowed("play"))]) -> dict[str, Any]:
    """Tell the played shopper what to do next; it is done after what was told before."""
    context = of(request)
    performer = context.performer
    if performer is None:
        raise ProblemError(404, "no twin plays here")
    found = context.play.get(principal.name)
    if given.action == "enter":
        if found is not None and not found[1].gone:
            raise ProblemError(409, "you are inside already")
        context.play["count"] = number = context.play.get("count", 0) + 1
        context.play[principal.name] = (f"{number}", performer.puppet(f"{number}"))
        return {"action": "enter", "waiting": 0}
    if found is None or found[1].gone:
        raise ProblemError(409, "you are not inside: enter first")
    action = next(one for one in ACTIONS if one == given.action)
    facing = next(
        (
            f
            for f in context.till.store.planogram
            if given.fixture == f.fixture
            and (given.shelf is None or given.shelf == f.shelf)
            and (given.plate is None or given.plate in f.plates)
            and (given.gtin is None or given.gtin == f.gtin or action == "put_back")
        ),
        None,
    )
    if action in ("walk", "take", "take_two") and facing is None:
        raise ProblemError(
            422, "found no such facing; right: a fixture and shelf of the planogram, and a plate or gtin"
        )
    found[1].wish(Wish(action, facing, given.gtin))
    return {"action": given.action, "waiting": len(found[1].wishes)}


def _visit(request: Request, token: str) -> tuple[Context, str]:
    paced(request)
    context = of(request)
    visit = context.identity.visit_of(token)
    if visit is None:
        raise ProblemError(404, "this link is not one of this shop's")
    return context, visit


def _stored(context: Context, visit: str) -> list[dict[str, Any]]:
    kept = context.till.evidence.of(visit)
    found: list[dict[str, Any]] = [
        {"what": "your receipts and payments, without your name", "until_ns": None, "why": "the law on bookkeeping"},
        {
            "what": "a code made from your card, which only this shop can match",
            "until_ns": None,
            "why": "to let you in",
        },
        {"what": "readings of shelves and positions of people, without pictures", "until_ns": None, "why": "journal"},
    ]
    if kept is not None:
        why = "to answer you if something is wrong"
        found.append({"what": "what the receipt rests on", "until_ns": kept["until_ns"], "why": why})
    return found
