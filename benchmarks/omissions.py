"""1,000 silent omissions of a look, an hour or a person, from the log or from the report: who finds each? Simulated.

The operator has every key. From the log: entries are left out, the log is signed anew, all proofs are made anew, and
the report is counted from what is left, so that everything fits. From the report: the log is left whole and the report
is counted without them. The holder concerned has what they were given while it happened: a shopper the receipts and how
often people looked, somebody who worked their intervals and statements; half of them also an older paper with proofs.
"""

import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import orjson

from benchmarks._a_month import NAME, Played, Setting, play
from walkout.disclosure.bundle import bundle_files
from walkout.disclosure.entries import PERSON, VISIT, person_seal
from walkout.disclosure.holder import Bundle, check, check_month, check_visit
from walkout.disclosure.proof import Proofs, receipt_shas
from walkout.disclosure.report import report
from walkout.evaluation.ladder import upper
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


class _Holders:
    """Everybody's papers, made while everything was still there."""

    def __init__(self, shop: Played) -> None:
        proofs = Proofs(shop.engine, shop.vault)
        self.shop = shop
        self.visits = {visit: paper for visit in shop.visits if (paper := proofs.of_visit(visit)) is not None}
        self.months = {worker: proofs.of_worker(worker, NAME) for worker in shop.workers}
        self.receipts = {visit: receipt_shas(shop.engine, visit) for visit in self.visits}
        self.looks = {
            visit: sum(orjson.loads(one["line"])["kind"] in LOOKS for one in paper["entries"])
            for visit, paper in self.visits.items()
        }

    def seen(self) -> list[str]:
        return sorted(visit for visit, looks in self.looks.items() if looks)


def run(json: bool, data: Path | None = None, seeds: range | None = None) -> dict[str, Any]:
    """Try every omission; `data` is not used. Passed: none was missed."""
    del data
    tried, missed, innocent = Counter[str](), Counter[str](), 0
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
            what, where = random.choice(("look", "hour", "person")), random.choice(("log", "report"))
            who = random.choice(holders.seen() if what == "look" else shop.workers)
            gone = _chosen(random, holders, entries, what, who)
            bundle = _published(shop, lines, entries, gone, where)
            name = f"{what} from the {where}"
            tried[name] += 1
            missed[name] += not _finds(holders, bundle, who, old=random.random() < 0.5)
        shop.close()
    total, wrong = tried.total(), missed.total()
    figures: dict[str, Any] = {
        "origin": "simulated",
        "omissions": total,
        "missed": wrong,
        "missed_at_most": upper(wrong, total, 0.05),
        "tried": dict(sorted(tried.items())),
        "missed_by_kind": {name: count for name, count in sorted(missed.items()) if count},
        "false_alarms": innocent,
        "seconds": round(time.perf_counter() - start, 1),
        "passed": not wrong and not innocent,
    }
    if not json:
        print(f"simulated; {total} omissions, {figures['seconds']} s")
        for name, count in sorted(tried.items()):
            print(f"{count:6} {name}: {missed[name]} missed")
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


def _published(shop: Played, lines: list[bytes], entries: list[Entry], gone: set[int], where: str) -> Bundle:
    """What the operator publishes; its report is counted from what is left."""
    left = [n for n in range(len(lines)) if n not in gone]
    source = shop.source()
    source.__dict__["entries"] = tuple(entries[n] for n in left)  # as if the rest had never been
    made = report(source)
    if where == "report":
        return Bundle(tuple(lines), shop.vault.log.head.encode(), (), made)
    tree = Tree()
    for n in left:
        tree.add(leaf_hash(encode(entries[n])))
    head = sign(signing_key(shop.folder / "secrets" / SIGNING_KEY), len(tree), tree.root(), shop.now_ns)
    point = {**made["checkpoint"], "size": head.size, "root": head.root.hex(), "hash": head.hash()}
    return Bundle(tuple(lines[n] for n in left), head.encode(), (), {**made, "checkpoint": point})


def _finds(holders: _Holders, bundle: Bundle, who: str, *, old: bool) -> tuple[str, ...]:
    """What the holder finds: with their older paper, or only with what they know themselves and the salt."""
    paper = holders.visits.get(who) or holders.months[who]
    if not old:
        paper = {**paper, "entries": [], "rows": [], "head": {"size": 0, "root": Tree().root().hex()}}
    found = check(bundle)
    if who in holders.visits:
        return found + check_visit(bundle, paper, holders.receipts[who], holders.looks[who])
    return found + check_month(bundle, paper)


if __name__ == "__main__":
    run(json=False)
