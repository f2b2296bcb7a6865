"""From messages to observations: what a device says is checked, counted, set to event time, and goes to the door.

Nothing that a message holds can stop the shop: what cannot be read is counted at its device.
"""

from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np

from walkout.live import payload
from walkout.live.device import Device, Kind
from walkout.live.door import Door, Passage, Refused
from walkout.live.topics import Topic, device_of, parse, topic
from walkout.recording.channel import Observation
from walkout.recording.error import MalformedError
from walkout.recording.gate import GateEvent
from walkout.recording.look import Look
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.store.shop import Store

MOST_DEVICES = 1000
BOOT = "boot"
NOISE_SHARE = 0.05
"""How fast the noise that is shown follows."""


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


class Intake:
    """All devices of one shop."""

    def __init__(self, store: Store, door: Door) -> None:
        self.store, self.door = store, door
        self.devices: dict[str, Device] = {}
        self.unknown = 0
        """Messages on topics that this shop does not have."""
        for fixture in store.fixtures:
            if any(plate.cell for shelf in fixture.shelves for plate in shelf.plates):
                self._device(Topic("plates", fixture.id))
        for gate in store.gates:
            self._device(Topic("gate", gate.id))
        self._device(Topic("people"))

    def take(self, text: str, data: bytes, arrived_ns: int) -> Taken:
        """What one message says; nothing where it cannot be read, came before, or is of another shop."""
        about = parse(text, self.store.name)
        if about is None or about.kind == "door" or not self._exists(about):
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
        if not device.hear(found):
            return Taken()
        source = {BOOT: found.boot} if found.boot else {}
        if isinstance(read, PlateBatch):
            correction_ns = device.correct(int(read.t_ns[-1]), arrived_ns)
            if int(read.t_ns.min()) + correction_ns < 0:
                raise MalformedError("t_ns: found a time that our clock puts before 1970")
            device.last_ns = int(read.t_ns[-1]) + correction_ns
            _listen(device, read)
            return Taken(replace(read, t_ns=read.t_ns + correction_ns, source=source))
        t_ns = read.t_ns + device.correct(read.t_ns, arrived_ns)
        if t_ns < 0:
            raise MalformedError(f"t_ns: found {read.t_ns}, which our clock makes {t_ns}")
        device.last_ns = t_ns
        if isinstance(read, PeopleFrame):
            return Taken(replace(read, t_ns=t_ns, source={**read.source, **source}))
        if isinstance(read, Look):
            return Taken(replace(read, t_ns=t_ns))
        decided = self.door.decide(replace(read, t_ns=t_ns))
        if decided is None:
            return Taken()
        answer = Answer(topic(self.store.name, "door", about.name), payload.encode_answer(decided, read.seq))
        if isinstance(decided, Refused):
            return Taken(answer=answer, refused=decided)
        return Taken(replace(decided, source={**decided.source, **source}), answer)

    def _read(self, about: Topic, data: bytes, arrived_ns: int) -> PlateBatch | PeopleFrame | Look | Passage:
        if about.kind == "plates":
            return payload.decode_plates(data, self.store.fixture(about.name), arrived_ns)
        if about.kind == "people":
            return payload.decode_frame(data, arrived_ns)
        if about.kind == "looks":
            return payload.decode_glance(data, arrived_ns)
        return payload.decode_gate(data, about.name, arrived_ns)

    def _exists(self, about: Topic) -> bool:
        if about.kind == "plates":
            return any(fixture.id == about.name and fixture.shelves for fixture in self.store.fixtures)
        if about.kind == "gate":
            return any(gate.id == about.name for gate in self.store.gates)
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
