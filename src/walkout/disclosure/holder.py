"""Check as an outsider: a bundle against itself, a holder's own paper against a bundle. Needs no secret of the shop.

What a holder brings is what they know apart from the log: a shopper the receipts that they were sent and how often
people looked, somebody who works here the intervals and statements that they were shown as they worked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from walkout.disclosure.entries import PERSON, VISIT, person_seal
from walkout.disclosure.recount import Recount, recount
from walkout.disclosure.voices import check_voices
from walkout.labour.voice import Voice
from walkout.privacy.checkpoint import Checkpoint, CheckpointError, decode
from walkout.privacy.entry import Entry, EntryError, seal
from walkout.privacy.entry import decode as decode_entry
from walkout.privacy.merkle import Tree, leaf_hash, verify_inclusion


@dataclass(frozen=True)
class Bundle:
    """What is public: the log's lines, its signed head, the kept checkpoints, and the report."""

    lines: tuple[bytes, ...]
    head: bytes
    checkpoints: tuple[bytes, ...]
    report: Mapping[str, Any]

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The lines, read. Raises EntryError."""
        return tuple(decode_entry(line) for line in self.lines)

    @cached_property
    def tree(self) -> Tree:
        """The tree over all lines; its root at any size is that of so many lines."""
        made = Tree()
        for line in self.lines:
            made.add(leaf_hash(line))
        return made


def check(bundle: Bundle) -> tuple[str, ...]:
    """What does not fit in a bundle: log, head, checkpoints, and the report's numbers counted again."""
    tree = bundle.tree
    found: list[str] = []
    try:
        head = decode(bundle.head)
        kept = [decode(line, head.key) for line in bundle.checkpoints]
        entries = bundle.entries
    except (CheckpointError, EntryError) as error:
        return (str(error),)
    for name, one in (("head", head), *(("checkpoint", one) for one in kept)):
        if one.size > len(tree) or tree.root(one.size) != one.root:
            found.append(f"the {name} of {one.size} entries is not of these {len(tree)}")
    if head.size != len(tree):
        found.append(f"the head says {head.size} entries, and there are {len(tree)}")
    found += _point(bundle.report, head)
    month = str(bundle.report["period"]["month"])
    found += compare(bundle.report, recount(entries, month))
    found += check_voices(bundle.report, entries)
    return tuple(found)


def _point(report: Mapping[str, Any], head: Checkpoint) -> list[str]:
    said = report["checkpoint"]
    same = (said["size"], said["root"], said["key"]) == (head.size, head.root.hex(), head.key.hex())
    return [] if same else ["the report rests on another head than the bundle's"]


def compare(report: Mapping[str, Any], again: Recount) -> list[str]:
    """The report's numbers that the log does not bear out."""
    visits, work = report["visits"], report["human_work"]
    told = {
        "visits": (visits["total"]["n"], len(again.visits)),
        "settled by software": (visits["settled_by_software"]["n"], again.by["software"]),
        "settled by a person": (visits["settled_by_person"]["n"], again.by["person"]),
        "unanswered": (visits["unanswered"]["n"], again.by["time"]),
        "visits seen by any person": (report["headline"]["seen_by_any_person_per_1000"]["n"], again.seen_visits),
        "questions to settle": (report["headline"]["questions_to_settle_per_1000"]["n"], again.asked),
        "paid hours": (work["paid_hours"]["value"], round(again.paid_ms / 3.6e6, 6)),
        "people with a statement": (report["workforce"]["statements"]["n"], again.statements),
    }
    told |= {
        f"looks: {name}": (one["n"], again.what[name])
        for name, one in {name: work["looks"].get(name, {"n": 0}) for name in {*work["looks"], *again.what}}.items()
    }
    told |= {
        f"hours: {name}": (one["value"], round(again.ms[name] / 3.6e6, 6))
        for name, one in report["workforce"]["hours_by_kind"].items()
    }
    return [f"{name}: the report says {said}, the log {found}" for name, (said, found) in told.items() if said != found]


def check_visit(
    bundle: Bundle, paper: Mapping[str, Any], receipts: Sequence[str], looks: int | None = None
) -> tuple[str, ...]:
    """What a shopper finds: looks or receipts of theirs that are not in the bundle.

    `receipts` are the SHA-256 of the final receipts that they hold, `looks` how many looks of people their receipt
    speaks of (its `human.clips`).
    """
    salt = bytes.fromhex(paper["salt"])
    mine = seal(salt, VISIT, paper["visit"])
    here = [one for one in bundle.entries if one.sealed.get(VISIT) == mine]
    found = _included(paper)
    said = {one.facts.get("sha256") for one in here if one.kind == "decision"}
    found += [f"your receipt {sha[:12]} is not in the log" for sha in receipts if sha not in said]
    seen = sum(one.kind in {"view", "widening", "raw_access"} for one in here)
    if looks is not None and seen < looks:
        found.append(f"your receipt speaks of {looks} looks, the log holds {seen}")
    return tuple(found + _kept(bundle, paper))


def check_month(bundle: Bundle, paper: Mapping[str, Any], voices: Sequence[Voice] = ()) -> tuple[str, ...]:
    """What somebody who worked finds: intervals, looks or statements of theirs that are not in the bundle.

    `voices` are the copies that they keep of what they said in public of this month, the oldest first.
    """
    salt, worker, month = bytes.fromhex(paper["salt"]), str(paper["worker"]), paper["month"]
    here = [
        one
        for one in bundle.entries
        if PERSON in one.sealed and one.sealed[PERSON] == person_seal(salt, worker, str(one.facts.get("id")))
    ]
    found = _included(paper)
    hours = [one for one in here if one.kind == "hours" and one.facts.get("month") == month]
    logged = sorted((int(one.facts["ms"]), bool(one.facts["paid"])) for one in hours if _worked(one))
    for ms, paid in sorted((int(one["ms"]), bool(one["paid"])) for one in paper["intervals"]):
        if (ms, paid) in logged:
            logged.remove((ms, paid))
        else:
            found.append(f"{ms / 1000:.1f} s of your {'paid' if paid else 'unpaid'} time are not in the log")
    said = {one.facts.get("sha256") for one in here if one.kind == "payment"}
    found += [
        f"your statement {one['sha256'][:12]} is not in the log"
        for one in paper["statements"]
        if one["sha256"] not in said
    ]
    heard = {one.facts.get("sha256") for one in here if one.kind == "voice"}
    found += [
        f"what you said in public ({sha[:12]}) is not in the log"
        for sha in dict.fromkeys([*paper.get("voices", ()), *(one.sha256 for one in voices)])
        if sha not in heard
    ]
    known = {one.key for one in voices}
    strange = {str(one.facts.get("key")) for one in here if one.kind == "voice"} - known if voices else set()
    found += [f"key {key[:12]} stands in your name and is none of yours" for key in sorted(strange)]
    return tuple(found + _kept(bundle, paper))


def _worked(one: Entry) -> bool:
    return one.facts.get("what") not in {"idle_answered", "granted"}


def _included(paper: Mapping[str, Any]) -> list[str]:
    """Each entry of a paper is under the paper's own head, and each row of the ledgers has an entry."""
    head, entries = paper["head"], paper["entries"]
    root = bytes.fromhex(head["root"])
    wrong = [
        f"entry {one['number']} is not under the head that the paper names"
        for one in entries
        if not verify_inclusion(
            leaf_hash(one["line"].encode()),
            one["number"],
            head["size"],
            [bytes.fromhex(step) for step in one["path"]],
            root,
        )
    ]
    have = {one["number"] for one in entries}
    return wrong + [f"{one['row']} has no entry" for one in paper["rows"] if one["number"] not in have]


def _kept(bundle: Bundle, paper: Mapping[str, Any]) -> list[str]:
    """What the paper proved before still stands in the bundle, at the same place."""
    lines, head = bundle.lines, paper["head"]
    wrong = [
        f"entry {one['number']} was changed or left out since the paper was made"
        for one in paper["entries"]
        if one["number"] >= len(lines) or lines[one["number"]] != one["line"].encode()
    ]
    if len(lines) < head["size"] or bundle.tree.root(head["size"]).hex() != head["root"]:
        wrong.append(f"the log of the bundle does not begin with the {head['size']} entries that the paper saw")
    return wrong
