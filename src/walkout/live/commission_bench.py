"""Who stands before the scales while a shop is commissioned: the twin, or a person, with scales that speak MQTT."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import paho.mqtt.client as mqtt
from numpy.typing import NDArray
from paho.mqtt.enums import CallbackAPIVersion

from walkout.live.commission import Task
from walkout.live.payload import decode_plates
from walkout.live.source import Broker
from walkout.live.topics import parse, topic
from walkout.recording.error import MalformedError
from walkout.recording.plates import PlateBatch
from walkout.store.shop import Store
from walkout.twin.constants import RATE_HZ
from walkout.twin.settings import DEFAULT, Settings
from walkout.twin.simulation import Simulation

SETTLE_S, SILENT_S = 0.5, 10.0
KEPT = 3000
"""Batches that are remembered of each fixture: some minutes."""


class BenchError(Exception):
    """Scales that say nothing; its words say what was found and what would be right."""


class TwinBench:
    """The twin's scales, with errors of gain as real ones have them, and somebody who does exactly as told."""

    def __init__(self, store: Store, seed: int, settings: Settings = DEFAULT) -> None:
        self._sim = Simulation(store, seed, settings)
        self.scales = self._sim.scales
        self.done: list[Task] = []
        """What somebody was told, in order."""
        self._full = {name: loads.settled.copy() for name, loads in self._sim.loads.items()}

    def do(self, task: Task) -> None:
        """At once, with a step back that shakes the floor."""
        self.done.append(task)
        loads = self._sim.loads[task.fixture].settled
        if task.what == "fill":
            loads[task.shelf - 1] = self._full[task.fixture][task.shelf - 1]
        elif task.what == "take":
            assert task.facing is not None  # noqa: S101 - a take is of something
            resting = self._sim.world.resting[task.fixture, task.shelf]
            taken = next(one for one in resting if one.item.gtin == task.facing.gtin)
            self._sim.world.lift(taken)
            for plate, share in taken.shares:
                loads[task.shelf - 1, plate - 1] -= taken.item.mass_g * share
        else:
            loads[task.shelf - 1] = 0.0
            if task.what == "weight":
                loads[task.shelf - 1, task.plate - 1] = task.grams

    def read(self, fixture: str, seconds: float) -> NDArray[np.float32]:
        """As real ones read: after a moment in which the last step fades."""
        settle, wanted = round(SETTLE_S * RATE_HZ), round(seconds * RATE_HZ)
        level = np.repeat(self._sim.loads[fixture].settled[None], settle + wanted, axis=0)
        return self.scales[fixture].render(level, [(2, 0.4), (12, 0.3)])[settle:]


class WireBench:
    """Real scales at a broker; `ask` tells a person what to do and returns when they say that it is done."""

    def __init__(self, store: Store, broker: Broker, ask: Callable[[str], None]) -> None:
        self._store, self._ask = store, ask
        self._came: dict[str, deque[PlateBatch]] = {f.id: deque(maxlen=KEPT) for f in store.fixtures}
        self._new = threading.Condition()
        self._client = client_of(broker, "walkout-commission")
        self._client.on_connect = self._connected
        self._client.on_message = self._heard
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()

    def close(self) -> None:
        """Leave the broker."""
        self._client.disconnect()
        self._client.loop_stop()

    def do(self, task: Task) -> None:
        """Ask the person."""
        self._ask(task.words)

    def read(self, fixture: str, seconds: float) -> NDArray[np.float32]:
        """What comes from now on; readings from before somebody stepped back are left out.

        Raises:
            BenchError: nothing comes.
        """
        began_ns = time.time_ns() + round(SETTLE_S * 1e9)
        parts: list[PlateBatch] = []
        with self._new:
            self._came[fixture].clear()
            while sum(len(p.grams) / p.rate_hz for p in parts) < seconds:
                if not self._new.wait_for(lambda: bool(self._came[fixture]), SILENT_S):
                    raise BenchError(f"{fixture} says nothing for {SILENT_S:g} s; right: scales that are on and heard")
                batch = self._came[fixture].popleft()
                if batch.arrived_ns >= began_ns:
                    parts.append(batch)
        return np.concatenate([part.grams for part in parts])

    def _connected(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe(topic(self._store.name, "plates", "+"), qos=0)

    def _heard(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        about = parse(message.topic, self._store.name)
        if about is None or about.name not in self._came:
            return
        try:
            batch = decode_plates(bytes(message.payload), self._store.fixture(about.name), time.time_ns())
        except MalformedError:
            return
        with self._new:
            self._came[about.name].append(batch)
            self._new.notify_all()


def client_of(broker: Broker, name: str) -> mqtt.Client:
    """A client that is known to the broker, and trusts what the shop trusts; not connected yet."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=name)
    client.username_pw_set(broker.name, broker.password)
    if broker.tls:
        client.tls_set_context(broker.trusting())
    return client
