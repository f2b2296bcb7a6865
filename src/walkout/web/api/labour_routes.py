"""What people are paid and owed, of all together, and what an admin does for it: floors, rate cards, statements."""

import csv
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from sqlalchemy import func, select

from walkout.labour import tables as labour
from walkout.labour.money import amount
from walkout.labour.rate import RateError, rate_card
from walkout.review.appeals import appeals, overdue
from walkout.web.api.access import Principal
from walkout.web.api.context import allowed, of
from walkout.web.api.desk_routes import did
from walkout.web.api.problem import ProblemError

router = APIRouter(tags=["labour"])
DAY_NS = 86_400 * 1_000_000_000


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
