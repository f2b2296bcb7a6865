"""Stripe's adapter against a stateful fake of it over HTTP: money exactly once under every fault, and reconciled."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.checkout.money import HOUR_NS, START_NS, D, line, receipt
from tests.checkout.stripe_server import SECRET, WEBHOOK_SECRET, Fake
from walkout.checkout.faults import Fault
from walkout.checkout.ledger import Ledger
from walkout.checkout.outbox import SECOND_NS, drain
from walkout.checkout.provider import NoAnswerError, Request, RequestRefusedError
from walkout.checkout.reconcile import reconcile
from walkout.checkout.storage import connect
from walkout.checkout.stripe import StripeProvider, WebhookError, verify
from walkout.checkout.terms import Terms


class Shop:
    """A ledger and Stripe under one clock."""

    def __init__(self, engine: Engine) -> None:
        self.now_ns = START_NS
        self.ledger = Ledger(engine, "shop", Terms(), "EUR")
        self.fake = Fake(lambda: self.now_ns)
        self.stripe = StripeProvider(SECRET, lambda: self.now_ns, base=self.fake.base, timeout_s=5)
        self.fake.at_once = self.hook

    def hook(self, payload: bytes, signature: str) -> None:
        for event in self.stripe.events(payload, signature, WEBHOOK_SECRET):
            self.ledger.event(event, self.now_ns)

    def quiet(self) -> None:
        for _ in range(300):
            drain(self.ledger, self.stripe, self.now_ns)
            said = self.fake.deliver()
            for payload, signature in said:
                self.hook(payload, signature)
            if not said and all(self.ledger.payment(v).open is None for v in self.ledger.visits()):
                return
            self.now_ns += 700 * SECOND_NS
        raise AssertionError("the outbox does not come to rest")

    def visit(self, *prices: str, basket: str = "5.00", visit: str = "v1") -> None:
        self.ledger.enter(visit, "p", "cus_1:pm_1", self.now_ns)
        self.quiet()
        self.ledger.basket(visit, D(basket), self.now_ns)
        self.quiet()
        self.ledger.leave(visit, self.now_ns)
        self.issue(visit, 0, *prices)
        self.quiet()

    def issue(self, visit: str, revision: int, *prices: str) -> None:
        made = receipt(visit, revision, *(line(price) for price in prices))
        self.ledger.issue(made, final=True, reason="t", now_ns=self.now_ns)


@pytest.fixture
def shop(ready: Path, tmp_path: Path) -> Iterator[Shop]:
    import shutil

    engine = connect(shutil.copy(ready, tmp_path / "ledger.db"), durable=False)
    made = Shop(engine)
    yield made
    made.fake.close()
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
    payload = b'{"id":"evt_1"}'
    good = shop.fake.sign(payload)
    verify(payload, good, WEBHOOK_SECRET, shop.fake.now_s)
    for body, header, secret, late_s in (
        (payload + b" ", good, WEBHOOK_SECRET, 0),
        (payload, good, "whsec_other", 0),
        (payload, good, WEBHOOK_SECRET, 301),
        (payload, "v1=00", WEBHOOK_SECRET, 0),
        (payload, "", WEBHOOK_SECRET, 0),
    ):
        with pytest.raises(WebhookError):
            verify(body, header, secret, shop.fake.now_s + late_s)


def test_a_key_with_another_body_is_refused_and_silence_is_no_answer(shop: Shop) -> None:
    asked = Request("k1", "hold", "v1", D("5.00"), "EUR", "cus_1:pm_1")
    first = shop.stripe.perform(asked)
    assert shop.stripe.perform(asked) == first
    with pytest.raises(RequestRefusedError):
        shop.stripe.perform(Request("k1", "hold", "v1", D("6.00"), "EUR", "cus_1:pm_1"))
    assert len(shop.fake.intents) == 1
    gone = StripeProvider(SECRET, lambda: START_NS, base="http://127.0.0.1:9", timeout_s=1)
    with pytest.raises(NoAnswerError):
        gone.perform(asked)
    with pytest.raises(ValueError, match="secret keys"):
        StripeProvider("pk_1", lambda: START_NS)


def test_books_of_many_pages_are_read_whole(shop: Shop) -> None:
    for number in range(205):
        shop.stripe.perform(Request(f"k{number}", "charge", "v", D("1.00"), "JPY", "cus:pm"))
    found = list(shop.stripe.movements())
    assert len({one.key for one in found}) == 205
    assert found[0].amount == D(1)
