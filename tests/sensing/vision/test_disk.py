"""Looks and the tracker's own knowledge of people never reach the disk: a visit is played and the disk is read."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from mcap.reader import make_reader

from tests.sensing.vision.scene import LENSES, ROOM, START_NS, STEP_NS, body, sighting
from walkout.recording.people import PeopleFrame
from walkout.sensing.vision.eyes import Steps
from walkout.sensing.vision.tracker import Tracker
from walkout.twin.record import write

LOOKS = np.random.default_rng(77).uniform(0.1, 0.9, 32)
"""What the pretended detector says of how the shopper looks."""


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder as it is, and recordings also as they are once unpacked."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        yield str(path), path.read_bytes()
        if path.suffix == ".mcap":
            with path.open("rb") as file:
                for _, channel, message in make_reader(file).iter_messages():
                    yield f"{path}: {channel.topic}", message.data


def traces(numbers: np.ndarray) -> set[bytes]:
    """How these numbers would look on a disk: as floats of either size, and as text."""
    flat = np.asarray(numbers, np.float64).ravel()
    flat = flat[np.abs(flat) > 1e-9]
    found = {value.tobytes() for value in flat}
    found |= {flat[k : k + 2].astype(np.float32).tobytes() for k in range(len(flat) - 1)}
    return found | {f"{value:.7g}"[:8].encode() for value in flat if f"{abs(value):.7g}"[6:]}


def leaks(folder: Path, wanted: set[bytes]) -> list[str]:
    return [name for name, data in contents(folder) if any(one in data for one in wanted)]


def test_a_visit_leaves_neither_looks_nor_the_trackers_doubts_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Someone comes, is followed by four cameras with looks, and leaves; what is recorded are places alone."""
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    tracker, frames = Tracker(ROOM, b"seed"), list[PeopleFrame]()
    steps, rng, secret = Steps(tracker), np.random.default_rng(5), set[bytes]()
    buffers: list[np.ndarray] = []
    for k in range(60):
        near_door = {"a": body(2.5, max(0.6, 2.2 - 0.05 * k), -np.pi / 2)} if k < 45 else {}
        for n, camera in enumerate(LENSES):
            seen = sighting(camera, START_NS + k * STEP_NS + 20_000_000 * n, near_door, rng, {"a": LOOKS})
            frames += list(steps.push(seen))
        for track in tracker.tracks:
            if track.looks is not None:
                secret |= traces(track.looks)
                buffers.append(track.looks)
            secret |= traces(track.body.covariance[:6, :6])
        if k == 30:
            assert frames[-1].people, "somebody is followed, or there is nothing to leak"
            write(frames, tmp_path / "midway.mcap", ROOM)
            assert not leaks(tmp_path, secret | traces(LOOKS))
    frames += list(steps.finish())
    write(frames, tmp_path / "visit.mcap", ROOM)
    assert len(buffers) > 20
    assert not any(buffer.any() for buffer in buffers), "destroyed at the exit"
    assert sum(frame.people != () for frame in frames) > 20
    assert leaks(tmp_path, secret | traces(LOOKS)) == []
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"midway.mcap", "visit.mcap"}


def test_the_search_finds_what_lies_there(tmp_path: Path) -> None:
    wanted = traces(LOOKS)
    (tmp_path / "notes.txt").write_text("nothing")
    assert leaks(tmp_path, wanted) == []
    for number, data in enumerate(
        (LOOKS.tobytes(), LOOKS.astype(np.float32).tobytes(), os.fsencode(str(LOOKS.tolist())))
    ):
        (tmp_path / "leak.bin").write_bytes(b"head" + data)
        assert leaks(tmp_path, wanted) == [str(tmp_path / "leak.bin")], number
