"""Frames to bytes: H.264 where PyAV is installed, else plain frames.

PyAV is an optional extra, never a requirement. Its code is under a BSD licence, but the wheels on PyPI carry x264 and
x265, which are under the GPL: using them is free, passing them on (in a container image, say) means passing on GPL
code; see docs/design/twin-cameras.md.
"""

from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Format = Literal["h264", "rgb8"]


class EncoderMissingError(RuntimeError):
    """H.264 was asked for by name and PyAV is not installed."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """One frame's bytes: an Annex B access unit, or rows of 8-bit red, green, blue."""

    t_ns: int
    data: bytes
    format: Format
    keyframe: bool


def h264_available() -> bool:
    """Whether PyAV is installed."""
    return find_spec("av") is not None


class Encoder:
    """One camera's frames to bytes, in order. Without B-frames: each frame comes out as it goes in.

    `kind` is h264, rgb8, or auto: h264 where it can be, else rgb8 (`Encoder.format` says which). Raises
    EncoderMissingError for h264 without PyAV, ValueError for a size that H.264 with halved colour cannot have. The same
    frames give the same bytes with the same version of x264: one thread, constant quality.
    """

    def __init__(
        self,
        width_px: int,
        height_px: int,
        rate_hz: float,
        *,
        kind: Literal["auto", "h264", "rgb8"] = "auto",
        quality: int = 26,
    ) -> None:
        if kind == "h264" and not h264_available():
            raise EncoderMissingError("H.264 needs PyAV: install the extra 'video', or ask for rgb8")
        self.format: Format = "h264" if kind != "rgb8" and h264_available() else "rgb8"
        self._size = (height_px, width_px, 3)
        self._count = 0
        self._times: dict[int, int] = {}
        self._context: Any = None
        if self.format == "h264":
            if width_px % 2 or height_px % 2:
                raise ValueError(f"H.264 with halved colour needs even sizes, found {width_px} x {height_px}")
            self._context = _x264(width_px, height_px, rate_hz, quality)

    def push(self, rgb: NDArray[np.uint8], t_ns: int) -> list[Encoded]:
        """Encode one frame, uint8 (rows, columns, 3). Raises ValueError for a frame of another size."""
        if rgb.shape != self._size:
            raise ValueError(f"frames of this camera have shape {self._size}, found {rgb.shape}")
        if self._context is None:
            return [Encoded(t_ns, rgb.tobytes(), "rgb8", True)]
        frame = import_module("av").VideoFrame.from_ndarray(rgb, format="rgb24")
        frame.pts = self._count
        self._times[self._count] = t_ns
        self._count += 1
        return self._taken(self._context.encode(frame))

    def close(self) -> list[Encoded]:
        """What was still held back; the encoder takes nothing after this."""
        if self._context is None:
            return []
        rest = self._taken(self._context.encode(None))
        self._context = None
        return rest

    def _taken(self, packets: Any) -> list[Encoded]:
        return [Encoded(self._times.pop(packet.pts), bytes(packet), "h264", packet.is_keyframe) for packet in packets]


def _x264(width_px: int, height_px: int, rate_hz: float, quality: int) -> Any:
    context = import_module("av").CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = width_px, height_px, "yuv420p"
    rate = Fraction(rate_hz).limit_denominator(1000)
    context.framerate, context.time_base = rate, 1 / rate
    # A keyframe every two seconds, so that a clip can start anywhere near; no scene detection, so that they come
    # regularly.
    group = max(1, round(2 * rate_hz))
    context.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "crf": str(quality),
        "threads": "1",
        "x264-params": f"keyint={group}:min-keyint={group}:scenecut=0",
    }
    return context
