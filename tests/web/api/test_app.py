"""The API on a shop with visits behind it: receipts, refunds, disputes, links, sessions, headers, and any input."""

import hashlib
import warnings
from typing import Any

import orjson
import pytest

from tests.web.api.conftest import FIRST, PASSWORD, Open
from walkout.web.api.app import HEADERS
from walkout.web.api.problem import KIND

API = "/api/v1"


def link(here: Open, visit: str) -> str:
    return f"{API}/s/{here.context.identity.link(visit)}"


def with_lines(here: Open) -> str:
    ledger = here.context.till.ledger
    return next(v for v in ledger.visits("settled") if ledger.receipts(v)[-1].receipt.lines)


def test_visits_come_in_pages(here: Open) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        page = here.ask("GET", f"{API}/visits?limit=1&cursor={cursor}", "auditor").json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(seen) == list(here.context.till.ledger.visits())
    assert here.ask("GET", f"{API}/visits?cursor=xyz", "auditor").status_code == 422


def test_a_visit_shows_receipts_money_and_what_it_rests_on(here: Open) -> None:
    visit = with_lines(here)
    found = here.ask("GET", f"{API}/visits/{visit}", "operator").json()
    last = found["receipts"][-1]
    assert [one["revision"] for one in found["receipts"]] == list(range(len(found["receipts"])))
    assert found["receipts"][0]["reason"].startswith("provisional")
    published = orjson.dumps(last["receipt"], option=orjson.OPT_SORT_KEYS)
    assert hashlib.sha256(published).hexdigest() == last["sha256"]
    assert {one["kind"] for one in found["money"]["operations"]} >= {"hold", "capture"}
    assert found["money"]["paid"] == last["receipt"]["total"]
    assert found["timeline"]["events"]
    assert {curve["event"] for curve in found["timeline"]["curves"]} <= {e["id"] for e in found["timeline"]["events"]}
    assert found["link"].startswith("http://shop/s/")


def test_whoever_is_inside_sees_their_basket(here: Open) -> None:
    visit = here.visit("inside")
    found = here.ask("GET", link(here, visit)).json()
    assert found["state"] == "inside"
    assert found["origin"] == "simulated"
    assert here.ask("GET", f"{API}/live", "staff").json()["visits"][0]["id"] == visit


def test_one_tap_and_a_person_gives_it_back(here: Open) -> None:
    visit = with_lines(here)
    receipt = here.ask("GET", link(here, visit)).json()
    assert receipt["state"] == "final"
    case = here.ask("POST", link(here, visit) + "/disputes", json={"kind": "wrong", "line": 0, "quantity": 1}).json()
    assert (case["state"], case["amount"]) == ("open", receipt["lines"][0]["unit_price"])
    assert here.ask("GET", f"{API}/disputes?state=open", "auditor").json()["items"][0]["id"] == case["id"]
    closed = here.ask("POST", f"{API}/disputes/{case['id']}", "operator", json={"outcome": "upheld"}).json()
    assert (closed["state"], closed["closed_by"]) == ("closed", "operator")
    after = here.ask("GET", link(here, visit)).json()
    assert after["decided_by"] == "person"
    assert after["human"]["viewers"] == 1
    assert after["revisions"][-1]["reason"].startswith("wrong")
    here.context.shop.worker.submit(here.context.till.cashier.work).result()
    assert here.ask("GET", link(here, visit)).json()["paid"] == after["total"]
    again = here.ask("POST", f"{API}/disputes/{case['id']}", "operator", json={"outcome": "upheld"})
    assert again.status_code == 409


def test_what_a_shopper_adds_is_charged_as_they_said(here: Open) -> None:
    visit = next(v for v in here.context.till.ledger.visits("settled") if v != with_lines(here))
    product = next(iter(here.context.till.store.products.values()))
    before = here.ask("GET", link(here, visit)).json()
    case = here.ask("POST", link(here, visit) + "/disputes", json={"kind": "missed", "gtin": product.gtin}).json()
    assert (case["state"], case["outcome"], case["closed_by"]) == ("closed", "added", "rule")
    after = here.ask("GET", link(here, visit)).json()
    assert float(after["total"]) == pytest.approx(float(before["total"]) + float(product.price))
    refund = {"lines": [{"gtin": product.gtin, "quantity": 1}], "reason": "came back"}
    assert here.ask("POST", f"{API}/visits/{visit}/refunds", "integrator", json=refund).status_code == 201
    assert here.ask("GET", link(here, visit)).json()["total"] == before["total"]
    assert here.ask("POST", f"{API}/visits/{visit}/refunds", "integrator", json=refund).status_code == 409


def test_when_the_evidence_is_gone_the_word_stands_up_to_the_cap(here: Open) -> None:
    visit = with_lines(here)
    till = here.context.till
    receipt = till.ledger.receipts(visit)[-1].receipt
    with till.database.begin() as connection:
        connection.exec_driver_sql("delete from evidence")
    line = receipt.lines[0]
    complaint = {"kind": "wrong", "gtin": line.gtin, "quantity": 1}
    case = here.ask("POST", link(here, visit) + "/disputes", json=complaint).json()
    upheld = line.unit_price <= till.wishes.dispute_cap
    assert (case["outcome"] == "upheld") == upheld
    assert upheld, "the sample's goods cost less than the cap"
    assert case["closed_by"] == "rule"


def test_a_forged_link_opens_nothing(here: Open) -> None:
    good = here.context.identity.link("v1")
    for token in ("x", good[:-1] + ("A" if good[-1] != "A" else "B"), good.replace(".", "")):
        assert here.ask("GET", f"{API}/s/{token}").status_code == 404


def test_the_qr_code_is_a_picture_of_the_link(here: Open) -> None:
    found = here.ask("GET", link(here, "v1") + "/qr")
    assert found.headers["content-type"] == "image/svg+xml"
    assert found.content.startswith(b"<svg")


def test_signing_in_and_out(here: Open) -> None:
    assert here.ask("POST", f"{API}/session", json={"name": "staff", "password": "wrong wrong"}).status_code == 401
    found = here.ask("POST", f"{API}/session", json={"name": "reviewer", "password": PASSWORD})
    cookie = found.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    headers = {"cookie": cookie.split(";")[0], "x-csrf-token": found.json()["csrf"]}
    said = here.ask("GET", f"{API}/session", headers=headers).json()
    assert (said["role"], said["also"]) == ("reviewer", []), "only a demonstration's admin is something besides"
    assert here.ask("DELETE", f"{API}/session", headers=headers).status_code == 200
    assert here.ask("GET", f"{API}/session", headers=headers).status_code == 401
    again = here.context.identity.log_in("reviewer", PASSWORD)
    assert again is not None
    session = here.context.identity.session(again)
    assert session is not None
    here.sessions["reviewer"] = (again, session.csrf)


def test_guessing_is_slow(here: Open) -> None:
    statuses = [
        here.ask("POST", f"{API}/session", json={"name": "mallory", "password": f"guess {n} guess"}).status_code
        for n in range(12)
    ]
    assert statuses[:10] == [401] * 10
    assert statuses[-1] == 429


def test_the_first_run_link_is_for_the_first_only(here: Open) -> None:
    given = {"token": FIRST, "name": "late", "password": PASSWORD}
    assert here.ask("POST", f"{API}/first-run", json=given).status_code == 403


def test_every_answer_is_safe_for_a_browser(here: Open) -> None:
    for path in ("/", "/healthz", f"{API}/live", f"{API}/nothing", "/api/nothing", "/../../etc/passwd", "/a%00b"):
        found = here.ask("GET", path)
        assert found.status_code < 500
        for name, value in HEADERS.items():
            assert found.headers[name] == value, path
    assert here.ask("GET", f"{API}/nothing").headers["content-type"] == KIND
    big = here.ask("POST", f"{API}/session", content=b"x" * 300_000, headers={"content-type": "application/json"})
    assert big.status_code == 413


def test_events_go_on_where_a_listener_was(here: Open) -> None:
    everything = here.ask("GET", f"{API}/events?follow=false", "operator").text
    ids = [int(line[4:]) for line in everything.splitlines() if line.startswith("id: ")]
    assert ids == sorted(ids)
    assert "event: visit.entered" in everything
    assert "event: receipt.issued" in everything
    headers = {"last-event-id": str(ids[-2])}
    rest = here.ask("GET", f"{API}/events?follow=false", "operator", headers=headers).text
    assert [line for line in rest.splitlines() if line.startswith("id: ")] == [f"id: {ids[-1]}"]


def test_metrics_are_prometheus(here: Open) -> None:
    found = here.ask("GET", "/metrics", "operator").text
    assert 'walkout_device_messages{device="plates-snacks"}' in found
    assert "walkout_visits_inside 1.0" in found


def test_no_input_breaks_it(here: Open) -> None:
    """schemathesis: whatever the schema allows, and what it does not; no 500, and answers as the schema says."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import schemathesis
        from hypothesis import HealthCheck, Phase, given, settings
        from schemathesis.specs.openapi.checks import (
            content_type_conformance,
            response_schema_conformance,
            status_code_conformance,
        )

        schema = schemathesis.openapi.from_asgi("/openapi.json", here.app)
    cookie, csrf = here.sessions["admin"]
    headers = {"cookie": f"walkout_session={cookie}", "x-csrf-token": csrf}
    checks = [
        schemathesis.checks.not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_schema_conformance,
    ]
    tried = 0
    for result in schema.get_all_operations():
        found: Any = result
        operation = found.ok()
        if operation.path.endswith("/events") or (operation.method, operation.path) == ("delete", f"{API}/session"):
            continue

        @settings(max_examples=6, deadline=None, database=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(case=operation.as_strategy())
        def check(case: Any) -> None:
            nonlocal tried
            tried += 1
            response = case.call(headers=headers)
            case.validate_response(response, checks=checks)

        check()
    assert tried > 100


def test_a_shoppers_link_opens_by_itself_and_pages_come_small_to_whoever_takes_them_so(here: Open) -> None:
    link = f"/s/{here.context.identity.link(here.visit())}"
    assert "." in link, "its signature"
    found = here.ask("GET", link, headers={"accept-encoding": "identity"})
    assert found.headers["content-type"].startswith("text/html")
    assert found.status_code == 200
    whole = here.ask("GET", "/console.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in whole.headers
    small = here.ask("GET", "/console.js", headers={"accept-encoding": "gzip"})
    assert (small.headers["content-encoding"], small.content) == ("gzip", whole.content)
    assert small.headers["content-type"].startswith("text/javascript")
    assert small.num_bytes_downloaded < len(whole.content) / 2
    known = {"accept-encoding": "gzip", "if-none-match": small.headers["etag"]}
    assert here.ask("GET", "/console.js", headers=known).status_code == 304
    assert here.ask("GET", "/nothing.js").status_code == 404
