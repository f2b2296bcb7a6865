"""The demonstration's desk: one's own receipt first, and a simulated reviewer for what is left."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from tests.live.desk_shop import STORE, TEA, Shop, desk_shop, doubted, sure
from walkout.live.newcomer import AFTER_NS, SIMULATED, answered_by, join, seat, sit, stand_in
from walkout.live.shop import Shop as Running
from walkout.live.view import View


def test_whoever_sits_down_has_the_question_of_their_own_visit_in_hand(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        till = shop.till
        for visit in ("v0", "v1", "v2"):
            shop.visit(doubted(visit))
            shop.on(1)
        assert sit(till, "root", "v9") is None, "nothing is asked of that one"
        assert till.reviewing.lease("root") is not None, "they are a reviewer like any other"
        lease = sit(till, "root", "v2")
        assert lease is not None
        assert lease.visit == "v2"
        assert [one.token for one in till.queues.held("root")] == [lease.token], "what else was in hand went back"
        assert sit(till, "root", "v2") == till.queues.of_token(lease.token, "root"), "once is enough"
        till.reviewing.submit("root", lease.token, "2", "sure")
        last = till.cashier.last("v2")
        assert last is not None
        assert (last.receipt.status, answered_by(till, "v2")) == ("settled", "root"), "it settles before one's eyes"
        assert till.books.ledger.desk("root").open


def test_what_nobody_takes_for_half_a_minute_a_simulated_reviewer_answers(tmp_path: Path) -> None:
    with desk_shop(tmp_path) as shop:
        till = shop.till
        join(till, "root")
        shop.visit(doubted("v0"))
        shop.visit(doubted("v1"))
        held = sit(till, "root", "v0")
        assert held is not None
        shop.on(AFTER_NS / 1e9 - 1)
        assert stand_in(till) == 0
        shop.work(3)
        assert stand_in(till) == 1, "what a person has in hand is theirs"
        assert answered_by(till, "v0") is None
        assert answered_by(till, "v1") == SIMULATED
        assert not till.books.ledger.desk(SIMULATED).open, "it is paid for no waiting"
        shop.work(61)
        last = till.cashier.last("v1")
        assert last is not None
        assert {line.gtin: line.quantity for line in last.receipt.lines} == {TEA: 1}, "the likeliest one"


class _Open:
    """As a running shop: a view that tells, and a worker."""

    def __init__(self, shop: Shop) -> None:
        self.till, self.view, self.asked = shop.till, View(STORE), 0

    async def do(self, what: Callable[[], Any]) -> Any:
        self.asked += 1
        return what()

    def tell(self, visit: str) -> None:
        self.view.tell({"type": "receipt", "receipt": {"visit": visit}})


def test_the_question_is_taken_as_its_case_opens_and_is_not_asked_for_again_and_again(tmp_path: Path) -> None:
    async def played(shop: Shop) -> None:
        running = _Open(shop)
        seated = asyncio.create_task(seat(cast("Running", running), "root", "v1"))
        await asyncio.sleep(0.01)
        running.tell("v0")
        running.tell("v1")  # the provisional one: nothing is asked yet
        await asyncio.sleep(0.01)
        assert not seated.done()
        shop.visit(doubted("v1"))
        running.tell("v1")
        lease = await asyncio.wait_for(seated, 5)
        assert lease is not None
        assert lease.visit == "v1"
        assert running.asked == 3, "once at first, and once for each receipt of that visit"
        assert running.view.listeners == 0

    with desk_shop(tmp_path) as shop:
        asyncio.run(played(shop))


@pytest.mark.parametrize("settles", [True, False])
def test_who_waits_for_a_question_that_never_comes_is_told_so(tmp_path: Path, settles: bool) -> None:
    async def played(shop: Shop) -> None:
        running = _Open(shop)
        if settles:
            shop.visit(sure("v1"))
        assert await seat(cast("Running", running), "root", "v1", within_s=5 if settles else 0.05) is None
        assert running.view.listeners == 0

    with desk_shop(tmp_path) as shop:
        asyncio.run(played(shop))
