"""The schema that is fetched is the one that was pinned, or none; npm itself is not asked here."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from tests.schemas import fetch


def packed(to: Path, text: bytes) -> str:
    with tarfile.open(to, "w:gz") as archive:
        info = tarfile.TarInfo(fetch.MEMBER)
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text))
    return hashlib.sha256(to.read_bytes()).hexdigest()


def test_only_what_was_pinned_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right, wrong = tmp_path / "right.tgz", tmp_path / "wrong.tgz"
    monkeypatch.setattr(fetch, "FILE", hashlib.sha256(b"{}").hexdigest())
    pinned, other = packed(right, b"{}"), packed(wrong, b"[]")
    assert fetch.take(right, tmp_path / "schema.json", pinned).read_bytes() == b"{}"
    for archive, sha256 in ((right, other), (wrong, other)):
        with pytest.raises(fetch.FetchError, match="SHA-256"):
            fetch.take(archive, tmp_path / "none.json", sha256)
    assert not (tmp_path / "none.json").exists()
