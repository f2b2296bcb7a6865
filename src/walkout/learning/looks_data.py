"""Batches of invented goods without end, from a seed: a pool of families that is renewed bit by bit."""

import multiprocessing
import queue
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

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


def batches(
    seed: int, families: int, views: int, workers: int, ahead: int = 4
) -> Generator[tuple[Batch, int], None, None]:
    """Batches without end, and how many products were invented so far; several workers each have a pool of their own.

    The batches come from the workers in turn, so they follow from the seed and the number of workers. Leaving the loop
    stops the workers.
    """
    if workers == 0:
        supply = Supply(seed)
        while True:
            supply.renew()
            yield supply.batch(families, views), supply.drawn
    context = multiprocessing.get_context("spawn")
    queues = [context.Queue(ahead) for _ in range(workers)]
    running = [
        context.Process(target=_draw, args=(seed + 104_729 * (k + 1), families, views, queues[k]), daemon=True)
        for k in range(workers)
    ]
    for process in running:
        process.start()
    drawn = [0] * workers
    try:
        while True:
            for k in range(workers):
                parts, drawn[k] = _next(queues[k], running[k])
                yield Batch(*parts), sum(drawn)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.join()
        for waiting in queues:
            waiting.cancel_join_thread()
            waiting.close()


def _next(waiting: Any, worker: Any) -> Any:
    """A worker's next answer; RuntimeError if it died without one."""
    while True:
        try:
            return waiting.get(timeout=1.0)
        except queue.Empty:
            if not worker.is_alive() and waiting.empty():
                raise RuntimeError(f"a worker that draws goods died (status {worker.exitcode})") from None


def _draw(seed: int, families: int, views: int, answers: Any) -> None:
    for made, drawn in batches(seed, families, views, 0):
        answers.put(((made.pictures, made.masks, made.products, made.across), drawn))
