from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from walkout.evaluation.matching import Claim, ClaimError, Points, claim, match
from walkout.evaluation.score import Judged, Judgement, summary
from walkout.recording.truth import TruthVisit

S = 1_000_000_000
WATER, CHIPS = "00071142008582", "00071063437089"


def truth(
    name: str, basket: Mapping[str, int], *shoppers: str, t_s: tuple[int, int] = (0, 20), x_m: float | None = None
) -> TruthVisit:
    path = () if x_m is None else tuple((t * S, x_m, 0.0) for t in range(*t_s))
    return TruthVisit(name, f"p-{name}", shoppers or (name,), t_s[0] * S, t_s[1] * S, basket, path)


def claimed(
    name: str, basket: Mapping[str, int], *shoppers: str, t_s: tuple[int, int] = (0, 20), alone: bool = True
) -> Claim:
    return Claim(name, shoppers or (name,), t_s[0] * S, t_s[1] * S, basket, alone)


def walked(x_m: float, t_s: tuple[int, int] = (0, 20)) -> Points:
    return np.array([(t / 10, x_m, 0.0) for t in range(t_s[0] * 10, t_s[1] * 10)])


def pairs(claims: list[Claim], visits: list[TruthVisit], **paths: Points) -> set[tuple[str | None, str | None]]:
    found = match(claims, visits, paths, 0)
    return {(None if i is None else claims[i].visit, None if j is None else visits[j].visit) for i, j in found}


def test_equal_visit_ids_win_over_all_else() -> None:
    found = pairs([claimed("a", {}), claimed("b", {})], [truth("b", {}, "a"), truth("a", {}, "b")])
    assert found == {("a", "a"), ("b", "b")}


def test_shoppers_in_common_win_over_paths() -> None:
    found = pairs([claimed("r1", {}, "s2"), claimed("r2", {}, "s1")], [truth("v1", {}, "s1"), truth("v2", {}, "s2")])
    assert found == {("r1", "v2"), ("r2", "v1")}


def test_strangers_are_matched_by_where_they_were_and_when() -> None:
    claims = [claimed("r1", {}, "t1"), claimed("r2", {}, "t2"), claimed("r3", {}, "t3", t_s=(50, 60))]
    visits = [
        truth("v1", {}, "s1", x_m=3.0),
        truth("v2", {}, "s2", x_m=1.0),
        truth("v4", {}, "s4", t_s=(80, 90), x_m=1.0),
    ]
    found = pairs(claims, visits, t1=walked(1.1), t2=walked(2.9), t3=walked(1.0, (50, 60)))
    assert found == {("r1", "v2"), ("r2", "v1"), ("r3", None), (None, "v4")}


def test_without_paths_time_alone_matches() -> None:
    claims = [claimed("r1", {}, "t1", t_s=(0, 10)), claimed("r2", {}, "t2", t_s=(30, 50))]
    visits = [truth("v1", {}, "s1", t_s=(32, 49)), truth("v2", {}, "s2", t_s=(1, 12))]
    assert pairs(claims, visits) == {("r1", "v2"), ("r2", "v1")}


def figures(*judged: Judged, consistent: bool = True) -> dict[str, Any]:
    return summary([Judgement("r", judged, consistent)])


def judged(
    charged: Mapping[str, int] | None, taken: Mapping[str, int] | None, *, size: int = 1, alone: bool = True
) -> Judged:
    shoppers = tuple(f"s{k}" for k in range(size))
    return Judged(
        None if charged is None else claimed("a", charged, *shoppers, alone=alone),
        None if taken is None else truth("a", taken, *shoppers),
    )


@pytest.mark.parametrize(
    ("charged", "taken", "exact", "precision", "recall", "f1", "overcharged"),
    [
        pytest.param({WATER: 1}, {WATER: 1}, 1.0, 1.0, 1.0, 1.0, 0.0, id="exact"),
        pytest.param({}, {}, 1.0, 1.0, 1.0, 1.0, 0.0, id="both empty"),
        pytest.param({WATER: 2}, {WATER: 1}, 0.0, 0.5, 1.0, 2 / 3, 1.0, id="one too many"),
        pytest.param({WATER: 1}, {WATER: 2}, 0.0, 1.0, 0.5, 2 / 3, 0.0, id="one too few"),
        pytest.param({CHIPS: 1}, {WATER: 1}, 0.0, 0.0, 0.0, 0.0, 1.0, id="another product"),
        pytest.param({}, {WATER: 1}, 0.0, 1.0, 0.0, 0.0, 0.0, id="nothing charged"),
        pytest.param(None, {WATER: 1}, 0.0, 1.0, 0.0, 0.0, 0.0, id="no receipt"),
        pytest.param(None, {}, 0.0, 1.0, 1.0, 1.0, 0.0, id="no receipt for an empty visit"),
        pytest.param({WATER: 1}, None, 0.0, 0.0, 1.0, 0.0, 1.0, id="a receipt of nobody"),
        pytest.param({"071142008582": 1}, {WATER: 1}, 1.0, 1.0, 1.0, 1.0, 0.0, id="a GTIN of 12 digits"),
    ],
)
def test_one_visit(
    charged: Mapping[str, int] | None,
    taken: Mapping[str, int] | None,
    exact: float,
    precision: float,
    recall: float,
    f1: float,
    overcharged: float,
) -> None:
    found = figures(judged(charged, taken))
    assert (found["exact"], found["overcharged"]) == (exact, overcharged)
    assert (found["precision"], found["recall"]) == (precision, recall)
    assert found["f1"] == pytest.approx(f1)


def test_f1_is_the_mean_over_recordings_not_over_items() -> None:
    many = Judgement("many", (judged({WATER: 9}, {WATER: 9}),))
    none = Judgement("none", (judged({CHIPS: 1}, {WATER: 1}),))
    assert summary([many, none])["f1"] == 0.5


def test_what_is_settled_alone_and_wrong_is_a_share_of_what_is_settled_alone() -> None:
    found = figures(judged({WATER: 1}, {WATER: 1}), judged({}, {WATER: 1}), judged({}, {WATER: 1}, alone=False))
    assert found["settled_alone"] == pytest.approx(2 / 3)
    assert found["settled_wrong"] == 0.5


def test_parties_are_told_apart_by_size() -> None:
    found = figures(judged({WATER: 1}, {WATER: 1}, size=2), judged({}, {WATER: 1}))
    assert found["by_party_size"] == {"1": {"visits": 1, "exact": 0.0}, "2": {"visits": 1, "exact": 1.0}}
    assert found["visits"] == 2


def test_a_recording_that_contradicts_itself_is_left_out() -> None:
    found = figures(judged({}, {WATER: 1}), consistent=False)
    assert (found["recordings"], found["left_out"], found["visits"]) == (0, 1, 0)


@pytest.mark.parametrize(
    "published",
    [
        pytest.param({}, id="empty"),
        pytest.param({"lines": [{"gtin": WATER, "quantity": 0}], "entered_ns": 0, "left_ns": 1}, id="quantity 0"),
        pytest.param(
            {"lines": [{"gtin": WATER, "quantity": "1"}], "entered_ns": 0, "left_ns": 1}, id="quantity in words"
        ),
        pytest.param({"lines": 3, "entered_ns": 0, "left_ns": 1}, id="lines that are none"),
    ],
)
def test_what_is_no_receipt_is_refused(published: dict[str, Any]) -> None:
    with pytest.raises(ClaimError):
        claim(published)


def test_anybodys_receipt_needs_only_who_when_and_what() -> None:
    found = claim({"shoppers": [7], "entered_ns": 1, "left_ns": 2, "lines": [{"gtin": "071142008582", "quantity": 2}]})
    assert found == Claim("", ("7",), 1, 2, {WATER: 2}, alone=True)
