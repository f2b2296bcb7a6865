"""Each kind of entry from the gate's message to a receipt that is paid, or stated as not collected."""

import asyncio
import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.live.story import feed, messages, shop_in
from tests.live.wire import sample
from walkout.checkout.provider import NOBODY
from walkout.checkout.reconcile import reconcile
from walkout.live.hooks import SIGNATURE
from walkout.live.own_auth import Granted, asker
from walkout.live.shop import Shop
from walkout.live.source import Message
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member

STORE = sample()
STORY = (Arrival(0.5, (Member(Build(), b.take),)),)
Change = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def said() -> list[Message]:
    return list(messages(STORE, STORY, 26))


def at_gate(said: list[Message], change: Change) -> list[Message]:
    """The same story, the gate's messages changed."""
    found = []
    for message in said:
        if "/gate/" in message.topic:
            value = orjson.loads(message.data)
            change(value)
            message = replace(message, data=orjson.dumps({k: v for k, v in value.items() if v is not None}))  # noqa: PLW2901
        found.append(message)
    return found


def shows(token: str | None, at_exit: str | None = None) -> Change:
    def change(value: dict[str, Any]) -> None:
        value["credential"] = token if value["way"] == "entry" else at_exit

    return change


def played(
    folder: Path,
    said: list[Message],
    *,
    before: Callable[[Shop], Any] = lambda _: None,
    cash: bool = False,
    **wishes: Any,
) -> tuple[str, Decimal, Decimal, list[str]]:
    """Payer, the receipt's total, what was paid, and what reconciliation says."""
    shop = shop_in(folder, STORE, any_card=False, **wishes)

    async def go() -> tuple[str, Decimal, Decimal, list[str]]:
        await shop.open(listen=False)
        before(shop)
        entry = next(n for n, m in enumerate(said) if "/gate/" in m.topic)
        await feed(shop, said[: entry + 1])
        if cash:
            assert await shop.let_in(next(one.id for one in shop.bell), admit=True, cash=True)
        await feed(shop, said[entry + 1 :])
        await shop.do(shop.till.runner.finish)
        for _ in range(4):
            await shop.do(shop.till.cashier.work)
        ledger = shop.till.ledger
        (visit,) = ledger.visits("settled")
        with ledger.reading.begin() as connection:
            payer = connection.exec_driver_sql("select payer from visits").scalar_one()
        total, net = ledger.receipts(visit)[-1].total, ledger.payment(visit).net
        differences = await shop.do(lambda: [str(one.what) for one in reconcile(ledger, shop.till.provider)])
        await shop.close()
        return payer, total, net, differences

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("token", "payer"),
    [
        ("card:4a7f", "cus_1:pm_card_present"),
        ("qr:one-time-code", "cus_2:pm_saved"),
        ("rfid:E2801160600002054", "cus_3:pm_saved"),
        ("badge:00417", "account:payroll-00417"),
        ("meal:88", "account:meal-plan-88"),
    ],
)
def test_a_registered_token_of_any_kind_opens_and_pays(
    token: str, payer: str, said: list[Message], tmp_path: Path
) -> None:
    found = played(
        tmp_path, at_gate(said, shows(token)), before=lambda shop: shop.till.credentials.register(token, payer)
    )
    assert found[0] == payer
    assert found[1] == found[2] > 0
    assert found[3] == []
    books = {"account": "own-books.db"}.get(payer.split(":", maxsplit=1)[0], "provider.db")
    assert payer.encode() in b"".join(p.read_bytes() for p in tmp_path.glob(f"{books}*"))


def test_a_cash_shopper_is_let_in_by_staff_and_pays_into_the_shops_own_books(
    said: list[Message], tmp_path: Path
) -> None:
    payer, total, paid, differences = played(tmp_path, at_gate(said, shows(None)), cash=True)
    assert payer.startswith("cash:")
    assert paid == total > 0
    assert differences == []


def test_somebody_without_identity_taps_at_the_exit(said: list[Message], tmp_path: Path) -> None:
    card = "card:at-the-exit"

    def before(shop: Shop) -> None:
        shop.till.credentials.register(card, "cus_9:pm")

    payer, total, paid, differences = played(
        tmp_path, at_gate(said, shows(None, card)), before=before, pay_at_exit=True
    )
    assert (payer, differences) == ("cus_9:pm", [])
    assert paid == total > 0


def test_who_taps_nothing_at_the_exit_is_a_stated_loss(said: list[Message], tmp_path: Path) -> None:
    payer, total, paid, differences = played(tmp_path, at_gate(said, shows(None)), pay_at_exit=True)
    assert (payer, paid, differences) == (NOBODY, Decimal(0), ["not collected"])
    assert total > 0


@pytest.fixture
def partner() -> Iterator[tuple[str, list[tuple[bytes, str]]]]:
    """Somebody else's server that knows one token, refuses one, and fails at all others."""
    asked: list[tuple[bytes, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            asked.append((body, self.headers[SIGNATURE]))
            answers = {
                "theirs": {"decision": "ACCEPTED", "payer": "cus_7:pm"},
                "bad": {"decision": "DENIED", "reason": "not a member"},
            }
            found = answers.get(orjson.loads(body)["token"])
            self.send_response(200 if found else 500)
            self.end_headers()
            self.wfile.write(orjson.dumps(found))

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/auth", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_somebody_elses_server_says_who_a_token_is(
    partner: tuple[str, list[tuple[bytes, str]]], said: list[Message], tmp_path: Path
) -> None:
    url, asked = partner
    payer, total, paid, differences = played(tmp_path, at_gate(said, shows("theirs")), own_auth=url)
    assert (payer, differences) == ("cus_7:pm", [])
    assert paid == total > 0
    assert len(asked) == 1


def test_what_it_refuses_or_does_not_answer_stays_out(partner: tuple[str, list[tuple[bytes, str]]]) -> None:
    url, asked = partner
    ask = asker(url, "secret", "shop")
    assert ask("theirs") == Granted("cus_7:pm")
    assert ask("bad") == "not a member"
    assert ask("unknown") is None
    assert asker("http://127.0.0.1:9/", "secret", "shop")("x") is None
    body, header = asked[0]
    stamp = header.split(",")[0][2:]
    wanted = hmac.new(b"secret", f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert header.endswith(f"v1={wanted}")
    with pytest.raises(ValueError, match="https"):
        asker("http://elsewhere.example", "s", "shop")
