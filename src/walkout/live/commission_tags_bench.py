"""Who stands before the RFID readers while a shop is commissioned: the twin, or a person, with readers on MQTT."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import paho.mqtt.client as mqtt

from walkout.live.commission_bench import client_of
from walkout.live.commission_tags import Carry
from walkout.live.payload import decode_reads
from walkout.live.pseudonyms import Pseudonyms
from walkout.live.source import Broker
from walkout.live.topics import parse, topic
from walkout.recording.error import MalformedError
from walkout.recording.tags import TagFrame
from walkout.store.shop import Store
from walkout.twin.settings import DEFAULT, Settings
from walkout.twin.simulation import Simulation
from walkout.twin.world import Item

AFTER_S: Final = 1.5
"""So long readers are listened to after somebody is through: frames come once a second at least."""
KEPT: Final = 20_000
TESTER: Final = "whoever commissions"


class TwinTagBench:
    """The twin's readers, and somebody who does exactly as told."""

    def __init__(self, store: Store, seed: int, settings: Settings = DEFAULT) -> None:
        self._sim = Simulation(store, seed, settings)
        self._now_s = 0.0
        self.done: list[Carry] = []
        """What somebody was told, in order."""

    def listen(self, seconds: float) -> tuple[TagFrame, ...]:
        """At once: the twin's time is not ours."""
        self._now_s += seconds
        return tuple(frame for _, frame in self._sim.readers.frames(self._now_s))

    def carry(self, task: Carry) -> tuple[TagFrame, ...]:
        """Through the gate in two seconds."""
        self.done.append(task)
        before = self.listen(1.0)
        world, store = self._sim.world, self._sim.store
        mass_g = max((one.mass_g for one in store.products[task.gtin].masses), default=100.0)
        item = Item(task.gtin, mass_g, 0.05)
        world.hold(TESTER, item)
        self._sim.readers.leave(TESTER, task.gate, self._now_s + 1.0)
        world.release(TESTER, item)
        return before + self.listen(2.0 + AFTER_S)


class WireTagBench:
    """Real readers at a broker; `ask` tells a person what to do and returns when they say that it is done."""

    def __init__(self, store: Store, broker: Broker, ask: Callable[[str], None]) -> None:
        self._store, self._ask = store, ask
        self._names = Pseudonyms()  # serial numbers are replaced at the ear, here too
        self._came: deque[TagFrame] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._client = client_of(broker, "walkout-commission-tags")
        self._client.on_connect = self._connected
        self._client.on_message = self._heard
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()

    def close(self) -> None:
        """Leave the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def listen(self, seconds: float) -> tuple[TagFrame, ...]:
        """What comes within so many seconds."""
        self._taken()
        time.sleep(seconds)
        return self._taken()

    def carry(self, task: Carry) -> tuple[TagFrame, ...]:
        """Ask the person, and listen for as long as it takes them."""
        self._taken()
        self._ask(task.words)
        time.sleep(AFTER_S)
        return self._taken()

    def _taken(self) -> tuple[TagFrame, ...]:
        with self._lock:
            found = tuple(self._came)
            self._came.clear()
        return found

    def _connected(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe(topic(self._store.name, "tags", "+"), qos=0)

    def _heard(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        about = parse(message.topic, self._store.name)
        if about is None or about.kind != "tags":
            return
        now_ns = time.time_ns()
        try:
            frame = decode_reads(bytes(message.payload), about.name, now_ns, lambda g, s: self._named(g, s, now_ns))
        except MalformedError:
            return
        with self._lock:
            self._came.append(frame)

    def _named(self, gtin: str, serial: int, now_ns: int) -> tuple[str, str] | None:
        gtin = self._store.selling.barcodes.get(gtin, gtin)
        product = self._store.products.get(gtin)
        if product is None or product.tagged <= 0.0:
            return None
        return gtin, self._names.name(gtin, serial, now_ns)
