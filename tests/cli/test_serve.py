"""`walkout serve` as an operator runs it: a process that opens, says where, and closes on Ctrl-C; nothing is lost."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.live.wire import free_port
from walkout.checkout.storage import connect
from walkout.cli.serve import _oidc
from walkout.recording.reader import open_recording

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "examples" / "sample-store"


def serving(data: Path, *more: str) -> tuple["subprocess.Popen[str]", dict[str, Any]]:
    arguments = [sys.executable, "-m", "walkout", "serve", str(SAMPLE), "--json", "--data", str(data)]
    arguments += ["--port", str(free_port()), "--broker-port", str(free_port()), *more]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    assert child.stdout is not None
    text = ""
    while not text.rstrip().endswith("}"):
        line = child.stdout.readline()
        assert line, f"it ended with status {child.wait()}"
        text += line
    return child, json.loads(text)


def end(child: "subprocess.Popen[str]") -> int:
    child.send_signal(signal.SIGINT)
    try:
        return child.wait(30)
    finally:
        child.kill()
        assert child.stdout is not None
        child.stdout.close()


def test_it_opens_hears_the_twin_closes_on_ctrl_c_and_opens_again(tmp_path: Path) -> None:
    child, said = serving(tmp_path / "data", "--twin", "60")
    assert said["origin"] == "simulated"
    assert said["first_run"].startswith(f"{said['url']}/first-run#")
    given = {"token": said["first_run"].partition("#")[2], "name": "ada", "password": "correct horse battery"}
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{said['url']}/api/v1/first-run", json.dumps(given).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - as above
        assert json.load(answer)["role"] == "admin"
    with urllib.request.urlopen(f"{said['url']}/healthz", timeout=20) as answer:  # noqa: S310 - as above
        assert answer.read() == b"ok"
    deadline = time.monotonic() + 60
    journal = tmp_path / "data" / "journal"
    while time.monotonic() < deadline:
        size = sum(path.stat().st_size for path in journal.glob("*.mcap"))
        if size > 100_000:
            break
        time.sleep(0.2)
    assert end(child) == 0
    recording = open_recording(journal)
    before = sum(1 for _ in recording.observations())
    assert before > 0
    assert recording.losses == () or all(loss.kind != "truncated" for loss in recording.losses)
    child, said = serving(tmp_path / "data")
    assert said["first_run"] is None, "there is an admin"
    assert end(child) == 0
    assert sum(1 for _ in open_recording(journal).observations()) == before
    engine = connect(tmp_path / "data" / "ledger.db")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select role from users").scalar_one() == "admin"
    engine.dispose()


def test_secrets_never_lie_in_the_store_folder(tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "walkout", "serve", str(SAMPLE), "--data", str(SAMPLE / "data")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(arguments, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 2
    assert "keep secrets elsewhere" in done.stderr
    assert not (SAMPLE / "data").exists()


def test_single_sign_on_is_put_together_from_options_and_secrets(tmp_path: Path) -> None:
    assert _oidc("", "", (), "", tmp_path) is None
    (tmp_path / "oidc-client-secret").write_text("s3cret\n")
    (tmp_path / "oidc-roles").write_text("# who looks\n\nreviewer=groups=desk\nauditor=https://x.example/r=a=b\n")
    found = _oidc("https://id.example", "walkout", ["admin=email=ada@example.org"], "", tmp_path)
    assert found is not None
    assert (found.secret, found.shown) == ("s3cret", "id.example")
    rules = [(one.role, one.claim, one.value) for one in found.rules]
    assert rules[0] == ("admin", "email", "ada@example.org")
    assert rules[1:] == [("reviewer", "groups", "desk"), ("auditor", "https://x.example/r", "a=b")]
    with pytest.raises(ValueError, match="without an issuer"):
        _oidc("", "walkout", (), "", tmp_path)
    (tmp_path / "oidc-roles").write_text("boss=groups=all\n")
    with pytest.raises(ValueError, match="boss=groups=all"):
        _oidc("https://id.example", "walkout", (), "", tmp_path)
