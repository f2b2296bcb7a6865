"""Which questions want clips that nobody has made yet, and what came of making them: kept, logged, said in the case.

Everything here runs where the till runs, so that a visit that is erased meanwhile is seen before anything is kept. What
is done follows from the database alone: after a kill anywhere, what was not written down as done is made again.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Engine, insert, select

from walkout.checkout.evidence import Evidence
from walkout.disclosure.entries import Said, month_of, nonce, sealed
from walkout.live.cashier import Cashier
from walkout.live.clip import AROUND_NS
from walkout.live.clip_maker import HAND_AFTER_NS, HAND_BEFORE_NS, PEOPLE_NS, Answer, Happening, Wanted
from walkout.live.training_copies import copied
from walkout.privacy.bodies import Point
from walkout.privacy.keys import DataKey
from walkout.privacy.vault import Vault
from walkout.review import tables
from walkout.review.case import Body, body_from
from walkout.store.shop import Store

SECOND_NS: Final = 1_000_000_000
QUEUES: Final = ("settle", "audit", "dispute", "adjudicate")
CAMERAS: Final = 2
"""Of one happening; of a whole visit one camera each, and so many happenings at most as a page shows clips."""
HAPPENINGS: Final = 4
WAIT_NS: Final = HAND_AFTER_NS + PEOPLE_NS + 2 * SECOND_NS
"""Until people and pictures after a happening are there."""
AGAIN_NS: Final = 60 * SECOND_NS
"""What may be otherwise later is tried again so often while its question is open."""
AT_ONCE: Final = 4
"""Questions looked at in one turn at most."""
TRIES: Final = 2
IN_M, ABOVE_M = 0.12, 0.10
"""From a shelf's front and from its board to where goods are taken."""
NO_CAMERA = "no camera is connected to this shop"
NOT_KEPT = "what it rests on is not kept any more"
NO_SHELF = "it happened at no shelf, and where is not kept"
FAILED = "they could not be made: the program that makes them failed"


@dataclass(frozen=True, slots=True)
class Job:
    """Clips that a question wants, and for whom; `event` "": of the whole visit."""

    visit: str
    event: str
    entered_ns: int
    wanted: Wanted


@dataclass(slots=True)
class ClipWork:
    """The clips of one shop's questions."""

    engine: Engine
    store: Store
    evidence: Evidence
    cashier: Cashier
    vault: Vault
    now_ns: Callable[[], int]
    cameras: Collection[str]
    """Those that send video."""
    missing: str = ""
    """Why none can be made here at all; "" where they can."""
    waiting: dict[tuple[str, str], str] = field(default_factory=dict)
    """Why there is no clip yet, by visit and event; it may be otherwise later."""
    _again_ns: dict[tuple[str, str], int] = field(default_factory=dict)
    _failed: dict[tuple[str, str], int] = field(default_factory=dict)

    def due(self) -> Job | None:
        """The next clips to make, the most urgent question's first; says in the cases where none can be made."""
        now_ns = self.now_ns()
        open_ = self._open()
        self.waiting = {key: why for key, why in self.waiting.items() if key in open_}
        self._again_ns = {key: t_ns for key, t_ns in self._again_ns.items() if key in open_}
        looked = 0
        for (visit, event), body in open_.items():
            if self._again_ns.get((visit, event), 0) > now_ns:
                continue
            looked += 1
            if looked > AT_ONCE:  # the till has other things to do
                break
            kept, issued = self.evidence.of(visit), self.cashier.last(visit)
            if not self.cameras or self.missing:
                self._say(visit, event, 0, self.missing or NO_CAMERA)
                continue
            if kept is None or issued is None:
                self._say(visit, event, 0, NOT_KEPT)
                continue
            happenings = self._happenings(body, kept)
            if not happenings:
                self._say(visit, event, 0, NO_SHELF)
                continue
            ready_ns = max(one.end_ns for one in happenings) + WAIT_NS
            if now_ns < ready_ns:
                self._again_ns[visit, event] = ready_ns
                continue
            receipt = issued.receipt
            cameras, most = (CAMERAS, 1) if event else (1, HAPPENINGS)
            keys = self._keys(happenings)
            wanted = Wanted(receipt.shoppers, receipt.entered_ns, happenings, keys, cameras, most)
            return Job(visit, event, receipt.entered_ns, wanted)
        return None

    def keep(self, job: Job, answer: Answer) -> None:
        """Keep what was made, log that it was, and say in the case that it is done; said again it does nothing."""
        key, now_ns = (job.visit, job.event), self.now_ns()
        erased = self.evidence.of(job.visit) is None
        if key not in self._open():
            erased = True  # answered meanwhile, or done before: nobody needs it
        if not erased:
            for clip in sorted(answer.clips, key=lambda one: one.made.name):  # as a page numbers them
                about = {**clip.about, "made_ns": now_ns}
                self.vault.clips.put(job.visit, clip.made.name, clip.video, about, now_ns)
            copied(self.engine, self.vault, job.visit, now_ns)
        if answer.read:
            self._log(job, answer, now_ns, None if erased else job.visit)
        if erased:
            return
        if answer.later:
            self.waiting[key] = answer.why
            self._again_ns[key] = now_ns + AGAIN_NS
            return
        self._say(job.visit, job.event, len(answer.clips), answer.why)

    def failed(self, job: Job) -> None:
        """Making it ended the program that makes clips; after `TRIES` times the case says so."""
        key = (job.visit, job.event)
        self._failed[key] = self._failed.get(key, 0) + 1
        self._again_ns[key] = self.now_ns() + AGAIN_NS
        if self._failed[key] >= TRIES:
            self._say(job.visit, job.event, 0, FAILED)

    def _open(self) -> dict[tuple[str, str], Body]:
        """Open questions whose clips were not made, by visit and event, the most urgent first."""
        of, done = tables.questions.c, tables.clips.c
        query = select(of.visit, of.body).where((of.state == "open") & of.queue.in_(QUEUES) & of.gold.is_(None))
        with self.engine.execution_options(walkout_reads=True).begin() as connection:
            rows = connection.execute(query.order_by(of.waiting.desc(), of.deadline_ns)).all()
            if not rows:
                return {}
            asked = [(row.visit, body_from(row.body)) for row in rows]
            known = select(done.visit, done.event).where(done.visit.in_({visit for visit, _ in asked}))
            made = {(row.visit, row.event) for row in connection.execute(known)}
        found: dict[tuple[str, str], Body] = {}
        for visit, body in asked:
            if (visit, body.event) not in made:
                found.setdefault((visit, body.event), body)
        return found

    def _happenings(self, body: Body, kept: Mapping[str, Any]) -> tuple[Happening, ...]:
        found = []
        for row in kept.get("events", []):
            if body.event not in ("", row["id"]):
                continue
            target = target_of(self.store, row)
            if target is not None:
                start_ns = body.start_ns if body.event else row["t_ns"]
                end_ns = body.end_ns if body.event else row["t_ns"] + SECOND_NS
                found.append(Happening(row["id"], start_ns, end_ns, target, row["mass_g"]))
        return tuple(found)

    def _keys(self, happenings: Collection[Happening]) -> tuple[DataKey, ...]:
        keys: dict[str, DataKey] = {}
        for one in happenings:
            from_ns, to_ns = one.start_ns - HAND_BEFORE_NS - AROUND_NS, one.end_ns + HAND_AFTER_NS + AROUND_NS
            for camera in sorted(self.cameras):
                keys |= {key.id: key for key in self.vault.raw_keys(camera, from_ns, to_ns)}
        return tuple(keys.values())

    def _say(self, visit: str, event: str, made: int, why: str) -> None:
        self.waiting.pop((visit, event), None)
        row = {"visit": visit, "event": event, "made": made, "why": why, "t_ns": self.now_ns()}
        with self.engine.begin() as connection:
            of = tables.clips.c
            known = select(of.made).where((of.visit == visit) & (of.event == event))
            if connection.execute(known).first() is None:
                connection.execute(insert(tables.clips).values(**row))

    def _log(self, job: Job, answer: Answer, now_ns: int, visit: str | None) -> None:
        cameras = sorted({clip.made.camera for clip in answer.clips})
        facts = {
            "what": "made" if answer.clips else "not made",
            "purpose": "question",
            "clips": len(answer.clips),
            "cameras": ", ".join(cameras),
            "pictures": sum(clip.made.pictures for clip in answer.clips),
            "withheld": sum(clip.made.withheld for clip in answer.clips),
            "cpu_ms": round(1000 * answer.cpu_s),
        }
        said = Said("", "clip", now_ns, month_of(job.entered_ns), facts, visit)
        self.vault.log.append(sealed(self.vault.keys, said, nonce(), now_ns))


def target_of(store: Store, row: Mapping[str, Any]) -> Point | None:
    """The middle of where an event of the evidence was, store frame, metres; None: at no shelf of this store."""
    try:
        spot = store.fixture(row["fixture"])
        found = [store.plate(spot.id, row["shelf"], plate) for plate in row["plates"]]
        board = store.shelf(spot.id, row["shelf"])
    except KeyError:
        return None
    if not found:
        return None
    x_m = sum(plate.x_m + plate.width_m / 2 for plate in found) / len(found)
    return spot.to_store(x_m, IN_M, board.z_m + ABOVE_M)


def why_none(engine: Engine, visit: str, event: str) -> str | None:
    """Why a question has no clip, as its case says; "": it had some; None: nothing is said yet."""
    of = tables.clips.c
    with engine.execution_options(walkout_reads=True).begin() as connection:
        query = select(of.why).where((of.visit == visit) & (of.event == event))
        return connection.execute(query).scalar_one_or_none()
