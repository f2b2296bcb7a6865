import pytest
from hypothesis import given
from hypothesis import strategies as st

from walkout.privacy.entry import KINDS, Entry, EntryError, decode, encode, entry, seal

FACTS = st.dictionaries(st.text(max_size=8), st.text(max_size=8) | st.integers(-(2**53), 2**53) | st.booleans())


@given(st.sampled_from(KINDS), st.integers(0, 2**63 - 1), FACTS)
def test_an_entry_comes_back_from_its_bytes(kind: str, t_ns: int, facts: dict[str, str | int | bool]) -> None:
    one = Entry(kind, t_ns, facts, {"visit": "ab"})  # type: ignore[arg-type]
    assert decode(encode(one)) == one


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b"7", b"\xff", b'{"facts":{},"kind":"view","sealed":{},"t_ns": 5}', b'{"facts":{}}'],
    ids=str,
)
def test_what_is_no_entry_is_refused(data: bytes) -> None:
    with pytest.raises(EntryError):
        decode(data)


def test_a_kind_and_a_size_that_no_entry_has() -> None:
    with pytest.raises(EntryError, match="right: view, widening"):
        encode(Entry("peek", 0))  # type: ignore[arg-type]
    with pytest.raises(EntryError, match="at most 16384"):
        encode(Entry("view", 0, {"words": "x" * 20_000}))
    with pytest.raises(EntryError, match="'much' is no text"):
        encode(Entry("view", 0, {"much": 1.5}))  # type: ignore[dict-item]


def test_a_personal_field_is_never_in_clear() -> None:
    made = entry("view", 5, {"clips": 1}, {"visit": "visit-77", "reviewer": "Anna"}, lambda *_: b"s" * 32)
    data = encode(made)
    assert b"visit-77" not in data
    assert b"Anna" not in data
    assert made.sealed["visit"] == seal(b"s" * 32, "visit", "visit-77") != seal(b"t" * 32, "visit", "visit-77")
    with pytest.raises(EntryError, match="they would stand there in clear"):
        entry("view", 5, {}, {"visit": "visit-77"})
