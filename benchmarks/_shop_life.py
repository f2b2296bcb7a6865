"""Lives of one shop over the same files: fed from a recording, ended by SIGKILL, begun again. Run in forks.

The recording's gate messages go through the shop's own door, each party with a card of its own.
"""

import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from random import Random

from walkout.checkout.faults import Fault, Faults, no_faults
from walkout.checkout.provider import Request
from walkout.checkout.reconcile import reconcile
from walkout.live.door import Door, Passage
from walkout.live.till import Wishes, open_till
from walkout.recording.channel import Observation
from walkout.recording.gate import GateEvent
from walkout.recording.reader import open_recording
from walkout.store.folder import unpack

AT_ONCE = 25
"""Observations that come together."""
WISHES = Wishes(snapshot_every=200, answer_within_ns=0, any_card=True, durable=False)
SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Life:
    """What a shop's files say in the end."""

    receipts: dict[str, list[tuple[int, bool, str]]]
    """Visit to (revision, final, digest)."""
    published: list[bytes]
    """The software's decisions, as published."""
    net: dict[str, str]
    """What each visit paid, by the provider's books."""
    doubled: int
    differences: int


def observations(recording: Path, start: int, door: Door) -> Iterator[Observation]:
    """The recording's observations from a number on, gate messages through the door."""
    for at, observation in enumerate(open_recording(recording).observations()):
        if at < start:
            continue
        if not isinstance(observation, GateEvent):
            yield observation
            continue
        who = "staff" if observation.role == "staff" else "card"
        token = f"{who}:{observation.party}"
        passage = Passage(
            observation.gate, observation.way, observation.t_ns, observation.arrived_ns, at, token, observation.person
        )
        decided = door.decide(passage)
        assert isinstance(decided, GateEvent), decided
        yield decided


def live(folder: Path, recording: Path, faults: Faults = no_faults, *, pace_s: float = 0.0) -> None:
    """One life, up to the end of the day; begins where the last one was ended."""
    store = unpack(open_recording(recording).store_files)
    till = open_till(store, folder, wishes=WISHES, faults=faults)
    till.runner.open()
    door = Door(till.credentials.holder, deepcopy(till.runner.stays))  # it counts for itself: ahead of the runner
    batch: list[Observation] = []
    for observation in observations(recording, till.journal.count, door):
        batch.append(observation)
        if len(batch) >= AT_ONCE:
            till.runner.take(batch)
            till.cashier.work()
            batch = []
            if pace_s:
                time.sleep(pace_s)
    till.runner.take(batch)
    till.runner.finish()
    skip_ns = 0
    while till.ledger.visits("inside", "waiting", "decided"):
        till.cashier.work(skip_ns)
        skip_ns += SECOND_NS  # the outbox's waits pass at once
    (folder / "done").touch()
    till.close(snapshot=False)


def forked(folder: Path, recording: Path, kill_after_s: float | None, seed: int | None) -> float:
    """A life in a process of its own, killed after a while; how long it lived, seconds."""
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        try:
            live(folder, recording, no_faults if seed is None else unreliable(seed))
        except BaseException:  # noqa: BLE001 - a child of a fork must not run the parent's code
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if kill_after_s is not None:
        deadline = started + kill_after_s
        while time.perf_counter() < deadline:
            if os.waitpid(child, os.WNOHANG)[0]:
                return time.perf_counter() - started
            time.sleep(0.002)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if status not in (0, signal.SIGKILL):
        sys.exit(f"a life of {folder} ended with status {status}")
    return time.perf_counter() - started


def unreliable(seed: int) -> Faults:
    """A provider that times out before and after, answers late, and twice."""
    kinds = (Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER, Fault.LATE, Fault.DUPLICATE, Fault.WEBHOOK_FIRST)

    def fault(request: Request, before: int) -> Fault:
        random = Random(f"{seed}/{request.key.split('/', 1)[1]}/{before}")  # noqa: S311 - no secret
        return random.choice(kinds) if before < 2 and random.random() < 0.3 else Fault.NONE

    return fault


def remains(folder: Path, recording: Path) -> Life:
    """What the files of a finished shop say."""
    store = unpack(open_recording(recording).store_files)
    till = open_till(store, folder, wishes=WISHES)
    try:
        receipts: dict[str, list[tuple[int, bool, str]]] = {}
        published: list[bytes] = []
        for visit in till.ledger.visits():
            issued = till.ledger.receipts(visit)
            receipts[visit] = [(one.revision, one.final, one.sha256) for one in issued]
            published += [one.published for one in issued]
        net: dict[str, str] = {}
        keys = [movement.key for movement in till.provider.movements()]
        for visit in till.ledger.visits():
            net[visit] = str(till.ledger.payment(visit).net)
        differences = [d for d in reconcile(till.ledger, till.provider) if d.what != "not collected"]
        return Life(receipts, published, net, len(keys) - len(set(keys)), len(differences))
    finally:
        till.close(snapshot=False)
