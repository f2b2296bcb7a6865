"""Tricks of somebody who wants to leave with more than the receipt says, as scales and skeletons see them."""

from walkout.store.planogram import Facing
from walkout.twin.actor import Actor, Script
from walkout.twin.behaviours import goods, put_back, some_facing, take
from walkout.twin.world import Item

CLOSE_G = 6.0
"""Two products are as good as equal to a scale when their masses differ by less."""


def _equals(me: Actor, facing: Facing) -> list[Facing]:
    """Facings of other products with nearly the same mass, the nearest in mass first."""
    world = me.sim.world
    mass_g = world.mass_g(facing.gtin) or 0.0
    found = [f for f in me.sim.on_scales if f.gtin != facing.gtin and goods(me, f, 1)]
    near = [f for f in found if abs((world.mass_g(f.gtin) or 0.0) - mass_g) < CLOSE_G]
    return sorted(near, key=lambda f: (abs((world.mass_g(f.gtin) or 0.0) - mass_g), f.gtin))


def _pair(me: Actor) -> tuple[Facing, Facing] | None:
    """A facing and one of nearly the same mass, drawn at random; None where the shop has no such pair."""
    for _ in range(20):
        facing = some_facing(me)
        if facing is not None and (near := _equals(me, facing)):
            return facing, near[0]
    return None


def _last_taken(me: Actor, before: int) -> Item | None:
    return me.held[-1] if len(me.held) > before else None


def equal_mass_swap(me: Actor) -> Script:
    """Take one product, put it where another of the same mass stands, and take that one."""
    pair = _pair(me)
    if pair is None:
        yield from take(me)
        return
    before = len(me.held)
    yield from take(me, pair[0])
    item = _last_taken(me, before)
    if item is not None:
        yield from put_back(me, item, me.spot_of(pair[1]), "misplace")
        yield from take(me, pair[1])


def return_a_cheaper(me: Actor) -> Script:
    """Take two of nearly the same mass and put one back where the other was taken."""
    pair = _pair(me)
    if pair is None:
        yield from take(me)
        return
    before = len(me.held)
    yield from take(me, pair[0])
    first = _last_taken(me, before)
    yield from take(me, pair[1])
    if first is not None:
        yield from put_back(me, first, me.spot_of(pair[1]), "misplace")


def leaning_take(me: Actor) -> Script:
    """Lean on the shelf with one hand while the other takes: the scale sees the weight rise before it falls."""
    facing = some_facing(me)
    items = goods(me, facing, 1) if facing else []
    if not items:
        return
    spot = me.spot_at(items[0])
    yield from me.approach(spot)
    for side in (0, 1):
        me.send_hand(side, spot)
    yield from me.wait(0.9)
    lean_s = float(me.rng.uniform(2.0, 4.0))
    me.press(items[0], lean_s, float(me.rng.uniform(300.0, 900.0)))
    yield from me.wait(0.4 * lean_s)
    if items[0] in goods(me, facing, 99) if facing else False:
        me.lift(items)
    yield from me.wait(0.6 * lean_s + 0.3)
    back = max(me.draw_hand(side, me.now) for side in (0, 1))
    yield from me.until(back)


def creeping_take(me: Actor) -> Script:
    """Lift so slowly that the change looks like drift."""
    yield from take(me, over_s=float(me.rng.uniform(15.0, 30.0)))


def hidden_return(me: Actor) -> Script:
    """Take two and put only one back, quickly, at the same place."""
    facing = some_facing(me)
    if facing is None:
        return
    before = len(me.held)
    yield from take(me, facing, count=2)
    item = _last_taken(me, before)
    if item is not None:
        yield from put_back(me, item, me.spot_of(facing))


TRICKS = {
    "equal_mass_swap": equal_mass_swap,
    "return_a_cheaper": return_a_cheaper,
    "leaning_take": leaning_take,
    "creeping_take": creeping_take,
    "hidden_return": hidden_return,
}
"""By the name that suites and truth use."""
