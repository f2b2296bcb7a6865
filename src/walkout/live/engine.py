"""The engine: observations in, in any order that sensors deliver; receipts' beliefs out, in event time.

Nothing is decided before every stream that is expected has passed that instant, so the same observations give the
same results in any chunking. Streams that are expected but never come hold everything back until `finish`, unless
`patience_ns` says otherwise.
"""

from bisect import bisect_left, insort
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush

from walkout.inference.belief import Belief
from walkout.inference.choice import Evidence
from walkout.inference.departure import depart, said
from walkout.inference.episode import Course
from walkout.inference.explanation import Explanation
from walkout.inference.gains import learnt
from walkout.inference.goods import goods
from walkout.inference.hands import window_ns
from walkout.inference.hypothesis import leave, start, trim
from walkout.inference.inquiry import Inquiry
from walkout.inference.look import Glance
from walkout.inference.model import Model
from walkout.inference.posterior import believe, explain
from walkout.inference.regroup import regrouped
from walkout.inference.shared import parts
from walkout.inference.so_far import SoFar
from walkout.inference.tagbook import TagBook
from walkout.inference.unseen import dark_share, unseen
from walkout.inference.visit import TOGETHER_NS, Visit, VisitBook
from walkout.inference.weight import Gains
from walkout.live.contacts import Contacts
from walkout.live.curves import KEEP_NS, Curves
from walkout.live.freeze import FreezeError, freeze, thaw
from walkout.live.outcome import Curve
from walkout.recording.channel import PLATES, Observation
from walkout.recording.gate import GateEvent
from walkout.recording.look import Look
from walkout.recording.loss import Loss
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.sensing.event import ShelfEvent
from walkout.sensing.identity import Identities
from walkout.sensing.people import PeopleBuffer, tracks
from walkout.sensing.plates import PlateDetector, cells_of
from walkout.sensing.touch import Touches
from walkout.store.shop import Store

AROUND_NS = 5_000_000_000
"""Curves are drawn from so long before an event to so long after it."""
READING_NS = 1_000_000_000
"""A plate that gave no reading from so long before an event to so long after it did not see it."""
GATE_LATE_NS = 500_000_000
"""Gate messages may come so long after plates and people of the same instant."""
DARK_NS = 5_000_000_000
"""A plate that gave no reading for so long before somebody left may have hidden what they took."""
PIECE = 120
"""Samples that go to a detector at once, 2 s: it looks back 12.8 s from the end of what it was given."""
LATEST_NS = 2**62
VERSION = 2
"""Of snapshots."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """What one step settled."""

    beliefs: tuple[Belief, ...] = ()
    """Visits that are over."""
    explanations: tuple[Explanation, ...] = ()
    """Of events that no open visit can change any more."""
    curves: tuple[Curve, ...] = ()
    """One an event, in no order of their own."""


@dataclass(slots=True)
class _Fixture:
    detector: PlateDetector
    shape: tuple[int, int]
    curves: Curves = field(default_factory=Curves)
    newest_ns: int = -LATEST_NS


class Engine:
    """One running shop; feed it with `step`, then `finish`."""

    def __init__(
        self,
        store: Store,
        *,
        expected: Collection[str] | None = None,
        gated: bool | None = None,
        model: Model | None = None,
        patience_ns: int | None = None,
    ) -> None:
        """`expected`: the channels to wait for (None: every fixture of the store, and people)."""
        self._goods = goods(store, model or Model())
        everything = {PLATES + fixture.id for fixture in store.fixtures} | {"/people"}
        self._expected = frozenset(everything if expected is None else expected) - {"/gate", "/looks", "/tags"}
        self._patience_ns = patience_ns
        self._fixtures: dict[str, _Fixture] = {}
        doors = tuple((gate.x_m, gate.y_m) for gate in store.gates if gate.way != "exit")
        exits = tuple((gate.x_m, gate.y_m) for gate in store.gates if gate.way != "entry")
        self._people = PeopleBuffer(identities=Identities(doors, exits))
        self._contacts = Contacts(Touches(store.fixtures))
        self._seen_to_ns = -LATEST_NS
        self._gates: list[tuple[int, str, str, str, int, GateEvent]] = []
        self._gate_count = 0
        """So many came: of equal ones the first is first."""
        self._events: list[tuple[int, str, ShelfEvent]] = []
        self._looks: list[Glance] = []
        """In time order; by the tracker's ids."""
        self._drawing: list[ShelfEvent] = []
        tagged = any(product.tagged > 0.0 for product in store.products.values())
        self._tags = TagBook(self._goods.model) if tagged else None
        """What readers at the gates hear; None for a shop whose goods carry no tags."""
        self._book = VisitBook(
            gated=bool(store.gates) if gated is None else gated, together_ns=TOGETHER_NS if tagged else 0
        )
        self._course = Course(start())
        self._so_far = SoFar(self._goods)
        self._gains: Gains = {}
        self._unusable: dict[tuple[str, str], int] = {}
        """Samples by channel and what was wrong with them."""

    def step(self, observation: Observation) -> Outputs:
        """Take one observation; what it settles comes back."""
        if isinstance(observation, PlateBatch):
            self._take_plates(observation)
        elif isinstance(observation, PeopleFrame):
            self._people.push(observation)
        elif isinstance(observation, GateEvent):
            key = (observation.t_ns, observation.way, observation.visit, observation.person or "", self._gate_count)
            self._gate_count += 1
            heappush(self._gates, (*key, observation))
        elif isinstance(observation, Look):
            told = (observation.t_ns, observation.person, observation.fixture, observation.shelf)
            insort(self._looks, Glance(*told, observation.likelihoods), key=lambda glance: (glance.t_ns, glance.person))
        elif self._tags is not None:
            self._tags.hear(observation)
        return self._advance(self._watermark_ns())

    def finish(self) -> Outputs:
        """Settle all that is open: nothing more comes."""
        for fixture in self._fixtures.values():
            for event in fixture.detector.flush():
                heappush(self._events, (event.reported_ns, event.id, event))
        before = self._advance(LATEST_NS)
        self._contacts.finish()
        while self._contacts.waiting:
            self._happen()
        beliefs = self._close(None)
        explanations = explain(self._course.pasts, self._goods)
        self._course = Course(start())
        return Outputs(
            (*before.beliefs, *beliefs), (*before.explanations, *explanations), (*before.curves, *self._draw(None))
        )

    def losses(self) -> tuple[Loss, ...]:
        """What could not be used so far, beyond what the recording itself lists."""
        found = [loss for _, fixture in sorted(self._fixtures.items()) for loss in fixture.detector.losses()]
        people = self._people
        if people.too_late:
            words = "frames of people came after their time was settled; left out"
            found.append(Loss("disorder", "/people", people.too_late, words, people.late_since_ns))
        if people.overflowed:
            words = "frames of people dropped: the plates stopped telling the time"
            found.append(Loss("gap", "/people", people.overflowed, words))
        if self._book.brief:
            words = "people tracked for less than a second; no visit was made of them"
            found.append(Loss("unknown", "/people", self._book.brief, words))
        found += [Loss("malformed", channel, n, words) for (channel, words), n in sorted(self._unusable.items())]
        return tuple(found)

    def baskets(self) -> tuple[Belief, ...]:
        """What every party that is in the shop holds so far, by the events that are explained; provisional.

        Without doubts: `basket` has them.
        """
        return self._so_far.baskets(self._course.pasts, self._book.open_visits())

    def basket(self, visit: str) -> Belief | None:
        """What one party that is in the shop holds so far, with what a person could be asked; None: no such party."""
        return next((self._believe(one) for one in self._book.open_visits() if one.id == visit), None)

    def recent(self) -> tuple[Explanation, ...]:
        """The events that open visits can still change, as they are explained so far; provisional."""
        return self._so_far.explanations(self._course.pasts)

    @property
    def watermark_ns(self) -> int:
        """Everything before this instant is decided; far below 0 while a stream that is waited for never came."""
        return self._watermark_ns()

    def snapshot(self) -> bytes:
        """All that the engine knows; `restore` goes on as if nothing had happened."""
        plates = {
            id_: (
                fixture.detector.rate_hz,
                fixture.shape,
                fixture.detector.snapshot(),
                fixture.curves,
                fixture.newest_ns,
            )
            for id_, fixture in sorted(self._fixtures.items())
        }
        rest = {name: value for name, value in vars(self).items() if name not in ("_fixtures", "_goods", "_so_far")}
        return freeze({"version": VERSION, "model": self._goods.model, "plates": plates, "rest": rest})

    @classmethod
    def restore(cls, store: Store, data: bytes, model: Model | None = None) -> "Engine":
        """The engine that a snapshot was taken of; `store`: the same store, its planogram and `model` may be others.

        Raises:
            ValueError: the snapshot is damaged, of another version, or of another store.
        """
        found = thaw(data)
        if not isinstance(found, dict) or found.get("version") != VERSION:
            raise FreezeError(f"found no snapshot of version {VERSION}, right: one that this version wrote")
        engine = cls(store, model=model or found["model"])
        vars(engine).update(found["rest"])
        for id_, (rate_hz, shape, detector, curves, newest_ns) in found["plates"].items():
            try:
                cells = cells_of(store.fixture(id_), shape)
            except KeyError as error:
                raise FreezeError(f"found a snapshot of fixture {id_!r}, right: one of a store that has it") from error
            fixture = _Fixture(PlateDetector(id_, cells, rate_hz), shape, curves, newest_ns)
            fixture.detector.restore(detector)
            engine._fixtures[id_] = fixture
        return engine

    def _take_plates(self, batch: PlateBatch) -> None:
        if len(batch.t_ns) <= PIECE:
            self._take_piece(batch)
            return
        for at in range(0, len(batch.t_ns), PIECE):
            self._take_piece(replace(batch, t_ns=batch.t_ns[at : at + PIECE], grams=batch.grams[at : at + PIECE]))

    def _take_piece(self, batch: PlateBatch) -> None:
        fixture = self._fixtures.get(batch.fixture)
        try:
            if fixture is None:
                shape = (batch.grams.shape[1], batch.grams.shape[2])
                cells = cells_of(self._goods.store.fixture(batch.fixture), shape)
                detector = PlateDetector(batch.fixture, cells, batch.rate_hz)
                fixture = self._fixtures[batch.fixture] = _Fixture(detector, shape)
            found = fixture.detector.push(batch)
        except (KeyError, ValueError) as error:
            key = (PLATES + batch.fixture, str(error).strip("\"'"))
            self._unusable[key] = self._unusable.get(key, 0) + len(batch.t_ns)
            return
        fixture.curves.push(batch)
        for event in found:
            heappush(self._events, (event.reported_ns, event.id, event))
        if len(batch.t_ns):
            fixture.newest_ns = max(fixture.newest_ns, int(batch.t_ns[-1]))
            fixture.curves.forget(min(int(batch.t_ns[0]), self._seen_to_ns) - KEEP_NS)

    def _watermark_ns(self) -> int:
        """No observation from before this is expected any more."""
        people_ns = self._people.watermark_ns
        people_ns = -LATEST_NS if people_ns is None else people_ns
        slowest = LATEST_NS if self._expected else -LATEST_NS
        for name in self._expected:
            fixture = self._fixtures.get(name.removeprefix(PLATES))
            told_ns = people_ns if name == "/people" else -LATEST_NS if fixture is None else fixture.newest_ns
            slowest = min(slowest, told_ns)
        if self._patience_ns is not None:
            newest = max((fixture.newest_ns for fixture in self._fixtures.values()), default=-LATEST_NS)
            slowest = max(slowest, max(people_ns, newest) - self._patience_ns)
        return slowest - GATE_LATE_NS

    def _advance(self, until_ns: int) -> Outputs:
        """Do all that is due before an instant, in event time: people, gates, events, visits that end."""
        beliefs: list[Belief] = []
        explanations: list[Explanation] = []
        while True:
            gate_ns = self._gates[0][0] if self._gates else LATEST_NS
            event_ns = self._due_ns(self._events[0][2]) if self._events else LATEST_NS
            now_ns = min(gate_ns, event_ns, self._contacts.due_ns(), until_ns)
            closed_ns = self._see(now_ns)
            if closed_ns is not None and closed_ns < now_ns:
                beliefs += self._close(closed_ns)
                explanations += self._settle()
            elif now_ns >= until_ns:
                break
            elif gate_ns == now_ns:
                passed = self._people.passed(heappop(self._gates)[-1])
                self._book.pass_gate(passed)
                if self._tags is not None:
                    self._tags.leave(passed)
            elif self._contacts.due_ns() <= now_ns:
                self._happen()
            elif event_ns == now_ns:
                self._explain_event(heappop(self._events)[2])
        self._people.forget(min(until_ns, self._seen_to_ns) - KEEP_NS)
        if self._tags is not None and self._tags.long:
            self._tags.forget(min(until_ns, self._seen_to_ns), {visit.id for visit in self._book.open_visits()})
        del self._looks[: bisect_left(self._looks, min(until_ns, self._seen_to_ns) - KEEP_NS, key=lambda g: g.t_ns)]
        return Outputs(tuple(beliefs), tuple(explanations), self._draw(until_ns))

    def _see(self, until_ns: int) -> int | None:
        """Let the book see people up to an instant, or up to when a visit ends before it; that instant, if so."""
        frames = self._people.between(self._seen_to_ns, until_ns - 1)
        for doubt in self._people.identities.take_doubts():
            self._contacts.doubt(doubt)
        for frame in frames:
            close_ns = self._book.next_close_ns()
            if close_ns is not None and close_ns < frame.t_ns:
                self._seen_to_ns = frame.t_ns
                return close_ns
            self._book.see(frame)
            self._contacts.see(frame)
            self._seen_to_ns = frame.t_ns + 1
        return self._book.next_close_ns()

    def _due_ns(self, event: ShelfEvent) -> int:
        return max(event.reported_ns, window_ns(event, self._goods.model)[1])

    def _explain_event(self, event: ShelfEvent) -> None:
        asked = Inquiry(self._gather, self._goods)
        anew = regrouped(self._course, event, asked)
        if anew is not None:
            self._course = anew.course
            self._drawing += anew.events
            return
        for part in parts(event, self._course.pasts, asked):
            self._course = self._course.see(part, asked)
            self._drawing.append(part)

    def _gather(self, event: ShelfEvent) -> Evidence:
        """All that is known of one event."""
        window = window_ns(event, self._goods.model)
        frames = self._people.between(*window)
        curves = self._fixtures[event.fixture].curves
        return Evidence(
            event,
            self._book.present(*window),
            tracks(frames),
            curves.reading(event.shelf, event.start_ns - READING_NS, event.end_ns + READING_NS),
            bool(frames),
            self._book.staff(),
            tuple(
                replace(glance, person=self._people.identities.name_of(glance.person))
                for glance in self._looks
                if window[0] <= glance.t_ns <= window[1]
            ),
            self._gains,
        )

    def _happen(self) -> None:
        """Let the next thing that no scale tells happen."""
        found = self._contacts.pop(self._course.pasts, self._book, self._goods)
        if found is not None:
            self._course = self._course.happen(found, self._goods)

    def _close(self, now_ns: int | None) -> list[Belief]:
        visits = self._book.close(now_ns)
        if self._tags is not None and visits:
            pasts, told = depart(self._tags, self._course.pasts, visits, self._book.open_visits(), self._goods)
            self._course = Course(pasts)
        else:
            told = {}
        store = self._goods.store
        beliefs = [said(self._unseen(self._believe(visit)), told.get(visit.id), store) for visit in visits]
        if visits:
            gone = (s for visit in visits for s in visit.shoppers)
            self._course = Course(leave(self._course.pasts, gone, self._goods))
        return beliefs

    def _believe(self, visit: Visit) -> Belief:
        return believe(self._course.pasts, visit, self._goods)

    def _unseen(self, belief: Belief) -> Belief:
        """The belief with what plates without readings may have hidden."""
        left_ns = belief.visit.left_ns

        def reading(fixture: str, shelf: int) -> tuple[int, ...] | None:
            heard = self._fixtures.get(fixture)
            return None if heard is None else heard.curves.reading(shelf, left_ns - DARK_NS, left_ns)

        dark = dark_share(self._goods.store, reading)
        return replace(belief, unseen=unseen(sum(line.quantity for line in belief.lines), dark)) if dark else belief

    def _settle(self) -> tuple[Explanation, ...]:
        """Let go of the events that no open visit can hold, and forget the people of their time."""
        oldest_ns = self._book.oldest_ns()
        before_ns = self._seen_to_ns if oldest_ns is None else oldest_ns
        found = explain(self._course.pasts, self._goods, before_ns)
        if self._goods.model.planogram_belief:
            self._gains = learnt(self._gains, found, self._goods)
        self._course = Course(trim(self._course.pasts, before_ns))
        return found

    def _draw(self, until_ns: int | None) -> tuple[Curve, ...]:
        """The curves of events that are long enough past."""
        drawn, waiting = [], []
        for event in self._drawing:
            if until_ns is None or event.end_ns + AROUND_NS <= until_ns:
                drawn.append(self._curve(event))
            else:
                waiting.append(event)
        self._drawing = waiting
        return tuple(drawn)

    def _curve(self, event: ShelfEvent) -> Curve:
        curves = self._fixtures[event.fixture].curves
        t_ns, grams = curves.shelf(event.shelf, event.onset_ns - AROUND_NS, event.end_ns + AROUND_NS)
        plates = curves.reading(event.shelf, event.onset_ns - AROUND_NS, event.end_ns + AROUND_NS)
        return Curve(event.id, event.fixture, event.shelf, plates, t_ns, grams[:, [p - 1 for p in plates]])
