"""A shelf event: the weight of some neighbouring plates changed, and stayed changed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShelfEvent:
    """A lasting change of weight on one shelf.

    `delta_g[i]` is the change of `plates[i]` in grams (negative: something was taken), `cov_g2` its covariance, row by
    row.
    """

    id: str
    fixture: str
    shelf: int
    plates: tuple[int, ...]
    delta_g: tuple[float, ...]
    cov_g2: tuple[tuple[float, ...], ...]
    onset_ns: int
    """When a hand first loaded the plates (never later than start_ns)."""
    start_ns: int
    end_ns: int
    """The interval in which the level changed."""
    reported_ns: int
    """Event time of the last sample that was needed to report it."""
    noise_p: float = 0.0
    """How likely it is that nothing changed at all and the plate only rang, before anything else is known."""
    steps: tuple["ShelfEvent", ...] = ()
    """The changes that make it up, where the plates held other levels in between; none where it was one change. They
    matter where two people were at the goods, as one may take what the other put down, and where nothing explains the
    whole."""

    @property
    def came_back(self) -> bool:
        """Whether nothing changed in the end: what was put down was gone again within seconds."""
        return not any(self.delta_g)
