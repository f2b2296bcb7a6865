"""Cameras over a real RTSP connection: killed, started again, refused, with their packets unchanged on the way."""

import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av", reason="cameras need PyAV ('./run extras')")

from tests.live.rtsp_server import RtspServer, units
from walkout.live.camera_link import CameraLink, Patience, host_of
from walkout.privacy.segments import RawPacket
from walkout.privacy.vault import Vault
from walkout.recording.camera import CameraFrame
from walkout.recording.video import pictures
from walkout.twin.camera.encode import Encoder

RATE = 20.0
QUICK = Patience(connect_s=2.0, read_s=1.0, first_wait_s=0.05, most_wait_s=0.2, settle_s=0.3)


@pytest.fixture(scope="module")
def access() -> list[bytes]:
    """Forty pictures: a bar that moves over noise, large enough for fragments."""
    encoder, rng = Encoder(160, 96, RATE, kind="h264", quality=10), np.random.default_rng(1)
    still = rng.integers(0, 255, (96, 160, 3), dtype=np.uint8)
    coded = []
    for k in range(40):
        rgb = still.copy()
        rgb[:, 4 * k : 4 * k + 8] = 255
        coded += [part.data for part in encoder.push(rgb, k)]
    assert max(map(len, coded)) > 4000
    return coded


@pytest.fixture
def link() -> Iterator[Callable[[str, Callable[[CameraFrame], None]], CameraLink]]:
    made: list[CameraLink] = []

    def start(url: str, sink: Callable[[CameraFrame], None]) -> CameraLink:
        made.append(CameraLink("c1", url, sink, patience=QUICK))
        made[-1].start()
        return made[-1]

    yield start
    assert all(one.stop() for one in made)


def until(what: Callable[[], bool], seconds: float = 20.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.02)
    return False


Start = Callable[[str, Callable[[CameraFrame], None]], CameraLink]


@pytest.mark.parametrize("sets_apart", [True, False], ids=["sets in the SDP", "sets in the stream"])
def test_packets_come_as_they_were_sent_and_can_be_decoded(access: list[bytes], link: Start, sets_apart: bool) -> None:
    server, got = RtspServer(access, RATE, sets_apart=sets_apart), list[CameraFrame]()
    try:
        one = link(server.url, got.append)
        assert until(lambda: len(got) >= 45)
        health = one.health()
    finally:
        server.kill()
    frames = got[:45]
    for k, frame in enumerate(frames):
        sent = [unit for unit in units(access[k % 40]) if unit[0] & 31 in (1, 5)]
        assert [unit for unit in units(frame.data) if unit[0] & 31 in (1, 5)] == sent
    assert frames[0].keyframe
    assert frames[40].keyframe
    assert len(list(pictures(frames))) == 45
    assert all(a.t_ns < b.t_ns for a, b in pairwise(frames))
    assert all(frame.t_ns <= frame.arrived_ns + 1_000_000 for frame in frames)
    steps = [b.t_ns - a.t_ns for a, b in pairwise(frames)]
    assert abs(np.median(steps) - 1e9 / RATE) < 5e6
    assert (health.state, health.reconnects, health.gaps) == ("ok", 0, 0)
    assert abs(health.rate_hz - RATE) < 3


def test_a_camera_that_dies_and_comes_back(access: list[bytes], link: Start) -> None:
    server, got = RtspServer(access, RATE), list[CameraFrame]()
    try:
        one = link(server.url, got.append)
        assert until(lambda: len(got) >= 10)
        server.kill()
        assert until(lambda: one.health().state == "late")
        before = len(got)
        server = RtspServer(access, RATE, port=server.port)
        assert until(lambda: len(got) >= before + 10)
        health = one.health()
    finally:
        server.kill()
    assert health.state == "ok"
    assert health.reconnects >= 1
    assert got[before].keyframe
    assert all(a.t_ns < b.t_ns for a, b in pairwise(got))
    assert len(list(pictures(got[before:]))) == len(got) - before


def test_a_camera_that_hangs_is_left_and_tried_again(access: list[bytes], link: Start) -> None:
    server, got = RtspServer(access, RATE, most=30), list[CameraFrame]()
    try:
        one = link(server.url, got.append)
        assert until(lambda: one.health().reconnects >= 1)
        assert until(lambda: len(got) > 30)
    finally:
        server.kill()


def test_nobody_there_says_so_without_the_password(link: Start) -> None:
    one = link("rtsp://user:secret@127.0.0.1:1/stream", lambda _: None)
    assert until(lambda: bool(one.health().detail) and one.health().detail != "no frame yet")
    health = one.health()
    assert health.state == "dead"
    assert "refused" in health.detail
    assert "secret" not in str(health)
    assert host_of("rtsp://user:secret@127.0.0.1:1/stream") == "127.0.0.1:1"


def test_packets_go_into_encrypted_segments_and_out_again(access: list[bytes], link: Start, tmp_path: Path) -> None:
    server, got = RtspServer(access, RATE), list[CameraFrame]()
    with Vault(tmp_path / "data", tmp_path / "secrets", time.time_ns()) as vault:
        writer = vault.raw_writer("c1")

        def sink(frame: CameraFrame) -> None:
            got.append(frame)
            writer.write(RawPacket(frame.t_ns, frame.keyframe, frame.data), frame.arrived_ns)

        try:
            one = link(server.url, sink)
            assert until(lambda: len(got) >= 20)
            assert one.stop()
        finally:
            server.kill()
        writer.close()
        kept = list(vault.raw("c1", got[0].t_ns, got[-1].t_ns))
        assert [packet.data for packet in kept] == [frame.data for frame in got]
        units_sent = {unit for frame in got for unit in units(frame.data) if len(unit) > 100}
        held = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
        assert not any(unit[:60] in held for unit in units_sent)
