"""What each plate makes of a gram, learnt from what is known to have moved on it."""

from dataclasses import replace

import pytest

from tests.inference.scene import GRAMS, JAM, MODEL, TEA, WATER, event, shop
from walkout.inference.explanation import Candidate, Explanation
from walkout.inference.gains import learnt
from walkout.inference.goods import UNKNOWN, goods
from walkout.inference.weight import Load, change, log_densities

SHOP = goods(shop(), MODEL)


def told(
    gtin: str, grams: float, p: float = 0.99, quantity: int = 1, plate: int = 7, beside_g: float = 0.0
) -> Explanation:
    best = Candidate("ann", gtin, quantity, p, 0.0, 0.03, "taken")
    delta = {plate: -grams} | ({plate + 1: -beside_g} if beside_g else {})
    return Explanation(event(1.0, 1, delta), (best,))


def test_takes_of_known_goods_tell_a_plates_gain() -> None:
    found = learnt({}, [told(JAM, 306.0) for _ in range(8)], SHOP)
    mean, var = found["g", 1, 7]
    assert mean == pytest.approx(0.02, abs=0.002)
    assert var < MODEL.gain_sd**2 / 20
    assert learnt(found, [told(JAM, 306.0)], SHOP)["g", 1, 7][1] <= var


def test_what_lies_partly_on_the_next_plate_teaches_little() -> None:
    alone = learnt({}, [told(JAM, 306.0)], SHOP)["g", 1, 7]
    mean, var = learnt({}, [told(JAM, 285.0, beside_g=21.0)], SHOP)["g", 1, 7]
    assert abs(mean) < 0.005
    assert var > 5 * alone[1]


@pytest.mark.parametrize(
    "explanation",
    [
        told(JAM, 306.0, p=0.9),
        told(UNKNOWN + "306@g/1/7", 306.0),
        told("", 306.0),
        told(JAM, 306.0, quantity=0),
        told(JAM, 360.0),
        told(JAM, 156.0, beside_g=150.0),
        replace(told(JAM, 306.0), candidates=(Candidate("ann", JAM, 1, 0.99, 0.0, 0.03, "", (("ann", WATER, 1),)),)),
    ],
    ids=["unsure", "unknown", "no sale", "nothing moved", "another mass", "on two plates", "two products"],
)
def test_what_is_not_known_for_sure_teaches_nothing(explanation: Explanation) -> None:
    assert learnt({}, [explanation], SHOP) == {}


def test_a_known_gain_tells_two_masses_apart() -> None:
    seen = event(1.0, 2, {9: -1.02 * GRAMS[TEA]})
    loads = [(Load((9,), GRAMS[TEA], 0.5, 1),), (Load((9,), 1.02 * GRAMS[TEA], 0.5, 1),)]
    before = log_densities(change(seen, range(1, 13), MODEL), loads, MODEL)
    after = log_densities(change(seen, range(1, 13), MODEL, {("g", 2, 9): (0.02, 1e-6)}), loads, MODEL)
    assert after[0] - after[1] > before[0] - before[1] + 1.0
