"""What a shop allows itself with a shopper's money."""

from dataclasses import dataclass
from decimal import Decimal

HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True, slots=True)
class Terms:
    """How much is held at entry, how much one visit may cost at most, and when waiting for a person ends.

    `hold` is set aside at entry and grown by as much again when the basket outgrows it. `cap` is the most that is
    held and the most that is ever taken for one visit; what lies above it is given away, and counted.
    `margin_ns` before a hold runs out, people stop looking and only what is shown is taken. `saved_card`: the shopper
    agreed at entry that the card may be charged without a hold (after one ran out, or for what they add themselves).
    """

    hold: Decimal = Decimal("20.00")
    cap: Decimal = Decimal("200.00")
    margin_ns: int = 2 * HOUR_NS
    saved_card: bool = True

    def __post_init__(self) -> None:
        if not self.hold.is_finite() or self.hold <= 0:
            raise ValueError(f"found a hold of {self.hold}, right: an amount above 0")
        if not self.cap.is_finite() or self.cap < self.hold:
            raise ValueError(f"found a cap of {self.cap}, right: at least the hold, {self.hold}")
        if self.margin_ns < 0:
            raise ValueError(f"found a margin of {self.margin_ns} ns, right: 0 or more")
