"""Breaking the glass: the one way to video as it was taken. Two people, a reason, minutes; each byte is in the log."""

import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from walkout.live.break_glass import BreakGlass
from walkout.privacy.apart import PAIRS
from walkout.privacy.break_glass import MOST_MINUTES, MOST_WORDS, BreakGlassError, Glass, State
from walkout.recording.video import VideoMissingError
from walkout.web.api.access import Principal
from walkout.web.api.context import allowed, of
from walkout.web.api.problem import ProblemError

router = APIRouter(prefix="/break-glass", tags=["privacy"])
T = TypeVar("T")
NS = 1_000_000_000
RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")
Reads = Annotated[Principal, Depends(allowed("raw.read"))]
Asks = Annotated[Principal, Depends(allowed("raw.ask"))]
Approves = Annotated[Principal, Depends(allowed("raw.approve"))]


class Wish(BaseModel):
    """What somebody wants to see, why, and for how long."""

    camera: str = Field(min_length=1, max_length=64)
    from_ns: int = Field(ge=0, lt=2**62)
    seconds: int = Field(ge=1, le=600)
    minutes: int = Field(ge=1, le=MOST_MINUTES)
    reason: str = Field(min_length=1, max_length=MOST_WORDS)
    """One line that stands in the public log for ever: it must name nobody."""


@router.get("")
async def requests(request: Request, principal: Reads) -> dict[str, Any]:
    """What was asked, and what of it this person may do."""
    shop, me = of(request).shop, principal
    glass = _glass(request)

    def read() -> list[dict[str, Any]]:
        return [
            _row(one, state, me, hinders=glass.hinders(one, me.name) if state == "asked" else "")
            for one, state in glass.requests()
        ]

    return {
        "cameras": list(glass.cameras),
        "may_ask": me.may("raw.ask"),
        "items": await shop.do(read),
    }


@router.post("", status_code=201)
async def ask(request: Request, given: Wish, principal: Asks) -> dict[str, Any]:
    """Ask; another person has to approve within an hour."""
    start, end = given.from_ns, given.from_ns + given.seconds * NS
    act = _glass(request).ask
    made = await _do(
        request,
        lambda: act(principal.name, principal.role, given.camera, start, end, given.minutes, given.reason),
    )
    return _row(made, "asked", principal)


@router.post("/{request_id}/approve")
async def approve(request: Request, request_id: str, principal: Approves) -> dict[str, Any]:
    """Let somebody else look, from now on, for the minutes that they asked for."""
    act = _glass(request).approve
    return _row(await _do(request, lambda: act(request_id, principal.name, principal.role)), "open", principal)


@router.post("/{request_id}/end")
async def end(request: Request, request_id: str, principal: Reads) -> dict[str, Any]:
    """Take it back, refuse it, or close it early."""
    act, may = _glass(request).end, principal.may("raw.approve")
    made = await _do(request, lambda: act(request_id, principal.name, principal.role, may_approve=may))
    return _row(made, "over", principal)


@router.get("/{request_id}/video", response_class=Response, responses={206: {"content": {"video/mp4": {}}}})
async def video(request: Request, request_id: str, principal: Asks) -> Response:
    """The video as it was taken, a piece at a time; which bytes were shown to whom is in the log before they are."""
    text = request.headers.get("range", "")
    found = RANGE.fullmatch(text) if text else None
    if text and found is None:
        raise ProblemError(416, "found another kind of range, right: bytes=FIRST-LAST")
    first = int(found[1]) if found else 0
    last = int(found[2]) if found and found[2] else None
    act = _glass(request).show
    data, start, size = await _do(request, lambda: act(request_id, principal.name, first, last))
    headers = {
        "Cache-Control": "no-store",
        "Accept-Ranges": "bytes",
        "Content-Range": f"bytes {start}-{start + len(data) - 1}/{size}",
    }
    return Response(data, 200 if len(data) == size and not text else 206, headers, "video/mp4")


def _glass(request: Request) -> BreakGlass:
    return of(request).till.record.break_glass


async def _do(request: Request, what: Callable[[], T]) -> T:
    try:
        return await of(request).shop.do(what)
    except (BreakGlassError, VideoMissingError) as error:
        raise ProblemError(409, str(error)) from error


def _row(one: Glass, state: State, principal: Principal, *, hinders: str = "") -> dict[str, Any]:
    return {
        "id": one.id,
        "state": state,
        "asked_by": one.by,
        "role": one.role,
        "camera": one.camera,
        "from_ns": one.from_ns,
        "to_ns": one.to_ns,
        "minutes": one.minutes,
        "reason": one.reason,
        "asked_ns": one.asked_ns,
        "approved_by": one.approved_by,
        "approver_role": one.approver_role,
        "accounts": None if one.accounts is None else PAIRS[one.accounts],
        "until_ns": one.until_ns or None,
        "may_approve": state == "asked" and principal.may("raw.approve") and principal.name != one.by and not hinders,
        "hinders": hinders if principal.may("raw.approve") else "",
        "may_look": state == "open" and principal.name == one.by,
    }
