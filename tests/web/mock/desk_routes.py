"""What the reviewer's pages ask of the mock."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from tests.web.mock import clips, pay
from tests.web.mock.desk import ReviewGoneError
from tests.web.mock.knobs import Mock
from tests.web.mock.known import WORKER
from tests.web.mock.rows import product_json
from walkout.labour.ledger import LabourError
from walkout.review.case import LeaseLostError, ReviewError

API = "/api/v1"


def problem(status: int, title: str, detail: str = "") -> JSONResponse:
    """RFC 9457."""
    body = {"type": "about:blank", "status": status, "title": title, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")


def _refused(error: Exception) -> JSONResponse:
    if isinstance(error, ReviewGoneError | LeaseLostError):
        return problem(409, "This question is no longer yours", "Your time until now is paid all the same.")
    return problem(422, "This is not right", str(error))


def add_desk(app: FastAPI, mock: Mock) -> None:
    """The routes of /desk and /shift."""

    async def tried(do: Callable[[], Any]) -> Any:
        try:
            done = do()
        except (ReviewGoneError, ReviewError, LabourError) as error:
            return _refused(error)
        return Response(status_code=204) if done is None else done

    _shift_of_work(app, mock, tried)
    _questions(app, mock, tried)
    _shown(app, mock)
    _own(app, mock, tried)


Tried = Callable[[Callable[[], Any]], Awaitable[Any]]


def _shift_of_work(app: FastAPI, mock: Mock, tried: Tried) -> None:
    @app.get(f"{API}/desk")
    async def desk() -> Any:
        return mock.desk.state()

    @app.post(f"{API}/desk/purposes/{{name}}/{{what}}")
    async def choose(name: str, what: str) -> Any:
        return await tried(
            lambda: (mock.desk.books.accept if what == "accept" else mock.desk.books.withdraw)(WORKER, name) and None
        )

    @app.post(f"{API}/desk/shift/{{what}}")
    async def shift(what: str) -> Any:
        if what == "end":
            for token in tuple(mock.desk.shown):
                mock.desk.queues.put_back(token)
                mock.desk.happen("returned", unit=token)
            mock.desk.shown.clear()
        return await tried(lambda: mock.desk.happen("shift_started" if what == "start" else "shift_ended"))

    @app.post(f"{API}/desk/break/{{what}}")
    async def rest(what: str, body: dict[str, Any] | None = None) -> Any:
        kind = "meal" if (body or {}).get("kind") == "unpaid" else "rest"
        if what == "end":
            return await tried(lambda: mock.desk.happen("break_ended"))
        return await tried(lambda: mock.desk.happen("break_started", detail=kind))


def _questions(app: FastAPI, mock: Mock, tried: Tried) -> None:
    @app.post(f"{API}/desk/lease")
    async def lease() -> Any:
        return await tried(mock.desk.lease)

    @app.get(f"{API}/desk/next")
    async def ahead() -> Any:
        return {"question": mock.desk.next()}

    @app.post(f"{API}/desk/leases/{{token}}/heartbeat")
    async def heartbeat(token: str) -> Any:
        mock.desk.happen("heartbeat")
        return await tried(lambda: {"expires_ns": mock.desk.queues.renew(token)})

    @app.post(f"{API}/desk/leases/{{token}}/answer")
    async def answer(token: str, body: dict[str, Any]) -> Any:
        return await tried(lambda: mock.desk.answer(token, body))

    @app.post(f"{API}/desk/leases/{{token}}/undo")
    async def undo(token: str) -> Any:
        return await tried(lambda: mock.desk.undo(token))

    @app.post(f"{API}/desk/leases/{{token}}/skip")
    async def skip(token: str, body: dict[str, Any] | None = None) -> Any:
        return await tried(lambda: mock.desk.skip(token, (body or {}).get("reason") or "no reason"))

    @app.post(f"{API}/desk/leases/{{token}}/flag")
    async def flag(token: str, body: dict[str, Any]) -> Any:
        mock.desk.flags.append((token, body["reason"]))
        return Response(status_code=204)


def _shown(app: FastAPI, mock: Mock) -> None:
    @app.get(f"{API}/desk/clips/{{token}}/{{number}}")
    def clip(token: str, number: int, request: Request) -> Any:  # in a thread: drawing takes a second
        if not clips.available:
            return problem(404, "There is no clip", "drawing one needs PyAV")
        try:
            return ranged(mock.desk.clip(token, number), request.headers.get("range", ""))
        except ReviewGoneError as error:
            return _refused(error)

    @app.get(f"{API}/desk/pictures/{{gtin}}")
    async def picture(gtin: str) -> Any:
        if gtin not in mock.store.products:
            return problem(404, "There is no picture")
        return Response(_drawn(mock.store.products[gtin].name), media_type="image/svg+xml")

    @app.get(f"{API}/desk/catalogue")
    async def catalogue(q: str = "") -> Any:
        words = q.lower().split()
        named = [p for p in mock.store.products.values() if all(word in p.name.lower() for word in words)]
        return {"items": [product_json(mock.store, p.gtin) for p in named[:20]], "next": None}

    @app.get(f"{API}/desk/practice")
    async def practice() -> Any:
        return pay.practice(mock)

    @app.post(f"{API}/desk/practice/answer")
    async def practised(body: dict[str, Any]) -> Any:
        return pay.practised(mock, body)


def _own(app: FastAPI, mock: Mock, tried: Tried) -> None:
    @app.get(f"{API}/shift")
    async def shift() -> Any:
        return pay.shift(mock)

    @app.post(f"{API}/shift/verdicts/{{question:path}}/appeal")
    async def appeal(question: str, body: dict[str, Any]) -> Any:
        return await tried(lambda: mock.desk.appeal(question, body["reason"]))

    @app.post(f"{API}/shift/statements/{{period}}/{{what}}")
    async def statement(period: str, what: str, body: dict[str, Any] | None = None) -> Any:
        def say() -> None:
            last = mock.desk.books.issued(WORKER, period)[-1]
            name = f"{WORKER}/{period}/{last.revision}"
            mock.desk.books.said(WORKER, name, came=what == "confirm", words=(body or {}).get("reason", ""))

        return await tried(say)

    @app.get(f"{API}/shift/export")
    async def export() -> Any:
        return Response(
            pay.export(mock),
            media_type="application/json",
            headers={"Content-Disposition": 'attachment; filename="what-is-recorded-about-me.json"'},
        )


def ranged(video: bytes, wanted: str) -> Response:
    """A clip, or the bytes of it that a browser asks for: without ranges it cannot go to a frame."""
    headers = {"Cache-Control": "no-store", "Accept-Ranges": "bytes"}
    found = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted)
    if found is None or int(found[1]) >= len(video):
        return Response(video, media_type="video/mp4", headers=headers)
    first, last = int(found[1]), min(int(found[2] or len(video) - 1), len(video) - 1)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(video)}"
    return Response(video[first : last + 1], 206, media_type="video/mp4", headers=headers)


def _drawn(name: str) -> str:
    """A pack, drawn: a colour of its own and the first letters of its name. Catalogues bring photographs."""
    hue = sum(ord(letter) * (n + 3) for n, letter in enumerate(name)) % 360
    letters = "".join(word[0] for word in name.split()[:2]).upper().replace("&", "")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" fill="#eee"/>'
        f'<rect x="14" y="6" width="36" height="52" rx="3" fill="hsl({hue} 45% 62%)"/>'
        f'<text x="32" y="38" font-family="sans-serif" font-size="15" text-anchor="middle">{letters}</text></svg>'
    )
