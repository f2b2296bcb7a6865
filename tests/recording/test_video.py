"""Real H.264 and JPEG, to pixels and back; what is broken is left out."""

import importlib.util

import numpy as np
import pytest

pytest.importorskip("av", reason="pictures need PyAV ('./run extras')")

from numpy.typing import NDArray

from walkout.recording import video
from walkout.recording.camera import CameraFrame
from walkout.recording.video import Decoded, Decoder, VideoMissingError, jpeg, pictures, video_available
from walkout.twin.camera.encode import Encoder

WIDTH, HEIGHT, RATE_HZ = 160, 96, 10.0


def grey(level: int) -> NDArray[np.uint8]:
    return np.full((HEIGHT, WIDTH, 3), level, np.uint8)


def coded(count: int, camera: str = "c1") -> list[CameraFrame]:
    """Frames that get brighter by 5 each, with a keyframe every two seconds."""
    encoder = Encoder(WIDTH, HEIGHT, RATE_HZ, kind="h264")
    parts = [part for k in range(count) for part in encoder.push(grey(20 + 5 * k), k * 100_000_000)]
    return [CameraFrame(camera, part.t_ns, part.t_ns + 5, "h264", part.data) for part in parts]


def test_each_frame_has_its_picture_at_its_time() -> None:
    frames = [frame for pair in zip(coded(30), coded(30, "c2"), strict=True) for frame in pair]
    assert [frame.keyframe for frame in frames[:42:2]] == [True, *[False] * 19, True]
    found = list(pictures(frames))
    assert sorted((one.camera, one.t_ns) for one in found) == sorted((f.camera, f.t_ns) for f in frames)
    for one in found:
        assert one.rgb.shape == (HEIGHT, WIDTH, 3)
        assert abs(float(one.rgb.mean()) - (20 + 5 * one.t_ns / 1e8)) < 4


def test_before_the_first_keyframe_there_is_nothing() -> None:
    assert [one.t_ns for one in pictures(coded(30)[5:])] == [frame.t_ns for frame in coded(30)[20:]]


def test_broken_frames_are_left_out() -> None:
    frames = coded(30)
    frames[3] = CameraFrame("c1", frames[3].t_ns, 0, "h264", b"\x00\x00\x01\x41" + bytes(range(200)))
    frames[21] = CameraFrame("c1", frames[21].t_ns, 0, "h264", b"\x00\x00\x01\x67\xff\xff\xff")
    times = [one.t_ns for one in pictures(frames)]
    assert times == sorted(times)
    assert {frame.t_ns for frame in frames[:3]} <= set(times)


def test_a_picture_file_is_a_picture() -> None:
    small = jpeg(grey(128), 80, 48)
    (found,) = pictures([CameraFrame("c1", 7, 8, "jpeg", small)])
    assert found.rgb.shape == (48, 80, 3)
    assert abs(float(found.rgb.mean()) - 128) < 3
    assert jpeg(grey(128), 80, 48) == small


def test_too_large_a_picture_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "MAX_PIXELS", WIDTH * HEIGHT // 2)
    assert list(pictures(coded(3))) == []


def test_without_pyav_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "find_spec", lambda name: None if name == "av" else importlib.util.find_spec(name))
    assert not video_available()
    with pytest.raises(VideoMissingError, match=r"\./run extras"):
        list(pictures([CameraFrame("c1", 0, 0, "jpeg", b"x")]))


def test_colours_are_worked_out_only_for_whoever_looks() -> None:
    decoder = Decoder()
    found = [one for frame in coded(3) for one in decoder.push(frame)]
    assert [one.t_ns for one in found] == [frame.t_ns for frame in coded(3)]
    picture = found[-1].picture()
    assert picture is not None
    assert picture.rgb.shape == next(iter(pictures(coded(1)))).rgb.shape

    class Strange:
        def to_ndarray(self, **how: str) -> None:
            raise ValueError(how)

    assert Decoded("c1", 0, Strange()).picture() is None
