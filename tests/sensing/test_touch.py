import pytest

from walkout.recording.people import Joint, PeopleFrame, Person
from walkout.sensing.touch import Touch, Touches
from walkout.store.layout import Fixture

MS = 1_000_000
HANG_M = 0.9
FIXTURE = Fixture("g", 0.0, 2.0, 1.0, 0.4, ())


def person(id_: str, x_m: float, y_m: float, hand: tuple[float, float, float] | None = None) -> Person:
    """Somebody whose left hand hangs, and whose right hand hangs too or is somewhere."""
    right = hand or (x_m, y_m - 0.2, HANG_M)
    joints = {
        "neck": Joint(x_m, y_m, 1.5, 0.9),
        "l_shoulder": Joint(x_m, y_m + 0.2, 1.45, 0.9),
        "r_shoulder": Joint(x_m, y_m - 0.2, 1.45, 0.9),
        "l_wrist": Joint(x_m, y_m + 0.2, HANG_M, 0.9),
        "r_wrist": Joint(*right, 0.9),
    }
    return Person(id_, joints)


def seen(*people: tuple[int, int, tuple[Person, ...]]) -> list[Touch]:
    """What is found when people are seen so from one instant to another, milliseconds."""
    touches = Touches((FIXTURE,))
    found: list[Touch] = []
    for start_ms, end_ms, here in people:
        for t_ms in range(start_ms, end_ms, 70):
            found += touches.see(PeopleFrame(t_ms * MS, t_ms * MS, here))
    return [*found, *touches.finish()]


APART = (person("a", 0.0, 0.0), person("b", 0.9, 0.0))
HELD_OUT = (person("a", 0.0, 0.0, (0.42, 0.0, 1.1)), person("b", 0.9, 0.0, (0.48, 0.0, 1.1)))


def test_hands_that_are_held_out_and_meet_are_a_touch() -> None:
    (touch,) = seen((0, 2000, APART), (2000, 2700, HELD_OUT), (2700, 4000, APART))
    assert (touch.kind, touch.people) == ("hands", ("a", "b"))
    assert touch.nearest_m == pytest.approx(0.06)
    assert (touch.x_m, touch.y_m) == pytest.approx((0.45, 0.0))
    assert 0.4 <= (touch.end_ns - touch.start_ns) / 1e9 <= 0.75


def test_hands_that_meet_for_an_instant_are_none() -> None:
    assert seen((0, 2000, APART), (2000, 2200, HELD_OUT), (2200, 4000, APART)) == []


def test_hands_that_hang_beside_each_other_are_none() -> None:
    queue = (person("a", 0.0, 0.0), person("b", 0.05, -0.38))
    assert seen((0, 4000, queue)) == []


def test_hands_that_meet_at_the_goods_are_none() -> None:
    apart = (person("a", 0.2, 1.5), person("b", 0.8, 1.5))
    reach = (person("a", 0.2, 1.5, (0.5, 1.97, 1.1)), person("b", 0.8, 1.5, (0.53, 1.97, 1.1)))
    assert seen((0, 2000, apart), (2000, 3000, reach)) == []


def test_a_handle_that_is_always_held_is_how_a_hand_hangs() -> None:
    pushing = person("a", 0.0, 0.0, (0.4, -0.2, 1.0))
    passing = (pushing, person("b", 0.45, 0.0))
    assert seen((0, 60_000, (pushing,)), (60_000, 61_000, passing)) == []


def test_a_hand_on_the_floor_is_told_with_its_place() -> None:
    low = (person("a", 0.0, 0.0, (0.1, 0.2, 0.1)),)
    (touch,) = seen((0, 1000, APART[:1]), (1000, 1500, low), (1500, 3000, APART[:1]))
    assert (touch.kind, touch.people, touch.x_m, touch.y_m) == ("floor", ("a",), 0.1, 0.2)


def test_a_hand_at_the_lowest_shelf_is_not_on_the_floor() -> None:
    low = (person("a", 0.2, 1.5, (0.2, 1.95, 0.2)),)
    assert seen((0, 1000, APART[:1]), (1000, 2000, low), (2000, 3000, APART[:1])) == []


def crouching(y_m: float, z_m: float) -> tuple[Person, ...]:
    return (person("a", 0.2, 1.4, (0.2, y_m, z_m)),)


def test_who_comes_from_low_goods_and_stays_low_is_not_on_the_floor() -> None:
    at_goods, before_them, up = crouching(2.1, 0.35), crouching(1.6, 0.2), crouching(1.6, 0.9)
    assert seen((0, 1000, up), (1000, 1500, at_goods), (1500, 3000, before_them), (3000, 4000, up)) == []
    assert seen((0, 1000, up), (1000, 1500, before_them), (1500, 2000, at_goods), (2000, 3000, up)) == []


@pytest.mark.parametrize("between", [crouching(1.6, 0.7), crouching(1.2, 0.4)])
def test_a_hand_that_was_up_or_away_since_is_on_the_floor_again(between: tuple[Person, ...]) -> None:
    at_goods, low = crouching(2.1, 0.35), crouching(1.6, 0.2)
    (touch,) = seen((0, 500, at_goods), (500, 700, between), (700, 1500, low), (1500, 3000, crouching(1.6, 0.9)))
    assert touch.kind == "floor"


def test_a_touch_goes_on_over_a_frame_without_the_hand() -> None:
    without = tuple(
        Person(p.id, {name: joint for name, joint in p.joints.items() if name != "r_wrist"}) for p in HELD_OUT
    )
    found = seen((0, 2000, APART), (2000, 2300, HELD_OUT), (2300, 2450, without), (2450, 2800, HELD_OUT))
    assert len(found) == 1
