"""Numbers, times and names as people read them."""

from decimal import Decimal

import pytest

from walkout.web import words

NS = 1_000_000_000


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (0.973, "97.3 %"),
        (1.0, "> 99.9 %"),
        (0.9996, "> 99.9 %"),
        (0.9994, "99.9 %"),
        (0.0, "< 0.1 %"),
        (float("nan"), "no number"),
    ],
)
def test_percent_never_claims_certainty(probability: float, said: str) -> None:
    assert words.percent(probability) == said


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        ("1", "USD", "1.00 USD"),
        ("1234.5", "EUR", "1,234.50 EUR"),
        ("0.125", "EUR", "0.125 EUR"),
        ("0", "EUR", "0.00 EUR"),
        ("1200", "JPY", "1,200 JPY"),
    ],
)
def test_money(amount: str, currency: str, said: str) -> None:
    assert words.money(Decimal(amount), currency) == said


@pytest.mark.parametrize(
    ("mass_g", "said"), [(-621.67, "−622 g"), (24.64, "+24.6 g"), (1080.0, "+1,080 g"), (-0.01, "−0.0 g")]
)
def test_grams(mass_g: float, said: str) -> None:
    assert words.grams(mass_g, signed=True) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(8.04, "8.0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (71, "1 min 11 s"), (12_000, "3 h 20 min")],
)
def test_duration(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


def test_clock_follows_the_zone_and_its_summer() -> None:
    berlin = words.clock("Europe/Berlin")
    winter, summer = 1_578_000_000 * NS, 1_593_600_000 * NS
    assert berlin.time(winter) == "22:20:00"
    assert berlin.zone_at(winter) == "Europe/Berlin (UTC+01:00)"
    assert berlin.zone_at(summer) == "Europe/Berlin (UTC+02:00)"
    assert berlin.time(winter + NS // 4 * 3, 1) == "22:20:00.7"
    assert berlin.span(winter, winter + 7200 * NS) == "2 January 2020, 22:20:00 to 3 January 2020, 00:20:00"


@pytest.mark.parametrize("zone", ["Nowhere/Land", "../../etc/passwd", ""])
def test_a_zone_that_is_not_known_is_said(zone: str) -> None:
    assert words.clock(zone).zone_at(0).startswith("UTC, as the shop's own zone is not known")


@pytest.mark.parametrize("t_ns", [2**63 - 1, 10**30, -(10**30)])
def test_a_time_beyond_all_calendars(t_ns: int) -> None:
    clock = words.clock("Europe/Berlin")
    assert clock.time(t_ns)
    assert clock.day(t_ns)
    assert clock.zone_at(t_ns)


def test_letters_go_on_after_z() -> None:
    assert [words.letter(k) for k in (0, 25, 26, 51, 52, 702)] == ["A", "Z", "AA", "AZ", "BA", "AAA"]


def test_sentences_keep_numbers_and_units_together() -> None:
    assert words.sentence(" 97 g left  ") == "97\N{NO-BREAK SPACE}g left."
    assert words.sentence("2 garments. ") == "2 garments."
    assert words.sentence("") == ""


def test_plates_and_lists() -> None:
    assert words.plates((3,)) == "plate 3"
    assert words.plates((3, 4, 5)) == "plates 3–5"
    assert words.plates((3, 7)) == "plates 3, 7"
    assert words.listed(["A"]) == "A"
    assert words.listed(["A", "B", "C"]) == "A, B and C"
