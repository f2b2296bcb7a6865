"""Pay at the exit, from a real engine's baskets to the card: see it on the screen, say what is wrong, tap."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from tests.live.story import feed, messages, shop_in
from tests.live.test_entry_kinds import STORE, at_gate, shows
from walkout.checkout import contest
from walkout.checkout.given_away import given_away
from walkout.checkout.reconcile import reconcile
from walkout.live.dispute_desk import BY_RULE
from walkout.live.disputes import DisputeError, Disputes
from walkout.live.exit_screen import AFTER_NS
from walkout.live.shop import Shop
from walkout.live.source import Message
from walkout.review import tables as review
from walkout.twin import behaviours as b
from walkout.twin.actor import Actor, Script
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member
from walkout.web.api.app import make_app
from walkout.web.api.context import Context
from walkout.web.api.identity import Identity

API = "/api/v1"
CARD = "card:at-the-exit"


def stands_at_the_screen(me: Actor) -> Script:
    """As long as somebody reads what a screen says; positions come some seconds late, as from a real system."""
    (gate,) = STORE.gates
    yield from me.walk_to(gate.x_m, gate.y_m + 0.4)
    yield from me.wait(14.0)


STORY = (Arrival(0.5, (Member(Build(), b.sequence(b.take, b.take, stands_at_the_screen)),)),)
HOUR_NS = 3600 * 10**9


class Open:
    """A shop where people pay at the exit, its app, and its one screen."""

    def __init__(self, folder: Path, *, pay_at_exit: bool = True) -> None:
        self.shop: Shop = shop_in(folder, STORE, any_card=False, pay_at_exit=pay_at_exit)
        asyncio.run(self.shop.open(listen=False))
        self.shop.till.credentials.register(CARD, "cus_9:pm")
        self.identity = Identity(self.shop.till.database, b"key of the tests")
        self.context = Context(self.shop, self.identity, Disputes(self.shop.till), "first", "http://shop")
        self.app: FastAPI = make_app(self.context)
        self.path = f"{API}/exit/{self.identity.screen('door')}"

    def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        async def once() -> httpx2.Response:
            transport = httpx2.ASGITransport(app=self.app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
                return await client.request(method, path, **more)

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, once()).result()

    def screen(self) -> dict[str, Any]:
        answer = self.ask("GET", self.path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def just_left(self) -> None:
        """Whoever went out did so now, however long this machine took since."""
        self.shop.left = {visit: (gate, time.time_ns()) for visit, (gate, _) in self.shop.left.items()}

    def feed(self, said: list[Message]) -> None:
        asyncio.run(feed(self.shop, said))

    def work(self) -> None:
        self.shop.worker.submit(self.shop.till.runner.finish).result()
        for _ in range(4):
            self.shop.worker.submit(self.shop.till.cashier.work).result()


@pytest.fixture(scope="module")
def said() -> list[Message]:
    return list(messages(STORE, STORY, 40))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Open]:
    found = Open(tmp_path)
    yield found
    asyncio.run(found.shop.close())


def exit_at(said: list[Message]) -> int:
    return [n for n, m in enumerate(said) if "/gate/" in m.topic][1]


def left_contested(here: Open, said: list[Message]) -> tuple[str, dict[str, Any], str]:
    """See, contest the first line, tap, leave: the visit, that line, and the case."""
    story = at_gate(said, shows(None, CARD))
    out = exit_at(story)
    here.feed(story[:out])
    (basket,) = here.screen()["here"]
    line = basket["lines"][0]
    made = here.ask("POST", f"{here.path}/contest", json={"visit": basket["visit"], "gtin": line["gtin"]})
    assert made.status_code == 201
    here.feed(story[out:])
    here.work()
    (visit,) = here.shop.till.ledger.visits()
    return visit, line, made.json()["id"]


def test_see_contest_tap(here: Open, said: list[Message]) -> None:
    story = at_gate(said, shows(None, CARD))
    out = exit_at(story)
    assert here.screen()["here"] == []
    here.feed(story[: out // 4])
    assert here.screen()["here"] == [], "they are among the shelves: nothing of them is on a screen"
    here.feed(story[out // 4 : out])
    seen = here.screen()
    (basket,) = seen["here"]
    line, other = basket["lines"]
    whole = sum(Decimal(x["unit_price"]) * x["quantity"] for x in basket["lines"])
    assert Decimal(basket["total"]) == whole > Decimal(line["amount"]) > 0
    assert not line["contested"]
    assert Decimal(basket["contested"]) == 0
    (visit,) = here.shop.till.ledger.visits()
    assert visit not in here.ask("GET", here.path).text, "a screen knows tokens, no names"

    wish = {"visit": basket["visit"], "gtin": line["gtin"]}
    made = here.ask("POST", f"{here.path}/contest", json=wish)
    assert (made.status_code, made.json()["state"]) == (201, "open")
    assert here.ask("POST", f"{here.path}/contest", json=wish).status_code == 409, "once is enough"
    assert here.ask("POST", f"{here.path}/contest", json=wish | {"gtin": "00000000000017"}).status_code == 409
    nobody = here.identity.link("somebody elses visit")
    assert here.ask("POST", f"{here.path}/contest", json=wish | {"visit": nobody}).status_code == 409
    (basket,) = here.screen()["here"]
    assert basket["lines"][0]["contested"]
    assert Decimal(basket["total"]) == Decimal(other["amount"]), "the tap pays the rest"
    assert Decimal(basket["contested"]) == Decimal(line["amount"])

    here.feed(story[out:])
    here.work()
    till = here.shop.till
    last = till.ledger.receipts(visit)[-1]
    assert last.final
    assert [x.gtin for x in last.receipt.lines] == [other["gtin"]]
    assert [x.gtin for x in last.receipt.withheld] == [line["gtin"]]
    assert till.ledger.payment(visit).net == last.total == Decimal(other["amount"])
    here.just_left()
    shown = here.screen()
    assert shown["here"] == []
    (left,) = shown["left"]
    assert (Decimal(left["paid"]), left["final"]) == (last.total, True)
    assert Decimal(left["contested"]) == Decimal(line["amount"])
    assert b"<svg" in here.ask("GET", f"{API}/s/{left['visit']}/qr").content
    own = here.ask("GET", f"{API}/s/{left['visit']}").json()
    assert [case["state"] for case in own["cases"]] == ["open"], "their receipt's page shows what they said"
    assert [x["gtin"] for x in own["withheld"]] == [line["gtin"]]

    case = own["cases"][0]["id"]
    here.shop.worker.submit(till.dispute_desk.work).result()
    with till.database.begin() as connection:
        asked = connection.execute(
            select(review.questions).where(review.questions.c.question == f"dispute/{case}")
        ).one()
    assert (asked.visit, asked.queue) == (visit, "dispute"), "a person is asked"
    here.shop.worker.submit(here.context.disputes.close, case, "upheld", "seen", "olga", till.cashier.now_ns).result()
    here.work()
    after = till.ledger.receipts(visit)[-1]
    assert (after.reason, after.total, after.receipt.withheld) == (contest.NOT_TAKEN, last.total, ())
    assert till.ledger.payment(visit).net == last.total
    assert {k: v for k, v in given_away(till.ledger, ()).causes.items() if v} == {}, "nothing was charged for it"
    assert here.shop.worker.submit(lambda: reconcile(till.ledger, till.provider)).result() == ()


def test_what_a_person_saw_them_take_is_charged_afterwards_and_once(here: Open, said: list[Message]) -> None:
    visit, line, case = left_contested(here, said)
    till = here.shop.till
    paid = till.ledger.payment(visit).net
    here.shop.worker.submit(here.context.disputes.close, case, "rejected", "seen", "olga", till.cashier.now_ns).result()
    here.work()
    last = till.ledger.receipts(visit)[-1]
    assert (last.reason, last.receipt.decided_by, last.receipt.withheld) == (contest.TAKEN, "person", ())
    assert till.ledger.payment(visit).net == last.total == paid + Decimal(line["amount"])
    assert sum(m.kind in ("capture", "charge") for m in till.provider.movements()) == 2
    with pytest.raises(DisputeError, match="closed case"):
        here.context.disputes.close(case, "rejected", "again", "olga", till.cashier.now_ns)
    assert here.shop.worker.submit(lambda: reconcile(till.ledger, till.provider)).result() == ()


@pytest.mark.parametrize(("outcome", "reason"), [("rejected", contest.TOO_LATE), (None, contest.GIVEN_AWAY)])
def test_after_two_days_it_is_given_away_and_counted(
    here: Open, said: list[Message], outcome: Literal["rejected"] | None, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that comes too late charges nothing; without an answer a rule closes the case."""
    visit, line, case = left_contested(here, said)
    till = here.shop.till
    paid = till.ledger.payment(visit).net
    late_ns = till.cashier.now_ns + 49 * HOUR_NS
    if outcome is None:
        monkeypatch.setattr(till.dispute_desk, "_now_ns", lambda: late_ns)
        here.shop.worker.submit(till.dispute_desk.work).result()
    else:
        here.shop.worker.submit(here.context.disputes.close, case, outcome, "seen", "olga", late_ns).result()
    here.work()
    last = till.ledger.receipts(visit)[-1]
    assert (last.reason, last.receipt.withheld) == (reason, ())
    assert till.ledger.payment(visit).net == last.total == paid
    assert given_away(till.ledger, ()).causes["contested"] == Decimal(line["amount"])
    closed = here.context.disputes.case(case)
    assert closed is not None
    assert closed.state == "closed"
    assert here.shop.worker.submit(lambda: reconcile(till.ledger, till.provider)).result() == ()


def test_who_showed_a_card_at_the_entry_is_on_no_screen(here: Open, said: list[Message]) -> None:
    story = at_gate(said, shows(CARD))
    here.feed(story[: exit_at(story)])
    assert here.shop.till.ledger.visits() != ()
    assert here.screen()["here"] == []
    here.feed(story[exit_at(story) :])
    here.work()
    here.just_left()
    assert here.screen()["left"] == []


def test_what_is_not_on_the_receipt_in_the_end_needs_nobody(here: Open, said: list[Message]) -> None:
    story = at_gate(said, shows(None, CARD))
    here.feed(story[: exit_at(story)])
    (basket,) = here.screen()["here"]
    other = next(gtin for gtin in STORE.products if gtin not in {line["gtin"] for line in basket["lines"]})
    made = here.ask("POST", f"{here.path}/contest", json={"visit": basket["visit"], "gtin": other})
    assert made.status_code == 201, "what the screen showed a moment ago may be another product by now"
    here.feed(story[exit_at(story) :])
    here.work()
    here.shop.worker.submit(here.shop.till.dispute_desk.work).result()
    case = here.context.disputes.case(made.json()["id"])
    assert case is not None
    assert (case.state, case.outcome, case.closed_by) == ("closed", "rejected", BY_RULE)


def test_a_screen_forgets_and_opens_nothing_else(here: Open, said: list[Message]) -> None:
    here.feed(at_gate(said, shows(None, CARD)))
    here.work()
    here.just_left()
    assert len(here.screen()["left"]) == 1
    here.shop.left = {k: (gate, at_ns - AFTER_NS) for k, (gate, at_ns) in here.shop.left.items()}
    assert here.screen()["left"] == []
    token = here.identity.screen("door")
    (visit,) = here.shop.till.ledger.visits()
    assert here.ask("GET", f"{API}/s/{token}").status_code == 404
    assert here.ask("GET", f"{API}/exit/{here.identity.link(visit)}").status_code == 404
    assert here.ask("GET", f"{API}/exit/{here.identity.screen('elsewhere')}").status_code == 404
    assert here.ask("GET", f"{API}/visits", headers={"authorization": f"Bearer {token}"}).status_code == 401


def test_where_nobody_pays_at_the_exit_there_is_no_screen(tmp_path: Path) -> None:
    found = Open(tmp_path, pay_at_exit=False)
    assert found.ask("GET", found.path).status_code == 404
    asyncio.run(found.shop.close())
