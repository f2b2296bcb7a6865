"""The clock of paid time: durations are true whatever is done to the wall clock."""

from hypothesis import given
from hypothesis import strategies as st

from walkout.labour.clock import Clock, Stamp


class Time:
    def __init__(self) -> None:
        self.true, self.wrong, self.start = 10**18, 0, 0

    def clock(self, last: Stamp, boot: str, *, resting: bool) -> Clock:
        wall, mono = (lambda: self.true + self.wrong), (lambda: self.true - self.start)
        return Clock(last, resting=resting, wall=wall, monotonic=mono, boot=boot)


@given(st.lists(st.tuples(st.integers(0, 10**13), st.integers(-(10**14), 10**14), st.booleans()), max_size=20))
def test_while_people_work_only_true_time_counts(steps: list[tuple[int, int, bool]]) -> None:
    time = Time()
    clock = time.clock(Stamp(), "a", resting=True)
    first, began = clock.stamp(), time.true
    last = first
    for passed, set_by, dies in steps:
        time.true += passed
        time.wrong += set_by
        if dies:
            clock = time.clock(last, "a", resting=False)
        last = clock.stamp()
        assert last.t_ns - first.t_ns == time.true - began


def test_a_wrong_date_heals_while_nobody_works() -> None:
    time = Time()
    time.wrong = -(10**16)
    last = time.clock(Stamp(), "a", resting=True).stamp()
    time.wrong = 0
    assert time.clock(last, "a", resting=False).now_ns() == last.t_ns
    assert time.clock(last, "a", resting=True).now_ns() == time.true


def test_never_backwards_after_the_machine_restarts() -> None:
    time = Time()
    last = time.clock(Stamp(), "a", resting=True).stamp()
    time.wrong, time.start = -(10**16), time.true
    assert time.clock(last, "b", resting=False).now_ns() == last.t_ns
    time.wrong = 5
    assert time.clock(last, "b", resting=False).now_ns() == time.true + 5


def test_the_real_clock() -> None:
    clock = Clock()
    assert clock.now_ns() <= clock.now_ns()
