import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkout.recording.people import Joint, PeopleFrame, Person
from walkout.sensing.people import PeopleBuffer, tracks

MS = 1_000_000


def frame(
    t_ms: int, x_m: float = 0.0, joints: tuple[str, ...] = ("neck", "r_wrist"), ids: tuple[str, ...] = ("a",)
) -> PeopleFrame:
    people = tuple(Person(i, {name: Joint(x_m, 0.0, 1.0, 0.9) for name in joints}) for i in ids)
    return PeopleFrame(t_ms * MS, t_ms * MS + 2300 * MS, people)


@given(st.permutations([frame(t, x) for t in (0, 4, 90, 90, 200, 260) for x in (0.0, 1.0)][:10]))
def test_frames_come_out_in_event_time_whatever_order_they_came_in(frames: list[PeopleFrame]) -> None:
    buffer = PeopleBuffer()
    for one in frames:
        buffer.push(one)
    other = PeopleBuffer()
    for one in sorted(frames, key=lambda f: (f.t_ns, f.people[0].joints["neck"].x_m)):
        other.push(one)
    assert buffer.between(0, 300 * MS) == other.between(0, 300 * MS)
    assert [f.t_ns for f in buffer.between(0, 300 * MS)] == sorted(f.t_ns for f in buffer.between(0, 300 * MS))


def test_a_repeat_is_counted_and_left_out() -> None:
    buffer = PeopleBuffer()
    assert buffer.push(frame(10))
    assert not buffer.push(frame(10))
    assert (len(buffer), buffer.duplicates) == (1, 1)


def test_what_comes_after_its_time_was_forgotten_is_counted() -> None:
    buffer = PeopleBuffer()
    buffer.push(frame(1000))
    buffer.forget(500 * MS)
    assert not buffer.push(frame(400))
    assert (buffer.too_late, buffer.late_since_ns) == (1, 400 * MS)


def test_the_watermark_trails_the_newest_frame() -> None:
    buffer = PeopleBuffer(disorder_ns=500 * MS)
    assert buffer.watermark_ns is None
    buffer.push(frame(1000))
    buffer.push(frame(700))
    assert buffer.watermark_ns == 500 * MS


def test_the_buffer_is_bounded_and_says_so() -> None:
    buffer = PeopleBuffer(max_frames=3)
    for t in range(5):
        buffer.push(frame(t))
    assert (len(buffer), buffer.overflowed) == (3, 2)


def test_tracks_keep_missing_joints_missing() -> None:
    found = tracks([frame(0, joints=("head",)), frame(100, 2.0, joints=("neck", "l_wrist", "hand_0"), ids=("b", "a"))])
    assert list(found) == ["a", "b"]
    a = found["a"]
    assert a.hands_m.shape == (2, 4, 3)
    assert np.isnan(a.hands_m[0]).all()
    assert a.hands_m[1, 0, 0] == a.hands_m[1, 2, 0] == 2.0
    assert np.isnan(a.hands_m[1, 1]).all()
    assert a.body_m[:, 0].tolist() == [0.0, 2.0]


@pytest.mark.parametrize("joints", [(), ("l_elbow",)], ids=["no joints", "an elbow only"])
def test_a_person_without_useful_joints_is_there_all_the_same(joints: tuple[str, ...]) -> None:
    assert np.isnan(tracks([frame(0, joints=joints)])["a"].body_m).all()
