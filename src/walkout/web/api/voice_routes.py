"""What a reviewer says of their work in public, signed in their own browser; the private key never comes here."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from walkout.labour.voice import KIND, LONGEST, Voice
from walkout.labour.voices import Voices
from walkout.web.api.access import Principal
from walkout.web.api.context import Context, allowed, of
from walkout.web.api.desk_routes import did, member
from walkout.web.api.problem import ProblemError
from walkout.web.api.public_routes import MONTH, this_month

router = APIRouter(tags=["shift"])
Reads = Annotated[Principal, Depends(allowed("shift.read"))]
Writes = Annotated[Principal, Depends(allowed("shift.write"))]
HEX64, HEX128 = r"^[0-9a-f]{64}$", r"^[0-9a-f]{128}$"


class Key(BaseModel):
    """A public key, and the proof that whoever gives it holds the private one."""

    key: str = Field(pattern=HEX64)
    proof: str = Field(pattern=HEX128)


class Said(BaseModel):
    """A signed statement."""

    kind: str = Field(KIND, pattern=f"^{KIND}$")
    store: str = Field(max_length=200)
    month: str = Field(pattern=MONTH)
    replaces: str = Field(pattern=r"^([0-9a-f]{64})?$")
    text: str = Field(max_length=LONGEST)
    key: str = Field(pattern=HEX64)
    signature: str = Field(pattern=HEX128)
    proof: str | None = Field(None, pattern=HEX128)
    """With it, a key that is not registered yet is registered on the way."""


@router.get("/shift/voice")
def voice(request: Request, principal: Reads) -> dict[str, Any]:
    """The keys in one's own name, and what one said under them."""
    voices = _voices(of(request), principal.name)
    return {
        "store": voices.store,
        "month": this_month(),
        "longest": LONGEST,
        "keys": [{"key": key, "registered_ns": ns} for key, ns in voices.keys(principal.name)],
        "said": [
            {**one.voice.plain(), "sha256": one.voice.sha256, "said_ns": one.said_ns}
            for one in voices.said(principal.name)
        ],
    }


@router.post("/shift/voice/key", status_code=201)
async def register(request: Request, given: Key, principal: Writes) -> dict[str, Any]:
    """Register a public key; it goes into the log at once."""
    context, worker = of(request), principal.name
    voices = _voices(context, worker)
    await did(context, lambda: voices.register(worker, given.key, given.proof))
    return {"key": given.key, "number": await _number(context, f"voice-key/{given.key}")}


@router.post("/shift/voice", status_code=201)
async def say(request: Request, given: Said, principal: Writes) -> dict[str, Any]:
    """Publish a signed statement with the month's disclosure; its hash goes into the log at once."""
    context, worker = of(request), principal.name
    voices = _voices(context, worker)
    if not re.match(MONTH, given.month) or given.month > this_month():
        raise ProblemError(422, f"month: found {given.month}, right: this month, or one before")
    if given.proof is not None:
        proof = given.proof
        await did(context, lambda: voices.register(worker, given.key, proof))
    made = Voice(given.store, given.month, given.replaces, given.text, given.key, given.signature)
    sha256 = await did(context, lambda: voices.say(worker, made))
    return {"sha256": sha256, "number": await _number(context, f"voice/{sha256}")}


def _voices(context: Context, worker: str) -> Voices:
    member(context, worker)
    return Voices(context.till.books.ledger, context.till.store.name)


async def _number(context: Context, row: str) -> int | None:
    """Which entry of the log says so, after it was written there."""
    record = context.till.record

    def act() -> int | None:
        record.work()
        record.forget_reports()
        return record.scribe.number_of(row)

    return await context.shop.do(act)
