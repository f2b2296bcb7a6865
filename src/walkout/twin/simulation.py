"""The twin's loop: people come, act and leave; plates, poses, gates and truth come out in order of time.

`simulate` is pure and streams: memory does not grow with the length of the recording.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from heapq import heappop, heappush
from itertools import pairwise
from math import hypot, pi
from typing import Literal

import numpy as np

from walkout.recording.camera import CameraFrame
from walkout.recording.gate import GateEvent
from walkout.recording.look import Look
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.tags import TagFrame
from walkout.recording.truth import Place, TruthMove, TruthNote, TruthVisit
from walkout.store.layout import Camera
from walkout.store.planogram import Facing
from walkout.store.shop import Store
from walkout.twin import constants as c
from walkout.twin.actor import Actor, Meeting, Script
from walkout.twin.body import Motion
from walkout.twin.floor import Floor
from walkout.twin.loads import Change, Loads
from walkout.twin.looks import Looks
from walkout.twin.party import Arrival, Member, Party
from walkout.twin.plates import Scales
from walkout.twin.seeds import number, stream
from walkout.twin.settings import DEFAULT, Settings
from walkout.twin.skeletons import Tracker
from walkout.twin.tags import Readers
from walkout.twin.world import Resting, World

Observation = PlateBatch | PeopleFrame | GateEvent | Look | TagFrame | CameraFrame | TruthMove | TruthVisit | TruthNote

START_NS = 1_767_603_600_000_000_000
"""2026-01-05 09:00 UTC."""
STEPS_NS = np.round(np.arange(c.BATCH_SAMPLES) * (1e9 / c.RATE_HZ)).astype(np.int64)
BATCH_S = c.BATCH_SAMPLES / c.RATE_HZ
BATCHES = 5
"""Messages of a fixture that are made at a time: longer blocks are faster, and look further ahead."""
BLOCK_S = BATCHES * BATCH_S


class Simulation:
    """One shop while it is simulated; `simulate` runs it, actors act through it."""

    def __init__(
        self,
        store: Store,
        seed: int,
        settings: Settings = DEFAULT,
        start_ns: int = START_NS,
        planogram: Sequence[Facing] = (),
        masses_g: Mapping[str, float] | None = None,
        door: tuple[float, float] | None = None,
        cameras: Sequence[Camera] | None = None,
        most_boxes: int | None = None,
    ) -> None:
        self.store, self.settings, self.seed, self.start_ns = store, settings, seed, start_ns
        self.world = World(store, settings, seed, planogram, masses_g or {})
        self.on_scales = [facing for facing in self.world.planogram if self.weighed(facing)]
        """Facings of which at least one plate has a load cell."""
        self.floor = Floor(store)
        self.door = door
        hardware = number("hardware", store.name)
        self.scales = {f.id: Scales(f, settings, hardware, seed) for f in store.fixtures if f.shelves}
        self.loads = {name: Loads(s.shelves, s.plates) for name, s in self.scales.items()}
        for _, items in sorted(self.world.resting.items()):
            for resting in items:
                self.lay(resting)
        self.actors: dict[str, Actor] = {}
        self.stays: dict[str, tuple[Actor, float, float]] = {}
        """Who is in the shop or was a moment ago: from when, until when (seconds)."""
        self.tracker = Tracker(seed, settings, store.cameras if cameras is None else cameras, most_boxes)
        self.looks = None if settings.looks_confusion is None else Looks(self, settings.looks_confusion)
        self.readers = Readers(self)
        self._parties: dict[str, Party] = {}
        self._kicks: list[tuple[float, float, float, float]] = []
        self._scripts: list[tuple[float, int, Actor, Script]] = []
        self._out: list[tuple[float, int, Observation | Callable[[], Observation | None]]] = []
        self._rng = stream(seed, "simulation")
        self._count = {"actor": 0, "move": 0, "out": 0, "visit": 0, "turn": 0}
        self._centres = {
            f.id: f.to_store(f.width_m / 2, f.depth_m / 2, 0.0)[:2] for f in store.fixtures if f.id in self.scales
        }

    def _next(self, what: str) -> int:
        self._count[what] += 1
        return self._count[what]

    def ns(self, t_s: float) -> int:
        """An instant as UTC nanoseconds, to the microsecond."""
        return self.start_ns + round(t_s * 1e6) * 1000

    def emit(self, t_s: float, observation: Observation) -> None:
        """Put something into the output at its time."""
        heappush(self._out, (t_s, self._next("out"), observation))

    def note(self, name: str, value: str, t_s: float = 0.0) -> None:
        """State a fact about the recording."""
        self.emit(t_s, TruthNote(name, value))

    def lay(self, resting: Resting) -> None:
        """Count what lies on a shelf before the start into its plates' loads."""
        for plate, share in resting.shares:
            self.loads[resting.fixture].settled[resting.shelf - 1, plate - 1] += resting.item.mass_g * share

    # what actors do to the shop

    def standing(self, but: Actor) -> list[tuple[float, float]]:
        """Where the others stand or are about to stand."""
        return [a.staying for a in self.actors.values() if a is not but and a.staying is not None]

    def weighed(self, facing: Facing) -> bool:
        """Whether any plate of a facing has a load cell."""
        return any(self.store.plate(facing.fixture, facing.shelf, plate).cell for plate in facing.plates)

    def shake(self, t_s: float, x_m: float, y_m: float, force: float) -> None:
        """Something shakes the floor."""
        heappush(self._kicks, (t_s, x_m, y_m, force))

    def shake_walk(self, actor: Actor, start_s: float, end_s: float, points: Sequence[tuple[float, float]]) -> None:
        """The footfalls of a walk; wheels shake less and more often."""
        rolls = actor.build.kind == "wheelchair"
        every = (0.25 if rolls else 1.0) / c.STEP_HZ
        lengths = np.cumsum([0.0] + [hypot(bx - ax, by - ay) for (ax, ay), (bx, by) in pairwise(points)])
        if lengths[-1] < 0.05:
            return
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        force = c.STEP_FORCE * actor.build.weight * (actor.build.speed_m_s / 0.75) * (0.35 if rolls else 1.0)
        for t in np.arange(start_s + 0.1, end_s + 0.2, every):
            along = float(np.clip((t - start_s) / max(end_s - start_s, 1e-6), 0, 1)) * lengths[-1]
            strong = force * float(np.exp(0.3 * actor.rng.standard_normal()))
            late = 0.03 * abs(float(actor.rng.standard_normal()))
            self.shake(
                float(t) + late, float(np.interp(along, lengths, xs)), float(np.interp(along, lengths, ys)), strong
            )

    def press(self, on: Resting, start_s: float, seconds: float, grams: float) -> None:
        """A hand loads what lies under an item for a while, in a few uneven pushes, and leaves no trace."""
        if grams == 0.0 or not on.shares:
            return
        parts = max(2, int(seconds / 0.12))
        t = start_s + np.linspace(0.0, max(seconds, 0.05), parts + 2)
        push = np.concatenate(
            [[0.0], grams * (0.4 + 0.6 * np.linspace(0.5, 1.0, parts)) * self._rng.uniform(0.7, 1.1, parts), [0.0]]
        )
        self._add(on, t, push)

    def change(self, on: Resting, start_s: float, seconds: float, grams: float) -> None:
        """The load of an item comes or goes, smoothly, and stays so."""
        t = start_s + seconds * np.array([0.0, 0.25, 0.5, 0.75, 1.0])
        self._add(on, t, grams * np.array([0.0, 0.15, 0.5, 0.85, 1.0]))

    def _add(self, on: Resting, t: np.ndarray, grams: np.ndarray) -> None:
        plates, shares = zip(*on.shares, strict=True)
        self.loads[on.fixture].add(Change(tuple(t.tolist()), tuple(grams.tolist()), on.shelf, plates, shares))

    def moved(
        self,
        actor: Actor,
        action: str,
        gtin: str,
        masses_g: Sequence[float],
        source: Place,
        target: Place,
        span_s: tuple[float, float],
    ) -> None:
        """Record one move in the truth."""
        name = f"m{self._next('move'):06d}"
        start, end = self.ns(span_s[0]), self.ns(span_s[1])
        move = TruthMove(name, start, end, actor.id, action, gtin, len(masses_g), float(sum(masses_g)), source, target)
        self.emit(span_s[1], move)

    def look(self, actor: Actor, side: int, gtin: str, place: tuple[str, int, float], t_s: float) -> None:
        """A hand has a product at a place (fixture, shelf, metres along it): what its looks say, if any are wanted."""
        if self.looks is not None:
            heappush(self._out, (t_s, self._next("out"), self.looks.see(actor, side, gtin, place, t_s)))

    # coming and going

    def admit(self, arrival: Arrival) -> None:
        """A party comes in."""
        visit = self._next("visit")
        party = arrival.party or f"p{visit:05d}"
        entry = next((g for g in self.store.gates if g.way in ("entry", "both")), None)
        gx, gy = (entry.x_m, entry.y_m) if entry else self.door or self._edge()
        x, y = self.floor.nearest(gx, gy)
        group = Party(party, f"v{visit:05d}", arrival.role, [], arrival.t_s, len(arrival.members), [], {}, False)
        for k, member in enumerate(arrival.members):
            at = arrival.t_s + sum(m.follows_s for m in arrival.members[1 : k + 1])
            count = self._next("actor")
            signed = number(self.seed, "person", count) - 2**63
            name = member.name or str(signed)
            rng = stream(self.seed, "actor", count)
            motion = Motion(member.build, x, y, 0.0, float(rng.uniform(0, 2 * pi)))
            actor = Actor(name, member.build, motion, self, rng, at, party, group.visit, arrival.role, (x, y))
            group.members.append(name)
            self._parties[name] = group
            self._push(actor, self._life(actor, member, entry.id if entry and member.announced else None))

    def _edge(self) -> tuple[float, float]:
        low = min(y for _, y in self._centres.values())
        return min(x for x, _ in self._centres.values()), low - 1.5

    def _life(self, actor: Actor, member: Member, gate: str | None) -> Script:
        group = self._parties[actor.id]
        yield actor.now
        self.actors[actor.id] = actor
        self.tracker.enter(actor)
        entered_s = actor.now
        self.stays[actor.id] = (actor, entered_s, float("inf"))
        of = actor.build
        looks = f"{of.kind} {of.stature_m:g} m {of.handed} {of.clothing} {of.skin} {of.head_cover} {of.bag}"
        self.note("build", f"{actor.id} {looks}", actor.now)
        self.shake(actor.now, *actor.door, c.DOOR_FORCE * 0.5)
        if gate is not None:
            group.announced = True
            self._pass(actor, gate, "entry")
        yield from member.behaviour(actor)
        leave = next((g for g in self.store.gates if g.way in ("exit", "both")), None)
        x, y = self.floor.nearest(leave.x_m, leave.y_m) if leave else actor.door
        yield from actor.walk_to(x, y)
        self.shake(actor.now, x, y, c.DOOR_FORCE)
        if leave is not None and member.announced:
            self._pass(actor, leave.id, "exit")
        if leave is not None:
            self.readers.leave(actor.id, leave.id, actor.now)
        for gtin, count in self.world.basket(actor.id).items():
            group.basket[gtin] = group.basket.get(gtin, 0) + count
        self.world.holding.pop(actor.id, None)
        actor.staying = None
        self.tracker.leave(actor)
        self.stays[actor.id] = (actor, entered_s, actor.now)
        heappush(self._out, (actor.now, self._next("out"), partial(self._gone, actor, actor.now)))

    def _gone(self, actor: Actor, at_s: float) -> TruthVisit | None:
        """Somebody has left: what the party bought, if that was its last."""
        group = self._parties.pop(actor.id)
        del self.actors[actor.id]
        group.inside -= 1
        if group.inside or group.role != "shopper":
            return None
        basket = dict(sorted(group.basket.items()))
        span = (self.ns(group.entered_s), self.ns(at_s))
        return TruthVisit(group.visit, group.id, tuple(group.members), *span, basket, tuple(group.path))

    def _pass(self, actor: Actor, gate: str, way: Literal["entry", "exit"]) -> None:
        t = self.ns(actor.now)
        lag = round(1e9 * float(self._rng.uniform(0.02, 0.08)))
        role: Literal["staff", "shopper"] = "staff" if actor.role == "staff" else "shopper"
        seen = self.tracker.id_of(actor)
        self.emit(actor.now, GateEvent(t, t + lag, gate, way, actor.visit, actor.party, seen, role))

    # time

    def _push(self, actor: Actor, script: Script) -> None:
        heappush(self._scripts, (actor.now, self._next("turn"), actor, script))

    def advance(self, until_s: float) -> None:
        """Let everybody act up to an instant."""
        while self._scripts and self._scripts[0][0] < until_s:
            at, _, actor, script = heappop(self._scripts)
            actor.now = at
            try:
                step = next(script)
            except StopIteration:
                continue
            if isinstance(step, Meeting):
                step.actors.append(actor)
                step.scripts.append(script)
                if len(step.actors) >= step.wanted:
                    together = max(a.now for a in step.actors)
                    for other, theirs in zip(step.actors, step.scripts, strict=True):
                        other.now = together
                        self._push(other, theirs)
            else:
                actor.now = max(step, at)
                self._push(actor, script)

    @property
    def busy(self) -> bool:
        """Whether anybody still has something to do."""
        return bool(self._scripts or self.actors)

    def inside(self, t_s: float) -> list[Actor]:
        """Who is in the shop at an instant of the block that is being made, in the order of ids."""
        return [actor for _, (actor, from_s, until_s) in sorted(self.stays.items()) if from_s <= t_s < until_s]

    def batches(self, fixture: str, n: int, phase_s: float) -> Iterator[tuple[float, PlateBatch]]:
        """The messages of a fixture in block n, each with its time in seconds."""
        scales = self.scales[fixture]
        start_s = n * BLOCK_S + phase_s
        samples = BATCHES * c.BATCH_SAMPLES
        cx, cy = self._centres[fixture]
        kicks = [
            (min(int((t - start_s) * c.RATE_HZ), samples - 1), force / (1.0 + hypot(x - cx, y - cy) / c.STEP_RANGE_M))
            for t, x, y, force in self._kicks
            if start_s <= t < start_s + BLOCK_S
        ]
        grams = scales.render(self.loads[fixture].at(start_s + np.arange(samples) / c.RATE_HZ), kicks)
        jitters_s = c.BATCH_JITTER_S * np.clip(scales.rng.standard_normal(BATCHES), -3, 3)
        lags_s = c.PLATE_LAG_S[0] + np.abs(c.PLATE_LAG_S[1] * scales.rng.standard_normal(BATCHES))
        for k in range(BATCHES):
            at_s = start_s + k * BATCH_S
            first_ns = self.ns(at_s + float(jitters_s[k]))
            part = grams[k * c.BATCH_SAMPLES : (k + 1) * c.BATCH_SAMPLES]
            arrived_ns = first_ns + round(1e3 * float(lags_s[k])) * 1_000_000
            yield at_s, PlateBatch(fixture, first_ns + STEPS_NS, part, c.RATE_HZ, arrived_ns, n * BATCHES + k)

    def sway(self, from_s: float) -> None:
        """Those who stand shift their weight now and then; the path of each party is noted once a second."""
        for name in sorted(self.actors):
            actor = self.actors[name]
            x, y, _, speed = actor.motion.place(from_s)
            if speed == 0.0:
                for _ in range(int(actor.rng.poisson(c.SWAY_HZ * BLOCK_S))):
                    at_s = from_s + BLOCK_S * (1.0 + float(actor.rng.random()))
                    self.shake(at_s, x, y, c.SWAY_FORCE * actor.build.weight)
            group = self._parties[name]
            if name == group.members[0]:
                group.path.append((self.ns(from_s), round(x, 3), round(y, 3)))

    def drain(self, until_s: float) -> Iterator[tuple[float, Observation]]:
        """What was put out up to an instant, in order, with its time in seconds."""
        while self._out and self._out[0][0] < until_s:
            at_s, _, found = heappop(self._out)
            observation = found() if callable(found) else found
            if observation is not None:
                yield at_s, observation

    def forget(self, before_s: float) -> None:
        """Drop what no sensor can feel any more."""
        while self._kicks and self._kicks[0][0] < before_s:
            heappop(self._kicks)
        for name in [name for name, (_, _, until_s) in self.stays.items() if until_s <= before_s]:
            del self.stays[name]
