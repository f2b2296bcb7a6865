"""What two people do together: the moments that are hardest to tell apart."""

from walkout.store.planogram import Facing
from walkout.twin.actor import Actor, Behaviour, Meeting, Script
from walkout.twin.behaviours import browse, goods, hand_over, some_facing, take
from walkout.twin.world import Item


class Plan:
    """What two people agree on: a meeting and a facing, chosen by whoever comes first."""

    def __init__(self) -> None:
        self.meeting = Meeting(2)
        self.facings: tuple[Facing, ...] = ()

    def choose(self, me: Actor, *, neighbours: bool) -> tuple[Facing, ...]:
        """One facing, or two neighbours on a shelf; empty where the shop has none left."""
        if not self.facings:
            first = some_facing(me)
            if first is None:
                return ()
            row = [
                f
                for f in me.sim.world.planogram
                if (f.fixture, f.shelf) == (first.fixture, first.shelf) and f is not first and goods(me, f, 1)
            ]
            x_m = me.spot_of(first).x_m
            other = min(row, key=lambda f: (abs(me.spot_of(f).x_m - x_m), f.gtin)) if row and neighbours else first
            self.facings = tuple(sorted((first, other), key=lambda f: me.spot_of(f).x_m)) if neighbours else (first,)
        return self.facings


def same_facing(plan: Plan) -> Behaviour:
    """Two people take the same product at the same instant."""

    def script(me: Actor) -> Script:
        facings = plan.choose(me, neighbours=False)
        if facings:
            yield from me.approach(me.spot_of(facings[0]))
        yield plan.meeting
        if facings:
            side = me.side()
            yield from me.reach(me.spot_of(facings[0]), side)
            items = goods(me, facings[0], 1)
            if items:
                yield from me.until(me.lift(items))
            yield from me.withdraw(side)

    return script


def crossed_arms(plan: Plan, *, left: bool) -> Behaviour:
    """Two people stand side by side and each takes what stands before the other."""

    def script(me: Actor) -> Script:
        facings = plan.choose(me, neighbours=True)
        if facings:
            before = facings[0] if left else facings[-1]
            yield from me.approach(me.spot_of(before))
        yield plan.meeting
        if facings:
            wanted = facings[-1] if left else facings[0]
            side = 1 if left else 0
            yield from me.reach(me.spot_of(wanted), side)
            items = goods(me, wanted, 1)
            if items:
                yield from me.until(me.lift(items))
            yield from me.withdraw(side)

    return script


def _meet(me: Actor, other: Actor) -> Script:
    """Walk up to somebody and hold a hand out."""
    tx, ty, _, _ = other.motion.place(me.now)
    x = me.motion.place(me.now)[0]
    beside = 1 if x >= tx else -1
    yield from me.walk_to(*me.sim.floor.nearest(tx + 0.5 * beside, ty))
    point = (tx + 0.25 * beside, ty, 1.1)
    for actor, side in ((me, 1), (other, 0)):
        actor.motion.hand(side, me.now, 0.0, point)
        actor.motion.hand(side, me.now + 0.6, 1.0, point)
    yield from me.wait(0.7)


def give(meeting: Meeting) -> Behaviour:
    """Take something and hand it to whoever else comes to the meeting."""

    def script(me: Actor) -> Script:
        before = len(me.held)
        yield from take(me)
        item: Item | None = me.held[-1] if len(me.held) > before else None
        yield meeting
        other = next((actor for actor in meeting.actors if actor is not me), None)
        if other is None or item is None:
            return
        yield from _meet(me, other)
        hand_over(me, item, other)
        for actor, side in ((me, 1), (other, 0)):
            actor.draw_hand(side, me.now + 0.4)
        yield from me.wait(1.1)

    return script


def receive(meeting: Meeting) -> Behaviour:
    """Come to the meeting and wait there to be given something."""

    def script(me: Actor) -> Script:
        yield from browse(me)
        yield meeting
        yield from me.wait(8.0)

    return script
