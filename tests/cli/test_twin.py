"""`walkout twin` from the command line: looks at hands, and a start without what it does not need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.twin.shops import small_shop
from walkout.cli.app import app
from walkout.recording.look import Look
from walkout.recording.reader import open_recording
from walkout.recording.truth import TruthNote
from walkout.recording.truth_reader import truth_of
from walkout.store.folder import pack


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("twin") / "store"
    folder.mkdir()
    for name, data in pack(small_shop()).items():
        (folder / name).write_bytes(data)
    return folder


def recorded(store: Path, to: Path, *more: object) -> list[Look]:
    """The looks of a short recording."""
    done = call("twin", "record", "--store", store, "--shoppers", 2, "--minutes", 0.3, "--seed", 5, "--out", to, *more)
    assert done.exit_code == 0, done.stderr
    return [o for o in open_recording(to).observations() if isinstance(o, Look)]


def test_looks_are_recorded_where_they_are_asked_for(store: Path, tmp_path: Path) -> None:
    assert recorded(store, tmp_path / "without.mcap") == []
    certain = recorded(store, tmp_path / "certain.mcap", "--looks", 0)
    assert len(certain) >= 2
    assert all(max(look.likelihoods.values()) == 1.0 for look in certain)
    unsure = recorded(store, tmp_path / "unsure.mcap", "--looks", 0.5)
    assert [(look.t_ns, look.fixture, look.shelf) for look in unsure] == [
        (look.t_ns, look.fixture, look.shelf) for look in certain
    ]
    assert any(0.0 < max(look.likelihoods.values()) < 1.0 for look in unsure)
    notes = [t for t in truth_of(open_recording(tmp_path / "unsure.mcap")) if isinstance(t, TruthNote)]
    assert TruthNote("looks_confusion", "0.5") in notes


def test_a_recording_with_looks_is_replayed_and_scored(store: Path, tmp_path: Path) -> None:
    recorded(store, tmp_path / "looks.mcap", "--looks", 0.2)
    for command in ("replay", "score"):
        done = call(command, tmp_path / "looks.mcap", "--json")
        assert done.exit_code == 0, done.stderr


def test_a_negative_confusion_is_refused(store: Path, tmp_path: Path) -> None:
    done = call("twin", "record", "--store", store, "--looks", -1, "--out", tmp_path / "x.mcap")
    assert done.exit_code == 2
    assert not (tmp_path / "x.mcap").exists()


def test_recording_loads_nothing_that_decides() -> None:
    """Solvers and their compilers take half a second at the start of every command."""
    loaded = "import sys, walkout.cli.twin; print([m for m in sys.modules if m.startswith('walkout.')])"
    env = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src")}
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True, env=env)
    rooms = {name.split(".")[1] for name in done.stdout.strip("[]\n").replace("'", "").split(", ")}
    assert "twin" in rooms
    assert rooms.isdisjoint({"sensing", "inference", "evaluation", "live", "checkout"})
