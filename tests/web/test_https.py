"""HTTPS of a real `serve`, and what it believes of a proxy before it: cookies, HSTS, callers, the live picture."""

import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from typer.testing import CliRunner
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.cli.test_serve import ROOT, SAMPLE, end, serving
from tests.live.certificates import Authority
from tests.live.wire import free_port
from walkout.cli.app import app

PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
API = "/api/v1"


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ours"), "our-authority")


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory, ours: Authority) -> Iterator[dict[str, Any]]:
    """A shop that speaks HTTPS itself, under a name that only its own authority says."""
    certificate, key = ours.signs("localhost", "127.0.0.1")
    more = ["--tls-cert", str(certificate), "--tls-key", str(key)]
    child, said = serving(tmp_path_factory.mktemp("secure") / "data", *more)
    try:
        yield said
    finally:
        end(child)


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A shop without TLS on loopback, as behind a proxy on the same machine."""
    child, said = serving(tmp_path_factory.mktemp("behind") / "data")
    try:
        yield said
    finally:
        end(child)


def first(said: dict[str, Any], client: httpx2.Client, **headers: str) -> httpx2.Response:
    """The first admin makes themselves, or signs in."""
    given = {"token": said["first_run"].partition("#")[2], "name": "ada", "password": PASSWORD}
    made = client.post(f"{API}/first-run", json=given, headers=headers)
    if made.status_code == 200:
        return made
    return client.post(f"{API}/session", json={"name": "ada", "password": PASSWORD}, headers=headers)


def test_https_with_the_authority_and_only_with_it(secure: dict[str, Any], ours: Authority) -> None:
    url = secure["url"]
    assert url.startswith("https://127.0.0.1:")
    assert secure["first_run"].startswith(f"{url}/first-run#")
    with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx2.get(f"{url}/healthz")
    with httpx2.Client(base_url=url, verify=ssl.create_default_context(cafile=ours.ca), timeout=30) as client:
        answer = first(secure, client)
        assert answer.status_code == 200
        cookie = answer.headers["set-cookie"].lower()
        assert all(word in cookie for word in ("; secure", "; httponly", "samesite=strict"))
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
        assert client.get(f"{API}/session").json()["user"] == "ada"
        page = client.get("/")
        assert page.headers["strict-transport-security"] == "max-age=31536000"
    plain = url.replace("https://", "http://")
    with pytest.raises(httpx2.HTTPError):  # nothing is said in the clear, not even where to go
        httpx2.get(f"{plain}/healthz")


def test_the_live_connection_goes_over_tls_too(secure: dict[str, Any], ours: Authority) -> None:
    context = ssl.create_default_context(cafile=ours.ca)
    with httpx2.Client(base_url=secure["url"], verify=context, timeout=30) as client:
        first(secure, client)
        cookie = {"Cookie": f"walkout_session={client.cookies['walkout_session']}"}
    address = secure["url"].replace("https://", "wss://") + f"{API}/live/ws"
    patient: dict[str, Any] = {"ssl": context, "additional_headers": cookie, "open_timeout": 60}
    with connect(address, origin=secure["url"], **patient) as live:
        assert json.loads(live.recv(timeout=20))
    with pytest.raises(InvalidStatus), connect(address, origin="https://evil", **patient):  # type: ignore[arg-type]
        pass


def test_a_proxy_on_this_machine_is_believed_about_its_browser(behind: dict[str, Any]) -> None:
    with httpx2.Client(base_url=behind["url"], timeout=30) as client:
        plain = first(behind, client)
        assert "secure" not in plain.headers["set-cookie"].lower(), "nothing says that this is HTTPS"
        assert "strict-transport-security" not in plain.headers
        said = first(behind, client, **{"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"})
        assert "; secure" in said.headers["set-cookie"].lower()
        assert said.headers["strict-transport-security"] == "max-age=31536000"
        for header in ({"Forwarded": "proto=https"}, {"X-Forwarded-Ssl": "on"}, {"X-Scheme": "https"}):
            assert "secure" not in first(behind, client, **header).headers["set-cookie"].lower(), header


def test_each_caller_behind_the_proxy_has_their_own_count_of_wrong_passwords(behind: dict[str, Any]) -> None:
    with httpx2.Client(base_url=behind["url"], timeout=30) as client:

        def tries(address: str, times: int) -> list[int]:
            body = {"name": "nobody", "password": "wrong wrong wrong"}
            headers = {"X-Forwarded-For": address}
            return [client.post(f"{API}/session", json=body, headers=headers).status_code for _ in range(times)]

        assert tries("203.0.113.20", 14)[-1] == 429
        assert tries("203.0.113.21", 1) == [401], "another address is another caller"
        # The proxy appends whom it saw: what a browser claims before that is not believed.
        assert tries("203.0.113.99, 203.0.113.20", 1) == [429]


@contextmanager
def elsewhere(data: Path, allow: str) -> Iterator[str]:
    """A shop that believes only a proxy of this address, which is not where we come from."""
    arguments = [sys.executable, "-m", "walkout", "serve", str(SAMPLE), "--json", "--data", str(data)]
    arguments += ["--port", str(free_port()), "--broker-port", str(free_port())]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "FORWARDED_ALLOW_IPS": allow}
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    assert child.stdout is not None
    try:
        text = ""
        while not text.rstrip().endswith("}"):
            line = child.stdout.readline()
            assert line
            text += line
        yield json.loads(text)["url"]
    finally:
        child.send_signal(signal.SIGINT)
        child.wait(30)
        child.stdout.close()


@pytest.mark.slow
def test_from_anywhere_else_no_header_is_believed(tmp_path: Path) -> None:
    with elsewhere(tmp_path / "data", "192.0.2.7") as url, httpx2.Client(base_url=url, timeout=30) as client:
        said = client.get("/healthz", headers={"X-Forwarded-Proto": "https"})
        assert "strict-transport-security" not in said.headers
        body = {"name": "nobody", "password": "wrong wrong wrong"}
        codes = [
            client.post(f"{API}/session", json=body, headers={"X-Forwarded-For": f"203.0.113.{k}"}).status_code
            for k in range(14)
        ]
        assert codes[-1] == 429, "one caller, whatever they say of themselves"


def test_files_that_do_not_fit_are_refused_before_the_shop_opens(tmp_path: Path, ours: Authority) -> None:
    certificate, _ = ours.signs("localhost")
    other = ours.signs("other.example")[1]
    for more, words in (
        (["--tls-cert", str(certificate), "--tls-key", str(other)], "of another certificate"),
        (["--tls-cert", str(certificate)], "both --tls-cert and --tls-key"),
        (["--broker-ca", str(ours.ca)], "right: a broker at mqtts://"),
        (["--broker", "mqtts://localhost", "--broker-ca", str(other)], "right: a PEM file"),
    ):
        done = CliRunner().invoke(app, ["serve", str(SAMPLE), "--data", str(tmp_path / "data"), *more])
        assert done.exit_code == 2, words
        assert words in " ".join(done.output.split()), done.output
    assert not (tmp_path / "data").exists()
