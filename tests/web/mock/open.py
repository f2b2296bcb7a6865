"""What the mock tells everybody, and what it tells an operator of reviewing and labour: counted from the told story.

The report's groups have the form of human-work-disclosure/0.1; the dial is worked out from the story's own receipts.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Response
from sqlalchemy import func, select

from tests.web.mock.knobs import Mock
from tests.web.mock.known import WORKER
from tests.web.mock.rights import PUBLIC_KEY
from tests.web.mock.voice import told
from walkout.review import tables
from walkout.review.appeals import appeals, overdue
from walkout.review.evidence import upper
from walkout.review.planner import labels_needed

API = "/api/v1"
BARS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999, 1.0)
MARKS = (700, 50, 20)


def figure(words: str, value: float | None, n: int, of: int | None = None, unit: str = "") -> dict[str, Any]:
    return {
        "words": words,
        "value": value,
        "unit": unit,
        "n": n,
        "denominator": of,
        "ci95_low": None,
        "ci95_high": None,
        "method": "all of them were counted",
        "suppressed": False,
    }


def add_open(app: FastAPI, mock: Mock) -> None:
    """The routes of /public, /review and /labour."""
    _public(app, mock)
    _operator(app, mock)


def _counts(mock: Mock, month: str | None) -> Mapping[str, int]:
    now = datetime.fromtimestamp(mock.now_ns() / 1e9, UTC).strftime("%Y-%m")
    if month not in (None, now):
        return {"visits": 0, "alone": 0, "person": 0, "asked": 0, "seen": 0}
    rows = mock.receipt_rows()
    by_person = [r for r in rows if r["decided_by"] == "person"]
    with mock.desk.queues.reading.begin() as connection:
        seen = connection.execute(select(func.count(tables.leases.c.visit.distinct()))).scalar_one()
        asked = connection.execute(select(func.count()).select_from(tables.answers)).scalar_one()
    alone = sum(r["status"] == "settled" for r in rows) - len(by_person)
    return {"visits": len(rows), "alone": alone, "person": len(by_person), "asked": asked, "seen": seen}


def _public(app: FastAPI, mock: Mock) -> None:
    def month_of(month: str | None) -> str:
        return month or datetime.fromtimestamp(mock.now_ns() / 1e9, UTC).strftime("%Y-%m")

    @app.get(f"{API}/public/label")
    async def label(month: str | None = None) -> Any:
        n = _counts(mock, month)
        if not n["visits"]:
            said = [f"No visit has been counted here in {month_of(month)} (simulated)."]
        else:
            said = [
                f"Of the {n['visits']} visits (simulated), software settled {n['alone']} and a person {n['person']}.",
                f"People looked at {n['seen']} of them, for any reason, and answered {n['asked']} questions.",
            ]
        more = {"seen_by_any_person": n["seen"], "questions_to_settle": n["asked"], "visits": n["visits"]}
        return {"sentences": said, "origin": "simulated", "month": month_of(month)} | more

    @app.get(f"{API}/public/disclosure")
    async def disclosure(month: str | None = None) -> Any:
        n = _counts(mock, month)
        of = n["visits"]
        seen, asked = (n[name] * 1000 / of if of else None for name in ("seen", "asked"))
        pieces = mock.desk.ledger.intervals(WORKER)
        hours = sum(one.length_ns for one in pieces if one.paid) / 3.6e12
        seen_words = "Of 1,000 visits, seen by any person for any reason"
        asked_words = "Of 1,000 visits, questions needed to settle"
        return {
            "schema": "human-work-disclosure/0.1",
            "origin": "simulated",
            "headline": {
                "seen_by_any_person_per_1000": figure(seen_words, seen, n["seen"], of),
                "questions_to_settle_per_1000": figure(asked_words, asked, n["asked"], of),
            },
            "visits": {"total": figure("Visits with a receipt", of, of, None, "visits")},
            "human_work": {"paid_hours": figure("Paid hours", round(hours, 3), len(pieces), None, "hours")},
            "pay": {
                "currencies": {
                    "EUR": {"lowest_hourly": figure("Lowest hourly pay", 20.0, 1, None, "EUR") | {"suppressed": True}}
                },
                "periods_below_floor": figure("Statements below their floor (must be 0)", 0, 0, None, "statements"),
            },
            "control": {"workers_statement": told(mock)},
            "privacy": {"raw_views": figure("Looks at unredacted video", 0, 0, None, "looks")},
            "checkpoint": {"words": "No witness is configured: the operator could have rewritten this."},
        }

    @app.get(f"{API}/public/dial")
    async def dial() -> Any:
        rows = mock.receipt_rows()
        points = [_point(bar, rows) for bar in BARS] if rows else []
        told = {"visits": len(rows), "basis": "first receipts; wrong: expected by their own probabilities"}
        return {"points": points, "marks": list(MARKS), "origin": "simulated", "now": None} | told

    @app.get(f"{API}/public/notice")
    async def notice() -> Any:
        cameras = len(mock.store.cameras)
        return {
            "title": f"{mock.store.name}: how this shop works, and who looks",
            "sentences": [
                f"This shop has {cameras} cameras and scales under the goods. They see who takes what.",
                "Software settles nothing alone here: every receipt is looked at by people in exampleville.",
                "No face, palm or body is stored to know you again; the next visit begins from nothing.",
            ],
            "more": ["What your receipt rests on is kept for 30 days."],
            "more_url": "/public",
            "origin": "simulated",
        }

    @app.get(f"{API}/public/checkpoint")
    async def checkpoint() -> Any:
        return {"head": {"size": 0, "root": "0" * 64, "hash": "0" * 64, "key": PUBLIC_KEY}, "checkpoints": []}

    @app.get(f"{API}/public/bundle")
    async def bundle() -> Any:
        return Response(b"PK\x05\x06" + b"\x00" * 18, media_type="application/zip")


def _point(bar: float, rows: list[dict[str, Any]]) -> dict[str, Any]:
    asked = [r for r in rows if r["p_exact"] < bar]
    wrong = sum(1 - r["p_exact"] for r in rows if r["p_exact"] >= bar)
    given = sum(float(r["total"]) - float(r["due"]) for r in asked)
    each = 1000 / len(rows)
    questions = len(asked) * each
    seen = questions + 0.05 * (1000 - questions)
    told = {"settle_at": bar, "questions": round(questions, 1), "seen": round(seen, 1), "wrong": round(wrong * each, 2)}
    return told | {"given_away": round(given * each, 2), "paid_hours": round(seen * 30 / 3600, 2)}


def _operator(app: FastAPI, mock: Mock) -> None:
    @app.get(f"{API}/review/overview")
    async def overview() -> Any:
        mock.desk.feed()
        labels, bad = mock.labels
        needed, _ = labels_needed(0.01, 0.002)
        n = _counts(mock, None)
        per = 1000 / n["visits"] if n["visits"] else None
        bound = upper(bad, labels)
        risk = {"estimate": bad / labels if labels else None, "low": 0.0 if labels else None, "labels": labels}
        risk |= {"high": bound if labels else None}
        left = max(0, needed - labels)
        return {
            "mode": mock.mode,
            "why": "no certificate of its own labels yet"
            if mock.mode == "shadow"
            else "more receipts are wrong than before",
            "labels_left": left,
            "days_left": round(left / 45, 1),
            "paid_hours_left": round(left * 120 / 3600, 1),
            "certificate": None,
            "running": {"overcharge": risk, "undercharge": risk, "alarm": mock.mode == "ask-all"},
            "queues": _queues(mock),
            "per_1000": {
                "questions_to_settle": None if per is None else round(n["asked"] * per, 1),
                "seen_by_any_person": None if per is None else round(n["seen"] * per, 1),
                "of_visits": n["visits"],
            },
            "drift": [{"risk": "wrong", "e_value": 1.0, "labels": labels, "alarmed": False}],
            "moves": [],
            "origin": "simulated",
        }

    @app.get(f"{API}/labour/overview")
    async def labour() -> Any:
        books, queues = mock.desk.books, mock.desk.queues
        shares = books.shares("EUR")
        money = {
            name: {"EUR": format(getattr(shares, name), "f")} for name in ("owed", "confirmed", "late", "disputed")
        }
        filed = appeals(queues.engine)
        pieces = books.ledger.intervals(WORKER)
        return money | {
            "people_words": "fewer than five",
            "paid_hours": round(sum(one.length_ns for one in pieces if one.paid) / 3.6e12, 2),
            "below_floor": 0,
            "below_floor_why": "statements put the difference on top",
            "appeals": {
                "open": sum(one.upheld is None for one in filed),
                "overdue": len(overdue(queues.engine, mock.now_ns())),
                "upheld": sum(one.upheld is True for one in filed),
            },
            "origin": "simulated",
        }


def _queues(mock: Mock) -> list[dict[str, Any]]:
    query = select(tables.questions.c.queue, tables.slots.c.state, tables.questions.c.opened_ns).join(
        tables.questions, tables.questions.c.question == tables.slots.c.question
    )
    found: dict[str, dict[str, Any]] = {}
    with mock.desk.queues.reading.begin() as connection:
        for row in connection.execute(query.where(tables.slots.c.state.in_(("open", "leased")))).all():
            one = found.setdefault(row.queue, {"purpose": row.queue, "open": 0, "leased": 0, "oldest_s": 0.0})
            one[row.state] += 1
            one["oldest_s"] = max(one["oldest_s"], (mock.now_ns() - row.opened_ns) / 1e9)
    return list(found.values())
