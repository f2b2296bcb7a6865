"""What a document says beyond what we would write ourselves, so that the document can be made again exactly.

`residue(ours, theirs)` is empty where both are the same JSON; `restored(ours, residue)` is theirs. A residue is
{"is": value} for another value, or {"set": {key: value}, "drop": [key], "in": {key or index: residue}} for a changed
object or list of equal length.
"""

import struct
from collections.abc import Mapping
from typing import Any

from walkout.recording.error import MalformedError


def residue(ours: Any, theirs: Any) -> dict[str, Any]:
    """The difference between two JSON values, from ours to theirs."""
    if _same(ours, theirs):
        return {}
    if type(ours) is dict and type(theirs) is dict:
        added = {key: theirs[key] for key in theirs if key not in ours}
        dropped = sorted(key for key in ours if key not in theirs)
        inner = {key: change for key in ours if key in theirs and (change := residue(ours[key], theirs[key]))}
        return {name: part for name, part in (("set", added), ("drop", dropped), ("in", inner)) if part}
    if type(ours) is list and type(theirs) is list and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return {"in": {str(index): change for index, (one, other) in pairs if (change := residue(one, other))}}
    return {"is": theirs}


def restored(ours: Any, change: Mapping[str, Any]) -> Any:
    """The value that the residue was taken from.

    Raises:
        MalformedError: the residue does not belong to this value.
    """
    if "is" in change:
        return change["is"]
    try:
        inner = change.get("in", {})
        if isinstance(ours, list):
            changed = list(ours)
            for index, part in inner.items():
                changed[int(index)] = restored(changed[int(index)], part)
            return changed
        if not change:
            return ours
        value = {key: item for key, item in ours.items() if key not in change.get("drop", [])}
        for key, part in inner.items():
            value[key] = restored(value[key], part)
        return value | change.get("set", {})
    except (KeyError, IndexError, ValueError, TypeError, AttributeError) as error:
        raise MalformedError(f"what the source said cannot be restored: {error!r}") from error


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON text, so that 0, 0.0, -0.0 and false are four values."""
    if type(one) is not type(other):
        return False
    if type(one) is float:
        return struct.pack("<d", one) == struct.pack("<d", other)
    if type(one) is dict:
        return len(one) == len(other) and all(key in other and _same(value, other[key]) for key, value in one.items())
    if type(one) is list:
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
