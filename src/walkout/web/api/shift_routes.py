"""A reviewer's own page: time and pay, verdicts and appeals, who looked at them, and all of their data."""

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy import exists, select

from walkout.labour import export
from walkout.labour import tables as labour
from walkout.labour.books import Issued
from walkout.labour.floor import read_floors
from walkout.labour.page import to_html
from walkout.labour.pay import answers_of
from walkout.labour.shift import running
from walkout.labour.statement import proof_csv, to_csv
from walkout.live.till import Till
from walkout.review import own_data as review_data
from walkout.review import tables
from walkout.review.appeals import DAYS_NS, appeal, appeals
from walkout.review.figures import figures
from walkout.review.gold import newest
from walkout.web.api.access import Principal
from walkout.web.api.context import Context, allowed, of
from walkout.web.api.desk_routes import did, earned, member
from walkout.web.api.password_links import PasswordLinks
from walkout.web.api.problem import ProblemError

router = APIRouter(tags=["shift"])
NS = 1_000_000_000
PERIOD = r"^\d{4}-\d{2}$"
Reads = Annotated[Principal, Depends(allowed("shift.read"))]
Writes = Annotated[Principal, Depends(allowed("shift.write"))]


class Reason(BaseModel):
    """In the person's own words."""

    reason: str = Field(min_length=1, max_length=2000)


class Idle(BaseModel):
    """What a stretch without a sign of life was."""

    number: int = Field(ge=1, le=2**31)
    answer: str = Field(pattern="^(worked|away)$")


@router.get("/shift")
def shift(request: Request, principal: Reads) -> dict[str, Any]:
    """Days, pay, verdicts, and who looked."""
    context, worker = of(request), principal.name
    place = member(context, worker)
    till, ledger = context.till, context.till.books.ledger
    state, now_ns = ledger.desk(worker), ledger.clock.now_ns()
    zone, floor = _floor(till, place, worker, now_ns)
    done = ledger.intervals(worker)
    parts, card = [*done, *running(state, now_ns)], till.books.card(place)
    days: dict[str, list[Any]] = {}
    for one in parts:
        local = datetime.fromtimestamp(one.start_ns / NS, UTC).astimezone(ZoneInfo(zone))
        days.setdefault(f"{local:%Y-%m-%d}", []).append(one)
    answered = answers_of([entry.event for entry in ledger.entries(worker)])
    says = figures(till.database, worker)
    return {
        "worker": worker,
        "place": place,
        "currency": card.currency,
        "days": [
            {
                "date": date,
                "intervals": [
                    {
                        "kind": i.shown_kind,
                        "start_ns": i.start_ns,
                        "end_ns": i.end_ns,
                        "purpose": ("settle" if i.purpose == "gold" else i.purpose) or None,
                        "paid": i.paid or answered.get(i.number) == "worked",
                    }
                    for i in found
                ],
                "paid_s": round(sum(i.length_ns for i in found if i.paid) / NS),
                "earned": earned(card, found),
            }
            for date, found in sorted(days.items(), reverse=True)[:62]
        ],
        "asked": [
            {"number": i.number, "start_ns": i.start_ns, "end_ns": i.end_ns}
            for i in done
            if i.kind == "idle_query" and i.number not in answered
        ],
        "floor": floor,
        "statements": [
            {
                "period": s.period,
                "revision": s.revision,
                "amount": format(s.due, "f"),
                "currency": s.currency,
                "status": till.books.payment(f"{worker}/{s.period}/{s.revision}"),
                "paid_confirmed": till.books.payment(f"{worker}/{s.period}/{s.revision}") == "confirmed",
                "url": f"/api/v1/shift/statements/{s.period}",
            }
            for s in till.books.issued(worker)
        ],
        "verdicts": _verdicts(till, worker, state.start_ns if state.open else 2**62),
        "scores": {
            "gold": {
                "right": says.right,
                "of": says.of,
                "low": says.low,
                "high": says.high,
                "cannot_tell": says.cannot_tell,
                "under_appeal": says.under_appeal,
            }
        },
        "looked_at_me": _looks(context, worker),
    }


@router.get("/shift/statements/{period}")
async def statement(request: Request, period: str, principal: Reads) -> dict[str, Any]:
    """The last revision of one's own statement for a month.

    `published`: the very text whose SHA-256 is in the log. `proof`: the holder's paper of it, with the latest
    checkpoint and each hour's proof; whoever has both can check them without this shop.
    """
    context = of(request)
    issued = _newest(context, principal.name, period)
    read: dict[str, Any] = orjson.loads(issued.published)
    paper = await _paper_of(context, issued)
    return {**read, "sha256": issued.sha256, "published": issued.published.decode(), "proof": paper}


@router.get("/shift/statements/{period}/csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
async def statement_csv(request: Request, period: str, principal: Reads) -> Response:
    """The same as CSV; its last rows are the proof."""
    context = of(request)
    issued = _newest(context, principal.name, period)
    paper = await _paper_of(context, issued)
    made = context.till.books.statement(issued.worker, issued.period, issued.revision)
    name = f"statement-{issued.period}-{issued.revision}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(to_csv(made) + proof_csv(issued.sha256, paper), media_type="text/csv", headers=headers)


@router.post("/shift/statements/{period}/confirm")
async def confirm(request: Request, period: str, principal: Writes) -> dict[str, Any]:
    """The money came: only the person who is owed it can say so."""
    return await _said(request, period, principal.name, came=True, words="")


@router.post("/shift/statements/{period}/dispute")
async def dispute(request: Request, period: str, given: Reason, principal: Writes) -> dict[str, Any]:
    """The money did not come, or is not right."""
    return await _said(request, period, principal.name, came=False, words=given.reason.replace("\x00", ""))


@router.post("/shift/verdicts/{question:path}/appeal", status_code=201)
async def file_appeal(request: Request, question: str, given: Reason, principal: Writes) -> dict[str, Any]:
    """Say that a verdict is wrong: it counts no more until another person has decided, within 14 days."""
    context, worker, name = of(request), principal.name, question.replace("\x00", "")
    member(context, worker)
    now_ns, engine, words = context.till.queues.now_ns(), context.till.database, given.reason.replace("\x00", "")
    if name not in {one["question"] for one in _verdicts(context.till, worker, _shown_to(context, worker))}:
        raise ProblemError(404, "no such verdict of yours")
    made = await did(context, lambda: appeal(engine, worker, name, words, now_ns))
    return {"appeal": made, "due_ns": now_ns + DAYS_NS}


@router.post("/shift/idle")
async def idle(request: Request, given: Idle, principal: Writes) -> dict[str, Any]:
    """Say what a stretch was that we ask about; "worked" pays it."""
    context, worker = of(request), principal.name
    member(context, worker)
    ledger = context.till.books.ledger
    event = f"idle/{worker}/{given.number}/{ledger.clock.now_ns()}"
    act = ledger.happen
    await did(context, lambda: act(worker, "idle_answered", event, of=given.number, detail=given.answer))
    return {"number": given.number, "answer": given.answer}


@router.get("/shift/export", response_class=Response, responses={200: {"content": {"application/zip": {}}}})
async def own_export(request: Request, principal: Reads) -> Response:
    """All that is recorded about oneself, in one file; statements as JSON, CSV and a page to print, with the proof."""
    context, worker = of(request), principal.name
    member(context, worker)
    papers = {one.period: await _paper_of(context, one) for one in context.till.books.issued(worker)}
    data = await run_in_threadpool(_packed, context.till, worker, papers)
    headers = {"Content-Disposition": f'attachment; filename="walkout-{context.till.store.origin}-own-data.zip"'}
    return Response(data, media_type="application/zip", headers=headers)


def _packed(till: Till, worker: str, papers: Mapping[str, dict[str, Any]]) -> bytes:
    time_, work = export.own_data(till.books.ledger, worker), review_data.own_data(till.database, worker)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("time-and-pay.json", export.to_json(time_))
        packed.writestr("desk.json", orjson.dumps(work, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS, default=str))
        links = PasswordLinks(till.database).of_user(worker)
        packed.writestr("account.json", orjson.dumps({"password_links": links}, option=orjson.OPT_INDENT_2))
        for table in (labour.intervals, labour.log):
            packed.writestr(f"{table.name}.csv", export.to_csv(time_, table))
        for issued in till.books.issued(worker):
            name, paper = f"statements/{issued.period}-{issued.revision}", papers[issued.period]
            made = till.books.statement(worker, issued.period, issued.revision)
            packed.writestr(f"{name}.json", issued.published)
            packed.writestr(f"{name}.csv", to_csv(made) + proof_csv(issued.sha256, paper))
            packed.writestr(f"{name}.html", to_html(made, paper))
        for period, paper in papers.items():
            packed.writestr(f"statements/{period}.proof.json", orjson.dumps(paper, option=orjson.OPT_INDENT_2))
    return out.getvalue()


def _newest(context: Context, worker: str, period: str) -> Issued:
    member(context, worker)
    issued = context.till.books.issued(worker, period.replace("\x00", ""))
    if not issued:
        raise ProblemError(404, f"no statement for {period[:20]} yet")
    return issued[-1]


async def _paper_of(context: Context, issued: Issued) -> dict[str, Any]:
    """The statement's paper; what the ledgers hold and the log does not is entered first."""
    record = context.till.record

    def made() -> dict[str, Any]:
        record.work()
        return record.proofs.of_statement(issued.worker, orjson.loads(issued.published)["period"])

    return await did(context, made)


async def _said(request: Request, period: str, worker: str, *, came: bool, words: str) -> dict[str, Any]:
    context = of(request)
    member(context, worker)
    issued = context.till.books.issued(worker, period.replace("\x00", ""))
    if not issued:
        raise ProblemError(404, f"no statement for {period[:20]} yet")
    name = f"{worker}/{issued[-1].period}/{issued[-1].revision}"
    await did(context, lambda: context.till.books.said(worker, name, came=came, words=words))
    return {"statement": name, "status": context.till.books.payment(name)}


def _shown_to(context: Context, worker: str) -> int:
    state = context.till.books.ledger.desk(worker)
    return state.start_ns if state.open else 2**62


def _verdicts(till: Till, worker: str, before_ns: int) -> list[dict[str, Any]]:
    """What gold says of one's answers, those of the shift that runs left out: until it is over, gold looks like any."""
    answer, question = tables.answers.c, tables.questions.c
    gone = exists().where(tables.undone.c.answer == answer.answer)
    query = (
        select(answer.answer, answer.key, answer.t_ns, question.gold, question.body)
        .join(tables.questions, question.question == answer.question)
        .where((answer.worker == worker) & question.gold.is_not(None) & ~gone & (answer.t_ns < before_ns))
        .order_by(answer.t_ns.desc())
    )
    filed = {one.answer: one for one in appeals(till.database, worker)}
    found = []
    with till.database.execution_options(walkout_reads=True).begin() as connection:
        for row in connection.execute(query).all():
            item = newest(connection, row.gold)
            known = item is not None and item.key is not None and row.key is not None
            one = filed.get(row.answer)
            body = orjson.loads(row.body)
            found.append(
                {
                    "question": row.answer,
                    "purpose": "gold",
                    "sentence": body["words"],
                    "yours": row.key,
                    "known": item.key if item is not None else None,
                    "right": row.key == item.key if known and item is not None else None,
                    "t_ns": row.t_ns,
                    "appeal": None
                    if one is None
                    else {
                        "words": one.words,
                        "due_ns": one.due_ns,
                        "upheld": one.upheld,
                        "decided_by": one.decided_by,
                        "reason": one.reason,
                    },
                    "appealable": one is None and known,
                }
            )
    return found


def _looks(context: Context, worker: str) -> list[dict[str, Any]]:
    roles = {user["name"]: user["role"] for user in context.identity.users()}
    of_ = labour.looks.c
    query = select(labour.looks).where(of_.worker == worker).order_by(of_.t_ns.desc())
    with context.till.books.ledger.reading.begin() as connection:
        return [
            {"when_ns": row.t_ns, "who_role": roles.get(row.looked_by, "somebody who left"), "what": row.what}
            for row in connection.execute(query)
        ]


def _floor(till: Till, place: str, worker: str, now_ns: int) -> tuple[str, dict[str, Any] | None]:
    """The place's time zone, and the least an hour may pay there now, with its source."""
    query = select(labour.floors.c.file).order_by(labour.floors.c.imported_ns.desc()).limit(1)
    with till.books.ledger.reading.begin() as connection:
        text = connection.execute(query).scalar_one_or_none()
    found = read_floors(text).get(place) if text else None
    if found is None:
        return till.store.timezone or "UTC", None
    try:
        row = found.at(worker, now_ns)
    except ValueError:
        return found.zone, None
    return found.zone, {
        "hourly": format(row.hourly, "f"),
        "currency": row.currency,
        "kind": row.kind,
        "source": row.source,
        "source_url": row.source_url,
    }
