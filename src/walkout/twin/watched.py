"""The cameras' pictures with their exact truth: who is on each pixel, and which pixels are heads."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from walkout.recording.camera import CameraFrame
from walkout.store.shop import Store
from walkout.twin.actor import Actor
from walkout.twin.camera.figure import Figure
from walkout.twin.camera.stage import PERSON_ID
from walkout.twin.film import Film, Scenery
from walkout.twin.settings import DEFAULT, Settings
from walkout.twin.simulation import Observation, Simulation

HEADS: Final = 1_000_000
"""Added to a person's number on the pixels of their head, and of the head of a child with them."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One picture with its truth: whose body or head each pixel shows, int32 (rows, columns); -1: nobody's.

    People are numbered in the order in which they came; `HEADS` is added for heads, a child's like its parent's.
    """

    camera: str
    t_s: float
    rgb: NDArray[np.uint8]
    people: NDArray[np.int32]


class Watched(Film):
    """The cameras' pictures, without compression, with who is on each pixel: for measuring what else sees people.

    `wanted` says at which seconds each camera is looked through; each picture is given to `look` and then forgotten.
    """

    def __init__(
        self,
        store: Store,
        seed: int,
        wanted: Mapping[str, Collection[float]],
        look: Callable[[Seen], None],
        settings: Settings = DEFAULT,
        scenery: Scenery | None = None,
    ) -> None:
        self._set_up(store, seed, settings, scenery)
        self._wanted, self._look = wanted, look
        self.names: dict[str, int] = {}
        """The number of each actor."""

    def frames(
        self, sim: Simulation, happened: Iterable[tuple[float, Observation]], from_s: float, to_s: float
    ) -> Iterator[tuple[float, CameraFrame]]:
        """Takes the pictures; yields nothing."""
        changes = self._changes(sim, happened)
        for eye in self._eyes:
            instants = [t_s for t_s in self._wanted.get(eye.camera.id, ()) if from_s <= t_s < to_s]
            moving = {t_s: self._moving(sim, t_s) for t_s in instants}
            for t_s, rgb, ids in eye.seen(sim, changes, moving):
                people = np.where(ids >= PERSON_ID, ids - PERSON_ID, np.int32(-1))
                self._look(Seen(eye.camera.id, t_s, rgb.copy(), people))
        yield from ()

    def _figure(self, actor: Actor, t_s: float) -> Figure:
        body = super()._figure(actor, t_s)
        self.names[actor.id] = body.id - PERSON_ID
        heads = set(body.heads)
        solids = [replace(s, id=s.id + HEADS) if k in heads else s for k, s in enumerate(body.solids)]
        return replace(body, solids=tuple(solids))
