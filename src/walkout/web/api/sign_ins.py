"""Sign-ins that are under way at somebody else's provider: each begun here, in one browser, and ended once."""

import hashlib
import hmac
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from walkout.web.api.id_token import TokenError
from walkout.web.api.provider import Provider

UNDER_WAY_S: Final = 600.0
MOST: Final = 2000
CALLBACK: Final = "/api/v1/oidc/callback"
_PAGE: Final = re.compile(r"/(?:[A-Za-z0-9._~-]+/?)*")


class SignInError(ValueError):
    """A sign-in that was not begun here, is too old, or was ended already."""


@dataclass(frozen=True, slots=True)
class Begun:
    """One sign-in that is under way."""

    browser: str
    """A digest of what the browser keeps."""
    nonce: str
    verifier: str
    page: str
    """Where to go afterwards."""
    at_s: float


@dataclass(slots=True)
class SignIns:
    """Sign-ins at one provider. They are kept in memory: when the shop starts again, people begin again."""

    provider: Provider
    base_url: str
    clock: Callable[[], float] = time.monotonic
    _begun: OrderedDict[str, Begun] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def redirect(self) -> str:
        """Where the provider sends people back to: of the shop's own address, never of what a request says."""
        return self.base_url.rstrip("/") + CALLBACK

    def begin(self, page: str = "/") -> tuple[str, str]:
        """Where to send somebody, and what their browser is to keep. ProviderError: the provider is away."""
        browser, state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
        address = self.provider.address(self.redirect, state, nonce, verifier)
        page = page if len(page) < 200 and _PAGE.fullmatch(page) else "/"  # nowhere but this shop's own pages
        with self._lock:
            self._begun[state] = Begun(_digest(browser), nonce, verifier, page, self.clock())
            while len(self._begun) > MOST:
                self._begun.popitem(last=False)
        return address, browser

    def end(self, state: str, browser: str, code: str, issuer: str | None) -> tuple[dict[str, Any], str]:
        """Who came back, and to which page they go.

        Raises:
            SignInError: not begun here in this browser, too old, or ended before. TokenError: another issuer's answer,
            or a token that is not right. ProviderError: the provider is away or refuses.
        """
        with self._lock:
            begun = self._begun.pop(state, None)  # once, whatever comes of it
        if begun is None or self.clock() - begun.at_s > UNDER_WAY_S:
            raise SignInError("this sign-in was ended already, is too old, or was not begun here")
        if not hmac.compare_digest(begun.browser, _digest(browser)):
            raise SignInError("this sign-in was begun in another browser, or at another address of this shop")
        at, own = self.provider.described(), self.provider.how.issuer
        if (issuer is None and at.names_itself) or (issuer is not None and issuer != own):
            raise TokenError(f"found an answer of {str(issuer)[:200]!r}, right: of {own!r}")
        return self.provider.claims(code, self.redirect, begun.verifier, begun.nonce), begun.page


def _digest(browser: str) -> str:
    return hashlib.sha256(browser.encode("utf-8", "replace")).hexdigest()
