"""The report: its schema, its numbers against the ledgers counted another way, what it may not tell."""

from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.disclosure.conftest import Month
from walkout.checkout import tables as checkout
from walkout.disclosure.figure import LEAST, band, cells, hidden, per_1000, share, stated
from walkout.disclosure.page import to_html
from walkout.disclosure.report import digest, label, report, schema, to_json
from walkout.disclosure.source import DisclosureError, month
from walkout.labour import tables as labour
from walkout.review import tables as review


def figures(group: Any) -> list[dict[str, Any]]:
    if isinstance(group, dict):
        return [group] if "source_query_hash" in group else [f for one in group.values() for f in figures(one)]
    return [f for one in group for f in figures(one)] if isinstance(group, list) else []


def test_it_is_what_the_schema_says(played: Month) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(played.report, schema())
    lacking = {**played.report, "headline": {"seen_by_any_person_per_1000": {}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(lacking, schema())


def test_every_number_says_what_it_rests_on(played: Month) -> None:
    found = figures({name: part for name, part in played.report.items() if name != "queries"})
    assert len(found) > 60
    for one in found:
        assert one["source_query_hash"] in played.report["queries"], one["words"]
        assert one["method"]
        assert (
            one["unit"] != "share"
            or one["value"] is None
            or one["suppressed"]
            or one["denominator"]
            or "one-sided" in one["method"]
        )


def test_its_numbers_are_those_of_the_ledgers(played: Month) -> None:
    """Counted by SQL from the tables, where the report counts the log."""
    made, engine = played.report, played.shop.engine
    lease, visit = review.leases.c, checkout.visits.c
    looked = select(func.count(lease.visit.distinct())).join(checkout.visits, visit.visit == lease.visit)
    settle = select(func.count(lease.question.distinct())).where(lease.purpose == "settle")
    paid = select(func.sum(labour.intervals.c.end_ns - labour.intervals.c.start_ns)).where(labour.intervals.c.paid)
    with engine.connect() as connection:
        assert made["visits"]["total"]["n"] == len(played.shop.visits)
        pages = made["human_work"]["looks"].get("page", {"n": 0})["n"]
        seen = made["headline"]["seen_by_any_person_per_1000"]["n"]
        assert 0 <= seen - connection.execute(looked).scalar_one() <= pages
        assert made["headline"]["questions_to_settle_per_1000"]["n"] == connection.execute(settle).scalar_one() > 0
        hours = connection.execute(paid).scalar_one() / 3.6e12
        assert made["human_work"]["paid_hours"]["value"] == pytest.approx(hours, abs=0.002)
    by = made["visits"]
    assert (
        sum(by[f"settled_by_{who}"]["n"] for who in ("software", "person")) + by["unanswered"]["n"] == by["total"]["n"]
    )
    assert made["rows_not_in_the_log"] == 0
    assert made["workforce"]["statements"]["n"] == len(played.shop.workers)
    assert made["pay"]["periods_below_floor"]["n"] == 0


def test_the_two_headline_numbers_never_stand_apart(played: Month) -> None:
    assert set(schema()["properties"]["headline"]["required"]) == set(played.report["headline"])
    assert len(played.report["headline"]) == 2
    page, said = to_html(played.report), " ".join(label(played.report))
    for one in played.report["headline"].values():
        assert f"{one['value']:.1f}" in page
        assert f"{one['value']:.1f}" in said


def test_the_page_loads_nothing_and_says_that_nobody_watches_the_shop(played: Month) -> None:
    page = to_html(played.report)
    assert "http:" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "<script" not in page
    assert "src=" not in page
    assert "operator could have rewritten this" in page.casefold()
    assert "simulated" in page
    assert digest(played.report) in page


def test_the_same_ledgers_give_the_same_bytes(played: Month) -> None:
    again = report(played.shop.source())
    assert to_json(again) == to_json(played.report)


def test_paid_means_confirmed_by_the_person(played: Month) -> None:
    for one in played.report["pay"]["currencies"].values():
        assert not one["owed"]["suppressed"]
        parts = [float(one[name]["value"]) for name in ("confirmed", "late", "disputed", "waiting")]
        assert sum(parts) == pytest.approx(float(one["owed"]["value"]))
    for state in ("confirmed", "late", "disputed"):  # nobody but the person makes it confirmed
        assert any(float(one[state]["value"]) > 0 for one in played.report["pay"]["currencies"].values()), state


def test_few_people_are_not_told_of(played: Month) -> None:
    told = hidden(stated("Pay", "12.00", "EUR", "m", "q"), LEAST - 1)
    assert (told.value, told.n, told.suppressed) == (None, None, True)
    assert not hidden(stated("Pay", "12.00", "EUR", "m", "q"), LEAST).suppressed
    assert band(3) == "1 to 4"
    assert all(one["n"] is None or one["n"] >= LEAST for one in figures(played.report["workforce"]["by_place"]))


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40), max_size=8))
def test_what_is_left_out_cannot_be_told_from_the_total(counts: dict[str, int]) -> None:
    kept = cells(counts)
    assert all(count == 0 or count >= LEAST for count in kept.shown.values())
    out = [counts[name] for name in kept.left_out]
    rest = sum(1 for count in kept.shown.values() if count)
    assert len(out) != 1 or rest == 0
    assert not out or sum(out) >= LEAST or rest == 0
    assert {**kept.shown, **{name: counts[name] for name in kept.left_out}} == counts


@given(st.integers(0, 50), st.integers(0, 50))
def test_intervals_hold_their_number(n: int, more: int) -> None:
    for one in (share("s", n, n + more, "q"), per_1000("p", n, n + more, "q")):
        assert (one.value is None) == (n + more == 0)
        if one.value is not None:
            assert one.low is not None
            assert one.high is not None
            assert one.low <= float(one.value) <= one.high


def test_a_month_that_is_none_and_mixed_origins_are_refused(played: Month) -> None:
    for name in ("2026-13", "2026-3", "march"):
        with pytest.raises(DisclosureError, match="right"):
            month(name)
    assert month("2026-12").end_ns == month("2027-01").start_ns
    with pytest.raises(DisclosureError, match="one origin"):
        report(replace(played.shop.source(), origin="real"))


def test_an_empty_month_has_no_numbers_and_no_claims(played: Month) -> None:
    made = report(replace(played.shop.source(), month=month("2027-01")))
    jsonschema.validate(made, schema())
    assert made["headline"]["seen_by_any_person_per_1000"]["value"] is None
    assert not any(one["backed"] for one in made["claims"])
    assert "No visit" in label(made)[0]
    assert to_html(made)
