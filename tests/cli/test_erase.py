import json
from pathlib import Path

from typer.testing import CliRunner

from walkout.cli.app import app
from walkout.privacy.vault import Vault


def test_an_erased_visit_is_gone_and_the_log_says_so(tmp_path: Path) -> None:
    data, secrets = tmp_path / "data", tmp_path / "secrets"
    with Vault(data, secrets, 5) as vault:
        vault.clips.put("v1", "e1.c1", b"video", {}, 5)
        vault.record("view", 5, {"clips": 1}, {"visit": "v1"})
    call = ["erase", "v1", "--data", str(data), "--secrets", str(secrets)]
    done = CliRunner().invoke(app, [*call, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"visit": "v1", "keys": 2, "files": 1}
    assert CliRunner().invoke(app, call).exit_code == 1
    assert CliRunner().invoke(app, ["audit", "verify", str(data)]).exit_code == 0
    with Vault(data, secrets, 6) as vault:
        assert sum(one.kind == "deletion" for one in vault.log.entries()) == 2


def test_a_folder_that_is_none_and_lost_secrets_are_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["erase", "v", "--data", str(tmp_path), "--secrets", str(tmp_path / "s")])
    assert done.exit_code == 2
    assert "There is no data folder" in done.output
    Vault(tmp_path / "data", tmp_path / "secrets", 5).close()
    done = CliRunner().invoke(app, ["erase", "v", "--data", str(tmp_path / "data"), "--secrets", str(tmp_path / "s")])
    assert done.exit_code == 2
    assert "there is no store key" in done.output
