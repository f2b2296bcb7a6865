"""What every route may use: the running shop, who asks, and how often they did."""

import hmac
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.requests import HTTPConnection

from walkout.live.disputes import Disputes
from walkout.live.months import Months
from walkout.live.performer import Performer
from walkout.live.post import Post
from walkout.live.shop import Shop
from walkout.live.till import Till
from walkout.web.api.access import TABLE, Principal
from walkout.web.api.identity import Identity, Session
from walkout.web.api.marked import Marked
from walkout.web.api.problem import ProblemError
from walkout.web.api.sign_ins import SignIns

COOKIE: Final = "walkout_session"
CSRF: Final = "x-csrf-token"
SAFE: Final = ("GET", "HEAD", "OPTIONS")
bearer = HTTPBearer(auto_error=False, scheme_name="key", description="An API key: Authorization: Bearer wk_...")
cookie = APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="session")


@dataclass(slots=True)
class Rate:
    """A bucket of requests for each caller, filled at a steady rate."""

    per_minute: float
    burst: float
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def spend(self, who: str) -> float:
        """Take one; how many seconds to wait where there is none (0: go on)."""
        now = time.monotonic()
        left, at = self._buckets.pop(who, (self.burst, now))
        left = min(self.burst, left + (now - at) * self.per_minute / 60)
        self._buckets[who] = (left - 1 if left >= 1 else left, now)
        while len(self._buckets) > 10_000:
            self._buckets.popitem(last=False)
        return 0.0 if left >= 1 else (1 - left) * 60 / self.per_minute


@dataclass(slots=True)
class Context:
    """One running shop as the API sees it."""

    shop: Shop
    identity: Identity
    disputes: Disputes
    first_run: str
    """The one-time token of the first admin."""
    base_url: str
    performer: Performer | None = None
    """The twin, where it plays."""
    folder: Path | None = None
    """The store folder, where the shop's files may be edited."""
    play: dict[str, Any] = field(default_factory=dict)
    newcomer: bool = False
    """A demonstration, whose admin is also on its review team (live.newcomer)."""
    post: Post | None = None
    """Where receipts go out by e-mail; None: no mail server is set."""
    requests: Rate = field(default_factory=lambda: Rate(1200, 240))
    log_ins: Rate = field(default_factory=lambda: Rate(10, 10))
    public: Rate = field(default_factory=lambda: Rate(120, 40))
    """Of routes without a session, by address."""
    bundles: Rate = field(default_factory=lambda: Rate(12, 6))
    """Of bundles, by everybody together."""

    sign_ins: SignIns | None = None
    """Sign-in at the organisation's own provider; None: only here, by password."""
    marked: Marked = field(default_factory=Marked)
    """Clips with the mark of a lease in them."""
    months: Months | None = None
    """The month certificates, made when they are first asked for."""

    @property
    def settle_at(self) -> float | None:
        """From which probability up software settles alone now; None: never."""
        return self.till.cashier.settle_at

    def link(self, visit: str) -> str:
        """A visit's signed link, as its shopper opens it."""
        return f"{self.base_url}/s/{self.identity.link(visit)}"

    @property
    def till(self) -> Till:
        """The shop's files."""
        return self.shop.till


def of(request: HTTPConnection) -> Context:
    """The context of the app that answers."""
    found: Context = request.app.state.context
    return found


def who(request: HTTPConnection) -> tuple[Principal, Session | None] | None:
    """Who asks, with their session where it is one; None: nobody that is known."""
    context = of(request)
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and key:
        principal = context.identity.of_key(key.strip())
        return None if principal is None else (principal, None)
    session = context.identity.session(request.cookies.get(COOKIE, ""))
    if session is None:
        return None
    if context.newcomer and session.principal.role == "admin":
        return replace(session.principal, also=frozenset({"reviewer"})), session
    return session.principal, session


def paced(request: Request, name: str | None = None) -> None:
    """Refuse whoever asks too often."""
    caller = name or (request.client.host if request.client else "?")
    wait_s = of(request).requests.spend(caller)
    if wait_s:
        raise ProblemError(429, "too many requests", {"Retry-After": str(int(wait_s) + 1)})


def encrypted(request: HTTPConnection) -> bool:
    """Whether a browser speaks HTTPS with this shop: by the connection, a proxy's believed word, or the shop's address.

    By the address, so that where a proxy forgets to say so, cookies are for HTTPS only all the same.
    """
    return request.url.scheme in ("https", "wss") or of(request).base_url.startswith("https:")


def allowed(action: str) -> Callable[[Request], Awaitable[Principal]]:
    """A dependency that lets only those in whom the table lets do this."""
    if action not in TABLE:
        raise KeyError(f"no action {action!r} in the table")

    async def check(request: Request) -> Principal:
        found = who(request)
        if found is None:
            paced(request)
            raise ProblemError(401, "no session, and no key that is valid", {"WWW-Authenticate": "Bearer"})
        principal, session = found
        paced(request, principal.name)
        if not principal.may(action):
            raise ProblemError(403, f"{principal.role} may not do this ({action})")
        if session is not None and request.method not in SAFE:
            given = request.headers.get(CSRF, "")
            if not _same(given, session.csrf):
                raise ProblemError(403, f"the header {CSRF} does not hold this session's token")
        return principal

    check.action = action  # type: ignore[attr-defined] # read by the test of the table
    return check


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())
