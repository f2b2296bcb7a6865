"""What anybody may ask of the shop without a session: the report, the label, the dial, the sign, the bundle.

Nothing here depends on who asks. What may be a minute old may be cached a minute; what must be true now may not.
"""

import time
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response

from walkout.disclosure.report import label, to_json
from walkout.disclosure.sign import sign
from walkout.disclosure.source import DisclosureError, month
from walkout.web.api.access import Principal
from walkout.web.api.context import Context, allowed, of
from walkout.web.api.dial import dial
from walkout.web.api.problem import ProblemError

CACHED: Final = {"Cache-Control": "public, max-age=60"}
NEVER: Final = {"Cache-Control": "no-store"}
MONTH: Final = r"^\d{4}-(0[1-9]|1[0-2])$"

router = APIRouter(prefix="/public", tags=["public"])
proof_router = APIRouter(tags=["reviewer"])
Month = Annotated[str | None, Query(alias="month", pattern=MONTH, description="Which month, in UTC; else this one.")]


def paced_public(request: Request) -> None:
    """Refuse whoever asks too often: reports cost the shop some work."""
    caller = request.client.host if request.client else "?"
    wait_s = of(request).public.spend(caller)
    if wait_s:
        raise ProblemError(429, "too many requests", {"Retry-After": str(int(wait_s) + 1)})


paced = Depends(paced_public)


@router.get("/disclosure", dependencies=[paced], response_class=Response)
def disclosure(request: Request, named: Month = None) -> Response:
    """The report human-work-disclosure/0.1 of a month, byte for byte as `walkout disclose` writes it."""
    return Response(to_json(_report(of(request), named)), media_type="application/json", headers=CACHED)


@router.get("/label", dependencies=[paced])
def label_of(request: Request, named: Month = None) -> JSONResponse:
    """The report in a few sentences, and the counts in them."""
    made = _report(of(request), named)
    visits = made["visits"]
    return JSONResponse(
        {
            "sentences": label(made),
            "visits": visits["total"]["n"],
            "settled_alone": visits["settled_by_software"]["n"],
            "settled_by_person": visits["settled_by_person"]["n"],
            "unanswered": visits["unanswered"]["n"],
            "questions_to_settle": made["headline"]["questions_to_settle_per_1000"]["n"],
            "seen_by_any_person": made["headline"]["seen_by_any_person_per_1000"]["n"],
            "paid_hours": made["human_work"]["paid_hours"]["value"],
            "origin": made["origin"],
            "month": made["period"]["month"],
        },
        headers=CACHED,
    )


@router.get("/dial", dependencies=[paced])
def dial_of(request: Request, named: Month = None) -> JSONResponse:
    """What other bars for settling alone would have meant for the month's visits."""
    context = of(request)
    made = _report(context, named)
    found = dial(context.till.database, month(made["period"]["month"]), made)
    return JSONResponse({**found, "origin": made["origin"], "now": context.settle_at}, headers=CACHED)


@router.get("/notice", dependencies=[paced])
def notice(request: Request) -> JSONResponse:
    """The sign at the door and the notice behind it, from how the shop is set up at this moment."""
    context = of(request)
    wishes = context.till.wishes
    settings = context.till.record.settings(
        evidence_days=wishes.evidence_days, answer_within_ns=wishes.answer_within_ns, settle_at=context.settle_at
    )
    return JSONResponse(sign(settings, _report(context, None)), headers=NEVER)


@router.get("/checkpoint", dependencies=[paced])
def checkpoint(request: Request) -> JSONResponse:
    """The log's signed head and its kept checkpoints, for a witness and for whoever keeps a copy."""
    log = of(request).till.vault.log
    kept = [_point(one) for one in log.checkpoints()]
    return JSONResponse({"head": _point(log.head), "checkpoints": kept}, headers=NEVER)


@router.get("/bundle", dependencies=[paced], response_class=Response)
def bundle(request: Request, named: Month = None) -> Response:
    """Log, report and the page that checks them offline, in one archive."""
    context = of(request)
    wait_s = context.bundles.spend("anybody")
    if wait_s:
        raise ProblemError(429, "the bundle is being made for others", {"Retry-After": str(int(wait_s) + 1)})
    name = named or this_month()
    try:
        data = context.till.record.zipped(name)
    except DisclosureError as error:
        raise ProblemError(422, str(error)) from error
    headers = {**CACHED, "Content-Disposition": f'attachment; filename="bundle-{name}.zip"'}
    return Response(data, media_type="application/zip", headers=headers)


@proof_router.get("/shift/proof")
async def shift_proof(
    request: Request, principal: Annotated[Principal, Depends(allowed("proof.read"))], named: Month = None
) -> dict[str, Any]:
    """The reviewer's own paper: each of their hours, looks and statements of a month, with its proof."""
    shop = of(request).shop
    return await shop.do(lambda: shop.till.record.proofs.of_worker(principal.name, named or this_month()))


def _report(context: Context, name: str | None) -> dict[str, Any]:
    try:
        return context.till.record.report(name or this_month())
    except DisclosureError as error:
        raise ProblemError(422, str(error)) from error


def _point(one: Any) -> dict[str, Any]:
    return {
        "size": one.size,
        "root": one.root.hex(),
        "t_ns": one.t_ns,
        "key": one.key.hex(),
        "signature": one.signature.hex(),
        "hash": one.hash(),
    }


def this_month() -> str:
    """The month that it is, in UTC."""
    return datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m")
