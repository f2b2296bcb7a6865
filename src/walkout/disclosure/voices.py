"""The reviewers' own statement in the report: text, key and signature as they gave them, and whether the log bears it.

A statement stands while no later one of the same key replaces it. The log has each by its hash, so that a report that
leaves one out, or holds one that nobody said, does not fit its log.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import select

from walkout.disclosure.source import Source
from walkout.labour import tables as labour
from walkout.labour.voice import Voice, VoiceError, verify
from walkout.privacy.entry import Entry

NONE: Final = "No statement from the reviewers."
KEY, STATEMENT = "key", "statement"


def statement(source: Source) -> dict[str, Any]:
    """What stands of the month, equal texts together, unchanged; or that there is none."""
    of = labour.voices.c
    query = select(labour.voices).where(of.month == source.month.name).order_by(of.said_ns, of.key, of.number)
    rows = source.rows(labour.voices, query=query)
    replaced = {row.replaces for row in rows}
    texts: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        if row.sha256 not in replaced and row.text:
            names = ("store", "key", "replaces", "signature", "sha256")
            texts.setdefault(row.text, []).append({name: getattr(row, name) for name in names})
    keys = sum(len(signed) for signed in texts.values())
    words = f"Signed by {keys} key{'s' * (keys != 1)} that the reviewers hold, and not by the shop." if keys else NONE
    return {"words": words, "statements": [{"text": text, "signatures": signed} for text, signed in texts.items()]}


def check_voices(report: Mapping[str, Any], entries: Iterable[Entry]) -> list[str]:
    """What of the reviewers' statements in a report does not fit their signatures or the log."""
    month = str(report["period"]["month"])
    keys: set[str] = set()
    logged: dict[str, Voice] = {}
    wrong: list[str] = []
    for one in entries:
        if one.kind != "voice":
            continue
        key = str(one.facts.get("key"))
        if one.facts.get("what") == KEY:
            keys.add(key)
        elif one.facts.get("month") == month:
            store, replaces = str(one.facts.get("store")), str(one.facts.get("replaces"))
            logged[str(one.facts.get("sha256"))] = Voice(store, month, replaces, "", key, "")
            if key not in keys:
                wrong.append(f"a statement in the log is signed with key {key[:12]}, which is not in the log before it")
    replaced = {(one.key, one.replaces) for one in logged.values()}
    standing = {sha for sha, one in logged.items() if (one.key, sha) not in replaced}
    told: set[str] = set()
    for text, signed in _signed(report):
        voice = Voice(signed["store"], month, signed["replaces"], text, signed["key"], signed["signature"])
        told.add(voice.sha256)
        try:
            verify(voice)
        except VoiceError as error:
            wrong.append(f"the reviewers' statement of key {voice.key[:12]}: {error}")
        if signed["sha256"] != voice.sha256 or voice.sha256 not in standing or logged[voice.sha256].key != voice.key:
            wrong.append(f"the reviewers' statement of key {voice.key[:12]} is not one that stands in the log")
    kept = (sha for sha in sorted(standing - told) if logged[sha].sha256 != sha)  # an empty text takes one back
    return wrong + [f"the log has a statement of the reviewers ({sha[:12]}) that the report leaves out" for sha in kept]


def _signed(report: Mapping[str, Any]) -> list[tuple[str, Mapping[str, str]]]:
    told = report["control"]["workers_statement"]["statements"]
    return [(one["text"], signed) for one in told for signed in one["signatures"]]
