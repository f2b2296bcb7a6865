"""Values of this package as bytes and back: what a running shop knows, so that it can go on elsewhere.

Plain values, containers, arrays, and objects of classes of this package, whatever their attributes hold. Equal values
built in the same way give equal bytes: sets are sorted. An object that is met again is written once, so that what was
shared stays shared. A dataclass that an older release wrote gets the fields that came later, by their defaults.
"""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from functools import cache
from importlib import import_module
from math import isfinite
from typing import Any

import numpy as np
import orjson

PACKAGE = __name__.split(".")[0]
LARGEST = 2**63 - 1


class FreezeError(ValueError):
    """Something cannot be written, or bytes are not what `freeze` wrote."""


def freeze(value: object) -> bytes:
    """A value as bytes.

    Raises:
        FreezeError: it holds something that is neither plain nor of this package.
    """
    return zlib.compress(orjson.dumps(_Writer().write(value)), 1)


def thaw(data: bytes) -> Any:
    """The value that `freeze` wrote.

    Raises:
        FreezeError: the bytes are damaged or name something that is not of this package.
    """
    try:
        return _Reader().read(orjson.loads(zlib.decompress(data)))
    except FreezeError:
        raise
    except (zlib.error, ValueError, TypeError, LookupError, AttributeError, ImportError, OverflowError) as error:
        raise FreezeError(f"found bytes that are no frozen value: {error}") from error


class _Writer:
    def __init__(self) -> None:
        self._known: dict[int, int] = {}
        self._held: list[object] = []
        """Keeps what was written alive, so that no other object gets its id."""

    def write(self, value: object) -> Any:
        if value is None or type(value) in (bool, str):
            return value
        if type(value) is int:
            return value if abs(value) <= LARGEST else ["i", str(value)]
        if type(value) is float:
            return value if isfinite(value) else ["f", repr(value)]
        if type(value) is tuple:
            return ["t", *(self.write(part) for part in value)]
        if isinstance(value, (bytes, Decimal, np.generic)):
            return self._small(value)
        if isinstance(value, (set, frozenset)):
            parts = sorted((self.write(part) for part in value), key=orjson.dumps)
            return ["z" if isinstance(value, frozenset) else "s", *parts]
        known = self._known.get(id(value))
        if known is not None:
            return ["r", known]
        self._known[id(value)] = len(self._known)
        self._held.append(value)
        return self._large(value)

    def _small(self, value: object) -> list[object]:
        if isinstance(value, bytes):
            return ["b", b64encode(value).decode()]
        if isinstance(value, Decimal):
            return ["m", str(value)]
        array = np.asarray(value)
        return ["g", array.dtype.str, b64encode(array.tobytes()).decode()]

    def _large(self, value: object) -> list[object]:
        if isinstance(value, np.ndarray):
            if value.dtype.hasobject:
                raise FreezeError(f"found an array of {value.dtype}, right: numbers")
            return ["a", value.dtype.str, list(value.shape), b64encode(np.ascontiguousarray(value).tobytes()).decode()]
        if isinstance(value, list):
            return ["l", *(self.write(part) for part in value)]
        if isinstance(value, Mapping):
            return ["d", *([self.write(key), self.write(part)] for key, part in value.items())]
        kind = type(value)
        if kind.__module__.split(".")[0] != PACKAGE:
            raise FreezeError(f"found a {kind.__module__}.{kind.__qualname__}, right: plain values or our own")
        attributes = [[name, self.write(getattr(value, name))] for name in _names(value)]
        return ["o", f"{kind.__module__}:{kind.__qualname__}", *attributes]


class _Reader:
    def __init__(self) -> None:
        self._known: list[Any] = []

    def read(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        tag, parts = value[0], value[1:]
        if tag == "t":
            return tuple(self.read(part) for part in parts)
        if tag == "r":
            return self._known[parts[0]]
        if tag in ("s", "z"):
            return (frozenset if tag == "z" else set)(self.read(part) for part in parts)
        if tag in ("i", "f", "b", "m", "g"):
            return _plain(tag, parts)
        at = len(self._known)
        self._known.append(None)
        if tag == "a":
            array = np.frombuffer(b64decode(parts[2]), parts[0]).reshape(parts[1]).copy()
            self._known[at] = array
            return array
        if tag == "l":
            items: list[Any] = []
            self._known[at] = items
            items.extend(self.read(part) for part in parts)
            return items
        if tag == "d":
            found: dict[Any, Any] = {}
            self._known[at] = found
            found.update((self.read(key), self.read(part)) for key, part in parts)
            return found
        if tag == "o":
            made = _made(parts[0])
            self._known[at] = made
            for name, part in parts[1:]:
                object.__setattr__(made, name, self.read(part))
            _complete(made)
            return made
        raise FreezeError(f"found the mark {tag!r}, right: one that this version writes")


def _plain(tag: str, parts: list[Any]) -> Any:
    if tag == "i":
        return int(parts[0])
    if tag == "f":
        return float(parts[0])
    if tag == "b":
        return b64decode(parts[0])
    if tag == "m":
        return Decimal(parts[0])
    return np.frombuffer(b64decode(parts[1]), parts[0])[0]


def _names(value: object) -> list[str]:
    """The attributes that are set, in an order of the class."""
    kind: Any = type(value)
    return [*(name for name in _all_slots(kind) if hasattr(value, name)), *getattr(value, "__dict__", {})]


@cache
def _all_slots(kind: type) -> tuple[str, ...]:
    return tuple(name for one in reversed(kind.__mro__) for name in _slots(one))


def _slots(kind: type) -> list[str]:
    slots = kind.__dict__.get("__slots__", ())
    return [slots] if isinstance(slots, str) else [s for s in slots if s not in ("__dict__", "__weakref__")]


def _complete(made: Any) -> None:
    """Give an object that an older release wrote the fields that came later; each has to have a default."""
    made_of: Any = type(made)
    for name, default in _defaults(made_of).items():
        if not hasattr(made, name):
            if default is MISSING:
                raise FreezeError(
                    f"found a {type(made).__qualname__} without {name}, which this release cannot do without"
                )
            object.__setattr__(made, name, default())


@cache
def _defaults(kind: type) -> dict[str, Any]:
    """What makes the default of each field of a dataclass; MISSING where it has none."""
    if not is_dataclass(kind):
        return {}
    made: dict[str, Any] = {}
    for one in fields(kind):
        plain = one.default
        made[one.name] = one.default_factory if plain is MISSING else lambda plain=plain: plain
    return made


def _made(path: str) -> Any:
    module, _, name = path.partition(":")
    if module.split(".")[0] != PACKAGE:
        raise FreezeError(f"found an object of {path}, right: one of this package")
    kind: Any = import_module(module)
    for part in name.split("."):
        kind = getattr(kind, part)
    if not isinstance(kind, type) or kind.__module__ != module:
        raise FreezeError(f"found {path}, which is no class of this package")
    return object.__new__(kind)
