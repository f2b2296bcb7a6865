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
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson
from amqtt.broker import Broker
from amqtt.contexts import Action, BaseContext
from amqtt.mqtt.disconnect import DisconnectPacket
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session

from walkout.live.accounts import Account

STARTS_WITHIN_S = 30.0
LIMIT = 1000
"""Connections at most."""


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
    """amqtt's broker, which hands on what it has acknowledged before it lets a sender go.

    amqtt 0.12 looks at the farewell first, and drops the sender's last messages when it is busy.
    """

    async def _client_message_loop(self, client_session: Session, handler: BrokerProtocolHandler) -> None:
        farewell = handler.wait_disconnect

        async def last() -> DisconnectPacket | None:
            said: DisconnectPacket | None = await farewell()
            while not client_session.delivered_message_queue.empty():
                await asyncio.sleep(0)
            return said

        handler.wait_disconnect = last
        await super()._client_message_loop(client_session, handler)


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


async def _serve(who: list[dict[str, Any]], port: int) -> None:
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}", "max_connections": LIMIT}},
        "plugins": {
            "walkout.live.broker.AccountsPlugin": {
                "passwords": {one["name"]: one["password"] for one in who},
                "publish": {one["name"]: list(one["publish"]) for one in who},
                "subscribe": {one["name"]: list(one["subscribe"]) for one in who},
            }
        },
    }
    broker = EmbeddedBroker(config)
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
