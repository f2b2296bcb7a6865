"""Floors, cards, months and money on their own."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.labour.desk import D, card
from walkout.labour.floor import FloorError, midnight_ns, read_floors
from walkout.labour.money import coin, earned, rounded_up
from walkout.labour.period import month, month_of
from walkout.labour.rate import OTHER, RateError, from_json, in_force, rate_card, to_json

TEXT = files("walkout.labour").joinpath("examples/floors.csv").read_text("utf-8")


@pytest.mark.parametrize(
    ("worker", "day", "hourly", "kind"),
    [
        ("somebody", date(2026, 6, 30), "15.20", "living_wage"),
        ("somebody", date(2026, 7, 1), "15.65", "living_wage"),
        ("swift-heron", date(2026, 7, 1), "16.00", "contract"),
    ],
)
def test_the_highest_bound_of_the_day_counts(worker: str, day: date, hourly: str, kind: str) -> None:
    place = read_floors(TEXT)["exampleville"]
    found = place.at(worker, midnight_ns(day, place.zone))
    assert (found.hourly, found.kind) == (D(hourly), kind)
    assert found.source.startswith("INVENTED")


def test_everything_wrong_with_a_floors_file_is_said_at_once() -> None:
    lines = TEXT.splitlines()
    lines[1] = lines[1].replace("13.00", "-1")
    lines[2] = lines[2].replace("Europe/Berlin", "Europe/Nowhere")
    lines[3] = lines[3].replace("INVENTED for this example: no real benchmark", "")
    lines[4] = lines[4].replace("contract,swift-heron", "contract,")
    lines[5] = lines[5].replace("legal_minimum", "guess")
    with pytest.raises(FloorError) as caught:
        read_floors("\n".join(lines))
    said = str(caught.value)
    assert [f"line {n}" in said for n in range(2, 7)] == [True] * 5
    assert "a number without its source is no floor" in said
    assert "sampleabad: found no legal_minimum" in said
    with pytest.raises(FloorError, match="line 1: found the columns"):
        read_floors("a,b\n1,2\n")


def test_a_card_is_its_hash() -> None:
    one = card(1, "14.00", audit="15.50")
    assert from_json(to_json(one)) == one
    assert one.hash != card(1, "14.00", audit="15.51").hash
    assert (one.rate("audit"), one.rate("settle"), one.rate(OTHER)) == (D("15.50"), D("14.00"), D("14.00"))
    assert in_force([one, card(2, "15.00", 100)], "exampleville", 99) == one
    with pytest.raises(RateError, match="found no rate card for elsewhere"):
        in_force([one], "elsewhere", 5)


@pytest.mark.parametrize(
    ("hourly", "words"),
    [
        ({"settle": D(1)}, "waiting and breaks"),
        ({OTHER: D(0)}, "above 0"),
        ({OTHER: D(9), "x": D(8)}, "less than waiting"),
    ],
)
def test_cards_that_may_not_be(hourly: dict[str, Decimal], words: str) -> None:
    with pytest.raises(RateError, match=words):
        rate_card("a", 1, "EUR", 0, hourly)


def test_months_begin_at_midnight_there() -> None:
    berlin = month("2026-03", "Europe/Berlin")
    assert berlin.end_ns - berlin.start_ns == (31 * 24 - 1) * 3600 * 10**9  # the clock goes forward that month
    assert month_of(berlin.start_ns, "Europe/Berlin") == berlin
    assert month_of(berlin.start_ns - 1, "Europe/Berlin").name == "2026-02"
    assert month("2026-12", "UTC").end_ns == month("2027-01", "UTC").start_ns
    with pytest.raises(ValueError, match="right: one such as 2026-11"):
        month("2026-13", "UTC")


@given(st.integers(0, 10**15), st.decimals("0.01", "1000", places=2), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_rounding_is_up_and_by_less_than_a_coin(length_ns: int, hourly: Decimal, currency: str) -> None:
    exact = earned(length_ns, hourly)
    found = rounded_up(exact, currency)
    assert 0 <= Fraction(found) - exact < Fraction(coin(currency))
    assert found == found.quantize(coin(currency))
