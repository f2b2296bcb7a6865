"""The shop's ear at the broker: messages in small batches, acknowledged only when they are in the journal.

With MQTT's quality of service 1, a session that outlives the process and acknowledgements by hand, a message that this
process died with comes again; sequence numbers make it one.
"""

import asyncio
import logging
import select
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiomqtt

from walkout.live.intake import Answer
from walkout.live.tls import trusting, why
from walkout.live.topics import ROOT, slug

log = logging.getLogger(__name__)
GATHER_S = 0.04
"""How long messages are gathered before they are taken in together."""
MOST = 64
"""Messages that are taken in together at most."""
WAITING = 20_000
"""Messages that wait in memory at most; beyond, the newest of quality of service 0 are dropped, and counted as gaps."""
AGAIN_S, LATEST_S = 0.5, 5.0
AT_ONCE = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
"""Small packets go out at once: acknowledgements that wait for company cost 40 ms each."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where the broker is and as whom to speak to it."""

    host: str
    port: int
    name: str
    password: str
    tls: bool = False
    ca: Path | None = None
    """Whose certificates are believed, a PEM file; None: those of this machine's list."""

    def trusting(self) -> ssl.SSLContext | None:
        """Whom to trust; None: no TLS. Raises TlsError for a file that is no certificate."""
        return trusting(self.ca) if self.tls else None


@dataclass(frozen=True, slots=True)
class Message:
    """What came, and when, UTC nanoseconds."""

    topic: str
    data: bytes
    arrived_ns: int
    retained: bool = False


@dataclass(frozen=True, slots=True)
class _Heard:
    """A message, and the connection that waits for its acknowledgement."""

    message: Message
    client: aiomqtt.Client
    mid: int
    qos: int


Take = Callable[[Sequence[Message]], Awaitable[Sequence[Answer]]]
"""Takes messages in, whole and for good, and says what to answer."""


def broker_at(url: str, name: str, password: str, ca: Path | None = None) -> Broker:
    """A broker from a URL such as mqtt://host:1883 or mqtts://name:password@host; `ca`: whose certificates it may show.

    Raises:
        ValueError: no such URL, no certificate in `ca`, or one for a broker without TLS.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise ValueError(f"found the broker {url!r}, right: mqtt://host:port, or mqtts:// for TLS")
    tls = parts.scheme == "mqtts"
    if ca is not None and not tls:
        raise ValueError(f"found an authority's certificate for {parts.scheme}://, right: a broker at mqtts://")
    trusting(ca)
    own = (unquote(parts.username), unquote(parts.password or "")) if parts.username else (name, password)
    return Broker(parts.hostname, parts.port or (8883 if tls else 1883), *own, tls, ca)


class Source:
    """One connection to the broker that comes again when it breaks."""

    def __init__(self, store: str, broker: Broker, take: Take, *, pause_s: float = GATHER_S) -> None:
        self._filter = f"{ROOT}/{slug(store)}/#"
        self._identifier = f"walkout-{slug(store)}-shop"
        self._broker, self._take, self._pause_s = broker, take, pause_s
        self.connected = False
        self.why = ""
        """Why the broker is not trusted; "": it is, or it is only away."""
        self.breaks = 0
        """How often the connection broke."""
        self._outbox: asyncio.Queue[Answer] = asyncio.Queue()
        self._waiting: list[_Heard] = []
        self._came = asyncio.Event()
        self._open: aiomqtt.Client | None = None
        """The connection that stands; what came over an older one is not acknowledged any more."""

    def say(self, answer: Answer) -> None:
        """Publish something, now or when the connection is back."""
        self._outbox.put_nowait(answer)

    async def run(self) -> None:
        """Listen until cancelled."""
        worker = asyncio.create_task(self._work())
        listener = asyncio.create_task(self._listen_on())
        try:
            done, _ = await asyncio.wait((worker, listener), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (worker, listener):
                task.cancel()
            await asyncio.gather(worker, listener, return_exceptions=True)

    async def _listen_on(self) -> None:
        wait_s = AGAIN_S
        while True:
            try:
                self.why = await self._distrust()
                if self.why:
                    raise aiomqtt.MqttError(self.why)
                async with self._client() as client:
                    await client.subscribe(self._filter, qos=1)
                    self.connected, wait_s = True, AGAIN_S
                    await self._listen(client)
            except aiomqtt.MqttError as error:
                log.warning("no connection to the broker (%s); trying again in %.1f s", error, wait_s)
            finally:
                self.breaks += self.connected
                self.connected = False
                self._open = None
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, LATEST_S)

    async def _distrust(self) -> str:
        at, context = self._broker, self._broker.trusting()
        if context is None:
            return ""
        trusted = f"{at.ca}" if at.ca is not None else "this machine's list (or name one with --broker-ca)"
        return await asyncio.to_thread(why, at.host, at.port, context, trusted)

    def _client(self) -> aiomqtt.Client:
        client = aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.name,
            password=self._broker.password,
            identifier=self._identifier,
            clean_session=False,
            max_queued_incoming_messages=WAITING,
            tls_context=self._broker.trusting(),
            timeout=10,
            socket_options=AT_ONCE,
        )
        client._client.manual_ack_set(True)  # noqa: SLF001 - aiomqtt has no way of its own
        return client

    async def _listen(self, client: aiomqtt.Client) -> None:
        self._open = client
        tasks = [asyncio.create_task(self._hear(client)), asyncio.create_task(self._speak(client))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _hear(self, client: aiomqtt.Client) -> None:
        async for found in client.messages:
            message = Message(str(found.topic), bytes(found.payload), time.time_ns(), bool(found.retain))
            self._waiting.append(_Heard(message, client, found.mid, found.qos))
            self._came.set()

    async def _work(self) -> None:
        """Take in what was heard. It goes on while connections break: a broker that died says nothing twice."""
        while True:
            await self._came.wait()
            if len(self._waiting) < MOST // 4:
                await asyncio.sleep(self._pause_s)
            batch, rest = self._waiting[:MOST], self._waiting[MOST:]
            self._waiting[:] = rest
            if not rest:
                self._came.clear()
            for answer in await self._take([one.message for one in batch]):
                self.say(answer)
            for one in batch:
                if one.qos and one.client is self._open:
                    _read_out(one.client)
                    one.client._client.ack(one.mid, one.qos)  # noqa: SLF001 - as above

    async def _speak(self, client: aiomqtt.Client) -> None:
        while True:
            answer = await self._outbox.get()
            try:
                await client.publish(answer.topic, answer.data, qos=1)
            except aiomqtt.MqttError:
                self._outbox.put_nowait(answer)
                raise


def _read_out(client: aiomqtt.Client) -> None:
    """Read what has come before writing: a write to a broker that died throws away what it had still sent."""
    inner = client._client  # noqa: SLF001 - as above
    for _ in range(WAITING):
        link = inner.socket()
        if link is None or not select.select([link], [], [], 0)[0]:
            return
        inner.loop_read()
