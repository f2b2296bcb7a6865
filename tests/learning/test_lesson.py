import pytest

from tests.inference.scene import CHIPS, JAM, MINT, TEA
from tests.learning.lessons import candidate, event, label, taught
from walkout.inference.explanation import Explanation
from walkout.learning.label import Told


def test_what_nobody_looked_at_is_as_software_has_it() -> None:
    ways = (candidate(JAM, p=0.6), candidate(TEA, p=0.3), candidate(CHIPS, who="b", p=0.1))
    (seen,) = taught("v", {JAM: 1}, [Explanation(event("e", 1, (7, 8)), ways)], None).seen
    assert [(way.moved, way.p) for way in seen.ways] == [(((JAM, 1),), 0.6), (((TEA, 1),), 0.3)]
    assert not seen.said


def test_an_answer_leaves_what_it_allows() -> None:
    ways = (candidate(JAM, p=0.6), candidate(TEA, p=0.3), candidate(TEA, 2, p=0.1))
    happened = [Explanation(event("e", 1, (7, 8)), ways)]
    found = label("v", {TEA: 1}, told=(Told("e", "what", TEA),))
    (seen,) = taught("v", {JAM: 1}, happened, found).seen
    assert seen.said
    assert [way.moved[0] for way in seen.ways] == [(TEA, 1), (TEA, 2)]
    assert sum(way.p for way in seen.ways) == pytest.approx(1.0)
    found = label("v", {TEA: 2}, told=(Told("e", "what", TEA), Told("e", "count", "2")))
    (seen,) = taught("v", {JAM: 1}, happened, found).seen
    assert [way.moved for way in seen.ways] == [((TEA, 2),)]
    assert seen.ways[0].p == pytest.approx(1.0)


@pytest.mark.parametrize(("grams", "count"), [(-100.0, 1), (100.0, -1)])
def test_what_was_named_and_thought_of_by_nobody_counts_as_the_scale_went(grams: float, count: int) -> None:
    happened = [Explanation(event("e", 1, (7, 8), grams), (candidate(JAM, count),))]
    found = label("v", {MINT: 1}, told=(Told("e", "what", MINT),))
    (seen,) = taught("v", {JAM: 1}, happened, found).seen
    assert [way.moved for way in seen.ways] == [((MINT, count),)]


def test_a_known_basket_rules_out_what_is_not_in_it_and_never_came_back() -> None:
    happened = [
        Explanation(event("e", 1, (7, 8)), (candidate(JAM, p=0.7), candidate(TEA, p=0.3))),
        Explanation(event("f", 2, (5,)), (candidate(MINT, p=1.0),)),
        Explanation(event("g", 2, (5,), 60.0), (candidate(MINT, -1, p=0.9), candidate(CHIPS, -1, p=0.1))),
    ]
    seen = taught("v", {JAM: 1}, happened, label("v", {TEA: 1}, p=0.05)).seen
    assert [way.moved for way in seen[0].ways] == [((TEA, 1),)]
    assert seen[0].ways[0].p == pytest.approx(1.0)
    assert [way.moved for way in seen[1].ways] == [((MINT, 1),)]  # taken, and put back
    assert len(seen[2].ways) == 2


def test_what_two_people_did_at_once_is_marked_and_only_the_own_part_counts() -> None:
    ways = (candidate(JAM, also=(("b", TEA, 1),)),)
    (seen,) = taught("v", {JAM: 1}, [Explanation(event("e", 1, (7, 8)), ways)], None).seen
    assert [(way.moved, way.two_people) for way in seen.ways] == [(((JAM, 1),), True)]
