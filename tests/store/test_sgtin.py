"""SGTIN-96: GS1's own example both ways, every partition, and what is no such tag."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkout.store.gtin import check_digit
from walkout.store.sgtin import LARGEST_SERIAL, PARTITIONS, Sgtin, hexadecimal, read, uri

EXAMPLE = Sgtin("80614141123458", 6789, 3, 7)
"""GS1 EPC Tag Data Standard: urn:epc:id:sgtin:0614141.812345.6789 with filter 3."""


def test_the_standards_own_example_reads_and_writes() -> None:
    assert read("3074257BF7194E4000001A85") == EXAMPLE
    assert read("3074257bf7194e4000001a85") == EXAMPLE
    assert hexadecimal(EXAMPLE) == "3074257BF7194E4000001A85"
    assert uri(EXAMPLE) == "urn:epc:tag:sgtin-96:3.0614141.812345.6789"
    assert read(uri(EXAMPLE)) == EXAMPLE
    assert read("urn:epc:id:sgtin:0614141.812345.6789") == Sgtin("80614141123458", 6789, 1, 7)


@given(
    digits=st.text("0123456789", min_size=13, max_size=13).filter(lambda d: d.strip("0")),
    serial=st.integers(0, LARGEST_SERIAL),
    filter_=st.integers(0, 7),
    prefix=st.integers(6, 12),
)
def test_every_tag_comes_back(digits: str, serial: int, filter_: int, prefix: int) -> None:
    tag = Sgtin(digits + check_digit(digits), serial, filter_, prefix)
    assert len(hexadecimal(tag)) == 24
    assert read(hexadecimal(tag)) == tag
    assert read(uri(tag)) == tag


def test_the_bits_of_prefix_and_reference_are_44_and_their_digits_13() -> None:
    assert all(a + c == 44 and b + d == 13 for a, b, c, d in PARTITIONS)


@pytest.mark.parametrize("text", ["", "xyz", "E2801160600002054A1B2C3D", "30", "urn:epc:id:sscc:0614141.1234567890"])
def test_other_tags_are_none(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    "text",
    ["307C257BF7194E4000001A85", "urn:epc:id:sgtin:0614141.81234.6789", "urn:epc:id:sgtin:0614141.812345.0789",
     "urn:epc:id:sgtin:0614141.812345.274877906944", "3077FFFFFFFFFFFFFFFFFFFF", "urn:epc:id:sgtin:0000000.000000.1"],
)  # fmt: skip
def test_broken_tags_say_what_is_wrong(text: str) -> None:
    with pytest.raises(ValueError, match="found"):
        read(text)


@pytest.mark.parametrize("tag", [Sgtin("80614141123458", 2**38), Sgtin("80614141123458", 1, 8), Sgtin("1", 1)])
def test_what_does_not_fit_is_not_written(tag: Sgtin) -> None:
    with pytest.raises(ValueError, match="found"):
        hexadecimal(tag)
