"""Camera frames to pixels and small pictures back to JPEG, with PyAV, which is optional.

What a file holds is not trusted: sizes are limited, and a frame that cannot be decoded is left out.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from walkout.recording.camera import CameraFrame

MAX_PIXELS: Final = 4096 * 2304
"""Pixels of the largest picture that is decoded."""
_CODECS: Final = {"h264": "h264", "jpeg": "mjpeg", "png": "png", "webp": "webp"}


class VideoMissingError(RuntimeError):
    """Pictures were asked for and PyAV is not installed."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One decoded frame, uint8 (rows, columns, 3), red, green, blue."""

    camera: str
    t_ns: int
    rgb: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """One frame as the decoder gives it: its colours are worked out only where somebody wants to look."""

    camera: str
    t_ns: int
    frame: Any

    def picture(self) -> Picture | None:
        """The picture; None where its form of colours cannot be converted. May run in any thread, once at a time."""
        try:
            return Picture(self.camera, self.t_ns, self.frame.to_ndarray(format="rgb24"))
        except (_av().error.FFmpegError, ValueError, MemoryError, TypeError):
            return None


def video_available() -> bool:
    """Whether PyAV is installed."""
    return find_spec("av") is not None


def pictures(frames: Iterable[CameraFrame]) -> Iterator[Picture]:
    """The pictures of frames of any cameras, each camera's in its order.

    Of H.264, what comes before a camera's first keyframe, or after a frame that is broken up to the next keyframe, has
    no picture.

    Raises:
        VideoMissingError: PyAV is not installed.
    """
    decoders: dict[str, Decoder] = {}
    for frame in frames:
        decoder = decoders.get(frame.camera)
        if decoder is None:
            decoder = decoders[frame.camera] = Decoder()
        yield from _seen(decoder.push(frame))
    for decoder in decoders.values():
        yield from _seen(decoder.rest())


def jpeg(rgb: NDArray[np.uint8], width_px: int, height_px: int, quality: int = 5) -> bytes:
    """A picture scaled to a size as JPEG; `quality` is 2 (best) to 31. The same bytes with the same PyAV.

    Raises:
        VideoMissingError: PyAV is not installed.
    """
    av = _av()
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    frame = frame.reformat(width=width_px, height=height_px, format="yuvj420p", interpolation="AREA")
    context = av.CodecContext.create("mjpeg", "w")
    context.width, context.height, context.pix_fmt = width_px, height_px, "yuvj420p"
    context.time_base = frame.time_base = import_module("fractions").Fraction(1, 25)
    context.options = {"qmin": str(quality), "qmax": str(quality), "threads": "1"}
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])


class Decoder:
    """One camera's frames, in order, to decoded ones; `pictures` says what has none."""

    def __init__(self) -> None:
        self._av = _av()
        self._context: Any = None
        self._format = ""
        self._last = ""
        self._waiting: deque[int] = deque()

    def push(self, frame: CameraFrame) -> list[Decoded]:
        """What this frame completes: itself, as long as there are no B-frames."""
        if frame.format != self._format:
            self._context, self._format = None, frame.format
        if self._context is None:
            if not frame.keyframe:
                return []
            self._context = self._av.CodecContext.create(_CODECS[frame.format], "r")
            self._context.options = {"max_pixels": str(MAX_PIXELS), "threads": "1"}
            self._context.flags |= self._av.codec.context.Flags.low_delay
        self._last = frame.camera
        packet = self._av.Packet(frame.data)
        packet.pts = packet.dts = frame.t_ns
        return self._taken(packet)

    def rest(self) -> list[Decoded]:
        """What the decoder still held back."""
        return [] if self._context is None else self._taken(None)

    def _taken(self, packet: Any) -> list[Decoded]:
        try:
            return [Decoded(self._last, int(one.pts), one) for one in self._context.decode(packet)]
        except (self._av.error.FFmpegError, ValueError, MemoryError, TypeError):
            self._context = None
            return []


def _seen(decoded: Iterable[Decoded]) -> Iterator[Picture]:
    return (picture for one in decoded if (picture := one.picture()) is not None)


def _av() -> Any:
    if not video_available():
        raise VideoMissingError("pictures need PyAV, which is optional; './run extras' installs it")
    return import_module("av")
