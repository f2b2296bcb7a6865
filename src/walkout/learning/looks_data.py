"""Batches of invented goods without end, from a seed: a pool of families that is renewed bit by bit."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from walkout.learning.goods_pictures import Goods, Picture, family
from walkout.learning.goods_views import background, view

FAMILIES, MEMBERS = 300, 3
"""Families in the pool, products in each."""
RENEWED = 3
"""Families that are replaced before each batch."""
_BACKGROUNDS = 150
_FRESH_BACKGROUNDS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Pictures uint8 (n, 96, 96, 3) RGB, masks uint8 (n, 96, 96), products int64 (n,), pixels across float64 (n,)."""

    pictures: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    products: NDArray[np.int64]
    across: NDArray[np.float64]


class Supply:
    """Draws batches; `drawn` counts the products invented so far."""

    def __init__(self, seed: int, families: int | None = None, members: int = MEMBERS) -> None:
        families = FAMILIES if families is None else families
        cv2.setNumThreads(1)
        self._rng, self._members = np.random.default_rng(seed), members
        self._pool = [family(self._rng, members) for _ in range(families)]
        self.drawn = families * members
        everything = self._everything()
        self._behind: list[Picture] = [background(everything, self._rng) for _ in range(_BACKGROUNDS)]

    def renew(self) -> None:
        """Replace some families and backgrounds."""
        for k in self._rng.choice(len(self._pool), RENEWED, replace=False):
            self._pool[int(k)] = family(self._rng, self._members)
            self.drawn += self._members
        everything = self._everything()
        for k in self._rng.choice(_BACKGROUNDS, _FRESH_BACKGROUNDS, replace=False):
            self._behind[int(k)] = background(everything, self._rng)

    def batch(self, families: int, views: int) -> Batch:
        """So many views of every member of so many families."""
        chosen = self._rng.choice(len(self._pool), families, replace=False)
        return self.views([goods for k in chosen for goods in self._pool[int(k)]], views)

    def all(self, views: int) -> Batch:
        """So many views of every product in the pool, in order of family and member."""
        return self.views(self._everything(), views)

    def views(self, products: list[Goods], views: int) -> Batch:
        """So many views of each of these products."""
        some = [goods for k in self._rng.choice(len(self._pool), 8) for goods in self._pool[int(k)]]
        drawn = [view(goods, some, self._behind, self._rng) for goods in products for _ in range(views)]
        return Batch(
            np.stack([picture for picture, _, _ in drawn]),
            np.stack([mask for _, mask, _ in drawn]),
            np.repeat(np.arange(len(products)), views),
            np.array([across for _, _, across in drawn]),
        )

    def _everything(self) -> list[Goods]:
        return [goods for members in self._pool for goods in members]
