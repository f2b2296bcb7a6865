"""Cameras from the command line: film a shop, show it, and see the pictures in the report."""

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.twin.shops import small_shop
from walkout.cli.app import app
from walkout.recording.reader import open_recording
from walkout.store.folder import pack
from walkout.store.layout import Camera
from walkout.twin import film


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def write_store(folder: Path, cameras: tuple[Camera, ...]) -> Path:
    folder.mkdir()
    for name, data in pack(replace(small_shop(), cameras=cameras)).items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cameras = (
        Camera("front", 0.6, -2.3, 2.6, (0.6, 0.1, 0.8), 150.0, 240, 136, 10.0),
        Camera("side", -0.8, -1.4, 2.4, (1.2, 0.0, 0.9), 150.0, 240, 136, 10.0),
    )
    return write_store(tmp_path_factory.mktemp("film") / "store", cameras)


def test_film_and_report(store: Path, tmp_path: Path) -> None:
    pytest.importorskip("av", reason="filming needs PyAV ('./run extras')")
    to = tmp_path / "film.mcap"
    done = call(
        "twin", "record", "--store", store, "--cameras", "--shoppers", 2, "--minutes", 0.3, "--seed", 4, "--out", to
    )
    assert done.exit_code == 0, done.stderr
    assert "Drawing the shop for 2 cameras" in done.stderr
    assert open_recording(to).cameras() == ("front", "side")
    page = tmp_path / "page.html"
    done = call("report", to, "--out", page)
    assert done.exit_code == 0, done.stderr
    assert "data:image/jpeg" not in page.read_text(), "pictures that are not redacted are asked for by name"
    done = call("report", to, "--out", page, "--pictures")
    assert done.exit_code == 0, done.stderr
    html = page.read_text("utf-8")
    assert "Camera pictures are simulated" in html
    assert html.count("<img ") >= 10
    assert len(html) < 4_000_000


def test_show(store: Path, tmp_path: Path) -> None:
    done = call("twin", "show", "--store", store, "--out", tmp_path / "shop.png")
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "shop.png").read_bytes().startswith(b"\x89PNG")
    assert "simulated" in done.stdout


def test_show_without_cameras_says_so(tmp_path: Path) -> None:
    done = call("twin", "show", "--store", write_store(tmp_path / "store", ()), "--out", tmp_path / "shop.png")
    assert done.exit_code == 0, done.stderr
    assert "has no cameras" in done.stderr


def test_filming_without_cameras_is_refused(tmp_path: Path) -> None:
    to = tmp_path / "film.mcap"
    done = call("twin", "record", "--store", write_store(tmp_path / "store", ()), "--cameras", "--out", to)
    assert done.exit_code == 2
    assert "has no cameras" in done.stderr
    assert not to.exists()


def test_filming_without_pyav_is_refused_by_name(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "h264_available", lambda: False)
    done = call("twin", "record", "--store", store, "--cameras", "--out", tmp_path / "film.mcap")
    assert done.exit_code == 2
    assert "PyAV" in done.stderr
    assert "./run extras" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_labelled_case_is_not_filmed(store: Path, tmp_path: Path) -> None:
    arguments = ("--labels", tmp_path / "labels.json", "--case", "x", "--out", tmp_path / "film.mcap")
    done = call("twin", "record", "--store", store, "--cameras", *arguments)
    assert done.exit_code == 2
    assert "--cameras films free play" in done.stderr
