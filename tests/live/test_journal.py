"""The journal: what was appended is there after a kill at any byte, and the folder is a normal recording."""

import resource
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inference.scene import shop
from tests.live.scene import batches, people
from walkout.live.journal import Journal, JournalError
from walkout.live.manner import PATIENCE_NS, manner, note, told
from walkout.recording.channel import Observation
from walkout.recording.error import RecordingError
from walkout.recording.reader import open_recording
from walkout.recording.segments import segment_files

STORE = shop()
FILES = {"store.yaml": b"name: tiny"}


def journal(folder: Path, **more: Any) -> Journal:
    return Journal(folder, store_files=FILES, origin="simulated", store=STORE.name, **more)


def some(count: int = 30) -> list[Observation]:
    plates, frames = batches(), people()
    return [item for pair in zip(plates, frames, strict=False) for item in pair][:count]


def same(one: Observation, other: Observation) -> bool:
    if hasattr(one, "grams") and hasattr(other, "grams"):
        return bool(np.array_equal(one.grams, other.grams) and np.array_equal(one.t_ns, other.t_ns))
    return one == other


def held(opened: Journal, start: int = 0) -> list[Observation]:
    return [observation for _, observation in opened.read(start)]


def test_it_is_a_recording_that_says_how_the_engine_ran(tmp_path: Path) -> None:
    how = manner(STORE)
    written = journal(tmp_path, notes=note(how))
    written.append(some())
    written.close()
    recording = open_recording(tmp_path)
    assert recording.origin == "simulated"
    assert recording.store_files == FILES
    assert told(recording.notes) == how
    assert how.patience_ns == PATIENCE_NS
    assert all(same(a, b) for a, b in zip(recording.observations(), some(), strict=True))
    assert recording.losses == ()


def test_what_is_appended_is_read_by_another_process_at_once(tmp_path: Path) -> None:
    written = journal(tmp_path)
    written.append(some(10))
    assert len(list(open_recording(tmp_path).observations())) == 10
    written.close()


def test_segments_follow_one_another_by_number(tmp_path: Path) -> None:
    written = journal(tmp_path, segment_bytes=4000)
    for observation in some(20):
        written.append([observation])
    written.close()
    files = segment_files(tmp_path)
    assert len(files) > 3
    assert files[0].stem == "000000000000"
    again = journal(tmp_path)
    assert again.count == 20
    assert [number for number, _ in again.read(13)] == list(range(13, 20))
    assert all(same(a, b) for a, b in zip(held(again, 13), some(20)[13:], strict=True))
    assert len(list(open_recording(tmp_path).observations())) == 20


@settings(max_examples=25)
@given(share=st.floats(0, 1), batches_of=st.integers(1, 7))
def test_a_file_cut_at_any_byte_keeps_whole_appends(
    tmp_path_factory: pytest.TempPathFactory, share: float, batches_of: int
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    written, ends, todo = journal(folder), [0], some(21)
    path = folder / "000000000000.mcap"
    sizes = [0]
    for at in range(0, len(todo), batches_of):
        written.append(todo[at : at + batches_of])
        ends.append(written.count)
        sizes.append(path.stat().st_size)
    assert written._file is not None
    written._file.close()  # as when the process is gone: nothing is finished
    cut = round(share * sizes[-1])
    path.write_bytes(path.read_bytes()[:cut])
    kept = max(end for end, size in zip(ends, sizes, strict=True) if size <= cut)
    again = journal(folder)
    # The first of those that were being taken in may be whole too.
    assert kept <= again.count <= kept + batches_of
    again.append(todo[again.count :])
    again.close()
    recording = open_recording(folder)
    assert all(same(a, b) for a, b in zip(recording.observations(), todo, strict=True))
    assert recording.losses == ()


def test_a_full_disk_takes_nothing_in_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    written, todo = journal(tmp_path), some(20)
    written.append(todo[:5])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / "000000000000.mcap").stat().st_size + 100, before[1]))
    try:
        with pytest.raises(JournalError, match="File too large"):
            written.append(todo[5:10])
        assert written.count == 5
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    written.append(todo[5:])
    written.close()
    assert all(same(a, b) for a, b in zip(open_recording(tmp_path).observations(), todo, strict=True))
    assert journal(tmp_path).count == 20
    assert open_recording(tmp_path).losses == ()


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    written = journal(tmp_path)
    written.append(some(2))
    written.close()
    segment_files(tmp_path)[0].rename(tmp_path / "holiday.mcap")
    with pytest.raises(RecordingError, match=r"found holiday\.mcap in a journal"):
        journal(tmp_path)
    with pytest.raises(RecordingError, match="is a directory"):
        open_recording(tmp_path / "..")


def test_duplicates_of_what_is_there_are_known_after_a_restart(tmp_path: Path) -> None:
    written, todo = journal(tmp_path), some(10)
    written.append(todo)
    written.close()
    again = journal(tmp_path)
    list(again.read())
    assert not again.watch.keep(replace(todo[-1], arrived_ns=5))
