"""The screen at the exit on the mock: what a test puts there, and contests that are noted at their line."""

from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from tests.web.mock.knobs import Mock

API = "/api/v1"
TOKEN = "ImRvb3Ii.screen-of-the-mock"  # noqa: S105 - a made-up link


def add_exit(app: FastAPI, mock: Mock) -> None:
    """The routes."""

    @app.get(f"{API}/exit-screens")
    async def screens() -> Any:
        return {"items": [{"gate": "door", "link": f"http://127.0.0.1/exit/{TOKEN}"}], "next": None}

    @app.get(f"{API}/exit/{{token}}")
    async def screen(token: str) -> Any:
        if token != TOKEN:
            return JSONResponse({"title": "Not there", "detail": "this is no screen of this shop", "status": 404}, 404)
        store = {"name": mock.store.name, "timezone": mock.store.timezone}
        return {"gate": "door", "store": store, "currency": "EUR", "origin": "simulated"} | mock.at_exit

    @app.post(f"{API}/exit/{{token}}/contest")
    async def contest(token: str, body: dict[str, Any]) -> Any:
        for one in mock.at_exit["here"]:
            for line in one["lines"]:
                if (one["visit"], line["gtin"]) == (body["visit"], body["gtin"]):
                    line["contested"] = True
                    one["total"] = f"{float(one['total']) - float(line['amount']):.2f}"
                    return JSONResponse({"id": "c-1", "state": "open"}, 201)
        detail = "found a basket that is not on this screen any more, right: one that is"
        return JSONResponse({"title": "That is no longer possible", "detail": detail, "status": 409}, 409)
