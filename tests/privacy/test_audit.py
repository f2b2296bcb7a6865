"""Whatever somebody changes is found, and said in words that tell where."""

import shutil
from pathlib import Path

import pytest
from benchmarks._tampering import CHANGES, KEY, T0_NS, WITNESS_KEY, Change, filled, put, random_changes, read

from walkout.privacy.audit import NO_WITNESS, audit
from walkout.privacy.checkpoint import public_bytes
from walkout.privacy.entry import Entry
from walkout.privacy.log import ENTRIES, HEAD, Log
from walkout.privacy.witness import COPY


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log")
    filled(folder / "log", witness=folder / "outside")
    return folder


def test_a_log_that_nobody_touched_is_whole(whole: Path) -> None:
    found = audit(whole / "log", witness=whole / "outside" / COPY)
    assert found.whole
    assert (found.entries, found.checkpoints, found.witnessed) == (20, 3, 18)
    assert found.notes == ()
    assert audit(whole / "log").notes == (NO_WITNESS,)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: str(change.__name__))
def test_a_fixed_sample_of_changes_is_found(whole: Path, tmp_path: Path, change: Change) -> None:
    """`./run walkout bench tamper` tries 10,000."""
    files = read(whole / "log")
    for seed in range(40):
        _, changed = random_changes(seed, files, change)
        if changed == files:
            continue
        put(tmp_path, changed)
        assert not audit(tmp_path, witness=whole / "outside" / COPY).whole, f"seed {seed}"


def test_every_bit_of_every_file_counts(whole: Path, tmp_path: Path) -> None:
    files = read(whole / "log")
    for name, data in files.items():
        for at in range(0, len(data), 23):
            put(tmp_path, {**files, name: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]})
            assert not audit(tmp_path).whole, f"{name}, byte {at}"


def test_words_say_what_and_where(whole: Path, tmp_path: Path) -> None:
    files = read(whole / "log")
    lines = files[ENTRIES].splitlines(keepends=True)
    put(tmp_path, {**files, ENTRIES: b"".join(lines[:-1])})
    assert "1 entries are missing: 20 were signed, 19 are there" in audit(tmp_path).findings
    put(tmp_path, {**files, ENTRIES: b"".join([*lines[:13], lines[14], lines[13], *lines[15:]])})
    said = " ".join(audit(tmp_path).findings)
    assert "the first 18 entries are not those of the checkpoint of 2026-01-08" in said
    assert "the first 12 entries are those of the checkpoint of 2026-01-07" in said
    (tmp_path / HEAD).unlink()
    assert any("nothing says how long" in words for words in audit(tmp_path).findings)


def test_only_a_witness_finds_what_the_key_rewrote(whole: Path, tmp_path: Path) -> None:
    """Whoever has the signing key can make a log that fits in itself; the copy outside does not fit it."""
    filled(tmp_path / "log", a_day=4)
    assert audit(tmp_path / "log").whole
    found = audit(tmp_path / "log", witness=whole / "outside" / COPY)
    assert any("not those of what the witness saw" in words for words in found.findings)


def test_only_a_witness_finds_a_log_set_back_whole(whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole / "log", tmp_path / "log")
    earlier = read(whole / "log")
    with Log(tmp_path / "log", KEY, T0_NS) as log:
        log.append(Entry("raw_access", T0_NS))
    put(tmp_path / "log", earlier)
    assert audit(tmp_path / "log").whole


def test_another_key_is_named(whole: Path) -> None:
    assert audit(whole / "log", key=public_bytes(KEY)).whole
    found = audit(whole / "log", key=public_bytes(WITNESS_KEY))
    assert any("should be signed with" in words for words in found.findings)
