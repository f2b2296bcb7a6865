"""The adapter and its fake beside Stripe's own library: the same forms, names and versions, signatures both ways.

`stripe` is generated from Stripe's description of its API; nothing here asks Stripe. Skipped where it is not
installed: `uv pip install stripe` (16, MIT) into the environment of the tests.
"""

import importlib
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.checkout.money import START_NS
from tests.checkout.stripe_server import SECRET, WEBHOOK_SECRET, Fake
from walkout.checkout.faults import Fault
from walkout.checkout.provider import Request
from walkout.checkout.stripe import _TELLS, VERSION, StripeProvider, _call, verify

stripe: Any = pytest.importorskip("stripe", reason="Stripe's own library (MIT) is not installed: uv pip install stripe")

NOW_S = START_NS // 10**9
HOLD = Request("s/v/0/hold", "hold", "v", Decimal("20.00"), "EUR", payer="cus_1:pm_1")
REQUESTS = (
    HOLD,
    Request("s/v/1/adjust", "adjust", "v", Decimal("40.00"), "EUR", "cus_1:pm_1", of="pi_1"),
    Request("s/v/2/capture", "capture", "v", Decimal("23.50"), "EUR", "cus_1:pm_1", of="pi_1"),
    Request("s/v/3/refund", "refund", "v", Decimal("11.00"), "EUR", "cus_1:pm_1", of="pi_1"),
    Request("s/w/0/charge", "charge", "w", Decimal("7.00"), "EUR", payer="cus_1:pm_1"),
    Request("s/x/0/hold", "hold", "x", Decimal("20.00"), "EUR", payer="cus_1:pm_1"),
    Request("s/x/1/cancel", "cancel", "x", Decimal("20.00"), "EUR", "cus_1:pm_1", of="pi_3"),
)
PARAMS = {
    "hold": "PaymentIntentCreateParams",
    "charge": "PaymentIntentCreateParams",
    "adjust": "PaymentIntentIncrementAuthorizationParams",
    "capture": "PaymentIntentCaptureParams",
    "cancel": "PaymentIntentCancelParams",
    "refund": "RefundCreateParams",
}


@pytest.fixture
def fake() -> Iterator[Fake]:
    found = Fake(lambda: START_NS)
    yield found
    found.close()


def client(fake: Fake) -> Any:
    return stripe.StripeClient(SECRET, base_addresses={"api": fake.base}, max_network_retries=0)


def noting(fake: Fake) -> list[Any]:
    """All that a fake is asked and answers from now on."""
    told, served = list[Any](), fake.post

    def noted(path: str, key: str, form: dict[str, str]) -> Any:
        answer = served(path, key, form)
        # A list is `expand[]` in Stripe's documentation and `expand[0]` in its library: the same to Stripe.
        told.append((path, key, {name.replace("[0]", "[]"): value for name, value in form.items()}, answer))
        return answer

    fake.post = noted  # type: ignore[method-assign]
    return told


def nested(form: dict[str, str]) -> dict[str, Any]:
    """A form as a library's caller writes it down: `a[b]` within `a`, `a[]` as a list, whole numbers as numbers."""
    made: dict[str, Any] = {}
    for name, value in form.items():
        first, *rest = re.findall(r"[^\[\]]+", name)
        plain: Any = int(value) if first in ("amount", "amount_to_capture") else value == "true" or value
        if name.endswith("[]"):
            made[first] = [plain]
            continue
        at = made
        for part in [first, *rest][:-1]:
            at = at.setdefault(part, {})
        at[[first, *rest][-1]] = plain
    return made


def annotated(name: str) -> dict[str, str]:
    """The fields of one of the library's types, with what is said of each."""
    module = importlib.import_module("stripe.params." + "_" + re.sub(r"(?<!^)(?=[A-Z])", "_", _base(name)).lower())
    found: dict[str, str] = {}
    for one in reversed(getattr(module, name).__mro__):
        found |= {k: str(v) for k, v in getattr(one, "__annotations__", {}).items()}
    return found


def _base(name: str) -> str:
    return next(one for one in sorted(set(PARAMS.values()), key=len, reverse=True) if name.startswith(one))


def known(name: str, given: dict[str, Any], at: str = "") -> Iterator[str]:
    """Fields that the library does not know."""
    fields = annotated(name)
    for key, value in given.items():
        if key not in fields:
            yield f"{at}{key}"
        elif isinstance(value, dict) and key != "metadata":
            inner = re.search(rf"{_base(name)}\w+", fields[key])
            assert inner is not None, fields[key]
            yield from known(inner[0], value, f"{at}{key}.")


def test_the_version_that_is_pinned_is_the_librarys() -> None:
    assert stripe._api_version._ApiVersion.CURRENT == VERSION


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: one.kind)
def test_every_field_that_is_sent_has_a_name_that_stripe_knows(request_: Request) -> None:
    _, form = _call(request_)
    assert list(known(PARAMS[request_.kind], nested(form))) == []
    assert list(known(PARAMS[request_.kind], nested(form) | {"no_such_field": 1})) == ["no_such_field"]


def test_the_library_sends_the_same_forms_and_is_answered_alike(fake: Fake) -> None:
    """Each operation once by the adapter and once by the library, at two fakes: requests and answers are the same."""
    other = Fake(lambda: START_NS)
    ours, theirs = noting(fake), noting(other)
    try:
        adapter, library = StripeProvider(SECRET, lambda: START_NS, base=fake.base, timeout_s=5), client(other)
        intents, refunds = library.v1.payment_intents, library.v1.refunds
        for asked in REQUESTS:
            answer = adapter.perform(asked)
            _, form = _call(asked)
            options = {"idempotency_key": asked.key}
            if asked.kind == "cancel":
                note = {f"metadata[{name}]": value for name, value in fake.intents["pi_3"]["metadata"].items()}
                new = {k: v for k, v in note.items() if k[9:-1] not in other.intents["pi_3"]["metadata"]}
                intents.update("pi_3", nested(new), {"idempotency_key": f"{asked.key}/note"})
            given = nested(form)
            found = {
                "hold": lambda g=given, o=options: intents.create(g, o),
                "charge": lambda g=given, o=options: intents.create(g, o),
                "adjust": lambda g=given, o=options: intents.increment_authorization("pi_1", g, o),
                "capture": lambda g=given, o=options: intents.capture("pi_1", g, o),
                "cancel": lambda g=given, o=options: intents.cancel("pi_3", g, o),
                "refund": lambda g=given, o=options: refunds.create(g, o),
            }[asked.kind]()
            assert answer.outcome == "done"
            assert found.id == answer.id
            assert isinstance(found, stripe.Refund if asked.kind == "refund" else stripe.PaymentIntent)
        assert ours == theirs
        assert [one.id for one in intents.list({"limit": 2}).auto_paging_iter()] == ["pi_3", "pi_2", "pi_1"]
        assert {one.key for one in adapter.movements()} == {one.key for one in REQUESTS}
    finally:
        other.close()


def test_the_library_names_the_fakes_refusals_as_stripes(fake: Fake) -> None:
    library = client(fake)
    given = nested(_call(HOLD)[1])
    library.v1.payment_intents.create(given, {"idempotency_key": "one"})
    with pytest.raises(stripe.IdempotencyError):
        library.v1.payment_intents.create(given | {"amount": 1}, {"idempotency_key": "one"})
    with pytest.raises(stripe.InvalidRequestError) as wrong:
        library.v1.payment_intents.capture("pi_1", {"amount_to_capture": 2001}, {"idempotency_key": "two"})
    assert wrong.value.code == "amount_too_large"
    fake.fault = lambda _kind, _before: Fault.DECLINE
    with pytest.raises(stripe.CardError) as declined:
        library.v1.payment_intents.create(given, {"idempotency_key": "three"})
    assert (declined.value.code, declined.value.http_status) == ("card_declined", 402)
    fake.fault = lambda _kind, _before: Fault.TIMEOUT_BEFORE
    with pytest.raises(stripe.APIConnectionError):
        library.v1.payment_intents.create(given, {"idempotency_key": "four"})


def test_webhooks_are_signed_as_the_library_signs_them(fake: Fake) -> None:
    library = client(fake)
    library.v1.payment_intents.create(nested(_call(HOLD)[1]), {"idempotency_key": "one"})
    ((payload, signature),) = fake.deliver()
    event = stripe.Webhook.construct_event(payload, signature, WEBHOOK_SECRET, tolerance=None)
    assert (event.type, event.data.object.id) == ("payment_intent.amount_capturable_updated", "pi_1")
    made = stripe.WebhookSignature._compute_signature(f"{NOW_S}.{payload.decode()}", WEBHOOK_SECRET)
    verify(payload, f"t={NOW_S},v1={made}", WEBHOOK_SECRET, NOW_S)


def test_what_is_read_of_an_answer_is_there_and_each_event_exists() -> None:
    """Fields, states and events that the adapter goes by, in the library's own types."""
    intent, refund, charge = stripe.PaymentIntent, stripe.Refund, stripe.Charge
    fields = {k: str(v) for k, v in intent.__annotations__.items()}
    for name in (
        "id",
        "amount",
        "amount_capturable",
        "amount_received",
        "currency",
        "created",
        "latest_charge",
        "metadata",
    ):
        assert name in fields
    for state in ("requires_payment_method", "requires_action", "requires_capture", "succeeded", "canceled"):
        assert f'"{state}"' in fields["status"].replace("'", '"')
    for why in ("automatic", "expired", "abandoned"):
        assert f'"{why}"' in fields["cancellation_reason"].replace("'", '"')
    for way in (charge.PaymentMethodDetails.CardPresent, charge.PaymentMethodDetails.Card):
        assert "capture_before" in way.__annotations__
    assert {"id", "status", "failure_reason", "amount", "payment_intent", "metadata"} <= set(refund.__annotations__)
    told = {one for kinds in _TELLS.values() for one in kinds} | {"payment_intent.canceled"}
    known_events = set(re.findall(r'"([a-z_]+\.[a-z_.]+)"', _source("stripe._event").replace("'", '"')))
    assert told <= known_events


def _source(module: str) -> str:
    import inspect

    return inspect.getsource(importlib.import_module(module))
