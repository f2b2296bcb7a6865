"""The lease's mark, burnt into each picture of a redacted clip before it is sent: whoever passes it on says so."""

import asyncio
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from walkout.live.mp4 import fragmented_mp4
from walkout.recording.video import VideoMissingError

STEP_PX = 7
"""The mark moves by so much each picture, so that no fixed crop takes it away."""


async def stamped(video: bytes, words: str) -> bytes:
    """A clip with words in each picture; it takes about as long as encoding does, in a thread of its own.

    Raises:
        VideoMissingError: PyAV or OpenCV is not installed; nothing is sent without its mark.
    """
    return await asyncio.to_thread(burn, video, words)


def burn(video: bytes, words: str) -> bytes:
    """As `stamped`, at once."""
    if find_spec("av") is None or find_spec("cv2") is None:
        raise VideoMissingError("clips need PyAV and OpenCV to mark them, which are optional; './run extras'")
    av = import_module("av")
    frames, times = [], []
    with av.open(BytesIO(video)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            frames.append(_marked(frame.to_ndarray(format="rgb24"), words, number))
            times.append(int(Fraction(frame.pts) * frame.time_base * 1_000_000_000))
    return fragmented_mp4(frames, times)


def _marked(rgb: NDArray[np.uint8], words: str, number: int) -> NDArray[np.uint8]:
    cv2 = import_module("cv2")
    height, width = rgb.shape[:2]
    out = np.ascontiguousarray(rgb)
    size = max(0.35, width / 640)
    at = ((number * STEP_PX) % max(1, width // 2), height // 4 + (number * STEP_PX) % max(1, height // 2))
    for colour, thick in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(out, words, at, cv2.FONT_HERSHEY_SIMPLEX, size, colour, thick, cv2.LINE_AA)
    return out
