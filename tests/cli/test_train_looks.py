"""`walkout train looks` from the command line."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from walkout.cli.app import app


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["train", *map(str, arguments)])


@pytest.mark.skipif(find_spec("torch") is not None, reason="PyTorch is here: nothing is missing")
def test_without_pytorch_it_says_how_to_get_it(tmp_path: Path) -> None:
    found = call("looks", "--out", tmp_path / "model")
    assert found.exit_code == 2
    assert "python -m pip install torch" in found.output.replace("\n", " ")
    assert not (tmp_path / "model").exists()


def test_it_is_listed_beside_pose() -> None:
    found = call("--help").output
    assert "looks" in found
    assert "pose" in found
