"""When to remind somebody of a paid break: a word on the page, and nothing else follows from it."""

from collections.abc import Iterable

from walkout.labour.interval import Interval
from walkout.labour.shift import MINUTE_NS

AFTER_NS = 55 * MINUTE_NS
"""After so much time at the screen since the last break, it is time for one of five to ten minutes."""
RESTED_NS = 5 * MINUTE_NS
"""So long away from the screen counts as a break, whatever it was called."""
AT_SCREEN = frozenset({"active", "gold", "training", "waiting_paid"})


def screen_ns(intervals: Iterable[Interval]) -> int:
    """How long somebody has been at the screen since they last rested; intervals of one shift, in order."""
    at_screen = away = 0
    for interval in sorted(intervals, key=lambda one: one.start_ns):
        if interval.kind in AT_SCREEN:
            at_screen, away = at_screen + interval.length_ns, 0
        else:
            away += interval.length_ns
            at_screen = 0 if away >= RESTED_NS else at_screen
    return at_screen


def is_due(intervals: Iterable[Interval]) -> bool:
    """Whether to remind; pass what is written and what `shift.running` gives."""
    return screen_ns(intervals) >= AFTER_NS
