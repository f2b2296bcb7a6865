"""The reviewers' own statement: carried as they signed it; changed, left out or invented, it is found."""

import copy
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks._a_month import WORDS
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from tests.disclosure.conftest import Month
from tests.disclosure.test_holder import rewritten
from walkout.cli.app import app
from walkout.disclosure.holder import Bundle, check, check_month
from walkout.disclosure.page import to_html
from walkout.disclosure.proof import Proofs
from walkout.disclosure.voices import NONE
from walkout.labour.voice import Voice, public, sign
from walkout.privacy.merkle import Tree


def shown_by(played: Month, handle: str, text: str = "x") -> Voice:
    """What a reviewer of the month keeps of what they said."""
    key = played.shop.keys[handle]
    return sign(key, "Sample store", "2026-03", "", text)


def test_the_reviewers_statement_is_carried_as_they_signed_it(played: Month) -> None:
    told = played.report["control"]["workers_statement"]
    assert told["words"] == "Signed by 3 keys that the reviewers hold, and not by the shop."
    assert [(one["text"], len(one["signatures"])) for one in told["statements"]] == [
        (WORDS, 2),
        ("The breaks are paid.\nThe waiting is too.", 1),
    ]
    first = played.shop.workers[0]
    (signed,) = [s for s in told["statements"][0]["signatures"] if s["key"] == public(played.shop.keys[first])]
    assert signed["signature"] == shown_by(played, first, WORDS).signature
    page = to_html(played.report)
    assert WORDS in page
    assert signed["signature"] in page


def edited(played: Month, change: Callable[[dict[str, Any]], None]) -> Bundle:
    """The bundle with a report whose statements were changed."""
    said = copy.deepcopy(played.report)
    change(said["control"]["workers_statement"])
    return replace(played.bundle, report=said)


def test_any_changed_byte_of_a_statement_is_found(played: Month) -> None:
    """Each character of the text, and each of key and signature, one after the other."""
    for at in range(len(WORDS)):
        other = "x" if WORDS[at] != "x" else "y"
        text = WORDS[:at] + other + WORDS[at + 1 :]
        assert check(edited(played, lambda told, text=text: told["statements"][0].update(text=text))) != ()  # type: ignore[misc]
    for name in ("store", "key", "signature", "replaces", "sha256"):

        def turned(told: dict[str, Any], name: str = name) -> None:
            signed = told["statements"][1]["signatures"][0]
            first = signed[name][:1] or "0"
            signed[name] = ("1" if first != "1" else "0") + signed[name][1:]

        assert check(edited(played, turned)) != (), name


def test_a_statement_left_out_or_invented_is_found(played: Month) -> None:
    def nothing(told: dict[str, Any]) -> None:
        told.update(words=NONE, statements=[])

    found = check(edited(played, nothing))
    assert [one for one in found if "leaves out" in one] == list(found)
    assert len(found) == 3

    def one_less(told: dict[str, Any]) -> None:
        told["statements"][0]["signatures"].pop()

    assert "leaves out" in check(edited(played, one_less))[0]

    def old(told: dict[str, Any]) -> None:  # what was replaced is put back
        (gone,) = [one for one in logged(played) if one["key"] == told["statements"][1]["signatures"][0]["key"]][:1]
        worker = played.shop.workers[3]
        said = shown_by(played, worker, "The breaks are paid.")
        assert said.sha256 == gone["sha256"]
        told["statements"][1] = {
            "text": said.text,
            "signatures": [
                {
                    "store": said.store,
                    "key": said.key,
                    "replaces": "",
                    "signature": said.signature,
                    "sha256": said.sha256,
                }
            ],
        }

    assert any("stands in the log" in one for one in check(edited(played, old)))

    def invented(told: dict[str, Any]) -> None:
        said = sign(Ed25519PrivateKey.generate(), "Sample store", "2026-03", "", "All is well here.")
        signed = {
            "store": said.store,
            "key": said.key,
            "replaces": "",
            "signature": said.signature,
            "sha256": said.sha256,
        }
        told["statements"].append({"text": said.text, "signatures": [signed]})

    assert any("stands in the log" in one for one in check(edited(played, invented)))


def logged(played: Month) -> list[dict[str, Any]]:
    """The log's entries of statements, in order."""
    said = [one for one in played.bundle.entries if one.kind == "voice" and one.facts["what"] == "statement"]
    return [dict(one.facts) for one in said]


def test_whoever_said_it_finds_it_gone_even_where_the_whole_log_is_signed_anew(played: Month) -> None:
    worker = played.shop.workers[0]
    paper = Proofs(played.shop.engine, played.shop.vault).of_worker(worker, "2026-03")
    mine = [shown_by(played, worker, WORDS)]
    assert check_month(played.bundle, paper, mine) == ()
    lines = played.bundle.lines
    gone = next(n for n, one in enumerate(played.bundle.entries) if one.facts.get("sha256") == mine[0].sha256)
    said = copy.deepcopy(played.report)
    signed = said["control"]["workers_statement"]["statements"][0]["signatures"]
    signed.remove(next(one for one in signed if one["key"] == mine[0].key))
    bundle = rewritten(played, (*lines[:gone], *lines[gone + 1 :]), said)
    assert check(replace(bundle, report={**bundle.report})) == (), "the operator made all of it fit"
    thinned = {**paper, "voices": [], "entries": [], "rows": []}  # and gives the holder a paper that fits too
    thinned["head"] = {**paper["head"], "size": 0, "root": Tree().root().hex()}
    assert check_month(bundle, {**thinned, "intervals": [], "statements": []}, mine) == (
        f"what you said in public ({mine[0].sha256[:12]}) is not in the log",
    )
    stranger = [shown_by(played, played.shop.workers[1], WORDS)]
    assert any("none of yours" in one for one in check_month(played.bundle, paper, stranger))


def test_audit_verify_reads_the_report_of_a_bundle_too(played: Month, tmp_path: Path) -> None:
    copied = shutil.copytree(played.folder, tmp_path / "bundle")
    assert "log and report are whole" in CliRunner().invoke(app, ["audit", "verify", str(copied)]).output
    report = copied / "disclosure.json"
    report.write_bytes(report.read_bytes().replace(b"nobody asks why", b"everybody asks why", 1))
    done = CliRunner().invoke(app, ["audit", "verify", str(copied)])
    assert done.exit_code == 1
    assert "changed, or signed elsewhere" in " ".join(done.output.split())
    report.write_text("{}")
    assert CliRunner().invoke(app, ["audit", "verify", str(copied)]).exit_code == 1
