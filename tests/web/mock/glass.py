"""Breaking the glass on the mock: the shop's own rules, one made-up video, and who asks is who is signed in."""

from typing import Any

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from tests.web.mock.knobs import Mock
from walkout.privacy.apart import Account
from walkout.privacy.break_glass import BreakGlassError, Glass, approved, asked, ended

API = "/api/v1"
NS = 1_000_000_000


def add_glass(app: FastAPI, mock: Mock) -> None:
    """The routes."""
    kept: dict[str, Glass] = {}

    def row(one: Glass) -> dict[str, Any]:
        state, me = one.state(mock.now_ns()), mock.role
        return {
            "id": one.id, "state": state, "asked_by": one.by, "role": one.role, "camera": one.camera,
            "from_ns": one.from_ns, "to_ns": one.to_ns, "minutes": one.minutes, "reason": one.reason,
            "asked_ns": one.asked_ns, "approved_by": one.approved_by, "approver_role": one.approver_role,
            "until_ns": one.until_ns or None,
            "may_approve": state == "asked" and me == "auditor" and not mock.hinders,
            "hinders": mock.hinders if state == "asked" and me == "auditor" else "",
            "may_look": state == "open" and me == one.by,
        }  # fmt: skip

    @app.get(f"{API}/break-glass")
    async def requests() -> Any:
        cameras = [camera.id for camera in mock.store.cameras] or ["door"]
        return {"cameras": cameras, "may_ask": mock.role == "operator", "items": [row(one) for one in kept.values()]}

    @app.post(f"{API}/break-glass")
    async def ask(body: dict[str, Any]) -> Any:
        start, end, now = body["from_ns"], body["from_ns"] + body["seconds"] * NS, mock.now_ns()
        id_ = f"r{len(kept)}"
        try:
            made = asked(id_, mock.role, mock.role, body["camera"], start, end, body["minutes"], body["reason"], now)
        except BreakGlassError as error:
            return JSONResponse({"title": "Not allowed", "detail": str(error), "status": 409}, 409)
        kept[id_] = made
        return JSONResponse(row(made), 201)

    @app.post(f"{API}/break-glass/{{id_}}/approve")
    async def approve(id_: str) -> Any:
        asker, other = Account(kept[id_].by, 1), Account(mock.role, 1)
        kept[id_] = approved(kept[id_], asker, other, mock.role, mock.now_ns())
        return row(kept[id_])

    @app.post(f"{API}/break-glass/{{id_}}/end")
    async def end(id_: str) -> Any:
        kept[id_] = ended(kept[id_], mock.role, may_approve=True)
        return row(kept[id_])

    @app.get(f"{API}/break-glass/{{id_}}/video")
    async def video(id_: str) -> Any:
        assert kept[id_].state(mock.now_ns()) == "open"
        return Response(mock.raw_video, media_type="video/mp4")
