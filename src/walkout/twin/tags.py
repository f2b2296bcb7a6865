"""A reader at the gate: which RFID tags it hears as somebody carries goods out, with tags missed and strays heard.

Each item that is carried out and carries a tag is heard with `Settings.tag_read`, a few times around the exit; beside
them a Poisson number (`Settings.tag_stray` an exit) of tags on shelves. How often, when and how strongly is chosen: no
public data shows it. The reader draws from streams of its own, and a shop without one draws nothing.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Protocol

import numpy as np

from walkout.recording.tags import Tag, TagFrame
from walkout.store.shop import Store
from walkout.twin.seeds import number, stream
from walkout.twin.settings import Settings
from walkout.twin.world import Item, World

FRAME_S: Final = 0.5
"""A frame comes twice a second, an empty one too."""
LAG_S: Final = (0.02, 0.08)
FIRST_S, LAST_S, STRAY_S = -1.0, 0.7, 2.0
"""Goods are heard between these seconds from the exit, strays up to the third. Not earlier: who leaves, and when, is
decided so far ahead."""
MEAN_S, SD_S, MORE_READS = -0.1, 0.45, 4.0
CARRIED_DBM, STRAY_DBM, SD_DB = -55.0, -68.0, 4.0
ANTENNAS: Final = 2


def with_tags(store: Store, share: float) -> Store:
    """The shop with tags on every item of a share of its products, always the same ones, and readers at its exits."""
    ranked = sorted(store.products, key=lambda gtin: number("tagged", gtin))
    chosen = frozenset(ranked[: round(share * len(ranked))])
    products = {g: replace(p, tagged=1.0 if g in chosen else 0.0) for g, p in store.products.items()}
    gates = tuple(replace(gate, tag_reader=True) if gate.way != "entry" else gate for gate in store.gates)
    return replace(store, products=products, gates=gates)


class Shop(Protocol):
    """The shop that is listened to."""

    store: Store
    world: World
    settings: Settings
    seed: int

    def ns(self, t_s: float) -> int:
        """An instant as UTC nanoseconds, to the microsecond."""


class Readers:
    """All readers of a shop; `frames` is what they say."""

    def __init__(self, sim: Shop) -> None:
        tagged = any(product.tagged > 0.0 for product in sim.store.products.values())
        self.gates = tuple(gate.id for gate in sim.store.gates if gate.tag_reader and tagged)
        self._sim = sim
        if not self.gates:
            return
        self._rng, self._lags = stream(sim.seed, "tags"), stream(sim.seed, "tags", "lags")
        self._serials: dict[int, tuple[Item, str]] = {}
        """By the item's identity: itself, and its serial number, "" without a tag."""
        self._heard: dict[tuple[str, int], list[Tag]] = {}
        """By gate and number of the frame."""
        self._frames = dict.fromkeys(self.gates, 0)

    def leave(self, who: str, gate: str, t_s: float) -> None:
        """Somebody, by what they are called in the world, carries goods out."""
        if gate not in self.gates:
            return
        rng, settings = self._rng, self._sim.settings
        for item in self._sim.world.holding.get(who, ()):
            if (serial := self._serial(item)) and float(rng.random()) < settings.tag_read:
                times = np.clip(MEAN_S + SD_S * rng.standard_normal(1 + int(rng.poisson(MORE_READS))), FIRST_S, LAST_S)
                self._hear(gate, item.gtin, serial, t_s + times, CARRIED_DBM)
            self._serials.pop(id(item), None)
        for _ in range(int(rng.poisson(settings.tag_stray))):
            lying = [r.item for _, items in sorted(self._sim.world.resting.items()) for r in items]
            stray = lying[int(rng.integers(len(lying)))] if lying else None
            times = t_s + rng.uniform(FIRST_S, STRAY_S, 1 + int(rng.poisson(1.0)))
            if stray is not None and (serial := self._serial(stray)):
                self._hear(gate, stray.gtin, serial, times, STRAY_DBM)

    def frames(self, before_s: float) -> Iterator[tuple[float, TagFrame]]:
        """What the readers say before an instant and have not said yet, each with its time in seconds."""
        for gate in self.gates:
            while (at_s := (self._frames[gate] + 1) * FRAME_S) < before_s:
                n = self._frames[gate]
                self._frames[gate] = n + 1
                t_ns = self._sim.ns(at_s)
                lag_ns = round(1e9 * float(self._lags.uniform(*LAG_S)))
                yield at_s, TagFrame(t_ns, t_ns + lag_ns, gate, tuple(self._heard.pop((gate, n), ())), n)

    def _hear(self, gate: str, gtin: str, serial: str, times_s: np.ndarray, dbm: float) -> None:
        for slot in sorted({max(int(t // FRAME_S), self._frames[gate]) for t in times_s.tolist()}):
            count = sum(max(int(t // FRAME_S), self._frames[gate]) == slot for t in times_s.tolist())
            rssi_dbm = round(dbm + SD_DB * float(self._rng.standard_normal()), 1)
            antenna = 1 + int(self._rng.integers(ANTENNAS))
            self._heard.setdefault((gate, slot), []).append(Tag(gtin, serial, antenna, rssi_dbm, count))

    def _serial(self, item: Item) -> str:
        found = self._serials.get(id(item))
        if found is None:
            tagged = self._sim.store.products[item.gtin].tagged if item.gtin in self._sim.store.products else 0.0
            serial = str(int(self._rng.integers(1, 2**38))) if float(self._rng.random()) < tagged else ""
            found = self._serials[id(item)] = (item, serial)
        return found[1]
