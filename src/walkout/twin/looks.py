"""What a classifier of products makes of a hand at a shelf: how likely each product nearby looks.

Every product has a point in a space of looks, drawn from its GTIN: one of a few families of packaging, and what is its
own. A picture is the true product's point plus normal noise of `confusion` in each direction, and a product's
likelihood is the density of that noise at the picture: a softmax of the noisy similarity. So likelihoods are honest
(among looks that give 0.7 to a product, it is that product 7 times in 10, where the candidates are equally common),
and products of one family are taken for each other most. The space and its scale are chosen: no public data shows them.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from walkout.recording.look import Look
from walkout.store.shop import Store
from walkout.twin.actor import Actor
from walkout.twin.seeds import number, stream
from walkout.twin.skeletons import Tracker
from walkout.twin.world import World

REACH_M = 0.25
"""Products whose facing or item is nearer to the hand than this, along the shelf and in height, are compared."""
LAG_S = (0.05, 0.20)
"""From the picture to the recorder: least, most. Chosen."""
DIRECTIONS, FAMILIES, OWN = 8, 6, 0.18
"""Families lie sqrt 2 apart, products of one family about 0.7: OWN is the spread in each direction. Chosen."""


@cache
def appearance(gtin: str) -> NDArray[np.float64]:
    """A product's point in the space of looks, shape (8,)."""
    point = OWN * stream(number("looks", gtin) >> 1, "own").standard_normal(DIRECTIONS)
    point[number("family of looks", gtin) % FAMILIES] += 1.0
    return point


def likelihoods(gtin: str, among: Sequence[str], confusion: float, drawn: NDArray[np.float64]) -> dict[str, float]:
    """How likely each product is by a picture of one of them; they sum to 1, in the order of GTINs.

    Args:
        gtin: The product that is seen.
        among: The products compared; it is among them.
        confusion: Noise of the picture in each direction; 0: no doubt.
        drawn: Standard normal numbers, shape (8,).
    """
    gtins = sorted({*among, gtin})
    if confusion <= 0.0:
        return {other: float(other == gtin) for other in gtins}
    seen = appearance(gtin) + confusion * drawn
    far = np.array([float(((seen - appearance(other)) ** 2).sum()) for other in gtins])
    weights = np.exp((far.min() - far) / (2.0 * confusion**2))
    return {other: round(float(w), 6) for other, w in zip(gtins, weights / weights.sum(), strict=True)}


class Viewed(Protocol):
    """The shop that is looked at."""

    store: Store
    world: World
    seed: int
    tracker: Tracker

    def ns(self, t_s: float) -> int:
        """An instant as UTC nanoseconds, to the microsecond."""


class Looks:
    """Makes looks of what hands touch; draws from a stream of its own, so that nothing else changes by it."""

    def __init__(self, sim: Viewed, confusion: float) -> None:
        self._sim, self._confusion = sim, confusion
        self._rng = stream(sim.seed, "looks")
        self._boxes: dict[str, list[tuple[str, float, float, float, float]]] = {}
        for facing in sim.world.planogram:
            low, high = (box := sim.store.box(facing)).low_m, box.high_m
            self._boxes.setdefault(facing.fixture, []).append((facing.gtin, low[0], high[0], low[2], high[2]))

    def nearby(self, fixture: str, shelf: int, x_m: float) -> list[str]:
        """GTINs whose facings, or whose items on this shelf, are within reach of a hand there, in order."""
        of = self._sim.store.shelf(fixture, shelf)
        z_m = of.z_m + 0.45 * min(of.height_m, 0.3)
        found = {
            gtin
            for gtin, left_m, right_m, low_m, high_m in self._boxes.get(fixture, ())
            if left_m - REACH_M <= x_m <= right_m + REACH_M and low_m - REACH_M <= z_m <= high_m + REACH_M
        }
        lying = self._sim.world.resting.get((fixture, shelf), ())
        return sorted(found | {resting.item.gtin for resting in lying if abs(resting.x_m - x_m) <= REACH_M})

    def see(self, actor: Actor, side: int, gtin: str, place: tuple[str, int, float], t_s: float) -> Callable[[], Look]:
        """What comes out when somebody's hand has a product at a place (fixture, shelf, metres along it).

        Asked for at its time, as the tracker may know the person under another id by then.
        """
        fixture, shelf, _ = place
        drawn = self._rng.standard_normal(DIRECTIONS)
        lag_ns = round(1e9 * float(self._rng.uniform(*LAG_S)))
        likely = likelihoods(gtin, self.nearby(*place), self._confusion, drawn)

        def look() -> Look:
            t_ns, person = self._sim.ns(t_s), self._sim.tracker.id_of(actor)
            return Look(t_ns, t_ns + lag_ns, person, "right" if side else "left", fixture, shelf, likely)

        return look
