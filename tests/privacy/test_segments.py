from collections.abc import Iterator
from pathlib import Path

import pytest

from walkout.privacy.sealed import SealedError
from walkout.privacy.segments import SLICE_NS, RawPacket, Ring, read_raw
from walkout.privacy.vault import Vault

S = 1_000_000_000
T0 = 1_767_603_600 * S // SLICE_NS * SLICE_NS


def packets(from_ns: int, count: int, every: int = 5) -> list[RawPacket]:
    """One a second; every fifth decodes alone."""
    return [RawPacket(from_ns + k * S, k % every == 0, b"packet %d" % k) for k in range(count)]


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault(tmp_path / "data", tmp_path / "secrets", T0) as opened:
        yield opened


def test_what_is_read_begins_where_it_can_be_decoded(vault: Vault) -> None:
    writer = vault.raw_writer("c1")
    sent = packets(T0 + SLICE_NS - 8 * S, 30)
    for packet in sent:
        writer.write(packet, T0)
    writer.close()
    assert list(vault.raw("c1", T0, T0 + 2 * SLICE_NS)) == sent
    assert list(vault.raw("c1", sent[12].t_ns, sent[20].t_ns)) == sent[10:21]
    assert list(vault.raw("c1", sent[9].t_ns, sent[9].t_ns)) == sent[5:10]
    assert list(vault.raw("c2", T0, T0 + SLICE_NS)) == []


def test_each_ten_minutes_have_a_key_and_a_dead_one_takes_only_its_own(vault: Vault) -> None:
    writer = vault.raw_writer("c1")
    sent = packets(T0 + SLICE_NS - 10 * S, 20)
    for packet in sent:
        writer.write(packet, T0)
    writer.close()
    assert len(vault.keys) == 2
    assert vault.keys.destroy("raw", f"c1/{T0 // SLICE_NS}", "retention")
    assert list(vault.raw("c1", T0, T0 + 2 * SLICE_NS)) == sent[10:]


def test_a_restart_adds_a_part_and_a_crash_loses_its_last_second(vault: Vault, tmp_path: Path) -> None:
    sent = packets(T0, 10)
    first = vault.raw_writer("c1")
    for packet in sent[:6]:
        first.write(packet, T0)
    assert first._file is not None
    first._file.sync()
    first._file._file.close()
    path = next((tmp_path / "data" / "raw").rglob("*.seg"))
    path.write_bytes(path.read_bytes()[:-3])  # as a power cut leaves it
    second = vault.raw_writer("c1")
    for packet in sent[6:]:
        second.write(packet, T0)
    second.close()
    assert list(vault.raw("c1", T0, T0 + SLICE_NS)) == sent[:5] + sent[6:]
    assert sorted(p.stem.partition("-")[2] for p in (tmp_path / "data" / "raw").rglob("*.seg")) == ["1", "2"]


def test_a_changed_segment_is_refused(vault: Vault, tmp_path: Path) -> None:
    writer = vault.raw_writer("c1")
    for packet in packets(T0, 5):
        writer.write(packet, T0)
    writer.close()
    path = next((tmp_path / "data" / "raw").rglob("*.seg"))
    data = bytearray(path.read_bytes())
    data[-50] ^= 1
    path.write_bytes(data)
    with pytest.raises(SealedError):
        list(vault.raw("c1", T0, T0 + SLICE_NS))


def test_keys_that_are_handed_over_open_their_stretch_and_no_other(vault: Vault) -> None:
    writer = vault.raw_writer("c1")
    sent = [p for k in range(4) for p in packets(T0 + k * SLICE_NS, 10)]
    for packet in sent:
        writer.write(packet, T0)
    writer.close()
    given = vault.raw_keys("c1", sent[22].t_ns, sent[25].t_ns)
    assert len(given) == 2, "the slice itself, and the one before it, where what decodes alone may lie"
    ring = Ring(given)
    assert list(read_raw(vault.raw_folder, ring, "c1", sent[22].t_ns, sent[25].t_ns)) == sent[20:26]
    assert list(read_raw(vault.raw_folder, ring, "c1", T0, T0 + 4 * SLICE_NS)) == sent[10:30]
    vault.keys.destroy("raw", f"c1/{sent[22].t_ns // SLICE_NS}", "retention")
    assert len(vault.raw_keys("c1", sent[22].t_ns, sent[25].t_ns)) == 1
    assert vault.raw_keys("c2", T0, T0 + SLICE_NS) == ()
