"""The rules of breaking the glass: two different people, a reason, a stretch of one slice, minutes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkout.privacy.apart import Account
from walkout.privacy.break_glass import (
    MINUTE_NS,
    MOST_MINUTES,
    WAIT_NS,
    BreakGlassError,
    Glass,
    approved,
    asked,
    check_look,
    ended,
)
from walkout.privacy.segments import SLICE_NS

FROM, NOW = 7 * SLICE_NS, 8 * SLICE_NS
PEOPLE = st.sampled_from(("ada", "ben", "cy"))


def let(one: Glass, who: str, role: str, now_ns: int) -> Glass:
    """Approved by somebody of whom nothing speaks against them."""
    return approved(one, Account(one.by, 1), Account(who, 1), role, now_ns)


def glass(**more: Any) -> Glass:
    given_: dict[str, Any] = {
        "id_": "r",
        "by": "ada",
        "role": "operator",
        "camera": "door",
        "from_ns": FROM,
        "to_ns": FROM + SLICE_NS,
    }
    given_ |= {"minutes": 5, "reason": "somebody fell at the door", "now_ns": NOW}
    return asked(**(given_ | more))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"reason": "because"}, "reason of 7"),
        ({"reason": " " * 40}, "reason of 0"),
        ({"reason": "x" * 201}, "reason of 201"),
        ({"reason": "two lines\nof a reason"}, "one line"),
        ({"minutes": 0}, "right: 1 to"),
        ({"minutes": MOST_MINUTES + 1}, "right: 1 to"),
        ({"to_ns": FROM}, "or none"),
        ({"to_ns": FROM + SLICE_NS + 1}, "more than one slice"),
        ({"from_ns": FROM - 1}, "more than one slice"),
        ({"from_ns": -1, "to_ns": 1}, "or none"),
        ({"from_ns": 9 * SLICE_NS, "to_ns": 9 * SLICE_NS + 1}, "not come"),
    ],
)
def test_what_nobody_may_ask(more: dict[str, Any], words: str) -> None:
    with pytest.raises(BreakGlassError, match=words):
        glass(**more)


def test_one_person_alone_never_gets_in() -> None:
    one = glass()
    with pytest.raises(BreakGlassError, match="another person"):
        let(one, "ada", "admin", NOW)
    with pytest.raises(BreakGlassError, match="nobody approved yet"):
        check_look(one, "ada", NOW)


def test_the_approver_does_not_look_and_time_ends_it() -> None:
    one = let(glass(), "ben", "auditor", NOW + 1)
    until = NOW + 1 + 5 * MINUTE_NS
    check_look(one, "ada", NOW + 1)
    check_look(one, "ada", until - 1)
    for who, when in (("ben", NOW + 1), ("cy", NOW + 1), ("ada", until), ("ada", until + SLICE_NS)):
        with pytest.raises(BreakGlassError, match="right"):
            check_look(one, who, when)
    with pytest.raises(BreakGlassError, match="approved already"):
        let(one, "cy", "admin", NOW + 2)


def test_a_request_that_waits_too_long_or_was_ended_is_over() -> None:
    with pytest.raises(BreakGlassError, match="over after 60 minutes"):
        let(glass(), "ben", "auditor", NOW + WAIT_NS)
    assert let(glass(), "ben", "auditor", NOW + WAIT_NS - 1).state(NOW + WAIT_NS) == "open"
    for by, may in (("ada", False), ("cy", True)):
        gone = ended(glass(), by, may)
        with pytest.raises(BreakGlassError, match="is over"):
            let(gone, "ben", "auditor", NOW)
    with pytest.raises(BreakGlassError, match="no part in it"):
        ended(glass(), "cy", may_approve=False)
    with pytest.raises(BreakGlassError, match="time is over"):
        check_look(ended(let(glass(), "ben", "auditor", NOW), "ben", may_approve=False), "ada", NOW)


@given(
    st.lists(st.tuples(st.sampled_from(("approve", "end", "look")), PEOPLE, st.integers(0, 2 * WAIT_NS)), max_size=12)
)
def test_whatever_is_tried_nobody_looks_without_another_who_let_them(tries: list[tuple[str, str, int]]) -> None:
    """And never after the minutes, whatever order people and clocks come in."""
    one, by = glass(), None
    for what, who, after in tries:
        now = NOW + after
        try:
            if what == "approve":
                one = let(one, who, "admin", now)
                by = (who, now)
            elif what == "end":
                one = ended(one, who, may_approve=False)
            else:
                check_look(one, who, now)
        except BreakGlassError:
            continue
        if what == "look":
            assert by is not None
            assert who == "ada" != by[0]
            assert now < by[1] + 5 * MINUTE_NS
            assert not one.ended
