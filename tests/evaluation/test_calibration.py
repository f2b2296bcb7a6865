from dataclasses import replace

import pytest

from tests.evaluation.verdicts import drawn, verdict
from walkout.evaluation.calibration import CalibrationError, calibrated, fit_card
from walkout.evaluation.reliability import exact_told, line_told, reliability
from walkout.inference.calibrate import NO_CARD, from_json, to_json


def test_a_fitted_card_makes_fresh_probabilities_true() -> None:
    card = fit_card(drawn(2500, 1), store="s", about="draws")
    fresh = list(drawn(2500, 2))
    before, after = reliability(exact_told(fresh)), reliability(exact_told(calibrated(card, fresh)))
    assert after.error < 0.015 < 0.018 < before.error
    assert card.none(1.0) == pytest.approx(0.99, abs=0.006)  # never 1, however sure: nothing was measured
    assert from_json(to_json(card)) == card


def test_the_same_visits_in_another_order_give_the_same_card() -> None:
    rows = list(drawn(200, 3))
    assert fit_card(rows[::-1], store="s", about="") == fit_card(rows, store="s", about="")


@pytest.mark.parametrize("wrong", [0, 1], ids=["none wrong", "one wrong"])
def test_ties_and_few_wrong_ones_leave_a_map_that_is_not_sure(wrong: int) -> None:
    rows = [verdict(1.0, right=k >= wrong, recording=f"r{k % 7}") for k in range(300)]
    card = fit_card(rows, store="s", about="")
    assert 0.98 < card.some(1.0) < 1.0


def test_few_visits_change_nothing() -> None:
    assert fit_card([verdict(0.9)], store="s", about="").some == NO_CARD.some


def test_the_grid_falls_to_the_lowest_probability() -> None:
    rows = list(drawn(300, 4))
    card = fit_card(rows, store="s", about="")
    assert list(card.grid) == sorted(set(card.grid), reverse=True)
    assert card.grid[-1] == min(v.p_exact for v in calibrated(card, rows, seen=True))


def test_nothing_is_measured_on_what_a_card_was_fitted_on() -> None:
    rows = list(drawn(200, 5))
    card = fit_card(rows, store="s", about="")
    with pytest.raises(CalibrationError, match="4 recordings that the card was fitted on"):
        calibrated(card, rows)
    assert calibrated(card, rows, seen=True)


def test_real_and_simulated_visits_are_not_mixed_unless_asked_for() -> None:
    rows = [verdict(), replace(verdict(), origin="real")]
    with pytest.raises(CalibrationError, match="real and simulated"):
        fit_card(rows, store="s", about="")
    assert fit_card(rows, store="s", about="", mixed=True).origin == "mixed"


def test_nothing_to_fit_on_is_refused() -> None:
    with pytest.raises(CalibrationError, match="no receipt"):
        fit_card([verdict(tags={"matched": "visit alone"})], store="s", about="")


def test_lines_are_told_one_by_one() -> None:
    told = line_told([verdict(0.9), verdict(0.8, right=False)])
    assert [(t.p, t.right) for t in told] == [(0.9, True), (0.8, False)]
