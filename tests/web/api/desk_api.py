"""The API over a till whose visits a test makes up, with everybody who may ask, and a team of two reviewers."""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from tests.live.desk_shop import Shop, desk_shop
from tests.web.api.conftest import FIRST, PASSWORD, Open
from walkout.live.counts import Counts
from walkout.live.disputes import Disputes
from walkout.live.door import Door
from walkout.live.intake import Intake
from walkout.live.shop import Shop as Running
from walkout.live.stays import Stays
from walkout.live.view import View
from walkout.web.api.access import ROLES
from walkout.web.api.app import make_app
from walkout.web.api.context import Context
from walkout.web.api.identity import Identity

API = "/api/v1"


class Api(Open):
    """As `Open`, with the till behind it and its clock."""

    shop: Shop

    def get(self, path: str, role: str = "ada", **more: Any) -> Any:
        found = self.ask("GET", f"{API}{path}", role, **more)
        assert found.status_code == 200, found.text
        return found.json()

    def post(self, path: str, role: Any = "ada", status: Any = 200, **body: Any) -> Any:
        found = self.ask("POST", f"{API}{path}", role, json=body)
        assert found.status_code == status, found.text
        return found.json() if found.content else None


@cache
def staffed() -> tuple[Path, dict[str, tuple[str, str]]]:
    """The files of a shop with users of each role and a team of two on shift, to be copied; and their sessions."""
    folder = Path(mkdtemp(prefix="walkout-desk-api-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    with desk_shop(folder) as shop:
        api = _api(shop, {})
        for role in ROLES:
            api.context.identity.add_user(role, PASSWORD, role, 1)
            sign_in(api, role)
        for name in ("ada", "ben"):
            body = {"handle": name, "place": "exampleville", "contract": "employed", "employer": "Example Ltd"}
            api.post("/review/team", "admin", 201, **body, password=PASSWORD)
            sign_in(api, name)
            for purpose in ("settle", "audit", "dispute", "adjudicate", "gold"):
                api.post(f"/desk/purposes/{purpose}/accept", name)
    return folder / "shop", api.sessions


@contextmanager
def desk_api(folder: Path, **wishes: Any) -> Iterator[Api]:
    """The desk over HTTP, with reviewers ada and ben who accepted everything and are on shift."""
    like, sessions = staffed()
    with desk_shop(folder, like, **wishes) as shop:
        api = _api(shop, dict(sessions))
        for name in ("ada", "ben"):
            api.post("/desk/shift/start", name)
        yield api


def _api(shop: Shop, sessions: dict[str, tuple[str, str]]) -> Api:
    async def do(what: Any) -> Any:
        return what()

    held = Running(lambda: shop.till, shop.till.store.name, None)
    held.worker.shutdown()
    held.till, held.view = shop.till, View(shop.till.store)
    held.door = Door(shop.till.credentials.holder, Stays())
    held.intake = Intake(shop.till.store, held.door)
    held.counts = Counts(shop.till.store)
    held.do = do  # type: ignore[method-assign] # all of a test is one thread
    identity = Identity(shop.till.database, b"key of the tests")
    context = Context(held, identity, Disputes(shop.till), FIRST, "http://shop")
    context.requests.burst = context.requests.per_minute = 1e9
    api = Api(context, make_app(context), sessions)
    api.shop = shop
    return api


def sign_in(api: Open, name: str) -> None:
    """A session of a user."""
    cookie = api.context.identity.log_in(name, PASSWORD)
    assert cookie is not None
    session = api.context.identity.session(cookie)
    assert session is not None
    api.sessions[name] = (cookie, session.csrf)
