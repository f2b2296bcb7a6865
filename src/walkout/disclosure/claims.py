"""Words that a shop may only use of itself while its own ledger bears them out; else the number that speaks against it.

Each claim has a bar that is stated beside it. With fewer visits than `LEAST_VISITS` nothing is claimed: a shop that has
shown nothing yet has nothing to boast of.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

Name = Literal["automatic", "no cashier", "private"]
LEAST_VISITS: Final = 300
SEEN_AT_MOST: Final = 20.0
"""`automatic`: of 1,000 visits at most so many were seen by any person, by the upper bound of the interval."""

WORDS: Final[Mapping[Name, re.Pattern[str]]] = {
    "automatic": re.compile(
        r"\b(fully|completely|entirely|100 ?%) automat\w+|\bautomat(?:ic|ed) (?:shop|store|checkout|till)\b"
        r"|\b(?:shop|store|checkout) (?:that )?just works\b",
        re.IGNORECASE,
    ),
    "no cashier": re.compile(r"\b(?:no|without(?: a| any)?) cashiers?\b|\bcashier-?(?:less|free)\b", re.IGNORECASE),
    "private": re.compile(
        r"\b(?:fully |completely )?private (?:shop|store|checkout|shopping)\b|\byour visit is private\b"
        r"|\bprivacy[- ](?:guaranteed|first)\b|\banonymous (?:shop|store|checkout|shopping)\b",
        re.IGNORECASE,
    ),
}
"""How each claim is made in words."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim, its bar, the number that it is held against, and what to say instead while it fails."""

    name: Name
    bar: str
    backed: bool
    number: str
    metric: str
    """Where the number stands in the report."""


def claims(report: Mapping[str, Any]) -> tuple[Claim, ...]:
    """Every claim, held against a report."""
    return (_automatic(report), _no_cashier(report), _private(report))


def plain(found: Sequence[Claim]) -> list[dict[str, Any]]:
    """As it stands in the report."""
    return [asdict(one) for one in found]


def unbacked(text: str, found: Sequence[Claim]) -> tuple[tuple[str, Claim], ...]:
    """The claims that a text makes and the ledger does not back, each with the words that make it."""
    return tuple((match.group(), one) for one in found if not one.backed for match in WORDS[one.name].finditer(text))


def gated(sentence: str, found: Sequence[Claim]) -> str:
    """A sentence as it may be shown: itself, or what the ledger says instead."""
    failing = unbacked(sentence, found)
    return sentence if not failing else " ".join(dict.fromkeys(one.number for _, one in failing))


def _automatic(report: Mapping[str, Any]) -> Claim:
    seen = report["headline"]["seen_by_any_person_per_1000"]
    asked = report["headline"]["questions_to_settle_per_1000"]
    enough = (seen["denominator"] or 0) >= LEAST_VISITS
    backed = enough and seen["ci95_high"] <= SEEN_AT_MOST
    number = (
        f"Of 1,000 visits here, people looked at {_n(seen['value'])}, and answered {_n(asked['value'])} questions so "
        f"that visits could settle ({seen['denominator']} visits)."
        if seen["value"] is not None
        else "No visit has been counted yet."
    )
    bar = f"of 1,000 visits, at most {SEEN_AT_MOST:g} seen by any person (upper bound, {LEAST_VISITS} visits or more)"
    return Claim("automatic", bar, backed, number, "headline.seen_by_any_person_per_1000")


def _no_cashier(report: Mapping[str, Any]) -> Claim:
    by = report["visits"]["settled_by_person"]
    enough = (by["denominator"] or 0) >= LEAST_VISITS
    number = (
        f"In {by['n']} of {by['denominator']} visits a person decided what was paid."
        if by["denominator"]
        else "No visit has been counted yet."
    )
    bar = f"no visit in which a person decided what was paid ({LEAST_VISITS} visits or more)"
    return Claim("no cashier", bar, enough and by["n"] == 0, number, "visits.settled_by_person")


def _private(report: Mapping[str, Any]) -> Claim:
    privacy, clips = report["privacy"], report["privacy"]["clips_viewed"]["n"]
    bad = privacy["redacted"]["denominator"] - privacy["redacted"]["n"] if clips else 0
    raw, runs = privacy["raw_views"]["n"], privacy["retention_runs"]["n"]
    oldest = privacy["oldest_clip_hours"]["value"]
    late = oldest is not None and oldest > report["limits"]["clip_promise_hours"] + 2
    backed = not raw and not bad and runs > 0 and not late and report["checkpoint"]["witnesses"] != []
    first = (
        f"People saw {clips} clips of visits here, {bad} of them not redacted; video as it was taken was opened "
        f"{raw} times."
    )
    said = [first]
    if not runs:
        said.append("Nothing shows that old video was deleted.")
    if late:
        said.append(f"A clip was kept for {oldest:.0f} hours.")
    if not report["checkpoint"]["witnesses"]:
        said.append("No witness outside the shop watches the log.")
    bar = "no raw view, every clip redacted, retention proven in the log, and a witness outside the shop"
    return Claim("private", bar, backed, " ".join(said), "privacy")


def _n(value: float | None) -> str:
    return "no" if value is None else f"{value:.1f}".removesuffix(".0")
