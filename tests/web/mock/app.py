"""The contract's API over a told story: what pages are developed and tested on.

    python -m tests.web.mock.app [PORT]        then http://127.0.0.1:PORT, operator / walkout

People, events, baskets, receipts and curves are the real engine's (`make`); doors, disputes, money and the visitor's
own shopper are played here. Nothing of this is in the package.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import FileResponse, JSONResponse

import walkout
from tests.web.mock import seventh, story
from tests.web.mock.care import add_care
from tests.web.mock.desk_routes import add_desk
from tests.web.mock.edit import edit_into
from tests.web.mock.exit import add_exit
from tests.web.mock.glass import add_glass
from tests.web.mock.knobs import Mock
from tests.web.mock.known import WORKER
from tests.web.mock.open import add_open
from tests.web.mock.rights import Rights, add_rights
from tests.web.mock.stock import stock_into
from tests.web.mock.voice import add_voice
from walkout.store.shop import Store

CSRF = "mock-csrf"
SESSION = "mock-session"
NAME, PASSWORD, FIRST_RUN = "operator", "walkout", "first-run-token"
API = "/api/v1"
STATIC = Path(walkout.__file__).parent / "web" / "static"
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""What the shop's own server lets its pages do."""


def problem(status: int, title: str, detail: str = "") -> JSONResponse:
    """RFC 9457."""
    body = {"type": "about:blank", "status": status, "title": title, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")


def shop_json(store: Store) -> dict[str, Any]:
    """The shop's furniture as the contract says."""
    return {
        "store": store_json(store),
        "outline": [list(p) for p in store.floor_m],
        "fixtures": [
            {
                "id": f.id,
                "kind": f.kind,
                "x_m": f.x_m,
                "y_m": f.y_m,
                "angle_deg": f.yaw_deg,
                "width_m": f.width_m,
                "depth_m": f.depth_m,
                "shelves": [
                    {
                        "id": s.id,
                        "z_m": s.z_m,
                        "height_m": s.height_m,
                        "plates": [{"id": p.id, "x_m": p.x_m, "width_m": p.width_m} for p in s.plates],
                    }
                    for s in f.shelves
                ],
            }
            for f in store.fixtures
        ],
        "gates": [
            {"id": g.id, "x_m": g.x_m, "y_m": g.y_m, "way": g.way, "width_m": g.width_m, "angle_deg": g.yaw_deg}
            for g in store.gates
        ],
        "facings": [
            {
                "fixture": f.fixture,
                "shelf": f.shelf,
                "plates": list(f.plates),
                "gtin": f.gtin,
                "name": store.products[f.gtin].name,
                "stock": f.stock,
            }
            for f in store.planogram
        ],
        "cameras": [{"id": c.id, "x_m": c.x_m, "y_m": c.y_m, "z_m": c.z_m} for c in store.cameras],
    }


def store_json(store: Store) -> dict[str, Any]:
    return {"id": "sample", "name": store.name, "currency": store.currency, "timezone": store.timezone}


def make_app(mock: Mock) -> FastAPI:
    """The application; one story a mock."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(mock.tell())
        yield
        task.cancel()

    app = FastAPI(lifespan=lifespan, openapi_url=None)

    def signed_in(cookies: Any) -> bool:
        return mock.signed_in or cookies.get("session") == SESSION

    _guard(app, mock, signed_in)
    _accounts(app, mock)
    _sessions(app, mock, signed_in)
    _shop(app, mock)
    edit_into(app)
    stock_into(app, mock.store, mock.sold)
    _visits(app, mock)
    _disputes(app, mock)
    mock.rights = Rights(mock)
    _shopper(app, mock)
    add_rights(app, mock.rights)
    add_voice(app, mock)
    add_glass(app, mock)
    _play(app, mock)
    add_desk(app, mock)
    add_open(app, mock)
    add_care(app, mock)

    @app.websocket(f"{API}/live/ws")
    async def live_ws(socket: WebSocket) -> None:
        if not signed_in(socket.cookies):
            await socket.close(4401)
            return
        mock.begin()
        await socket.accept()
        await socket.send_json({"type": "snapshot", **mock.snapshot()})
        mock.sockets.add(socket)
        with suppress(WebSocketDisconnect):
            while True:
                await socket.receive_text()
        mock.sockets.discard(socket)

    @app.get("/{path:path}")
    async def page(path: str) -> Response:
        if path.startswith("api/"):
            return problem(404, "There is nothing here")
        file = STATIC / path
        return FileResponse(file if path and "/" not in path and file.is_file() else STATIC / "index.html")

    return app


REVIEWERS = ("/desk", "/shift")
EVERYBODYS = ("/session", "/shop", "/products")


def _may(mock: Mock, path: str) -> bool:
    """Reviewers see their own pages and nothing of the shop; an operator sees theirs only where the twin plays."""
    own = path.split("/")[1] in {name[1:] for name in REVIEWERS}
    if mock.role == "reviewer":
        return own or path.startswith(EVERYBODYS)
    return not own or mock.demo


def _guard(app: FastAPI, mock: Mock, signed_in: Callable[[Any], bool]) -> None:
    open_paths = (f"{API}/session", f"{API}/oidc", f"{API}/first-run", f"{API}/s/", f"{API}/public/", f"{API}/exit/")

    @app.middleware("http")
    async def guard(request: Request, go_on: Any) -> Response:
        path = request.url.path
        if mock.down and path.startswith(API):
            return problem(503, "The shop is starting", "Try again in a moment.")
        if path.startswith(API) and not path.startswith(open_paths):
            if not signed_in(request.cookies):
                return problem(401, "You are not signed in")
            if not _may(mock, path.removeprefix(API)):
                return problem(403, "Your role may not do this")
            if request.method != "GET" and request.headers.get("x-csrf-token") != CSRF:
                return problem(403, "The form is too old", "Load the page again.")
        response = await go_on(request)
        response.headers["Content-Security-Policy"] = POLICY
        return response  # type: ignore[no-any-return]


def _accounts(app: FastAPI, mock: Mock) -> None:
    @app.get(f"{API}/session/password-links")
    async def links() -> Any:
        return {"items": [], "next": None}

    @app.get(f"{API}/users")
    async def users() -> Any:
        return {"items": [{"name": NAME, "role": mock.role, "created_ns": 1}], "next": None}


def _sessions(app: FastAPI, mock: Mock, signed_in: Callable[[Any], bool]) -> None:
    def session() -> dict[str, Any]:
        return {
            "user": NAME if mock.role == "operator" else WORKER,
            "role": mock.role,
            "also": ["reviewer"] if mock.demo and mock.role == "operator" else [],
            "csrf": CSRF,
            "origin": mock.store.origin,
            "store": store_json(mock.store),
        }

    @app.get(f"{API}/session")
    async def who(request: Request) -> Any:
        return session() if signed_in(request.cookies) else problem(401, "You are not signed in")

    @app.get(f"{API}/oidc")
    async def ways() -> Any:
        return {"name": mock.elsewhere}

    @app.post(f"{API}/session")
    async def sign_in(body: dict[str, Any], response: Response) -> Any:
        if (body.get("name"), body.get("password")) != (NAME, PASSWORD):
            return problem(401, "Name and password do not go together", "Check both and try again.")
        response.set_cookie("session", SESSION, httponly=True, samesite="strict")
        return {"user": NAME, "role": "operator", "csrf": CSRF}

    @app.put(f"{API}/session/password")
    async def change(body: dict[str, Any], response: Response) -> Any:
        if body.get("current") != PASSWORD:
            return problem(409, "That is no longer possible", "the current password is not right")
        mock.passwords.append(body["new"])
        response.set_cookie("session", SESSION, httponly=True, samesite="strict")
        return {"user": NAME, "role": mock.role, "csrf": CSRF}

    @app.delete(f"{API}/session")
    async def sign_out(response: Response) -> Response:
        mock.signed_in = False
        response = Response(status_code=204)
        response.delete_cookie("session")
        return response

    @app.post(f"{API}/first-run")
    async def first_run(body: dict[str, Any], response: Response) -> Any:
        if body.get("token") != FIRST_RUN:
            return problem(403, "This link was used already, or is not from this shop", "Ask for a new one.")
        response.set_cookie("session", SESSION, httponly=True, samesite="strict")
        return {"user": NAME, "role": "admin", "csrf": CSRF}


def _shop(app: FastAPI, mock: Mock) -> None:
    add_exit(app, mock)

    @app.get(f"{API}/shop")
    async def shop() -> Any:
        return shop_json(mock.store)

    @app.get(f"{API}/products")
    async def products() -> Any:
        items = [
            {
                "gtin": p.gtin,
                "name": p.name,
                "price": str(p.price),
                "currency": p.currency,
                "mass_g": p.masses[0].mass_g if p.masses else None,
                "image": p.image,
                "age_min": p.age_min,
                "sold_by": p.sold_by,
            }
            for p in mock.store.products.values()
        ]
        return {"items": items, "next": None}

    @app.get(f"{API}/live")
    async def live() -> Any:
        return mock.snapshot()

    @app.get(f"{API}/health")
    async def health() -> Any:
        bad = [d for d in mock.device_rows() if d["state"] != "ok"]
        degraded = [{"what": d["detail"], "since_ns": d["last_ns"]} for d in bad]
        engine = {"lag_ms": 4480.0, "journal_bytes": 48_213_004, "snapshot_age_s": 21.4}
        return {"devices": mock.device_rows(), "engine": engine, "degraded": degraded}

    @app.get(f"{API}/given-away")
    async def given_away() -> Any:
        return mock.given_away()

    @app.get(f"{API}/door")
    async def door() -> Any:
        return {
            "waiting": [d | {"reason": "", "since_ns": mock.started} for d in mock.door],
            "inside": [name for name in mock.visits() if mock.receipt(name) is None],
        }

    @app.post(f"{API}/door/{{id_}}")
    async def decide(id_: str, body: dict[str, Any]) -> Any:
        if not any(d["id"] == id_ for d in mock.door):
            return problem(404, "Somebody else has seen to it")
        mock.door = [d for d in mock.door if d["id"] != id_]
        mock.door_said.append(body)
        return {"id": id_, "action": body["action"]}


def _visit_row(mock: Mock, visit: dict[str, Any]) -> dict[str, Any]:
    receipt = mock.receipt(visit["id"])
    final = None if receipt is None else receipt["status"] == "settled"
    return {
        **{key: visit[key] for key in ("id", "party", "entered_ns", "left_ns")},
        "stage": "inside" if visit["left_ns"] is None else "settled" if final else "waiting",
        "currency": "EUR",
        "revision": None if receipt is None else receipt["revision"],
        "final": final,
        "total": None if receipt is None else receipt["total"],
    }


def _issued(receipt: dict[str, Any]) -> dict[str, Any]:
    final = receipt["status"] == "settled"
    reason = "the decision" if final else "a person is asked"
    told = {"revision": receipt["revision"], "final": final, "reason": reason, "issued_ns": receipt["issued_ns"]}
    return told | {"sha256": "", "receipt": receipt}


def _money(visit: dict[str, Any], receipt: dict[str, Any] | None) -> dict[str, Any]:
    def operation(kind: str, amount: str, at_ns: int) -> dict[str, Any]:
        told = {"key": f"{visit['id']}/{kind}", "kind": kind, "amount": amount, "currency": "EUR", "reason": None}
        return told | {"outcome": "done", "asked_ns": at_ns, "answered_ns": at_ns + 300_000_000}

    operations = [operation("authorise", "50.00", visit["entered_ns"])]
    paid = "0"
    if receipt is not None and receipt["status"] == "settled":
        paid = receipt["due"]
        operations.append(operation("capture", paid, receipt["issued_ns"]))
    sums = {"held": "50.00", "hold_state": "held", "paid": paid, "uncollected": "0", "owed": "0"}
    return sums | {"operations": operations}


def _timeline(mock: Mock, visit: str) -> dict[str, Any]:
    told = story.story()["visits"].get(visit)
    events = [e for e in mock.shown(told["timeline"])["events"] if e["t_ns"] <= mock.now_ns()] if told else []
    curves = [e["curve"] | {"event": e["id"]} for e in events if e["curve"]]
    events = [{key: value for key, value in e.items() if key != "curve"} for e in events]
    return {"events": events, "curves": curves, "tracks": mock.shown(story.tracks_of(visit)), "baskets": []}


def _visits(app: FastAPI, mock: Mock) -> None:
    @app.get(f"{API}/visits")
    async def visits(stage: str = "") -> Any:
        rows = sorted((_visit_row(mock, visit) for visit in mock.visits().values()), key=lambda r: -r["entered_ns"])
        return {"items": [r for r in rows if stage in ("", r["stage"])], "next": None}

    @app.get(f"{API}/visits/{{id_}}")
    async def visit(id_: str) -> Any:
        found = mock.visits().get(id_)
        if found is None:
            return problem(404, "Not there", f"no visit {id_}")
        receipt = mock.receipt(id_)
        row = _visit_row(mock, found)
        live = found if found["left_ns"] is None else None
        cases = [c for c in mock.cases if c["visit"] == id_]
        return {
            "visit": row | {"live": live},
            "receipts": [] if receipt is None else [_issued(receipt)],
            "money": _money(found, receipt),
            "timeline": _timeline(mock, id_),
            "case": cases[-1] if cases else None,
            "cases": cases,
            "link": f"http://127.0.0.1/s/{id_}",
        }

    @app.post(f"{API}/visits/{{id_}}/refunds")
    async def refund(id_: str, body: dict[str, Any]) -> Any:
        if not body.get("reason") or not body.get("lines"):
            return problem(422, "This is not right", "lines and reason: field required")
        return JSONResponse({"visit": id_, "revision": 1, "total": "0.00"}, 201)


def _disputes(app: FastAPI, mock: Mock) -> None:
    @app.get(f"{API}/disputes")
    async def disputes() -> Any:
        return {"items": list(reversed(mock.cases)), "next": None}

    @app.get(f"{API}/disputes/{{case}}")
    async def dispute(case: str) -> Any:
        return next((c for c in mock.cases if c["id"] == case), None) or problem(404, "There is no such case")

    @app.post(f"{API}/disputes/{{case}}")
    async def close(case: str, body: dict[str, Any]) -> Any:
        found = next((c for c in mock.cases if c["id"] == case), None)
        if found is None:
            return problem(404, "There is no such case")
        told = {"note": body.get("note", ""), "closed_by": NAME}
        found |= {"state": "closed", "outcome": body["outcome"], "closed_ns": mock.now_ns()} | told
        return found


def _shopper(app: FastAPI, mock: Mock) -> None:
    @app.get(f"{API}/s/{{token}}")
    async def shopper(token: str) -> Any:
        visit = mock.visits().get(token)
        if visit is None:
            return problem(404, "Not there", "this link is not one of this shop's")
        receipt = mock.receipt(token)
        nobody = {"viewers": 0, "clips": 0, "seconds": 0.0, "last_at": None}
        human = nobody if receipt is None else receipt["human"]
        if clips := mock.rights.clips.get(token):
            human = {**human, "viewers": 1, "clips": clips, "seconds": 9.0 * clips, "last_at": mock.now_ns()}
        state = "inside" if receipt is None else "final" if receipt["status"] == "settled" else "provisional"
        row = visit if receipt is None else receipt
        shown = {} if receipt else {"why": "", "shown": False}
        return {
            "visit": token,
            "currency": "EUR",
            "origin": "simulated",
            "paid": "0",
            "state": state,
            "lines": [line | shown for line in row["lines"]],
            "total": row["total"],
            "due": "0" if receipt is None else receipt["due"],
            "decided_by": row.get("decided_by", "software"),
            "human": human,
            "revisions": [] if receipt is None else [{**_issued(receipt), "receipt": None, "total": receipt["total"]}],
            "cases": [c for c in mock.cases if c["visit"] == token],
            "mail": mock.rights.mail(token),
            "stored": [
                {
                    "what": "your receipts and payments, without your name",
                    "until_ns": None,
                    "why": "the law on bookkeeping",
                },
                {
                    "what": "what the receipt rests on",
                    "until_ns": mock.now_ns() + 30 * 86_400 * 10**9,
                    "why": "to answer you if something is wrong",
                },
            ],
        }

    @app.get(f"{API}/s/{{token}}/qr")
    async def qr(token: str) -> Response:
        drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>{token}</title></svg>'
        return Response(drawing, media_type="image/svg+xml")

    @app.post(f"{API}/s/{{token}}/disputes")
    async def say(token: str, body: dict[str, Any]) -> Any:
        if mock.visits().get(token) is None:
            return problem(404, "This link is not from this shop, or its visit is erased")
        return JSONResponse(mock.open_case(token, body), 201)


def _play(app: FastAPI, mock: Mock) -> None:
    @app.get(f"{API}/play")
    async def play() -> Any:
        if not mock.demo:
            return problem(404, "Not there", "no twin plays here")
        s = mock.seventh
        there = s.inside or seventh.VISIT in mock.you
        facings = [{"fixture": f.fixture, "shelf": f.shelf, "plate": f.plates[0], "gtin": f.gtin} for f in s.facings]
        return {
            "you": seventh.VISIT if there else None,
            "inside": s.inside,
            "done": [s.doing] if s.doing else [],
            "held": s.hands,
            "link": f"http://127.0.0.1/s/{seventh.VISIT}" if there else None,
            "facings": facings,
        }

    @app.post(f"{API}/play/review")
    async def review_own() -> Any:
        if mock.you.get(seventh.VISIT) is None:
            return problem(404, "Not there", "you have no receipt")
        return {"held": mock.desk.sit(seventh.VISIT)}

    @app.post(f"{API}/play")
    async def act(body: dict[str, Any]) -> Any:
        if body["action"] == "enter":
            mock.you.clear()
        wrong = mock.seventh.act(body["action"], body, mock.now_ns())
        if wrong:
            return problem(409, "Not now", wrong)
        if body["action"] == "enter":
            mock.extra.append({"type": "visit", "visit": mock.seventh.visit(None)})
        return {"action": body["action"], "waiting": 0}


def main() -> None:
    """Serve it, everybody signed in."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    app = make_app(Mock(signed_in=True))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", ws="websockets-sansio")


if __name__ == "__main__":
    main()
