from collections.abc import Callable
from pathlib import Path

import pytest

from walkout.privacy import files
from walkout.privacy import keys as module
from walkout.privacy.keys import KeyGoneError, KeyStore, KeyStoreError, make_store_key, signing_key

Told = list[tuple[str, str, str]]


@pytest.fixture
def told() -> Told:
    return []


@pytest.fixture
def opened(tmp_path: Path, told: Told) -> Callable[[], KeyStore]:
    make_store_key(tmp_path / "secrets" / "store.key")
    store_key = tmp_path / "secrets" / "store.key"
    return lambda: KeyStore(tmp_path / "data" / "keys", store_key, lambda *said: told.append(said))


def test_a_key_comes_back_and_nothing_of_it_is_on_the_disk(opened: Callable[[], KeyStore], tmp_path: Path) -> None:
    made = opened().make("clip", "visit-of-anna", 5)
    again = opened().get("clip", "visit-of-anna")
    assert again == made
    assert repr(made) == f"DataKey(clip, {made.id[:8]})"
    assert opened().make("clip", "visit-of-anna", 9).secret == made.secret
    assert opened().make("training", "visit-of-anna", 9).secret != made.secret
    for path in (tmp_path / "data").rglob("*"):
        held = path.name.encode() + (path.read_bytes() if path.is_file() else b"")
        assert made.secret not in held
        assert b"visit-of-anna" not in held


def test_a_deleted_key_is_gone_with_a_tombstone(opened: Callable[[], KeyStore], told: Told) -> None:
    keys = opened()
    made = keys.make("clip", "v", 5)
    assert keys.destroy("clip", "v", "erasure")
    assert told == [("clip", made.id, "erasure")]
    assert not keys.destroy("clip", "v", "erasure")
    for store in (keys, opened()):
        with pytest.raises(KeyGoneError, match="was deleted, or never made"):
            store.get("clip", "v")
    assert keys.make("clip", "v", 6).secret != made.secret


@pytest.mark.parametrize("step", ["overwrite", "tombstone", "sync_folder"])
def test_a_deletion_that_a_crash_stopped_is_finished(
    step: str, opened: Callable[[], KeyStore], told: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = opened().make("raw", "c1/7", 5)

    def crash(*_: object) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as broken:
        store = opened()
        if step == "tombstone":
            store._tombstone = crash
        else:
            broken.setattr(module, step, crash)
        with pytest.raises(OSError, match="power cut"):
            store.destroy("raw", "c1/7", "retention")
    again = opened()
    with pytest.raises(KeyGoneError):
        again.get("raw", "c1/7")
    assert [(purpose, id_) for purpose, id_, _ in told] == [("raw", made.id)]
    assert [path.name for path in (tmp_path / "data" / "keys").iterdir()] == ["index"]


def test_a_new_store_key_opens_all_and_the_old_one_nothing(
    opened: Callable[[], KeyStore], tmp_path: Path, told: Told
) -> None:
    keys = opened()
    made = [keys.make("clip", f"v{n}", n) for n in range(5)]
    old = (tmp_path / "secrets" / "store.key").read_bytes()
    backup = {path.name: path.read_bytes() for path in (tmp_path / "data" / "keys").iterdir()}
    keys.change_store_key()
    assert sorted(opened().all(), key=lambda key: key.created_ns) == made
    (tmp_path / "secrets" / "store.key").write_bytes(old)
    with pytest.raises(KeyStoreError, match="does not open with the store key"):
        opened()
    keys.change_store_key()
    for name, data in backup.items():
        (tmp_path / "data" / "keys" / name).write_bytes(data)
    with pytest.raises(KeyStoreError, match="does not open with the store key"):
        opened()


def test_a_change_of_the_store_key_stopped_halfway_loses_nothing(
    opened: Callable[[], KeyStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = opened()
    made = [keys.make("clip", f"v{n}", n) for n in range(4)]
    written = 0

    def crash(path: Path, data: bytes) -> None:
        nonlocal written
        written += 1
        if written > 3:
            raise OSError("power cut")
        real(path, data)

    real = files.write_whole
    with monkeypatch.context() as broken:
        broken.setattr(module, "write_whole", crash)
        with pytest.raises(OSError, match="power cut"):
            keys.change_store_key()
    assert sorted(opened().all(), key=lambda key: key.created_ns) == made
    opened().change_store_key()
    assert sorted(opened().all(), key=lambda key: key.created_ns) == made


def test_a_store_key_in_the_wrong_place_or_open_to_others_is_refused(tmp_path: Path) -> None:
    def store(path: Path) -> KeyStore:
        return KeyStore(tmp_path / "data" / "keys", path, lambda *_: None)

    with pytest.raises(KeyStoreError, match="there is no store key"):
        store(tmp_path / "secrets" / "store.key")
    make_store_key(tmp_path / "data" / "store.key")
    with pytest.raises(KeyStoreError, match="lies inside the data folder"):
        store(tmp_path / "data" / "store.key")
    make_store_key(tmp_path / "secrets" / "store.key")
    with pytest.raises(FileExistsError, match="would make all data unreadable"):
        make_store_key(tmp_path / "secrets" / "store.key")
    (tmp_path / "secrets" / "store.key").chmod(0o644)
    with pytest.raises(KeyStoreError, match="right is mode 600"):
        store(tmp_path / "secrets" / "store.key")
    bad = tmp_path / "secrets" / "bad.key"
    bad.write_text("{}")
    bad.chmod(0o600)
    with pytest.raises(KeyStoreError, match="holds no store key"):
        store(bad)
    with pytest.raises(KeyStoreError, match="right are 64 hex digits"):
        signing_key(bad)


def test_a_damaged_key_is_said_and_can_still_be_deleted(
    opened: Callable[[], KeyStore], tmp_path: Path, told: Told
) -> None:
    made = opened().make("clip", "v", 5)
    path = tmp_path / "data" / "keys" / f"{made.id}.key"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(KeyStoreError, match="was damaged"):
        opened().get("clip", "v")
    assert opened().destroy_id(made.id, "erasure")
    assert told == [("unknown", made.id, "erasure")]


def test_the_signing_key_is_made_once(tmp_path: Path) -> None:
    first = signing_key(tmp_path / "s" / "signing.key")
    assert signing_key(tmp_path / "s" / "signing.key").private_bytes_raw() == first.private_bytes_raw()
