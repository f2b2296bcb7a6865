"""The sign at the door and the notice behind it: made from how the shop is set up, so that they cannot lie."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from walkout.disclosure.claims import Claim, claims, gated, unbacked
from walkout.disclosure.report import label


class SignError(ValueError):
    """A sentence of the sign makes a claim that the ledger does not back: it may not be shown."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one shop is set up right now."""

    store: str
    origin: str
    cameras: int
    plates: int
    raw_hours: float
    clip_hours: float
    evidence_days: float
    answer_within_h: float
    settles_alone: bool
    places: Sequence[str]
    """Where the people are who may look."""
    operator: str = ""
    contact: str = ""
    copy_days: float = 180.0
    """How long a copy for learning is kept at most; there is one only of visits whose shopper agreed."""


def sign(settings: Settings, report: Mapping[str, Any] | None) -> dict[str, Any]:
    """The door sign and the notice. `report`: this month's, for the numbers; None: there is none.

    Raises SignError where a sentence claims what the ledger does not back.
    """
    found = claims(report) if report is not None else ()
    sentences = _short(settings)
    if report is not None:
        if not report["privacy"]["retention_runs"]["n"]:
            sentences.append("Nothing in this month's log shows yet that deleting ran.")
        sentences += label(dict(report))
    more = _more(settings)
    wrong = [words for one in (*sentences, *more) for words, _ in unbacked(one, found)]
    if wrong:
        raise SignError(f"found the claims {', '.join(wrong)}, right: the numbers that the ledger has")
    return {
        "title": f"{settings.store}: how this shop works, and who looks",
        "sentences": sentences,
        "more": more,
        "more_url": "/public",
        "origin": settings.origin,
        "claims": [{"name": one.name, "backed": one.backed, "say": said(one)} for one in found],
    }


def said(claim: Claim) -> str:
    """A claim where it is backed, else the number that fails it."""
    words = {"automatic": "A fully automatic shop.", "no cashier": "No cashier.", "private": "Your visit is private."}
    return gated(words[claim.name], (claim,))


def _short(settings: Settings) -> list[str]:
    sensors = _and(
        [
            *([f"{settings.cameras} camera{'s' * (settings.cameras != 1)}"] if settings.cameras else []),
            *([f"{settings.plates} scales under the goods"] if settings.plates else []),
        ]
    )
    who = f"people in {_and(list(settings.places))}" if settings.places else "nobody, so far: no reviewer is registered"
    alone = (
        "Software settles receipts of which it is sure enough; the others, and a random sample of the sure ones, are "
        f"looked at by {who}."
        if settings.settles_alone
        else f"Software settles nothing alone here: every receipt is looked at by {who}."
    )
    raw, clips = _hours(settings.raw_hours), _hours(settings.clip_hours)
    return [
        f"This shop has {sensors or 'no sensors'}. They see who takes what.",
        alone,
        f"Video as it was taken is deleted after {raw}, clips after {clips}.",
        "No face, palm or body is stored to know you again; the next visit begins from nothing.",
    ]


def _more(settings: Settings) -> list[str]:
    run = settings.operator or "its operator, who has not stated their name here"
    contact = f"Write to {settings.contact}." if settings.contact else "No contact is stated."
    redacted = (
        "Who looks at a clip sees it redacted: heads and everybody else are filled with flat colour before it is made. "
        "Gait and hands remain: a clip is still about you."
    )
    evidence = (
        f"What your receipt rests on (weights, positions, no pictures) is kept for {settings.evidence_days:g} days; "
        "your receipt as long as the law on bookkeeping wants."
    )
    learning = (
        "No clip of your visit is used for learning unless you agree to it on your receipt's page; then a copy of it "
        f"is kept for that alone, for {settings.copy_days:g} days at most, until you take it back."
    )
    rights = (
        "On your receipt's page: what is stored about you, who looked and why, a copy of it, deletion, and a person "
        "who looks at your receipt if you ask."
    )
    return [
        f"The shop is run by {run}. {contact}",
        redacted,
        f"If nobody answers within {_hours(settings.answer_within_h)}, you pay only for what is shown.",
        evidence,
        learning,
        rights,
        "Each look at your visit is an entry of a public log; your receipt's page proves that yours are in it.",
    ]


def _hours(hours: float) -> str:
    if hours >= 48 and hours % 24 == 0:
        return f"{hours / 24:g} days"
    return f"{hours:g} hour{'s' * (hours != 1)}" if hours >= 1 else f"{hours * 60:.0f} minutes"


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
