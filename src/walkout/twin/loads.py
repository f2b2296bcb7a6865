"""Loads on the plates of one fixture: what lies there, and what is changing right now."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Change:
    """A load that changes: grams at instants (seconds), shared over plates of a shelf; the last value stays."""

    t_s: tuple[float, ...]
    grams: tuple[float, ...]
    shelf: int
    plates: tuple[int, ...]
    shares: tuple[float, ...]


class Loads:
    """The true load of every plate of a fixture over time, grams, shape (shelves, plates)."""

    def __init__(self, shelves: int, plates: int) -> None:
        self.settled = np.zeros((shelves, plates))
        self._open: list[Change] = []

    def add(self, change: Change) -> None:
        """A change from its first instant on; that instant must not have been rendered yet."""
        self._open.append(change)

    def at(self, t_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """True loads at consecutive instants, shape (instants, shelves, plates); asked in order of time."""
        level = np.repeat(self.settled[None], len(t_s), axis=0)
        if not self._open:
            return level
        still = []
        for change in self._open:
            if change.t_s[0] > t_s[-1]:
                still.append(change)
                continue
            grams = np.interp(t_s, change.t_s, change.grams, left=0.0)
            for plate, share in zip(change.plates, change.shares, strict=True):
                level[:, change.shelf - 1, plate - 1] += grams * share
            if change.t_s[-1] <= t_s[-1]:
                for plate, share in zip(change.plates, change.shares, strict=True):
                    self.settled[change.shelf - 1, plate - 1] += change.grams[-1] * share
            else:
                still.append(change)
        self._open = still
        return level
