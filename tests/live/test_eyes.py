"""The eyes over real RTSP with a network that finds what it is told to."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

pytest.importorskip("av", reason="cameras need PyAV ('./run extras')")

from tests.live.rtsp_server import RtspServer
from tests.sensing.vision.scene import ROOM
from walkout.live.camera_link import Patience
from walkout.live.eyes import Eyes, _Eye, figures_json
from walkout.live.inbox import Inbox
from walkout.live.payload import decode_frame, encode_frame
from walkout.recording.camera import CameraFrame
from walkout.recording.people import PeopleFrame
from walkout.sensing.vision.persons import Persons
from walkout.twin.camera.encode import Encoder

QUICK = Patience(connect_s=2.0, read_s=1.0, first_wait_s=0.05, most_wait_s=0.2, settle_s=0.2)
RATE = 20.0


class Nobody:
    """Finds nobody, and takes its time."""

    name = "nobody"

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds, self.seen = seconds, list[int]()

    def __call__(self, rgb: np.ndarray, /) -> Persons:
        self.seen.append(int(rgb[:, :, 0].mean()))
        time.sleep(self.seconds)
        return Persons.none(rgb.shape[1], rgb.shape[0])


class Fails:
    name = "fails"

    def __call__(self, _rgb: np.ndarray, /) -> Persons:
        raise RuntimeError("no more memory")


@pytest.fixture(scope="module")
def access() -> list[bytes]:
    """Forty pictures, each brighter than the one before."""
    encoder = Encoder(64, 48, RATE, kind="h264", quality=18)
    return [part.data for k in range(40) for part in encoder.push(np.full((48, 64, 3), 20 + 5 * k, np.uint8), k)]


def until(what: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def test_frames_of_people_come_ten_a_second_whatever_comes_from_the_cameras(access: list[bytes]) -> None:
    servers = {name: RtspServer(access, RATE) for name in ("c0", "c1")}
    told: list[tuple[PeopleFrame, Sequence[int]]] = []
    model = Nobody()
    urls = {name: server.url for name, server in servers.items()}
    eyes = Eyes(ROOM, urls, model, lambda frame, seen: told.append((frame, seen)), seed=b"s", patience=QUICK)
    eyes.start()
    try:
        until(lambda: len(told) >= 25)
        until(lambda: eyes.words() == "")
        servers["c0"].kill()
        until(lambda: "c0" in eyes.words())
        assert eyes.words().startswith("1 of 2 cameras are dark: c0 (")
        assert "secret" not in eyes.words()
        count = len(told)
        until(lambda: len(told) >= count + 10)  # the other one sees on
    finally:
        assert eyes.stop()
        for server in servers.values():
            server.kill()
    frames = [frame for frame, _ in told]
    assert [frame.seq for frame in frames] == list(range(len(frames)))
    steps = {b.t_ns - a.t_ns for a, b in pairwise(frames[:20])}
    assert steps == {100_000_000}
    assert all(frame.arrived_ns - frame.t_ns < 5_000_000_000 for frame in frames)
    assert sum(len(seen) for _, seen in told) <= eyes.figures().looked <= len(model.seen)
    assert frames[0].source == {"by": "nobody"}
    assert decode_frame(encode_frame(frames[0], "b"), 0).people == ()
    plain = figures_json(eyes.figures(), eyes.health())
    assert plain["told"] == len(frames)
    assert plain["cameras"]["c1"]["reconnects"] == 0


def test_whoever_is_slow_sees_the_newest_and_drops_the_rest(access: list[bytes]) -> None:
    server, model = RtspServer(access, RATE), Nobody(0.4)
    eyes = Eyes(ROOM, {"c0": server.url}, model, lambda *_: None, fps=20.0, seed=b"s", patience=QUICK)
    eyes.start()
    try:
        until(lambda: len(model.seen) >= 6)
        assert len(eyes._inbox) <= 1
    finally:
        assert eyes.stop()
        server.kill()
    assert eyes.figures().dropped >= 3 * 5, "of twenty a second it sees two or three"


def test_a_network_that_fails_is_told_and_ends_the_eyes(access: list[bytes]) -> None:
    server = RtspServer(access, RATE)
    eyes = Eyes(ROOM, {"c0": server.url}, Fails(), lambda *_: None, seed=b"s", patience=QUICK)
    eyes.start()
    try:
        until(lambda: eyes.trouble)
    finally:
        assert eyes.stop()
        server.kill()
    assert eyes.trouble == "RuntimeError: no more memory"


def test_all_that_others_lean_on_is_decoded_and_what_nobody_wants_is_no_picture(access: list[bytes]) -> None:
    inbox = Inbox(["c0"])
    eye = _Eye(5.0, inbox)
    for k, data in enumerate(access[:9]):
        eye(CameraFrame("c0", k * 50_000_000, k, "h264", data))
    found = inbox.take()
    assert found is not None
    assert found.decoded.t_ns == 7 * 50_000_000
    assert inbox.dropped == 2, "the first and the fourth were due as well, and nobody came"
    picture = found.decoded.picture()
    assert picture is not None
    assert abs(float(picture.rgb.mean()) - 55.0) < 4, "decoded on top of all before it"


def test_a_camera_that_the_shop_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="found the cameras elsewhere, right: some of c0, c1, c2, c3"):
        Eyes(replace(ROOM), {"elsewhere": "rtsp://x"}, Nobody(), lambda *_: None, seed=b"s")
