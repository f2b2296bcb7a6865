"""What hangs on one happening: its answers, and how likely each goes together with each basket of a visit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
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


def gain(joint: Floats, known: Flags, nameless: Flags, groups: Sequence[int] = ()) -> float:
    """By how much an answer raises P(exactly right): baskets that are known count, and those that it can make so.

    `joint`: baskets down, answers across, shape (baskets, answers); `known`: baskets that a receipt can say;
    `nameless`: answers by which somebody has what a person would have to name; `groups`: of each answer, the number of
    what the question tells apart; none: all of them are told apart.
    """
    if not known.any():
        return 0.0
    of_use = np.where(known[:, None] | nameless[None, :], joint, 0.0)
    if groups:
        alone, of_use = of_use, np.zeros((len(joint), max(groups) + 1))
        for column, group in zip(alone.T, groups, strict=True):
            of_use[:, group] += column
    return float(of_use.max(axis=0).sum() - joint[known].sum(axis=1).max())
