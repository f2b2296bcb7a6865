"""Single sign-on: out to the organisation's provider and back; a person reads every refusal as a page."""

import html
import logging
import time
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from walkout.web.api.context import COOKIE, Context, encrypted, of, paced
from walkout.web.api.id_token import TokenError
from walkout.web.api.identity import SESSION_S
from walkout.web.api.problem import ProblemError
from walkout.web.api.provider import ProviderError
from walkout.web.api.roles import role_of
from walkout.web.api.sign_ins import CALLBACK, UNDER_WAY_S, SignInError, SignIns

log = logging.getLogger(__name__)
router = APIRouter(tags=["session"])
BROWSER: Final = "walkout_oidc"
LONGEST: Final = 4096
PAGE: Final = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} – Walkout</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/console.css"></head>
<body><main class="page narrow" id="main"><h1 class="verdict">{title}</h1><p class="more">{words}</p>
<p><a class="button main" href="/sign-in">Back to sign-in</a></p></main></body></html>"""


@router.get("/oidc")
def ways(request: Request) -> dict[str, Any]:
    """Whether people may sign in at their organisation's provider, and how it is called."""
    paced(request)
    there = of(request).sign_ins
    return {"name": None if there is None else there.provider.how.shown}


@router.get("/oidc/start", include_in_schema=False)
def start(request: Request, next: str = "/") -> Response:  # noqa: A002 - as the sign-in page calls it
    """Send a browser to the provider."""
    there = _there(request)
    try:
        address, browser = there.begin(next)
    except ProviderError as error:
        return _away(there, error)
    response = RedirectResponse(address, 303)
    secure = encrypted(request)
    response.set_cookie(  # lax: it must come along when the provider sends the browser back
        BROWSER, browser, max_age=int(UNDER_WAY_S), path=CALLBACK, httponly=True, samesite="lax", secure=secure
    )
    return response


@router.get("/oidc/callback", include_in_schema=False)
def callback(request: Request, state: str = "", code: str = "", error: str = "", iss: str | None = None) -> Response:
    """Take somebody in whom the provider sends back; nobody without a rule for them."""
    there = _there(request)
    response = _came_back(of(request), there, request, (state, code, error, iss))
    response.delete_cookie(BROWSER, path=CALLBACK)
    return response


def _there(request: Request) -> SignIns:
    paced(request)
    there = of(request).sign_ins
    if there is None:
        raise ProblemError(404, "this shop has no single sign-on; right: sign in with name and password")
    return there


def _came_back(context: Context, there: SignIns, request: Request, given: tuple[str, str, str, str | None]) -> Response:
    state, code, refused, issuer = given
    name = there.provider.how.shown
    if refused or not code:
        return _page(403, f"{name} did not sign you in", f"It said: {refused[:100] or 'nothing'}. You can try again.")
    if max(len(state), len(code)) > LONGEST:
        return _page(400, "This cannot be read", "Begin again on the sign-in page.")
    try:
        claims, page = there.end(state, request.cookies.get(BROWSER, ""), code, issuer)
    except SignInError as error:
        return _page(400, "This sign-in is not known here", f"{error}. Begin again at {there.base_url}/sign-in.")
    except TokenError as error:
        log.warning("a sign-in at %s was refused: %s", there.provider.how.issuer, error)
        return _page(403, f"The answer of {name} was not accepted", f"The shop {error}. Tell whoever runs the shop.")
    except ProviderError as error:
        return _away(there, error)
    how, identity = there.provider.how, context.identity
    role = role_of(claims, how.rules)
    label = next((str(claims[one]) for one in ("preferred_username", "email", "name") if claims.get(one)), "somebody")
    if role is None:
        identity.end_elsewhere(how.issuer, claims["sub"])
        words = f"{name} knows you as {label[:100]}, but no rule of this shop gives you a role."
        return _page(403, "You may not use this console", f"{words} Ask whoever runs the shop.")
    cookie = identity.log_in_elsewhere(how.issuer, claims["sub"], label, role, time.time_ns())
    response = RedirectResponse(page, 303)
    secure = encrypted(request)
    response.set_cookie(COOKIE, cookie, max_age=SESSION_S, httponly=True, samesite="strict", secure=secure)
    return response


def _away(there: SignIns, error: ProviderError) -> Response:
    log.warning("single sign-on at %s: %s", there.provider.how.issuer, error)
    words = "The shop is open all the same. If you have a name and a password of this shop, sign in with those."
    return _page(503, f"{there.provider.how.shown} does not sign anybody in now", words)


def _page(status: int, title: str, words: str) -> HTMLResponse:
    return HTMLResponse(PAGE.format(title=html.escape(title), words=html.escape(words)), status)
