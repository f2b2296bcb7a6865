"""Every route, for every role: the table says who may, and everything else is refused."""

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from tests.web.api.conftest import Open
from walkout.web.api import (
    annotation_routes,
    appeal_routes,
    break_glass_routes,
    credential_routes,
    desk_routes,
    edit_routes,
    exit_routes,
    export_routes,
    hook_routes,
    labour_routes,
    mail_routes,
    month_routes,
    oidc_routes,
    payment_routes,
    public_routes,
    review_routes,
    sandbox_routes,
    session_routes,
    shift_routes,
    shop_routes,
    shopper_routes,
    stock_routes,
    team_routes,
    visit_routes,
    voice_routes,
)
from walkout.web.api.access import ROLES, SCOPES, TABLE, Principal

OPEN = {("POST", "/session"), ("POST", "/first-run"), ("GET", "/s/{token}"), ("GET", "/s/{token}/qr")}
OPEN |= {("POST", f"/s/{{token}}/{what}") for what in ("disputes", "mail", "erase", "review", "help")}
OPEN |= {("GET", f"/s/{{token}}/{what}") for what in ("looks", "proof", "export")} | {("DELETE", "/s/{token}/mail")}
OPEN |= {("GET", "/s/{token}/consent"), ("POST", "/s/{token}/consent"), ("POST", "/payments/stripe")} | {
    ("GET", f"/oidc{what}") for what in ("", "/start", "/callback")
}
OPEN |= {("GET", f"/public/{what}") for what in ("disclosure", "label", "dial", "notice", "checkpoint", "bundle")}
OPEN |= {("POST", "/session/password-link")}
OPEN |= {("GET", "/exit/{token}"), ("POST", "/exit/{token}/contest")}
"""Routes without a role: a password, a one-time token, a signed link or a signature is their key."""
PEOPLE = (voice_routes, break_glass_routes)
DESK = (
    desk_routes,
    shift_routes,
    review_routes,
    appeal_routes,
    team_routes,
    month_routes,
    labour_routes,
    annotation_routes,
)
SHOP = (session_routes, shop_routes, visit_routes, hook_routes, shopper_routes, mail_routes, credential_routes)
BOOKS = (export_routes, stock_routes, payment_routes, edit_routes)
PARTS = (*SHOP, *DESK, *PEOPLE, exit_routes, public_routes, *BOOKS, oidc_routes)
ROUTERS = [*(part.router for part in PARTS), shopper_routes.play_router, public_routes.proof_router]
ROUTERS += [sandbox_routes.router, sandbox_routes.help_router]
BODIES: dict[str, Any] = {
    "/users": {"name": "x" * 70, "password": "p", "role": "r"},
    "/webhooks": {"url": "gopher://x"},
    "/keys": {"name": "k", "scopes": ["nothing"]},
}


def action_of(route: APIRoute) -> str | None:
    found = [getattr(d.call, "action", None) for d in route.dependant.dependencies]
    actions = [action for action in found if action is not None]
    assert len(actions) <= 1
    return actions[0] if actions else None


ROUTES = [
    (method, route.path, action_of(route))
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
]


def test_every_route_has_an_action_of_the_table_or_is_open_by_name() -> None:
    assert {(method, path) for method, path, action in ROUTES if action is None} == OPEN
    assert {action for _, _, action in ROUTES if action} | {"metrics.read"} == set(TABLE)


@pytest.mark.parametrize(("method", "path", "action"), [r for r in ROUTES if r[2]], ids=str)
def test_each_role_gets_what_the_table_says(here: Open, method: str, path: str, action: str) -> None:
    where = "/api/v1" + re.sub(r"\{[\w:]+\}", "nobody", path) + ("?follow=false" if path == "/events" else "")
    body = {"json": BODIES.get(path, {})} if method == "POST" else {}
    assert here.ask(method, where, None, **body).status_code == 401
    for role in ROLES:
        if (method, path) == ("DELETE", "/session"):
            continue  # it would end the session that the others' turns need
        status = here.ask(method, where, role, **body).status_code
        if role in TABLE[action]:
            assert status not in (401, 403), f"{role} may {action}"
        else:
            assert status == 403, f"{role} may not {action}"


@pytest.mark.parametrize(("method", "path", "action"), [r for r in ROUTES if r[2] and r[0] != "GET"])
def test_what_changes_something_needs_the_csrf_token(here: Open, method: str, path: str, action: str) -> None:
    where = "/api/v1" + re.sub(r"\{[\w:]+\}", "nobody", path)
    found = here.ask(method, where, min(TABLE[action]), csrf=False, json={})
    assert found.status_code == 403
    assert "x-csrf-token" in found.json()["detail"]


def test_a_key_may_do_what_its_scopes_say_and_no_more(here: Open) -> None:
    made = here.ask("POST", "/api/v1/keys", "admin", json={"name": "till", "scopes": ["visits.read"]}).json()
    headers = {"authorization": f"Bearer {made['key']}"}
    assert here.ask("GET", "/api/v1/visits", headers=headers).status_code == 200
    assert here.ask("GET", "/api/v1/products", headers=headers).status_code == 403
    assert here.ask("DELETE", f"/api/v1/keys/{made['id']}", "admin").status_code == 200
    assert here.ask("GET", "/api/v1/visits", headers=headers).status_code == 401
    assert made["key"] not in here.ask("GET", "/api/v1/keys", "admin").text


def test_what_is_not_in_the_table_nobody_may() -> None:
    assert not any(Principal("x", role).may("everything") for role in ROLES)
    assert "keys.write" not in SCOPES
    assert not Principal("k", "integrator", frozenset({"keys.write"})).may("keys.write")


def test_the_page_has_the_table_of_the_code() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "http-api.md").read_text()
    for action, roles in TABLE.items():
        cells = " | ".join("yes" if role in roles else "" for role in ROLES)
        assert f"| `{action}` | {cells} |" in page
