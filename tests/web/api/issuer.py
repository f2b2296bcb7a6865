"""A little OpenID Connect provider, true to the protocol: discovery, authorisation, codes used once, PKCE, keys."""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import orjson
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT, SECRET = "walkout", "a secret: with/odd characters"
Key = RSAKey | ECKey


def half_hash(text: str) -> str:
    """at_hash of what is signed with SHA-256 (OpenID Connect Core 1.0, section 3.1.3.6)."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).rstrip(b"=").decode()


@dataclass(slots=True)
class Issuer:
    """The state of the provider, and what a test may make it do wrong."""

    url: str = ""
    user: dict[str, Any] = field(default_factory=lambda: {"sub": "248289761001", "preferred_username": "anna"})
    secret: str | None = SECRET
    algorithm: str = "RS256"
    keys: dict[str, Key] = field(default_factory=dict)
    signs_with: str = "one"
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    """Codes that were given out and not used yet, with what was asked."""
    redirect: str = "http://shop/api/v1/oidc/callback"
    """The one that is registered."""
    changed: Callable[[dict[str, Any]], dict[str, Any]] = dict
    """What becomes of the claims before they are signed."""
    forged: Callable[[dict[str, Any]], str] | None = None
    """Makes the token in the issuer's place."""
    described: dict[str, Any] = field(default_factory=dict)
    """What stands in the discovery document besides, or instead."""
    asked: list[str] = field(default_factory=list)
    """Paths, in order."""
    names_itself: bool = True
    gate: threading.Event = field(default_factory=threading.Event)
    """Not set: nothing is answered."""
    moved: str = ""
    """Where forms are sent on to."""

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorise",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": self.names_itself,
            **self.described,
        }

    def jwks(self) -> dict[str, Any]:
        return {"keys": [{**key.as_dict(private=False), "kid": id_, "use": "sig"} for id_, key in self.keys.items()]}

    def authorise(self, query: str) -> str:
        """Where a browser is sent back to: whoever comes is signed in as `user`."""
        asked = {name: values[0] for name, values in parse_qs(query, strict_parsing=True).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["redirect_uri"] == self.redirect, "only what is registered"
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"]} | ({"iss": self.url} if self.names_itself else {})
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The token endpoint (RFC 6749, section 4.1.3; RFC 7636, section 4.6)."""
        if self.secret is None:
            if form.get("client_id") != CLIENT:
                return 401, {"error": "invalid_client"}
        else:
            kind, _, pair = authorization.partition(" ")
            client, _, secret = base64.b64decode(pair).decode().partition(":")
            if kind != "Basic" or (unquote_plus(client), unquote_plus(secret)) != (CLIENT, self.secret):
                return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": "no such code"}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant", "error_description": "the verifier does not fit"}
        access, now = secrets.token_urlsafe(16), int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims = self.changed({**claims, "at_hash": half_hash(access), **self.user})
        made = self.forged(claims) if self.forged else self.signed(claims)
        return 200, {"access_token": access, "token_type": "Bearer", "id_token": made}

    def signed(self, claims: dict[str, Any]) -> str:
        header = {"alg": self.algorithm, "kid": self.signs_with}
        return jwt.encode(header, claims, self.keys[self.signs_with], algorithms=[self.algorithm])


@contextmanager
def issuing() -> Iterator[Issuer]:
    """A provider on a free port of this machine."""
    issuer = Issuer(keys={"one": RSAKey.generate_key(2048)})
    issuer.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.gate.wait(30)
            at = urlsplit(self.path)
            issuer.asked.append(at.path)
            if at.path == "/.well-known/openid-configuration":
                self.say(200, issuer.discovery())
            elif at.path == "/keys":
                self.say(200, issuer.jwks())
            elif at.path == "/authorise":
                self.send_response(302)
                self.send_header("Location", issuer.authorise(at.query))
                self.end_headers()
            else:
                self.say(404, {})

        def do_POST(self) -> None:
            issuer.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if issuer.moved:
                self.send_response(302)
                self.send_header("Location", issuer.moved)
                self.end_headers()
                return
            form = {name: values[0] for name, values in parse_qs(body, strict_parsing=True).items()}
            self.say(*issuer.token(form, self.headers.get("Authorization", "")))

        def say(self, status: int, what: dict[str, Any]) -> None:
            body = orjson.dumps(what)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
