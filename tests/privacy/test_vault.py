"""The data folder as a whole: nothing in clear, erased is gone, retention proves that it ran, the log stays whole."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from walkout.privacy.audit import audit
from walkout.privacy.entry import seal
from walkout.privacy.keys import KeyGoneError, KeyStoreError
from walkout.privacy.log import LogError
from walkout.privacy.retention import DAY_NS, HOUR_NS, Policy
from walkout.privacy.segments import RawPacket
from walkout.privacy.vault import Vault

NOW = 1_767_603_600_000_000_000
MARK = b"PLANTED-FRAME-MARKER-\x00\x01\x02" * 3
NAME = "visit-7f3a-of-somebody"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that holds everything that is written, what goes to the temporary folder too."""
    (tmp_path / "temp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path
    monkeypatch.setattr(tempfile, "tempdir", None)


def found(place: Path, *marks: bytes) -> list[str]:
    """Where any of these bytes stand in a file or its name."""
    paths = [Path(top) / name for top, _, names in os.walk(place) for name in names]
    return [str(path) for path in paths if any(m in path.read_bytes() or m in os.fsencode(path) for m in marks)]


def opened(place: Path, now_ns: int = NOW) -> Vault:
    return Vault(place / "data", place / "secrets", now_ns)


def fill(vault: Vault, now_ns: int = NOW) -> None:
    writer = vault.raw_writer("c1")
    for k in range(30):
        writer.write(RawPacket(now_ns + k, k % 10 == 0, MARK), now_ns)
    writer.close()
    vault.clips.put(NAME, "event-1.c1", MARK * 9000, {"camera": "c1", "marker": MARK.hex()}, now_ns)
    vault.clips.put("another", "event-2.c1", b"other" + MARK, {}, now_ns)
    vault.record("view", now_ns, {"clips": 1}, {"visit": NAME, "reviewer": "Anna Example"})


def test_nothing_is_ever_on_the_disk_in_clear(place: Path) -> None:
    """Looked for after every single record, while files are still open."""
    with opened(place) as vault:
        writer = vault.raw_writer("c1")
        for k in range(5):
            writer.write(RawPacket(NOW + k, True, MARK), NOW)
            assert writer._file is not None
            writer._file.sync()
            assert found(place, MARK) == []
        writer.close()
        fill(vault)
        assert found(place, MARK, MARK.hex().encode(), NAME.encode(), b"Anna Example") == []
        assert vault.clips.get(NAME, "event-1.c1") == (MARK * 9000, {"camera": "c1", "marker": MARK.hex()})
        assert [packet.data for packet in vault.raw("c1", NOW, NOW + 50)][-1] == MARK


def test_an_erased_visit_is_found_nowhere_and_the_log_is_whole(place: Path) -> None:
    with opened(place) as vault:
        fill(vault)
        salt = vault.keys.get("salt", f"visit/{NAME}").secret
        secret = vault.keys.get("clip", NAME).secret
        view = next(one for one in vault.log.entries() if one.kind == "view")
        assert view.sealed["visit"] == seal(salt, "visit", NAME)
        done = vault.erase(NAME, NOW + 5)
        assert (done.keys, done.files) == (2, 1)
        assert vault.clips.names(NAME) == ()
        with pytest.raises(KeyGoneError):
            vault.clips.get(NAME, "event-1.c1")
        assert found(place, NAME.encode(), salt, secret, MARK) == []
        assert vault.clips.names("another") == ("event-2.c1",)
        stones = [one.facts for one in vault.log.entries() if one.kind == "deletion"]
        assert [(stone["purpose"], stone["reason"]) for stone in stones] == [("clip", "erasure"), ("salt", "erasure")]
        assert vault.erase(NAME, NOW + 6).keys == 0
    assert audit(place / "data" / "log").whole
    with opened(place) as vault:
        assert vault.clips.names(NAME) == ()


def test_retention_ends_keys_and_proves_it(place: Path) -> None:
    policy = Policy()
    with opened(place) as vault:
        fill(vault)
        assert "never ran" in vault.unproven(policy, NOW)[0]
        vault.retain(policy, NOW)
        assert vault.unproven(policy, NOW) == ()
        assert vault.unproven(policy, NOW + 7 * HOUR_NS) != ()
        made = vault.retain(policy, NOW + 5 * HOUR_NS)
        assert (made.facts["raw_ended"], made.facts["files_removed"]) == (1, 1)
        assert list(vault.raw("c1", NOW, NOW + 50)) == []
        vault.retain(policy, NOW + 4 * DAY_NS, held={NAME})
        assert vault.clips.names(NAME) == ("event-1.c1",)
        assert vault.clips.names("another") == ()
        assert vault.unproven(policy, NOW + 4 * DAY_NS, held={NAME}) == ()
        assert vault.unproven(policy, NOW + 4 * DAY_NS) != ()
    assert audit(place / "data" / "log").whole


def test_a_data_folder_without_its_secrets_is_refused(place: Path) -> None:
    with opened(place) as vault:
        fill(vault)
        with pytest.raises(LogError, match="held by another program"):
            opened(place)
    (place / "secrets" / "store.key").unlink()
    with pytest.raises(KeyStoreError, match="there is no store key"):
        opened(place)


def test_a_clip_is_whole_or_not_there(place: Path) -> None:
    with opened(place) as vault:
        fill(vault)
        part = next((place / "data" / "clips").rglob("event-1.c1.clip"))
        part.rename(part.with_suffix(".part"))
        assert vault.clips.names(NAME) == ()
        with pytest.raises(FileNotFoundError):
            vault.clips.get(NAME, "event-1.c1")
        vault.clips.put(NAME, "event-1.c1", b"again", {}, NOW)
        assert vault.clips.get(NAME, "event-1.c1")[0] == b"again"
        for name in ("../store", "", "a/b", ".hidden"):
            with pytest.raises(ValueError, match="right are letters"):
                vault.clips.put(NAME, name, b"", {}, NOW)
            with pytest.raises(FileNotFoundError):
                vault.clips.get(NAME, name)
