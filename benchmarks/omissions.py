"""1,000 silent omissions, from the log or from the report: of a look, an hour, a person, or of what a reviewer said.

Who finds each? Simulated. The operator has every key of the shop. From the log: entries are left out, the log is signed
anew, all proofs are made anew, and the report is counted from what is left, so that everything fits. From the report:
the log is left whole and the report is counted without them. A reviewer's public statement is left out, or other words
stand in its place: in the log under a key that the operator made and entered in the reviewer's name, which fits too; in
the report under the reviewer's own signature. The holder concerned has what they were given while it happened: a
shopper the receipts and how often people looked, somebody who worked their intervals and statements, and the copies of
what they said in public; half of them also an older paper with proofs.
"""

import copy
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks._a_month import NAME, Played, Setting, play
from walkout.disclosure.bundle import bundle_files
from walkout.disclosure.entries import PERSON, VISIT, person_seal
from walkout.disclosure.holder import Bundle, check, check_month, check_visit
from walkout.disclosure.proof import Proofs, receipt_shas
from walkout.disclosure.report import report
from walkout.disclosure.voices import NONE
from walkout.evaluation.ladder import upper
from walkout.labour.ledger import LabourLedger
from walkout.labour.voice import Voice
from walkout.labour.voice import sign as sign_voice
from walkout.labour.voices import Voices
from walkout.privacy.checkpoint import sign
from walkout.privacy.entry import Entry, encode, seal
from walkout.privacy.entry import decode as decode_entry
from walkout.privacy.keys import signing_key
from walkout.privacy.log import ENTRIES
from walkout.privacy.merkle import Tree, leaf_hash
from walkout.privacy.vault import SIGNING_KEY

OMISSIONS = range(1000)
SMALL = Setting(days=2, visits_a_day=24, team=5, shift_h=0.5, asks=0.2, audit=0.3, disputes=0.05, erased=0)
LOOKS = ("view", "widening", "raw_access")
WHAT = ("look", "hour", "person", "statement left out", "statement changed")
STATEMENT = "statement"


class _Holders:
    """Everybody's papers, made while everything was still there."""

    def __init__(self, shop: Played) -> None:
        proofs = Proofs(shop.engine, shop.vault)
        self.shop = shop
        self.visits = {visit: paper for visit in shop.visits if (paper := proofs.of_visit(visit)) is not None}
        self.months = {worker: proofs.of_worker(worker, NAME) for worker in shop.workers}
        self.receipts = {visit: receipt_shas(shop.engine, visit) for visit in self.visits}
        voices = Voices(LabourLedger(shop.engine), "Sample store")
        self.voices: dict[str, list[Voice]] = {
            who: [one.voice for one in voices.said(who)] for who in shop.workers if voices.said(who)
        }
        """The copies that reviewers keep of what they said in public, the oldest first."""
        self.looks = {
            visit: sum(orjson.loads(one["line"])["kind"] in LOOKS for one in paper["entries"])
            for visit, paper in self.visits.items()
        }

    def seen(self) -> list[str]:
        return sorted(visit for visit, looks in self.looks.items() if looks)


def run(json: bool, data: Path | None = None, seeds: range | None = None) -> dict[str, Any]:
    """Try every omission; `data` is not used. Passed: none was missed."""
    del data
    tried, missed, anybody, innocent = Counter[str](), Counter[str](), Counter[str](), 0
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        shop = play(Path(place), SMALL)
        holders = _Holders(shop)
        lines = bundle_files(shop.source(), report(shop.source()))[ENTRIES].splitlines()
        entries = [decode_entry(line) for line in lines]
        honest = Bundle(tuple(lines), shop.vault.log.head.encode(), (), report(shop.source()))
        assert check(honest) == ()
        innocent = sum(bool(_finds(holders, honest, who, old=True)) for who in (*holders.visits, *holders.months))
        for seed in seeds or OMISSIONS:
            random = Random(seed)  # noqa: S311 a bench
            what, where = random.choice(WHAT), random.choice(("log", "report"))
            whose = {"look": holders.seen(), "statement": sorted(holders.voices)}.get(what.split()[0], shop.workers)
            who = random.choice(whose)
            if what.startswith(STATEMENT):
                bundle = _unsaid(shop, random, honest, entries, holders.voices[who], (what, where))
            else:
                bundle = _published(shop, lines, entries, _chosen(random, holders, entries, what, who), where)
            name = f"{what}, {where}" if what == "statement changed" else f"{what} from the {where}"
            tried[name] += 1
            missed[name] += not _finds(holders, bundle, who, old=random.random() < 0.5)
            anybody[name] += bool(check(bundle))
        shop.close()
    total, wrong = tried.total(), missed.total()
    figures: dict[str, Any] = {
        "origin": "simulated",
        "omissions": total,
        "missed": wrong,
        "missed_at_most": upper(wrong, total, 0.05),
        "tried": dict(sorted(tried.items())),
        "missed_by_kind": {name: count for name, count in sorted(missed.items()) if count},
        "found_by_anybody": dict(sorted(anybody.items())),
        "false_alarms": innocent,
        "seconds": round(time.perf_counter() - start, 1),
        "passed": not wrong and not innocent,
    }
    if not json:
        print(f"simulated; {total} omissions, {figures['seconds']} s")
        for name, count in sorted(tried.items()):
            print(f"{count:6} {name}: {missed[name]} missed; {anybody[name]} by anybody, from the bundle alone")
        print(
            f"{'met   ' if figures['passed'] else 'MISSED'} {wrong} missed (at most {figures['missed_at_most']:.2%}), "
        )
        print(f"       {innocent} false alarms of honest bundles")
    return figures


def _chosen(random: Random, holders: _Holders, entries: list[Entry], what: str, who: str) -> set[int]:
    """The entries that are left out: one look, one hour, or everything that a person ever did."""
    if what == "look":
        mine = seal(bytes.fromhex(holders.visits[who]["salt"]), VISIT, who)
        return {random.choice([n for n, e in enumerate(entries) if e.kind in LOOKS and e.sealed.get(VISIT) == mine])}
    salt = bytes.fromhex(holders.months[who]["salt"])
    mine_ = [n for n, e in enumerate(entries) if e.sealed.get(PERSON) == person_seal(salt, who, str(e.facts.get("id")))]
    hours = [n for n in mine_ if entries[n].kind == "hours"]
    return {random.choice(hours)} if what == "hour" else set(mine_)


def _unsaid(
    shop: Played, random: Random, honest: Bundle, entries: list[Entry], said: list[Voice], how: tuple[str, str]
) -> Bundle:
    """What the operator publishes where the last words that somebody said are gone, or are others."""
    what, where = how
    report_ = copy.deepcopy(dict(honest.report))
    told = report_["control"]["workers_statement"]
    last = said[-1]
    left = [one for one in entries if one.facts.get("sha256") != last.sha256]
    stood = [(one, signed) for one in told["statements"] for signed in one["signatures"]]
    mine = next(((one, signed) for one, signed in stood if signed["sha256"] == last.sha256), None)
    if what == "statement changed":
        other = _other(random, last.text)
        signed = {"store": last.store, "key": last.key, "replaces": last.replaces, "signature": last.signature}
        if where == "log":  # under a key of the operator's own, entered in the reviewer's name
            false = sign_voice(Ed25519PrivateKey.from_private_bytes(random.randbytes(32)), last.store, NAME, "", other)
            signed = {"store": false.store, "key": false.key, "replaces": "", "signature": false.signature}
            left = [_forged(one, false, said) for one in entries if one.facts.get("sha256") not in _older(said)]
        signed["sha256"] = Voice(last.store, NAME, signed["replaces"], other, signed["key"], signed["signature"]).sha256
        told["statements"].append({"text": other, "signatures": [signed]})
    elif len(said) > 1 and (where == "log" or mine is None):  # without the last words, those before stand again
        before = said[-2]
        signed = {"store": before.store, "key": before.key, "replaces": before.replaces, "sha256": before.sha256}
        told["statements"].append({"text": before.text, "signatures": [{**signed, "signature": before.signature}]})
    if mine is not None:
        mine[0]["signatures"].remove(mine[1])
    told["statements"] = [one for one in told["statements"] if one["signatures"]]
    count = sum(len(one["signatures"]) for one in told["statements"])
    told["words"] = (
        f"Signed by {count} key{'s' * (count != 1)} that the reviewers hold, and not by the shop." if count else NONE
    )
    if where == "report":
        return replace(honest, report=report_)
    return _signed_anew(shop, [encode(one) for one in left], report_)


def _older(said: list[Voice]) -> set[str]:
    """All that somebody said but the last."""
    return {one.sha256 for one in said[:-1]}


def _forged(one: Entry, false: Voice, said: list[Voice]) -> Entry:
    """The entry of a reviewer's key or of their last words, with the operator's key and words in it."""
    if one.kind != "voice" or one.facts.get("key") != said[-1].key:
        return one
    facts = dict(one.facts) | {"key": false.key}
    if one.facts.get("sha256") is not None:
        facts |= {"sha256": false.sha256, "replaces": ""}
    return replace(one, facts=facts)


def _other(random: Random, text: str) -> str:
    """The words, some of them others: one word goes, or is another, or all are."""
    words = text.split(" ")
    at, how = random.randrange(len(words)), random.choice(("gone", "another", "all"))
    changed = {"gone": words[:at] + words[at + 1 :], "another": [*words[:at], "not", *words[at + 1 :]]}
    return " ".join(changed.get(how, ["All", "is", "well", "here."])) or "Well."


def _published(shop: Played, lines: list[bytes], entries: list[Entry], gone: set[int], where: str) -> Bundle:
    """What the operator publishes; its report is counted from what is left."""
    left = [n for n in range(len(lines)) if n not in gone]
    source = shop.source()
    source.__dict__["entries"] = tuple(entries[n] for n in left)  # as if the rest had never been
    made = report(source)
    if where == "report":
        return Bundle(tuple(lines), shop.vault.log.head.encode(), (), made)
    return _signed_anew(shop, [lines[n] for n in left], made)


def _signed_anew(shop: Played, lines: list[bytes], made: dict[str, Any]) -> Bundle:
    """A log of these lines as if it had never been another one, and the report over it."""
    tree = Tree()
    for line in lines:
        tree.add(leaf_hash(line))
    head = sign(signing_key(shop.folder / "secrets" / SIGNING_KEY), len(tree), tree.root(), shop.now_ns)
    point = {**made["checkpoint"], "size": head.size, "root": head.root.hex(), "hash": head.hash()}
    return Bundle(tuple(lines), head.encode(), (), {**made, "checkpoint": point})


def _finds(holders: _Holders, bundle: Bundle, who: str, *, old: bool) -> tuple[str, ...]:
    """What the holder finds: with their older paper, or only with what they know themselves and the salt."""
    paper = holders.visits.get(who) or holders.months[who]
    if not old:
        paper = {**paper, "entries": [], "rows": [], "head": {"size": 0, "root": Tree().root().hex()}}
    found = check(bundle)
    if who in holders.visits:
        return found + check_visit(bundle, paper, holders.receipts[who], holders.looks[who])
    return found + check_month(bundle, paper, holders.voices.get(who, ()))


if __name__ == "__main__":
    run(json=False)
