"""Explanations of shelf events: who moved which product, how many, and how sure that is."""

from dataclasses import dataclass

from walkout.sensing.event import ShelfEvent


@dataclass(frozen=True, slots=True)
class Candidate:
    """One explanation of one event; `quantity` counts items that left the shelf (negative: came back).

    `shopper` None: nobody who is tracked; `gtin` "": no sale (a restock, an item that is not in the catalogue).
    """

    shopper: str | None
    gtin: str
    quantity: int
    probability: float
    mass_residual_g: float
    """Measured change minus what this explanation predicts."""
    reach_m: float | None
    """Least distance of the shopper's wrist to the facing's box while the hand was there; None: not seen."""
    why: str
    """One plain sentence."""
    also: tuple[tuple[str | None, str, int], ...] = ()
    """(shopper, GTIN, quantity) of what else moved in the same event."""
    at_first: float | None = None
    """Its probability when the event was told, before anything that came later; None: not known."""
    astray: tuple[tuple[str | None, str, int], ...] = ()
    """(shopper, GTIN, quantity) of those of its moves whose place is not the product's own; the sign as above."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """All candidates of one event, the likeliest first; probabilities sum to 1."""

    event: ShelfEvent
    candidates: tuple[Candidate, ...]
