"""A shop whose database or disk fails in the middle, or is PostgreSQL: the same receipts and money as undisturbed."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from tests.live.story import WISHES, feed, messages, shop_in
from tests.live.wire import sample
from walkout.live import shop as shop_module
from walkout.live.journal import JournalError
from walkout.live.shop import Shop
from walkout.live.source import Message
from walkout.live.till import open_till
from walkout.live.topics import topic
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member

STORE = sample()
STORY = (Arrival(0.5, (Member(Build(), b.take),)),)


@pytest.fixture(scope="module")
def said() -> list[Message]:
    return list(messages(STORE, STORY, 26))


async def played(shop: Shop, said: list[Message], before: Callable[[Shop], None] = lambda _: None) -> dict[str, Any]:
    """Feed a story and let it end; what each visit's receipts say, and what it paid."""
    await shop.open(listen=False)
    before(shop)
    await feed(shop, said)
    await shop.do(shop.till.runner.finish)
    for minutes in range(4):
        await shop.do(partial(shop.till.cashier.work, minutes * 60 * 10**9))
    ledger = shop.till.ledger
    found = {
        visit[:-5]: (
            [(one.final, one.receipt.lines, one.total) for one in ledger.receipts(visit)],
            ledger.payment(visit).net,
        )
        for visit in ledger.visits()
    }
    await shop.close()
    return found


def undisturbed(folder: Path, said: list[Message]) -> dict[str, Any]:
    return asyncio.run(played(shop_in(folder / "undisturbed", STORE), said))


@pytest.mark.parametrize("method", ["enter", "leave", "basket", "issue"])
def test_a_database_that_fails_in_the_middle_costs_nothing(
    method: str, said: list[Message], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_module, "AGAIN_S", 0.01)
    expected = undisturbed(tmp_path, said)
    failures = [3]

    def broken(shop: Shop) -> None:
        whole = getattr(shop.till.ledger, method)

        def half(*given: Any, **named: Any) -> Any:
            if failures[0]:
                failures[0] -= 1
                raise OperationalError("insert", {}, Exception("server closed the connection unexpectedly"))
            return whole(*given, **named)

        monkeypatch.setattr(shop.till.ledger, method, half)

    assert asyncio.run(played(shop_in(tmp_path / "broken", STORE), said, broken)) == expected
    assert failures == [0]


def test_a_disk_that_refuses_for_a_while_costs_nothing(
    said: list[Message], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop_module, "AGAIN_S", 0.01)
    expected = undisturbed(tmp_path, said)
    calls = [0]

    def full(shop: Shop) -> None:
        whole = shop.till.journal.append

        def sometimes(observations: Any) -> None:
            calls[0] += 1
            if calls[0] % 3 == 0:
                raise JournalError("no room")
            whole(observations)

        monkeypatch.setattr(shop.till.journal, "append", sometimes)

    assert asyncio.run(played(shop_in(tmp_path / "full", STORE), said, full)) == expected


def test_on_postgresql_it_is_the_same(said: list[Message], tmp_path: Path, postgres_ready: str) -> None:
    expected = undisturbed(tmp_path, said)
    wishes = replace(WISHES)
    shop = Shop(lambda: open_till(STORE, tmp_path / "pg", wishes=wishes, database=postgres_ready), STORE.name, None)
    assert asyncio.run(played(shop, said)) == expected


def test_staff_let_somebody_in_who_was_refused(tmp_path: Path) -> None:
    async def story() -> None:
        shop = shop_in(tmp_path, STORE, any_card=False)
        await shop.open(listen=False)
        gate = topic(STORE.name, "gate", "door")
        for seq in range(2):
            data = b'{"seq":%d,"t_ns":%d,"way":"entry","credential":"zoe"}' % (seq, 10**18 + seq)
            (answer,) = await shop.take([Message(gate, data, 10**18)])
            assert b"unknown credential" in answer.data
        first, second = (one.id for one in shop.bell)
        assert await shop.let_in(first, admit=True)
        assert await shop.let_in(second, admit=False, reason="not today")
        assert not await shop.let_in(second, admit=True)
        assert len(shop.till.ledger.visits("inside")) == 1
        await shop.close()

    asyncio.run(story())
