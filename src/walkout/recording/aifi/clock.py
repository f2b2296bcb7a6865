"""Times as AiFi's documents write them, to and from whole nanoseconds since 1970 UTC."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from walkout.recording.error import MalformedError

_ISO: Final = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z?", re.ASCII)
_SECOND: Final = 10**9
_MILLI: Final = 10**6
MAX_NS: Final = 2**63 - 1


def parse(text: Any) -> int:
    """Nanoseconds of an ISO time in UTC with up to 9 digits after the point.

    Raises:
        MalformedError: not such a text.
    """
    match = _ISO.fullmatch(text) if type(text) is str else None
    if match is None:
        raise MalformedError(f"a time is {str(text)[:40]!r}; right would be such as 2020-04-22T05:06:36.955074Z")
    day, clock, fraction = match.groups()
    return _seconds(f"{day}T{clock}") * _SECOND + int((fraction or "0").ljust(9, "0"))


@lru_cache(maxsize=1024)
def _seconds(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise MalformedError(f"a time is {text!r}: {error}") from error
    seconds = int(moment.timestamp())
    if not 0 <= seconds < MAX_NS // _SECOND:
        raise MalformedError(f"a time is {text!r}; right is from 1970 to 2262")
    return seconds


def iso(t_ns: int) -> str:
    """As protobuf prints a timestamp: 0, 3, 6 or 9 digits after the point, as many as it takes."""
    seconds, nanos = divmod(t_ns, _SECOND)
    text = _text(seconds)
    if not nanos:
        return f"{text}Z"
    digits = f"{nanos:09d}"
    while digits.endswith("000"):
        digits = digits[:-3]
    return f"{text}.{digits}Z"


def mongo_date(t_ns: int) -> dict[str, str]:
    """As mongoexport prints a date: whole milliseconds, zeros at the end left out."""
    seconds, nanos = divmod(t_ns, _SECOND)
    digits = f"{nanos // _MILLI:03d}".rstrip("0")
    return {"$date": f"{_text(seconds)}{'.' if digits else ''}{digits}Z"}


@lru_cache(maxsize=1024)
def _text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def parse_date(value: Any) -> int:
    """Nanoseconds of a date as mongoexport writes it (relaxed or canonical), or as plain text.

    Raises:
        MalformedError: no such date.
    """
    inner = value.get("$date") if type(value) is dict else value
    if type(inner) is dict:
        millis = inner.get("$numberLong")
        if type(millis) is str and re.fullmatch(r"\d{1,13}", millis, re.ASCII):
            return min(int(millis) * _MILLI, MAX_NS)
    return parse(inner)


def stamp(t_ns: int) -> float:
    """Seconds since 1970, the double nearest to the exact value."""
    return t_ns / _SECOND


def parse_stamp(value: Any) -> int:
    """Nanoseconds of seconds since 1970, to the microsecond that a double can hold.

    Raises:
        MalformedError: not a number of seconds from 1970 to 2262.
    """
    if type(value) not in (int, float) or not 0 <= value < MAX_NS / _SECOND:
        raise MalformedError(f"a timestamp is {str(value)[:40]}; right would be seconds since 1970")
    micros: int = round(value * 10**6)
    return micros * 1000
