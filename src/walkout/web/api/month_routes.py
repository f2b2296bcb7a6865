"""The month certificates, in sentences and as the file that anybody can compute again."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from walkout.live.months import Month, Months
from walkout.review import month
from walkout.review.case import ReviewError
from walkout.web.api.context import allowed, of
from walkout.web.api.problem import ProblemError

router = APIRouter(tags=["review"])
RISKS = {"over": "were charged something that was not taken", "under": "were not charged something that was taken"}


@router.get("/review/months", dependencies=[Depends(allowed("review.read"))])
def months(request: Request) -> dict[str, Any]:
    """All months, the newest first: what is certified of each, or why nothing is yet."""
    till = of(request).till
    return {"items": [month_row(one) for one in _months(request).all()], "origin": till.store.origin, "next": None}


@router.get("/review/months/{name}", dependencies=[Depends(allowed("review.read"))])
def month_file(request: Request, name: str) -> Response:
    """A month's certificate with its draws and labels; `walkout certificate verify` computes it again."""
    try:
        data = _months(request).file(name.replace("\x00", ""))
    except ReviewError as error:
        raise ProblemError(409, str(error)) from error
    head = {"Content-Disposition": f'attachment; filename="certificate-{name[:7]}.json"', "Cache-Control": "no-store"}
    return Response(data, media_type="application/json", headers=head)


def month_row(one: Month) -> dict[str, Any]:
    """One month in sentences."""
    return {
        "month": one.month,
        "settled_alone": one.settled_alone,
        "drawn": one.drawn,
        "judged": one.judged,
        "commitment": one.commitment,
        "id": None if one.certificate is None else one.certificate["id"],
        "sentences": _sentences(one),
    }


def _sentences(one: Month) -> list[str]:
    made = one.certificate
    if made is None:
        so_far = f"Software settled {one.settled_alone:,} receipts alone so far; {one.drawn:,} of them were drawn for"
        return [f"{so_far} a blind audit, and people judged {one.judged:,}.", f"No certificate yet: {one.why_not}."]
    found = [month.sentence(made), *(_bound(made, risk, words) for risk, words in RISKS.items())]
    if made["not_judged"]:
        found.append(f"{made['not_judged']:,} of those drawn could not be judged; they count as wrong.")
    if not made["auditors"]["seeded"]:
        found.append("How much auditors miss was not measured this month, so the bounds are of what they would find.")
    return found


def _bound(made: Mapping[str, Any], risk: str, words: str) -> str:
    bound = made["bounds"][risk]
    return f"At most {bound['most']:,} of them {words} ({100 * (bound['share'] or 0.0):.2f} %)."


def _months(request: Request) -> Months:
    context = of(request)
    if context.months is None:
        till = context.till
        context.months = Months(till.queues, till.secrets, till.store)
    return context.months
