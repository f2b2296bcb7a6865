"""`walkout disclose` on the folder of a shop, and what it refuses."""

import json
import shutil
from pathlib import Path

from benchmarks._a_month import Setting, play
from typer.testing import CliRunner

from walkout.cli.app import app
from walkout.disclosure.bundle import read_bundle
from walkout.disclosure.holder import check

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "sample-store"
TINY = Setting(days=1, visits_a_day=6, team=1, shift_h=0.3, asks=0.5, erased=0)


def test_report_page_and_bundle_of_a_month(tmp_path: Path) -> None:
    play(tmp_path / "shop", TINY).close()
    (tmp_path / "shop" / "disclosure.json").write_text(json.dumps({"operator": "Example Ltd"}))
    call = [
        "disclose",
        str(SAMPLE),
        "--month",
        "2026-03",
        "--data",
        str(tmp_path / "shop"),
        "--out",
        str(tmp_path / "out"),
    ]
    done = CliRunner().invoke(app, [*call, "--bundle", "--json"])
    assert done.exit_code == 0, done.output
    made = json.loads(done.stdout)
    assert made["visits"]["total"]["n"] == 6
    assert made["operator"] == "Example Ltd"
    assert json.loads((tmp_path / "out" / "disclosure-2026-03.json").read_text()) == made
    assert "simulated" in (tmp_path / "out" / "disclosure-2026-03.html").read_text()
    assert check(read_bundle(tmp_path / "out" / "bundle-2026-03")) == ()
    said = CliRunner().invoke(app, call)
    assert "Of the 6 visits here in 2026-03 (simulated)" in said.output
    assert "the operator could have rewritten this" in said.output.replace("\n", " ")


def test_what_is_refused(tmp_path: Path) -> None:
    out = ["--out", str(tmp_path / "out")]
    base = ["disclose", str(SAMPLE), "--data", str(tmp_path)]
    assert "no ledger" in CliRunner().invoke(app, [*base, "--month", "2026-03", *out]).output
    play(tmp_path / "shop", TINY).close()
    base = ["disclose", str(SAMPLE), "--data", str(tmp_path / "shop")]
    done = CliRunner().invoke(app, [*base, "--month", "2026-3", *out])
    assert done.exit_code == 2
    assert "right: one such as 2026-11" in done.output
    (tmp_path / "shop" / "disclosure.json").write_text("[]")
    assert CliRunner().invoke(app, [*base, "--month", "2026-03", *out]).exit_code == 2
    (tmp_path / "shop" / "disclosure.json").unlink()
    shutil.rmtree(tmp_path / "shop" / "vault")
    assert "no log" in CliRunner().invoke(app, [*base, "--month", "2026-03", *out]).output
    assert not (tmp_path / "out").exists()
