import json
from pathlib import Path

import pytest
from benchmarks._tampering import KEY, WITNESS_KEY, filled
from typer.testing import CliRunner

from walkout.cli.app import app
from walkout.privacy.checkpoint import public_bytes
from walkout.privacy.log import ENTRIES


@pytest.fixture
def data(tmp_path: Path) -> Path:
    filled(tmp_path / "data" / "log", witness=tmp_path / "outside")
    return tmp_path / "data"


def test_a_whole_log(data: Path) -> None:
    outside = str(data.parent / "outside")
    done = CliRunner().invoke(app, ["audit", "verify", str(data), "--witness", outside, "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["whole"], said["entries"], said["witnessed"]) == (True, 20, 18)
    assert said["kinds"]["view"] == 6
    key = public_bytes(KEY).hex()
    done = CliRunner().invoke(app, ["audit", "verify", str(data / "log"), "--key", key])
    assert done.exit_code == 0
    assert "no witness's copy was given" in done.stdout


def test_a_changed_log_is_named_with_its_place(data: Path) -> None:
    path = data / "log" / ENTRIES
    path.write_bytes(path.read_bytes().replace(b'"seconds":21', b'"seconds":2'))
    done = CliRunner().invoke(app, ["audit", "verify", str(data)])
    assert done.exit_code == 1
    assert "WRONG  the first 18 entries are not those of the checkpoint of 2026-01-08" in done.stdout
    assert "the log is NOT whole" in done.stdout


def test_wrong_calls_are_refused(data: Path, tmp_path: Path) -> None:
    for call, said in (
        (["audit", "verify", str(tmp_path / "outside")], "There is no log in"),
        (["audit", "verify", str(data), "--key", "12"], "right are 64 hex digits"),
        (["audit", "verify", str(data), "--witness", str(tmp_path / "nobody")], "no witness's copy"),
    ):
        done = CliRunner().invoke(app, call)
        assert done.exit_code == 2
        assert said in done.output
    done = CliRunner().invoke(app, ["audit", "verify", str(data), "--key", public_bytes(WITNESS_KEY).hex()])
    assert done.exit_code == 1
