from dataclasses import replace
from decimal import Decimal

import pytest

from tests.evaluation.verdicts import verdict
from walkout.evaluation.given_away import Cause, causes
from walkout.evaluation.settled import outcome, outcomes, summary
from walkout.evaluation.verdict import Verdict
from walkout.inference.calibrate import NO_CARD

RIGHT = verdict(0.999)
SHAKY = verdict(0.6, answers=((0.8, False, Decimal(0), Decimal(1)), (0.9999, True, Decimal(0), Decimal(0))))


def test_a_sure_visit_settles_alone_and_gives_nothing_away() -> None:
    found = outcome(RIGHT, NO_CARD, 0.99, 0.95)
    assert (found.settled, found.questions, found.asked, found.ends_exact) == (True, 0, 0, True)
    assert found.given == 0


def test_an_unsure_visit_is_asked_until_it_settles_and_pays_nothing_meanwhile() -> None:
    found = outcome(SHAKY, NO_CARD, 0.99, 0.95)
    assert (found.settled, found.questions, found.asked, found.ends_exact) == (False, 2, 2, True)
    assert (found.given, found.unshown) == (Decimal(1), Decimal(1))


def test_without_a_threshold_everything_is_looked_at() -> None:
    found = outcome(RIGHT, NO_CARD, None, 0.95)
    assert (found.settled, found.questions) == (False, None)
    assert found.given == 0  # the line is shown all the same


NO_RECEIPT = replace(
    verdict(0.0, right=False, taken=2), charged=0, right=0, lines=(), worth=(), tags={"matched": "visit alone"}
)


@pytest.mark.parametrize(
    ("row", "cause", "value"),
    [
        pytest.param(verdict(0.6), "unanswered", 1, id="held back"),
        pytest.param(verdict(0.99, right=False), "missed", 1, id="missed"),
        pytest.param(verdict(0.99, right=False, over=True), "wrong product", 1, id="swapped"),
        pytest.param(verdict(0.99, right=False, tags={"fault": "dead_plate"}), "fault", 1, id="fault"),
        pytest.param(verdict(0.99, right=False, tags={"undecidable": "unknown item"}), "unknown item", 1, id="unknown"),
        pytest.param(NO_RECEIPT, "no receipt", 2, id="no receipt"),
    ],
)
def test_what_is_given_away_has_a_cause(row: Verdict, cause: Cause, value: int) -> None:
    found = outcome(row, NO_CARD, 0.999, 0.95)
    by = causes(row, found.given, found.unshown)
    assert sum(by.values()) == found.given
    assert by[cause] == value


def test_the_figures_of_a_day() -> None:
    rows = [verdict(0.999, recording=f"r{k % 5}") for k in range(95)]
    rows += [verdict(0.6, recording=f"r{k}", answers=((0.9999, True, Decimal(0), Decimal(0)),)) for k in range(5)]
    found = summary(outcomes(rows, NO_CARD, 0.99, 0.95))
    assert (found["visits"], found["recordings"], found["settled_alone"]["share"]) == (100, 5, 0.95)
    assert found["questions_per_1000"]["mean"] == pytest.approx(50.0)
    assert found["given_away_per_1000"]["mean"] == pytest.approx(50.0)
    assert found["given_away_by_cause_per_1000"]["unanswered"]["mean"] == pytest.approx(50.0)
    assert found["seen_whole_per_1000"]["mean"] == 0.0
