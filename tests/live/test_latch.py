"""A cabinet of goods with an age limit stays shut until staff have approved, over a real broker."""

import asyncio
from dataclasses import replace
from pathlib import Path

import aiomqtt
import orjson

from tests.live.wire import running, sample, shop_at, until
from walkout.live.bell import Bell
from walkout.live.latch import OPEN_S, WAIT_NS, Knock, encode_knock, words
from walkout.live.topics import topic
from walkout.store.folder import pack, unpack

FIXTURE = sample().fixtures[0].id


def locked() -> object:
    """The sample shop with one fixture behind a lock, whose goods are sold from 18 on."""
    plain = sample()
    fixtures = tuple(replace(one, latch=one.id == FIXTURE) for one in plain.fixtures)
    behind = {facing.gtin for facing in plain.planogram if facing.fixture == FIXTURE}
    products = {g: replace(p, age_min=18 if g in behind else 0) for g, p in plain.products.items()}
    return replace(plain, fixtures=fixtures, products=products)


STORE = unpack(pack(locked()))  # type: ignore[arg-type]


def test_it_opens_on_nothing_but_staffs_approval(tmp_path: Path) -> None:
    async def story() -> None:
        with running("amqtt", STORE, tmp_path) as (port, who):
            mine = who[f"latch-{FIXTURE}"]
            shop = shop_at(tmp_path / "shop", STORE, port, who)
            await shop.open()
            await until(lambda: shop.source is not None and shop.source.connected)
            heard: list[dict[str, object]] = []

            async def listen(client: aiomqtt.Client) -> None:
                async for one in client.messages:
                    heard.append(orjson.loads(bytes(one.payload)))  # noqa: PERF401 - it never ends

            async with aiomqtt.Client(
                "127.0.0.1", port, username=mine.name, password=mine.password, identifier="lock"
            ) as lock:
                await lock.subscribe(topic(STORE.name, "unlatch", FIXTURE), qos=1)
                listening = asyncio.create_task(listen(lock))

                async def knock(seq: int) -> str:
                    data = encode_knock(Knock(FIXTURE, seq, seq))
                    await lock.publish(topic(STORE.name, "latch", FIXTURE), data, qos=1)
                    await until(lambda: any(one.knock and one.knock.seq == seq for one in shop.bell))
                    return next(str(one.id) for one in shop.bell if one.knock and one.knock.seq == seq)

                first = await knock(1)
                (waiting,) = shop.bell
                assert (waiting.kind, waiting.words) == (
                    "age",
                    f"{FIXTURE} is locked, somebody stands there: at least 18 years",
                )
                await asyncio.sleep(0.3)
                assert heard == [], "nothing opens by itself"
                assert await shop.let_in(first, admit=False, reason="No proof of age", by="ann")
                await until(lambda: len(heard) == 1)
                assert (heard[0]["open"], heard[0]["seq"]) == (False, 1)
                second = await knock(2)
                assert await shop.let_in(second, admit=True, by="ann")
                await until(lambda: len(heard) == 2)
                assert (heard[1]["open"], heard[1]["seconds"], heard[1]["seq"]) == (True, OPEN_S, 2)
                assert not await shop.let_in(second, admit=True, by="ann"), "one approval opens once"
                await asyncio.sleep(0.2)
                assert len(heard) == 2
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
            assert shop.intake.devices[f"latch-{FIXTURE}"].messages == 2
            told = [entry.body for entry in shop.till.feed.after(0) if entry.kind == "door.age"]
            assert [(one["latch"], one["approved"], one["by"]) for one in told] == [
                (FIXTURE, False, "ann"),
                (FIXTURE, True, "ann"),
            ]
            await shop.close()

    asyncio.run(story())


def test_a_lock_may_not_open_itself_nor_hear_another(tmp_path: Path) -> None:
    with running("amqtt", STORE, tmp_path) as (_, who):
        mine = who[f"latch-{FIXTURE}"]
        assert topic(STORE.name, "unlatch", FIXTURE) not in mine.publish
        assert mine.subscribe == (topic(STORE.name, "unlatch", FIXTURE),)
        assert [name for name in who if name.startswith("latch-")] == [mine.name]


def test_an_old_knock_opens_nothing() -> None:
    bell = Bell()
    bell.knock(Knock(FIXTURE, 1, 1), "w", 1000)
    bell.knock(Knock(FIXTURE, 2, 2), "w", 2000)
    (one,) = bell
    assert one.knock is not None
    assert one.knock.seq == 2, "who knocks again only stands there longer"
    bell.stale(2000 + WAIT_NS)
    assert list(bell)
    bell.stale(2001 + WAIT_NS)
    assert not list(bell)


def test_words_say_the_age() -> None:
    assert words(STORE, FIXTURE).endswith("at least 18 years")
    other = next(one.id for one in STORE.fixtures if one.id != FIXTURE)
    assert words(STORE, other) == f"{other}: open the lock?"
