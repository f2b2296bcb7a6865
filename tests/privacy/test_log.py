"""The log on disk: what was promised stays, what was not is cut off, and what was tampered with does not open."""

from pathlib import Path

import pytest
from benchmarks._tampering import KEY, T0_NS, WITNESS_KEY, filled

from walkout.privacy.audit import audit
from walkout.privacy.checkpoint import CheckpointError, decode, witnessed
from walkout.privacy.entry import Entry
from walkout.privacy.log import CHECKPOINTS, DAY_NS, ENTRIES, HEAD, Log, LogError
from walkout.privacy.merkle import leaf_hash, verify_consistency, verify_inclusion
from walkout.privacy.witness import Witness


def test_appends_outlive_the_process(tmp_path: Path) -> None:
    with Log(tmp_path, KEY, T0_NS) as log:
        assert log.append(Entry("view", T0_NS), Entry("decision", T0_NS + 1)) == 0
        assert log.append(Entry("export", T0_NS + 2)) == 2
    with Log(tmp_path, KEY, T0_NS) as log:
        assert [one.kind for one in log.entries()] == ["view", "decision", "export"]
        assert log.append(Entry("payment", T0_NS + 3)) == 3
        assert decode((tmp_path / HEAD).read_bytes().strip()) == log.head
        assert audit(tmp_path).whole


@pytest.mark.parametrize("tail", [b"{", b'{"half":', b'{"facts":{},"kind":"view","sealed":{},"t_ns":5}\n'])
def test_an_append_that_a_crash_cut_short_is_cut_off_and_said(tmp_path: Path, tail: bytes) -> None:
    filled(tmp_path)
    with (tmp_path / ENTRIES).open("ab") as file:
        file.write(tail)
    assert not audit(tmp_path).whole
    with Log(tmp_path, KEY, T0_NS + 9 * DAY_NS) as log:
        last = list(log.entries())[-1]
    assert (last.kind, last.facts) == ("recovery", {"bytes_cut": len(tail)})
    assert audit(tmp_path).whole


def test_a_checkpoint_that_a_crash_left_without_its_line_is_finished(tmp_path: Path) -> None:
    with Log(tmp_path, KEY, T0_NS) as log:
        log.append(Entry("view", T0_NS))
        log.checkpoint(T0_NS + DAY_NS)
    (tmp_path / CHECKPOINTS).unlink()
    assert not audit(tmp_path).whole
    with Log(tmp_path, KEY, T0_NS) as log:
        assert [one.size for one in log.checkpoints()] == [2]
    assert audit(tmp_path).whole


def test_checkpoints_come_once_a_day_and_only_when_something_happened(tmp_path: Path) -> None:
    with Log(tmp_path, KEY, T0_NS) as log:
        assert log.checkpoint(T0_NS) is None
        log.append(Entry("view", T0_NS))
        first = log.checkpoint(T0_NS)
        assert first is not None
        assert first.size == 2
        assert log.checkpoint(T0_NS + 5 * DAY_NS) is None
        log.append(Entry("view", T0_NS + 1))
        assert log.checkpoint(T0_NS + DAY_NS - 1) is None
        assert log.checkpoint(T0_NS + DAY_NS) is not None


def test_a_second_program_and_another_key_are_refused(tmp_path: Path) -> None:
    with Log(tmp_path, KEY, T0_NS), pytest.raises(LogError, match="held by another program"):
        Log(tmp_path, KEY, T0_NS)
    with pytest.raises(LogError, match="signed by another key"):
        Log(tmp_path, WITNESS_KEY, T0_NS)


def test_a_changed_log_does_not_open(tmp_path: Path) -> None:
    filled(tmp_path)
    path = tmp_path / ENTRIES
    path.write_bytes(path.read_bytes().replace(b'"seconds":11', b'"seconds":12', 1))
    with pytest.raises(LogError, match="not those of its signed head"):
        Log(tmp_path, KEY, T0_NS)
    (tmp_path / HEAD).unlink()
    with pytest.raises(LogError, match="somebody removed it"):
        Log(tmp_path, KEY, T0_NS)


def test_a_holder_checks_that_their_entry_is_under_a_later_checkpoint(tmp_path: Path) -> None:
    filled(tmp_path)
    with Log(tmp_path, KEY, T0_NS) as log:
        early, late = log.checkpoints()[0], log.checkpoints()[-1]
        line = (tmp_path / ENTRIES).read_bytes().splitlines()[3]
        proof = log.tree.inclusion(3, late.size)
        assert verify_inclusion(leaf_hash(line), 3, late.size, proof, late.root)
        between = log.tree.consistency(early.size, late.size)
        assert verify_consistency(early.size, late.size, early.root, late.root, between)


def test_a_witness_takes_what_continues_and_nothing_else(tmp_path: Path) -> None:
    filled(tmp_path / "log", witness=tmp_path / "outside")
    outside = Witness(tmp_path / "outside", WITNESS_KEY)
    last = outside.last()
    assert last is not None
    with Log(tmp_path / "log", KEY, T0_NS) as log:
        new = log.checkpoint(T0_NS + 9 * DAY_NS)
        assert new is not None
        proof = log.tree.consistency(last.size, new.size)
        assert witnessed(outside.see(new, proof, T0_NS + 9 * DAY_NS)) == new
    filled(tmp_path / "other", days=12)
    with Log(tmp_path / "other", KEY, T0_NS) as log:
        rewritten = log.checkpoints()[-1]
        with pytest.raises(CheckpointError, match="does not begin with"):
            outside.see(rewritten, log.tree.consistency(new.size, rewritten.size), T0_NS)
