"""Signing in and out, the first admin, users and keys."""

import hmac
import time
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from walkout.labour.ledger import LabourError
from walkout.live.newcomer import join
from walkout.web.api.access import Principal
from walkout.web.api.context import COOKIE, allowed, encrypted, of, paced, who
from walkout.web.api.identity import ELSEWHERE, SESSION_S, IdentityError
from walkout.web.api.password_links import PasswordLinks
from walkout.web.api.problem import ProblemError

router = APIRouter(tags=["session"])


class Credentials(BaseModel):
    """A name and a password."""

    name: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=256)


class FirstRun(Credentials):
    """The first admin, with the token of the one-time link."""

    token: str = Field(min_length=1, max_length=200)


class NewPassword(BaseModel):
    """The password that somebody has, and the one that they want."""

    current: str = Field(min_length=1, max_length=256)
    new: str = Field(min_length=1, max_length=256)


class LostPassword(BaseModel):
    """Of the admin who makes a link: a session alone, found open or stolen, takes over nobody's account."""

    current: str = Field("", max_length=256)


class ByLink(BaseModel):
    """A new password, with the token of a one-time link."""

    token: str = Field(min_length=1, max_length=200)
    new: str = Field(min_length=1, max_length=256)


class NewUser(Credentials):
    """Somebody who may use the console."""

    role: str = Field(max_length=20)


class NewKey(BaseModel):
    """A key for another program, and what it may do."""

    name: str = Field(min_length=1, max_length=100)
    scopes: list[str] = Field(max_length=50)


@router.get("/session")
async def read_session(
    request: Request, principal: Annotated[Principal, Depends(allowed("session.read"))]
) -> dict[str, Any]:
    """Who is signed in, and of what shop."""
    found = who(request)
    session = found[1] if found is not None else None
    store = of(request).till.store
    return {
        "user": principal.name,
        "role": principal.role,
        "also": sorted(principal.also),
        "csrf": session.csrf if session is not None else None,
        "origin": store.origin,
        "store": {"id": store.name, "name": store.name, "currency": store.currency, "timezone": store.timezone},
    }


@router.post("/session")
def log_in(request: Request, response: Response, given: Credentials) -> dict[str, Any]:
    """Sign in; the answer sets the session's cookie."""
    _slow(request, given.name)
    cookie = of(request).identity.log_in(given.name, given.password)
    if cookie is None:
        raise ProblemError(401, "the name or the password is not right")
    return _signed_in(request, response, cookie)


@router.delete("/session")
def log_out(
    request: Request, response: Response, principal: Annotated[Principal, Depends(allowed("session.read"))]
) -> dict[str, Any]:
    """Sign out everywhere."""
    of(request).identity.log_out(principal.name)
    response.delete_cookie(COOKIE)
    return {"signed_out": True}


@router.put("/session/password")
def change_password(
    request: Request,
    response: Response,
    given: NewPassword,
    principal: Annotated[Principal, Depends(allowed("session.read"))],
) -> dict[str, Any]:
    """Take a new password of one's own; every session of that user ends but this one, which gets a new cookie.

    The current one is asked for, so that a session alone, found open or stolen, keeps nobody out of their account.
    """
    if principal.scopes is not None:
        raise ProblemError(409, "found a key of a program, right: the session of somebody with a password")
    _slow(request, principal.name)
    try:
        cookie = of(request).identity.change_password(principal.name, given.current, given.new)
    except IdentityError as error:
        raise ProblemError(422, str(error)) from error
    if cookie is None:
        raise ProblemError(409, "the current password is not right")
    return _signed_in(request, response, cookie)


@router.get("/session/password-links")
def own_links(request: Request, principal: Annotated[Principal, Depends(allowed("session.read"))]) -> dict[str, Any]:
    """Links for a new password that were made in one's own name: by whom, when, and whether they were used."""
    return {"items": PasswordLinks(of(request).till.database).of_user(principal.name), "next": None}


@router.post("/session/password-link")
def by_link(request: Request, response: Response, given: ByLink) -> dict[str, Any]:
    """Set a new password by a one-time link; all sessions of that user end, and the answer sets a new one's cookie."""
    _slow(request, "password-link")
    context = of(request)
    try:
        name = PasswordLinks(context.till.database).use(given.token, given.new, time.time_ns())
    except IdentityError as error:
        raise ProblemError(422, str(error)) from error
    if name is None:
        raise ProblemError(403, "the link is not right, was used, or is too old: ask for a new one")
    return _signed_in(request, response, context.identity.log_in(name, given.new) or "")


@router.post("/users/{name}/password-link", status_code=201)
def make_link(
    request: Request,
    name: str,
    given: LostPassword,
    principal: Annotated[Principal, Depends(allowed("users.write"))],
) -> dict[str, Any]:
    """A one-time link for somebody who lost their password; it is shown this once, and nothing is sent.

    The admin's own password is asked for, where they have one here. It is written down who made it, the log has it,
    and its user reads it on their page.
    """
    _slow(request, principal.name)
    context = of(request)
    elsewhere = principal.name.startswith(ELSEWHERE)
    if not elsewhere and context.identity.log_in(principal.name, given.current) is None:
        raise ProblemError(409, "your own password is not right: it says that this is you")
    try:
        made = PasswordLinks(context.till.database).make(name.replace("\x00", ""), principal.name, time.time_ns())
    except IdentityError as error:
        raise ProblemError(422, str(error)) from error
    return {"name": made.name, "url": made.url(context.base_url), "until_ns": made.until_ns}


@router.post("/first-run")
async def first_run(request: Request, response: Response, given: FirstRun) -> dict[str, Any]:
    """Make the first admin, once, with the token that the shop printed."""
    _slow(request, "first-run")
    context = of(request)
    token = given.token.encode("utf-8", "replace")
    if context.identity.has_users or not hmac.compare_digest(token, context.first_run.encode()):
        raise ProblemError(403, "the link is not right, or was used: ask whoever runs the shop")
    try:
        context.identity.add_user(given.name, given.password, "admin", time.time_ns(), first=True)
    except IdentityError as error:
        raise ProblemError(422, str(error)) from error
    if context.newcomer:
        with suppress(LabourError):  # the name is somebody's of the team: they are only no reviewer then
            await context.shop.do(lambda: join(context.till, given.name))
    cookie = context.identity.log_in(given.name, given.password)
    return _signed_in(request, response, cookie or "")


@router.get("/users", dependencies=[Depends(allowed("users.read"))])
def users(request: Request) -> dict[str, Any]:
    """Everybody who may use the console."""
    return {"items": of(request).identity.users(), "next": None}


@router.post("/users", status_code=201)
def add_user(
    request: Request, given: NewUser, principal: Annotated[Principal, Depends(allowed("users.write"))]
) -> dict[str, Any]:
    """Let somebody else use the console; who made the account is kept: the two never let each other see raw video."""
    made_by = principal.name
    try:
        of(request).identity.add_user(given.name, given.password, given.role, time.time_ns(), made_by=made_by)
    except IdentityError as error:
        raise ProblemError(422, str(error)) from error
    return {"name": given.name, "role": given.role}


@router.get("/keys", dependencies=[Depends(allowed("keys.read"))])
def keys(request: Request) -> dict[str, Any]:
    """The keys of other programs; never the keys themselves."""
    return {"items": of(request).identity.keys(), "next": None}


@router.post("/keys", status_code=201, dependencies=[Depends(allowed("keys.write"))])
def add_key(request: Request, given: NewKey) -> dict[str, Any]:
    """Make a key; it is shown this once."""
    try:
        id_, key = of(request).identity.add_key(given.name, given.scopes, time.time_ns())
    except IdentityError as error:
        raise ProblemError(422, str(error)) from error
    return {"id": id_, "key": key, "scopes": sorted(set(given.scopes))}


@router.delete("/keys/{key_id}", dependencies=[Depends(allowed("keys.write"))])
def revoke_key(request: Request, key_id: str) -> dict[str, Any]:
    """End a key."""
    if not of(request).identity.revoke_key(key_id, time.time_ns()):
        raise ProblemError(404, f"no key {key_id}")
    return {"id": key_id, "revoked": True}


def _slow(request: Request, name: str) -> None:
    paced(request)
    caller = request.client.host if request.client else "?"
    wait_s = of(request).log_ins.spend(f"{caller}/{name}")
    if wait_s:
        raise ProblemError(429, "too many attempts", {"Retry-After": str(int(wait_s) + 1)})


def _signed_in(request: Request, response: Response, cookie: str) -> dict[str, Any]:
    secure = encrypted(request)
    response.set_cookie(COOKIE, cookie, max_age=SESSION_S, httponly=True, samesite="strict", secure=secure)
    session = of(request).identity.session(cookie)
    if session is None:
        raise ProblemError(503, "the session could not be made")
    return {"user": session.principal.name, "role": session.principal.role, "csrf": session.csrf}
