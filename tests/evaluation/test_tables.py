import pytest

from walkout.evaluation.tables import by_method, consistent, f1, figures, grouped, share, tagged
from walkout.evaluation.verdict import Verdict


def row(recording: str, taken: int, charged: int, right: int, raw: float = 1.0, **tags: str) -> Verdict:
    return Verdict(recording, "v1", "ours", raw, (), taken, charged, right, tags=tags)


ROWS = [
    row("a", 2, 2, 2, trick="x"),
    row("a", 2, 3, 2, 0.5, trick="y"),
    row("b", 0, 0, 0, trick="x"),
    row("c", 4, 0, 0, 0.99, trick="y"),
]


def test_f1_is_the_mean_over_recordings_of_items() -> None:
    assert f1(ROWS) == pytest.approx((2 * 4 / (4 + 5) + 1.0 + 0.0) / 3)


def test_shares_are_of_visits() -> None:
    found = figures(ROWS)
    assert {name: (found[name]["count"], found[name]["of"]) for name in ("exact", "overcharged", "undercharged")} == {
        "exact": (2, 4),
        "overcharged": (1, 4),
        "undercharged": (1, 4),
    }
    assert (found["unsure"]["count"], found["sure_wrong"]["count"], found["sure_wrong"]["of"]) == (1, 1, 3)
    assert (found["visits"], found["recordings"]) == (4, 3)


def test_what_is_published_counts_for_certainty() -> None:
    told = [row("a", 1, 1, 1, 0.2, p="0.99", settled="yes"), row("b", 1, 1, 1, 0.99, p="0.3", settled="no")]
    found = figures(told)
    assert (found["unsure"]["count"], found["settled"]["count"]) == (1, 1)


def test_visits_of_one_recording_are_not_taken_for_independent() -> None:
    alone = share([row(str(k), 1, k % 2, k % 2) for k in range(40)], lambda r: r.exact)
    crowded = share([row(str(k // 20), 1, k // 20, k // 20) for k in range(40)], lambda r: r.exact)
    assert alone["share"] == crowded["share"] == 0.5
    assert crowded["interval"] == [0.0, 1.0]
    assert 0.3 < alone["interval"][0] < alone["interval"][1] < 0.7


def test_groups_are_in_order_and_leave_out_what_has_no_tag() -> None:
    found = grouped([*ROWS, row("d", 1, 1, 1)], tagged("trick"))
    assert {name: len(rows) for name, rows in found.items()} == {"x": 2, "y": 2}
    assert list(by_method(ROWS)) == ["ours"]


def test_recordings_that_contradict_themselves_are_left_out() -> None:
    assert consistent([row("a", 1, 1, 1, consistent="false"), ROWS[0]]) == [ROWS[0]]


def test_no_rows_have_no_share() -> None:
    assert share([], lambda r: r.exact) == {"count": 0, "of": 0, "share": None, "interval": [0.0, 1.0]}
