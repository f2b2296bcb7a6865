from dataclasses import replace

import pytest

from walkout.checkout.decide import SHADOW, Settling, SettlingError, decide, settling, settling_shipped
from walkout.evaluation.certificate import Certificate, Rung
from walkout.inference.belief import Basket, Belief, BelievedLine
from walkout.inference.calibrate import NO_CARD
from walkout.inference.doubt import Answer, Doubt
from walkout.inference.visit import Visit

GTIN = "00000000000017"
CERTIFICATE = Certificate(
    "simulated", "s", "a", NO_CARD.id, 9, 1, 0.0, 1.0, (Rung("wrong", 0.005, 0.05, 0.97, 0.9, 900, 0, 0.004, 0),), ()
)


def belief(p: float, line: float | None = 0.9) -> Belief:
    lines = () if line is None else (BelievedLine(GTIN, 1, line, "tea", ("e",)),)
    return Belief(Visit("v", "v", ("a",), 0, 9), lines, p, ())


@pytest.mark.parametrize(
    ("p", "line", "status", "shown"),
    [
        pytest.param(0.99, 0.99, "settled", (True,), id="sure"),
        pytest.param(0.99, 0.6, "settled", (True,), id="sure, all of it is charged"),
        pytest.param(0.9, 0.99, "asks", (True,), id="unsure, but the line is shown"),
        pytest.param(0.9, 0.9, "asks", (False,), id="unsure, the line is not shown"),
        pytest.param(1.0, None, "settled", (), id="nothing taken"),
    ],
)
def test_what_becomes_of_a_visit(p: float, line: float | None, status: str, shown: tuple[bool, ...]) -> None:
    found = decide(belief(p, line), Settling(NO_CARD, 0.97, "c"))
    assert (found.status, found.shown) == (status, shown)
    assert found.p_exact < 1.0


@pytest.mark.parametrize(
    ("settle_at", "joint", "asked"),
    [
        pytest.param(0.9, ((0.86, 0.0), (0.0, 0.04), (0.05, 0.05)), True, id="an answer may settle it"),
        pytest.param(0.99, ((0.86, 0.0), (0.0, 0.04), (0.05, 0.05)), False, id="nobody is asked in vain"),
        pytest.param(0.99, ((0.8, 0.0), (0.0, 0.1), (0.05, 0.05)), True, id="it shows what to charge"),
        pytest.param(None, ((0.86, 0.0), (0.0, 0.04), (0.05, 0.05)), True, id="in shadow every answer is a label"),
    ],
)
def test_a_person_is_asked_only_what_may_help(
    settle_at: float | None, joint: tuple[tuple[float, ...], ...], asked: bool
) -> None:
    answers = (Answer((("a", GTIN, 1),), "one"), Answer((("a", GTIN, 2),), "two"))
    baskets = (Basket(((GTIN, 1),), joint[0][0]), Basket(((GTIN, 2),), joint[1][1]))
    sure = replace(belief(joint[0][0]), baskets=baskets, doubts=(Doubt("e", 1, 2, "f", 1, answers, joint),))
    assert bool(decide(sure, Settling(NO_CARD, settle_at, "c")).questions) == asked


def test_a_shop_in_shadow_settles_nothing_alone() -> None:
    assert decide(belief(1.0, 1.0), SHADOW).status == "asks"
    assert settling_shipped("real") == SHADOW


def test_a_certificate_holds_for_its_own_card_and_origin() -> None:
    assert settling(NO_CARD, CERTIFICATE, "simulated").settle_at == 0.97
    assert settling(NO_CARD, None, "real") == SHADOW
    with pytest.raises(SettlingError, match="learnt on simulated visits, right: on real ones"):
        settling(NO_CARD, CERTIFICATE, "real")
    with pytest.raises(SettlingError, match="of the card in use"):
        settling(replace(NO_CARD, store="another"), CERTIFICATE, "simulated")


def test_what_ships_goes_together() -> None:
    by = settling_shipped("simulated")
    assert by.settle_at is None or by.certificate is not None
