"""Stripe's adapter against a stateful fake of it over HTTP: money exactly once under every fault, and reconciled."""

import importlib.util
import re
import shutil
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.checkout.money import HOUR_NS, START_NS, D
from walkout.checkout import provider_route
from walkout.checkout.faults import Fault
from walkout.checkout.provider import NoAnswerError, Request, RequestRefusedError, WebhookError
from walkout.checkout.reconcile import reconcile
from walkout.checkout.storage import connect

pytest.importorskip("stripe", reason="Stripe's own library (MIT) is optional: ./run extras")
from tests.checkout.stripe_server import SECRET, WEBHOOK_SECRET
from tests.checkout.stripe_shop import Shop
from walkout.checkout.stripe import _TELLS, StripeProvider

HOLD = Request("k1", "hold", "v1", D("5.00"), "EUR", "cus_1:pm_1")


@pytest.fixture
def shop(ready: Path, tmp_path: Path) -> Iterator[Shop]:
    engine = connect(shutil.copy(ready, tmp_path / "ledger.db"), durable=False)
    made = Shop(engine)
    yield made
    made.close()
    engine.dispose()


def once(kind: str, fault: Fault, times: int = 1) -> Any:
    return lambda found, before: fault if (not kind or found == kind) and before < times else Fault.NONE


def test_a_hold_grows_is_captured_in_part_and_refunded(shop: Shop) -> None:
    shop.visit("12.50", "11.00", basket="30.00")
    (intent,) = shop.fake.intents.values()
    assert (intent["amount"], intent["amount_received"], intent["status"]) == (4000, 2350, "succeeded")
    shop.issue("v1", 1, "12.50")
    shop.quiet()
    assert shop.fake.taken("v1") == 1250
    assert [m.kind for m in shop.stripe.movements()] == ["hold", "adjust", "capture", "refund"]
    assert reconcile(shop.ledger, shop.stripe) == ()


def test_nothing_taken_lets_the_hold_go(shop: Shop) -> None:
    shop.visit()
    assert next(iter(shop.fake.intents.values()))["status"] == "canceled"
    assert [m.kind for m in shop.stripe.movements()] == ["hold", "cancel"]
    assert reconcile(shop.ledger, shop.stripe) == ()


FAULTS = [f for f in Fault if f not in (Fault.NONE, Fault.DECLINE)]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.value)
@pytest.mark.parametrize("kind", ["hold", "capture", "refund"])
def test_under_every_fault_money_moves_exactly_once(shop: Shop, kind: str, fault: Fault) -> None:
    shop.fake.fault = once(kind, fault)
    shop.visit("3.00", "2.00")
    shop.issue("v1", 1, "3.00")
    shop.quiet()
    assert shop.fake.taken("v1") == 300
    assert shop.ledger.payment("v1").net == D("3.00")
    assert reconcile(shop.ledger, shop.stripe) == ()


def test_a_hold_of_48_hours_that_ran_out_is_charged_to_the_saved_card(shop: Shop) -> None:
    shop.ledger.enter("v1", "p", "cus_1:pm_1", shop.now_ns)
    shop.quiet()
    assert shop.ledger.payment("v1").held_until_ns == START_NS + 48 * HOUR_NS
    shop.ledger.leave("v1", shop.now_ns)
    shop.now_ns += 49 * HOUR_NS
    shop.quiet()
    assert shop.ledger.payment("v1").hold_state == "expired"
    shop.issue("v1", 0, "4.00")
    shop.quiet()
    assert shop.fake.taken("v1") == 400
    assert reconcile(shop.ledger, shop.stripe) == ()


def test_a_card_that_is_declined_is_a_stated_loss(shop: Shop) -> None:
    shop.ledger.enter("v1", "p", "declined:pm", shop.now_ns)
    shop.quiet()
    assert shop.ledger.payment("v1").denied
    shop.ledger.leave("v1", shop.now_ns)
    shop.issue("v1", 0, "4.00")
    shop.quiet()
    assert [one.what for one in reconcile(shop.ledger, shop.stripe)] == ["not collected"]


def test_a_webhook_must_be_signed_by_its_secret_and_fresh(shop: Shop) -> None:
    shop.stripe.perform(HOLD)
    (payload,) = shop.fake.webhooks
    good, late = shop.fake.sign(payload), shop.fake.sign(payload, int(time.time()) - 310)
    assert [one.key for one in shop.stripe.events(payload, good, WEBHOOK_SECRET)] == ["k1"]
    thin = orjson.dumps({"object": "v2.core.event", "id": "evt_1", "type": "v1.billing.meter.no_meter_found"})
    for body, header, secret in (
        (payload + b" ", good, WEBHOOK_SECRET),
        (payload, good, "whsec_other"),
        (payload, good, ""),
        (payload, late, WEBHOOK_SECRET),
        (payload, "v1=00", WEBHOOK_SECRET),
        (payload, "", WEBHOOK_SECRET),
        (b"\xff", good, WEBHOOK_SECRET),
        (b"no event", shop.fake.sign(b"no event"), WEBHOOK_SECRET),
        (thin, shop.fake.sign(thin), WEBHOOK_SECRET),
    ):
        with pytest.raises(WebhookError):
            shop.stripe.events(body, header, secret)
    other = orjson.dumps({"object": "event", "id": "evt_2", "type": "customer.created", "data": {"object": {}}})
    assert shop.stripe.events(other, shop.fake.sign(other), WEBHOOK_SECRET) == ()


def test_a_key_with_another_body_is_refused_and_silence_is_no_answer(shop: Shop) -> None:
    first = shop.stripe.perform(HOLD)
    assert shop.stripe.perform(HOLD) == first
    with pytest.raises(RequestRefusedError):
        shop.stripe.perform(Request("k1", "hold", "v1", D("6.00"), "EUR", "cus_1:pm_1"))
    assert len(shop.fake.intents) == 1
    gone = StripeProvider(SECRET, base="http://127.0.0.1:9", timeout_s=1)
    with pytest.raises(NoAnswerError):
        gone.perform(HOLD)
    with pytest.raises(ValueError, match="secret keys"):
        StripeProvider("pk_1")


def test_books_of_many_pages_are_read_whole(shop: Shop) -> None:
    for number in range(205):
        shop.stripe.perform(Request(f"k{number}", "charge", "v", D("1.00"), "JPY", "cus:pm"))
    found = list(shop.stripe.movements())
    assert len({one.key for one in found}) == 205
    assert found[0].amount == D(1)


@pytest.mark.parametrize(
    ("status", "kind", "raised"),
    [
        (400, "invalid_request_error", RequestRefusedError),
        (401, "invalid_request_error", RequestRefusedError),
        (403, "invalid_request_error", RequestRefusedError),
        (404, "invalid_request_error", RequestRefusedError),
        (409, "idempotency_error", NoAnswerError),
        (429, "invalid_request_error", NoAnswerError),
        (500, "api_error", NoAnswerError),
        (503, "", NoAnswerError),
        (200, "", NoAnswerError),
    ],
)
def test_what_a_refusal_means_and_nothing_is_asked_twice(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, status: int, kind: str, raised: type[Exception]
) -> None:
    asked = []

    def serve(handler: BaseHTTPRequestHandler, method: str) -> None:
        asked.append(dict(handler.headers))
        handler.rfile.read(int(handler.headers["content-length"]))
        body = orjson.dumps({"error": {"type": kind, "message": "no"}}) if kind else b"<html>"
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    monkeypatch.setattr(shop.fake, "serve", serve)
    with pytest.raises(raised):
        shop.stripe.perform(HOLD)
    (headers,) = asked
    assert headers["Idempotency-Key"] == "k1"
    assert headers["Authorization"] == f"Bearer {SECRET}"
    agent = orjson.loads(headers["X-Stripe-Client-User-Agent"])
    assert not {"platform", "uname", "telemetry_id"} & agent.keys()
    assert "X-Stripe-Client-Telemetry" not in headers


def test_every_event_that_tells_something_is_one_of_stripes() -> None:
    import inspect

    import stripe

    source = inspect.getsource(inspect.getmodule(stripe.Event))  # type: ignore[arg-type]
    known = set(re.findall(r'"([a-z_]+\.[a-z_.]+)"', source))
    assert {one for kinds in _TELLS.values() for one in kinds} | {"payment_intent.canceled"} <= known


def test_without_the_library_the_error_says_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ValueError, match=r"\./run extras"):
        provider_route.stripe_cards(SECRET)
