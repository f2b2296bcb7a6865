from dataclasses import replace

import pytest

from tests.twin.shops import small_shop
from walkout.evaluation.decidable import undecidable
from walkout.recording.truth import Place, TruthMove, TruthVisit
from walkout.store.product import Mass
from walkout.store.shop import Store

S = 1_000_000_000
PLAIN = small_shop(1, 2, 6)
A, B, C = (facing.gtin for facing in PLAIN.planogram[:3])


def weighing(**masses_g: float) -> Store:
    given = dict(zip((A, B, C), (masses_g["a"], masses_g["b"], masses_g["c"]), strict=True))
    products = {
        gtin: replace(product, masses=(Mass(given[gtin], 0.5),)) if gtin in given else product
        for gtin, product in PLAIN.products.items()
    }
    return replace(PLAIN, products=products)


SHOP = weighing(a=532.0, b=534.0, c=300.0)


def on(*plates: int, shelf: int = 1) -> Place:
    return Place("plates", "g1", shelf, plates)


def held(shopper: str) -> Place:
    return Place("shopper", shopper=shopper)


def move(t_s: int, gtin: str, source: Place, target: Place, shopper: str = "s1", grams: float = 532.0) -> TruthMove:
    return TruthMove(f"m{t_s:03d}", t_s * S, t_s * S + S, shopper, "move", gtin, 1, grams, source, target)


def visit(name: str, shopper: str, x_m: float = 0.0) -> TruthVisit:
    return TruthVisit(name, name, (shopper,), 0, 60 * S, {}, tuple((t * S, x_m, 0.0) for t in range(60)))


VISITS = (visit("v1", "s1"), visit("v2", "s2", 0.5), visit("v3", "s3", 4.0))
HAND, HOME_A, HOME_B = held("s1"), on(1, 2), on(3, 4)

CASES = [
    pytest.param([move(1, A, HOME_A, HAND), move(2, B, HOME_B, HAND)], {}, id="each from its own plates"),
    pytest.param(
        [move(1, A, HOME_A, HAND), move(5, A, HAND, HOME_B), move(9, A, on(3), HAND)],
        {"v1": ("532 g against 534 g from one plate",)},
        id="left beside its equal, and one of the two taken",
    ),
    pytest.param(
        [
            move(1, A, HOME_A, held("s2"), "s2"),
            move(5, A, held("s2"), HOME_B, "s2"),
            move(9, B, on(3), HAND, grams=534.0),
        ],
        {"v1": ("534 g against 532 g from one plate",)},
        id="532 g against 534 g from one plate",
    ),
    pytest.param(
        [
            move(1, A, HOME_A, held("s2"), "s2"),
            move(5, A, held("s2"), HOME_B, "s2"),
            move(9, B, on(3), HAND, grams=534.0),
            move(20, B, HAND, on(3, 4), grams=534.0),
        ],
        {},
        id="and put back there: nothing is in doubt",
    ),
    pytest.param(
        [move(1, A, HOME_A, held("s2"), "s2"), move(5, A, held("s2"), on(5), "s2"), move(9, C, on(5), HAND, grams=300)],
        {},
        id="another mass on one plate",
    ),
    pytest.param(
        [move(1, A, HOME_A, HAND), move(2, B, HOME_B, HAND), move(5, A, HAND, on(5))],
        {"v1": ("one of two things of 532 and 534 g came back to a strange place",)},
        id="either of two came back",
    ),
    pytest.param(
        [move(1, A, HOME_A, HAND), move(2, B, HOME_B, HAND), move(5, A, HAND, HOME_A)], {}, id="back where it belongs"
    ),
    pytest.param([move(1, A, HOME_A, HAND), move(5, A, HAND, held("s2"))], {}, id="handed over side by side"),
    pytest.param(
        [move(1, A, HOME_A, HAND), move(5, A, HAND, held("s3"))],
        dict.fromkeys(("v1", "v3"), ("something went to another party while the two were apart",)),
        id="handed over where nobody saw",
    ),
    pytest.param(
        [move(1, A, HOME_A, HAND), move(5, A, HAND, Place("floor"))], {}, id="on the floor: a hand is seen there"
    ),
    pytest.param(
        [move(1, C, on(5), HAND, grams=4.0)], {"v1": ("4 g is less than a scale shows",)}, id="lighter than noise"
    ),
    pytest.param(
        [move(1, C, on(9), HAND, grams=300.0)],
        {"v1": ("there is no scale where something was taken or put",)},
        id="no scale",
    ),
]


@pytest.mark.parametrize(("moves", "named"), CASES)
def test_what_no_sensor_can_tell_is_named(moves: list[TruthMove], named: dict[str, tuple[str, ...]]) -> None:
    assert undecidable(moves, VISITS, SHOP) == named


@pytest.mark.parametrize(("b_g", "same"), [(532.5, True), (542.0, True), (543.5, False)], ids=str)
def test_equal_is_as_near_as_a_scales_gain_is_known(b_g: float, same: bool) -> None:
    moves = [move(1, A, HOME_A, held("s2"), "s2"), move(5, A, held("s2"), HOME_B, "s2"), move(9, A, on(3), HAND)]
    assert ("v1" in undecidable(moves, VISITS, weighing(a=532.0, b=b_g, c=300.0))) is same
