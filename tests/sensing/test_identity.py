from collections.abc import Mapping
from math import cos, sin

import pytest

from walkout.recording.gate import GateEvent
from walkout.recording.people import Joint, PeopleFrame, Person
from walkout.sensing.identity import Identities
from walkout.sensing.people import PeopleBuffer

MS = 1_000_000


def body(id_: str, x_m: float, y_m: float, tall_m: float = 1.75, heading: float = 0.0) -> Person:
    wide = 0.102 * tall_m
    left, right = (-sin(heading) * wide, cos(heading) * wide), (sin(heading) * wide, -cos(heading) * wide)
    neck = 0.84 * tall_m
    joints = {
        "head": Joint(x_m, y_m, neck + 0.2, 0.9),
        "neck": Joint(x_m, y_m, neck, 0.9),
        "l_shoulder": Joint(x_m + left[0], y_m + left[1], neck - 0.06, 0.9),
        "r_shoulder": Joint(x_m + right[0], y_m + right[1], neck - 0.06, 0.9),
    }
    return Person(id_, joints)


def frame(t_ms: int, *people: Person) -> PeopleFrame:
    return PeopleFrame(t_ms * MS, t_ms * MS, tuple(people))


def named(who: Identities, one: PeopleFrame) -> Mapping[str, float]:
    """Where each name is, metres along x."""
    return {p.id: p.joints["neck"].x_m for p in who.name(one).people}


def walk(t_ms: int, swapped: bool) -> PeopleFrame:
    """Two who pass each other at arm's length, a from left to right and b from right to left."""
    s = t_ms / 1000
    ids = ("b", "a") if swapped else ("a", "b")
    return frame(t_ms, body(ids[0], 0.8 * s - 1.6, 0.0, 1.8, 0.0), body(ids[1], 1.6 - 0.8 * s, 0.3, 1.65, 3.1))


@pytest.mark.parametrize("at_ms", [1200, 1900, 2000, 2100, 2500], ids=str)
def test_two_who_pass_each_other_keep_their_names_though_the_tracker_exchanges_them(at_ms: int) -> None:
    who = Identities()
    for t_ms in range(0, 4000, 100):
        at = named(who, walk(t_ms, swapped=t_ms >= at_ms))
        assert at["a"] == pytest.approx(0.8 * t_ms / 1000 - 1.6)
    assert who.exchanged == 2


def test_nobody_is_exchanged_where_the_tracker_makes_no_mistake() -> None:
    who = Identities()
    for t_ms in range(0, 4000, 100):
        assert named(who, walk(t_ms, swapped=False))["a"] == pytest.approx(0.8 * t_ms / 1000 - 1.6)
    assert (who.exchanged, who.take_doubts()) == (0, ())


def test_somebody_lost_and_found_near_there_under_a_new_id_keeps_the_name() -> None:
    who = Identities(doors=((0.0, -6.0),), exits=((0.0, -6.0),))
    for t_ms in range(0, 2000, 100):
        who.name(frame(t_ms, body("a", 0.0, 0.0)))
    assert set(named(who, frame(3200, body("x", 0.4, 0.0)))) == {"a"}
    assert who.renamed == 1
    assert who.name_of("x") == "a"


def test_a_new_id_at_the_door_that_a_gate_told_of_is_somebody_new() -> None:
    buffer = PeopleBuffer(identities=Identities(doors=((0.0, 0.0),), exits=((0.0, 0.0),)))
    for t_ms in range(0, 2000, 100):
        buffer.push(frame(t_ms, body("a", 0.0, 0.3)))
    buffer.push(frame(3200, body("x", 0.1, 0.2)))
    buffer.between(0, 2500 * MS)
    told = GateEvent(3100 * MS, 3100 * MS, "door", "entry", "v", "p", "x")
    assert buffer.passed(told).person == "x"
    assert [p.id for p in buffer.between(3200 * MS, 3200 * MS)[0].people] == ["x"]


def test_somebody_told_by_a_gate_but_lost_at_the_door_keeps_the_name() -> None:
    who = Identities(doors=((0.0, 0.0),))
    who.expect("a", 0)
    assert list(named(who, frame(1500, body("x", 1.0, 0.0)))) == ["a"]
    assert list(named(who, frame(1600, body("x", 1.1, 0.0), body("y", 0.2, 0.0)))) == ["a", "y"]
    assert who.name_of("x") == "a"


def test_whoever_comes_right_behind_somebody_told_is_not_taken_for_them() -> None:
    who = Identities(doors=((0.0, 0.0),))
    who.expect("a", 0)
    assert set(named(who, frame(100, body("x", 0.1, 0.0)))) == {"x"}
    assert set(named(who, frame(200, body("x", 0.2, 0.0), body("a", 0.1, 0.5)))) == {"x", "a"}


def test_an_exchange_while_one_of_the_two_is_lost_is_undone_when_they_are_found() -> None:
    who = Identities()
    for t_ms in range(0, 2000, 100):
        who.name(frame(t_ms, body("a", 0.0, 0.0, 1.8), body("b", 0.4, 0.0, 1.6)))
    for t_ms in range(2000, 2400, 100):
        assert set(named(who, frame(t_ms, body("b", 0.4, 0.0, 1.6)))) == {"b"}
    for t_ms in range(2400, 3000, 100):
        assert set(named(who, frame(t_ms, body("a", 0.4, 0.0, 1.6)))) == {"b"}
    at = named(who, frame(3000, body("a", 0.4, 0.0, 1.6), body("b", 0.0, 0.0, 1.8)))
    assert at == {"a": 0.0, "b": 0.4}


def test_two_lost_together_and_found_under_new_ids_are_told_by_their_build_or_doubted() -> None:
    who = Identities(doors=((9.0, 9.0),), exits=((9.0, 9.0),))
    for t_ms in range(0, 3000, 100):
        who.name(frame(t_ms, body("a", 0.0, 0.0, 1.75), body("b", 0.3, 0.0, 1.75)))
    at = named(who, frame(4000, body("x", 0.14, 0.0, 1.75), body("y", 0.16, 0.0, 1.75)))
    assert set(at) == {"a", "b"}
    (doubt,) = who.take_doubts()
    assert {doubt.person, doubt.others[0][0]} == {"a", "b"}
    assert 0.3 < doubt.others[0][1] <= 0.5

    who = Identities(doors=((9.0, 9.0),), exits=((9.0, 9.0),))
    for t_ms in range(0, 3000, 100):
        who.name(frame(t_ms, body("a", 0.0, 0.0, 1.95), body("b", 0.3, 0.0, 1.55)))
    at = named(who, frame(4000, body("x", 0.14, 0.0, 1.55), body("y", 0.16, 0.0, 1.95)))
    assert at == {"a": 0.16, "b": 0.14}
    assert all(p < 0.05 for doubt in who.take_doubts() for _, p in doubt.others)


def test_the_buffer_gives_people_for_ids_in_order_of_time() -> None:
    buffer = PeopleBuffer()
    for t_ms in [*range(0, 4000, 200), *range(100, 4000, 200)]:
        buffer.push(walk(t_ms, swapped=t_ms >= 1950))
    out = buffer.between(0, 4000 * MS)
    assert [f.t_ns for f in out] == [t * MS for t in range(0, 4000, 100)]
    for one in out:
        at = {p.id: p.joints["neck"].x_m for p in one.people}
        assert at["a"] == pytest.approx(0.8 * one.t_ns / MS / 1000 - 1.6)


def test_who_is_who_does_not_hang_on_how_far_at_a_time_it_is_asked_for() -> None:
    whole, parts = PeopleBuffer(), PeopleBuffer()
    for t_ms in range(0, 4000, 100):
        for buffer in (whole, parts):
            buffer.push(walk(t_ms, swapped=1000 <= t_ms < 2100))
    cut = [frame for t in range(0, 4000, 700) for frame in parts.between(t * MS, (t + 699) * MS)]
    assert tuple(cut) == whole.between(0, 4000 * MS)


def test_people_without_any_joint_keep_their_id() -> None:
    who = Identities()
    for t_ms in (0, 100, 200):
        out = who.name(frame(t_ms, Person("a", {}), Person("b", {})))
        assert [p.id for p in out.people] == ["a", "b"]


def test_an_id_that_goes_on_and_on_without_any_joint_stops_nothing() -> None:
    """After ten seconds its body is forgotten; a tracker that tells of it all the same is no reason to break."""
    who = Identities()
    for t_ms in range(0, 25_000, 100):
        found = who.name(frame(t_ms, body("a", 1.0, 1.0), Person("x", {})))
        assert [person.id for person in found.people] == ["a", "x"]
