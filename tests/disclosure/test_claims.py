"""Claims are held against the ledger: in a shop, and in what this repository says of itself."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from tests.disclosure.conftest import Month
from walkout.disclosure.claims import LEAST_VISITS, WORDS, Claim, claims, gated, unbacked
from walkout.disclosure.sign import Settings, SignError, said, sign

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md"))]
SETTINGS = Settings("Corner", "simulated", 3, 12, 4.0, 72.0, 30.0, 4.0, True, ("exampleville",))


def good(report: dict[str, Any]) -> dict[str, Any]:
    """A report that backs everything."""
    made = copy.deepcopy(report)
    n = LEAST_VISITS * 2
    for one in made["headline"].values():
        one.update(value=1.0, n=1, denominator=n, ci95_low=0.0, ci95_high=6.0)
    made["visits"]["settled_by_person"].update(n=0, denominator=n)
    made["checkpoint"]["witnesses"] = [{"size": 1, "hash": "00", "t_ns": 1}]
    return made


def backed(report: dict[str, Any]) -> set[str]:
    return {one.name for one in claims(report) if one.backed}


def test_a_claim_stands_only_while_its_own_ledger_backs_it(played: Month) -> None:
    assert backed(good(played.report)) == {"automatic", "no cashier", "private"}
    assert backed(played.report) == set()
    few = good(played.report)
    for one in few["headline"].values():
        one["denominator"] = LEAST_VISITS - 1
    assert "automatic" not in backed(few)
    often = good(played.report)
    often["headline"]["seen_by_any_person_per_1000"]["ci95_high"] = 20.1
    assert "automatic" not in backed(often)
    once = good(played.report)
    once["visits"]["settled_by_person"]["n"] = 1
    assert "no cashier" not in backed(once)


@pytest.mark.parametrize(
    ("where", "change"),
    [
        ("raw_views", {"n": 1}),
        ("retention_runs", {"n": 0}),
        ("oldest_clip_hours", {"value": 80.0}),
    ],
)
def test_nothing_is_private_after_a_raw_view_a_late_deletion_or_without_a_witness(
    played: Month, where: str, change: dict[str, Any]
) -> None:
    bad = good(played.report)
    bad["privacy"][where].update(change)
    assert "private" not in backed(bad)
    unseen = good(played.report)
    unseen["checkpoint"]["witnesses"] = []
    assert "private" not in backed(unseen)


def test_a_failing_claim_becomes_its_number(played: Month) -> None:
    found = claims(played.report)
    number = f"{played.report['headline']['seen_by_any_person_per_1000']['value']:.1f}".removesuffix(".0")
    assert number in gated("Walk in, walk out: a fully automatic shop.", found)
    assert gated("Fresh bread every day.", found) == "Fresh bread every day."
    assert gated("A fully automatic shop.", claims(good(played.report))) == "A fully automatic shop."
    assert [said(one) for one in claims(good(played.report))] == [
        "A fully automatic shop.",
        "No cashier.",
        "Your visit is private.",
    ]


@pytest.mark.parametrize(
    "words",
    ["an automated checkout", "completely automatic", "no cashiers", "cashierless", "Cashier-free", "a private shop",
     "your visit is private", "checkout that just works", "without a cashier", "anonymous shopping"],
)  # fmt: skip
def test_planted_claims_are_found(played: Month, words: str) -> None:
    assert unbacked(f"We are {words}!", claims(played.report))


def test_the_sign_says_how_the_shop_is_set_up_and_claims_nothing(played: Month) -> None:
    made = sign(SETTINGS, played.report)
    text = " ".join([*made["sentences"], *made["more"]])
    for part in ("3 cameras", "12 scales", "4 hours", "3 days", "30 days", "exampleville", "(simulated)"):
        assert part in text
    assert "shows yet that deleting ran" not in text
    never = copy.deepcopy(played.report)
    never["privacy"]["retention_runs"]["n"] = 0
    assert "shows yet that deleting ran" in " ".join(sign(SETTINGS, never)["sentences"])
    other = sign(Settings("Corner", "real", 0, 0, 0.5, 24.0, 7.0, 1.0, False, ()), None)
    text = " ".join([*other["sentences"], *other["more"]])
    for part in ("no sensors", "30 minutes", "24 hours", "settles nothing alone", "no reviewer is registered"):
        assert part in text


def test_a_sign_with_a_claim_that_fails_is_not_shown(played: Month) -> None:
    boasting = Settings("Corner", "simulated", 1, 1, 4, 72, 30, 4, True, (), operator="Acme, the cashierless people")
    with pytest.raises(SignError, match="cashierless"):
        sign(boasting, played.report)


def claimed(text: str, found: tuple[Claim, ...]) -> list[str]:
    """Claims made in prose. A sentence that quotes one, or holds one against a number, says so with quotation marks."""
    prose = re.sub(r"```.*?```|`[^`]*`|\"[^\"]*\"|“[^”]*”|\*[^*\n]*\*", " ", text, flags=re.DOTALL)
    return [words for words, _ in unbacked(re.sub(r"\s+", " ", prose), found)]


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_this_repository_says_is_backed_by_the_twins_ledger(played: Month, page: Path) -> None:
    """Simulated: the twin's ledger backs none of the claims, so that no page may make one."""
    assert claimed(page.read_text("utf-8"), claims(played.report)) == []


def test_a_claim_planted_in_a_page_is_found(played: Month) -> None:
    assert claimed("Walkout is a fully automatic shop.", claims(played.report)) == ["fully automatic"]
    assert claimed('They said "fully automatic".', claims(played.report)) == []
    assert set(WORDS) == {one.name for one in claims(played.report)}
