import numpy as np
import pytest

from walkout.twin.camera import encode
from walkout.twin.camera.encode import Encoder, EncoderMissingError, h264_available

needs_av = pytest.mark.skipif(not h264_available(), reason="PyAV, the extra 'video', is not installed")


def frames(count: int) -> list[np.ndarray]:
    x, y = np.meshgrid(np.arange(64), np.arange(48))
    return [
        np.stack([(x * 3 + 5 * k) % 256, (y * 5) % 256, np.full_like(x, 9 * k)], axis=2).astype(np.uint8)
        for k in range(count)
    ]


def test_plain_frames_come_out_as_they_went_in() -> None:
    encoder = Encoder(64, 48, 10.0, kind="rgb8")
    (made,) = encoder.push(frames(1)[0], 7)
    assert (made.t_ns, made.format, made.keyframe) == (7, "rgb8", True)
    np.testing.assert_array_equal(np.frombuffer(made.data, np.uint8).reshape(48, 64, 3), frames(1)[0])
    assert encoder.close() == []


def test_without_pyav_auto_is_plain_and_h264_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode, "h264_available", lambda: False)
    assert Encoder(64, 48, 10.0).format == "rgb8"
    with pytest.raises(EncoderMissingError, match="needs PyAV"):
        Encoder(64, 48, 10.0, kind="h264")


def test_a_frame_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(48, 64, 3\), found \(2, 2, 3\)"):
        Encoder(64, 48, 10.0, kind="rgb8").push(np.zeros((2, 2, 3), np.uint8), 0)


@needs_av
def test_h264_is_annex_b_one_unit_a_frame_and_the_same_twice() -> None:
    runs = []
    for _ in range(2):
        encoder = Encoder(64, 48, 10.0, kind="h264")
        made = [unit for k, frame in enumerate(frames(25)) for unit in encoder.push(frame, k * 10**8)]
        runs.append(made + encoder.close())
    assert runs[0] == runs[1]
    assert [unit.t_ns for unit in runs[0]] == [k * 10**8 for k in range(25)]
    assert [k for k, unit in enumerate(runs[0]) if unit.keyframe] == [0, 20]
    assert all(unit.data.startswith(b"\0\0\0\1") or unit.data.startswith(b"\0\0\1") for unit in runs[0])


@needs_av
def test_h264_refuses_odd_sizes() -> None:
    with pytest.raises(ValueError, match="even sizes"):
        Encoder(63, 48, 10.0, kind="h264")
