"""Bring your own authentication: a token that nobody registered is asked of the operator's own server.

The shop posts `{"store": ..., "token": ...}`, signed as webhooks are. The answer: `{"decision": "ACCEPTED", "payer":
..., "role": "shopper" | "staff"}` or `{"decision": "DENIED", "reason": ...}`. No answer in time, or one that cannot be
read, is a refusal: nobody comes in by a fault of somebody else's server, and the staff at the door can still let them
in. What the token is (a face is a token too) is the operator's choice and theirs to answer for; the shop keeps a keyed
digest of it and nothing else.
"""

import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import orjson

from walkout.live.hooks import SIGNATURE, signature

TIMEOUT_S = 2.0
LARGEST = 4096
Ask = Callable[[str], "Granted | str | None"]
"""A token to who it stands for, why it may not come in, or None: no answer."""


@dataclass(frozen=True, slots=True)
class Granted:
    """Somebody else's word for who this is."""

    payer: str
    role: Literal["shopper", "staff"] = "shopper"


def asker(url: str, secret: str, store: str) -> Ask:
    """Asks one server. ValueError for a URL that is none."""
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise ValueError(f"found {url!r}, right: https://..., or http on this machine")

    def ask(token: str) -> Granted | str | None:
        body = orjson.dumps({"store": store, "token": token})
        headers = {"Content-Type": "application/json", SIGNATURE: signature(secret, body, time.time_ns())}
        request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - checked above
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - checked above
                found = orjson.loads(answer.read(LARGEST))
        except (OSError, ValueError):
            return None
        if not isinstance(found, dict):
            return None
        payer, role = found.get("payer"), found.get("role", "shopper")
        if found.get("decision") == "ACCEPTED" and isinstance(payer, str) and payer and role in ("shopper", "staff"):
            return Granted(payer, "staff" if role == "staff" else "shopper")
        return str(found.get("reason") or "refused")[:100] if found.get("decision") == "DENIED" else None

    return ask
