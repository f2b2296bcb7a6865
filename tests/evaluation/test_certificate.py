import orjson
import pytest

from tests.evaluation.verdicts import drawn, verdict
from walkout.evaluation.calibration import CalibrationError, fit_card
from walkout.evaluation.certificate import CertificateError, from_json, to_json
from walkout.evaluation.certification import certify
from walkout.inference.calibrate import Card

SURE = [verdict(0.999, recording=f"r{k % 40}") for k in range(4000)]


@pytest.fixture(scope="module")
def card() -> Card:
    return fit_card(drawn(300, 1, name="card"), store="s", about="card")


def test_visits_that_are_all_right_certify_and_come_back(card: Card) -> None:
    found = certify(SURE, card, store="s", about="sure")
    assert found.settle_at is not None
    assert {(rung.risk, rung.delta) for rung in found.settling} == {("wrong", 0.025), ("overcharged", 0.025)}
    assert (found.visits, found.recordings, found.design_effect, found.card) == (4000, 40, 1.0, card.id)
    assert from_json(to_json(found)) == found


def test_one_risk_that_fails_is_enough_for_nothing_to_settle(card: Card) -> None:
    over = [verdict(0.999, right=k % 200 != 0, over=k % 200 == 0, recording=f"r{k}") for k in range(4000)]
    found = certify(over, card, store="s", about="", alpha=0.05)
    wrong, overcharged = found.settling
    assert wrong.threshold is not None
    assert overcharged.threshold is None
    assert found.settle_at is None
    assert certify(over, card, store="s", about="", alpha=0.05, over=None).settle_at is not None


def test_the_visits_of_a_card_do_not_certify_it(card: Card) -> None:
    with pytest.raises(CalibrationError, match="fitted on"):
        certify(list(drawn(300, 1, name="card")), card, store="s", about="")


def test_mixed_origins_are_refused_unless_asked_for_by_name(card: Card) -> None:
    mixed = [*SURE, verdict(origin="real")]
    with pytest.raises(CalibrationError, match="asked for by name"):
        certify(mixed, card, store="s", about="")
    assert certify(mixed, card, store="s", about="", mixed=True).origin == "mixed"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"visits": 9}, "not what it was", id="changed"),
        pytest.param({"version": 0}, "version 0", id="another version"),
        pytest.param({"ladder": [{"risk": "late"}]}, "'late'", id="an unknown risk"),
        pytest.param({"ladder": 1}, "no certificate", id="no ladder"),
    ],
)
def test_a_certificate_that_is_none_is_refused(card: Card, change: dict[str, object], words: str) -> None:
    written = orjson.loads(to_json(certify(SURE, card, store="s", about="")))
    with pytest.raises(CertificateError, match=words):
        from_json(orjson.dumps(written | change))
