import pytest
from biip.gtin import Gtin
from biip.rcn import Rcn, RcnUsage
from hypothesis import given, settings
from hypothesis import strategies as st

from walkout.store.gtin import GtinError, check_digit, is_restricted, normalise, restricted, restricted_all, zeros_lost

from .strategies import gtins


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("071142008582", "00071142008582", id="GTIN-12 of the real visit"),
        pytest.param("4006381333931", "04006381333931", id="GTIN-13"),
        pytest.param("10614141000415", "10614141000415", id="GTIN-14"),
        pytest.param("96385074", "00000096385074", id="GTIN-8"),
        pytest.param(" 96385074\n", "00000096385074", id="blanks around it"),
        pytest.param("04252614", "00042100005264", id="UPC-E"),
        pytest.param("71142008582", "00071142008582", id="one zero lost in a spreadsheet"),
    ],
)
def test_every_form_becomes_14_digits(text: str, expected: str) -> None:
    assert normalise(text) == expected
    assert normalise(expected) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("071142004007", "check digit 7 .* right: 3", id="wrong check digit"),
        pytest.param("07114200858X", "digits only", id="a letter"),
        pytest.param("7.1142E+10", "spreadsheet", id="rounded by a spreadsheet"),
        pytest.param("", "nothing", id="nothing"),
        pytest.param("44", "2 digits", id="too short"),
        pytest.param("123456789012345", "15 digits", id="too long"),
        pytest.param("037000850069 037000850052", "digits only", id="two numbers"),
        pytest.param("00000000", "only zeros", id="zeros"),
        pytest.param("٠٧١١٤٢٠٠٨٥٨٢", "digits only", id="digits of another script"),
        pytest.param("04904403", "00000004904403 or UPC-E 00049000000443", id="GTIN-8 or UPC-E"),
    ],
)
def test_what_is_no_gtin_is_refused_in_plain_words(text: str, says: str) -> None:
    with pytest.raises(GtinError, match=says):
        normalise(text)


def test_a_source_of_upcs_settles_what_eight_digits_mean() -> None:
    assert normalise("04904403", upc=True) == "00049000000443"
    assert normalise("90162909", upc=True) == "00000090162909"


def test_lost_zeros_are_told() -> None:
    assert zeros_lost("71142008582")
    assert not zeros_lost("071142008582")


@given(gtins)
@settings(deadline=None)
def test_the_check_digit_catches_any_single_wrong_digit(gtin: str) -> None:
    wrong = gtin[:-1] + str((int(gtin[-1]) + 1) % 10)
    assert check_digit(gtin[:-1]) == gtin[-1]
    with pytest.raises(GtinError):
        normalise(wrong)


@given(st.text())
@settings(deadline=None)
def test_any_text_gets_a_number_of_the_companys_own(text: str) -> None:
    gtin = restricted(text)
    parsed = Gtin.parse(gtin)
    assert isinstance(parsed, Rcn)
    assert parsed.usage is RcnUsage.COMPANY
    assert is_restricted(gtin)
    assert normalise(gtin) == gtin
    assert restricted(text) == gtin


def test_short_numbers_stay_readable_and_apart() -> None:
    assert restricted("44").startswith("0042000000044")
    assert len({restricted(text) for text in ("1", "01", "001", "10")}) == 4


@given(st.sets(st.text(max_size=8), max_size=30), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_many_ids_get_different_numbers_in_any_order(texts: set[str], random: object) -> None:
    numbers = restricted_all(texts)
    assert len(set(numbers.values())) == len(texts)
    assert restricted_all(sorted(texts, reverse=True)) == numbers


def test_a_number_that_is_taken_is_not_given_again() -> None:
    first = restricted("3.5")
    second = restricted("3.5", {first})
    assert second != first
    assert restricted_all(["3.5"], [first]) == {"3.5": second}
    assert restricted("44", {restricted("44")}) != restricted("44")
