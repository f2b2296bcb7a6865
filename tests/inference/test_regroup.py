"""Something put across several plates, and something taken from one of them before the put was told."""

from dataclasses import replace

import pytest

from tests.inference.scene import JAM, MODEL, RICE, WATER, at, event, evidence, shop
from tests.inference.test_episode import lines
from walkout.inference.choice import Evidence
from walkout.inference.episode import Course
from walkout.inference.goods import Goods, goods
from walkout.inference.hypothesis import start
from walkout.inference.inquiry import Inquiry
from walkout.inference.model import Model
from walkout.inference.regroup import regrouped
from walkout.sensing.event import ShelfEvent

SHOP = goods(shop(), MODEL)
PUT, TAKEN = event(3.0, 2, {2: 180.0}, "put"), event(5.2, 2, {2: -1001.0}, "taken")
NET = replace(event(3.0, 2, {2: -821.0}, "net"), end_ns=TAKEN.end_ns, steps=(PUT, TAKEN))
LEFT, RIGHT = event(3.1, 2, {1: 61.0}, "left"), event(3.0, 2, {3: 60.0}, "right")
ELSEWHERE = event(3.3, 1, {1: -620.0}, "elsewhere")
ORDERS = [(LEFT, RIGHT, NET), (NET, LEFT, RIGHT), (LEFT, ELSEWHERE, RIGHT, NET)]


def gather(what: ShelfEvent) -> Evidence:
    """Ann is at the jam first, then at the rice; Bob is at the water."""
    return evidence(what, {"ann": at(JAM if what.shelf == 1 and 7 in what.plates else RICE), "bob": at(WATER)})


def played(events: tuple[ShelfEvent, ...], shop_: Goods = SHOP) -> tuple[Course, list[str]]:
    course, anew, asked = Course(start()), [], Inquiry(gather, shop_)
    for what in (event(0.0, 1, {7: -301.0}, "jam"), *events):
        found = regrouped(course, what, asked)
        course = course.see(what, asked) if found is None else found.course
        anew += [] if found is None else [one.id for one in found.events]
    return course, anew


@pytest.mark.parametrize("events", ORDERS, ids=["put first", "net first", "another's take between"])
def test_a_put_across_plates_and_a_take_from_one_are_told_apart(events: tuple[ShelfEvent, ...]) -> None:
    course, anew = played(events)
    assert anew == ["put", "taken"]
    assert lines(course)[0] == {RICE: 1}
    assert lines(course, "bob")[0] == ({WATER: 1} if ELSEWHERE in events else {})


def test_nothing_is_regrouped_where_goods_explain_what_was_told() -> None:
    takes = (event(3.0, 1, {3: -624.0}, "soda"), event(3.2, 1, {5: -120.0}, "chips"))
    assert played(takes)[1] == []
    alone = replace(NET, delta_g=(-1000.0,), steps=(event(3.0, 2, {2: 30.0}), event(5.2, 2, {2: -1030.0})))
    assert played((LEFT, RIGHT, alone))[1] == []


def test_nothing_is_regrouped_where_it_explains_nothing_either() -> None:
    odd = replace(NET, steps=(event(3.0, 2, {2: 333.0}), event(5.2, 2, {2: -1154.0})))
    assert played((LEFT, RIGHT, odd))[1] == []


def test_without_joint_windows_each_is_as_it_was_told() -> None:
    assert played((LEFT, RIGHT, NET), goods(shop(), Model(joint_windows=False)))[1] == []
