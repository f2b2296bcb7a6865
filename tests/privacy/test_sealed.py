from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walkout.privacy.keys import DataKey
from walkout.privacy.sealed import SealedError, SealedWriter, complete, key_of, read_sealed

KEY = DataKey("clip", "v", 0, "k" * 32, bytes(range(32)))
OTHER = DataKey("clip", "w", 0, "k" * 32, bytes(32))
RECORDS = [b"first", b"", b"third" * 50]


def written(path: Path, records: list[bytes] = RECORDS, label: str = "a") -> bytes:
    path.unlink(missing_ok=True)
    file = SealedWriter(path, KEY, label)
    for record in records:
        file.write(record)
    file.close()
    file.close()
    return path.read_bytes()


def test_records_come_back_in_order(tmp_path: Path) -> None:
    data = written(tmp_path / "f")
    assert list(read_sealed(tmp_path / "f", KEY)) == RECORDS
    assert complete(tmp_path / "f", KEY)
    assert key_of(tmp_path / "f") == (KEY.id, "a")
    assert b"third" not in data
    with pytest.raises(FileExistsError):
        SealedWriter(tmp_path / "f", KEY, "a")


@given(st.data())
@settings(max_examples=60)
def test_any_changed_byte_is_found(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("sealed") / "f"
    whole = bytearray(written(path))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(whole)
    try:
        found = list(read_sealed(path, KEY))
    except SealedError:
        return
    assert found == RECORDS[: len(found)]
    assert not complete(path, KEY)


def test_every_cut_leaves_whole_records_and_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "f"
    whole = written(path)
    for end in range(whole.index(b"\n") + 1, len(whole)):
        path.write_bytes(whole[:end])
        found = list(read_sealed(path, KEY))
        assert found == RECORDS[: len(found)]
        assert not complete(path, KEY)


def test_records_cannot_change_places_or_files(tmp_path: Path) -> None:
    path = tmp_path / "f"
    one, two = written(path, [b"aaaa", b"bbbb"]), written(tmp_path / "g", [b"aaaa", b"bbbb"], "b")
    head, size = one.index(b"\n") + 1, 4 + 12 + 16 + 4
    swapped = one[:head] + one[head + size : head + 2 * size] + one[head : head + size] + one[head + 2 * size :]
    moved = one[:head] + two[two.index(b"\n") + 1 :]
    dropped = one[:head] + one[head + size :]
    longer = one + one[head:]
    for changed in (swapped, moved, dropped, longer, b"x" + one, b""):
        path.write_bytes(changed)
        with pytest.raises(SealedError):
            list(read_sealed(path, KEY))


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    written(tmp_path / "f")
    with pytest.raises(SealedError, match="or the key is another"):
        list(read_sealed(tmp_path / "f", OTHER))


def test_no_two_records_have_one_nonce(tmp_path: Path) -> None:
    whole = written(tmp_path / "f", [b"same"] * 500)
    at, nonces = whole.index(b"\n") + 1, set()
    while at < len(whole):
        nonces.add(whole[at + 4 : at + 16])
        at += 16 + int.from_bytes(whole[at : at + 4], "big")
    assert len(nonces) == 501
