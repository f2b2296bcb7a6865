"""Frames of RFID tags as JSON messages, with their published JSON Schema."""

from collections.abc import Mapping
from typing import Any, Final

from walkout.recording.error import MalformedError
from walkout.recording.json_value import dump, items, load, mapping, number, text, whole
from walkout.recording.tags import Tag, TagFrame

_TEXT: Final = {"type": "string"}
_WHOLE: Final = {"type": "integer", "minimum": 0}
_TAG: Final = {
    "type": "object",
    "properties": {
        "gtin": _TEXT,
        "item": _TEXT,
        "antenna": _WHOLE,
        "rssi_dbm": {"type": "number"},
        "count": {"type": "integer", "minimum": 1},
    },
    "required": ["gtin", "item", "antenna", "rssi_dbm", "count"],
}

TAG_SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    "walkout.TagFrame": {
        "title": "The RFID tags that a gate's reader heard since its frame before",
        "type": "object",
        "properties": {
            "t_ns": {"type": "integer", "minimum": 0, "maximum": 2**63 - 1},
            "gate": _TEXT,
            "tags": {"type": "array", "items": _TAG},
            "seq": _WHOLE,
            "source": {"type": "object", "description": "what the source said beyond this"},
        },
        "required": ["t_ns", "gate", "tags"],
    }
}


def encode_tags(frame: TagFrame) -> bytes:
    """A frame of tags as JSON; absent optional parts are left out."""
    tags = [
        {"gtin": tag.gtin, "item": tag.item, "antenna": tag.antenna, "rssi_dbm": tag.rssi_dbm, "count": tag.count}
        for tag in frame.tags
    ]
    value: dict[str, Any] = {"t_ns": frame.t_ns, "gate": frame.gate, "tags": tags}
    if frame.seq is not None:
        value["seq"] = frame.seq
    if frame.source:
        value["source"] = dict(frame.source)
    return dump(value)


def decode_tags(data: bytes, arrived_ns: int) -> TagFrame:
    """The frame of tags in these bytes.

    Raises:
        MalformedError: not such a message.
    """
    value = load(data)
    tags = tuple(
        Tag(text(tag, "gtin"), text(tag, "item"), whole(tag, "antenna"), number(tag, "rssi_dbm"), whole(tag, "count"))
        for tag in items(value, "tags")
    )
    if min((tag.count for tag in tags), default=1) < 1:
        raise MalformedError("tags: a count of 0; right is 1 or more")
    return TagFrame(
        t_ns=whole(value, "t_ns"),
        arrived_ns=arrived_ns,
        gate=text(value, "gate"),
        tags=tags,
        seq=whole(value, "seq") if "seq" in value else None,
        source=mapping(value, "source"),
    )
