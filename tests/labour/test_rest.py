"""Reminders of breaks."""

from walkout.labour.interval import Interval, IntervalKind
from walkout.labour.rest import is_due, screen_ns
from walkout.labour.shift import MINUTE_NS


def shift(*parts: tuple[IntervalKind, int]) -> list[Interval]:
    made, t_ns = [], 0
    for number, (kind, minutes) in enumerate(parts, 1):
        made.append(Interval("w", number, 1, kind, t_ns, t_ns + minutes * MINUTE_NS, paid=True))
        t_ns += minutes * MINUTE_NS
    return made


def test_an_hour_at_the_screen_is_enough() -> None:
    assert not is_due(shift(("active", 30), ("waiting_paid", 20)))
    assert is_due(shift(("active", 30), ("waiting_paid", 20), ("gold", 5)))


def test_any_rest_of_five_minutes_starts_anew() -> None:
    assert screen_ns(shift(("active", 50), ("break_paid", 5), ("active", 3))) == 3 * MINUTE_NS
    assert screen_ns(shift(("active", 50), ("meeting", 3), ("fault_paid", 3), ("active", 3))) == 3 * MINUTE_NS
    assert screen_ns(shift(("active", 50), ("break_paid", 2), ("active", 3), ("break_paid", 4))) == 53 * MINUTE_NS
    assert screen_ns([]) == 0
