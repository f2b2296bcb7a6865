import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av", reason="cameras need PyAV ('./run extras')")

from tests.live.rtsp_server import RtspServer
from walkout.live.camera_link import Patience
from walkout.live.sources import Cameras, frames_of
from walkout.privacy.segments import SegmentWriter
from walkout.privacy.vault import Vault
from walkout.recording.camera import CameraFrame
from walkout.recording.writer import RecordingWriter
from walkout.twin.camera.encode import Encoder

QUICK = Patience(connect_s=2.0, read_s=1.0, first_wait_s=0.05, most_wait_s=0.2, settle_s=0.3)


def access(grey: int) -> list[bytes]:
    encoder = Encoder(64, 48, 20.0, kind="h264")
    return [part.data for k in range(20) for part in encoder.push(np.full((48, 64, 3), grey + k, np.uint8), k)]


def until(what: object, seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if callable(what) and what():
            return True
        time.sleep(0.02)
    return False


def test_all_cameras_are_kept_and_told_of(tmp_path: Path) -> None:
    servers, got = {name: RtspServer(access(60), 20.0) for name in ("a", "b")}, list[CameraFrame]()
    try:
        with Vault(tmp_path / "data", tmp_path / "secrets", time.time_ns()) as vault:
            with Cameras({name: one.url for name, one in servers.items()}, got.append, vault, QUICK) as cameras:
                assert until(lambda: all(one.frames >= 20 and one.state == "ok" for one in cameras.health()))
                assert [one.camera for one in cameras.health()] == ["a", "b"]
                error_ns = cameras.clock_error_ns()
                assert error_ns is not None
                assert 0 < error_ns < 100e6
            for name in servers:
                own = [frame for frame in got if frame.camera == name]
                kept = list(vault.raw(name, own[0].t_ns, own[-1].t_ns))
                assert [packet.data for packet in kept] == [frame.data for frame in own]
    finally:
        for one in servers.values():
            one.kill()


def test_a_disk_that_refuses_is_the_cameras_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SegmentWriter, "write", full)
    server = RtspServer(access(60), 20.0)
    try:
        with (
            Vault(tmp_path / "data", tmp_path / "secrets", time.time_ns()) as vault,
            Cameras({"a": server.url}, lambda _: None, vault, QUICK) as cameras,
        ):
            assert until(lambda: "no space left" in cameras.health()[0].detail)
            assert cameras.health()[0].state != "ok"
    finally:
        server.kill()


def test_recordings_and_videos_give_the_same_kind_of_frames(tmp_path: Path) -> None:
    data = access(60)
    frames = [
        CameraFrame("a", 10**9 + k * 50_000_000, 10**9 + k * 50_000_000, "h264", unit) for k, unit in enumerate(data)
    ]
    with RecordingWriter(tmp_path / "r.mcap", store_files={}, origin="simulated", creator="test", store="s") as writer:
        for frame in frames:
            writer.write(frame)
    assert list(frames_of({"a": tmp_path / "r.mcap"})) == frames
    both = list(frames_of({"a": tmp_path / "r.mcap", "b": tmp_path / "r.mcap"}))
    assert [frame.camera for frame in both] == ["a"] * len(frames)
