"""Pictures beside events: the right ones, few enough, and never of real people."""

import re
from base64 import b64decode
from dataclasses import replace

import numpy as np
import pytest

from tests.recording.make import recorded
from tests.web import builders
from walkout.live.outcome import Replay
from walkout.recording.camera import CameraFrame
from walkout.recording.reader import Recording, read_bytes
from walkout.recording.video import pictures
from walkout.store.layout import Camera
from walkout.web import strips as module
from walkout.web.report import report_html
from walkout.web.strips import OFFSETS_S, best_cameras, strips

WIDTH, HEIGHT, RATE_HZ = 320, 180, 10.0
WITHHELD = "Camera pictures are withheld"


def cameras() -> tuple[Camera, ...]:
    """One before the shelf and near, one before it and far, one behind it, one that looks away, one below."""
    hand = (1.25, -0.05, 0.5)
    return tuple(
        Camera(name, *at, look, 210.0, WIDTH, HEIGHT, RATE_HZ)
        for name, at, look in (
            ("behind", (1.2, 0.55, 2.0), hand),
            ("far", (1.2, -2.9, 2.4), hand),
            ("near", (1.9, -1.6, 2.4), hand),
            ("away", (1.2, -1.0, 2.4), (1.2, -3.0, 1.0)),
        )
    )


def filmed(visits: int = 1) -> Replay:
    return builders.replay(visits, shop=replace(builders.store(), cameras=cameras()))


def recording(replay: Replay, origin: str = "simulated", seconds: int = 20) -> Recording:
    """Every camera's frames, brighter by one each tenth of a second from the start."""
    encode = pytest.importorskip("walkout.twin.camera.encode")
    pytest.importorskip("av", reason="pictures need PyAV ('./run extras')")
    written = []
    for camera in replay.store.cameras:
        encoder = encode.Encoder(WIDTH, HEIGHT, RATE_HZ, kind="h264")
        for k in range(round(seconds * RATE_HZ)):
            t_ns = builders.START_NS + k * 100_000_000
            rgb = np.full((HEIGHT, WIDTH, 3), 20 + k % 200, np.uint8)
            written += [CameraFrame(camera.id, t_ns, t_ns + 1000, "h264", p.data) for p in encoder.push(rgb, t_ns)]
    written.sort(key=lambda frame: (frame.t_ns, frame.camera))
    return read_bytes(recorded(written, origin=origin))


def page(replay: Replay, found: Recording) -> str:
    return report_html(replay, replay.store, strips=strips(found, replay))


def test_the_nearest_free_cameras_are_chosen() -> None:
    replay = filmed()
    names = frozenset(camera.id for camera in replay.store.cameras)
    (told,) = replay.explanations
    assert [camera.id for camera, _ in best_cameras(replay, told, names)] == ["near", "far"]
    assert [camera.id for camera, _ in best_cameras(replay, told, {"far", "behind", "away"})] == ["far"]


def test_somebody_in_the_way_counts_against_a_camera() -> None:
    replay = filmed()
    (told,) = replay.explanations
    place = np.tile(np.array([1.47, -0.55], np.float32), (len(replay.paths[0].t_ns), 1))
    stands = replace(replay.paths[0], xy_m=place)
    at_ns = told.event.start_ns
    stands = replace(stands, t_ns=np.linspace(at_ns - 10**9, at_ns + 10**9, len(stands.t_ns)).astype(np.int64))
    found = best_cameras(replace(replay, paths=(stands,)), told, {"near", "far"})
    assert [camera.id for camera, _ in found] == ["far", "near"]


def test_five_pictures_a_camera_at_their_times() -> None:
    replay = filmed()
    found = strips(recording(replay), replay)
    assert [(strip.camera, [offset for offset, _ in strip.shots]) for strip in found.strips] == [
        ("near", list(OFFSETS_S)),
        ("far", list(OFFSETS_S)),
    ]
    middle_s = (replay.events[0].start_ns + replay.events[0].end_ns) / 2e9 - builders.START_NS / 1e9
    for strip in found.strips:
        for offset_s, uri in strip.shots:
            data = b64decode(uri.removeprefix("data:image/jpeg;base64,"))
            (shown,) = pictures([CameraFrame("c", 0, 0, "jpeg", data)])
            assert abs(float(shown.rgb.mean()) - (20 + 10 * (middle_s + offset_s))) < 4


def test_the_page_shows_them_and_lets_in_nothing_else() -> None:
    replay = filmed()
    html = page(replay, recording(replay))
    root = builders.parse(html)
    shown = [image.get("src", "") for image in root.iter("img")]
    assert len(shown) == 2 * len(OFFSETS_S)
    assert all(source.startswith("data:image/jpeg;base64,") for source in shown)
    assert all(image.get("alt") for image in root.iter("img"))
    policy = next(m.get("content", "") for m in root.iter("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'; img-src data:; " in policy
    assert "Camera pictures are simulated" in html
    assert html == page(replay, recording(replay))


@pytest.mark.parametrize(
    ("of_replay", "of_recording"),
    [("real", "real"), ("real", "simulated"), ("simulated", "real"), ("simulated", "mixed")],
)
def test_pictures_of_real_people_are_withheld_and_never_even_read(
    monkeypatch: pytest.MonkeyPatch, of_replay: str, of_recording: str
) -> None:
    replay = replace(filmed(), origin=of_replay)  # type: ignore[arg-type]
    found = recording(replay, of_recording)
    monkeypatch.setattr(Recording, "frames", lambda *_: pytest.fail("frames were read"))
    html = page(replay, found)
    assert WITHHELD in html
    assert "redacted" in html
    assert "<img" not in html
    assert "data:image" not in html


def test_without_cameras_it_says_so() -> None:
    replay = filmed()
    html = page(replay, read_bytes(recorded([])))
    assert "has no camera pictures" in html
    assert "<img" not in html


def test_without_pyav_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    replay = filmed()
    found = recording(replay)
    monkeypatch.setattr(module, "video_available", lambda: False)
    html = page(replay, found)
    assert "./run extras" in html
    assert "<img" not in html


def test_no_strips_asked_for_leaves_the_page_as_it_was() -> None:
    html = report_html(filmed(), filmed().store)
    assert 'id="pictures"' not in html
    assert "<img" not in html


def test_the_page_stays_below_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    replay = filmed(4)
    found = recording(replay, seconds=80)
    every = strips(found, replay)
    assert len(every.strips) == 8
    one = sum(len(uri) for _, uri in every.strips[0].shots)
    monkeypatch.setattr(module, "MAX_BYTES", 3 * one)
    few = strips(found, replay)
    assert 0 < sum(len(uri) for strip in few.strips for _, uri in strip.shots) <= 3 * one
    left_out = re.search(r"(\d) rows of pictures left out", few.said)
    assert left_out is not None
    assert int(left_out[1]) == 8 - len(few.strips)


def test_hostile_camera_frames_do_no_harm() -> None:
    replay = filmed()
    junk = [
        CameraFrame("near", builders.START_NS + k * 10**8, builders.START_NS + k * 10**8, "h264", data)
        for k in range(150)
        for data in [b"\x00\x00\x01\x65" + bytes((7 * k + j) % 256 for j in range(300))]
    ]
    found = strips(read_bytes(recorded(junk)), replay)
    assert found.strips == ()
    assert "No camera's pictures" in found.said
