"""Proofs and the bundle: what an outsider can check, and that whoever is left out finds it."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from benchmarks._a_month import WORDS
from sqlalchemy import select

from tests.disclosure.conftest import Month
from tests.web.browser import chromium, needs_chromium
from walkout.disclosure.entries import PERSON
from walkout.disclosure.holder import Bundle, check, check_month, check_visit
from walkout.disclosure.proof import Proofs, receipt_shas
from walkout.labour import voice
from walkout.privacy.checkpoint import sign
from walkout.privacy.keys import signing_key
from walkout.privacy.merkle import Tree, leaf_hash
from walkout.privacy.vault import SIGNING_KEY
from walkout.review import tables as review

RECOMPUTE = Path(__file__).resolve().parents[2] / "examples" / "recompute" / "recompute.py"


def looked_at(played: Month) -> str:
    """A visit that a reviewer looked at and that was not erased."""
    with played.shop.engine.connect() as connection:
        found = connection.execute(select(review.leases.c.visit).order_by(review.leases.c.leased_ns)).scalars()
        return next(str(one) for one in found if not one.startswith("gold/") and one not in played.shop.erased)


def rewritten(played: Month, lines: tuple[bytes, ...], report: dict[str, Any] | None = None) -> Bundle:
    """What the operator, who has the signing key, could publish instead."""
    tree = Tree()
    for line in lines:
        tree.add(leaf_hash(line))
    key = signing_key(played.shop.folder / "secrets" / SIGNING_KEY)
    head = sign(key, len(tree), tree.root(), played.shop.now_ns)
    point = {**played.report["checkpoint"], "size": head.size, "root": head.root.hex(), "hash": head.hash()}
    return Bundle(lines, head.encode(), (), {**(report or played.report), "checkpoint": point})


def test_a_whole_bundle_holds_and_a_changed_one_does_not(played: Month) -> None:
    assert check(played.bundle) == ()
    lines = played.bundle.lines
    assert check(replace(played.bundle, lines=lines[:-1])) != ()
    assert check(replace(played.bundle, lines=(*lines[:3], lines[4], lines[3], *lines[5:]))) != ()
    said = {
        **played.report,
        "visits": {**played.report["visits"], "total": {**played.report["visits"]["total"], "n": 1}},
    }
    assert check(replace(played.bundle, report=said)) == (
        f"visits: the report says 1, the log {played.report['visits']['total']['n']}",
    )


def test_a_shopper_finds_each_look_and_each_receipt(played: Month) -> None:
    visit = looked_at(played)
    paper = Proofs(played.shop.engine, played.shop.vault).of_visit(visit)
    assert paper is not None
    receipts = receipt_shas(played.shop.engine, visit)
    assert check_visit(played.bundle, paper, receipts, looks=1) == ()
    assert check_visit(played.bundle, paper, ["00" * 32]) != ()
    assert check_visit(played.bundle, paper, receipts, looks=99) != ()
    other = Proofs(played.shop.engine, played.shop.vault).of_visit(played.shop.visits[-1])
    assert other is not None
    assert {one["line"] for one in paper["entries"]}.isdisjoint(one["line"] for one in other["entries"])


def test_who_worked_finds_each_interval_and_statement(played: Month) -> None:
    proofs = Proofs(played.shop.engine, played.shop.vault)
    for worker in played.shop.workers:
        paper = proofs.of_worker(worker, "2026-03")
        assert len(paper["intervals"]) > 0
        assert len(paper["statements"]) == 1
        assert check_month(played.bundle, paper) == ()


def test_nobody_can_follow_a_person_through_the_log(played: Month) -> None:
    seals = [one.sealed[PERSON] for one in played.bundle.entries if PERSON in one.sealed]
    assert len(seals) > 20
    assert len(set(seals)) == len(seals)
    text = b"\n".join(played.bundle.lines).decode()
    assert not [name for name in (*played.shop.workers, *played.shop.visits) if name in text]


@pytest.mark.parametrize("kind", ["view", "hours", "decision", "payment"])
def test_an_entry_left_out_of_a_log_that_was_signed_anew_is_found_by_its_holder(played: Month, kind: str) -> None:
    proofs = Proofs(played.shop.engine, played.shop.vault)
    visit, worker = looked_at(played), played.shop.workers[0]
    of_visit, of_month = proofs.of_visit(visit), proofs.of_worker(worker, "2026-03")
    assert of_visit is not None
    mine = of_visit if kind in ("view", "decision") else of_month
    gone = next(one for one in mine["entries"] if orjson.loads(one["line"])["kind"] == kind)["number"]
    lines = played.bundle.lines
    bundle = rewritten(played, (*lines[:gone], *lines[gone + 1 :]))
    found = check_visit(bundle, of_visit, receipt_shas(played.shop.engine, visit)) + check_month(bundle, of_month)
    assert found != ()


def test_after_an_erasure_nobody_finds_the_visit_and_the_numbers_stand(played: Month) -> None:
    assert len(played.shop.erased) == 1
    assert Proofs(played.shop.engine, played.shop.vault).of_visit(played.shop.erased[0]) is None
    assert played.report["visits"]["total"]["n"] == len(played.shop.visits)


def test_an_outsider_counts_three_numbers_again(played: Month, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(RECOMPUTE), str(played.folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == 3
    assert len(RECOMPUTE.read_text().splitlines()) <= 22  # as promised: about twenty
    for name in ("disclosure.json", "entries.jsonl"):
        (tmp_path / name).write_bytes((played.folder / name).read_bytes())
    lines = (tmp_path / "entries.jsonl").read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if b'"what":"receipt"' not in line]
    (tmp_path / "entries.jsonl").write_bytes(b"".join(kept))
    assert (
        subprocess.run([sys.executable, str(RECOMPUTE), str(tmp_path)], capture_output=True, check=False).returncode
        == 1
    )


@needs_chromium
def test_the_page_of_the_bundle_checks_it_in_a_browser_without_a_server(played: Month, tmp_path: Path) -> None:
    visit = looked_at(played)
    proofs = Proofs(played.shop.engine, played.shop.vault)
    papers = {"visit": proofs.of_visit(visit), "month": proofs.of_worker(played.shop.workers[0], "2026-03")}
    mine = voice.sign(played.shop.keys[played.shop.workers[0]], "Sample store", "2026-03", "", WORDS)
    papers["statement"] = mine.plain()
    with chromium() as browser:
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto((played.folder / "verify.html").as_uri())
        page.wait_for_selector("body[data-bundle]")
        assert page.get_attribute("body", "data-bundle") == "holds"
        for name, paper in papers.items():
            (tmp_path / f"{name}.json").write_bytes(orjson.dumps(paper))
            page.evaluate("delete document.body.dataset.paper")
            page.set_input_files("#paper", tmp_path / f"{name}.json")
            page.wait_for_selector("body[data-paper]")
            assert page.get_attribute("body", "data-paper") == "holds", page.inner_text("#mine")
        assert papers["visit"] is not None
        wrong = {**papers["visit"], "entries": papers["visit"]["entries"][1:]}
        forged, unsaid = mine.plain() | {"text": "All is well."}, mine.plain() | {"signature": "00" * 64}
        for words in (*(orjson.dumps(one).decode() for one in (wrong, forged, unsaid)), "no JSON"):
            page.evaluate("delete document.body.dataset.paper")
            page.fill("#text", words)
            page.click("#go")
            page.wait_for_selector("body[data-paper]")
            assert page.get_attribute("body", "data-paper") == "wrong"
        assert all(url.startswith("file:") for url in asked)
        text = (played.folder / "verify.html").read_text()
        signed = played.report["control"]["workers_statement"]["statements"][0]["signatures"][0]["signature"]
        for old, new in (
            ('\\"cannot_tell\\":false', '\\"cannot_tell\\":true'),
            ("nobody asks why", "nobody asks wht"),
            (signed, "0" * 128),
        ):
            assert old in text
            (tmp_path / "verify.html").write_text(text.replace(old, new, 1))
            page.goto((tmp_path / "verify.html").as_uri())
            page.wait_for_selector("body[data-bundle]")
            assert page.get_attribute("body", "data-bundle") == "wrong", old
