"""The receipt: what a party is charged for, why, how sure that is, and how much people looked."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Line:
    """Some of one product, with a plain reason and the ids of the shelf events that show it."""

    gtin: str
    name: str
    quantity: int
    unit_price: Decimal
    probability: float
    why: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HumanWork:
    """How much people looked at this visit."""

    viewers: int = 0
    clips: int = 0
    seconds: float = 0.0
    purposes: tuple[str, ...] = ()
    last_at: int | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One party's visit. `p_exact` is the probability that the lines are exactly right."""

    visit: str
    party: str
    shoppers: tuple[str, ...]
    entered_ns: int
    left_ns: int
    lines: tuple[Line, ...]
    total: Decimal
    currency: str
    p_exact: float
    decided_by: Literal["software", "person"]
    human: HumanWork
    revision: int
    origin: Literal["real", "simulated"]
    checkpoint: str | None = None
