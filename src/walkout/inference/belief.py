"""What inference believes a visit left with: baskets with probabilities, and the lines that can be shown."""

from dataclasses import dataclass

from walkout.inference.doubt import Doubt
from walkout.inference.heard import HeardTags
from walkout.inference.visit import Visit


@dataclass(frozen=True, slots=True)
class Basket:
    """One thing that a party may have left with: sorted (GTIN, count), never a count below 1."""

    items: tuple[tuple[str, int], ...]
    probability: float
    unknown: bool = False
    """Something is in it that nothing in the catalogue explains; `items` leaves it out."""


@dataclass(frozen=True, slots=True)
class BelievedLine:
    """Some of one product that a party probably left with."""

    gtin: str
    quantity: int
    probability: float
    """That the party has at least this many."""
    why: str
    """One plain sentence for each event that shows it."""
    events: tuple[str, ...]
    """Ids of the shelf events that show it, in time order."""


@dataclass(frozen=True, slots=True)
class Belief:
    """One visit as inference sees it at its end."""

    visit: Visit
    lines: tuple[BelievedLine, ...]
    """By GTIN; only what is more likely than not."""
    p_exact: float
    """The sum over all explanations in which the party has exactly these lines and nothing else."""
    baskets: tuple[Basket, ...]
    """The likeliest first; their probabilities sum to 1 less what the search let go."""
    doubts: tuple[Doubt, ...] = ()
    """What a person could be asked, in the order of happening; rows in the order of `baskets`."""
    unseen: float = 0.0
    """The probability that they also took something where plates give no readings, or that only a tag told of;
    `p_exact` knows nothing of it."""
    tags: tuple[HeardTags, ...] | None = None
    """What a reader heard of their goods as they left, by GTIN; None: no reader listened."""

    @property
    def p_right(self) -> float:
        """P(exactly right), of what was seen and what was not, before calibration."""
        return self.p_exact * (1.0 - self.unseen)
