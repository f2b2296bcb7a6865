"""Hands that meet, and hands that go to the floor: what may have changed hands though no scale felt it.

Two hands meet when they come nearer than `MEET_M`, away from all goods, and at least one of them is held out: hands
that hang beside each other in a queue meet all the time. A hand is at the floor when it is lower than `LOW_M`, not
before a fixture, and not on its way to or from goods that stand low. Figures: docs/design/people.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from math import exp, hypot
from typing import Literal

from walkout.recording.people import Joint, PeopleFrame, Person
from walkout.store.layout import Fixture

SECOND_NS = 1_000_000_000

MEET_M = 0.12
"""Wrist to wrist while something passes between two hands; 23 of 23 hand-overs of tuning seeds came within 0.085 m."""
OUT_M = 0.25
"""How far the two wrists together are from where they hang: out along the floor, or up."""
GOODS_M = 0.15
"""Hands as near as this to a fixture are at the goods, not at each other."""
LOW_M = 0.30
"""A hand on the floor: the lowest shelf's goods are reached from the front of the fixture, within `GOODS_M`."""
UP_M = 0.6
"""A hand that was lower than this at goods comes from them until it is higher, or further than `ARM_M` from them: who
crouches before the lowest shelf stays low. Assumed: about the knee of somebody who stands."""
ARM_M = 0.7
MEET_S, LOW_S = 0.4, 0.15
"""For less than this nothing passes; seconds from the first to the last frame."""
APART_S = 0.4
"""Hands that were apart for so long have finished."""
REST_S = 20.0
"""How a hand hangs is an average over about so long: a pushchair's handle or a wheelchair's wheels are rest too."""


@dataclass(frozen=True, slots=True, order=True)
class Touch:
    """Hands that met (two people), or a hand that went to the floor (one); ordered: both hands may go there at once."""

    kind: Literal["hands", "floor"]
    people: tuple[str, ...]
    """Sorted."""
    start_ns: int
    end_ns: int
    nearest_m: float
    """Between the wrists, or of the wrist above the floor."""
    x_m: float
    y_m: float
    """Where it was nearest, store frame."""


@dataclass(slots=True)
class Touches:
    """Finds touches in frames given in event time; what it keeps is bounded by the people in sight."""

    fixtures: Sequence[Fixture]
    rests: dict[tuple[str, str], tuple[float, float, int]] = field(default_factory=dict)
    """How each hand hangs: from its shoulder along the floor and below it, metres; and when that was last seen."""
    open: dict[tuple[str, ...], Touch] = field(default_factory=dict)
    crouching: dict[tuple[str, str], int] = field(default_factory=dict)
    """Hands that have been at low goods and not up since; and when that was last seen."""

    def see(self, frame: PeopleFrame) -> tuple[Touch, ...]:
        """Take a frame; the touches that are over by then, in order."""
        over = [key for key, touch in self.open.items() if frame.t_ns - touch.end_ns > APART_S * SECOND_NS]
        found = [self.open.pop(key) for key in sorted(over)]
        hands = {person.id: _wrists(person) for person in frame.people}
        out = {person.id: self._out(person, hands[person.id], frame.t_ns) for person in frame.people}
        for a, b in combinations(sorted(hands), 2):
            self._meet((a, b), hands, out, frame.t_ns)
        for person, wrists in sorted(hands.items()):
            for side, wrist in sorted(wrists.items()):
                self._lower(person, side, wrist, frame.t_ns)
        long_ago_ns = frame.t_ns - round(2 * REST_S * SECOND_NS)
        self.rests = {key: rest for key, rest in self.rests.items() if rest[2] > long_ago_ns}
        self.crouching = {hand: t_ns for hand, t_ns in self.crouching.items() if t_ns > long_ago_ns}
        return _long_enough(found)

    def finish(self) -> tuple[Touch, ...]:
        """What is not over yet, as if it were."""
        found = [self.open[key] for key in sorted(self.open)]
        self.open.clear()
        return _long_enough(found)

    def _meet(
        self,
        pair: tuple[str, str],
        hands: Mapping[str, Mapping[str, Joint]],
        out: Mapping[str, Mapping[str, float]],
        t_ns: int,
    ) -> None:
        a, b = pair
        for (i, x), (j, y) in product(sorted(hands[a].items()), sorted(hands[b].items())):
            apart_m = hypot(x.x_m - y.x_m, x.y_m - y.y_m, x.z_m - y.z_m)
            if apart_m > MEET_M or out[a][i] + out[b][j] < OUT_M:
                continue
            at_x, at_y = (x.x_m + y.x_m) / 2, (x.y_m + y.y_m) / 2
            if not self._at_goods(at_x, at_y):
                self._go_on(pair, Touch("hands", pair, t_ns, t_ns, apart_m, at_x, at_y))

    def _lower(self, person: str, side: str, wrist: Joint, t_ns: int) -> None:
        hand = (person, side)
        if wrist.z_m >= UP_M or not self._at_goods(wrist.x_m, wrist.y_m, ARM_M):
            self.crouching.pop(hand, None)
        if wrist.z_m >= UP_M:
            return
        if self._at_goods(wrist.x_m, wrist.y_m):
            self.crouching[hand] = t_ns
            self.open.pop(hand, None)  # it was on its way there
        elif hand in self.crouching:
            self.crouching[hand] = t_ns
        elif wrist.z_m < LOW_M:
            self._go_on(hand, Touch("floor", (person,), t_ns, t_ns, wrist.z_m, wrist.x_m, wrist.y_m))

    def _go_on(self, key: tuple[str, ...], now: Touch) -> None:
        before = self.open.get(key)
        if before is not None and before.kind == now.kind:
            nearer = min(before, now, key=lambda touch: touch.nearest_m)
            now = Touch(now.kind, now.people, before.start_ns, now.end_ns, nearer.nearest_m, nearer.x_m, nearer.y_m)
        self.open[key] = now

    def _out(self, person: Person, wrists: Mapping[str, Joint], t_ns: int) -> dict[str, float]:
        """How far each hand is from where it hangs, outward and upward, metres; and learn from it."""
        found = {}
        for side, wrist in wrists.items():
            shoulder = person.joints.get(f"{side}_shoulder") or person.joints.get("neck")
            if shoulder is None:
                found[side] = 0.0
                continue
            far_m = hypot(wrist.x_m - shoulder.x_m, wrist.y_m - shoulder.y_m)
            down_m = shoulder.z_m - wrist.z_m
            rest_m, below_m, seen_ns = self.rests.get((person.id, side), (min(far_m, 0.1), max(down_m, 0.4), t_ns))
            learn = 1.0 - exp(-(t_ns - seen_ns) / SECOND_NS / REST_S)
            learnt = rest_m + learn * (far_m - rest_m), below_m + learn * (down_m - below_m)
            self.rests[person.id, side] = *learnt, t_ns
            found[side] = hypot(max(0.0, far_m - rest_m), max(0.0, below_m - down_m))
        return found

    def _at_goods(self, x_m: float, y_m: float, within_m: float = GOODS_M) -> bool:
        for fixture in self.fixtures:
            x, y, _ = fixture.to_fixture(x_m, y_m, 0.0)
            if hypot(max(0.0, -x, x - fixture.width_m), max(0.0, -y, y - fixture.depth_m)) <= within_m:
                return True
        return False


def _wrists(person: Person) -> dict[str, Joint]:
    return {side: joint for side in ("l", "r") if (joint := person.joints.get(f"{side}_wrist")) is not None}


def _long_enough(found: Sequence[Touch]) -> tuple[Touch, ...]:
    least = {"hands": MEET_S * SECOND_NS, "floor": LOW_S * SECOND_NS}
    return tuple(touch for touch in found if touch.end_ns - touch.start_ns >= least[touch.kind])
