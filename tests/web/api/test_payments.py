"""Where Stripe calls back: what it signed is taken in once, all else is refused."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.api.conftest import Open
from tests.web.api.desk_api import Api, desk_api
from walkout.checkout.faults import Fault
from walkout.checkout.outbox import drain

pytest.importorskip("stripe", reason="Stripe's own library (MIT) is optional: ./run extras")
from tests.checkout.stripe_server import SECRET, WEBHOOK_SECRET, Fake

PATH = "/api/v1/payments/stripe"


@pytest.fixture
def fake() -> Iterator[Fake]:
    found = Fake(time.time_ns)
    yield found
    found.close()


@pytest.fixture
def shop(tmp_path: Path, fake: Fake) -> Iterator[Api]:
    """A shop that pays by Stripe."""
    wishes = {"stripe_key": SECRET, "stripe_webhook": WEBHOOK_SECRET, "stripe_base": fake.base}
    with desk_api(tmp_path, **wishes) as found:
        yield found


def test_a_shop_without_stripe_has_no_such_address(here: Open) -> None:
    assert here.ask("POST", PATH, content=b"{}").status_code == 404


def test_what_is_signed_is_taken_in_once_and_all_else_is_refused(shop: Api, fake: Fake) -> None:
    """The webhook comes before the answer, twice, then with another signature."""
    till, answers, said = shop.context.till, list[Any](), list[tuple[bytes, str]]()

    def call(payload: bytes, signature: str) -> None:
        said.append((payload, signature))
        answers.append(shop.ask("POST", PATH, content=payload, headers={"stripe-signature": signature}))

    fake.at_once, fake.fault = call, lambda _kind, _before: Fault.WEBHOOK_FIRST
    now_ns = time.time_ns()
    till.ledger.enter("v1", "p", "cus_1:pm_1", now_ns)
    drain(till.ledger, till.provider, now_ns)
    assert [one.json() for one in answers] == [{"taken": 1}]
    assert till.ledger.payment("v1").held == till.wishes.hold
    ((payload, signature),) = said
    call(payload, signature)
    assert answers[-1].json() == {"taken": 0}
    call(payload + b" ", signature)
    assert answers[-1].status_code == 400
    assert len(fake.intents) == 1
