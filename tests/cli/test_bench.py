"""The benches from the command line: they are listed, and take only the options that they know."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from walkout.cli.app import app


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["bench", *map(str, arguments)])


def test_benches_are_listed_by_the_names_that_call_them() -> None:
    found = json.loads(call("list", "--json").stdout)
    assert found == sorted(found)
    assert {"aifi-dev", "published-failures", "winner", "evader"} <= set(found)
    assert not [name for name in found if name.startswith("_") or "_" in name]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(("no-such",), "There is no bench 'no-such'", id="unknown"),
        pytest.param(("plates", "--seeds", "1..2"), "Bench 'plates' takes no seeds", id="an option it has not"),
        pytest.param(("evader", "--seeds", "2..1"), "the smaller first", id="seeds"),
        pytest.param(("aifi-real",), "name the folder of CSVs", id="no folder"),
        pytest.param(("evader", "somewhere"), "takes no folder", id="a folder it has not"),
    ],
)
def test_what_is_wrong_is_said(arguments: tuple[str, ...], words: str) -> None:
    done = call(*arguments)
    assert done.exit_code == 2
    assert words in done.stderr


def test_real_data_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = call("aifi-dev", "--data", tmp_path)
    assert done.exit_code == 2
    assert "needs a file that is not here" in done.stderr.replace("\n", " ")
