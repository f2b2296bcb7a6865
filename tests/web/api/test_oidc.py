"""Single sign-on against a provider that signs with real keys: who gets in, and every way in that must stay shut."""

import asyncio
import base64
import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import uvicorn
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.web.api.conftest import PASSWORD, Open
from tests.web.api.issuer import CLIENT, SECRET, Issuer, issuing
from tests.web.browser import OUT, chromium, needs_chromium
from tests.web.mock.serving import serving_app
from walkout.checkout.storage import open_database
from walkout.web.api.identity import Identity, IdentityError
from walkout.web.api.provider import AGAIN_S, AT_ONCE, Oidc, Provider
from walkout.web.api.roles import rule
from walkout.web.api.sign_ins import UNDER_WAY_S, SignIns

API = "/api/v1"
RULES = ("admin=groups=owners", "reviewer=groups=desk", "auditor=email=Eve@Example.org")
Change = Callable[[dict[str, Any]], dict[str, Any]]


class Clock:
    """Of the shop, which a test moves on."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as found:
        yield found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop(here: Open, issuer: Issuer, clock: Clock) -> Iterator[Open]:
    how = Oidc(issuer.url, CLIENT, tuple(rule(text) for text in RULES), SECRET, "Example Ltd")
    here.context.sign_ins = SignIns(Provider(how, clock), "http://shop", clock)
    issuer.user = {"sub": "1001", "preferred_username": "anna", "groups": ["staff", "desk"]}
    yield here
    here.context.sign_ins = None


def cookie_of(answer: httpx2.Response, name: str) -> str:
    found = [one for one in answer.headers.get_list("set-cookie") if one.startswith(f"{name}=")]
    return found[0].partition(";")[0].partition("=")[2] if found else ""


def begin(shop: Open, page: str = "/") -> tuple[str, str]:
    """What the browser keeps, and where the provider sends it back to."""
    answer = shop.ask("GET", f"{API}/oidc/start", params={"next": page})
    assert answer.status_code == 303, answer.text
    there = httpx2.get(answer.headers["location"], follow_redirects=False)
    return cookie_of(answer, "walkout_oidc"), there.headers["location"]


def back(shop: Open, browser: str, address: str) -> httpx2.Response:
    at = urlsplit(address)
    return shop.ask("GET", f"{at.path}?{at.query}", headers={"cookie": f"walkout_oidc={browser}"})


def sign_in(shop: Open, page: str = "/") -> httpx2.Response:
    return back(shop, *begin(shop, page))


def me(shop: Open, answer: httpx2.Response) -> dict[str, Any]:
    """Who the session of an answer is."""
    headers = {"cookie": f"walkout_session={cookie_of(answer, 'walkout_session')}"}
    found: dict[str, Any] = shop.ask("GET", f"{API}/session", headers=headers).json()
    return found


def refused(answer: httpx2.Response, status: int, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert not cookie_of(answer, "walkout_session")
    assert "Back to sign-in" in answer.text


def test_somebody_of_the_organisation_gets_the_role_of_their_group(shop: Open) -> None:
    assert shop.ask("GET", f"{API}/oidc").json() == {"name": "Example Ltd"}
    answer = sign_in(shop, "/shift")
    assert (answer.status_code, answer.headers["location"]) == (303, "/shift")
    set_cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("walkout_session="))
    assert "HttpOnly" in set_cookie
    assert "SameSite=strict" in set_cookie
    session = me(shop, answer)
    assert session["role"] == "reviewer"
    assert re.fullmatch(r"sso:anna:[a-z2-7]{16}", session["user"])
    headers = {"cookie": f"walkout_session={cookie_of(answer, 'walkout_session')}", "x-csrf-token": session["csrf"]}
    assert shop.ask("GET", f"{API}/desk", headers=headers).status_code != 403
    assert shop.ask("GET", f"{API}/keys", headers=headers).status_code == 403
    assert shop.ask("DELETE", f"{API}/session", headers=headers).status_code == 200
    assert shop.ask("GET", f"{API}/session", headers=headers).status_code == 401


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256"])
def test_each_allowed_signature_is_taken(shop: Open, issuer: Issuer, algorithm: str) -> None:
    issuer.algorithm = algorithm
    if algorithm == "ES256":
        issuer.keys["one"] = ECKey.generate_key("P-256")
    assert me(shop, sign_in(shop))["role"] == "reviewer"


def test_a_client_without_a_secret_signs_in_by_pkce_alone(here: Open, issuer: Issuer) -> None:
    issuer.secret = None
    how = Oidc(issuer.url, CLIENT, (rule("staff=sub=248289761001"),))
    here.context.sign_ins = SignIns(Provider(how), "http://shop")
    try:
        assert me(here, sign_in(here))["role"] == "staff"
        issuer.secret = SECRET  # and now the shop lacks it
        refused(sign_in(here), 503, "does not sign anybody in now")
    finally:
        here.context.sign_ins = None


def test_the_same_person_stays_the_same_whatever_they_are_called(shop: Open, issuer: Issuer) -> None:
    first = me(shop, sign_in(shop))["user"]
    issuer.user |= {"preferred_username": "anna-new", "groups": ["owners"]}
    again = me(shop, sign_in(shop))
    assert (again["user"], again["role"]) == (first, "admin")
    issuer.user |= {"sub": "1002", "preferred_username": "anna"}  # somebody else now has the old name
    assert me(shop, sign_in(shop))["user"] != first


def test_a_name_from_elsewhere_is_never_a_local_user(shop: Open, issuer: Issuer) -> None:
    issuer.user |= {"sub": "mallory", "preferred_username": "admin:/%\\?#\x00" + "x" * 100}
    session = me(shop, sign_in(shop))
    assert session["role"] == "reviewer"
    assert session["user"].startswith("sso:admin------")
    assert len(session["user"]) <= 64
    given = {"name": session["user"], "password": PASSWORD}
    assert shop.ask("POST", f"{API}/session", json=given).status_code == 401
    taken = {"name": "sso:anna:aaaaaaaaaaaaaaaa", "password": PASSWORD, "role": "staff"}
    assert shop.ask("POST", f"{API}/users", "admin", json=taken).status_code == 422


def test_who_no_rule_names_gets_nothing_and_reads_why(shop: Open, issuer: Issuer) -> None:
    issuer.user |= {"groups": ["owner", "desk "], "preferred_username": "<b>bob</b>"}
    answer = sign_in(shop)
    refused(answer, 403, "no rule of this shop gives you a role")
    assert "&lt;b&gt;bob" in answer.text
    assert "<b>" not in answer.text


def test_who_lost_their_role_loses_their_open_sessions(shop: Open, issuer: Issuer) -> None:
    answer = sign_in(shop)
    assert me(shop, answer)["role"] == "reviewer"
    issuer.user["groups"] = []
    refused(sign_in(shop), 403, "You may not use this console")
    assert me(shop, answer)["status"] == 401


def test_an_address_counts_only_where_the_issuer_checked_it(shop: Open, issuer: Issuer) -> None:
    issuer.user = {"sub": "7", "email": "eve@example.org"}
    refused(sign_in(shop), 403, "You may not use this console")
    issuer.user["email_verified"] = "true"
    refused(sign_in(shop), 403, "You may not use this console")
    issuer.user["email_verified"] = True
    assert me(shop, sign_in(shop))["role"] == "auditor"


def b64(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("named", "words"),
    [({}, "not by the issuer"), ({"kid": "one"}, "not by the issuer"), ({"kid": "mine"}, "found 0 keys of the issuer")],
    ids=str,
)
def test_cve_2026_27962_a_key_inside_the_token_is_not_trusted(
    shop: Open, issuer: Issuer, named: dict[str, str], words: str
) -> None:
    own = RSAKey.generate_key(2048)

    def forged(claims: dict[str, Any]) -> str:
        header = {"alg": "RS256", "jwk": own.as_dict(private=False)} | named
        lenient = jws.JWSRegistry(strict_check_header=False)
        return jwt.encode(header, claims, own, algorithms=["RS256"], registry=lenient)

    issuer.forged = forged
    refused(sign_in(shop), 403, words)


@pytest.mark.parametrize("none", ["none", "None", "NONE", "", None])
def test_cve_2026_28802_no_signature_is_no_token(shop: Open, issuer: Issuer, none: str | None) -> None:
    issuer.forged = lambda claims: f"{b64({'alg': none, 'kid': 'one'})}.{b64(claims)}."
    refused(sign_in(shop), 403, "right: RS256, PS256, ES256")


def test_cve_2026_28498_another_access_token_or_an_unknown_hash_is_refused(shop: Open, issuer: Issuer) -> None:
    issuer.changed = lambda claims: claims | {"at_hash": b64(b"\0" * 16)}
    refused(sign_in(shop), 403, "at_hash")
    issuer.forged = lambda claims: f"{b64({'alg': 'CUSTOM_ALG', 'kid': 'one'})}.{b64(claims)}.{b64(b'x')}"
    refused(sign_in(shop), 403, "CUSTOM_ALG")


def test_the_published_key_is_no_password(shop: Open, issuer: Issuer) -> None:
    """RS256 taken for HS256: the public key, which everybody has, as a shared secret."""
    public = issuer.keys["one"].as_pem(private=False)

    def forged(claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "HS256", "kid": "one"}, claims, OctKey.import_key(b64(public)), algorithms=["HS256"])

    issuer.forged = forged
    refused(sign_in(shop), 403, "HS256")


def test_a_changed_claim_breaks_the_signature(shop: Open, issuer: Issuer) -> None:
    def forged(claims: dict[str, Any]) -> str:
        head, _, signature = issuer.signed(claims).split(".")
        return f"{head}.{b64(claims | {'groups': ['owners']})}.{signature}"

    issuer.forged = forged
    refused(sign_in(shop), 403, "not by the issuer")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (lambda c: c | {"iss": "https://evil.example"}, "iss"),
        (lambda c: c | {"iss": c["iss"] + "/"}, "iss"),
        (lambda c: c | {"aud": "another"}, "aud"),
        (lambda c: c | {"aud": [CLIENT, "another"]}, "azp"),
        (lambda c: c | {"azp": "another"}, "azp"),
        (lambda c: c | {"exp": c["iat"] - 61}, "expired"),
        (lambda c: c | {"exp": float("inf")}, "seconds since 1970"),
        (lambda c: c | {"exp": True}, "seconds since 1970"),
        (lambda c: c | {"iat": c["iat"] + 3600}, "future"),
        (lambda c: c | {"nbf": c["iat"] + 3600}, "not yet valid"),
        (lambda c: c | {"nonce": "another"}, "nonce"),
        (lambda c: {k: v for k, v in c.items() if k != "nonce"}, "nonce"),
        (lambda c: {k: v for k, v in c.items() if k != "exp"}, "exp"),
        (lambda c: {k: v for k, v in c.items() if k != "aud"}, "aud"),
        (lambda c: {k: v for k, v in c.items() if k != "sub"}, "sub"),
        (lambda c: c | {"sub": 7}, "sub"),
    ],
)
def test_a_token_that_says_something_else_is_refused(shop: Open, issuer: Issuer, changed: Change, words: str) -> None:
    issuer.changed = changed
    answer = sign_in(shop)
    refused(answer, 403, "The answer of Example Ltd was not accepted")
    assert words in answer.text


@pytest.mark.parametrize("token", ["", "x", "a.b", "....", "é.b.c", "e30.e30.e30", "x" * 70_000])
def test_what_is_no_token_is_refused(shop: Open, issuer: Issuer, token: str) -> None:
    issuer.forged = lambda _claims: token
    refused(sign_in(shop), 403, "was not accepted")


def test_an_answer_counts_once_in_one_browser_and_not_for_long(shop: Open, clock: Clock) -> None:
    browser, address = begin(shop)
    assert back(shop, browser, address).status_code == 303
    refused(back(shop, browser, address), 400, "ended already")
    browser, address = begin(shop)
    refused(back(shop, "", address), 400, "another browser")
    refused(back(shop, browser, address), 400, "ended already")  # nobody may try browsers one by one
    browser, address = begin(shop)
    refused(back(shop, browser, re.sub("state=[^&]*", "state=guess", address)), 400, "not begun here")
    clock.ahead_s = UNDER_WAY_S + 1
    refused(back(shop, browser, address), 400, "too old")


def test_a_code_of_another_sign_in_does_not_fit_the_verifier(shop: Open) -> None:
    (_, stolen), (browser, own) = begin(shop), begin(shop)
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    refused(back(shop, browser, re.sub("code=[^&]*", f"code={code}", own)), 503, "does not sign anybody in now")


def test_the_answer_of_another_issuer_is_refused_before_the_code_is_sent_anywhere(shop: Open, issuer: Issuer) -> None:
    """Mix-up (RFC 9207)."""
    for other in ("&iss=https%3A%2F%2Fevil.example", ""):
        browser, address = begin(shop)
        issuer.asked.clear()
        refused(back(shop, browser, re.sub("&iss=[^&]*", other, address)), 403, "was not accepted")
        assert "/token" not in issuer.asked
    issuer.names_itself = False
    shop.context.sign_ins = SignIns(Provider(shop.context.sign_ins.provider.how), "http://shop")  # type: ignore[union-attr]
    assert sign_in(shop).status_code == 303


def test_new_keys_are_taken_and_old_ones_are_not(shop: Open, issuer: Issuer, clock: Clock) -> None:
    old = issuer.keys["one"]
    assert sign_in(shop).status_code == 303
    issuer.keys, issuer.signs_with = {"two": RSAKey.generate_key(2048)}, "two"
    refused(sign_in(shop), 403, "found 0 keys")  # asked a moment ago: whoever names keys at random costs nothing
    assert issuer.asked.count("/keys") == 1
    clock.ahead_s = AGAIN_S + 1
    assert sign_in(shop).status_code == 303
    issuer.forged = lambda claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, old, algorithms=["RS256"])
    refused(sign_in(shop), 403, "found 0 keys")


def test_without_the_provider_the_shop_says_so_and_passwords_work(here: Open) -> None:
    with issuing() as issuer:
        how = Oidc(issuer.url, CLIENT, (rule(RULES[0]),), SECRET)
    here.context.sign_ins = SignIns(Provider(how), "http://shop")
    try:
        refused(here.ask("GET", f"{API}/oidc/start"), 503, "sign in with those")
        assert here.ask("GET", f"{API}/oidc").json() == {"name": "127.0.0.1"}
        given = {"name": "operator", "password": PASSWORD}
        assert here.ask("POST", f"{API}/session", json=given).status_code == 200
    finally:
        here.context.sign_ins = None


def test_a_provider_that_goes_away_in_between_is_said_too(shop: Open, issuer: Issuer) -> None:
    browser, address = begin(shop)
    issuer.codes.clear()  # it forgot what it gave out
    refused(back(shop, browser, address), 503, "does not sign anybody in now")
    browser, address = begin(shop)
    state = parse_qs(urlsplit(address).query)["state"][0]
    refused(shop.ask("GET", f"{API}/oidc/callback?error=access_denied&state={state}"), 403, "access_denied")


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://another.example"},
        {"token_endpoint": "http://far.example/token"},
        {"jwks_uri": None},
        {"code_challenge_methods_supported": ["plain"]},
    ],
    ids=str,
)
def test_a_description_that_is_not_safe_is_not_followed(shop: Open, issuer: Issuer, described: dict[str, Any]) -> None:
    issuer.described = described
    refused(shop.ask("GET", f"{API}/oidc/start"), 503, "does not sign anybody in now")


@pytest.mark.parametrize("page", ["//evil.example", "/\\evil.example", "https://evil.example", "/a?b", "/a\n", "x"])
def test_nobody_is_sent_out_of_the_shop(shop: Open, page: str) -> None:
    assert sign_in(shop, page).headers["location"] == "/"


def test_without_single_sign_on_its_routes_are_not_there(here: Open) -> None:
    assert here.ask("GET", f"{API}/oidc").json() == {"name": None}
    assert here.ask("GET", f"{API}/oidc/start").status_code == 404
    assert here.ask("GET", f"{API}/oidc/callback?code=a&state=b").status_code == 404


def test_the_first_admin_with_a_password_can_still_be_made(tmp_path: Path) -> None:
    """Somebody from elsewhere came in first: the way in that needs no provider stays open."""
    engine = open_database(tmp_path / "ledger.db", durable=False)
    identity = Identity(engine, b"key of this test")
    cookies = [identity.log_in_elsewhere("https://id.example", "1", name, "staff", 1) for name in ("anna", "anne")]
    assert len({identity.session(one).principal for one in cookies if identity.session(one)}) == 1  # type: ignore[union-attr]
    before = identity.has_users
    identity.add_user("ada", PASSWORD, "admin", 2, first=True)
    assert (before, identity.has_users) == (False, True)
    with pytest.raises(IdentityError, match="already"):
        identity.add_user("eve", PASSWORD, "admin", 3, first=True)
    identity.end_elsewhere("https://other.example", "1")
    assert identity.session(cookies[0]) is not None, "of another issuer"
    identity.end_elsewhere("https://id.example", "1")
    assert identity.session(cookies[0]) is None
    engine.dispose()


def test_a_provider_that_hangs_holds_few_of_the_shops_threads(
    shop: Open, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("walkout.web.api.provider.TIMEOUT_S", 60.0)  # however slow this machine is
    issuer.gate.clear()
    with ThreadPoolExecutor(AT_ONCE + 4) as pool:
        asked = [pool.submit(shop.ask, "GET", f"{API}/oidc/start") for _ in range(AT_ONCE + 4)]
        until = time.monotonic() + 20
        while sum(one.done() for one in asked) < 4 and time.monotonic() < until:
            time.sleep(0.02)
        given = {"name": "operator", "password": PASSWORD}
        assert shop.ask("POST", f"{API}/session", json=given).status_code == 200
        issuer.gate.set()
        found = sorted(one.result(20).status_code for one in asked)
    assert found == [303] * AT_ONCE + [503] * 4
    assert sign_in(shop).status_code == 303, "and each gave its place back"


def test_where_a_provider_points_to_is_not_followed(shop: Open, issuer: Issuer) -> None:
    """A redirect would carry the client's secret along."""
    issuer.described = {"token_endpoint": f"{issuer.url}/authorise-token"}
    issuer.moved = f"{issuer.url}/stolen"
    browser, address = begin(shop)
    refused(back(shop, browser, address), 503, "does not sign anybody in now")
    assert issuer.asked[-1] == "/authorise-token"


@needs_chromium
def test_a_real_browser_goes_to_another_site_and_comes_back_signed_in(shop: Open, issuer: Issuer) -> None:
    """The cookies' rules are the browser's: `localhost` and `127.0.0.1` are two sites to it."""
    elsewhere = issuer.url.replace("127.0.0.1", "localhost")
    issuer.url = elsewhere
    how = Oidc(elsewhere, CLIENT, (rule(RULES[1]),), SECRET, "Example Ltd")
    with serving_app(shop.app, lifespan="off") as address, chromium() as browser:
        issuer.redirect = f"{address}/api/v1/oidc/callback"
        shop.context.sign_ins = SignIns(Provider(how), address)
        page = browser.new_page()
        page.goto(f"{address}/sign-in?next=%2Fshift")
        page.get_by_role("link", name="Sign in with Example Ltd").click()
        page.wait_for_url(f"{address}/shift")
        page.get_by_role("heading", name="My shift").or_(page.locator(".verdict")).first.wait_for()
        assert page.evaluate("fetch('/api/v1/session').then(r => r.json()).then(r => r.role)") == "reviewer"
        kept = {one["name"]: one for one in page.context.cookies()}
        assert (kept["walkout_session"]["sameSite"], kept["walkout_session"]["httpOnly"]) == ("Strict", True)
        assert "walkout_oidc" not in kept
        issuer.user["groups"] = []
        page.goto(f"{address}/api/v1/oidc/start")
        page.get_by_role("heading", name="You may not use this console").wait_for()
        OUT.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=OUT / "sign-in-refused.png")


def test_a_proxy_on_this_machine_is_believed_and_nobody_else(here: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the shopper's side is HTTPS is said by whoever ends TLS; from the network anybody could say it."""
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    config = uvicorn.Config(here.app, lifespan="off", log_level="error")
    config.load()

    async def cookie(caller: str, headers: dict[str, str]) -> str:
        transport = httpx2.ASGITransport(app=config.loaded_app, client=(caller, 40000))
        async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
            given = {"name": "staff", "password": PASSWORD}
            answer = await client.post(f"{API}/session", json=given, headers=headers)
            return answer.headers["set-cookie"]

    said = {"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7"}
    assert "Secure" in asyncio.run(cookie("127.0.0.1", said))
    assert "Secure" not in asyncio.run(cookie("203.0.113.9", said))
    assert "Secure" not in asyncio.run(cookie("127.0.0.1", {}))


@pytest.mark.parametrize(
    ("issuer", "client", "rules", "words"),
    [
        ("http://far.example", CLIENT, RULES, "https://"),
        ("https://me@far.example", CLIENT, RULES, "https://"),
        ("https://far.example?x=1", CLIENT, RULES, "without a query"),
        ("https://far.example", "", RULES, "the id"),
        ("https://far.example", CLIENT, (), "nobody could sign in"),
        ("https://far.example", CLIENT, ("boss=groups=x",), "ROLE=CLAIM=VALUE"),
        ("https://far.example", CLIENT, ("admin=groups=",), "ROLE=CLAIM=VALUE"),
    ],
)
def test_settings_that_cannot_be_safe_are_refused(issuer: str, client: str, rules: tuple[str, ...], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        Oidc(issuer, client, tuple(rule(text) for text in rules))
