"""Annotation over HTTP: the shopper's consent, a clip in somebody's hands with its marks, and an operator's offer."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from walkout.learning.annotation import AnnotationError, corrected, from_plain, plain
from walkout.learning.dataset import PURPOSE, annotated, keep, newest, sheet
from walkout.live.annotating import gone, offer_agreed, offer_visit
from walkout.live.training_copies import agreed_to
from walkout.live.training_copies import taken_back as take_back
from walkout.privacy.retention import DAY_NS
from walkout.review.case import Lease
from walkout.review.consent import agreed, consent_of, taken_back, told
from walkout.review.waiting import waiting
from walkout.web.api.access import Principal
from walkout.web.api.context import Context, allowed, of, paced
from walkout.web.api.desk_routes import did, member, own
from walkout.web.api.evidence_clips import about_clips
from walkout.web.api.problem import ProblemError

router = APIRouter(tags=["annotation"])
Writes = Annotated[Principal, Depends(allowed("desk.write"))]
MOST = 5_000
"""Marks of one clip at most."""


class Agreeing(BaseModel):
    """Whether a shopper agrees that their redacted clips are annotated."""

    agree: bool


class Marks(BaseModel):
    """All marks of a clip, as a person leaves them."""

    marks: list[dict[str, Any]] = Field(max_length=MOST)
    spans: list[dict[str, Any]] = Field(max_length=MOST)


@router.get("/s/{token}/consent")
def consent(request: Request, token: str) -> dict[str, Any]:
    """What a shopper may agree to, in sentences, and whether they did: nobody has, unless they said so.

    `clips`: how many of this visit there are now, `copies`: for learning. `possible`: whether this shop makes any.
    """
    context, visit = _visit(request, token)
    till = context.till
    found = consent_of(till.database, visit)
    words = _words(context) if found is None else found.words
    clips, copies = len(till.vault.clips.names(visit)), len(till.vault.training.names(visit))
    return {
        "words": words,
        "sentences": words.splitlines(),
        "agreed": found is not None,
        "agreed_ns": None if found is None else found.t_ns,
        "clips": clips,
        "copies": copies,
        "possible": bool(till.store.cameras) or clips + copies > 0,
    }


@router.post("/s/{token}/consent")
async def agreeing(request: Request, token: str, given: Agreeing) -> dict[str, Any]:
    """Agree, or take it back: then all that was marked in one's clips is deleted, and the key of their copy ends."""
    context, visit = _visit(request, token)
    database, vault, now_ns = context.till.database, context.till.vault, time.time_ns()
    if given.agree:
        await did(context, lambda: agreed_to(database, vault, visit, now_ns, _words(context)))
        return {"agreed": True, "deleted": 0}
    return {"agreed": False, "deleted": await did(context, lambda: take_back(database, vault, visit, now_ns))}


@router.post("/review/visits/{visit}/annotate", status_code=201, dependencies=[Depends(allowed("review.write"))])
async def offer_clips(request: Request, visit: str) -> dict[str, Any]:
    """Put a visit's redacted clips before people who accepted to annotate; 409 without the shopper's consent."""
    context, till = of(request), of(request).till
    name, now_ns = visit.replace("\x00", ""), till.queues.now_ns()
    vault, origin = till.vault, till.store.origin
    made = await did(context, lambda: offer_visit(till.queues, vault, name, origin, detect=None, now_ns=now_ns))
    return {"clips": list(made)}


@router.post("/review/annotations/offer", dependencies=[Depends(allowed("review.write"))])
async def offer_all(request: Request) -> dict[str, Any]:
    """Put the redacted clips of every visit whose shopper agreed before people; nobody chooses, or learns, whose."""
    context, till = of(request), of(request).till
    vault, origin, now_ns = till.vault, till.store.origin, till.queues.now_ns()
    made = await did(context, lambda: offer_agreed(till.queues, vault, origin, detect=None, now_ns=now_ns))
    return {"clips": made}


@router.get("/review/annotations", dependencies=[Depends(allowed("review.read"))])
def data_set(request: Request) -> dict[str, Any]:
    """The data set as it stands: whose consent, how many people's hours, at what pay. No marks, and no pictures.

    With it how many visits' consent stands, how many took it back, and what waits at the desk.
    """
    till = of(request).till
    engine = till.database
    rows = [one for one in waiting(engine, till.queues.now_ns()) if one.purpose == PURPOSE]
    more = {
        "visits_agreed": len(agreed(engine)),
        "visits_taken_back": taken_back(engine),
        "clips_waiting": sum(one.open for one in rows),
        "clips_in_hand": sum(one.leased for one in rows),
    }
    return sheet(engine, annotated(engine)) | more


@router.post("/desk/annotations/lease")
async def lease(request: Request, principal: Writes) -> Any:
    """The next clip to annotate; 204: there is none, and that time is paid. 409: a question is in hand.

    Clips that ended meanwhile, as all do, are passed over, and nobody is asked about them again.
    """
    context, worker = of(request), principal.name
    member(context, worker)
    reviewing = context.till.reviewing
    while (found := await did(context, lambda: reviewing.lease(worker, only=frozenset({PURPOSE})))) is not None:
        if found.purpose != PURPOSE:
            raise ProblemError(409, "a question is in your hands: answer it first, or put it back")
        if newest(context.till.database, _clip(found)) is not None and about_clips(context.till, found):
            return _shown(context, found)
        await did(context, lambda: _over(context, worker, found))
    return Response(status_code=204)


@router.get("/desk/annotations/{token}")
def leased(request: Request, token: str, principal: Annotated[Principal, Depends(allowed("desk.read"))]) -> Any:
    """A clip in one's own hands, again, with its marks."""
    context = of(request)
    return _shown(context, own(context, token, principal.name))


@router.put("/desk/annotations/{token}")
async def mark(request: Request, token: str, given: Marks, principal: Writes) -> dict[str, Any]:
    """Leave the marks of a clip as they are to be: a version of its own, and the end of the lease."""
    context, worker, till = of(request), principal.name, of(request).till
    found = own(context, token, worker)
    draft = _draft(context, found)
    try:
        read = from_plain(plain(draft) | {"marks": given.marks, "spans": given.spans})
    except AnnotationError as error:
        raise ProblemError(422, str(error)) from error
    made = corrected(draft, read.marks, read.spans)

    def act() -> int:
        number = keep(till.database, found.visit, made, by="person", t_ns=till.queues.now_ns())
        till.reviewing.submit(worker, token, f"revision {number}", "sure")
        return number

    return {"revision": await did(context, act), "done": True}


def _shown(context: Context, found: Lease) -> dict[str, Any]:
    draft = plain(_draft(context, found))
    return {
        "covered": context.till.reviewing.distressing(found.visit),
        "token": found.token,
        "sentence": found.body.words,
        "expires_ns": found.until_ns,
        "clips": about_clips(context.till, found),
        "draft": {key: value for key, value in draft.items() if key != "consent"},
    }


def _draft(context: Context, found: Lease) -> Any:
    if found.purpose != PURPOSE:
        raise ProblemError(404, "no clip to annotate under this lease")
    draft = newest(context.till.database, _clip(found))
    if draft is None:
        raise ProblemError(409, "the shopper took their consent back; your time until now is paid. Put it back")
    return draft


def _clip(found: Lease) -> str:
    return found.question.removeprefix(f"{PURPOSE}/")


def _over(context: Context, worker: str, found: Lease) -> None:
    context.till.reviewing.put_back(worker, found.token)
    gone(context.till.queues, found.question)


def _words(context: Context) -> str:
    keep_ns = context.till.record.policy.keep_ns
    return told(keep_ns["clip"] / 3.6e12, keep_ns["training"] / DAY_NS)


def _visit(request: Request, token: str) -> tuple[Context, str]:
    paced(request)
    context = of(request)
    visit = context.identity.visit_of(token)
    if visit is None:
        raise ProblemError(404, "this link is not one of this shop's")
    return context, visit
