"""A running shop without its wires: observations into the journal, through the engine, out as receipts and money.

Order of effects: journal (in the operating system's hands), engine, journal on the disk, ledger; and then the broker is
answered. After a kill, the newest snapshot and the journal's tail give the same engine, and the ledger does nothing for
what it has already.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from walkout.inference.belief import Belief
from walkout.inference.explanation import Explanation
from walkout.inference.model import Model
from walkout.inference.visit import Visit
from walkout.live.cashier import Cashier, Made
from walkout.live.engine import Engine, Outputs
from walkout.live.freeze import FreezeError, freeze, thaw
from walkout.live.journal import Journal, JournalError
from walkout.live.manner import Manner
from walkout.live.outcome import Curve
from walkout.live.snapshots import Snapshots
from walkout.live.stays import CREDENTIAL, Stay, Stays
from walkout.recording.channel import Observation
from walkout.recording.gate import GateEvent
from walkout.recording.plates import PlateBatch
from walkout.store.shop import Store

log = logging.getLogger(__name__)
SNAPSHOT_EVERY = 6000
"""Observations between snapshots: about two minutes of three fixtures, and people at 15 a second."""
CALM = 4
"""So many times as long a snapshot is put off while somebody is inside."""
BASKET_NS = 1_000_000_000
"""Baskets are told, and holds grown, so often in event time."""
CURVES = 500
"""Events whose curves are kept."""
VERSION = 1
SNAPSHOT_AGAIN = 600
"""Observations until a snapshot that the disk refused is tried again."""
Deciding = Callable[[Belief, Sequence[Explanation], Sequence[Curve]], None]


class BehindError(Exception):
    """The disk refused after observations were taken in: the engine is ahead of what is written. `open` goes on."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of some observations, for whoever shows it."""

    made: tuple[Made, ...] = ()
    beliefs: tuple[Belief, ...] = ()
    """Visits that are over."""
    baskets: tuple[Belief, ...] | None = None
    """Of everybody inside; None: as before."""
    explanations: tuple[Explanation, ...] | None = None
    """Of the events of those inside; None: as before."""
    curves: tuple[Curve, ...] = ()


@dataclass(slots=True)
class _Book:
    """What the runner itself remembers; part of the snapshot."""

    stays: Stays = field(default_factory=Stays)
    provisional: set[str] = field(default_factory=set)
    """Visits whose decision will be the second revision."""
    newest_ns: int = 0
    told_ns: int = 0


class Runner:
    """One shop. `open` first, then `take` as often as anything comes; not for two threads at once."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        snapshots: Snapshots,
        cashier: Cashier,
        how: Manner,
        *,
        snapshot_every: int = SNAPSHOT_EVERY,
        deciding: Deciding | None = None,
        model: Model | None = None,
    ) -> None:
        """`deciding` hears of each visit that is over, after the ledger did, with what it rests on.

        `store` and `model` are what the engine believes; they may be others than when a snapshot was taken.
        """
        self._model = model or Model()
        self.store, self.journal, self.snapshots, self.cashier, self.how = store, journal, snapshots, cashier, how
        self._snapshot_every = snapshot_every
        self._deciding = deciding
        self._engine = self._fresh()
        self._book = _Book()
        self._curves: dict[str, Curve] = {}
        self._refused: tuple[Sequence[Observation], list[Observation]] | None = None
        self.position = 0
        """So many observations have been through the engine."""
        self._snapshot_at = self._snapshot_not_before = 0
        self.snapshot_ns = 0
        """When the last snapshot was taken, by the wall clock; 0: not since the start."""

    def open(self, heard: Callable[[Observation], None] | None = None) -> Told:
        """Go on where the journal ends, at a start or after the ledger did not answer.

        `heard` is told of each observation since the snapshot.
        """
        self.position, self._engine, self._book = 0, self._fresh(), _Book()
        found = self.snapshots.newest(self.journal.count)
        if found is not None:
            self.position, data = found
            try:
                self._restore(data)
            except FreezeError:  # of another release: the journal knows everything
                self.position, self._engine, self._book = 0, self._fresh(), _Book()
        self._snapshot_at = self.position
        told = Told()
        for _, observation in self.journal.read(self.position):
            told = _joined(told, self._step(observation))
            if heard is not None:
                heard(observation)
        self.cashier.work()
        return _joined(told, self.state())

    def take(self, observations: Sequence[Observation]) -> Told:
        """Write observations to the journal and act on them; when this returns, a power cut loses none of them.

        Raises:
            JournalError: the disk refused; nothing was taken in. Call again with the same sequence.
            BehindError: the disk refused later; all is taken in. Call `open`.
        """
        refused = self._refused
        if refused is not None and refused[0] is observations:  # the watch has seen them, the journal has not
            fresh = refused[1]
        else:
            fresh = [observation for observation in observations if self.journal.watch.keep(observation)]
        try:
            self.journal.append(fresh)
        except JournalError:
            self._refused = (observations, fresh)
            raise
        self._refused = None
        told = Told()
        self.journal.begin_sync()  # the disk works while the engine does
        try:
            for observation in fresh:
                told = _joined(told, self._step(observation))
            self.journal.sync()
        except JournalError as error:
            raise BehindError(str(error)) from error
        since = self.position - self._snapshot_at
        # It takes a moment, longer the more people are inside: an empty shop has the time.
        if since >= self._snapshot_every and (not self._book.stays.of or since >= CALM * self._snapshot_every):
            self._try_snapshot()
        return told

    def finish(self) -> Told:
        """The shop is emptied: everybody who is still inside is decided. A shop that only pauses takes a snapshot."""
        self.journal.sync()
        return self._decide(self._engine.finish())

    def snapshot(self) -> None:
        """Save what is known, so that the next start reads little of the journal."""
        self.journal.sync()
        self.snapshots.save(self.position, self._frozen())
        self._snapshot_at, self.snapshot_ns = self.position, time.time_ns()

    def _try_snapshot(self) -> None:
        if self.position < self._snapshot_not_before:
            return
        try:
            self.snapshot()
        except (OSError, JournalError) as error:  # the next start reads more of the journal, nothing else
            self._snapshot_not_before = self.position + SNAPSHOT_AGAIN
            log.warning("no snapshot: %s", error)

    def state(self) -> Told:
        """The baskets and the events of those inside."""
        return Told(baskets=self._engine.baskets(), explanations=self._engine.recent())

    @property
    def stays(self) -> Stays:
        """Who is inside by the gates' word."""
        return self._book.stays

    @property
    def newest_ns(self) -> int:
        """The newest event time of any plate."""
        return self._book.newest_ns

    @property
    def watermark_ns(self) -> int:
        """Everything before this instant is decided."""
        return self._engine.watermark_ns

    @property
    def snapshot_position(self) -> int:
        """What the last snapshot knows."""
        return self._snapshot_at

    def losses(self) -> list[dict[str, Any]]:
        """What the engine could not use."""
        return [
            {"kind": x.kind, "channel": x.channel, "count": x.count, "detail": x.detail} for x in self._engine.losses()
        ]

    def _step(self, observation: Observation) -> Told:
        outputs = self._engine.step(observation)
        self.position += 1
        self._keep(outputs.curves)
        told = self._decide(outputs) if outputs.beliefs else Told(curves=outputs.curves)
        if isinstance(observation, GateEvent):
            told = _joined(told, self._pass(observation))
        if isinstance(observation, PlateBatch) and len(observation.t_ns):
            self._book.newest_ns = max(self._book.newest_ns, int(observation.t_ns[-1]))
            if self._book.newest_ns - self._book.told_ns >= BASKET_NS:
                self._book.told_ns = self._book.newest_ns
                told = _joined(told, self._baskets())
        return told

    def _pass(self, event: GateEvent) -> Told:
        stay = self._book.stays.observe(event)
        if stay is None:
            return Told()
        self.journal.sync()
        if event.way == "entry":
            if stay.entries == 1:
                credential = str(event.source.get(CREDENTIAL, ""))
                self.cashier.enter(stay.visit, stay.party, credential, stay.entered_ns)
            return Told()
        if not stay.gone or stay.visit in self._book.provisional:
            return Told()
        self._book.provisional.add(stay.visit)
        if tapped := str(event.source.get(CREDENTIAL, "")):
            self.cashier.tap(stay.visit, tapped)
        self.cashier.leave(stay.visit, event.t_ns)
        made = self.cashier.provisional(self._so_far(stay, event.t_ns))
        return Told(made=() if made is None else (made,))

    def _so_far(self, stay: Stay, left_ns: int) -> Belief:
        """What is believed of a party that has just left; nothing where it was too quick to be seen yet."""
        belief = self._engine.basket(stay.visit)
        if belief is not None:
            return replace(belief, visit=replace(belief.visit, left_ns=left_ns))
        visit = Visit(stay.visit, stay.party, tuple(stay.people), stay.entered_ns, left_ns)
        return Belief(visit, (), 0.0, ())

    def _baskets(self) -> Told:
        told = self.state()
        if told.baskets:
            for belief in told.baskets:
                if belief.visit.id in self._book.stays.of and belief.visit.id not in self._book.provisional:
                    self.cashier.basket(belief)
        return told

    def _decide(self, outputs: Outputs) -> Told:
        self.journal.sync()
        made = []
        self._keep(outputs.curves)
        known = (*outputs.explanations, *self._engine.recent())
        for belief in outputs.beliefs:
            visit = belief.visit
            if visit.id not in self._book.stays.of:
                # Seen by the cameras alone: the tracker's ids come again on another day, a visit's name must not.
                belief = replace(belief, visit=replace(visit, id=f"{visit.id}@{visit.entered_ns}"))  # noqa: PLW2901
            found = self.cashier.decide(belief, 1 if visit.id in self._book.provisional else 0, known)
            made += [found] if found is not None else []
            if self._deciding is not None:
                rests = [e for e in known if visit.entered_ns <= e.event.end_ns and e.event.onset_ns <= visit.left_ns]
                curves = [self._curves[e.event.id] for e in rests if e.event.id in self._curves]
                self._deciding(belief, rests, curves)
            self._book.stays.over(visit.id)
            self._book.provisional.discard(visit.id)
        return _joined(Told(made=tuple(made), beliefs=outputs.beliefs, curves=outputs.curves), self.state())

    def _keep(self, curves: Sequence[Curve]) -> None:
        """Curves of the last events, for whoever keeps what a decision rests on; a restart loses them."""
        self._curves |= {curve.event: curve for curve in curves}
        while len(self._curves) > CURVES:
            del self._curves[next(iter(self._curves))]

    def _fresh(self) -> Engine:
        how = self.how
        return Engine(
            self.store, expected=how.expected, gated=how.gated, patience_ns=how.patience_ns, model=self._model
        )

    def _frozen(self) -> bytes:
        return freeze({"version": VERSION, "engine": self._engine.snapshot(), "book": self._book})

    def _restore(self, data: bytes) -> None:
        found = thaw(data)
        if not isinstance(found, dict) or found.get("version") != VERSION:
            raise FreezeError(f"found no snapshot of version {VERSION}, right: one that this version wrote")
        self._engine = Engine.restore(self.store, found["engine"], self._model)
        self._book = found["book"]


def _joined(before: Told, after: Told) -> Told:
    return Told(
        (*before.made, *after.made),
        (*before.beliefs, *after.beliefs),
        before.baskets if after.baskets is None else after.baskets,
        before.explanations if after.explanations is None else after.explanations,
        (*before.curves, *after.curves),
    )
