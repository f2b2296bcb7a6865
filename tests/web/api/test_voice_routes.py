"""A reviewer's public statement over HTTP: registered, logged and published at once, and by nobody else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from tests.web.api.desk_api import API, Api, desk_api
from walkout.cli.app import app
from walkout.disclosure.bundle import bundle_files
from walkout.disclosure.holder import Bundle, check, check_month
from walkout.disclosure.voices import NONE
from walkout.labour.voice import Voice, prove, public, sign
from walkout.privacy.log import CHECKPOINTS, ENTRIES, HEAD

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with desk_api(tmp_path) as found:
        yield found


def bundle_of(api: Api, month: str) -> Bundle:
    record = api.shop.till.record
    made = record.report(month)
    files = bundle_files(record.source(month), made)
    lines = tuple(files[ENTRIES].split(b"\n")[:-1])
    return Bundle(lines, files[HEAD].rstrip(b"\n"), tuple(files[CHECKPOINTS].splitlines()), made)


def test_from_the_reviewers_own_key_to_the_report_and_the_log(api: Api) -> None:
    mine = api.get("/shift/voice")
    assert (mine["keys"], mine["said"]) == ([], [])
    month, store = mine["month"], mine["store"]
    report = api.ask("GET", f"{API}/public/disclosure?month={month}").json()
    assert report["control"]["workers_statement"] == {"words": NONE, "statements": []}
    key = api.post("/shift/voice/key", status=201, key=public(KEY), proof=prove(KEY, store))
    assert key["number"] is not None
    said = sign(KEY, store, month, "", "The waiting is paid.\nThe chairs are bad.")
    made = api.post("/shift/voice", status=201, **said.plain())
    assert made["sha256"] == said.sha256
    assert made["number"] > key["number"]
    told = api.ask("GET", f"{API}/public/disclosure?month={month}").json()["control"]["workers_statement"]
    (one,) = told["statements"]
    assert one["text"] == said.text
    assert one["signatures"][0]["signature"] == said.signature
    bundle = bundle_of(api, month)
    assert check(bundle) == ()
    paper = api.get(f"/shift/proof?month={month}")
    assert paper["voices"] == [said.sha256]
    assert check_month(bundle, paper, [said]) == ()
    assert "ada" not in b"\n".join(bundle.lines).decode(), "the log has the key, and nobody's name"


def test_what_was_not_signed_by_its_giver_is_refused(api: Api) -> None:
    month, store = api.get("/shift/voice")["month"], api.get("/shift/voice")["store"]
    api.post("/shift/voice/key", status=201, key=public(KEY), proof=prove(KEY, store))
    said = sign(KEY, store, month, "", "mine")
    assert (
        "somebody else" in api.post("/shift/voice/key", "ben", 409, key=public(KEY), proof=prove(KEY, store))["detail"]
    )
    assert "not in your name" in api.post("/shift/voice", "ben", 409, **said.plain())["detail"]
    changed = said.plain() | {"text": "All is well."}
    assert "changed" in api.post("/shift/voice", "ada", 409, **changed)["detail"]
    later = sign(KEY, store, "2999-01", "", "x").plain()
    assert "right: this month" in api.post("/shift/voice", "ada", 422, **later)["detail"]
    for body in (said.plain() | {"key": "x"}, said.plain() | {"text": "x" * 5000}, said.plain() | {"replaces": "1"}):
        api.post("/shift/voice", "ada", 422, **body)
    api.post("/shift/voice", "reviewer", 409, **said.plain())  # who is on no team
    for role in ("admin", "operator", "auditor"):  # nobody of the shop speaks in a reviewer's place
        assert api.ask("POST", f"{API}/shift/voice", role, json=said.plain()).status_code == 403
    assert api.get("/shift/voice")["said"] == []


def test_one_signed_by_the_command_line_on_their_own_machine(api: Api, tmp_path: Path) -> None:
    mine = api.get("/shift/voice")
    (tmp_path / "words.txt").write_text("We may skip.", "utf-8")
    call = ["review", "statement", "sign", str(tmp_path / "words.txt"), "--key", str(tmp_path / "my.key")]
    call += ["--store", mine["store"], "--month", mine["month"]]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "my.key").stat().st_mode & 0o777 == 0o600
    made = json.loads(done.stdout)
    assert "PRIVATE" not in done.stdout
    sha256 = made.pop("sha256")
    assert api.post("/shift/voice", status=201, **made)["sha256"] == sha256
    (tmp_path / "words.txt").write_text("", "utf-8")
    back = json.loads(CliRunner().invoke(app, [*call, "--replaces", sha256]).stdout)
    assert back["key"] == made["key"]
    back.pop("sha256")
    api.post("/shift/voice", status=201, **back)
    assert bundle_of(api, mine["month"]).report["control"]["workers_statement"]["words"] == NONE
    assert check(bundle_of(api, mine["month"])) == ()
    assert Voice(*(back[name] for name in ("store", "month", "replaces", "text", "key", "signature"))).text == ""
    (tmp_path / "my.key").chmod(0o644)
    assert "chmod 600" in CliRunner().invoke(app, call).output
    (tmp_path / "my.key").chmod(0o600)
    (tmp_path / "my.key").write_text("no key")
    assert CliRunner().invoke(app, call).exit_code == 2
    assert CliRunner().invoke(app, [*call[:-1], "March"]).exit_code == 2
