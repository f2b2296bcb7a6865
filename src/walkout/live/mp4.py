"""Pictures as fragmented MP4 in memory, so that browsers can step through them one by one."""

from collections.abc import Sequence
from fractions import Fraction
from importlib import import_module
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray

from walkout.recording.video import VideoMissingError, video_available

GROUP: Final = 15
"""Pictures from one that decodes alone to the next: any one is reached by decoding at most so many.

With 5 the same pictures took half as many bytes again (`bench slow-line`); a browser decodes 15 this small in no time.
"""
_QUALITY: Final = "23"


def fragmented_mp4(frames: Sequence[NDArray[np.uint8]], times_ns: Sequence[int]) -> bytes:
    """Pictures of one even size as fragmented MP4 in memory: H.264, every fifteenth picture decodes alone, times kept.

    Where PyAV has no x264, VP9 takes its place, which browsers play as well. VideoMissingError without PyAV.
    """
    if not video_available():
        raise VideoMissingError("clips need PyAV, which is optional; './run extras' installs it")
    av = import_module("av")
    out = BytesIO()
    flags = "frag_keyframe+empty_moov+default_base_moof"
    with av.open(out, "w", format="mp4", options={"movflags": flags}) as container:
        stream = container.add_stream("libx264" if "libx264" in av.codecs_available else "libvpx-vp9", rate=10)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.gop_size = GROUP
        stream.codec_context.max_b_frames = 0
        stream.options = {"preset": "veryfast", "crf": _QUALITY, "threads": "1", "sc_threshold": "0"}
        last_ms = -1
        for rgb, t_ns in zip(frames, times_ns, strict=True):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
            last_ms = max(round((t_ns - times_ns[0]) / 1e6), last_ms + 1)
            frame.pts, frame.time_base = last_ms, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()
