"""What the eyes say at the broker: people on the topic that any camera system would use, birth, last will, numbers.

While the broker is away, frames wait, but not for long: skeletons of half a minute ago help nobody.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import aiomqtt

from walkout.live.payload import Status, encode_frame, encode_status
from walkout.live.source import AGAIN_S, AT_ONCE, LATEST_S, Broker
from walkout.live.topics import topic
from walkout.recording.people import PeopleFrame

log = logging.getLogger(__name__)
WAITING: Final = 50
"""Frames that wait for the broker at most, 5 s; beyond, the oldest are dropped, and their numbers are missing."""
RECENT: Final = 5000
"""Pictures of which the latency is known."""
LOOK_S: Final = 1.0
"""How often is asked whether the status has changed."""
DEVICE: Final = "people"


class Voice:
    """One connection to the broker that comes again when it breaks; made and used in one event loop."""

    def __init__(self, store: str, broker: Broker, boot: str) -> None:
        """`boot` changes with each start."""
        self._store, self._broker, self._boot = store, broker, boot
        self.words: Callable[[], str] = str
        """Says what is the matter with the cameras, "" while nothing is."""
        self._waiting: deque[tuple[PeopleFrame, Sequence[int]]] = deque()
        self._latency_ms: deque[float] = deque(maxlen=RECENT)
        self._came = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.said = 0
        self.dropped = 0
        self.connected = False
        self.trouble = ""
        """Why there is no connection."""

    def tell(self, frame: PeopleFrame, arrivals: Sequence[int] = ()) -> None:
        """Publish a frame, now or when the connection is back; from any thread.

        `arrivals`: when the pictures that it is the first to tell of arrived, UTC nanoseconds.
        """
        with suppress(RuntimeError):  # the loop has ended: nobody hears any more
            self._loop.call_soon_threadsafe(self._tell, frame, arrivals)

    def latency_ms(self, share: float) -> float | None:
        """From a picture's arrival until the broker had the people in it, of that share at most; None before any."""
        waits = sorted(self._latency_ms)
        return round(waits[min(len(waits) - 1, int(share * len(waits)))], 1) if waits else None

    async def run(self) -> None:
        """Speak until cancelled."""
        wait_s = AGAIN_S
        while True:
            try:
                async with self._client() as client:
                    self.connected, self.trouble, wait_s = True, "", AGAIN_S
                    await self._speak(client)
            except aiomqtt.MqttError as error:
                self.trouble = str(error)
                log.warning("no connection to the broker (%s); trying again in %.1f s", error, wait_s)
            finally:
                self.connected = False
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, LATEST_S)

    def _tell(self, frame: PeopleFrame, arrivals: Sequence[int]) -> None:
        self._waiting.append((frame, arrivals))
        if len(self._waiting) > WAITING:
            self._waiting.popleft()
            self.dropped += 1
        self._came.set()

    def _client(self) -> aiomqtt.Client:
        return aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.name,
            password=self._broker.password,
            identifier=f"eyes-{self._boot}"[:60],
            will=aiomqtt.Will(self._topic("status", DEVICE), self._status("down"), qos=1, retain=True),
            tls_context=self._broker.trusting(),
            timeout=10,
            socket_options=AT_ONCE,
        )

    async def _speak(self, client: aiomqtt.Client) -> None:
        tasks = [asyncio.create_task(self._births(client)), asyncio.create_task(self._frames(client))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except asyncio.CancelledError:
            await client.publish(self._topic("status", DEVICE), self._status("down"), qos=1, retain=True, timeout=2)
            raise
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _births(self, client: aiomqtt.Client) -> None:
        """Say that we are there, and again whenever other cameras are dark."""
        said = b""
        while True:
            status = self._status("up", self.words())
            if status != said:
                await client.publish(self._topic("status", DEVICE), status, qos=1, retain=True)
                said = status
            await asyncio.sleep(LOOK_S)

    async def _frames(self, client: aiomqtt.Client) -> None:
        while True:
            if not self._waiting:
                self._came.clear()
                await self._came.wait()
            frame, arrivals = self._waiting.popleft()
            try:
                await client.publish(self._topic("people"), encode_frame(frame, self._boot), qos=1)
            except (aiomqtt.MqttError, asyncio.CancelledError):
                self._waiting.appendleft((frame, arrivals))  # the shop knows it by its number if it went out after all
                raise
            self.said += 1
            now_ns = time.time_ns()
            self._latency_ms.extend((now_ns - arrived_ns) / 1e6 for arrived_ns in arrivals)

    def _status(self, state: str, detail: str = "") -> bytes:
        return encode_status(Status("up" if state == "up" else "down", self._boot, "utc", detail=detail[:400]))

    def _topic(self, kind: str, name: str = "") -> str:
        return topic(self._store, "status" if kind == "status" else "people", name)
