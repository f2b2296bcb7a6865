"""A running shop with its wires: the broker's messages through intake, runner and till, and what is shown of it."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import deepcopy
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError

from walkout.checkout.provider_route import CASH
from walkout.live.bell import Bell
from walkout.live.camera_watch import CameraWatch, camera_row
from walkout.live.cashier import SECOND_NS, Made
from walkout.live.clip_keeper import ClipKeeper
from walkout.live.counts import Counts
from walkout.live.door import Door, Refused
from walkout.live.exit_screen import AFTER_NS
from walkout.live.intake import Answer, Intake, Taken
from walkout.live.journal import JournalError
from walkout.live.latch import encode_unlatch
from walkout.live.latch import words as locked
from walkout.live.payload import decode_gate, encode_answer
from walkout.live.pseudonyms import Pseudonyms
from walkout.live.runner import BehindError, Told
from walkout.live.source import Broker, Message, Source
from walkout.live.till import Till
from walkout.live.topics import topic
from walkout.live.view import View
from walkout.live.warm import warm
from walkout.recording.channel import Observation
from walkout.recording.error import MalformedError
from walkout.recording.gate import GateEvent
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.store.shop import Store

log = logging.getLogger(__name__)
T = TypeVar("T")
WORK_S = 0.25
"""How often the till asks the provider and looks for what is due."""
SYNC_S = 1.0
LONG_S = 5.0
"""Whoever waits so long for the shop to open is told why."""
AGAIN_S = 1.0


class Shop:
    """One open shop. Everything that touches journal, engine, ledger or provider runs on one worker, in order."""

    def __init__(self, make: Callable[[], Till], store_name: str, broker: Broker | None) -> None:
        """`make` opens the till's files; it runs on the worker."""
        self.worker = ThreadPoolExecutor(1, "till")
        self.teller = ThreadPoolExecutor(1, "money")
        self._make = make
        self._broker = broker
        self._name = store_name
        self.till: Till
        self.view: View
        self.door: Door
        self.intake: Intake
        self.source: Source | None = None
        self.bell = Bell()
        """Who needs somebody of the staff."""
        self.left: dict[str, tuple[str, int]] = {}
        """Who came in with nothing and just went out: the gate, and when the word of it came. For its screen."""
        self.trouble = ""
        """Why nothing is taken in at the moment; "" while all is well."""
        self.watch: CameraWatch | None = None
        """The cameras, where any are connected."""
        self.clips: ClipKeeper | None = None
        """Who makes the clips of questions; None: nobody does."""
        self.opened_ns = 0
        self.latency_s: list[float] = []
        """From the exit message to the provisional receipt, the last thousand."""
        self.taken = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, *, listen: bool = True) -> None:
        """Open the files, go on where the last run ended, and listen; without `listen` others call `take`."""
        loop = asyncio.get_running_loop()
        self.till = await loop.run_in_executor(self.worker, self._make)
        heard: list[Observation] = []
        told = await self.do(lambda: self.till.runner.open(heard.append))
        self.view = View(self.till.store)
        self.counts = Counts(self.till.store)
        self.door = Door(
            self.till.credentials.holder,
            deepcopy(self.till.runner.stays),
            pay_at_exit=self.till.wishes.pay_at_exit,
        )
        self.intake = Intake(self.till.store, self.door, Pseudonyms(self.till.secrets.folder))
        for observation in heard:
            self.intake.remember(observation)
            if isinstance(observation, GateEvent):
                self.view.gate(observation)
        self.view.hear(told)
        self.opened_ns = time.time_ns()
        if not listen:
            return
        await _warmed(self.till.store)
        self._tasks = [asyncio.create_task(what()) for what in (self._work, self._pay, self._sync)]
        if self._broker is not None:
            self.source = Source(self._name, self._broker, self.take)
            self._tasks.append(asyncio.create_task(self.source.run()))

    async def close(self) -> None:
        """Stop listening, save what is known, close the files."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self.teller.shutdown)
        await self.do(self.till.close)
        self.worker.shutdown()

    async def do(self, what: Callable[[], T]) -> T:
        """Run something on the worker, after all that was asked for before."""
        return await asyncio.get_running_loop().run_in_executor(self.worker, what)

    async def take(self, messages: Sequence[Message]) -> Sequence[Answer]:
        """Take messages in, for good; waits for as long as the disk refuses."""
        observations, answers = [], []
        exits: dict[str, int] = {}
        if self.till.wishes.own_auth:
            await asyncio.to_thread(self._ask_ahead, messages)
        for message in messages:
            taken = await self._heard(message)
            if taken.answer is not None:
                answers.append(taken.answer)
            if taken.refused is not None:
                self.bell.entry(taken.refused, message.arrived_ns)
            if taken.knock is not None:
                self.bell.knock(taken.knock, locked(self.till.store, taken.knock.fixture), message.arrived_ns)
            if taken.observation is None:
                continue
            observations.append(taken.observation)
            if isinstance(taken.observation, GateEvent):
                self.view.gate(taken.observation)
                if taken.observation.way == "exit":
                    exits[taken.observation.visit] = message.arrived_ns
                    self._out(taken.observation, message.arrived_ns)
            elif isinstance(taken.observation, PlateBatch):
                self.counts.see(taken.observation)
            elif isinstance(taken.observation, PeopleFrame):
                self._see(taken.observation)
        told = await self._taken(observations)
        self.taken += len(observations)
        self._time(told.made, exits)
        self.view.hear(told)
        self.bell.look(told.baskets or (), self.till.store.products, time.time_ns())
        for belief in told.beliefs:
            self.door.stays.over(belief.visit.id)
            self.bell.over(belief.visit.id)
        return answers

    async def let_in(
        self, waiting: str, *, admit: bool, reason: str = "", by: str = "", join: str = "", cash: bool = False
    ) -> bool:
        """Staff answer somebody who waits; `join`: let them in as one of this visit's party.

        `cash`: they will pay the staff in cash; without it nothing is collected, and the loss is stated.

        False: nobody waits under that id, or no such party is inside.
        """
        self.bell.stale(time.time_ns())
        found = self.bell.get(waiting)
        if found is None or (join and join not in self.door.stays.of):
            return False
        self.bell.take(waiting)
        if found.refused is None or found.passage is None:
            body = {"visit": found.visit, "kind": found.kind, "approved": admit, "reason": reason, "by": by}
            if found.knock is not None:
                body["latch"] = found.knock.fixture
            now_ns = time.time_ns()
            await self.do(
                lambda: self.till.feed.add(f"door/{found.id}", f"door.{found.kind}", found.visit, body, now_ns)
            )
            if found.knock is not None and self.source is not None:  # only now, and only by somebody's word
                where = topic(self._name, "unlatch", found.knock.fixture)
                self.source.say(Answer(where, encode_unlatch(now_ns, found.knock.seq, approved=admit)))
            return True
        refused, passage = found.refused, found.passage
        decided: GateEvent | Refused
        if admit:
            payer = self.till.credentials.register(waiting, f"{CASH}{waiting}").digest if cash else ""
            decided = self.door.join(passage, join) if join else self.door.admit(passage, payer)
            await self._taken([decided])
            self.view.gate(decided)
        else:
            decided = Refused(refused.gate, refused.t_ns, reason or refused.reason, refused.words)
        if self.source is not None:
            answer = Answer(topic(self._name, "door", refused.gate), encode_answer(decided, passage.seq))
            self.source.say(answer)
        return True

    def _ask_ahead(self, messages: Sequence[Message]) -> None:
        """Ask about unknown tokens before the door does, so that nothing else waits for somebody else's server."""
        for message in messages:
            if "/gate/" in message.topic:
                with suppress(MalformedError):
                    token = decode_gate(message.data, "", message.arrived_ns).credential
                    if token:
                        self.till.credentials.holder(token)

    def degraded(self) -> list[str]:
        """What is not as it should be, in plain words."""
        found = [self.trouble] if self.trouble else []
        if self._broker is not None and (self.source is None or not self.source.connected):
            why = "" if self.source is None or not self.source.why else f" ({self.source.why})"
            found.append(f"no connection to the broker: nothing is heard from the devices{why}")
        if self.till.cashier.conflicts:
            found.append(f"{self.till.cashier.conflicts} receipts contradicted the ledger; its own word stands")
        now_ns = time.time_ns()
        ill = [device for device in self.intake.devices.values() if device.state(now_ns) != "ok"]
        dark = [one for one in (self.watch.health() if self.watch is not None else ()) if one.state != "ok"]
        found += [f"camera {one.camera}: {one.detail or one.state}" for one in dark]
        return [*found, *(device.words(now_ns)[0] for device in ill)]

    def look_after(self) -> None:
        """Show how every device and camera is."""
        self.view.look_after(self.intake.devices, time.time_ns())
        for health in self.watch.health() if self.watch is not None else ():
            self.view.show(f"camera-{health.camera}", camera_row(health))

    def figures(self) -> dict[str, Any]:
        """How the engine runs."""
        runner, now_ns = self.till.runner, time.time_ns()
        began = runner.newest_ns > 0 and runner.watermark_ns > 0
        lag_ms = (runner.newest_ns - runner.watermark_ns) / 1e6 if began else None
        return {
            "lag_ms": None if lag_ms is None else round(lag_ms, 1),
            "journal_bytes": self.till.journal.bytes,
            "observations": runner.position,
            "since_snapshot": runner.position - runner.snapshot_position,
            "snapshot_age_s": round((now_ns - (self.till.runner.snapshot_ns or self.opened_ns)) / SECOND_NS, 1),
            "taken": self.taken,
        }

    def _see(self, frame: PeopleFrame) -> None:
        self.view.see(frame, self.door.stays)
        if self.clips is not None:
            self.clips.see(frame)

    async def _heard(self, message: Message) -> Taken:
        """What a message says; a card that the database cannot say whose it is waits for it."""
        while True:
            try:
                taken = self.intake.take(message.topic, message.data, message.arrived_ns)
            except DBAPIError as error:
                self._ails(f"the database does not answer ({type(error).__name__}); messages wait at the broker")
                await asyncio.sleep(AGAIN_S)
            else:
                return taken

    def _ails(self, words: str) -> None:
        self.trouble = words
        log.error("%s", words)

    def _out(self, event: GateEvent, arrived_ns: int) -> None:
        stay = self.door.stays.of.get(event.visit)
        if stay is not None and not stay.credential:
            self.left = {k: v for k, v in self.left.items() if arrived_ns - v[1] <= AFTER_NS}
            self.left[event.visit] = (event.gate, arrived_ns)

    async def _taken(self, observations: Sequence[Observation]) -> Told:
        act: Callable[[], Told] = lambda: self.till.runner.take(observations)  # noqa: E731
        while True:
            try:
                told = await self.do(act)
            except JournalError as error:
                self._ails(f"the disk refuses ({error}); messages wait at the broker")
            except BehindError as error:
                # They are in the journal, and the engine is ahead of the ledger: begin again from the snapshot.
                self._ails(f"the disk refuses ({error}); messages wait at the broker")
                act = self.till.runner.open
            except DBAPIError as error:  # as above
                self._ails(f"the database does not answer ({type(error).__name__}); messages wait at the broker")
                act = self.till.runner.open
            else:
                self.trouble = ""
                return told
            await asyncio.sleep(AGAIN_S)

    def _time(self, made: Sequence[Made], exits: dict[str, int]) -> None:
        now_ns = time.time_ns()
        for one in made:
            if one.receipt.visit in exits and not one.final:
                self.latency_s.append((now_ns - exits[one.receipt.visit]) / 1e9)
        del self.latency_s[:-1000]

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(WORK_S)
            try:
                self.view.issued(await self.do(self.till.due))
                self.look_after()
            except Exception:  # the provider or the database is away: the outbox keeps what is to be asked
                log.exception("the till could not work; trying again")
                self.trouble = "the database does not answer; receipts and money wait"
                await asyncio.sleep(AGAIN_S)

    async def _pay(self) -> None:
        """The provider may take its time: the shop does not wait for it."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(WORK_S)
            try:
                await loop.run_in_executor(self.teller, lambda: self.till.cashier.ask(time.time_ns()))
            except Exception:  # the provider or the database is away: the outbox keeps what is to be asked
                log.exception("no money moves at the moment; trying again")
                await asyncio.sleep(AGAIN_S)

    async def _sync(self) -> None:
        while True:
            await asyncio.sleep(SYNC_S)
            try:
                await self.do(self.till.journal.sync)
            except JournalError as error:
                self.trouble = f"the disk refuses ({error})"


async def _warmed(store: Store) -> None:
    """Load the engine's machine code, beside whatever else the process does; where that takes long, say so."""
    work = asyncio.create_task(asyncio.to_thread(warm, store))
    done, _ = await asyncio.wait((work,), timeout=LONG_S)
    if not done:
        log.warning("making the engine's machine code, once on this machine: it takes a minute or more")
    await work
