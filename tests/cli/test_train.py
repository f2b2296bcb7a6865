"""Training from the command line."""

from importlib import util
from pathlib import Path

import pytest
from typer.testing import CliRunner

from walkout.cli import train
from walkout.cli.app import app


def test_without_pytorch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(train, "find_spec", lambda name: None if name == "torch" else util.find_spec(name))
    done = CliRunner().invoke(app, ["train", "pose", "--out", str(tmp_path / "new")])
    assert done.exit_code == 2
    assert "python -m pip install torch" in done.stderr
    assert not (tmp_path / "new").exists()
