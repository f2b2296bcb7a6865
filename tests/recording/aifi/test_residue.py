"""What is left over between two JSON values, and back."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walkout.recording.aifi.residue import residue, restored
from walkout.recording.error import MalformedError

keys = st.sampled_from(["a", "b", "is", "in", "set", "drop"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.0, -0.0, 1.0, "a", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(values, values)
def test_theirs_comes_back(ours: Any, theirs: Any) -> None:
    change = orjson.loads(orjson.dumps(residue(ours, theirs)))
    assert repr(restored(ours, change)) == repr(theirs) or (
        orjson.dumps(restored(ours, change), option=orjson.OPT_SORT_KEYS)
        == orjson.dumps(theirs, option=orjson.OPT_SORT_KEYS)
    )


@settings(deadline=None)
@given(values)
def test_nothing_is_left_of_the_same(value: Any) -> None:
    assert residue(value, value) == {}


@pytest.mark.parametrize(
    ("one", "other"), [(0, 0.0), (0.0, -0.0), (0, False), (1, True), (None, False), ("", None), ([], {})]
)
def test_what_only_python_takes_for_the_same(one: Any, other: Any) -> None:
    assert residue({"a": one}, {"a": other}) == {"in": {"a": {"is": other}}}


@pytest.mark.parametrize(
    ("ours", "change"),
    [
        ({}, {"in": {"a": {"is": 1}}}),
        ([], {"in": {"3": {"is": 1}}}),
        (7, {"set": {"a": 1}}),
        ([1], {"in": {"x": {"is": 1}}}),
    ],
)
def test_a_residue_of_something_else_is_refused(ours: Any, change: dict[str, Any]) -> None:
    with pytest.raises(MalformedError, match="cannot be restored"):
        restored(ours, change)
