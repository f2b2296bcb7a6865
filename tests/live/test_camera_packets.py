from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("av", reason="cameras need PyAV ('./run extras')")

import av

from walkout.live.camera_packets import StreamRefusedError, file_frames
from walkout.recording.video import pictures


def film(path: Path, codec: str = "libx264", frames: int = 25) -> Path:
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        if codec == "libx264":
            stream.options = {"bf": "0", "g": "10"}
        for k in range(frames):
            frame = av.VideoFrame.from_ndarray(np.full((64, 96, 3), 10 * k, np.uint8), format="rgb24")
            frame.pts, frame.time_base = k, Fraction(1, 10)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("kind", ["mp4", "mkv", "ts"])
def test_a_file_becomes_frames_that_decode(tmp_path: Path, kind: str) -> None:
    frames = list(file_frames(film(tmp_path / f"f.{kind}"), "c1", 5_000_000_000))
    assert [frame.t_ns for frame in frames[:2]] == [5_000_000_000, 5_100_000_000]
    assert len(frames) == 25
    assert [k for k, frame in enumerate(frames) if frame.keyframe] == [0, 10, 20]
    shown = list(pictures(frames))
    assert len(shown) == 25
    assert abs(int(shown[12].rgb.mean()) - 120) < 4
    assert len(list(pictures(frames[10:]))) == 15  # every keyframe carries its parameter sets


def test_another_codec_is_refused_with_what_would_be_right(tmp_path: Path) -> None:
    path = film(tmp_path / "f.mkv", "mpeg4")
    with pytest.raises(StreamRefusedError, match=r"it sends mpeg4; right is H\.264"):
        list(file_frames(path, "c1", 0))


def test_no_video_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.mp4").write_bytes(b"not a film")
    with pytest.raises(StreamRefusedError, match="is no video file that can be read"):
        list(file_frames(tmp_path / "f.mp4", "c1", 0))
