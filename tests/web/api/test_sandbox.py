"""Named trips of a sandbox, each to its end; and the door's other callers."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.web.api.conftest import Open
from walkout.checkout.provider_fake import FakeProvider
from walkout.checkout.reconcile import reconcile
from walkout.live.door import Passage, Refused
from walkout.live.sandbox import TRIPS, sandbox_faults
from walkout.live.till import Till

API = "/api/v1"


@pytest.fixture
def sandbox(here: Open) -> Iterator[Open]:
    """The same shop, as if it had been opened as a sandbox."""
    till = here.context.till
    here.context.shop.till = replace(till, wishes=replace(till.wishes, sandbox=True))
    cards = till.provider.cards
    assert isinstance(cards, FakeProvider)
    cards.faults = sandbox_faults
    try:
        yield here
    finally:
        here.context.shop.till = till


def settled(till: Till, visit: str) -> None:
    deadline = time.monotonic() + 20
    skip_ns = 0
    while visit not in till.ledger.visits("settled"):
        assert time.monotonic() < deadline, till.ledger.payment(visit)
        skip_ns += 2 * 10**9
        till.cashier.work(skip_ns)


def test_a_shop_that_is_none_has_no_trips(here: Open) -> None:
    assert here.ask("POST", f"{API}/sandbox/trips", "integrator", json={"trip": "empty"}).status_code == 404
    assert here.ask("GET", f"{API}/sandbox/trips", "integrator").status_code == 404


@pytest.mark.parametrize("trip", TRIPS)
def test_each_trip_comes_to_what_it_says(sandbox: Open, trip: str) -> None:
    said = sandbox.ask("POST", f"{API}/sandbox/trips", "integrator", json={"trip": trip})
    assert said.status_code == 201, said.text
    visit, till = said.json()["visit"], sandbox.context.till
    first = till.ledger.payment(visit)
    if trip == "late-payment":
        assert first.total is not None
        assert first.net == 0, "the receipt stands, the payment does not come"
    sandbox.context.shop.worker.submit(settled, till, visit).result()
    payment, issued = till.ledger.payment(visit), till.ledger.receipts(visit)
    total = issued[-1].total
    assert payment.net == total
    assert issued[-1].final
    assert issued[0].reason.startswith("provisional")
    assert (trip == "empty") == (total == Decimal(0))
    assert (trip == "wrong-product") == (said.json()["case"] is not None)
    assert len(issued[-1].receipt.shoppers) == (3 if trip == "group" else 1)
    assert len(issued) == (3 if trip == "refund" else 2)
    if trip == "refund":
        assert issued[-1].total < issued[-2].total
    assert not [one for one in reconcile(till.ledger, till.provider) if one.visit == visit]
    page = sandbox.ask("GET", f"{API}/s/{said.json()['link'].rpartition('/')[2]}").json()
    assert (page["state"], page["origin"]) == ("final", "simulated")


def test_an_unknown_trip_is_refused(sandbox: Open) -> None:
    assert sandbox.ask("POST", f"{API}/sandbox/trips", "operator", json={"trip": "moon"}).status_code == 422
    assert len(sandbox.ask("GET", f"{API}/sandbox/trips", "operator").json()["items"]) == len(TRIPS)


def test_staff_approve_an_age_come_to_help_and_let_somebody_join(here: Open) -> None:
    shop = here.context.shop
    visit = next(stay.visit for stay in shop.door.stays.of.values() if not stay.gone)
    link = f"{API}/s/{here.context.identity.link(visit)}"
    assert here.ask("POST", f"{link}/help", json={"words": "which one\u0000 is it?"}).status_code == 201
    found = here.ask("GET", f"{API}/door", "staff").json()
    assert visit in found["inside"]
    (one,) = [one for one in found["waiting"] if one["kind"] == "help"]
    assert (one["visit"], one["words"]) == (visit, "which one  is it?")
    assert here.ask("POST", f"{API}/door/{one['id']}", "staff", json={"action": "approve"}).status_code == 200
    assert here.context.till.feed.after(here.context.till.feed.last() - 1)[0].kind == "door.help"
    over = next(v for v in here.context.till.ledger.visits("settled"))
    gone = f"{API}/s/{here.context.identity.link(over)}/help"
    assert here.ask("POST", gone, json={}).status_code == 409
    refused = Refused("door", time.time_ns(), "unknown credential", "Please ask the staff.")
    shop.bell.entry(refused, time.time_ns())
    (entry,) = [one for one in here.ask("GET", f"{API}/door", "staff").json()["waiting"] if one["kind"] == "entry"]
    where = f"{API}/door/{entry['id']}"
    assert here.ask("POST", where, "staff", json={"action": "join"}).status_code == 422
    assert here.ask("POST", where, "staff", json={"action": "join", "visit": "nobody"}).status_code == 404
    assert here.ask("POST", where, "staff", json={"action": "join", "visit": visit}).status_code == 200
    assert shop.door.stays.of[visit].entries == 2
    assert shop.till.runner.stays.of[visit].entries == 2
    # They leave again, so that the shop of the other tests is as it was.
    passage = Passage("door", "exit", time.time_ns(), time.time_ns(), visit=visit)
    left = shop.door.decide(passage)
    assert left is not None
    assert not isinstance(left, Refused)
    asyncio.run(shop._taken([left]))
    assert not shop.door.stays.of[visit].gone
