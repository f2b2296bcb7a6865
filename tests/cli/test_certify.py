"""From verdicts in files to a card, a certificate and back."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from tests.evaluation.verdicts import drawn, verdict
from walkout.cli.app import app
from walkout.evaluation.verdict import write_verdicts

RUN = CliRunner()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certify")
    write_verdicts(folder / "card.jsonl", drawn(300, 1, name="card"))
    write_verdicts(folder / "sure.jsonl", [verdict(0.9999, recording=f"r{k % 40}") for k in range(4000)])
    write_verdicts(folder / "few.jsonl", drawn(200, 2))
    result = RUN.invoke(app, ["calibrate", str(folder / "card.jsonl"), "--out", str(folder / "card.json")])
    assert result.exit_code == 0, result.output
    assert "300 simulated visits" in result.output
    return folder


def test_sure_visits_certify_and_the_certificate_can_be_verified(files: Path) -> None:
    out, page = files / "certificate.json", files / "diagram.html"
    sources = ["certify", str(files / "sure.jsonl"), "--card", str(files / "card.json")]
    result = RUN.invoke(app, [*sources, "--out", str(out), "--diagram", str(page)])
    assert result.exit_code == 0, result.output
    assert "Settles alone from" in result.output
    assert "certifies no real shop" in result.output
    assert page.read_text().startswith("<!doctype html>")
    again = [str(out), str(files / "sure.jsonl"), "--card", str(files / "card.json")]
    assert RUN.invoke(app, ["certificate", "verify", *again]).exit_code == 0
    again[1] = str(files / "few.jsonl")
    assert RUN.invoke(app, ["certificate", "verify", *again]).exit_code == 1


def test_few_visits_certify_nothing_and_say_what_is_missing(files: Path) -> None:
    result = RUN.invoke(app, ["certify", str(files / "few.jsonl"), "--card", str(files / "card.json"), "--json"])
    assert result.exit_code == 1
    found = orjson.loads(result.stdout)
    assert (found["settle_at"], found["origin"], found["certifies_a_real_shop"]) == (None, "simulated", False)
    assert len(found["ladder"]) == 9


@pytest.mark.parametrize(
    ("source", "words"),
    [
        pytest.param("card.jsonl", "fitted on", id="the card's own visits"),
        pytest.param("none.jsonl", "cannot be read", id="no file"),
    ],
)
def test_what_cannot_be_tested_is_refused(files: Path, source: str, words: str) -> None:
    result = RUN.invoke(app, ["certify", str(files / source), "--card", str(files / "card.json")])
    assert result.exit_code == 2
    assert words in result.output


def test_a_recording_can_be_the_source(files: Path, tmp_path: Path) -> None:
    (tmp_path / "r.mcap").write_bytes(b"no recording")
    result = RUN.invoke(app, ["certify", str(tmp_path / "r.mcap")])
    assert result.exit_code == 2
