"""What hangs on one happening: its answers, and how likely each goes together with each basket of a visit."""

from dataclasses import dataclass

Moved = tuple[str | None, str, int]
"""(shopper, GTIN, count that left the shelf; below 0: came back); shopper None: nobody tracked; GTIN "": no sale."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that may have happened."""

    moved: tuple[Moved, ...]
    """Sorted; empty: nothing changed hands."""
    why: str
    """One plain sentence."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One happening that a visit's basket may hang on."""

    event: str
    """Id of the shelf event or other happening."""
    start_ns: int
    end_ns: int
    fixture: str
    """"" where it was at no shelf."""
    shelf: int
    answers: tuple[Answer, ...]
    joint: tuple[tuple[float, ...], ...]
    """Shape (baskets + 1, answers): the probability of each basket of the belief together with each answer; the last
    row is of all baskets that are not written down. Sums to 1."""
