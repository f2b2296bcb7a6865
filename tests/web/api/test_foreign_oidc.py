"""Single sign-on against a provider that somebody else wrote: idpyoidc, whose authors wrote the certification's tests.

Skipped where it is not installed: `uv pip install idpyoidc` into the environment of the tests.
"""

import importlib.util
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.web.api.conftest import Open
from tests.web.api.foreign_provider import CLIENT, SECRET
from tests.web.api.test_oidc import back, begin, me, refused, sign_in
from walkout.web.api.provider import Oidc, Provider, ProviderError
from walkout.web.api.roles import rule
from walkout.web.api.sign_ins import SignIns

ROOT = Path(__file__).resolve().parents[3]
RULES = ("reviewer=groups=desk", "admin=email=eve@example.org")

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("idpyoidc") is None,
    reason="idpyoidc (Apache-2.0), a foreign provider, is not installed: uv pip install idpyoidc",
)


@dataclass(frozen=True, slots=True)
class Foreign:
    """The running provider."""

    url: str
    folder: Path

    def becomes(self, who: str) -> None:
        """Somebody else sits at the browser."""
        (self.folder / "who").write_text(who, "utf-8")


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    folder = tmp_path_factory.mktemp("foreign")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.web.api.foreign_provider", str(port), "http://shop/api/v1/oidc/callback"]
    path = os.pathsep.join([str(ROOT), *sys.path])
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n", (folder / "log").read_text()
            yield Foreign(f"http://127.0.0.1:{port}", folder)
        finally:
            process.terminate()
            process.wait(10)
            if process.stdout is not None:
                process.stdout.close()


@pytest.fixture
def shop(here: Open, foreign: Foreign) -> Iterator[Open]:
    foreign.becomes("anna")
    here.context.sign_ins = SignIns(Provider(how(foreign)), "http://shop")
    yield here
    here.context.sign_ins = None


def how(foreign: Foreign, secret: str = SECRET) -> Oidc:
    return Oidc(foreign.url, CLIENT, tuple(rule(text) for text in RULES), secret, "Somebody else's")


def test_somebody_comes_in_with_the_role_of_their_group(shop: Open) -> None:
    answer = sign_in(shop, "/shift")
    assert (answer.status_code, answer.headers["location"]) == (303, "/shift"), answer.text
    session = me(shop, answer)
    assert session["role"] == "reviewer"
    assert re.fullmatch(r"sso:anna:[a-z2-7]{16}", session["user"])
    assert me(shop, sign_in(shop))["user"] == session["user"], "the same person again"


def test_whom_no_rule_names_stays_out_also_with_an_address_that_nobody_checked(shop: Open, foreign: Foreign) -> None:
    foreign.becomes("eve")
    refused(sign_in(shop), 403, "You may not use this console")


def test_its_code_counts_once_and_only_with_the_verifier_of_its_sign_in(shop: Open, foreign: Foreign) -> None:
    browser, address = begin(shop)
    assert back(shop, browser, address).status_code == 303
    code = parse_qs(urlsplit(address).query)["code"][0]
    provider, redirect = Provider(how(foreign)), "http://shop/api/v1/oidc/callback"
    with pytest.raises(ProviderError, match="invalid_grant"):
        provider.claims(code, redirect, "v" * 64, "nonce")
    _, other = begin(shop)
    fresh = parse_qs(urlsplit(other).query)["code"][0]
    with pytest.raises(ProviderError, match="invalid_grant"):
        provider.claims(fresh, redirect, "v" * 64, "nonce")


def test_a_wrong_secret_signs_nobody_in(shop: Open, foreign: Foreign) -> None:
    shop.context.sign_ins = SignIns(Provider(how(foreign, "another one")), "http://shop")
    refused(sign_in(shop), 503, "does not sign anybody in now")
