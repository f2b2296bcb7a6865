"""Webhooks: who else is told of what happens."""

import time
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from walkout.live.hooks import HookError, Hooks
from walkout.web.api.context import allowed, of
from walkout.web.api.problem import ProblemError

router = APIRouter(tags=["webhooks"])


class NewHook(BaseModel):
    """Where to, and what of."""

    url: str = Field(min_length=1, max_length=500)
    kinds: list[str] = Field(default_factory=list, max_length=30)


@router.get("/webhooks", dependencies=[Depends(allowed("webhooks.read"))])
def hooks(request: Request) -> dict[str, Any]:
    """Every listener, and how far it is."""
    return {"items": [asdict(hook) for hook in _hooks(request).all()], "next": None}


@router.post("/webhooks", status_code=201, dependencies=[Depends(allowed("webhooks.write"))])
def add_hook(request: Request, given: NewHook) -> dict[str, Any]:
    """Add a listener; the secret that signs what it gets is shown this once."""
    if any("\x00" in kind for kind in given.kinds):
        raise ProblemError(422, "kinds: found a character that no kind has")
    try:
        hook, secret = _hooks(request).add(given.url, given.kinds, time.time_ns())
    except (HookError, ValueError) as error:
        raise ProblemError(422, str(error)) from error
    return {**asdict(hook), "secret": secret}


@router.delete("/webhooks/{hook_id}", dependencies=[Depends(allowed("webhooks.write"))])
def remove_hook(request: Request, hook_id: str) -> dict[str, Any]:
    """Forget a listener."""
    if not _hooks(request).remove(hook_id.replace("\x00", "")):
        raise ProblemError(404, f"no webhook {hook_id[:60]}")
    return {"id": hook_id, "removed": True}


def _hooks(request: Request) -> Hooks:
    till = of(request).till
    return Hooks(till.database, till.feed, till.store.name)
