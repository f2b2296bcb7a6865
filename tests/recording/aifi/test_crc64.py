"""The checksum of archives, against its published check value and a slow one."""

from hypothesis import given
from hypothesis import strategies as st

from walkout.recording.aifi.crc64 import crc64

from .archive_form import slow_crc64


def test_published_check_value() -> None:
    assert crc64(b"123456789") == 0x995DC9BBDF1939FA  # CRC-64/XZ in the catalogue of parametrised CRCs


@given(st.binary(max_size=200), st.integers(0, 200))
def test_in_pieces_as_in_one_and_as_the_slow_one(data: bytes, cut: int) -> None:
    assert crc64(data[cut:], crc64(data[:cut])) == crc64(data) == slow_crc64(data)
