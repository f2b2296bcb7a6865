from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkout.live.inbox import SLACK, Inbox, Pace, Waiting
from walkout.recording.video import Decoded

MS = 1_000_000


def waiting(camera: str, t_ns: int) -> Waiting:
    return Waiting(Decoded(camera, t_ns, None), t_ns)


@pytest.mark.parametrize(
    ("rate", "fps", "looked"), [(25.0, 10.0, 10), (10.0, 10.0, 10), (30.0, 5.0, 5), (8.0, 10.0, 8)]
)
def test_about_so_many_a_second_are_looked_at(rate: float, fps: float, looked: int) -> None:
    pace = Pace(fps)
    due = sum(pace.due(round(k * 1e9 / rate)) for k in range(int(60 * rate)))
    assert abs(due - 60 * looked) <= 1


def test_a_pause_is_not_made_up_for() -> None:
    pace = Pace(10.0)
    assert pace.due(0)
    assert pace.due(5_000 * MS)
    assert not pace.due(5_040 * MS)
    assert pace.due(5_100 * MS)


@given(st.lists(st.integers(1, 400), min_size=1, max_size=200))
def test_frames_that_are_looked_at_are_a_step_apart_but_for_the_slack(gaps_ms: list[int]) -> None:
    pace, t_ns, looked = Pace(10.0), 0, list[int]()
    for gap in gaps_ms:
        t_ns += gap * MS
        if pace.due(t_ns):
            looked.append(t_ns)
    for k in range(len(looked)):
        for n in range(k + 1, len(looked)):
            assert looked[n] - looked[k] >= (n - k - 1 - SLACK) * 100 * MS


def test_the_newest_alone_waits_and_cameras_take_turns() -> None:
    inbox = Inbox(["a", "b"])
    for t in range(5):
        inbox.put(waiting("a", t))
    inbox.put(waiting("b", 7))
    assert (len(inbox), inbox.dropped) == (2, 4)
    first = inbox.take()
    assert first is not None
    assert (first.decoded.camera, first.decoded.t_ns) == ("a", 4)
    inbox.put(waiting("a", 5))
    second = inbox.take()
    assert second is not None
    assert second.decoded.camera == "b", "a is being looked at, and b waits for longer"
    inbox.done("b")
    inbox.put(waiting("b", 8))
    inbox.done("a")
    third = inbox.take()
    assert third is not None
    assert (third.decoded.camera, third.decoded.t_ns) == ("a", 5)


def test_whoever_waits_is_let_go() -> None:
    inbox, got = Inbox(["a"]), list[Any]()
    thread = Thread(target=lambda: got.append(inbox.take()))
    thread.start()
    inbox.close()
    thread.join(5)
    assert got == [None]
