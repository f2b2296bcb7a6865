"""An organisation's own sign-in (OpenID Connect): where it is, by what keys it signs, a code's exchange for a token.

Own thin transport (urllib): no redirects are followed, since the client's secret would go with them; answers are read
up to a limit, and few at a time, so that a provider that hangs does not take the shop's threads.
"""

import base64
import http.client
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from authlib.oauth2.rfc6749.parameters import prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from walkout.web.api.id_token import Expected, KeyUnknownError, PublishedKey, TokenError, claims_of, published_keys
from walkout.web.api.roles import Rule

TIMEOUT_S: Final = 5.0
LARGEST: Final = 512 * 1024
FRESH_S: Final = 3600.0
"""How long the issuer's description and keys are taken as read."""
AT_ONCE: Final = 8
AGAIN_S: Final = 30.0
"""New keys are asked for at most this often, however many tokens name one that nobody knows."""
DISCOVERY: Final = "/.well-known/openid-configuration"


class ProviderError(RuntimeError):
    """The provider does not answer, or not as it should; its words say which."""


@dataclass(frozen=True, slots=True)
class Oidc:
    """Whose sign-in is trusted, as which client, and for whom. ValueError for an issuer that cannot be safe."""

    issuer: str
    client: str
    rules: tuple[Rule, ...]
    secret: str | None = None
    """None: a client without a secret, by PKCE alone."""
    name: str = ""
    """How people call it; its host where empty."""
    scope: str = "openid email profile"

    def __post_init__(self) -> None:
        safe_url(self.issuer, "issuer")
        if urllib.parse.urlsplit(self.issuer).query:
            raise ValueError(f"found the issuer {self.issuer!r}, right: an address without a query")
        if not self.client:
            raise ValueError("found no client, right: the id under which the issuer knows this shop")
        if not self.rules:
            raise ValueError("found no rule who gets which role, right: one at least, else nobody could sign in")

    @property
    def shown(self) -> str:
        """The name on the button."""
        return self.name or str(urllib.parse.urlsplit(self.issuer).hostname)


def safe_url(url: object, what: str) -> str:
    """The address itself. ValueError: not HTTPS, and not this machine."""
    parts = urllib.parse.urlsplit(url if isinstance(url, str) else "")
    here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or parts.fragment or "@" in parts.netloc or not (parts.scheme == "https" or here):
        raise ValueError(f"found {str(url)[:200]!r} for the {what}, right: https://..., or http on this machine")
    return str(url)


@dataclass(frozen=True, slots=True)
class Description:
    """Where the issuer says that its parts are."""

    authorise: str
    token: str
    jwks: str
    basic: bool
    """Whether the secret goes in a header (else in the form)."""
    names_itself: bool
    """Whether it must name itself when it sends somebody back (RFC 9207)."""


def description(read: Any, issuer: str) -> Description:
    """Of a discovery document (OpenID Connect Discovery 1.0, sections 3 and 4.3).

    Raises:
        ProviderError: it is another issuer's, names unsafe addresses, or cannot do PKCE.
    """
    if not isinstance(read, dict) or read.get("issuer") != issuer:
        found = read.get("issuer") if isinstance(read, dict) else read
        raise ProviderError(f"it calls itself {str(found)[:200]!r}, right: {issuer!r}")
    if "S256" not in _words(read, "code_challenge_methods_supported", "S256"):
        raise ProviderError("it does not do PKCE with S256")
    ways = _words(read, "token_endpoint_auth_methods_supported", "client_secret_basic")
    try:
        at = [safe_url(read.get(f"{one}"), one) for one in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    except ValueError as error:
        raise ProviderError(str(error)) from error
    names_itself = read.get("authorization_response_iss_parameter_supported") is True
    return Description(at[0], at[1], at[2], "client_secret_basic" in ways, names_itself)


def _words(read: dict[str, Any], name: str, usual: str) -> list[Any]:
    found = read.get(name)
    return found if isinstance(found, list) else [usual]


@dataclass(slots=True)
class Provider:
    """One issuer, asked when somebody signs in and never before: a shop opens without it."""

    how: Oidc
    clock: Callable[[], float] = time.time
    """Seconds since 1970."""
    _described: tuple[float, Description] | None = None
    _keys: tuple[float, tuple[PublishedKey, ...]] | None = None

    def described(self) -> Description:
        """Where its parts are. ProviderError: it does not say."""
        held = self._described
        if held is None or self.clock() - held[0] > FRESH_S:
            read = _ask(self.how.issuer.rstrip("/") + DISCOVERY)
            held = self._described = (self.clock(), description(read, self.how.issuer))
        return held[1]

    def address(self, redirect: str, state: str, nonce: str, verifier: str) -> str:
        """Where somebody is sent to sign in. ProviderError: the provider is away."""
        at = self.described().authorise
        asked = {
            "response_type": "code", "client_id": self.how.client, "redirect_uri": redirect, "scope": self.how.scope,
            "state": state, "nonce": nonce, "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }  # fmt: skip
        return f"{at}{'&' if '?' in at else '?'}{urllib.parse.urlencode(asked)}"

    def claims(self, code: str, redirect: str, verifier: str, nonce: str) -> dict[str, Any]:
        """Who a code stands for, once.

        Raises:
            ProviderError: the provider is away, or refuses the code. TokenError: its token is not right.
        """
        given = self._exchange(code, redirect, verifier)
        token, access = given.get("id_token"), given.get("access_token")
        if not isinstance(token, str):
            raise TokenError("found no id_token in the answer")
        expected = Expected(self.how.issuer, self.how.client, nonce, access if isinstance(access, str) else None)
        try:
            return claims_of(token, self._known(FRESH_S), expected, self.clock())
        except KeyUnknownError:  # keys change: once more with what it publishes now
            return claims_of(token, self._known(AGAIN_S), expected, self.clock())

    def _exchange(self, code: str, redirect: str, verifier: str) -> dict[str, Any]:
        at = self.described()
        more = {"code": code, "code_verifier": verifier}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if self.how.secret is not None and at.basic:
            headers["Authorization"] = _basic(self.how.client, self.how.secret)
        else:
            more["client_id"] = self.how.client
            if self.how.secret is not None:
                more["client_secret"] = self.how.secret
        body = prepare_token_request("authorization_code", redirect_uri=redirect, **more)
        found = _ask(at.token, str(body).encode(), headers)
        if not isinstance(found, dict):
            raise ProviderError("its answer to the code cannot be read")
        return found

    def _known(self, fresh_s: float) -> tuple[PublishedKey, ...]:
        held = self._keys
        if held is None or self.clock() - held[0] > fresh_s:
            held = self._keys = (self.clock(), published_keys(_ask(self.described().jwks)))
        return held[1]


def _basic(client: str, secret: str) -> str:
    """Both form-encoded before they are joined (RFC 6749, section 2.3.1)."""
    pair = ":".join(urllib.parse.quote_plus(one) for one in (client, secret))
    return "Basic " + base64.b64encode(pair.encode()).decode()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        """Go nowhere else."""


_OPENER: Final = urllib.request.build_opener(_Stay)
_FEW: Final = threading.BoundedSemaphore(AT_ONCE)


def _ask(url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Any:
    request = urllib.request.Request(url, body, {"Accept": "application/json", **(headers or {})})  # noqa: S310 - safe_url
    if not _FEW.acquire(blocking=False):
        raise ProviderError(f"{AT_ONCE} others wait for it already")
    try:
        with _OPENER.open(request, timeout=TIMEOUT_S) as answer:
            return json.loads(answer.read(LARGEST))
    except urllib.error.HTTPError as error:
        with error:
            said = error.read(400).decode("utf-8", "replace")
        raise ProviderError(f"it answered {error.code} at {url}: {said}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ProviderError(f"it does not answer at {url} ({error})") from error
    finally:
        _FEW.release()
