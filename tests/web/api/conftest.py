"""One open shop with visits behind it, and everybody who may ask something of it."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from tests.live.story import feed, messages, shop_in
from walkout.live.disputes import Disputes
from walkout.store.folder import load
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member
from walkout.web.api.access import ROLES
from walkout.web.api.app import make_app
from walkout.web.api.context import Context
from walkout.web.api.identity import Identity

SAMPLE = Path(__file__).resolve().parents[3] / "examples" / "sample-store"
PASSWORD = "a long enough one"  # noqa: S105 - of nobody
FIRST = "the-first-token"
SHOPPERS = (
    Arrival(0.5, (Member(Build(), b.sequence(b.take, b.take)),)),
    Arrival(1.0, (Member(Build(1.6), b.browse),)),
    Arrival(30.0, (Member(Build(1.7), b.sequence(b.take, *[b.browse] * 30)),)),
)


@dataclass(slots=True)
class Open:
    """The shop, its app, and a session and CSRF token for each role."""

    context: Context
    app: FastAPI
    sessions: dict[str, tuple[str, str]]

    def ask(self, method: str, path: str, role: str | None = None, **more: Any) -> httpx2.Response:
        """One request, as somebody of a role; `csrf=False` leaves the token out."""
        headers = dict(more.pop("headers", {}))
        if role is not None:
            cookie, csrf = self.sessions[role]
            headers["cookie"] = f"walkout_session={cookie}"
            if more.pop("csrf", True):
                headers["x-csrf-token"] = csrf

        async def once() -> httpx2.Response:
            transport = httpx2.ASGITransport(app=self.app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
                return await client.request(method, path, headers=headers, **more)

        with ThreadPoolExecutor(1) as pool:  # a test that has a browser has a running loop in this thread
            return pool.submit(asyncio.run, once()).result()

    def visit(self, stage: str = "settled") -> str:
        """A visit at a stage; what other tests asked the provider for is answered first."""
        found = self.context.till.ledger.visits(stage)
        for _ in range(4 if not found else 0):
            self.context.shop.worker.submit(self.context.till.cashier.work).result()
        return (found or self.context.till.ledger.visits(stage))[0]


def opened(folder: Path) -> Open:
    shop = shop_in(folder, load(SAMPLE))
    asyncio.run(shop.open(listen=False))
    asyncio.run(feed(shop, messages(shop_store(shop), SHOPPERS, 48)))
    for _ in range(4):
        shop.worker.submit(shop.till.cashier.work).result()
    identity = Identity(shop.till.database, b"key of the tests")
    context = Context(shop, identity, Disputes(shop.till), FIRST, "http://shop")
    context.requests.burst = context.requests.per_minute = 1e9
    app = make_app(context)
    sessions: dict[str, tuple[str, str]] = {}
    for role in ROLES:
        identity.add_user(role, PASSWORD, role, 1)
        cookie = identity.log_in(role, PASSWORD)
        assert cookie is not None
        session = identity.session(cookie)
        assert session is not None
        sessions[role] = (cookie, session.csrf)
    return Open(context, app, sessions)


def shop_store(shop: Any) -> Any:
    return shop.till.store


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """One for all tests of the API: they ask, and change what no other test counts on."""
    found = opened(tmp_path_factory.mktemp("open"))
    yield found
    asyncio.run(found.context.shop.close())
