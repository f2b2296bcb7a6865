"""The reviewer's desk: what may be looked at, questions one at a time, answers, breaks, and practice."""

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from walkout.labour import rest
from walkout.labour.floor import FloorError
from walkout.labour.ledger import LabourError
from walkout.labour.purposes import PURPOSES
from walkout.labour.rate import RateError
from walkout.labour.shift import running
from walkout.live.practice import practice
from walkout.live.reviewing import FLAGS
from walkout.live.watermark import stamped
from walkout.recording.video import VideoMissingError
from walkout.review.case import REASONS, Lease, LeaseLostError, ReviewError
from walkout.web.api.access import Principal
from walkout.web.api.context import Context, allowed, of
from walkout.web.api.evidence_clips import about_clips, clip, no_clip
from walkout.web.api.marked import ranged
from walkout.web.api.problem import ProblemError
from walkout.web.api.question_row import answer_key, product_row, question_row, source_of
from walkout.web.api.visit_routes import GTIN

router = APIRouter(tags=["desk"])
T = TypeVar("T")
NS = 1_000_000_000
Reads = Annotated[Principal, Depends(allowed("desk.read"))]
Writes = Annotated[Principal, Depends(allowed("desk.write"))]
WHAT: Final = {
    "settle": "Receipts that the software may not settle alone: one question, its candidates, the scale's curve.",
    "audit": "Visits drawn at random: you say what a party took, without seeing what the software or anybody said.",
    "dispute": "A shopper says that something on the receipt is not right.",
    "adjudicate": "Two people who looked apart from each other differ: you look a third time.",
    "gold": "Questions whose answer is known; they look like any other, and tell you first how you do.",
    "training": "Learning the work, paid.",
    "annotate": "Drawing boxes for learning, on visits whose party agreed to it.",
}


class Break(BaseModel):
    """Which break."""

    kind: str = Field("paid", pattern="^(paid|unpaid|recovery)$")
    """Paid rest from the screen, an unpaid meal, or paid recovery from what was seen."""


class Item(BaseModel):
    """Some of one product."""

    gtin: str = Field(pattern=GTIN)
    quantity: int = Field(1, ge=1, le=100)


class Answer(BaseModel):
    """What the reviewer says."""

    choice: str = Field(min_length=1, max_length=500)
    gtin: str | None = Field(None, pattern=GTIN)
    quantity: int | None = Field(None, ge=0, le=100)
    items: list[Item] = Field(default_factory=list, max_length=100)
    sure: str = Field("sure", pattern="^(sure|likely|unsure)$")
    idempotency_key: str = Field("", max_length=100)


class Practised(BaseModel):
    """An answer to a practice question."""

    token: str = Field(pattern=r"^practice-\d{1,6}$")
    choice: str = Field(min_length=1, max_length=100)
    gtin: str | None = Field(None, pattern=GTIN)
    quantity: int | None = Field(None, ge=0, le=100)


class Skip(BaseModel):
    """Why not this one; the first reason is as good as any."""

    reason: str = Field(REASONS[0], max_length=100)


class Flag(BaseModel):
    """What is wrong with a question, or with what it shows."""

    reason: str = Field(FLAGS[-1], max_length=100)
    words: str = Field("", max_length=500)


@router.get("/desk")
def desk(request: Request, principal: Reads) -> dict[str, Any]:
    """How somebody stands: shift, pay, purposes, what waits."""
    context, worker = of(request), principal.name
    place = member(context, worker)
    books, queues = context.till.books, context.till.queues
    now_ns, state = books.ledger.clock.now_ns(), books.ledger.desk(worker)
    card = books.card(place)
    accepted = books.accepted(worker)
    here = [i for i in books.ledger.intervals(worker) if state.open and i.shift == state.shift]
    parts = [*here, *running(state, now_ns)]
    kinds = {kind: sum(i.length_ns for i in parts if i.shown_kind == kind) for kind in {i.shown_kind for i in parts}}
    screen_ns = rest.screen_ns(parts)
    return {
        "worker": worker,
        "place": place,
        "origin": context.till.store.origin,
        "purposes": [_purpose(context, worker, name, name in accepted) for name in PURPOSES],
        "on_shift": state.open,
        "on_break": bool(state.rest),
        "shift": {
            "started_ns": state.start_ns if state.open else None,
            "active_s": round(kinds.get("active", 0) / NS),
            "paid_s": round(sum(i.length_ns for i in parts if i.paid) / NS),
            "waiting_s": round(kinds.get("waiting_paid", 0) / NS),
            "break_s": round((kinds.get("break_paid", 0) + kinds.get("break_unpaid", 0)) / NS),
            "earned": earned(card, parts),
            "hourly": format(card.rate(""), "f"),
            "currency": card.currency,
        },
        "break_due_in_s": max(0, round((rest.AFTER_NS - screen_ns) / NS)) if state.open else None,
        "waiting": sum(queues.open_counts(accepted - {"gold"}).values()),
        "held": [lease.token for lease in queues.held(worker)],
        "skip_reasons": list(REASONS),
        "flag_reasons": list(FLAGS),
        "outside_channel": context.till.wishes.outside_channel or context.till.record.outside_channel(),
        "warning": context.till.reviewing.warning(accepted - {"gold"}),
    }


@router.post("/desk/purposes/{name}/accept")
async def accept(request: Request, name: str, principal: Writes) -> dict[str, Any]:
    """Agree to one purpose, at the rate that was shown."""
    return await _choose(request, principal.name, name, accepts=True)


@router.post("/desk/purposes/{name}/withdraw")
async def withdraw(request: Request, name: str, principal: Writes) -> dict[str, Any]:
    """Do not want one purpose any more; nothing else changes."""
    return await _choose(request, principal.name, name, accepts=False)


@router.post("/desk/shift/start")
async def start(request: Request, principal: Writes) -> dict[str, Any]:
    """Begin a shift: from now on time is paid."""
    return await _shift(request, principal.name, "shift_started")


@router.post("/desk/shift/end")
async def stop(request: Request, principal: Writes) -> dict[str, Any]:
    """End the shift; what is in hand goes back, paid."""
    return await _shift(request, principal.name, "shift_ended")


@router.post("/desk/break/start")
async def break_start(request: Request, principal: Writes, given: Break | None = None) -> dict[str, Any]:
    """A break: paid rest from the screen, an unpaid meal, or paid recovery from what was seen."""
    kind = {"paid": "rest", "unpaid": "meal", "recovery": "recovery"}["paid" if given is None else given.kind]
    return await _shift(request, principal.name, "break_started", kind)


@router.post("/desk/break/end")
async def break_end(request: Request, principal: Writes) -> dict[str, Any]:
    """Back from the break."""
    return await _shift(request, principal.name, "break_ended")


@router.post("/desk/lease", response_model=None, responses={204: {"description": "Nothing to do; that time is paid."}})
async def lease(request: Request, principal: Writes) -> dict[str, Any] | Response:
    """The question in hand, or the next one; 204: nothing to do, and that time is paid."""
    context, worker = of(request), principal.name
    member(context, worker)
    found = await did(context, lambda: context.till.reviewing.lease(worker))
    return Response(status_code=204) if found is None else _shown(context, found)


@router.get("/desk/next")
async def ahead(request: Request, principal: Writes) -> dict[str, Any]:
    """The question after the one in hand, lent ahead to whoever asks; null: none. Asked again it is the same.

    It is theirs like any lease, and ends like one; it is answered once `POST /desk/lease` has brought it into the hand.
    Somebody else who is free may be lent it before that.
    """
    context, worker = of(request), principal.name
    member(context, worker)
    found = await did(context, lambda: context.till.reviewing.ahead(worker))
    return {"question": None if found is None else _shown(context, found)}


@router.get("/desk/leases/{token}")
def leased(request: Request, token: str, principal: Reads) -> dict[str, Any]:
    """The question of a lease of one's own, again."""
    context = of(request)
    return _shown(context, own(context, token, principal.name))


@router.post("/desk/leases/{token}/heartbeat")
async def heartbeat(request: Request, token: str, principal: Writes) -> dict[str, Any]:
    """A sign of life: the lease runs five minutes from now."""
    context, worker = of(request), principal.name
    own(context, token, worker)
    return {"expires_ns": await did(context, lambda: context.till.reviewing.renew(worker, token))}


@router.post("/desk/leases/{token}/answer")
async def answer(request: Request, token: str, given: Answer, principal: Writes) -> dict[str, Any]:
    """Answer; the same answer again gives the same and does nothing. For a minute it can be taken back."""
    context, worker, till = of(request), principal.name, of(request).till
    mine(context, token, worker)
    body = till.queues.body_of_token(token)
    key, sure = answer_key(till, body, given.model_dump()), given.sure
    await did(context, lambda: till.reviewing.submit(worker, token, key, sure))  # type: ignore[arg-type]
    # What it did is told of no question: not whether others agree, and else a gold question would show by its silence.
    return {
        "done": True,
        "undo_until_ns": till.queues.now_ns() + till.queues.undo_ns,
        "settled": None,
        "case": {"answers": None, "open": None},
    }


@router.post("/desk/leases/{token}/undo")
async def undo(request: Request, token: str, principal: Writes) -> dict[str, Any]:
    """Take the answer back: the same question, under a new token."""
    context, worker = of(request), principal.name
    mine(context, token, worker)
    return _shown(context, await did(context, lambda: context.till.reviewing.undo(worker, token)))


@router.post("/desk/leases/{token}/skip")
async def skip(request: Request, token: str, principal: Writes, given: Skip | None = None) -> dict[str, Any]:
    """Not this one; it costs nothing."""
    context, worker, reason = of(request), principal.name, (given or Skip()).reason
    own(context, token, worker)
    if reason not in REASONS:
        raise ProblemError(422, f"reason: found {reason!r}, right: one of {', '.join(REASONS)}")
    await did(context, lambda: context.till.reviewing.skip(worker, token, reason))
    return {"done": True}


@router.post("/desk/leases/{token}/return")
async def put_back(request: Request, token: str, principal: Writes) -> dict[str, Any]:
    """Put it back unlooked."""
    context, worker = of(request), principal.name
    own(context, token, worker)
    await did(context, lambda: context.till.reviewing.put_back(worker, token))
    return {"done": True}


@router.post("/desk/leases/{token}/flag")
async def flag(request: Request, token: str, principal: Writes, given: Flag | None = None) -> dict[str, Any]:
    """Say what is wrong with a question, or with what it shows; the lease goes on."""
    context, worker, said = of(request), principal.name, given or Flag()
    own(context, token, worker)
    if said.reason not in FLAGS:
        raise ProblemError(422, f"reason: found {said.reason!r}, right: one of {', '.join(FLAGS)}")
    await did(context, lambda: context.till.reviewing.flag(token, said.reason, said.words.replace("\x00", "")))
    return {"done": True}


@router.get(
    "/desk/clips/{token}/{number}",
    response_class=Response,
    responses={200: {"content": {"video/mp4": {}}, "description": "A redacted clip with the lease's mark in it."}},
)
async def show(request: Request, token: str, number: int, principal: Reads) -> Response:
    """A redacted clip of a question in one's own hands, the lease's mark burnt into each picture; never stored."""
    context, worker = of(request), principal.name
    held = own(context, token, worker)
    video, camera = clip(context.till, held, number)
    try:
        marked = await context.marked.get((token, number), lambda: stamped(video, f"{token[:8]} {worker[:12]}"))
    except VideoMissingError as error:
        raise ProblemError(503, str(error)) from error
    await did(context, lambda: _viewed(context, held, number, worker))
    headers = {"Cache-Control": "no-store, private", "Content-Disposition": "inline", "X-Watermark": token[:8]}
    return ranged(marked, request.headers.get("range", ""), headers | {"X-Camera": camera})


def _viewed(context: Context, held: Lease, number: int, worker: str) -> None:
    """Enter a look into the log before it is shown, the first time."""
    if context.till.desk.viewed(held.token, number):
        visit = source_of(held)
        last = context.till.cashier.last(visit)
        entered_ns = held.leased_ns if last is None else last.receipt.entered_ns
        context.till.record.looked(visit, entered_ns, worker, held.purpose, "clip")


@router.get("/desk/catalogue", dependencies=[Depends(allowed("desk.read"))])
def catalogue(request: Request, q: Annotated[str, Query(max_length=100)] = "") -> dict[str, Any]:
    """Products whose name or number holds these words, for an answer that is not among the candidates."""
    words = q.casefold().split()
    products = of(request).till.store.products.values()
    found = [p for p in products if all(word in f"{p.name} {p.gtin}".casefold() for word in words)]
    return {"items": [product_row(one) for one in found[:20]], "next": None}


@router.get("/desk/practice", dependencies=[Depends(allowed("desk.read"))])
def practise(request: Request, n: Annotated[int, Query(ge=0, le=999_999)] = 0) -> dict[str, Any]:
    """A made-up question to practise on; nothing of it is recorded."""
    till = of(request).till
    made = practice(till.store, n)
    if made is None:
        raise ProblemError(404, "no product here has a known mass and a place to practise with")
    plate = {"id": f"{made.fixture}/{made.shelf}/{made.plate}", "t_ns": made.t_ns, "mass_g": made.mass_g}
    ends = {"t0_ns": made.t_ns[0], "t1_ns": made.t_ns[-1], "event_ns": made.event_ns}
    gtins = [key for key, _ in made.candidates if key in till.store.products]
    return {
        "token": made.token,
        "purpose": "training",
        "kind": made.kind,
        "sentence": made.words,
        "candidates": [
            {
                "key": key,
                "label": words,
                "gtin": key if key in gtins else None,
                "picture": None,
                "quantity": int(key) if made.kind == "count" else None,
                "note": None,
            }
            for key, words in made.candidates
        ],
        "other_allowed": True,
        "expires_ns": None,
        "evidence": {
            "clips": [],
            "curve": {"plates": [plate], **ends},
            "products": [product_row(till.store.products[gtin]) for gtin in gtins],
            "place": {"fixture": made.fixture, "shelf": made.shelf, "plates": [made.plate]},
            "reaches": [],
            "tracks": [],
        },
        "visit_short": "",
        "blind": False,
        "practice": True,
    }


@router.post("/desk/practice/answer", dependencies=[Depends(allowed("desk.write"))])
def practised(request: Request, given: Practised) -> dict[str, Any]:
    """Whether a practice answer is right, and why."""
    made = practice(of(request).till.store, int(given.token.removeprefix("practice-")))
    if made is None:
        raise ProblemError(404, "no such practice question")
    other = given.gtin if made.kind == "what" else str(given.quantity)
    said = other if given.choice == "other" else given.choice
    return {"right": said == made.right, "answer": made.right, "why": made.why}


def member(context: Context, worker: str) -> str:
    """Where somebody of the team works; 409 for whoever is not on it."""
    place = context.till.reviewing.place_of(worker)
    if place is None:
        raise ProblemError(409, "you are not on the review team yet: an admin adds you, with where you work and how")
    return place


def mine(context: Context, token: str, worker: str) -> str:
    """The purpose of a lease that is, or was, one's own; 404 for any other."""
    found = context.till.queues.purpose_of(token, worker)
    if found is None:
        raise ProblemError(404, "no such lease of yours")
    return found


def own(context: Context, token: str, worker: str) -> Lease:
    """A lease that runs, of one's own; 404 for another one's, 409 for one that is over."""
    mine(context, token, worker)
    found = context.till.queues.of_token(token, worker)
    if found is None:
        raise ProblemError(409, "this lease is over; the time until then is paid. Take the next question")
    return found


async def did(context: Context, what: Callable[[], T]) -> T:
    """Do something where the till runs; what the desk or the ledger refuses is a 409."""
    try:
        return await context.shop.do(what)
    except LeaseLostError as error:
        raise ProblemError(409, str(error)) from error
    except (ReviewError, LabourError, RateError, FloorError) as error:
        raise ProblemError(409, str(error)) from error


def earned(card: Any, parts: Any) -> str:
    """What stretches of time come to at a card's rates, before rounding and the floor; for orientation."""
    total = sum((card.rate(i.purpose) * i.length_ns / (3600 * NS) for i in parts if i.paid), card.rate("") * 0)
    return format(total.quantize(card.rate("").quantize(total.__class__("0.01"))), "f")


async def _shift(request: Request, worker: str, kind: str, detail: str = "") -> dict[str, Any]:
    context = of(request)
    member(context, worker)
    await did(context, lambda: context.till.reviewing.shift(worker, kind, detail))
    state = context.till.books.ledger.desk(worker)
    return {"on_shift": state.open, "on_break": bool(state.rest)}


async def _choose(request: Request, worker: str, name: str, *, accepts: bool) -> dict[str, Any]:
    context = of(request)
    member(context, worker)
    if name not in PURPOSES:
        raise ProblemError(404, f"no purpose {name[:40]!r}; right: one of {', '.join(PURPOSES)}")
    act = context.till.books.accept if accepts else context.till.books.withdraw
    await did(context, lambda: act(worker, name))
    return {"name": name, "accepted": name in context.till.books.accepted(worker)}


def _purpose(context: Context, worker: str, name: str, accepted: bool) -> dict[str, Any]:
    found = context.till.books.estimate(worker, name)
    return {
        "name": name,
        "what": WHAT[name],
        "accepted": accepted,
        "rate": format(found.hourly, "f"),
        "hourly": format(found.hourly, "f"),
        "currency": found.currency,
        "p50_s": found.seconds_p50,
        "p90_s": found.seconds_p90,
        "p50_pay": None if found.pay_p50 is None else format(found.pay_p50, "f"),
        "p90_pay": None if found.pay_p90 is None else format(found.pay_p90, "f"),
        "units": found.units,
        "estimate_from": found.units,
    }


def _shown(context: Context, lease: Lease) -> dict[str, Any]:
    clips, keeper = about_clips(context.till, lease), context.shop.clips
    row = question_row(context.till, lease, clips)
    waiting = {} if keeper is None else keeper.work.waiting
    row["evidence"]["covered"] = bool(clips) and context.till.reviewing.distressing(source_of(lease))
    row["evidence"]["no_clip"] = None if clips else no_clip(context.till, lease, waiting)
    return row
