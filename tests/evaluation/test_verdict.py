"""Verdicts survive the disk, and a bad row is named."""

from decimal import Decimal
from pathlib import Path

import pytest

from walkout.evaluation.verdict import Verdict, VerdictError, read_verdicts, write_verdicts


def _verdict(**changes: object) -> Verdict:
    kept: dict[str, object] = {
        "recording": "r1",
        "visit": "v1",
        "method": "ours",
        "p_exact": 0.9,
        "lines": ((0.95, True),),
        "taken": 1,
        "charged": 1,
        "right": 1,
        "taken_value": Decimal("1.50"),
        "worth": ((Decimal("1.50"), Decimal("1.50")),),
        "answers": ((0.99, True, Decimal(0), Decimal("0.20")),),
        "tags": {"case": "a"},
    }
    return Verdict(**(kept | changes))  # type: ignore[arg-type]


def test_rows_come_back_as_they_went(tmp_path: Path) -> None:
    rows = [_verdict(), _verdict(visit="v2", charged=2)]
    assert write_verdicts(tmp_path / "v.jsonl", rows) == 2
    assert list(read_verdicts(tmp_path / "v.jsonl")) == rows


@pytest.mark.parametrize(
    ("counts", "exact", "over", "under"),
    [((1, 1, 1), True, False, False), ((1, 2, 1), False, True, False), ((2, 1, 1), False, False, True)],
    ids=["exact", "over", "under"],
)
def test_what_a_verdict_says(counts: tuple[int, int, int], exact: bool, over: bool, under: bool) -> None:
    taken, charged, right = counts
    verdict = _verdict(taken=taken, charged=charged, right=right)
    assert (verdict.exact, verdict.over, verdict.under) == (exact, over, under)


def test_a_bad_row_is_named(tmp_path: Path) -> None:
    (tmp_path / "v.jsonl").write_text('{"visit": 1}\n')
    with pytest.raises(VerdictError, match=r"v\.jsonl:1: found .*right: one verdict"):
        list(read_verdicts(tmp_path / "v.jsonl"))
