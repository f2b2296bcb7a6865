from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from tests.inference.scene import AWAY, CHIPS, JAM, MODEL, RICE, SECOND, WATER, at, event, evidence, shop
from walkout.inference.choice import Evidence
from walkout.inference.episode import Course, joined
from walkout.inference.goods import goods
from walkout.inference.hypothesis import start
from walkout.inference.inquiry import Inquiry
from walkout.inference.model import Model
from walkout.inference.posterior import believe, explain
from walkout.inference.visit import Visit
from walkout.sensing.event import ShelfEvent

Hands = Mapping[str, tuple[float, float, float] | None]


def play(events: list[ShelfEvent], hands: Hands, model: Model = MODEL) -> Course:
    def gather(what: ShelfEvent) -> Evidence:
        return evidence(what, hands)

    course = Course(start())
    for what in events:
        course = course.see(what, Inquiry(gather, goods(shop(), model)))
    return course


def lines(course: Course, who: str = "ann") -> tuple[dict[str, int], float]:
    belief = believe(course.pasts, Visit("v", "p", (who,), 0, 10**18), goods(shop(), MODEL))
    return {line.gtin: line.quantity for line in belief.lines}, belief.p_exact


def test_a_slide_told_as_two_events_is_no_take() -> None:
    slide = [event(1.0, 1, {7: -301.0}, "a"), event(1.1, 1, {8: 300.0}, "b")]
    apart = play(slide, {"ann": at(JAM)}, Model(joint_windows=False))
    assert lines(play(slide, {"ann": at(JAM)}))[0] == {}
    assert lines(play(slide, {"ann": at(JAM)}))[1] >= lines(apart)[1] - 0.05


def test_one_lift_told_as_two_events_is_one_item() -> None:
    course = play(
        [event(1.0, 2, {1: -330.0, 2: -180.0}, "a"), event(1.6, 2, {2: -155.0, 3: -333.0}, "b")], {"ann": at(RICE)}
    )
    basket, p_exact = lines(course)
    assert basket == {RICE: 1}
    assert p_exact > 0.7
    alone, other = explain(course.pasts, goods(shop(), MODEL))
    assert (alone.event.id, other.event.id) == ("a", "b")
    assert all(any(c.gtin == RICE and c.shopper == "ann" for c in e.candidates) for e in (alone, other))


def test_two_quick_takes_stay_two() -> None:
    course = play([event(1.0, 1, {6: -120.0}, "a"), event(2.0, 1, {7: -300.0}, "b")], {"ann": at(CHIPS)})
    assert lines(course)[0] == {CHIPS: 1, JAM: 1}


def test_events_far_apart_are_as_if_there_were_no_windows() -> None:
    events = [event(1.0, 1, {1: -618.0}, "a"), event(4.0, 1, {7: -300.0}, "b"), event(5.0, 2, {1: -1001.0}, "c")]
    with_, without = (play(events, {"ann": at(WATER)}, Model(joint_windows=w)) for w in (True, False))
    assert lines(with_) == lines(without)


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2)], ids=["in turn", "another shelf's between"])
def test_what_came_between_is_kept(order: tuple[int, ...]) -> None:
    events = [
        event(1.0, 2, {1: -330.0, 2: -180.0}, "a"),
        event(1.2, 1, {7: -300.0}, "c"),
        event(1.6, 2, {2: -155.0, 3: -333.0}, "b"),
    ]
    hands = {"ann": at(RICE), "bob": at(JAM), "cyd": AWAY}
    course = play([events[n] for n in order], hands)
    assert lines(course)[0] == {RICE: 1}
    assert lines(course, "bob")[0] == {JAM: 1}
    assert {e.event.id for e in explain(course.pasts, goods(shop(), MODEL))} == {"a", "b", "c"}


def test_goods_pushed_to_the_plates_beside_are_one_happening_in_whatever_order_it_is_told() -> None:
    pushed = [event(1.0, 1, {9: -74.0}, "a"), event(1.7, 1, {7: -15.0}, "b"), event(-0.4, 1, {8: 87.0}, "c")]
    for told in (pushed, pushed[::-1], [pushed[1], pushed[2], pushed[0]]):
        course = play(told, {"ann": at(JAM)})
        basket, p_exact = lines(course)
        assert basket == {}
        assert p_exact > 0.9
        assert {e.event.id for e in explain(course.pasts, goods(shop(), MODEL))} == {"a", "b", "c"}


def test_a_hand_that_began_with_another_change_adjoins_it_though_it_ended_later() -> None:
    late = replace(event(3.0, 1, {7: -80.0}, "a"), onset_ns=event(1.0, 1, {7: -1.0}, "x").onset_ns)
    course = play([late, event(1.0, 1, {8: 81.0}, "b")], {"ann": at(JAM)})
    assert lines(course)[0] == {}
    assert lines(course)[1] > 0.8


def test_joined_events_add_up() -> None:
    a, b = event(1.0, 1, {1: -5.0, 2: 7.0}, "a"), event(2.0, 1, {2: 1.0, 4: 2.0}, "b")
    both = joined(a, b)
    assert (both.id, both.plates, both.delta_g) == ("a", (1, 2, 4), (-5.0, 8.0, 2.0))
    assert np.allclose(np.diag(both.cov_g2), [0.25, 0.5, 0.25])
    assert (both.start_ns, both.end_ns) == (a.start_ns, b.end_ns)
    assert both.reported_ns == b.reported_ns > a.end_ns + SECOND // 2
