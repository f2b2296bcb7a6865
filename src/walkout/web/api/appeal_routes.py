"""Appeals: what the deciding person sees of each, and what they decide, as somebody else than who is concerned."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from walkout.review.appeals import overdue, rule
from walkout.review.hearing import Hearing, hearings
from walkout.web.api.access import Principal
from walkout.web.api.context import allowed, of
from walkout.web.api.desk_routes import did

router = APIRouter(tags=["review"])
Runs = Annotated[Principal, Depends(allowed("review.write"))]


class AppealRuling(BaseModel):
    """What another person decides of an appeal, in writing; `key`: the right answer, where it is upheld."""

    upheld: bool
    reason: str = Field(min_length=1, max_length=2000)
    key: str | None = Field(None, max_length=500)


@router.get("/review/appeals")
def all_appeals(request: Request, principal: Annotated[Principal, Depends(allowed("review.read"))]) -> dict[str, Any]:
    """Appeals, the oldest first, without the names of those who appeal."""
    till = of(request).till
    late = frozenset(overdue(till.database, till.queues.now_ns()))
    items = [appeal_row(one, principal.name, overdue=one.appeal.appeal in late) for one in hearings(till.database)]
    return {"items": items, "next": None}


def appeal_row(one: Hearing, asker: str, *, overdue: bool) -> dict[str, Any]:
    """One appeal as it is shown to somebody; `may_decide`: they neither filed it nor wrote the item."""
    appeal, labels = one.appeal, dict(one.body.candidates)
    return {
        "appeal": appeal.answer.partition("/")[0],
        "words": appeal.words,
        "filed_ns": appeal.filed_ns,
        "due_ns": appeal.due_ns,
        "overdue": overdue,
        "upheld": appeal.upheld,
        "decided_by": appeal.decided_by,
        "reason": appeal.reason,
        "question": {
            "sentence": one.body.words,
            "kind": one.body.kind,
            "event": one.body.event,
            "start_ns": one.body.start_ns,
            "candidates": [{"key": key, "label": label} for key, label in one.body.candidates],
        },
        "answer": one.answer,
        "answer_words": labels.get(one.answer or "", "cannot tell" if one.answer is None else one.answer),
        "known": one.known,
        "known_words": "taken out: it counts for nobody" if one.known is None else labels.get(one.known, one.known),
        "visit": one.visit,
        "may_decide": appeal.upheld is None and asker not in {appeal.worker, one.author},
    }


@router.post("/review/appeals/{token}/ruling")
async def appeal_ruling(request: Request, token: str, given: AppealRuling, principal: Runs) -> dict[str, Any]:
    """Decide an appeal, as neither the one who appealed nor the one who wrote the item."""
    context, till = of(request), of(request).till
    name, now_ns = f"appeal/{token.replace(chr(0), '')}/a", till.queues.now_ns()
    by, key = principal.name, given.key
    await did(
        context,
        lambda: rule(till.database, name, by, upheld=given.upheld, reason=given.reason, t_ns=now_ns, key=key),
    )
    return {"appeal": token, "upheld": given.upheld}
