"""CRC-64 as mongodump writes it behind each collection of an archive.

Polynomial 0x42F0E1EBA9EA3693 (ECMA-182), reflected, all ones in and out; known elsewhere as CRC-64/XZ. That an archive
has this one: https://github.com/mongodb/mongo-tools/blob/master/common/archive/spec.md.
"""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

_REFLECTED: Final = 0xC96C5795D7870F42


def _table() -> NDArray[np.uint64]:
    """What each byte adds to the checksum."""
    rows = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (_REFLECTED if value & 1 else 0)
        rows.append(value)
    return np.array(rows, np.uint64)


_TABLE: Final = _table()


@njit(cache=True)
def _update(value: np.uint64, data: NDArray[np.uint8], table: NDArray[np.uint64]) -> np.uint64:
    """Take in some bytes; the complement is the caller's."""
    low, eight = np.uint64(0xFF), np.uint64(8)
    for byte in data:
        value = table[(value ^ np.uint64(byte)) & low] ^ (value >> eight)
    return value


def crc64(data: bytes | memoryview, before: int = 0) -> int:
    """The checksum of `data`, or of what `before` is the checksum of followed by `data`; 0 to 2^64 - 1."""
    start = np.uint64(before ^ 0xFFFFFFFFFFFFFFFF)
    return int(_update(start, np.frombuffer(data, np.uint8), _TABLE)) ^ 0xFFFFFFFFFFFFFFFF
