"""The operator's side of the desk: how it stands, its cases, appeals, the team, rate cards, and figures of nobody."""

import time
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import func, select

from walkout.checkout import tables as checkout
from walkout.checkout.receipt import HumanWork
from walkout.live.disputes import DisputeError
from walkout.live.shadow import MOST_TRIES, planned
from walkout.live.till import Till
from walkout.review import tables
from walkout.review.case import body_from
from walkout.review.gold import put_gold
from walkout.review.slots import last_resolution
from walkout.web.api.access import Principal
from walkout.web.api.context import allowed, of
from walkout.web.api.desk_routes import did
from walkout.web.api.problem import ProblemError

router = APIRouter(tags=["review"])
Runs = Annotated[Principal, Depends(allowed("review.write"))]
SECONDS_A_LABEL = 2.05 * 60.0
DAY_NS = 86_400 * 1_000_000_000


class Ruling(BaseModel):
    """What an operator decides of a dispute."""

    case: str = Field(min_length=1, max_length=64)
    outcome: str = Field(pattern="^(upheld|rejected|added)$")
    note: str = Field(min_length=1, max_length=1000)


class Gold(BaseModel):
    """A question whose answer is known now."""

    question: str = Field(min_length=1, max_length=200)
    key: str = Field(min_length=1, max_length=500)


@router.get("/review/overview", dependencies=[Depends(allowed("review.read"))])
def overview(request: Request) -> dict[str, Any]:
    """Whether software may settle alone, and why; what waits; how much people looked."""
    till = of(request).till
    watch = till.desk.watch
    done, a_day = _shadow_labels(till)
    blind = watch.state == "shadow" and watch.wants_labels
    tries = next((k for k in range(MOST_TRIES) if planned(watch.levels, k) > done), MOST_TRIES) if blind else 0
    left = planned(watch.levels, tries) - done if blind else None
    return {
        "mode": "alone" if watch.state == "alone" else "shadow" if blind else "ask-all",
        "why": watch.why,
        "origin": till.store.origin,
        "labels_left": left,
        "days_left": None if left is None or not a_day else round(left / a_day, 1),
        "paid_hours_left": None if left is None else round(left * SECONDS_A_LABEL / 3600, 1),
        "certificate": _certificate(till),
        "running": {
            name: {"estimate": b.estimate, "low": b.low, "high": b.high, "labels": b.labels}
            for name, b in watch.running().items()
        }
        | {"alarm": watch.state == "asks_all"},
        "queues": _queues(till),
        "per_1000": _per_1000(till),
        "drift": [
            {"risk": risk, "e_value": round(drift.value, 3), "labels": drift.count, "alarmed": drift.alarmed}
            for risk, drift in (("wrong", watch.guard.wrong_drift), ("overcharged", watch.guard.over_drift))
        ],
        "moves": _moves(till),
        "commitments": _commitments(till),
    }


@router.get("/review/cases", dependencies=[Depends(allowed("review.read"))])
def cases(
    request: Request,
    cursor: Annotated[str, Query(max_length=200)] = "",
    state: Annotated[str | None, Query(pattern="^(open|settled|shown_only)$")] = None,
) -> dict[str, Any]:
    """Cases, the newest first. Nobody's name stands in them."""
    till = of(request).till
    of_ = tables.cases.c
    query = select(tables.cases).order_by(of_.opened_ns.desc(), of_.visit.desc())
    query = query if state is None else query.where(of_.state == state)
    if cursor:
        opened, _, visit = cursor.replace("\x00", "").partition("~")
        if not opened.isdecimal() or len(opened) > 19:
            raise ProblemError(422, "cursor: found something else than an answer's own 'next'")
        at = min(int(opened), 2**62)
        query = query.where((of_.opened_ns < at) | ((of_.opened_ns == at) & (of_.visit < visit)))
    with till.queues.reading.begin() as connection:
        rows = connection.execute(query.limit(51)).all()
    items = [_case(row) for row in rows[:50]]
    last = rows[49] if len(rows) > 50 else None
    return {"items": items, "next": None if last is None else f"{last.opened_ns}~{last.visit}"}


@router.get("/review/cases/{visit}", dependencies=[Depends(allowed("review.read"))])
def case(request: Request, visit: str) -> dict[str, Any]:
    """One visit's questions and what came of them; who answered is not in it."""
    till, name = of(request).till, visit.replace("\x00", "")
    found = []
    with till.queues.reading.begin() as connection:
        row = connection.execute(select(tables.cases).where(tables.cases.c.visit == name)).one_or_none()
        of_ = tables.questions.c
        questions = connection.execute(
            select(tables.questions).where(of_.visit == name).order_by(of_.opened_ns, of_.question)
        ).all()
        done = connection.execute(select(tables.clips).where(tables.clips.c.visit == name)).all()
        # How many clips were made of it, or why there are none; null: none were made yet.
        made = {clips.event: {"made": clips.made, "why": clips.why} for clips in done}
        for one in questions:
            last = last_resolution(connection, one.question)
            body = body_from(one.body)
            looks = select(func.count()).where(tables.leases.c.question == one.question)
            found.append(
                {
                    "question": one.question,
                    "purpose": one.queue,
                    "kind": body.kind,
                    "sentence": body.words,
                    "candidates": [{"key": key, "label": words} for key, words in body.candidates],
                    "state": one.state,
                    "looks": connection.execute(looks).scalar_one(),
                    "clips": made.get(body.event),
                    "answer": None if last is None else {"key": last.key, "how": last.how, "t_ns": last.t_ns},
                }
            )
    if row is None and not found:
        raise ProblemError(404, f"no case of {visit[:60]}")
    human = till.desk.human(name, _issued_human(till, name))
    return {
        "case": None if row is None else _case(row),
        "questions": found,
        "human": {"viewers": human.viewers, "clips": human.clips, "seconds": human.seconds, "purposes": human.purposes},
    }


@router.post("/review/cases/{visit}/dispute-ruling")
async def dispute_ruling(request: Request, visit: str, given: Ruling, principal: Runs) -> dict[str, Any]:
    """Decide a dispute that nobody at the desk could tell."""
    context = of(request)
    found = context.disputes.case(given.case.replace("\x00", ""))
    if found is None or found.visit != visit:
        raise ProblemError(404, f"no dispute {given.case[:60]} of this visit")
    act, outcome, note = context.disputes.close, given.outcome, given.note.replace("\x00", "")
    try:
        await context.shop.do(lambda: act(given.case, outcome, note, principal.name, time.time_ns()))  # type: ignore[arg-type]
    except DisputeError as error:
        raise ProblemError(409, str(error)) from error
    return {"case": given.case, "outcome": outcome}


@router.post("/review/cases/{visit}/gold", status_code=201)
async def make_gold(request: Request, visit: str, given: Gold, principal: Runs) -> dict[str, Any]:
    """Let a question of this visit come to others as one whose answer is known."""
    context = of(request)
    till, now_ns = context.till, context.till.queues.now_ns()
    of_ = tables.questions.c
    with till.queues.reading.begin() as connection:
        query = select(of_.body).where((of_.question == given.question) & (of_.visit == visit.replace("\x00", "")))
        text = connection.execute(query).scalar_one_or_none()
    if text is None:
        raise ProblemError(404, f"no question {given.question[:60]} of this visit")
    body = body_from(text)
    if given.key not in {key for key, _ in body.candidates}:
        raise ProblemError(422, "key: found none of its candidates, right: the one that is known to be right")
    name, wrong = f"{visit}~{given.question}", body.candidates[0][0] != given.key
    await did(
        context,
        lambda: put_gold(
            till.database, name, body, given.key, software_was_wrong=wrong, author=principal.name, t_ns=now_ns
        ),
    )
    return {"gold": name, "software_was_wrong": wrong}


def _case(row: Any) -> dict[str, Any]:
    names = ("visit", "state", "waiting", "opened_ns", "deadline_ns", "closed_ns", "origin")
    return {name: getattr(row, name) for name in names}


def _issued_human(till: Till, visit: str) -> Any:
    issued = till.cashier.last(visit)
    return HumanWork() if issued is None else issued.receipt.human


def _queues(till: Till) -> list[dict[str, Any]]:
    of_, slot = tables.questions.c, tables.slots.c
    query = (
        select(of_.queue, slot.state, func.count(), func.min(of_.opened_ns))
        .join(tables.slots, slot.question == of_.question)
        .where((of_.state == "open") & (slot.state != "done"))
        .group_by(of_.queue, slot.state)
    )
    found: dict[str, dict[str, Any]] = {}
    now_ns = till.queues.now_ns()
    with till.queues.reading.begin() as connection:
        for queue, state, count, oldest_ns in connection.execute(query):
            row = found.setdefault(queue, {"purpose": queue, "open": 0, "leased": 0, "oldest_s": 0})
            row["leased" if state == "leased" else "open"] += int(count)
            row["oldest_s"] = max(row["oldest_s"], round((now_ns - int(oldest_ns)) / 1e9))
    return [found[name] for name in sorted(found)]


def _per_1000(till: Till) -> dict[str, Any]:
    """Both numbers, always together: questions needed to settle, and visits that any person saw for any reason."""
    of_, lease = tables.questions.c, tables.leases.c
    with till.queues.reading.begin() as connection:
        asked = select(func.count()).where(of_.case.is_not(None) & of_.of.is_(None) & (of_.state != "lapsed"))
        questions = int(connection.execute(asked).scalar_one())
        seen = set(connection.execute(select(lease.visit).distinct()).scalars())
        done = checkout.visits.c.stage.in_(("decided", "settled", "waiting"))
        visits = int(connection.execute(select(func.count()).where(done)).scalar_one())
    people = sum(not visit.startswith("gold/") for visit in seen)
    if not visits:
        return {"questions_to_settle": None, "seen_by_any_person": None, "of_visits": 0}
    return {
        "questions_to_settle": round(questions * 1000 / visits, 1),
        "seen_by_any_person": round(people * 1000 / visits, 1),
        "of_visits": visits,
    }


def _certificate(till: Till) -> dict[str, Any] | None:
    by, of_ = till.desk.watch.guard, tables.moves.c
    if by.certificate is None:
        return None
    query = select(of_.t_ns).where(of_.kind == "certified").order_by(of_.number.desc()).limit(1)
    with till.queues.reading.begin() as connection:
        issued_ns = connection.execute(query).scalar_one()
    levels = till.desk.watch.levels
    return {
        "id": by.certificate,
        "origin": till.store.origin,
        "level": levels.wrong,
        "share": None,
        "settle_at": till.cashier.settling.settle_at,
        "issued_ns": issued_ns,
    }


def _shadow_labels(till: Till) -> tuple[int, float]:
    """Visits that people labelled blindly in a shadow, and how many of them a day."""
    of_, asked = tables.resolutions.c, tables.questions.c
    query = (
        select(func.count(func.distinct(of_.question)), func.min(of_.t_ns), func.max(of_.t_ns))
        .join(tables.questions, asked.question == of_.question)
        .where((asked.queue == "audit") & asked.case.is_not(None))
    )
    with till.queues.reading.begin() as connection:
        count, first, last = connection.execute(query).one()
    span = (int(last) - int(first)) / DAY_NS if count and int(count) > 1 else 0.0
    return int(count or 0), int(count) / span if span > 0 else 0.0


def _moves(till: Till) -> list[dict[str, Any]]:
    of_ = tables.moves.c
    query = select(tables.moves).where(of_.why != "").order_by(of_.number.desc()).limit(20)
    with till.queues.reading.begin() as connection:
        return [{"state": row.state, "why": row.why, "t_ns": row.t_ns} for row in connection.execute(query)]


def _commitments(till: Till) -> list[dict[str, Any]]:
    """The hash of each month's audit seed; and the seed, when the month is over."""
    query = select(tables.commitments).order_by(tables.commitments.c.month)
    with till.queues.reading.begin() as connection:
        rows = connection.execute(query).all()
    now = f"{datetime.fromtimestamp(till.queues.now_ns() / 1e9, UTC):%Y-%m}"
    return [
        {
            "month": row.month,
            "commitment": row.commitment,
            "t_ns": row.t_ns,
            "seed": till.secrets.key(f"audit-{row.month}").hex() if row.month < now else None,
        }
        for row in rows
    ]
