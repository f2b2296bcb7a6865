"""A few minutes of the bench that plays a rush hour before simulated reviewers."""

import pytest
from benchmarks.review import run


@pytest.mark.slow
def test_every_visit_ends_and_both_numbers_stand_together() -> None:
    figures = run(json=True, shoppers=4, minutes=0.4, settle_at=0.9999)  # nearly every visit is asked about
    assert figures["origin"] == "simulated"
    assert figures["visits"] >= 3
    assert figures["unfinished"] == 0
    assert figures["questions_to_settle_per_1000"] > 0
    assert figures["seen_by_any_person_per_1000"] > 0
    assert figures["paid_hours_per_1000"] > 0
    assert figures["orders"]["worth most"]["cases"] == figures["cases"]
