"""What a reviewer says in public, on the mock: the ledger's own keys and statements, and the report's group of them."""

from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from tests.web.mock.knobs import Mock
from tests.web.mock.known import WORKER
from walkout.disclosure.voices import NONE
from walkout.labour.ledger import LabourError
from walkout.labour.voice import LONGEST, Voice
from walkout.labour.voices import Voices

API = "/api/v1"


def voices_of(mock: Mock) -> Voices:
    return Voices(mock.desk.ledger, mock.store.name)


def told(mock: Mock) -> dict[str, Any]:
    """As the report has it."""
    said = [one.voice for one in voices_of(mock).said(WORKER)]
    gone = {one.replaces for one in said}
    standing = [one for one in said if one.sha256 not in gone and one.text]
    signed = [
        {"text": one.text, "signatures": [{"store": one.store, "key": one.key, "signature": one.signature}]}
        for one in standing
    ]
    return {"words": f"Signed by {len(signed)} keys." if signed else NONE, "statements": signed}


def add_voice(app: FastAPI, mock: Mock) -> None:
    """The routes."""

    @app.get(f"{API}/shift/voice")
    async def mine() -> Any:
        voices = voices_of(mock)
        return {
            "store": voices.store,
            "month": datetime.now(UTC).strftime("%Y-%m"),
            "longest": LONGEST,
            "keys": [{"key": key, "registered_ns": ns} for key, ns in voices.keys(WORKER)],
            "said": [{**one.voice.plain(), "sha256": one.voice.sha256} for one in voices.said(WORKER)],
        }

    @app.post(f"{API}/shift/voice/key")
    async def register(body: dict[str, Any]) -> Any:
        voices_of(mock).register(WORKER, body["key"], body["proof"])
        return JSONResponse({"key": body["key"], "number": 1}, 201)

    @app.post(f"{API}/shift/voice")
    async def say(body: dict[str, Any]) -> Any:
        voices = voices_of(mock)
        if "proof" in body:
            voices.register(WORKER, body["key"], body["proof"])
        names = ("store", "month", "replaces", "text", "key", "signature")
        try:
            return JSONResponse({"sha256": voices.say(WORKER, Voice(*(body[name] for name in names)))}, 201)
        except LabourError as error:
            return JSONResponse({"title": "Not kept", "detail": str(error), "status": 409}, 409)
