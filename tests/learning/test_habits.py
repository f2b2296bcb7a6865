import pytest

from tests.inference.scene import CHIPS, JAM, TEA, shop
from tests.learning.lessons import candidate, event, taught
from walkout.inference.explanation import Explanation
from walkout.inference.model import Model
from walkout.learning.habits import STRENGTH, counted, rates
from walkout.learning.lesson import Lesson

STORE, MODEL = shop(), Model()


def visit(*happened: Explanation) -> Lesson:
    return taught("v", {}, list(happened), None)


def test_each_happening_counts_by_its_probabilities() -> None:
    two = Explanation(event("e", 1, (7, 8)), (candidate(JAM, 2, 0.75), candidate(JAM, 1, 0.25)))
    back = Explanation(event("f", 1, (5, 6), 120.0), (candidate(CHIPS, -1, 0.5), candidate(TEA, -1, 0.5)))
    found = counted([visit(two, back)], STORE)
    assert found["put_back"] == (1.0, 2.0)
    assert found["more_of_it"] == (0.75, 1.0)
    assert found["yet_more"] == (0.0, 0.75)
    assert found["put_back_elsewhere"] == (0.5, 1.0)  # tea has its place on the other shelf
    assert found["two_products"] == (0.0, 1.0)


def test_two_products_and_two_people_at_once_are_counted() -> None:
    both = Explanation(event("e", 1, (7, 8)), (candidate(JAM, also=(("a", TEA, 1),)),))
    other = Explanation(event("f", 1, (7, 8)), (candidate(JAM, also=(("b", TEA, 1),)),))
    found = counted([visit(both, other)], STORE)
    assert found["two_products"] == (1.0, 2.0)
    assert found["two_shoppers"] == (1.0, 2.0)


def test_few_visits_move_a_rate_little_and_many_bring_it_home() -> None:
    one = Explanation(event("e", 1, (7, 8)), (candidate(JAM, 2),))
    few = dict(rates(counted([visit(one)], STORE), MODEL))
    assert few["more_of_it"] == pytest.approx((STRENGTH * MODEL.more_of_it + 1) / (STRENGTH + 1), abs=1e-6)
    many = dict(rates(counted([visit(one)] * 5000, STORE), MODEL))
    assert many["more_of_it"] == 0.9  # never certain
    assert many["put_back_elsewhere"] == MODEL.put_back_elsewhere  # nothing was seen of it
