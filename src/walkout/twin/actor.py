"""One simulated person and what it can do: walk, reach, lift, set down, press, hand over. Behaviours are made of these.

A script is a generator that yields the second at which it wants to go on, or a `Meeting` at which it waits for others.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from math import atan2, dist, hypot
from typing import Protocol

import numpy as np

from walkout.recording.truth import Place
from walkout.store.planogram import Facing
from walkout.store.shop import Store
from walkout.twin import constants as c
from walkout.twin.body import Build, Motion
from walkout.twin.floor import Floor
from walkout.twin.settings import Settings
from walkout.twin.world import Item, Resting, World


@dataclass(slots=True, eq=False)
class Meeting:
    """A point in time that several scripts reach together: the last to arrive sets it."""

    wanted: int
    actors: list["Actor"] = field(default_factory=list)
    scripts: list["Script"] = field(default_factory=list)


Step = float | Meeting
Script = Generator[Step, None, None]
Behaviour = Callable[["Actor"], Script]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on a shelf, as a hand knows it: metres in the fixture's frame."""

    fixture: str
    shelf: int
    x_m: float
    z_m: float
    """Height of the goods' middle, where a hand grasps."""


class Shop(Protocol):
    """The shop around a person: what is where, and what people do to it. Times are seconds from the start."""

    store: Store
    world: World
    floor: Floor
    settings: Settings
    on_scales: list[Facing]
    """Facings of which at least one plate has a load cell."""
    actors: dict[str, "Actor"]
    """Who is inside."""

    def standing(self, but: "Actor") -> list[tuple[float, float]]:
        """Where the others stand or are about to stand."""

    def shake_walk(self, actor: "Actor", start_s: float, end_s: float, points: Sequence[tuple[float, float]]) -> None:
        """The footfalls of a walk."""

    def shake(self, t_s: float, x_m: float, y_m: float, force: float) -> None:
        """Something shakes the floor."""

    def press(self, on: Resting, start_s: float, seconds: float, grams: float) -> None:
        """A hand loads what lies under an item for a while."""

    def change(self, on: Resting, start_s: float, seconds: float, grams: float) -> None:
        """The load of an item comes or goes."""

    def moved(
        self,
        actor: "Actor",
        action: str,
        gtin: str,
        masses_g: Sequence[float],
        source: Place,
        target: Place,
        span_s: tuple[float, float],
    ) -> None:
        """Record one move in the truth."""

    def look(self, actor: "Actor", side: int, gtin: str, place: tuple[str, int, float], t_s: float) -> None:
        """A hand has a product at a place."""

    def note(self, name: str, value: str, t_s: float = 0.0) -> None:
        """State a fact about the recording."""


@dataclass(slots=True, eq=False)
class Actor:
    """A person in the shop. Times are seconds from the start of the simulation; `now` is when its script goes on."""

    id: str
    build: Build
    motion: Motion
    sim: "Shop"
    rng: np.random.Generator
    now: float
    party: str = ""
    visit: str = ""
    role: str = "shopper"
    door: tuple[float, float] = (0.0, 0.0)
    staying: tuple[float, float] | None = None
    """Where it stands, so that others keep clear."""

    @property
    def held(self) -> list[Item]:
        """What it holds, the oldest first."""
        return self.sim.world.holding.get(self.id, [])

    def side(self) -> int:
        """The hand it uses: mostly the one it is used to. 0 left, 1 right."""
        usual = 1 if self.build.handed == "right" else 0
        if self.build.kind == "child_in_arms":
            return 1
        return usual if self.rng.random() < 0.85 else 1 - usual

    def spot_of(self, facing: Facing) -> Spot:
        """Where the goods of a facing are grasped."""
        box = self.sim.store.box(facing)
        low, high = box.low_m, box.high_m
        return Spot(facing.fixture, facing.shelf, (low[0] + high[0]) / 2, low[2] + 0.45 * min(high[2] - low[2], 0.3))

    def spot_at(self, resting: Resting) -> Spot:
        """Where an item on a shelf is grasped."""
        shelf = self.sim.store.shelf(resting.fixture, resting.shelf)
        return Spot(resting.fixture, resting.shelf, resting.x_m, shelf.z_m + 0.45 * min(shelf.height_m, 0.3))

    def wait(self, seconds: float) -> Script:
        """Stand still."""
        self.now += seconds
        yield self.now

    def until(self, t_s: float) -> Script:
        """Go on at an instant."""
        self.now = max(self.now, t_s)
        yield self.now

    def walk_to(self, x_m: float, y_m: float, face: float | None = None) -> Script:
        """Walk the shortest free way to a place and turn to `face` (radians; None: as it comes)."""
        x, y, heading, _ = self.motion.place(self.now)
        points = self.sim.floor.way((x, y), (x_m, y_m))
        if face is None:
            face = atan2(y_m - points[-2][1], x_m - points[-2][0]) if hypot(x_m - x, y_m - y) > 0.05 else heading
        self.staying = (x_m, y_m)
        arrival = self.motion.walk(self.now, points, face)
        self.sim.shake_walk(self, self.now, arrival, points)
        self.now = arrival
        yield self.now

    def approach(self, spot: Spot) -> Script:
        """Walk to where a shopper stands to reach a spot, clear of whoever stands there."""
        fixture = self.sim.store.fixture(spot.fixture)
        x0 = spot.x_m + 0.1 * float(self.rng.standard_normal())
        away = 0.42 + 0.08 * float(self.rng.random())
        others = self.sim.standing(self)
        best, best_cost = fixture.to_store(x0, -away, 0.0)[:2], 1e9
        for dx in (0.0, 0.2, -0.2, 0.4, -0.4, 0.6, -0.6):
            for back in (0.0, 0.3):
                px, py, _ = fixture.to_store(x0 + dx, -away - back, 0.0)
                near = min((hypot(px - ox, py - oy) for ox, oy in others), default=9.0)
                cost = abs(dx) + 2 * back + 4 * max(0.0, 0.45 - near) + (0.0 if self.sim.floor.is_free(px, py) else 3.0)
                if cost < best_cost - 1e-9:
                    best, best_cost = (px, py), cost
        px, py = best
        tx, ty, _ = fixture.to_store(spot.x_m, 0.1, 0.0)
        yield from self.walk_to(px, py, atan2(ty - py, tx - px))

    def grasp_point(self, spot: Spot) -> tuple[float, float, float]:
        """Where the wrist goes for a spot, store frame, metres: a few centimetres in front of the goods."""
        fixture = self.sim.store.fixture(spot.fixture)
        off = float(self.rng.uniform(*c.WRIST_TO_FACING_M))
        return fixture.to_store(
            spot.x_m + 0.01 * float(self.rng.standard_normal()),
            -off,
            spot.z_m + 0.02 * float(self.rng.standard_normal()),
        )

    def send_hand(self, side: int, spot: Spot, seconds: float = 0.7) -> float:
        """Start a reach now; the second at which the hand arrives. Nothing else happens."""
        point = self.grasp_point(spot)
        self.motion.hand(side, self.now, 0.0, point)
        self.motion.hand(side, self.now + seconds, 1.0, point)
        return self.now + seconds

    def draw_hand(self, side: int, at_s: float, seconds: float = 0.6) -> float:
        """Bring a hand back to rest from wherever it is at `at_s`; the second at which it is back."""
        keys = self.motion.point(side)
        self.motion.hand(side, at_s, 1.0, keys)
        self.motion.hand(side, at_s + seconds, 0.0, keys)
        return at_s + seconds

    def reach(self, spot: Spot, side: int) -> Script:
        """Reach for a spot; goes on when the hand is there."""
        self.now = self.send_hand(side, spot, float(self.rng.uniform(0.5, 0.9)))
        yield self.now

    def withdraw(self, side: int) -> Script:
        """Bring the hand back to rest."""
        self.now = self.draw_hand(side, self.now, float(self.rng.uniform(0.4, 0.7)))
        yield self.now

    def load_g(self) -> float:
        """How hard the hand presses this time, grams."""
        return float(self.rng.uniform(*c.HAND_LOAD_G)) * self.sim.settings.hand_load

    def press(self, on: Resting, seconds: float, grams: float) -> None:
        """Load an item with the hand for a while from `now` on; grams stand for an ordinary hand load or less."""
        self.sim.press(on, self.now, seconds, grams * min(self.sim.settings.hand_load, 1.0))
        self._show(on.item.gtin, (on.fixture, on.shelf, on.x_m), self.now + seconds / 2)

    def _show(self, gtin: str, place: tuple[str, int, float], t_s: float) -> None:
        """Show a product in the hand at a place to whoever looks: in the nearer hand of those that are out."""
        fixture, shelf, x_m = place
        board = self.sim.store.shelf(fixture, shelf)
        at = self.sim.store.fixture(fixture).to_store(x_m, 0.0, board.z_m)
        sides = [side for side in (0, 1) if self.motion.out(side)] or [1 if self.build.handed == "right" else 0]
        self.sim.look(self, min(sides, key=lambda side: dist(self.motion.point(side), at)), gtin, place, t_s)

    def lift(
        self, items: Sequence[Resting], action: str = "take", press_s: float = -1.0, over_s: float = -1.0
    ) -> float:
        """Lift items off a shelf from `now` on: press, then lift. Returns when they are off; negative: as usual."""
        press_s = press_s if press_s >= 0 else c.HAND_LOAD_S * float(self.rng.uniform(0.6, 1.4))
        over_s = over_s if over_s >= 0 else float(self.rng.uniform(*c.LIFT_S))
        load_g = self.load_g()
        off_s = self.now + press_s
        first = items[0]
        self.sim.press(first, self.now, press_s, load_g)
        for resting in items:
            self.sim.change(resting, off_s, over_s, -resting.item.mass_g)
            self.sim.world.lift(resting)
            self.sim.world.hold(self.id, resting.item)
        masses = [resting.item.mass_g for resting in items]
        plates = tuple(sorted({plate for resting in items for plate in resting.plates}))
        source = Place("plates", first.fixture, first.shelf, plates)
        self._show(first.item.gtin, (first.fixture, first.shelf, first.x_m), off_s + over_s)
        self.sim.moved(self, action, first.item.gtin, masses, source, self.hands, (self.now, off_s + over_s))
        return off_s + over_s

    def set_down(self, items: Sequence[Item], spot: Spot, action: str = "return") -> float:
        """Set items down on a shelf at `now`; returns when the hand lets go. ValueError for items not held."""
        over_s = float(self.rng.uniform(*c.SET_DOWN_S))
        rested = []
        for item in items:
            self.sim.world.release(self.id, item)
            rested.append(self.sim.world.rest(item, spot.fixture, spot.shelf, spot.x_m))
            self.sim.change(rested[-1], self.now, over_s, item.mass_g)
        self._show(items[0].gtin, (spot.fixture, spot.shelf, spot.x_m), self.now)
        stay_s = c.HAND_LOAD_S * float(self.rng.uniform(0.5, 1.5))
        self.sim.press(rested[0], self.now, stay_s + over_s, self.load_g())
        plates = tuple(sorted({plate for resting in rested for plate in resting.plates}))
        target = Place("plates", spot.fixture, spot.shelf, plates)
        source = self.hands if self.role == "shopper" else Place("outside")
        masses = [item.mass_g for item in items]
        self.sim.moved(self, action, items[0].gtin, masses, source, target, (self.now, self.now + over_s))
        return self.now + over_s + stay_s

    def shift(self, resting: Resting, x_m: float) -> None:
        """Slide an item along its shelf to a new centre, now."""
        over_s = float(self.rng.uniform(0.3, 0.6))
        at = (resting.fixture, resting.shelf)
        plates = self.sim.store.shelf(*at).plates
        x_m = min(max(x_m, min(p.x_m for p in plates)), max(p.x_m + p.width_m for p in plates))
        item = self.sim.world.lift(resting)
        after = self.sim.world.rest(item, *at, x_m)
        self.sim.change(resting, self.now, over_s, -item.mass_g)
        self.sim.change(after, self.now, over_s, item.mass_g)
        source, target = Place("plates", *at, resting.plates), Place("plates", *at, after.plates)
        self.sim.moved(self, "shift", item.gtin, [item.mass_g], source, target, (self.now, self.now + over_s))

    @property
    def hands(self) -> Place:
        """Its hands, as truth names them."""
        return Place("shopper", shopper=self.id)
