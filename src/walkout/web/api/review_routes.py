"""The operator's side of the desk: how it stands, its cases, appeals, the team, rate cards, and figures of nobody."""

import csv
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import func, select

from walkout.checkout import tables as checkout
from walkout.checkout.receipt import HumanWork
from walkout.labour import tables as labour
from walkout.labour.money import amount
from walkout.labour.rate import RateError, rate_card
from walkout.live.disputes import DisputeError
from walkout.live.shadow import MOST_TRIES, planned
from walkout.live.till import Till
from walkout.review import tables
from walkout.review.appeals import appeals, overdue, rule
from walkout.review.case import body_from
from walkout.review.gold import put_gold
from walkout.review.slots import last_resolution
from walkout.web.api.access import Principal
from walkout.web.api.context import allowed, of
from walkout.web.api.desk_routes import did
from walkout.web.api.identity import IdentityError
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


class AppealRuling(BaseModel):
    """What another person decides of an appeal, in writing; `key`: the right answer, where it is upheld."""

    upheld: bool
    reason: str = Field(min_length=1, max_length=2000)
    key: str | None = Field(None, max_length=500)


class Gold(BaseModel):
    """A question whose answer is known now."""

    question: str = Field(min_length=1, max_length=200)
    key: str = Field(min_length=1, max_length=500)


class Member(BaseModel):
    """Somebody who joins the review team."""

    handle: str = Field(min_length=1, max_length=64)
    place: str = Field(min_length=1, max_length=100)
    contract: str = Field(min_length=1, max_length=100)
    employer: str = Field(min_length=1, max_length=200)
    password: str | None = Field(None, max_length=256)


class Floors(BaseModel):
    """A floors file, whole."""

    csv: str = Field(min_length=1, max_length=200_000)


class Card(BaseModel):
    """What an hour is paid at a place, by purpose; "" is all other time."""

    place: str = Field(min_length=1, max_length=100)
    currency: str = Field(min_length=3, max_length=3)
    hourly: dict[str, str] = Field(max_length=20)


class StatementOf(BaseModel):
    """Whose statement, for which month."""

    handle: str = Field(min_length=1, max_length=64)
    period: str = Field(pattern=r"^\d{4}-\d{2}$")


class Payout(BaseModel):
    """What was sent for a statement."""

    statement: str = Field(min_length=1, max_length=200)
    amount: str = Field(min_length=1, max_length=20)
    reference: str = Field(min_length=1, max_length=200)


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


@router.get("/review/appeals", dependencies=[Depends(allowed("review.read"))])
def all_appeals(request: Request) -> dict[str, Any]:
    """Appeals, the oldest first, without the names of those who appeal."""
    till = of(request).till
    late = set(overdue(till.database, till.queues.now_ns()))
    items = []
    with till.queues.reading.begin() as connection:
        for one in appeals(till.database):
            answers, questions = tables.answers.c, tables.questions.c
            query = select(questions.body, answers.key).join(tables.answers, answers.question == questions.question)
            row = connection.execute(query.where(answers.answer == one.answer)).one()
            items.append(
                {
                    "appeal": one.answer.partition("/")[0],
                    "words": one.words,
                    "filed_ns": one.filed_ns,
                    "due_ns": one.due_ns,
                    "overdue": one.appeal in late,
                    "upheld": one.upheld,
                    "decided_by": one.decided_by,
                    "reason": one.reason,
                    "question": orjson.loads(row.body),
                    "answer": row.key,
                }
            )
    return {"items": items, "next": None}


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


@router.post("/review/team", status_code=201)
async def join(
    request: Request, given: Member, _: Annotated[Principal, Depends(allowed("team.write"))]
) -> dict[str, Any]:
    """Somebody joins the team; with a password, they can sign in at once."""
    context, reviewing = of(request), of(request).till.reviewing
    users = {user["name"]: user["role"] for user in context.identity.users()}
    if given.password is None and given.handle not in users:
        raise ProblemError(422, "password: found nothing and no such user, right: one of the two")
    if users.get(given.handle, "reviewer") != "reviewer":
        raise ProblemError(409, f"{given.handle} is {users[given.handle]} here, right: a name of the role reviewer")
    places = reviewing.places()
    if given.place not in places:
        raise ProblemError(409, f"found the place {given.place[:60]!r}, right: one with floors and a rate card")
    if given.handle not in users:
        try:
            context.identity.add_user(given.handle, str(given.password), "reviewer", time.time_ns())
        except IdentityError as error:
            raise ProblemError(422, str(error)) from error
    await did(context, lambda: reviewing.add(given.handle, given.place, given.contract, given.employer))
    return {"handle": given.handle, "place": given.place, "places": sorted(places)}


@router.get("/labour/overview", dependencies=[Depends(allowed("labour.read"))])
def labour_overview(request: Request) -> dict[str, Any]:
    """Hours and money of all together, and of nobody."""
    till = of(request).till
    books, places = till.books, till.reviewing.places()
    query = select(func.sum(labour.intervals.c.end_ns - labour.intervals.c.start_ns)).where(labour.intervals.c.paid)
    people = select(func.count()).select_from(labour.people)
    with books.ledger.reading.begin() as connection:
        paid_ns = int(connection.execute(query).scalar_one() or 0)
        count = int(connection.execute(people).scalar_one())
    found = appeals(till.database)
    shares = {currency: books.shares(currency) for currency in sorted(set(places.values()))}
    money = {
        name: {currency: format(getattr(one, name), "f") for currency, one in shares.items()}
        for name in ("owed", "confirmed", "late", "disputed", "waiting")
    }
    return {
        "people": count if count >= 5 or count == 0 else None,
        "people_words": "fewer than five" if 0 < count < 5 else str(count),
        "paid_hours": round(paid_ns / 3.6e12, 2),
        **money,
        "places": places,
        "below_floor": books.below_floor(),
        "below_floor_why": "people's months whose newest statement is below it; a statement puts the difference on top",
        "appeals": {
            "open": sum(one.upheld is None for one in found),
            "overdue": len(overdue(till.database, till.queues.now_ns())),
            "upheld": sum(one.upheld is True for one in found),
        },
        "origin": till.store.origin,
    }


@router.post("/labour/floors", status_code=201)
async def floors(
    request: Request, given: Floors, principal: Annotated[Principal, Depends(allowed("labour.write"))]
) -> dict[str, Any]:
    """Import the least that an hour may pay, by place, each number with its source."""
    context = of(request)
    act, text = context.till.books.import_floors, given.csv.replace("\x00", "")
    try:
        return {"places": list(await did(context, lambda: act(text, principal.name)))}
    except csv.Error as error:
        raise ProblemError(422, f"csv: {error}") from error


@router.post("/labour/cards", status_code=201, dependencies=[Depends(allowed("labour.write"))])
async def cards(request: Request, given: Card) -> dict[str, Any]:
    """The next rate card of a place; one that lowers a rate takes effect in 14 days."""
    context, books = of(request), of(request).till.books
    query = select(func.coalesce(func.max(labour.cards.c.version), 0)).where(labour.cards.c.place == given.place)
    with books.ledger.reading.begin() as connection:
        version = int(connection.execute(query).scalar_one()) + 1
    now_ns = books.ledger.clock.now_ns()
    try:
        hourly = {purpose: amount(text) for purpose, text in given.hourly.items()}
        lower = version > 1 and any(rate < books.card(given.place).rate(name) for name, rate in hourly.items())
        card = rate_card(given.place, version, given.currency, now_ns + 15 * DAY_NS if lower else now_ns, hourly)
    except (RateError, ValueError) as error:
        raise ProblemError(422, str(error)) from error
    return {"hash": await did(context, lambda: books.add_card(card)), "effective_ns": card.effective_ns}


@router.post("/labour/statements", status_code=201)
async def statements(
    request: Request, given: StatementOf, principal: Annotated[Principal, Depends(allowed("labour.write"))]
) -> dict[str, Any]:
    """Issue somebody's statement; they see that somebody looked."""
    context, books = of(request), of(request).till.books

    def act() -> Any:
        made = books.issue(given.handle, given.period)
        books.looked(given.handle, principal.name, f"statement {given.period}", "to issue it")
        return made

    try:
        made = await did(context, act)
    except ValueError as error:
        raise ProblemError(422, str(error)) from error
    return {"period": made.period, "revision": made.revision, "amount": format(made.due, "f"), "sha256": made.sha256}


@router.post("/labour/payouts", status_code=201)
async def payouts(
    request: Request, given: Payout, principal: Annotated[Principal, Depends(allowed("labour.write"))]
) -> dict[str, Any]:
    """Say that money is under way; whether it came, the person says."""
    context, books = of(request), of(request).till.books
    try:
        sum_: Decimal = amount(given.amount)
    except ValueError as error:
        raise ProblemError(422, str(error)) from error
    if given.statement not in {f"{i.worker}/{i.period}/{i.revision}" for i in books.issued()}:
        raise ProblemError(404, "no such statement")
    await did(context, lambda: books.sent(given.statement, sum_, given.reference, principal.name))
    return {"statement": given.statement, "status": books.payment(given.statement)}


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
