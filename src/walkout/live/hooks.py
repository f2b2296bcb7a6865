"""Webhooks: each listener follows the feed by itself, in order, until it took an entry; signed, and tried again.

A body is a CloudEvent in structured JSON (`checkout/cloudevent.py`).
Signature: `Walkout-Signature: t=<seconds>,v1=<hex>` with HMAC-SHA256 of `<seconds>.<body>` under the listener's secret.
"""

import hashlib
import hmac
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from sqlalchemy import Engine, delete, insert, select, update

from walkout.checkout import tables
from walkout.checkout.cloudevent import MEDIA_TYPE, envelope
from walkout.checkout.feed import Feed

SECOND_NS = 1_000_000_000
FIRST_WAIT_NS, LONGEST_WAIT_NS = 2 * SECOND_NS, 3600 * SECOND_NS
TIMEOUT_S = 5.0
MOST = 100
SIGNATURE = "Walkout-Signature"
Send = Callable[[str, bytes, dict[str, str]], None]
"""Posts a body with headers to a URL; raises OSError where it was not taken."""


class HookError(ValueError):
    """A listener that cannot be; its words say what was found and what would be right."""


@dataclass(frozen=True, slots=True)
class Hook:
    """One listener."""

    id: str
    url: str
    kinds: tuple[str, ...]
    """What it wants to hear; empty: everything."""
    seen: int
    attempts: int
    last_error: str


class Hooks:
    """All listeners of a shop."""

    def __init__(self, engine: Engine, feed: Feed, store: str) -> None:
        self._engine, self._feed, self._store = engine, feed, store
        self._reading = engine.execution_options(walkout_reads=True)

    def add(self, url: str, kinds: Sequence[str], now_ns: int) -> tuple[Hook, str]:
        """Add a listener from the next entry on; with its secret, which is shown this once.

        Raises:
            HookError: no such URL.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or not url.isascii():
            raise HookError("found a URL that is none, right: https://host/path, without a name and password")
        secret, id_ = f"whsec_{secrets.token_urlsafe(24)}", f"w-{secrets.token_hex(8)}"
        values = {"id": id_, "url": url, "secret": secret, "kinds": orjson.dumps(sorted(set(kinds))).decode()}
        seen = self._feed.last()
        with self._engine.begin() as connection:
            connection.execute(insert(tables.webhooks).values(seen=seen, next_ns=now_ns, created_ns=now_ns, **values))
        return Hook(id_, url, tuple(sorted(set(kinds))), seen, 0, ""), secret

    def all(self) -> tuple[Hook, ...]:
        """Every listener."""
        with self._reading.begin() as connection:
            rows = connection.execute(select(tables.webhooks).order_by(tables.webhooks.c.id)).all()
        return tuple(_hook(row) for row in rows)

    def remove(self, id_: str) -> bool:
        """Forget one; False where there is none."""
        with self._engine.begin() as connection:
            return bool(connection.execute(delete(tables.webhooks).where(tables.webhooks.c.id == id_)).rowcount)

    def deliver(self, now_ns: int, send: Send | None = None) -> int:
        """Tell every listener what it has not taken yet, as far as it is due; how many entries were taken."""
        taken = 0
        with self._reading.begin() as connection:
            due = connection.execute(select(tables.webhooks).where(tables.webhooks.c.next_ns <= now_ns)).all()
        for row in due:
            taken += self._deliver(row, now_ns, send or post)
        return taken

    def _deliver(self, row: Any, now_ns: int, send: Send) -> int:
        taken, hook = 0, _hook(row)
        for entry in self._feed.after(hook.seen, MOST):
            if not hook.kinds or entry.kind in hook.kinds:
                body = orjson.dumps(envelope(entry, self._store))
                headers = {"Content-Type": MEDIA_TYPE, SIGNATURE: signature(row.secret, body, now_ns)}
                try:
                    send(hook.url, body, headers)
                except OSError as error:
                    wait_ns = min(LONGEST_WAIT_NS, FIRST_WAIT_NS * 2 ** min(row.attempts, 20))
                    failed = {"attempts": row.attempts + 1, "next_ns": now_ns + wait_ns, "last_error": str(error)[:300]}
                    self._set(hook.id, failed)
                    return taken
                taken += 1
            self._set(hook.id, {"seen": entry.id, "attempts": 0, "next_ns": now_ns, "last_error": ""})
        return taken

    def _set(self, id_: str, values: dict[str, Any]) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(tables.webhooks).where(tables.webhooks.c.id == id_).values(**values))


def signature(secret: str, body: bytes, now_ns: int) -> str:
    """What the header holds."""
    seconds = now_ns // SECOND_NS
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def post(url: str, body: bytes, headers: dict[str, str]) -> None:
    """Post; anything but a 2xx answer is an OSError, a redirect too."""
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - Hooks.add lets in http(s) alone
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            answer.read(1)
    except urllib.error.HTTPError as error:
        error.close()
        raise OSError(f"answered {error.code}") from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any, **_named: Any) -> None:
        """No listener sends us elsewhere."""


def _hook(row: Any) -> Hook:
    return Hook(row.id, row.url, tuple(orjson.loads(row.kinds)), row.seen, row.attempts, row.last_error)
