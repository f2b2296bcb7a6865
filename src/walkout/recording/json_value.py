"""JSON bytes to checked values and back: what every JSON message is read and written with."""

import math
from collections.abc import Mapping
from typing import Any

import orjson

from walkout.recording.error import MalformedError


def dump(value: Mapping[str, Any]) -> bytes:
    """JSON bytes, the same for the same content.

    Raises:
        MalformedError: something JSON cannot hold, such as a number that is not finite.
    """
    _finite(value)
    try:
        return orjson.dumps(value)
    except TypeError as error:
        raise MalformedError(f"a message that JSON cannot hold: {error}") from error


def load(data: bytes) -> dict[str, Any]:
    """The JSON object in these bytes.

    Raises:
        MalformedError: not a JSON object.
    """
    try:
        value = orjson.loads(data)
    except ValueError as error:
        raise MalformedError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise MalformedError(f"found a JSON {type(value).__name__}; right would be an object")
    return value


def _finite(value: Any) -> None:
    """Refuse what orjson would silently write as null."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise MalformedError(f"{value} cannot be written; right is a finite number, or leaving the part out")
    elif isinstance(value, Mapping):
        for item in value.values():
            _finite(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _finite(item)


def whole(value: Mapping[str, Any], name: str) -> int:
    """A whole number of 0 to 2^63 - 1 at this name."""
    found = value.get(name)
    if type(found) is not int or not 0 <= found < 2**63:
        raise MalformedError(f"'{name}' is {_brief(found)}; right would be a whole number of 0 to 2^63 - 1")
    return found


def number(value: Mapping[str, Any], name: str) -> float:
    """A finite number at this name."""
    found = value.get(name)
    if type(found) is int and abs(found) < 2**53:
        return float(found)
    if type(found) is not float or not math.isfinite(found):
        raise MalformedError(f"'{name}' is {_brief(found)}; right would be a number")
    return found


def text(value: Mapping[str, Any], name: str) -> str:
    """A text at this name."""
    found = value.get(name)
    if type(found) is not str:
        raise MalformedError(f"'{name}' is {_brief(found)}; right would be a text")
    return found


def mapping(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object at this name; an empty one where there is none."""
    return as_object(value.get(name, {}))


def as_object(found: Any) -> Mapping[str, Any]:
    """The same value, known to be an object."""
    if type(found) is not dict:
        raise MalformedError(f"found {_brief(found)}; right would be an object")
    return found


def items(value: Mapping[str, Any], name: str, *, required: bool = True) -> list[Mapping[str, Any]]:
    """A list of objects at this name."""
    found = value.get(name, None if required else [])
    if type(found) is not list:
        raise MalformedError(f"'{name}' is {_brief(found)}; right would be a list")
    return [as_object(item) for item in found]


def _brief(found: Any) -> str:
    shown = repr(found)
    return shown if len(shown) <= 60 else shown[:57] + "..."
