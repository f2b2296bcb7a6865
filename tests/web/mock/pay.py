"""The reviewer's own pages and practice, out of the mock's real ledger and books."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.web.mock import story
from tests.web.mock.desk import HOURLY
from tests.web.mock.knobs import Mock
from tests.web.mock.known import WORKER
from tests.web.mock.rows import body_of
from walkout.labour.export import own_data, to_json
from walkout.labour.shift import running
from walkout.review.case import Lease

ZONE = ZoneInfo("Europe/Berlin")


def practice(mock: Mock) -> dict[str, Any]:
    """A told question whose answer is explained; nothing of it is kept."""
    told = story.story()["visits"]["v00004"]
    body = body_of(mock.shown(told["receipt"]["questions"][0]))
    mock.desk.asked["practice"] = {"visit": "v00004", "question": None, "told": told}
    now_ns = mock.now_ns()
    lease = Lease("practice", "practice", "v00004", WORKER, "settle", "settle", body, now_ns, now_ns + 300 * 10**9)
    mock.desk.shown.pop("practice", None)
    question = mock.desk.question(lease, practice=True)
    question["evidence"]["clips"] = []
    return question


def practised(mock: Mock, body: dict[str, Any]) -> dict[str, Any]:
    question = practice(mock)
    first = story.story()["visits"]["v00004"]["receipt"]["questions"][0]["candidates"][0]
    label = next(c["label"] for c in question["candidates"] if c["key"] == first["key"])
    right = body["choice"] == first["key"]
    why = f"It was {label}: {first['why']}."
    return {"right": None if body["choice"] == "cannot_tell" else right, "why": why}


def shift(mock: Mock) -> dict[str, Any]:
    """What /shift says."""
    ledger, books = mock.desk.ledger, mock.desk.books
    pieces = [*ledger.intervals(WORKER), *running(ledger.desk(WORKER), mock.now_ns())]
    days: dict[str, dict[str, Any]] = {}
    for piece in pieces:
        date = datetime.fromtimestamp(piece.start_ns / 1e9, ZONE).date().isoformat()
        day = days.setdefault(date, {"date": date, "intervals": [], "paid_s": 0.0, "earned": Decimal(0)})
        row = {"kind": piece.kind, "start_ns": piece.start_ns, "end_ns": piece.end_ns}
        day["intervals"].append(row | {"purpose": piece.purpose or None, "paid": piece.paid})
        if piece.paid:
            day["paid_s"] += piece.length_ns / 1e9
            rate = HOURLY.get(piece.purpose, HOURLY[""])
            day["earned"] += rate * Decimal(piece.length_ns) / Decimal(3_600_000_000_000)
    earned = [day | {"earned": str(day["earned"].quantize(Decimal("0.01")))} for day in days.values()]
    statements = []
    for issued in reversed(books.issued(WORKER)):
        name = f"{WORKER}/{issued.period}/{issued.revision}"
        found = books.payment(name)
        statements.append(
            {
                "period": issued.period,
                "revision": issued.revision,
                "amount": str(issued.due),
                "currency": issued.currency,
                "paid_confirmed": found == "confirmed",
                "state": found,
                "url": f"/api/v1/shift/statements/{issued.period}/{issued.revision}",
            }
        )
    return {
        "worker": WORKER,
        "days": sorted(earned, key=lambda day: day["date"], reverse=True),
        "currency": "EUR",
        "zone": "Europe/Berlin",
        "floor": {"hourly": "16.00", "source": "INVENTED for this example: no real contract", "currency": "EUR"},
        "statements": statements,
        "verdicts": mock.desk.verdicts(),
        "scores": mock.desk.scores(),
        "looked_at_me": mock.looked,
    }


def export(mock: Mock) -> bytes:
    return to_json(own_data(mock.desk.ledger, WORKER))
