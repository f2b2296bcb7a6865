"""A small fixed share of the fuzzing; the bench runs it a hundred thousand times."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recording.aifi.make import case_files
from tests.recording.fuzz import aifi_inputs, fuzz_aifi, fuzz_mcap, mcap_inputs
from tests.recording.make import recorded, small
from walkout.recording.records import MAGIC


def test_the_inputs_themselves_are_whole() -> None:
    assert fuzz_mcap(recorded(small()[:-1])) == "whole"
    assert fuzz_aifi(case_files()) == "whole"


def test_damaged_recordings() -> None:
    outcomes = Counter(map(fuzz_mcap, mcap_inputs(seed=1, count=600)))
    assert set(outcomes) == {"refused", "lossy", "whole"}


def test_damaged_cases() -> None:
    outcomes = Counter(map(fuzz_aifi, aifi_inputs(seed=1, count=200)))
    assert set(outcomes) == {"refused", "lossy", "whole"}


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_behind_the_magic(data: bytes) -> None:
    assert fuzz_mcap(MAGIC + data) == "refused"


@pytest.mark.parametrize("name", ["plate_data", "full_targets", "planogram", "products"])
@settings(max_examples=25, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_as_a_file(name: str, data: bytes) -> None:
    fuzz_aifi(case_files() | {name: data})
