"""Packets of a camera or a file as camera frames, bytes as they came: nothing is decoded or encoded."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from walkout.recording.camera import CameraFrame, Format
from walkout.recording.camera_message import MAX_FRAME
from walkout.recording.video import VideoMissingError, video_available

_FORMATS: Final[dict[str, Format]] = {"h264": "h264", "mjpeg": "jpeg"}
_SPS: Final = 7
_START: Final = b"\x00\x00\x01"


class StreamRefusedError(RuntimeError):
    """The stream is none that Walkout takes; trying again changes nothing."""


def video_module() -> Any:
    """PyAV. VideoMissingError where it is not installed."""
    if not video_available():
        raise VideoMissingError("cameras need PyAV, which is optional; './run extras' installs it")
    return import_module("av")


class Packets:
    """The video stream of an open container.

    Raises:
        StreamRefusedError: It has no video, or another codec than H.264 or JPEG.
    """

    def __init__(self, container: Any, camera: str) -> None:
        av = video_module()
        self._container, self._camera = container, camera
        if not container.streams.video:
            raise StreamRefusedError("the stream has no video; right is a camera's video stream")
        self._stream = container.streams.video[0]
        codec = str(self._stream.codec_context.name)
        if codec not in _FORMATS:
            raise StreamRefusedError(f"it sends {codec}; right is H.264 (without B-frames) or MJPEG: set it so")
        self._format = _FORMATS[codec]
        # From the form of MP4 (lengths before units) to that of a stream (start codes); what has them already passes.
        self._filter = av.BitStreamFilterContext("h264_mp4toannexb", self._stream) if codec == "h264" else None
        self._sets = _parameter_sets(bytes(self._stream.codec_context.extradata or b""))

    def __iter__(self) -> Iterator[tuple[int | None, CameraFrame]]:
        """Each packet's own stamp in nanoseconds (None: it has none) and its frame, of which both times are 0."""
        for packet in self._container.demux(self._stream):
            if not packet.size:
                continue
            stamp = packet.pts if packet.pts is not None else packet.dts
            base = packet.time_base
            stamp_ns = None if stamp is None or base is None else int(stamp * base * 1_000_000_000)
            alone = bool(packet.is_keyframe)
            for part in [packet] if self._filter is None else self._filter.filter(packet):
                data = bytes(part)
                if alone and self._format == "h264" and not _has_sets(data):
                    data = self._sets + data
                if 0 < len(data) <= MAX_FRAME:
                    yield stamp_ns, CameraFrame(self._camera, 0, 0, self._format, data)


def file_frames(path: Path, camera: str, start_ns: int) -> Iterator[CameraFrame]:
    """The frames of a video file, the first at `start_ns`, the others by their stamps; each arrives when it is taken.

    Raises:
        VideoMissingError: PyAV is not installed.
        StreamRefusedError: It is no video file, or of another codec.
    """
    av = video_module()
    try:
        with av.open(str(path)) as container:
            first: int | None = None
            for stamp_ns, frame in Packets(container, camera):
                if stamp_ns is None:
                    raise StreamRefusedError(f"{path.name} has frames without a time")
                first = stamp_ns if first is None else first
                t_ns = start_ns + stamp_ns - first
                yield CameraFrame(camera, t_ns, t_ns, frame.format, frame.data)
    except av.error.FFmpegError as error:
        raise StreamRefusedError(f"{path.name} is no video file that can be read: {error.strerror}") from error


def _has_sets(data: bytes) -> bool:
    at = data.find(_START)
    while 0 <= at < len(data) - len(_START):
        kind = data[at + len(_START)] & 31
        if kind == _SPS:
            return True
        if 1 <= kind <= 5:
            return False
        at = data.find(_START, at + len(_START))
    return False


def _parameter_sets(extra: bytes) -> bytes:
    """Parameter sets with start codes, where the stream carries them apart; those of MP4 the filter puts in itself."""
    return extra if extra.startswith((_START, b"\x00" + _START)) else b""
