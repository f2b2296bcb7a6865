"""Files of one JSON document a line, read one at a time; a line that cannot be read is kept as it is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Final

import orjson

MAX_LINE: Final = 8 * 1024 * 1024
"""Bytes of the longest line that is read as a document (a plate document has about 7 kB)."""
KEPT: Final = 64 * 1024
"""Bytes of a damaged line that are kept."""
_CUT: Final = b" ... (cut)"
"""Behind a kept line that was longer; it also makes sure that the rest cannot be read as a document."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its document, or its text where it is none."""

    number: int
    raw: bytes
    document: dict[str, Any] | None
    problem: str = ""


def lines(stream: IO[bytes], told: Callable[[int], None] = lambda _: None) -> Iterator[Line]:
    """Every line that is not blank; `told` hears how many bytes are read."""
    number, at = 0, 0
    while raw := stream.readline(MAX_LINE + 1):
        number += 1
        at += len(raw)
        long = len(raw) > MAX_LINE
        while long and not raw.endswith(b"\n") and (more := stream.readline(MAX_LINE)):
            at += len(more)
            raw = raw[:KEPT] + more[-1:]
        told(at)
        text = raw.strip()
        if not text:
            continue
        if long:
            yield Line(number, shortened(text, always=True), None, f"a line of more than {MAX_LINE} bytes")
            continue
        try:
            document = orjson.loads(text)
        except ValueError as error:
            yield Line(number, shortened(text), None, f"not JSON: {str(error).split(':')[0]}")
            continue
        if type(document) is not dict:
            yield Line(number, shortened(text), None, f"a JSON {type(document).__name__}, not an object")
        else:
            yield Line(number, text, document)


def shortened(text: bytes, *, always: bool = False) -> bytes:
    """A damaged line as it is kept; shortening it again changes nothing."""
    if len(text) <= KEPT and not always:
        return text
    return text[: KEPT - len(_CUT)] + _CUT
