"""The twin on the wire: a simulated shop whose devices publish over MQTT as real ones do, in real or faster time."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence

import aiomqtt
import orjson

from walkout.live import payload
from walkout.live.source import AT_ONCE, Broker
from walkout.live.topics import Topic, device_of, topic
from walkout.recording.gate import GateEvent
from walkout.recording.look import Look
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.tags import TagFrame
from walkout.recording.truth import TruthVisit
from walkout.store.shop import Store
from walkout.twin.body import Build
from walkout.twin.interactive import Puppet
from walkout.twin.party import Arrival, Member
from walkout.twin.perform import Delivered, perform
from walkout.twin.settings import DEFAULT, Settings
from walkout.twin.simulation import BLOCK_S, Simulation

CARD, STAFF, PUPPET = "card:", "staff:", "card:you-"
LEAD_S = 0.5
"""The first message goes out so long after the start."""
MOST_TRUTHS = 10_000
FLYING = 8
"""Messages that are on their way to the broker at once."""
DAY_NS = 86_400 * 10**9


class Performer:
    """One simulated shop. `run` publishes until cancelled; shoppers may be added at any time."""

    def __init__(
        self,
        store: Store,
        broker: Broker,
        *,
        seed: int,
        arrivals: Iterable[Arrival] = (),
        settings: Settings = DEFAULT,
        speed: float = 1.0,
        start_ns: int | None = None,
        until_s: float | None = None,
    ) -> None:
        """`speed`: simulated seconds a second; `until_s`: stop after so many of them."""
        self.store, self._broker, self.speed, self._until_s = store, broker, speed, until_s
        self.start_ns = time.time_ns() if start_ns is None else start_ns
        self.boot = f"twin-{seed}-{self.start_ns // 1_000_000:x}"
        self._sim = Simulation(store, seed, settings, self.start_ns)
        self._coming: Iterator[Arrival] = iter(arrivals)
        self._next = next(self._coming, None)
        self._asked: list[Arrival] = []
        self._now_s = 0.0
        self._seq: dict[str, int] = {}
        self._puppets: dict[str, Puppet] = {}
        self.visits: dict[str, str] = {}
        """The twin's party to the name that the shop gave the visit."""
        self._asking: dict[tuple[str, int], str] = {}
        self.truth: list[TruthVisit] = []
        """What parties that left really bought, by the twin's own names."""
        self.published = 0
        self._room = asyncio.Semaphore(FLYING)
        self._flying: set[asyncio.Task[None]] = set()
        self._broken: BaseException | None = None
        self.late_s = 0.0
        """How far behind its own clock it was at the last block."""

    def puppet(self, name: str, build: Build | None = None) -> Puppet:
        """Somebody comes in now whom others play; `name` is never used twice."""
        made = Puppet()
        self._puppets[name] = made
        member = Member(build or Build(), made.behaviour)
        self._asked.append(Arrival(self._now_s + 2 * BLOCK_S, (member,), party=f"you-{name}"))
        return made

    def visit_of(self, party: str) -> str | None:
        """What the shop calls the visit of a party of the twin's; None until the door has opened."""
        return self.visits.get(party)

    @property
    def busy(self) -> bool:
        """Whether anybody is inside or still to come."""
        return self._next is not None or bool(self._asked) or self._sim.busy

    async def run(self) -> None:
        """Publish until cancelled, or until `until_s`."""
        async with aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.name,
            password=self._broker.password,
            identifier=f"twin-{self.boot}"[:60],
            will=self._will(),
            timeout=20,
            tls_context=self._broker.trusting(),
            socket_options=AT_ONCE,
        ) as client:
            await client.subscribe(topic(self.store.name, "door", "+"), qos=1)
            answers = asyncio.create_task(self._hear(client))
            try:
                await self._births(client, "up")
                await self._play(client)
                await self._births(client, "down")
            finally:
                answers.cancel()
                await asyncio.gather(answers, return_exceptions=True)

    async def _play(self, client: aiomqtt.Client) -> None:
        started = time.monotonic() + LEAD_S
        blocks = perform(self._sim, self._due, self._heard)
        while self._until_s is None or self._now_s < self._until_s:
            # Making a block is work of some milliseconds, and a worker's: the shop's loop must not wait for it.
            self._now_s, ready = await asyncio.to_thread(next, blocks)
            for observation in ready:
                at = started + (observation.arrived_ns - self.start_ns) / 1e9 / self.speed
                wait_s = at - time.monotonic()
                if wait_s > 0.001:
                    await asyncio.sleep(wait_s)
                await self._publish(client, observation)
            self.late_s = max(0.0, time.monotonic() - started - self._now_s / self.speed)

    async def _publish(self, client: aiomqtt.Client, observation: Delivered) -> None:
        about, data = self._message(observation)
        await self._room.acquire()
        # Several are on their way at once; tasks start, and so are sent, in the order in which they are made.
        task = asyncio.create_task(client.publish(topic(self.store.name, about.kind, about.name), data, qos=1))
        self._flying.add(task)
        task.add_done_callback(self._landed)
        if self._broken is not None:
            raise self._broken

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.discard(task)
        self._room.release()
        if not task.cancelled() and task.exception() is not None:
            self._broken = task.exception()
        else:
            self.published += 1

    def _message(self, observation: Delivered) -> tuple[Topic, bytes]:
        match observation:
            case PlateBatch():
                return Topic("plates", observation.fixture), payload.encode_plates(observation, self.boot)
            case PeopleFrame():
                return Topic("people"), payload.encode_frame(observation, self.boot)
            case GateEvent():
                seq = self._seq[observation.gate] = self._seq.get(observation.gate, -1) + 1
                token = f"{STAFF if observation.role == 'staff' else CARD}{self.boot}-{observation.party}"
                self._asking[observation.gate, seq] = observation.party
                return Topic("gate", observation.gate), payload.encode_gate(observation, token, seq, self.boot)
            case Look():
                return Topic("looks"), payload.encode_glance(observation)
            case TagFrame():
                return Topic("tags", observation.gate), payload.encode_reads(observation, self.boot)

    def _due(self, before_s: float) -> Sequence[Arrival]:
        due, self._asked = self._asked, []
        while self._next is not None and self._next.t_s < before_s:
            due.append(self._next)
            self._next = next(self._coming, None)
        return sorted(due, key=lambda arrival: arrival.t_s)

    def _heard(self, visit: TruthVisit) -> None:
        self.truth.append(visit)
        del self.truth[:-MOST_TRUTHS]

    async def _hear(self, client: aiomqtt.Client) -> None:
        async for found in client.messages:
            try:
                answer = orjson.loads(bytes(found.payload))
            except ValueError:
                continue
            gate = str(found.topic).rpartition("/")[2]
            party = self._asking.pop((gate, answer.get("seq")), None)
            if party is not None and answer.get("visit"):
                self.visits.setdefault(party, answer["visit"])

    def _devices(self) -> list[str]:
        about = [Topic("plates", name) for name in sorted(self._sim.scales)]
        about += [Topic("gate", gate.id) for gate in self.store.gates]
        about += [Topic("tags", gate) for gate in self._sim.readers.gates]
        return [device_of(one) for one in [*about, Topic("people")]]

    def _status(self, state: str) -> bytes:
        real = self.speed == 1.0 and abs(time.time_ns() - self.start_ns) < DAY_NS
        clock: payload.Clock = "utc" if real else "simulated"
        return payload.encode_status(payload.Status("up" if state == "up" else "down", self.boot, clock))

    def _will(self) -> aiomqtt.Will:
        """One connection has one last will: it is for the people's stream, which all others come with."""
        return aiomqtt.Will(topic(self.store.name, "status", "people"), self._status("down"), qos=1, retain=True)

    async def _births(self, client: aiomqtt.Client, state: str) -> None:
        for name in self._devices():
            await client.publish(topic(self.store.name, "status", name), self._status(state), qos=1, retain=True)
