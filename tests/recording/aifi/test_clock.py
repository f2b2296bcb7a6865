"""Times as texts, to the nanosecond."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walkout.recording.aifi.clock import MAX_NS, iso, mongo_date, parse, parse_date, parse_stamp, stamp
from walkout.recording.error import MalformedError


@pytest.mark.parametrize(
    ("text", "t_ns"),
    [
        ("2020-04-22T05:06:36.955074Z", 1_587_531_996_955_074_000),
        ("2020-04-22T05:06:36.859Z", 1_587_531_996_859_000_000),
        ("2020-04-22T05:06:36Z", 1_587_531_996_000_000_000),
        ("2020-01-28 22:24:05.106000", 1_580_250_245_106_000_000),
        ("1970-01-01T00:00:00.000000001Z", 1),
    ],
)
def test_texts(text: str, t_ns: int) -> None:
    assert parse(text) == t_ns


@settings(deadline=None)
@given(st.integers(0, MAX_NS // 10**9 * 10**9 - 1))
def test_a_time_comes_back(t_ns: int) -> None:
    assert parse(iso(t_ns)) == t_ns
    assert parse_date(mongo_date(t_ns)) == t_ns // 10**6 * 10**6


@pytest.mark.parametrize(
    ("t_ns", "text"),
    [
        (1_587_531_996_955_074_000, "2020-04-22T05:06:36.955074Z"),
        (1_587_531_996_859_000_000, "2020-04-22T05:06:36.859Z"),
        (1_587_531_996_000_000_000, "2020-04-22T05:06:36Z"),
        (1_587_531_996_000_000_001, "2020-04-22T05:06:36.000000001Z"),
    ],
)
def test_as_protobuf_prints(t_ns: int, text: str) -> None:
    assert iso(t_ns) == text


@pytest.mark.parametrize(
    ("millis", "text"), [(965, "36.965Z"), (960, "36.96Z"), (900, "36.9Z"), (0, "36Z"), (5, "36.005Z")]
)
def test_as_mongoexport_prints(millis: int, text: str) -> None:
    assert mongo_date((1_587_531_996_000 + millis) * 10**6)["$date"].endswith(f":{text}")


def test_a_canonical_date() -> None:
    assert parse_date({"$date": {"$numberLong": "1587531996965"}}) == 1_587_531_996_965_000_000


def test_the_double_is_the_nearest() -> None:
    assert stamp(1_587_531_996_955_074_000) == 1.587531996955074e09
    assert parse_stamp(1.587531996955074e09) == 1_587_531_996_955_074_000


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        "",
        "yesterday",
        "2020-13-01T00:00:00Z",
        "2020-04-22T25:00:00Z",
        "1969-12-31T23:59:59Z",
        "9999-01-01T00:00:00Z",
    ],
)
def test_what_is_no_time(text: object) -> None:
    with pytest.raises(MalformedError, match="a time is"):
        parse(text)


@pytest.mark.parametrize("value", [None, "1587531996", -1, 1e300, float("nan"), True])
def test_what_is_no_stamp(value: object) -> None:
    with pytest.raises(MalformedError, match="a timestamp is"):
        parse_stamp(value)
