"""Compressed pictures of one camera, as delivered."""

from dataclasses import dataclass
from typing import Final, Literal

Format = Literal["h264", "jpeg", "png", "webp"]

FORMATS: Final[tuple[Format, ...]] = ("h264", "jpeg", "png", "webp")
_START: Final = b"\x00\x00\x01"
_SLICES: Final = range(1, 6)
_IDR: Final = 5


@dataclass(frozen=True, slots=True)
class CameraFrame:
    """One picture of one camera: an access unit of H.264 (Annex B, without B-frames), or a whole picture file.

    An access unit that can be decoded alone carries its parameter sets, as Foxglove asks.
    """

    camera: str
    t_ns: int
    """When it was taken, UTC nanoseconds."""
    arrived_ns: int
    """When it reached the recorder, UTC nanoseconds."""
    format: Format
    data: bytes

    @property
    def keyframe(self) -> bool:
        """Whether it can be decoded without the frames before it."""
        return self.format != "h264" or is_keyframe(self.data)

    @property
    def needed(self) -> bool:
        """Whether frames after it need it to be decoded; where it is cut off, it is taken to be needed."""
        return self.format == "h264" and _referred_to(self.data)


def _referred_to(data: bytes) -> bool:
    """Whether the first slice's nal_ref_idc is not 0 (ITU-T H.264, 7.4.1)."""
    at = data.find(_START)
    while 0 <= at < len(data) - len(_START):
        head = data[at + len(_START)]
        if head & 31 in _SLICES:
            return bool(head & 0x60)
        at = data.find(_START, at + len(_START))
    return True


def is_keyframe(data: bytes) -> bool:
    """Whether an access unit of H.264 (Annex B) begins with a slice of an IDR picture (ITU-T H.264, table 7-1)."""
    at = data.find(_START)
    while 0 <= at < len(data) - len(_START):
        kind = data[at + len(_START)] & 31
        if kind in _SLICES:
            return kind == _IDR
        at = data.find(_START, at + len(_START))
    return False
