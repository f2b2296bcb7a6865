"""The whole wire: the twin's devices, a real broker, the shop, its receipts; and what a broken wire does."""

import asyncio
from pathlib import Path

import orjson
import pytest
from benchmarks.kills import decisions

from tests.live.wire import free_port, running, sample, shop_at, twin_at, until
from walkout.live.performer import Performer
from walkout.live.replay import replay, replay_json
from walkout.live.source import Broker, broker_at
from walkout.recording.reader import open_recording
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.interactive import Wish
from walkout.twin.party import Arrival, Member

STORE = sample()
SHOPPERS = (
    Arrival(0.5, (Member(Build(), b.take),)),
    Arrival(1.0, (Member(Build(), b.browse),), role="staff"),
)
LONG_S = 240
"""On a machine that does much else."""


@pytest.mark.parametrize("kind", ["mosquitto", "amqtt"])
def test_a_shop_over_a_real_broker_decides_what_a_replay_of_its_journal_decides(kind: str, tmp_path: Path) -> None:
    async def story() -> None:
        with running(kind, STORE, tmp_path) as (port, who):
            shop = shop_at(tmp_path / "shop", STORE, port, who)
            await shop.open()
            twin = Performer(STORE, twin_at(port, who), seed=3, arrivals=SHOPPERS, speed=6.0)
            await until(lambda: shop.source is not None and shop.source.connected)
            playing = asyncio.create_task(twin.run())
            await until(lambda: len(shop.latency_s) == 1, LONG_S)
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
            devices = shop.intake.devices.values()
            assert {d.id for d in devices} >= {"plates-snacks", "people", "gate-door"}
            assert sum(d.missing + d.duplicates + d.malformed for d in devices) == 0
            assert len(twin.visits) == 1, "staff make no visit"
            await shop.do(shop.till.runner.finish)
            await shop.do(shop.till.cashier.work)
            ledger = shop.till.ledger
            assert set(ledger.visits()) == set(twin.visits.values())
            issued = [one for visit in ledger.visits() for one in ledger.receipts(visit)]
            assert "provisional" in {one.reason.split(":")[0] for one in issued}
            await shop.close()
            result = orjson.loads(replay_json(replay(open_recording(tmp_path / "shop" / "journal"))))
            replayed = {orjson.dumps(one, option=orjson.OPT_SORT_KEYS) for one in result["receipts"]}
            assert len(replayed) == 1
            assert replayed <= decisions([one.published for one in issued])

    asyncio.run(story())


def test_whoever_is_played_is_a_shopper_like_all_others(tmp_path: Path) -> None:
    async def story() -> None:
        with running("mosquitto", STORE, tmp_path) as (port, who):
            shop = shop_at(tmp_path / "shop", STORE, port, who)
            await shop.open()
            twin = Performer(STORE, twin_at(port, who), seed=4, speed=6.0)
            playing = asyncio.create_task(twin.run())
            puppet = twin.puppet("7")
            facing = STORE.planogram[0]
            puppet.wish(Wish("take_two", facing))
            puppet.wish(Wish("put_back", None, facing.gtin))
            puppet.wish(Wish("hide"))
            puppet.wish(Wish("leave"))
            await until(lambda: shop.till.ledger.visits("waiting", "decided", "settled"), LONG_S)
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
            assert puppet.gone
            assert puppet.done[:2] == ["took 2", "put one back"]
            visit = twin.visit_of("you-7")
            assert visit == shop.till.ledger.visits()[0]
            await shop.close()

    asyncio.run(story())


def test_the_wrong_password_is_refused_by_both_brokers(tmp_path: Path) -> None:
    import aiomqtt

    async def story(port: int) -> None:
        with pytest.raises(aiomqtt.MqttError):
            async with aiomqtt.Client("127.0.0.1", port, username="shop", password=f"not {port}", timeout=5):
                pass

    for kind in ("mosquitto", "amqtt"):
        with running(kind, STORE, tmp_path / kind) as (port, _):
            asyncio.run(story(port))


@pytest.mark.parametrize("kind", ["mosquitto", "amqtt"])
def test_a_device_speaks_on_its_own_topics_only(kind: str, tmp_path: Path) -> None:
    import aiomqtt

    async def story(port: int, password: str, spy: str) -> None:
        heard: list[str] = []

        async def listen(client: aiomqtt.Client) -> None:
            async for message in client.messages:
                heard.append(str(message.topic))  # noqa: PERF401 - seen while it goes on

        async with aiomqtt.Client("127.0.0.1", port, username="shop", password=spy, identifier="spy") as ear:
            await ear.subscribe("walkout/sample-corner-shop/#", qos=1)
            task = asyncio.create_task(listen(ear))
            async with aiomqtt.Client("127.0.0.1", port, username="plates-snacks", password=password) as device:
                for name in ("plates/grocery", "gate/door", "people", "door/door", "status/people"):
                    await device.publish(f"walkout/sample-corner-shop/{name}", b"{}", qos=0)
                await device.publish("walkout/sample-corner-shop/plates/snacks", b"{}", qos=1)
            await until(lambda: heard, 10)
            await asyncio.sleep(0.3)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert heard == ["walkout/sample-corner-shop/plates/snacks"]

    with running(kind, STORE, tmp_path) as (port, who):
        asyncio.run(story(port, who["plates-snacks"].password, who["shop"].password))


@pytest.mark.parametrize("kind", ["mosquitto", "amqtt"])
def test_what_a_device_was_acknowledged_arrives_though_it_leaves_at_once(kind: str, tmp_path: Path) -> None:
    """A script that publishes and goes, as mosquitto_pub does, several messages at a time."""
    import aiomqtt

    async def story(port: int, password: str, spy: str) -> None:
        heard: list[bytes] = []
        topic = "walkout/sample-corner-shop/plates/snacks"

        async def listen(client: aiomqtt.Client) -> None:
            async for message in client.messages:
                heard.append(bytes(message.payload))  # noqa: PERF401 - seen while it goes on

        async with aiomqtt.Client("127.0.0.1", port, username="shop", password=spy, identifier="spy") as ear:
            await ear.subscribe(topic, qos=1)
            task = asyncio.create_task(listen(ear))
            sent = [b"%d" % k for k in range(60)]
            for at in range(0, len(sent), 6):
                async with aiomqtt.Client("127.0.0.1", port, username="plates-snacks", password=password) as device:
                    await asyncio.gather(*(device.publish(topic, one, qos=1) for one in sent[at : at + 6]))
            await until(lambda: len(heard) == len(sent), 10)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert sorted(heard) == sorted(sent)

    with running(kind, STORE, tmp_path) as (port, who):
        asyncio.run(story(port, who["plates-snacks"].password, who["shop"].password))


def test_brokers_have_urls() -> None:
    assert broker_at("mqtt://here:1", "n", "p") == Broker("here", 1, "n", "p")
    assert broker_at("mqtts://a:b%40@here", "n", "p") == Broker("here", 8883, "a", "b@", tls=True)
    with pytest.raises(ValueError, match="found the broker 'here'"):
        broker_at("here", "n", "p")
    assert free_port() > 0
