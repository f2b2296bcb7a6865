"""What the mock tells an operator of appeals, the team and month certificates: the product's own rows."""

from typing import Any

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from tests.web.mock.knobs import Mock
from walkout.live.months import Month
from walkout.review.appeals import overdue, rule
from walkout.review.case import ReviewError
from walkout.review.hearing import hearings
from walkout.review.waiting import waiting
from walkout.web.api.appeal_routes import appeal_row
from walkout.web.api.month_routes import month_row
from walkout.web.api.team_routes import on_shift, queue_row

API = "/api/v1"
OPERATOR = "olga"
MONTHS = (
    Month("2026-11", "ab" * 32, 812, 41, 30, None, "the month is not over: its seed is secret until then"),
    Month(
        "2026-10",
        "cd" * 32,
        26_000,
        1_300,
        1_298,
        {
            "id": "0123456789abcdef" * 4,
            "month": "2026-10",
            "origin": "simulated",
            "delta": 0.05,
            "settled_alone": 26_000,
            "drawn": 1_300,
            "not_judged": 2,
            "auditors": {"seeded": 0},
            "bounds": {
                "wrong": {"most": 190, "share": 0.0073},
                "over": {"most": 110, "share": 0.0042},
                "under": {"most": 130, "share": 0.005},
            },
        },
        "",
    ),
)


def add_care(app: FastAPI, mock: Mock) -> None:
    """The routes of /review/appeals, /review/team and /review/months."""
    engine = mock.desk.queues.engine

    @app.get(f"{API}/review/appeals")
    async def appeals() -> Any:
        late = frozenset(overdue(engine, mock.now_ns()))
        rows = [appeal_row(one, OPERATOR, overdue=one.appeal.appeal in late) for one in hearings(engine)]
        return {"items": rows, "next": None}

    @app.post(f"{API}/review/appeals/{{token}}/ruling")
    async def ruling(token: str, body: dict[str, Any]) -> Any:
        try:
            rule(
                engine, f"appeal/{token}/a", OPERATOR, upheld=body["upheld"], reason=body["reason"],
                t_ns=mock.now_ns(), key=body.get("key"),
            )  # fmt: skip
        except ReviewError as error:
            said = {"type": "about:blank", "status": 409, "title": "That is no longer possible", "detail": str(error)}
            return JSONResponse(said, 409, media_type="application/problem+json")
        return {"appeal": token, "upheld": body["upheld"]}

    @app.get(f"{API}/review/team")
    async def team() -> Any:
        now_ns = mock.now_ns()
        rows = [queue_row(one, now_ns) for one in waiting(engine, now_ns)]
        return on_shift(mock.desk.ledger) | {"queues": rows, "places": ["exampleville"], "origin": "simulated"}

    @app.get(f"{API}/review/months")
    async def months() -> Any:
        return {"items": [month_row(one) for one in MONTHS], "origin": "simulated", "next": None}

    @app.get(f"{API}/review/months/{{name}}")
    async def month_file(name: str) -> Any:
        head = {"Content-Disposition": f'attachment; filename="certificate-{name}.json"'}
        return Response(b"{}", media_type="application/json", headers=head)
