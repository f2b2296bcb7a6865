"""Webhooks and letters: each entry once and in order, signed, tried again; a letter says what the receipt says."""

import hashlib
import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine

from walkout.checkout.feed import Feed
from walkout.checkout.storage import open_database
from walkout.live.hooks import FIRST_WAIT_NS, SIGNATURE, HookError, Hooks, post
from walkout.live.qr import qr_svg

NOW = 1_700_000_000 * 10**9


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    made = open_database(tmp_path / "ledger.db", durable=False)
    yield made
    made.dispose()


def test_each_entry_is_told_once_in_order_and_again_after_a_failure(database: Engine) -> None:
    feed = Feed(database)
    hooks = Hooks(database, feed, "shop")
    feed.add("before", "visit.entered", "v0", {}, 1)
    hook, secret = hooks.add("https://till.example/hook", ["receipt.issued"], NOW)
    assert not feed.add("before", "visit.entered", "v0", {}, 1), "an entry is there once"
    for n in range(3):
        feed.add(f"r{n}", "receipt.issued", f"v{n}", {"n": n}, n)
        feed.add(f"e{n}", "visit.entered", f"v{n}", {}, n)
    told: list[int] = []
    down = [True]

    def send(url: str, body: bytes, headers: dict[str, str]) -> None:
        assert url == hook.url
        if down[0] and told:
            raise OSError("answered 500")
        seconds, _, digest = headers[SIGNATURE].removeprefix("t=").partition(",v1=")
        wanted = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(digest, wanted)
        told.append(orjson.loads(body)["data"]["n"])

    assert hooks.deliver(NOW, send) == 1
    assert hooks.all()[0].last_error == "answered 500"
    down[0] = False
    assert hooks.deliver(NOW, send) == 0, "not before its time"
    assert hooks.deliver(NOW + FIRST_WAIT_NS, send) == 2
    assert told == [0, 1, 2]
    assert hooks.deliver(NOW + 2 * FIRST_WAIT_NS, send) == 0
    assert hooks.remove(hook.id)
    assert not hooks.remove(hook.id)


def test_over_real_http_redirects_and_errors_are_failures() -> None:
    got: list[bytes] = []

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["content-length"])))
            status = int(self.path.strip("/"))
            self.send_response(status)
            if status == 302:
                self.send_header("location", "/200")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as above
            pass

    with serving(HTTPServer(("127.0.0.1", 0), Ear)) as port:
        post(f"http://127.0.0.1:{port}/200", b"{}", {})
        for status in (302, 404, 500):
            with pytest.raises(OSError, match=f"answered {status}"):
                post(f"http://127.0.0.1:{port}/{status}", b"{}", {})
    assert len(got) == 4


@pytest.mark.parametrize("url", ["ftp://x/y", "file:///etc/passwd", "https://a:b@x/", "x", "https://"])
def test_only_plain_web_addresses_are_told(database: Engine, url: str) -> None:
    with pytest.raises(HookError, match="right: https://host/path"):
        Hooks(database, Feed(database), "shop").add(url, [], NOW)


def test_a_code_is_svg() -> None:
    assert qr_svg("https://shop.example/s/abc").startswith(b"<svg")


@contextmanager
def serving(server: Any) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
