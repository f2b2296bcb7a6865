"""What a shop cannot see: goods on plates that give no readings."""

from collections.abc import Callable, Collection
from math import exp

from walkout.store.shop import Store

Reading = Callable[[str, int], Collection[int] | None]
"""(fixture, shelf) to the plates that give readings; None for a fixture that was never heard of."""
MOST = 0.95
"""A shop that sees less than a twentieth of its goods is taken to see that much."""


def dark_share(store: Store, reading: Reading) -> float:
    """The share of the goods, facing by facing, whose plates give no readings; 0 for a shop without a planogram.

    Fixtures that were never heard of are left out: they have no scales, which is always so, and a shop's own
    calibration learns it. Where none of all was heard of, though there are cells, everything is dark.
    """
    seen: dict[tuple[str, int], frozenset[int] | None] = {}
    dark = []
    for facing in store.planogram:
        at = (facing.fixture, facing.shelf)
        if at not in seen:
            found = reading(*at)
            seen[at] = None if found is None else frozenset(found)
        alive = seen[at]
        if alive is not None and facing.plates:
            dark.append(sum(plate not in alive for plate in facing.plates) / len(facing.plates))
    if not any(alive is not None for alive in seen.values()) and _scales(store):
        return 1.0
    return sum(dark) / len(dark) if dark else 0.0


def _scales(store: Store) -> bool:
    return any(store.plate(f.fixture, f.shelf, plate).cell for f in store.planogram for plate in f.plates)


def unseen(items: int, dark: float) -> float:
    """The probability that a party with so many items seen also took something that nobody saw.

    What is taken is taken to be spread over the goods alike: with a share `dark` unseen, (items + 1) dark / (1 - dark)
    items are expected there (one is added since those who were seen with nothing may have taken something too), and
    their number is Poisson.
    """
    if dark <= 0.0:
        return 0.0
    dark = min(dark, MOST)
    return 1.0 - exp(-(items + 1) * dark / (1.0 - dark))
