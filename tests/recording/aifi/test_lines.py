"""Lines with and without documents."""

from io import BytesIO

import pytest

from walkout.recording.aifi import lines as module
from walkout.recording.aifi.lines import KEPT, lines, shortened


def test_documents_and_damage() -> None:
    data = b'{"a":1}\n\n  \r\n[1]\n{"b":\n{"c":2}\r\n\xff\xfe\n{"d":3}'
    found = list(lines(BytesIO(data)))
    assert [line.document for line in found] == [{"a": 1}, None, None, {"c": 2}, None, {"d": 3}]
    assert [line.raw for line in found if line.document is None] == [b"[1]", b'{"b":', b"\xff\xfe"]
    assert [line.number for line in found] == [1, 4, 5, 6, 7, 8]
    assert found[1].problem == "a JSON list, not an object"
    assert found[2].problem.startswith("not JSON")


def test_a_line_without_end_is_not_read_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_LINE", 100_000)
    found = list(lines(BytesIO(b"x" * 1_000_000 + b'\n{"a":1}\n')))
    assert [line.document for line in found] == [None, {"a": 1}]
    assert len(found[0].raw) <= KEPT


def test_shortening_twice_is_shortening_once() -> None:
    once = shortened(b"x" * (2 * KEPT))
    assert len(once) == KEPT
    assert shortened(once) == once


def test_progress_is_told() -> None:
    told: list[int] = []
    list(lines(BytesIO(b'{"a":1}\n{"a":2}\n'), told.append))
    assert told == [8, 16]
