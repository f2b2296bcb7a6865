"""What shoppers do, one small named script each. Scripts compose: a visit is a row of them."""

from collections.abc import Callable, Sequence

from walkout.recording.truth import Place
from walkout.store.planogram import Facing
from walkout.twin.actor import Actor, Behaviour, Script, Spot
from walkout.twin.world import Item, Resting

BUMP_FORCE = 9.0
"""A knock against a shelf, in the units of `constants.STEP_FORCE`. Chosen."""


def some_facing(me: Actor, but: Sequence[str] = ()) -> Facing | None:
    """A facing that has goods on scales, drawn at random; None where nothing is left."""
    sim = me.sim
    full = [
        facing
        for facing in sim.on_scales
        if facing.gtin not in but and sim.world.has(facing.gtin, facing.fixture, facing.shelf)
    ]
    return full[int(me.rng.integers(len(full)))] if full else None


def goods(me: Actor, facing: Facing, count: int) -> list[Resting]:
    """Up to `count` items of a facing."""
    box = me.sim.store.box(facing)
    near_m = (box.low_m[0] + box.high_m[0]) / 2
    return me.sim.world.of(facing.gtin, facing.fixture, facing.shelf, near_m)[:count]


def browse(me: Actor) -> Script:
    """Walk to some shelf, look, touch nothing."""
    facing = some_facing(me)
    if facing is not None:
        yield from me.approach(me.spot_of(facing))
    yield from me.wait(float(me.rng.uniform(1.0, 4.0)))


def leave_with_nothing(me: Actor) -> Script:
    """Look at two shelves and go."""
    yield from browse(me)
    yield from browse(me)


def take(
    me: Actor, facing: Facing | None = None, count: int = 1, press_s: float = -1.0, over_s: float = -1.0
) -> Script:
    """Walk to a facing and take items of it in one grip."""
    facing = facing or some_facing(me)
    if facing is None:
        return
    spot = me.spot_of(facing)
    yield from me.approach(spot)
    yield from me.wait(float(me.rng.uniform(0.2, 1.2)))
    side = me.side()
    items = goods(me, facing, count)
    if not items:
        return
    yield from me.reach(me.spot_at(items[0]), side)
    items = goods(me, facing, count)  # somebody may have been quicker
    if items:
        yield from me.until(me.lift(items, press_s=press_s, over_s=over_s))
    yield from me.withdraw(side)


def take_several(me: Actor) -> Script:
    """Take two or three of one product in one grip."""
    yield from take(me, count=int(me.rng.integers(2, 4)))


def take_one_by_one(me: Actor) -> Script:
    """Take two or three of one product, one after the other, fast."""
    facing = some_facing(me)
    for _ in range(int(me.rng.integers(2, 4))):
        yield from take(me, facing)


def slow_lift(me: Actor) -> Script:
    """Lift an item over many seconds."""
    yield from take(me, over_s=float(me.rng.uniform(3.0, 8.0)))


def hold_long_then_take(me: Actor) -> Script:
    """Rest a hand on the goods for seconds, then take one."""
    yield from take(me, press_s=float(me.rng.uniform(3.0, 7.0)))


def press_without_taking(me: Actor) -> Script:
    """Push the goods and take nothing."""
    facing = some_facing(me)
    items = goods(me, facing, 1) if facing else []
    if not items:
        return
    spot = me.spot_at(items[0])
    yield from me.approach(spot)
    side = me.side()
    yield from me.reach(spot, side)
    seconds = float(me.rng.uniform(0.5, 3.0))
    me.press(items[0], seconds, float(me.rng.uniform(60.0, 400.0)))
    yield from me.wait(seconds)
    yield from me.withdraw(side)


def hold_and_leave(me: Actor) -> Script:
    """Lift an item just off the shelf, look at it in place, set it down again where it was."""
    facing = some_facing(me)
    items = goods(me, facing, 1) if facing else []
    if not items:
        return
    spot = me.spot_at(items[0])
    yield from me.approach(spot)
    side = me.side()
    yield from me.reach(spot, side)
    if items[0] in me.sim.world.of(items[0].item.gtin, items[0].fixture, items[0].shelf):
        item = items[0].item
        yield from me.until(me.lift(items))
        yield from me.wait(float(me.rng.uniform(2.0, 6.0)))
        yield from me.until(me.set_down([item], spot))
    yield from me.withdraw(side)


def put_back(me: Actor, item: Item, spot: Spot, action: str = "return") -> Script:
    """Walk to a spot and set an item down there."""
    yield from me.approach(spot)
    yield from me.wait(float(me.rng.uniform(0.2, 0.8)))
    side = me.side()
    yield from me.reach(spot, side)
    yield from me.until(me.set_down([item], spot, action))
    yield from me.withdraw(side)


def return_one(me: Actor) -> Script:
    """Bring something held back to its own facing; take it first where nothing is held."""
    if not me.held:
        yield from take(me)
    if me.held:
        item = me.held[int(me.rng.integers(len(me.held)))]
        facing = next((f for f in me.sim.world.planogram if f.gtin == item.gtin), None)
        if facing is not None:
            yield from put_back(me, item, me.spot_of(facing))


def misplace(me: Actor) -> Script:
    """Take something and leave it on another product's facing."""
    before = len(me.held)
    yield from take(me)
    if len(me.held) > before:
        item = me.held[-1]
        other = some_facing(me, but=[item.gtin])
        if other is not None:
            yield from browse(me)
            yield from put_back(me, item, me.spot_of(other), "misplace")


def leave_on_floor(me: Actor) -> Script:
    """Take something, put it on the floor and go on without it."""
    before = len(me.held)
    yield from take(me)
    if len(me.held) > before:
        yield from browse(me)
        item = me.held[-1]
        start = me.now
        x, y, _, _ = me.motion.place(me.now)
        side = me.side()
        me.motion.hand(side, me.now, 0.0, (x, y, 0.1))
        me.motion.hand(side, me.now + 1.0, 1.0, (x, y, 0.1))
        yield from me.wait(1.0)
        me.sim.world.release(me.id, item)
        me.sim.world.floor.append((item, x, y))
        me.sim.moved(me, "floor", item.gtin, [item.mass_g], me.hands, Place("floor"), (start, me.now))
        yield from me.withdraw(side)


def pocket(me: Actor) -> Script:
    """Take something and put it out of sight; it is still taken."""
    yield from take(me)
    side = me.side()
    x, y, _, _ = me.motion.place(me.now)
    me.motion.hand(side, me.now, 0.0, (x, y, 0.95))
    me.motion.hand(side, me.now + 0.5, 1.0, (x, y, 0.95))
    yield from me.wait(0.8)
    yield from me.withdraw(side)


def two_hands(me: Actor) -> Script:
    """Take two neighbouring products at the same instant, one with each hand."""
    facing = some_facing(me)
    if facing is None:
        return
    x_m = me.spot_of(facing).x_m
    row = [
        f for f in me.sim.world.planogram if (f.fixture, f.shelf) == (facing.fixture, facing.shelf) and f is not facing
    ]
    row = [f for f in row if goods(me, f, 1)]
    if not row:
        yield from take(me, facing)
        return
    other = min(row, key=lambda f: (abs(me.spot_of(f).x_m - x_m), f.gtin))
    left, right = sorted((facing, other), key=lambda f: me.spot_of(f).x_m)
    yield from me.approach(me.spot_of(facing))
    arrive = max(me.send_hand(side, me.spot_of(f)) for side, f in ((0, left), (1, right)))
    yield from me.until(arrive)
    done = [me.lift(items) for f in (left, right) if (items := goods(me, f, 1))]
    yield from me.until(max(done, default=me.now))
    back = max(me.draw_hand(side, me.now) for side in (0, 1))
    yield from me.until(back)


def hand_over(giver: Actor, item: Item, receiver: Actor) -> None:
    """Pass an item from hand to hand, now."""
    sim = giver.sim
    sim.world.release(giver.id, item)
    sim.world.hold(receiver.id, item)
    span = (giver.now, giver.now + 0.4)
    sim.moved(giver, "hand_over", item.gtin, [item.mass_g], giver.hands, receiver.hands, span)


def bump(me: Actor) -> Script:
    """Walk to a shelf and knock against it."""
    yield from browse(me)
    x, y, _, _ = me.motion.place(me.now)
    me.sim.shake(me.now + 0.1, x, y, BUMP_FORCE * float(me.rng.uniform(0.5, 1.0)))
    yield from me.wait(0.5)


def rummage(me: Actor) -> Script:
    """Push the goods of a facing about: items slide to the side, none is taken."""
    facing = some_facing(me)
    if facing is None:
        return
    spot = me.spot_of(facing)
    yield from me.approach(spot)
    side = me.side()
    yield from me.reach(spot, side)
    for resting in goods(me, facing, 2):
        if resting not in goods(me, facing, 99):
            continue  # somebody took it meanwhile
        seconds = float(me.rng.uniform(0.6, 1.5))
        me.press(resting, seconds, float(me.rng.uniform(30.0, 150.0)))
        me.shift(resting, resting.x_m + float(me.rng.uniform(-0.04, 0.04)))
        yield from me.wait(seconds)
    yield from me.withdraw(side)


def named(name: str) -> Behaviour:
    """A behaviour of `BEHAVIOURS` that states its name in the truth when it begins."""

    def script(me: Actor) -> Script:
        me.sim.note("behaviour", f"{me.id} {name}", me.now)
        yield from BEHAVIOURS[name](me)

    return script


def restock(me: Actor) -> Script:
    """Staff fill up three facings."""
    for _ in range(3):
        facing = some_facing(me)
        if facing is None:
            return
        spot = me.spot_of(facing)
        yield from me.approach(spot)
        side = me.side()
        for _ in range(int(me.rng.integers(1, 4))):
            box = me.sim.store.box(facing)
            width_m = (box.high_m[0] - box.low_m[0]) / max(facing.facings, 1)
            item = me.sim.world.new_item(facing.gtin, width_m)
            me.sim.world.hold(me.id, item)
            yield from me.reach(spot, side)
            yield from me.until(me.set_down([item], spot, "restock"))
            yield from me.withdraw(side)


def sequence(*behaviours: Behaviour) -> Behaviour:
    """One behaviour after the other."""

    def script(me: Actor) -> Script:
        for behaviour in behaviours:
            yield from behaviour(me)

    return script


BEHAVIOURS: dict[str, Callable[[Actor], Script]] = {
    "browse": browse,
    "take": take,
    "take_several": take_several,
    "take_one_by_one": take_one_by_one,
    "return": return_one,
    "misplace": misplace,
    "hold_long_then_take": hold_long_then_take,
    "hold_and_leave": hold_and_leave,
    "slow_lift": slow_lift,
    "press": press_without_taking,
    "two_hands": two_hands,
    "floor": leave_on_floor,
    "pocket": pocket,
    "bump": bump,
    "rummage": rummage,
}
"""Behaviours of a single shopper, by the name that suites and truth use."""
