"""The report's group about privacy: who saw what, what was opened, what ended, whether retention ran."""

from collections import Counter
from typing import Any

from walkout.disclosure.figure import Figure, counted, share, stated
from walkout.disclosure.source import NO_WITNESS, Source
from walkout.privacy.entry import Entry

ALL = "the log's entries of this month, by their time: "


def privacy(source: Source) -> dict[str, Any]:
    """Looks at pictures, openings of raw video, exports, deletions; all from the log."""
    start, end = source.month.start_ns, source.month.end_ns
    here = [one for one in source.entries if start <= one.t_ns < end]
    clips = [one for one in here if one.kind == "view" and one.facts.get("what") == "clip"]
    glass = [one for one in here if one.kind == "break_glass"]
    opened = [one for one in glass if one.facts.get("what") == "opened"]
    ended = Counter(str(one.facts.get("reason")) for one in here if one.kind == "deletion")
    runs = [one for one in here if one.kind == "retention"]
    oldest = [int(one.facts.get("clip_oldest_s", 0)) / 3600.0 for one in runs]
    return {
        "clips_viewed": counted("Clips shown to somebody", len(clips), ALL + "view/clip", "clips"),
        "redacted": share(
            "Clips that were redacted before anybody saw them",
            sum(bool(one.facts.get("redacted", True)) for one in clips),
            len(clips),
            ALL + "view/clip without redacted=false; no page can open another kind",
        ),
        "widenings": counted(
            "Times a clip was widened, each with a reason", _count(here, "widening"), ALL + "widening", "widenings"
        ),
        "raw_views": counted(
            "Times somebody opened video as it was taken (two people, a reason, a time limit)",
            len(opened),
            ALL + "break_glass/opened",
            "openings",
        ),
        "raw_asked": counted(
            "Times somebody asked to see video as it was taken",
            sum(one.facts.get("what") == "asked" for one in glass),
            ALL + "break_glass/asked",
            "requests",
        ),
        "raw_visits": counted(
            "Visits that were to be seen on video as it was taken; each of them is told, on its receipt's page",
            len({one.sealed.get("visit") for one in here if one.kind == "raw_access"}),
            ALL + "raw_access, by visit",
        ),
        "raw_reasons": sorted({_reason(one) for one in opened}),
        "exports": counted(
            "Exports of a visit or of a person's own data", _count(here, "export"), ALL + "export", "exports"
        ),
        "keys_ended": {
            reason: counted(f"Keys ended: {reason}", count, ALL + "deletion, by reason", "keys")
            for reason, count in sorted(ended.items())
        },
        "retention_runs": counted("Runs of the retention job", len(runs), ALL + "retention", "runs"),
        "oldest_clip_hours": stated(
            "The oldest clip's age at any run, in hours (promise: 72, disputed visits until they are closed)",
            round(max(oldest), 3) if oldest else None,
            "hours",
            f"the greatest of {len(oldest)} runs",
            ALL + "retention: clip_oldest_s",
        ),
        "redaction_leak_rate": stated(
            "Share of tracks of which any pixel was left",
            None,
            "share",
            "measured on simulated crowds only, see docs/design/privacy.md; not measured in this shop",
            "none",
        ),
        "processors": list(source.about.get("processors", ())),
        "face_or_palm_templates": stated(
            "Templates by which somebody could be known at another visit (must be 0)",
            0,
            "templates",
            "no model, table or file holds one; tests/disclosure/test_templates.py fails where one is planted",
            "the program",
        ),
    }


def checkpoint(source: Source) -> dict[str, Any]:
    """The state of the log that the report rests on, and who outside the shop saw it."""
    head, seen = source.head, source.witnessed
    return {
        "size": head.size,
        "root": head.root.hex(),
        "hash": head.hash(),
        "t_ns": head.t_ns,
        "key": head.key.hex(),
        "signature": head.signature.hex(),
        "kept": len(source.checkpoints),
        "witnesses": [] if seen is None else [{"size": seen.size, "hash": seen.hash(), "t_ns": seen.t_ns}],
        "words": NO_WITNESS
        if seen is None
        else f"a witness outside the shop saw the first {seen.size} of {head.size} entries",
    }


def flat(group: Any) -> list[Figure]:
    """All figures of a group, at whatever depth."""
    if isinstance(group, Figure):
        return [group]
    if isinstance(group, dict):
        return [one for value in group.values() for one in flat(value)]
    return [one for value in group for one in flat(value)] if isinstance(group, list | tuple) else []


def _count(entries: list[Any], kind: str) -> int:
    return sum(one.kind == kind for one in entries)


def _reason(opened: Entry) -> str:
    """Why somebody looked, in which roles the two were, and how far apart their accounts are."""
    of = opened.facts
    accounts = f"; {of['accounts']}" if "accounts" in of else ""
    return f"{of.get('reason', 'none given')} ({of.get('roles', 'roles unknown')}{accounts})"
