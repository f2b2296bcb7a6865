"""The embedded MQTT broker (amqtt), a process of its own: nothing to install for a first shop.

It speaks MQTT 3.1.1 and carries some 2,000 messages a second; a larger shop takes Mosquitto (`accounts.py` writes its
files). Run as `python -m walkout.live.broker`; the accounts come on stdin, and it ends when stdin does.
"""

import asyncio
import hmac
import logging
import os
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson
from amqtt.broker import Broker
from amqtt.contexts import Action, BaseContext
from amqtt.mqtt.disconnect import DisconnectPacket
from amqtt.mqtt.packet import MQTTPacket
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import INCOMING, IncomingApplicationMessage, OutgoingApplicationMessage, Session

from walkout.live.accounts import Account

log = logging.getLogger(__name__)
STARTS_WITHIN_S = 30.0
LIMIT = 1000
"""Connections at most."""
LAST_S = 0.002
"""How often is looked whether the last messages of a sender that leaves have gone on."""
HAND_ON_S = 5.0
"""How long a listener that does not read holds a sender up at most; amqtt waits as long for an acknowledgement."""


class AccountsPlugin(BaseAuthPlugin, BaseTopicPlugin):  # type: ignore[misc] # amqtt has no types
    """Names and passwords, and who may use which topic: everything that is not named is refused."""

    @dataclass
    class Config:
        """Name to password; name to filters."""

        passwords: dict[str, str] = field(default_factory=dict)
        publish: dict[str, list[str]] = field(default_factory=dict)
        subscribe: dict[str, list[str]] = field(default_factory=dict)

    def __init__(self, context: BaseContext) -> None:
        self.context = context
        self.config = context.config

    async def authenticate(self, *, session: Session) -> bool:
        """Whether the password is the account's."""
        wanted = self.config.passwords.get(session.username or "")
        return wanted is not None and hmac.compare_digest(wanted.encode(), (session.password or "").encode())

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool:
        """Whether the account may do this."""
        name = session.username if session is not None else None
        if not name or not topic:
            return False
        filters = (self.config.publish if action == Action.PUBLISH else self.config.subscribe).get(name, [])
        return any(allows(one, topic) for one in filters)


class EmbeddedBroker(Broker):  # type: ignore[misc]
    """amqtt's broker, which acknowledges a message when it has handed it on.

    amqtt 0.12 acknowledges first: what lay in its queues when it died, or when a sender left at once, was lost to both.
    What waits here for a listener that is away still dies with this process; Mosquitto keeps that on disk.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__(settings)
        self._handed: dict[int, asyncio.Event] = {}
        """By identity of the message: set when it has gone to everybody who listens."""
        self._written: dict[asyncio.Task[Any], asyncio.Event] = {}
        """By the task that sends: set when the bytes are out."""

    async def _handle_client_session(
        self, reader: Any, writer: Any, client_session: Session, handler: BrokerProtocolHandler, *rest: Any
    ) -> None:
        receive, send, farewell = handler._handle_qos1_message_flow, handler._send_packet, handler.wait_disconnect  # noqa: SLF001
        acknowledges: dict[asyncio.Task[Any], asyncio.Event] = {}

        async def received(message: IncomingApplicationMessage | OutgoingApplicationMessage) -> None:
            task = asyncio.current_task()
            if message.direction != INCOMING or task is None:
                await receive(message)
                return
            acknowledges[task] = self._handed[id(message)] = asyncio.Event()
            try:
                await receive(message)
            finally:
                acknowledges.pop(task, None)
                self._handed.pop(id(message), None)

        async def sent(packet: MQTTPacket) -> None:
            task = asyncio.current_task()
            if task in acknowledges:
                await acknowledges[task].wait()
            await send(packet)
            if task in self._written:
                self._written[task].set()

        async def last() -> DisconnectPacket | None:
            said: DisconnectPacket | None = await farewell()
            while not client_session.delivered_message_queue.empty():
                await asyncio.sleep(LAST_S)  # a listener that does not read may take seconds
            return said

        handler._handle_qos1_message_flow, handler._send_packet, handler.wait_disconnect = received, sent, last  # noqa: SLF001
        await super()._handle_client_session(reader, writer, client_session, handler, *rest)

    async def _handle_message_delivery(
        self, client_session: Session, handler: BrokerProtocolHandler, wait_deliver: asyncio.Future[Any]
    ) -> bool:
        try:
            kept: bool = await super()._handle_message_delivery(client_session, handler, wait_deliver)
        finally:
            handed = self._handed.get(id(wait_deliver.result()))
            if handed is not None:
                handed.set()
        return kept

    async def _broadcast_loop(self) -> None:
        """Nothing: `_broadcast_message` sends by itself."""
        await self._broadcast_shutdown_waiter

    async def _broadcast_message(self, *about: Any) -> None:
        await super()._broadcast_message(*about)
        sending: deque[asyncio.Task[Any]] = deque()
        await self._run_broadcast(sending)
        for task in sending:
            self._written[task] = asyncio.Event()
            self._tasks_queue.append(task)  # amqtt ends what is left there when it ends
            task.add_done_callback(self._ended)
        for task in sending:
            if (written := self._written.get(task)) is not None:
                await _within(written, HAND_ON_S)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._written.pop(task).set()
        self._tasks_queue.remove(task)
        if not task.cancelled() and task.exception() is not None:
            log.warning("a message was not handed on: %s", task.exception())


async def _within(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def allows(allowed: str, wanted: str) -> bool:
    """Whether a topic, or a filter that somebody subscribes to, lies within a filter."""
    ours, theirs = allowed.split("/"), wanted.split("/")
    for k, part in enumerate(ours):
        if part == "#":
            return True
        if k >= len(theirs) or theirs[k] == "#" or (part != "+" and part != theirs[k]):
            return False
    return len(ours) == len(theirs)


def start(who: Sequence[Account], port: int) -> subprocess.Popen[bytes]:
    """Start the broker on a port of this machine alone; returns when it answers. End it with `terminate`.

    Raises:
        OSError: it did not come up.
    """
    source = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))  # noqa: PTH120 - for PYTHONPATH
    paths = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH", "")]))
    child = subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "walkout.live.broker", str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": paths},
        start_new_session=True,  # Ctrl-C is for the shop, which ends its broker last
    )
    assert child.stdin is not None  # noqa: S101 - a pipe was asked for
    child.stdin.write(orjson.dumps([asdict(account) for account in who]) + b"\n")
    child.stdin.flush()
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and child.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return child
    stop(child)
    raise OSError(f"the embedded broker did not come up on port {port}: is something else there?")


def stop(child: subprocess.Popen[bytes]) -> None:
    """End the broker and wait for it."""
    if child.stdin is not None:
        child.stdin.close()
    child.terminate()
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def config(who: Sequence[dict[str, Any]], port: int) -> dict[str, Any]:
    """The settings: one port of this machine, and what each account may do."""
    return {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}", "max_connections": LIMIT}},
        "plugins": {
            "walkout.live.broker.AccountsPlugin": {
                "passwords": {one["name"]: one["password"] for one in who},
                "publish": {one["name"]: list(one["publish"]) for one in who},
                "subscribe": {one["name"]: list(one["subscribe"]) for one in who},
            }
        },
    }


async def _serve(who: list[dict[str, Any]], port: int) -> None:
    broker = EmbeddedBroker(config(who, port))
    await broker.start()
    # The shop holds the other end of stdin: when it is gone, so is this.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    await broker.shutdown()


def main() -> None:
    """Read the accounts from stdin and serve until it ends."""
    logging.basicConfig(level=logging.ERROR)
    # A connection that says nothing is the shop asking whether this is up.
    logging.getLogger("amqtt.broker").addFilter(lambda record: not record.getMessage().startswith("No data from"))
    who = orjson.loads(sys.stdin.buffer.readline())
    asyncio.run(_serve(who, int(sys.argv[1])))


if __name__ == "__main__":
    main()
