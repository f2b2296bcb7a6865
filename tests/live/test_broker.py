"""The embedded broker keeps its word: what it has acknowledged, it has handed on."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import aiomqtt

from tests.live import wire
from walkout.live.broker import EmbeddedBroker, config

ACCOUNTS: list[dict[str, Any]] = [
    {"name": "plate", "password": "plate", "publish": ["shop/#"], "subscribe": []},
    {"name": "shop", "password": "shop", "publish": [], "subscribe": ["shop/#"]},
]


class Held(EmbeddedBroker):
    """A broker that hands on only when it is let."""

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self.go = asyncio.Event()

    async def _run_broadcast(self, running_tasks: deque[asyncio.Task[Any]]) -> None:
        await self.go.wait()
        await super()._run_broadcast(running_tasks)


def lived(story: Callable[[Held, int], Awaitable[None]]) -> None:
    """One story with a broker in this process."""

    async def all_of_it() -> None:
        port = wire.free_port()
        broker = Held(config(ACCOUNTS, port))
        await broker.start()
        try:
            await asyncio.wait_for(story(broker, port), 20)
        finally:
            broker.go.set()
            await broker.shutdown()

    asyncio.run(all_of_it())


def client(port: int, name: str, *, stays: bool = False) -> aiomqtt.Client:
    """Somebody with an account; who stays has what came meanwhile kept for them."""
    return aiomqtt.Client(
        "127.0.0.1", port, username=name, password=name, identifier=name if stays else None, clean_session=not stays
    )


def test_a_message_is_acknowledged_when_it_has_been_handed_on() -> None:
    async def story(broker: Held, port: int) -> None:
        shop = client(port, "shop")
        plate = client(port, "plate")
        async with shop, plate:
            await shop.subscribe("shop/#", qos=1)
            said = [asyncio.create_task(plate.publish("shop/plates/a", b"%d" % k, qos=1)) for k in range(3)]
            await asyncio.sleep(0.3)
            assert not any(task.done() for task in said)
            broker.go.set()
            await asyncio.gather(*said)
            heard = [bytes((await anext(shop.messages)).payload) for _ in range(3)]
            assert sorted(heard) == [b"0", b"1", b"2"]

    lived(story)


def test_nobody_listens_and_a_topic_that_is_not_allowed_are_acknowledged_too() -> None:
    async def story(broker: Held, port: int) -> None:
        broker.go.set()
        async with client(port, "plate") as plate:
            await plate.publish("shop/plates/a", b"1", qos=1)
            await plate.publish("elsewhere", b"1", qos=1)
        assert not broker._written

    lived(story)


def test_a_listener_that_left_holds_nobody_up() -> None:
    async def story(broker: Held, port: int) -> None:
        async with client(port, "shop", stays=True) as shop:
            await shop.subscribe("shop/#", qos=1)
        broker.go.set()
        async with client(port, "plate") as plate:
            await plate.publish("shop/plates/a", b"kept", qos=1)
        async with client(port, "shop", stays=True) as shop:
            assert bytes((await anext(shop.messages)).payload) == b"kept"

    lived(story)
