"""Whose basket the screen at an exit shows: who stands there and showed nothing, for as long as they do."""

from typing import Any

from walkout.live.exit_screen import AFTER_NS, NEAR_M, shown_at
from walkout.live.stays import Stay
from walkout.store.layout import Gate

GATE = Gate("door", 2.0, 0.0, 1.0)
NOW_NS = 10**18


def stay(visit: str, credential: str = "", entries: int = 1, exits: int = 0) -> Stay:
    return Stay(visit, visit, credential, 1, entries, exits)


def person(visit: str | None, x_m: float, role: str = "shopper") -> dict[str, Any]:
    return {"visit": visit, "x_m": x_m, "y_m": 0.0, "role": role}


def here(people: list[dict[str, Any]], *stays: Stay) -> tuple[str, ...]:
    return shown_at(GATE, people, stays, {}, NOW_NS).here


def test_who_stands_there_is_shown_and_who_stands_elsewhere_is_not() -> None:
    one, two = stay("a"), stay("b")
    assert here([person("a", 2.0), person("b", 2.0 + NEAR_M + 0.1)], one, two) == ("a",)
    assert here([person("a", 2.0), person("b", 2.0 - NEAR_M + 0.1)], one, two) == ("a", "b")
    assert here([person("a", 6.0)], one) == ()


def test_who_showed_a_card_or_is_gone_or_works_here_is_never_shown() -> None:
    assert here([person("a", 2.0)], stay("a", "digest")) == ()
    assert here([person("a", 2.0)], stay("a", exits=1)) == ()
    assert here([person(None, 2.0, "staff"), person("a", 6.0)], stay("a")) == ()


def test_without_cameras_only_somebody_alone_is_shown() -> None:
    assert here([], stay("a")) == ("a",)
    assert here([], stay("a"), stay("b")) == ()
    assert here([], stay("a"), stay("b", "digest")) == ("a",)


def test_who_just_left_by_this_gate_is_shown_for_a_while() -> None:
    left = {
        "old": ("door", NOW_NS - AFTER_NS - 1),
        "a": ("door", NOW_NS - 9),
        "b": ("door", NOW_NS - 5),
        "c": ("x", NOW_NS),
    }
    assert shown_at(GATE, [], [], left, NOW_NS).left == ("b", "a")
