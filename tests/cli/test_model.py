"""Models of others from the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from walkout.cli.app import app
from walkout.sensing.vision import registry
from walkout.sensing.vision.registry import Entry, FetchError


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["model", *map(str, arguments)])


def test_the_list_names_licence_and_whether_it_is_there(tmp_path: Path) -> None:
    rows = json.loads(call("list", "--into", tmp_path, "--json").stdout)
    assert [row["name"] for row in rows] == ["yolox-nano"]
    assert rows[0]["licence"] == "Apache-2.0"
    assert rows[0]["present"] is False
    assert "not fetched" in call("list", "--into", tmp_path).stdout


def test_an_unknown_model_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    done = call("fetch", "yolov8", "--into", tmp_path)
    assert done.exit_code == 2
    assert "there are yolox-nano" in done.stderr


def test_the_licence_is_shown_and_the_path_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fetched(one: Entry, into: Path, _report: object) -> Path:
        return registry.place(one, into)

    monkeypatch.setattr(registry, "fetch", fetched)
    done = call("fetch", "yolox-nano", "--into", tmp_path)
    assert done.exit_code == 0
    assert "Licence: Apache-2.0" in done.stderr
    assert done.stdout.strip() == str(tmp_path / "yolox-nano.onnx")


def test_a_failed_fetch_is_status_two(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def failed(*_: object) -> Path:
        raise FetchError("no such host")

    monkeypatch.setattr(registry, "fetch", failed)
    done = call("fetch", "yolox-nano", "--into", tmp_path)
    assert done.exit_code == 2
    assert "no such host" in done.stderr
