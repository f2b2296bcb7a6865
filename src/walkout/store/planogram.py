"""Where each product belongs: facings on plates."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facing:
    """A product's place: a run of plates of one shelf. Several facings may share a plate."""

    fixture: str
    shelf: int
    plates: tuple[int, ...]
    gtin: str
    facings: int = 1
    stock: int | None = None
    x_m: float | None = None
    width_m: float | None = None
    height_m: float | None = None
    """Left edge from the fixture's left end, width, height of the goods; None: taken from the plates and the shelf."""


@dataclass(frozen=True, slots=True)
class Box:
    """The goods of a facing in its fixture's frame, metres: from the low corner to the high corner."""

    low_m: tuple[float, float, float]
    high_m: tuple[float, float, float]
