"""A shopper whom somebody plays: it waits in the shop for what it is told, does it, and leaves when it is told to."""

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from walkout.store.planogram import Facing
from walkout.twin import behaviours as b
from walkout.twin.actor import Actor, Script, Spot

Action = Literal["walk", "take", "take_two", "put_back", "hide", "leave"]
ACTIONS: tuple[Action, ...] = ("walk", "take", "take_two", "put_back", "hide", "leave")
IDLE_S = 0.4
"""How often it looks whether it was told anything."""
HOME_AFTER_S = 300.0
"""Whoever is told nothing for so long goes home."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing to do; `facing` where a place is needed, `gtin` for what to put back (else the last taken)."""

    action: Action
    facing: Facing | None = None
    gtin: str | None = None


@dataclass(slots=True, eq=False)
class Puppet:
    """Between whoever plays and the twin: wishes go in at any time, what was done comes out."""

    wishes: deque[Wish] = field(default_factory=deque)
    done: list[str] = field(default_factory=list)
    """What was done, in plain words, the oldest first."""
    actor: Actor | None = None
    gone: bool = False

    def wish(self, wish: Wish) -> None:
        """Do this next, after what was wished before."""
        self.wishes.append(wish)

    @property
    def held(self) -> tuple[str, ...]:
        """The GTINs of what it really holds: the truth, which the shop does not know."""
        return tuple(item.gtin for item in self.actor.held) if self.actor is not None else ()

    def behaviour(self, me: Actor) -> Script:
        """The script that the twin runs."""
        self.actor = me
        idle_s = 0.0
        while idle_s < HOME_AFTER_S:
            if not self.wishes:
                yield from me.wait(IDLE_S)
                idle_s += IDLE_S
                continue
            idle_s = 0.0
            wish = self.wishes.popleft()
            if wish.action == "leave":
                break
            yield from self._do(me, wish)
        self.done.append("left")
        self.gone = True

    def _do(self, me: Actor, wish: Wish) -> Script:
        before = len(me.held)
        if wish.action == "walk" and wish.facing is not None:
            yield from me.approach(me.spot_of(wish.facing))
            self.done.append("walked there")
        elif wish.action in ("take", "take_two") and wish.facing is not None:
            yield from b.take(me, wish.facing, 2 if wish.action == "take_two" else 1)
            self.done.append(f"took {len(me.held) - before}")
        elif wish.action == "put_back" and me.held:
            item = next((item for item in reversed(me.held) if wish.gtin in (None, item.gtin)), me.held[-1])
            home = next((f for f in me.sim.world.planogram if f.gtin == item.gtin), None)
            to = wish.facing or home
            if to is not None:
                spot: Spot = me.spot_of(to)
                yield from b.put_back(me, item, spot, "return" if to.gtin == item.gtin else "misplace")
                self.done.append("put one back")
        elif wish.action == "hide" and me.held:
            yield from _hide(me)
            self.done.append("hid it under the coat")
        else:
            yield from me.wait(IDLE_S)
            self.done.append(f"could not {wish.action.replace('_', ' ')}")


def _hide(me: Actor) -> Script:
    """Put what it holds out of sight: a hand goes into the coat. It is still taken."""
    side = me.side()
    x, y, _, _ = me.motion.place(me.now)
    me.motion.hand(side, me.now, 0.0, (x, y, 0.95))
    me.motion.hand(side, me.now + 0.5, 1.0, (x, y, 0.95))
    yield from me.wait(0.8)
    yield from me.withdraw(side)
