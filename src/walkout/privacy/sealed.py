"""Encrypted files made of records: AES-256-GCM each, none can be changed, moved, left out or taken from another file.

A file is a header (one line: format, key id, label) and records: 4 bytes of length, 12 of nonce, the ciphertext with
its tag. Each record is bound to the header, to its number, and to whether it is the last: the additional data is the
SHA-256 of the header, the number, and a flag. Only ciphertext ever reaches the operating system; a crash leaves whole
records and perhaps a piece of one, which a reader leaves out and says so.
"""

import os
import struct
from collections.abc import Generator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from walkout.privacy.files import canonical, sync_folder
from walkout.privacy.keys import NONCE_BYTES, DataKey

FORMAT: Final = "walkout sealed 1"
MAX_RECORD: Final = 64 * 1024 * 1024
_TAG: Final = 16


class SealedError(ValueError):
    """A sealed file that was changed, or is none."""


class SealedWriter:
    """Writes one file; `label` stands in it in clear and is bound to it (a camera, a slice, an event: nobody's name).

    Records are in the file once `sync` or `close` returns. A file that was closed says that it is complete.
    """

    def __init__(self, path: Path, key: DataKey, label: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path, self._cipher, self._count = path, AESGCM(key.secret), 0
        header = canonical({"format": FORMAT, "key": key.id, "label": label}) + b"\n"
        self._bound = sha256(header).digest()
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._file.write(header)

    def write(self, record: bytes) -> None:
        """Add a record. ValueError where it is too large or the file is closed."""
        self._put(record, last=False)

    def sync(self) -> None:
        """Bring everything so far to the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Say that this is all, and bring it to the disk; closing twice is fine."""
        if self._file.closed:
            return
        self._put(b"", last=True)
        self.sync()
        self._file.close()
        sync_folder(self._path.parent)

    def _put(self, record: bytes, *, last: bool) -> None:
        if len(record) > MAX_RECORD:
            raise ValueError(f"a record of {len(record)} bytes; right is at most {MAX_RECORD}")
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, record, _extra(self._bound, self._count, last))
        self._file.write(struct.pack(">I", len(sealed)) + nonce + sealed)
        self._count += 1


def key_of(path: Path) -> tuple[str, str]:
    """The id of a file's key, and its label. SealedError where it is no sealed file."""
    with path.open("rb") as file:
        return _header(path, file.readline(4096))


def read_sealed(path: Path, key: DataKey) -> Generator[bytes, None, bool]:
    """The records of a file, in order; where a crash cut it short, those that are whole.

    Returns (as a generator does, to `yield from`) whether the file was closed and nothing of it is missing.

    Raises:
        SealedError: It is no sealed file, or a record was changed, moved or left out.
    """
    with path.open("rb") as file:
        header = file.readline(4096)
        _header(path, header)
        bound, cipher, number = sha256(header).digest(), AESGCM(key.secret), 0
        while head := file.read(4 + NONCE_BYTES):
            if len(head) < 4 + NONCE_BYTES:
                return False
            (size,) = struct.unpack(">I", head[:4])
            if not _TAG <= size <= MAX_RECORD + _TAG:
                raise SealedError(f"{path.name}: record {number} has a length that no record has")
            sealed = file.read(size)
            if len(sealed) < size:
                return False
            record, last = _opened(path, cipher, bound, number, head[4:], sealed)
            if last:
                if file.read(1):
                    raise SealedError(f"{path.name}: there is more after the last record")
                return True
            yield record
            number += 1
    return False


def complete(path: Path, key: DataKey) -> bool:
    """Whether a file was closed and nothing of it is missing. SealedError as `read_sealed`."""
    records = read_sealed(path, key)
    while True:
        try:
            next(records)
        except StopIteration as end:
            return bool(end.value)


def _opened(path: Path, cipher: AESGCM, bound: bytes, number: int, nonce: bytes, sealed: bytes) -> tuple[bytes, bool]:
    """A record, and whether it is the last, which is empty."""
    for last in (len(sealed) == _TAG, False):
        with suppress(InvalidTag):
            return cipher.decrypt(nonce, sealed, _extra(bound, number, last)), last
    raise SealedError(f"{path.name}: record {number} was changed, moved or left out, or the key is another")


def _extra(bound: bytes, number: int, last: bool) -> bytes:
    return bound + struct.pack(">Q?", number, last)


def _header(path: Path, line: bytes) -> tuple[str, str]:
    try:
        value = orjson.loads(line)
        if value["format"] == FORMAT and line.endswith(b"\n"):
            return str(value["key"]), str(value["label"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        pass
    raise SealedError(f"{path.name} is no sealed file of this format")
