"""A small fixed share of the fuzzing; the bench runs it a hundred thousand times."""

from collections import Counter

import pytest

from .archive_form import archive
from .fuzz import archive_inputs, fuzz_archive, fuzz_readings, readings_inputs


def test_damaged_archives() -> None:
    assert fuzz_archive(archive({"products": []})) == "whole"
    assert set(Counter(map(fuzz_archive, archive_inputs(seed=1, count=500)))) == {"refused", "lossy", "whole"}


def test_damaged_readings() -> None:
    assert set(Counter(map(fuzz_readings, readings_inputs(seed=1, count=300)))) == {"refused", "lossy", "whole"}


@pytest.mark.parametrize("data", [b"", b"\x6d\xe2\x99\x81", b"\x6d\xe2\x99\x81" + b"\xff" * 400, b"\x00" * 100])
def test_any_bytes(data: bytes) -> None:
    assert fuzz_archive(data) in {"refused", "lossy", "whole"}
    assert fuzz_readings(data) == "refused"
