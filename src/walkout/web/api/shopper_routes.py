"""The shopper's own page, by a signed link and without an account; and, in the demo, a shopper to play."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from walkout.checkout.ledger import LedgerError
from walkout.checkout.receipt import Line
from walkout.labour.ledger import LabourError
from walkout.live.erasure import STAYS, ErasureError, erase_visit
from walkout.live.newcomer import SIMULATED, answered_by, seat
from walkout.live.own_copy import looks_of, own_archive
from walkout.live.qr import qr_svg
from walkout.review.case import ReviewError
from walkout.twin.interactive import ACTIONS, Wish
from walkout.web.api.access import Principal
from walkout.web.api.context import Context, allowed, of, paced
from walkout.web.api.mail_routes import mail_of, shopper_visit
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


class Asking(BaseModel):
    """What the shopper adds to their wish, if anything."""

    words: str = Field("", max_length=1000)


class Play(BaseModel):
    """What the played shopper does next."""

    action: str = Field(pattern="^(enter|walk|take|take_two|put_back|hide|leave)$")
    fixture: str | None = Field(None, max_length=100)
    shelf: int | None = Field(None, ge=1, le=100)
    plate: int | None = Field(None, ge=1, le=1000)
    gtin: str | None = Field(None, pattern=GTIN)


def _line(line: Line) -> dict[str, Any]:
    return {
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


@router.get("/s/{token}")
def own(request: Request, token: str) -> dict[str, Any]:
    """A shopper's visit: the basket while inside, the receipt after it, and what is stored about them."""
    context, visit = shopper_visit(request, token)
    till = context.till
    try:
        payment = till.ledger.payment(visit)
    except LedgerError as error:
        raise ProblemError(404, "this visit is not here any more") from error
    issued = till.ledger.receipts(visit)
    base = {
        "visit": visit,
        "store": {"name": till.record.shown_name(), "timezone": till.store.timezone},
        "mail": mail_of(context, visit),
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
    lines = [_line(line) for line in receipt.lines]
    human = receipt.human
    return {
        **base,
        "state": "final" if last.final else "provisional",
        "lines": lines,
        "withheld": [_line(line) for line in receipt.withheld],
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
    context, visit = shopper_visit(request, token)
    return Response(qr_svg(context.link(visit)), media_type="image/svg+xml")


@router.post("/s/{token}/disputes", status_code=201)
async def complain(request: Request, token: str, given: Complaint) -> dict[str, Any]:
    """One tap: this is wrong, or you missed something."""
    context, visit = shopper_visit(request, token)
    gtin = given.gtin
    if gtin is None and given.line is not None:
        last = context.till.cashier.last(visit)
        lines = last.receipt.lines if last is not None else ()
        if given.line >= len(lines):
            raise ProblemError(422, f"line: found {given.line}, right: one of the receipt's {len(lines)}, from 0")
        gtin = lines[given.line].gtin
    case = NewCase(visit=visit, kind=given.kind, gtin=gtin, quantity=given.quantity, words=given.words)
    return await opened(context, case)


@router.get("/s/{token}/looks")
async def looks(request: Request, token: str) -> dict[str, Any]:
    """Who looked at this visit, when, at what and why; roles, no names. From the log, as the paper proves it."""
    context, visit = _visit(request, token)
    paper = await _paper(context, visit)
    return {"items": _looks(paper), "proven": paper is not None}


@router.get("/s/{token}/proof")
async def proof(request: Request, token: str) -> dict[str, Any]:
    """The shopper's paper: each entry of the log about this visit, with its proof; for the page of the bundle."""
    context, visit = _visit(request, token)
    paper = await _paper(context, visit)
    if paper is None:
        raise ProblemError(404, "nothing of this visit is in the log, or it was erased")
    return paper


@router.get("/s/{token}/export", response_class=Response, responses={200: {"content": {"application/zip": {}}}})
async def export(request: Request, token: str) -> Response:
    """All that is stored about this visit in one archive; clips as reviewers see them, everybody else filled."""
    context, visit = _visit(request, token)
    data = await context.shop.do(lambda: own_archive(context.till, visit, _stored(context, visit)))
    headers = {"Content-Disposition": 'attachment; filename="my-visit.zip"', "Cache-Control": "no-store"}
    return Response(data, media_type="application/zip", headers=headers)


@router.post("/s/{token}/erase")
async def erase(request: Request, token: str) -> dict[str, Any]:
    """Erase what is kept of this visit; says what stays, and why."""
    context, visit = _visit(request, token)
    till = context.till
    try:
        done = await context.shop.do(lambda: erase_visit(till.database, till.record, visit))
    except ErasureError as error:
        raise ProblemError(409, str(error)) from error
    return {
        "keys": done.keys,
        "files": done.files,
        "rows": done.rows,
        "raw_waits": done.raw_waits,
        "stays": list(STAYS),
    }


@router.post("/s/{token}/review", status_code=201)
async def ask_a_person(request: Request, token: str, given: Asking) -> dict[str, Any]:
    """A person looks at this receipt because the shopper wants it; no reason is needed."""
    context, visit = _visit(request, token)
    words = given.words or "the shopper asks that a person looks at this receipt"
    return await opened(context, NewCase(visit=visit, kind="wrong", gtin=None, quantity=None, words=words))


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
        "answered_by": _answered_by(context, visit, principal.name) if visit else None,
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


@play_router.post("/play/review")
async def review_own(request: Request, principal: Annotated[Principal, Depends(allowed("play"))]) -> dict[str, Any]:
    """Sit down as the reviewer of one's own receipt: on shift, its question in hand. Only in a demonstration.

    The answer comes when the question is there, or when it is sure that none comes.
    """
    context = of(request)
    found = context.play.get(principal.name)
    visit = context.performer.visit_of(f"you-{found[0]}") if context.performer is not None and found else None
    if not context.newcomer or visit is None or "reviewer" not in principal.also:
        raise ProblemError(404, "nobody reviews their own receipt here, or you have none")
    try:
        lease = await seat(context.shop, principal.name, visit)
    except (LabourError, ReviewError) as error:
        raise ProblemError(409, str(error)) from error
    return {"held": lease is not None}


def _answered_by(context: Context, visit: str, name: str) -> str | None:
    by = answered_by(context.till, visit)
    return None if by is None else "you" if by == name else "simulated" if by == SIMULATED else "a person"


def _visit(request: Request, token: str) -> tuple[Context, str]:
    paced(request)
    context = of(request)
    visit = context.identity.visit_of(token)
    if visit is None:
        raise ProblemError(404, "this link is not one of this shop's")
    return context, visit


async def _paper(context: Context, visit: str) -> dict[str, Any] | None:
    record = context.till.record

    def made() -> dict[str, Any] | None:
        record.work()
        return record.proofs.of_visit(visit)

    return await context.shop.do(made)


def _looks(paper: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [] if paper is None else looks_of(paper)


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
    policy, clips = context.till.record.policy.keep_ns, context.till.vault.clips.names(visit)
    found.append({"what": "that somebody looked, without your name", "until_ns": None, "why": "the public log"})
    if context.till.store.cameras:
        hours = policy["raw"] / 3.6e12
        found.append(
            {"what": f"video, under a key that ends after {hours:g} hours", "until_ns": None, "why": "receipts"}
        )
    if clips:
        hours = policy["clip"] / 3.6e12
        what = f"{len(clips)} redacted clips, until {hours:g} hours after they were made"
        found.append({"what": what, "until_ns": None, "why": "to answer what software could not"})
    if copies := context.till.vault.training.names(visit):
        until_ns = context.till.vault.keys.get("training", visit).created_ns + policy["training"]
        what = f"{len(copies)} copies of redacted clips for learning, under a key of their own"
        why = "you agreed to it; taken back as easily, below"
        found.append({"what": what, "until_ns": until_ns, "why": why})
    if kept is not None:
        why = "to answer you if something is wrong"
        found.append({"what": "what the receipt rests on", "until_ns": kept["until_ns"], "why": why})
    if context.till.addresses.of(visit) is not None:
        kept_days = context.till.wishes.evidence_days
        why = f"to send you this receipt; deleted {kept_days:g} days after you gave it"
        found.append({"what": "your e-mail address", "until_ns": None, "why": why})
    return found
