"""From messages to observations: what a device says is checked, counted, set to event time, and goes to the door.

Nothing that a message holds can stop the shop: what cannot be read is counted at its device.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from walkout.live import payload
from walkout.live.device import Device, Kind
from walkout.live.door import Door, Passage, Refused
from walkout.live.latch import Knock, decode_knock
from walkout.live.pseudonyms import Pseudonyms
from walkout.live.topics import Topic, device_of, parse, topic
from walkout.recording.channel import Observation
from walkout.recording.error import MalformedError
from walkout.recording.gate import GateEvent
from walkout.recording.look import Look
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.tags import TagFrame
from walkout.store.layout import Fixture
from walkout.store.shop import Store

MOST_DEVICES = 1000
BOOT = "boot"
NOISE_SHARE = 0.05
"""How fast the noise that is shown follows."""


Read = PlateBatch | PeopleFrame | Look | TagFrame | Passage | Knock
"""What a device may say beside its status."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to publish for a gate."""

    topic: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one message."""

    observation: Observation | None = None
    answer: Answer | None = None
    refused: Refused | None = None
    knock: Knock | None = None


class Intake:
    """All devices of one shop."""

    def __init__(self, store: Store, door: Door, pseudonyms: Pseudonyms | None = None) -> None:
        self.store, self.door = store, door
        self._pseudonyms = pseudonyms or Pseudonyms()
        self.devices: dict[str, Device] = {}
        self.unknown = 0
        """Messages on topics that this shop does not have."""
        for fixture in store.fixtures:
            if any(plate.cell for shelf in fixture.shelves for plate in shelf.plates):
                self._device(Topic("plates", fixture.id))
            if fixture.latch:
                self._device(Topic("latch", fixture.id))
        for gate in store.gates:
            self._device(Topic("gate", gate.id))
            if gate.tag_reader:
                self._device(Topic("tags", gate.id))
        self._scales = {f.id: scales for f in store.fixtures if (scales := calibration(f)) is not None}
        self._device(Topic("people"))

    def take(self, text: str, data: bytes, arrived_ns: int) -> Taken:
        """What one message says; nothing where it cannot be read, came before, or is of another shop."""
        about = parse(text, self.store.name)
        if about is None or about.kind in ("door", "unlatch") or not self._exists(about):
            self.unknown += 1
            return Taken()
        device = self._device(about)
        if device is None:
            self.unknown += 1
            return Taken()
        try:
            return self._take(about, device, data, arrived_ns)
        except MalformedError as error:
            device.malformed += 1
            device.last_malformed = str(error)[:200]
            return Taken()

    def remember(self, observation: Observation) -> None:
        """An observation of the journal, at a start: what was taken in is not taken again."""
        match observation:
            case PlateBatch():
                device = self._device(Topic("plates", observation.fixture))
                seq, t_ns = observation.seq, int(observation.t_ns[-1])
            case PeopleFrame():
                device, seq, t_ns = self._device(Topic("people")), observation.seq, observation.t_ns
            case GateEvent():
                device = self._device(Topic("gate", observation.gate))
                seq, t_ns = observation.source.get("seq"), observation.t_ns
            case TagFrame():
                device = self._device(Topic("tags", observation.gate))
                seq, t_ns = observation.seq, observation.t_ns
            case _:
                return
        if device is not None:
            device.remember(seq, str(observation.source.get(BOOT, "")), t_ns)

    def _take(self, about: Topic, device: Device, data: bytes, arrived_ns: int) -> Taken:
        if about.kind == "status":
            status = payload.decode_status(data)
            if status.clock == "simulated" and self.store.origin != "simulated":
                raise MalformedError("clock: found a simulated one, right: utc or free, this shop is real")
            device.status = status
            return Taken()
        found = payload.mark(data)
        read = self._read(about, data, arrived_ns)  # all of it, before anything is counted
        # Asking may fail, and the message then comes to us again: nothing of it is counted before.
        holder = self.door.holder(read) if isinstance(read, Passage) else None
        if not device.hear(found):
            return Taken()
        source = {BOOT: found.boot} if found.boot else {}
        if isinstance(read, Knock):
            device.last_ns = read.t_ns + device.correct(read.t_ns, arrived_ns)
            return Taken(knock=read)
        if isinstance(read, PlateBatch):
            correction_ns = device.correct(int(read.t_ns[-1]), arrived_ns)
            if int(read.t_ns.min()) + correction_ns < 0:
                raise MalformedError("t_ns: found a time that our clock puts before 1970")
            device.last_ns = int(read.t_ns[-1]) + correction_ns
            _listen(device, read)
            grams = self._real(about.name, read.grams)
            return Taken(replace(read, t_ns=read.t_ns + correction_ns, grams=grams, source=source))
        t_ns = read.t_ns + device.correct(read.t_ns, arrived_ns)
        if t_ns < 0:
            raise MalformedError(f"t_ns: found {read.t_ns}, which our clock makes {t_ns}")
        device.last_ns = t_ns
        if isinstance(read, PeopleFrame | TagFrame):
            return Taken(replace(read, t_ns=t_ns, source={**read.source, **source}))
        if isinstance(read, Look):
            return Taken(replace(read, t_ns=t_ns))
        decided = self.door.decide(replace(read, t_ns=t_ns), holder)
        if decided is None:
            return Taken()
        answer = Answer(topic(self.store.name, "door", about.name), payload.encode_answer(decided, read.seq))
        if isinstance(decided, Refused):
            return Taken(answer=answer, refused=decided)
        return Taken(replace(decided, source={**decided.source, **source}), answer)

    def _read(self, about: Topic, data: bytes, arrived_ns: int) -> Read:
        if about.kind == "plates":
            return payload.decode_plates(data, self.store.fixture(about.name), arrived_ns)
        if about.kind == "people":
            return payload.decode_frame(data, arrived_ns)
        if about.kind == "looks":
            return payload.decode_glance(data, arrived_ns)
        if about.kind == "tags":
            return payload.decode_reads(data, about.name, arrived_ns, partial(self._named, arrived_ns))
        if about.kind == "latch":
            return decode_knock(data, about.name)
        return payload.decode_gate(data, about.name, arrived_ns)

    def _named(self, arrived_ns: int, gtin: str, serial: int) -> tuple[str, str] | None:
        """A tag's product as the catalogue has it, and its item's name for now; None for what is not ours."""
        gtin = self.store.selling.barcodes.get(gtin, gtin)
        product = self.store.products.get(gtin)
        if product is None or product.tagged <= 0.0:
            return None
        return gtin, self._pseudonyms.name(gtin, serial, arrived_ns)

    def _real(self, fixture: str, grams: NDArray[np.float32]) -> NDArray[np.float32]:
        """Readings without the scales' own tare and gain, where somebody measured them."""
        known = self._scales.get(fixture)
        return grams if known is None else ((grams - known[0]) / known[1]).astype(np.float32)

    def _exists(self, about: Topic) -> bool:
        if about.kind == "plates":
            return any(fixture.id == about.name and fixture.shelves for fixture in self.store.fixtures)
        if about.kind == "gate":
            return any(gate.id == about.name for gate in self.store.gates)
        if about.kind == "latch":
            return any(fixture.id == about.name and fixture.latch for fixture in self.store.fixtures)
        if about.kind == "tags":
            return any(gate.id == about.name and gate.tag_reader for gate in self.store.gates)
        return True

    def _device(self, about: Topic) -> Device | None:
        name = device_of(about)
        found = self.devices.get(name)
        if found is None:
            if len(self.devices) >= MOST_DEVICES:
                return None
            first: Any = name.partition("-")[0]
            kind: Kind = first if first in get_args(Kind) else "camera"
            found = self.devices[name] = Device(name, kind)
        return found


def calibration(fixture: Fixture) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Tare (grams) and gain of each plate, both (shelves, plates) as readings come; None: nobody measured any."""
    if all(p.tare_g == 0.0 and p.gain == 1.0 for shelf in fixture.shelves for p in shelf.plates):
        return None
    shape = (len(fixture.shelves), max((len(shelf.plates) for shelf in fixture.shelves), default=0))
    tare_g, gain = np.zeros(shape), np.ones(shape)
    for s, shelf in enumerate(fixture.shelves):
        for p, plate in enumerate(shelf.plates):
            tare_g[s, p], gain[s, p] = plate.tare_g, plate.gain
    return tare_g, gain


def _listen(device: Device, batch: PlateBatch) -> None:
    """How much a quiet plate rings: the median of the steps from sample to sample."""
    if len(batch.grams) < 2:
        return
    steps = np.abs(np.diff(batch.grams, axis=0))
    steps = steps[np.isfinite(steps)]
    if not len(steps):
        return
    # For white noise the median step is 0.954 standard deviations.
    noise_g = float(np.median(steps)) / 0.954
    before = device.noise_g
    device.noise_g = noise_g if before is None else before + NOISE_SHARE * (noise_g - before)
