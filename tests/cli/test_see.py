"""`walkout see` on a recording of pictures in which each joint is a square of its own colour."""

from itertools import product
from pathlib import Path

import numpy as np
import orjson
import pytest
from typer.testing import CliRunner, Result

from tests.sensing.vision.scene import LENSES, ROOM, START_NS, STEP_NS, body
from walkout.cli import see
from walkout.cli.app import app
from walkout.recording.camera import CameraFrame
from walkout.recording.gate import GateEvent
from walkout.recording.people import PeopleFrame
from walkout.recording.reader import open_recording
from walkout.recording.truth import TruthNote
from walkout.recording.truth_reader import truth_of
from walkout.recording.video import jpeg, video_available
from walkout.recording.writer import RecordingWriter
from walkout.sensing.vision.persons import Persons
from walkout.sensing.vision.two_looks import TwoLooks
from walkout.store.folder import pack

pytestmark = pytest.mark.skipif(not video_available(), reason="needs PyAV: ./run extras installs it")
COLOURS = np.array(list(product((20, 235), repeat=3)), float)
"""One for each of the eight joints."""


class Squares:
    """Finds the one person by the colours of the squares."""

    name = "squares"

    def __init__(self, model: Path | None = None) -> None:
        del model

    def __call__(self, rgb: np.ndarray) -> Persons:
        keys = np.full((1, 8, 3), np.nan, np.float32)
        keys[:, :, 2] = 0.0
        rows, columns = np.nonzero((np.abs(rgb.astype(np.int16) - 128) > 60).all(axis=2))
        code = (rgb[rows, columns] > 128) @ [4, 2, 1]
        for k in range(8):
            if (code == k).sum() > 20:
                keys[0, k] = (columns[code == k].mean() + 0.5, rows[code == k].mean() + 0.5, 0.9)
        if np.isfinite(keys[0, :, 0]).sum() < 3:
            return Persons.none(rgb.shape[1], rgb.shape[0])
        low, high = np.nanmin(keys[0, :, :2], axis=0), np.nanmax(keys[0, :, :2], axis=0)
        box = np.concatenate([low, high])[None].astype(np.float32)
        return Persons.of(rgb.shape[1], rgb.shape[0], box, np.full(1, 0.9, np.float32), keys)


def place(k: int) -> np.ndarray:
    return body(2.5, min(0.6 + 0.07 * k, 2.5), np.pi / 2)


def recorded(path: Path, origin: str = "simulated") -> Path:
    with RecordingWriter(path, store_files=pack(ROOM), origin=origin, store="room") as writer:  # type: ignore[arg-type]
        writer.write(GateEvent(START_NS, START_NS, "door", "entry", "v1", "p1", "given"))
        writer.write(TruthNote("seed", "7"))
        writer.write(TruthNote("identity_swap", "0 a b"))
        for k in range(16):
            t_ns = START_NS + k * STEP_NS
            writer.write(PeopleFrame(t_ns, t_ns, (), k))
            for camera, lens in LENSES.items():
                picture = np.full((360, 640, 3), 128, np.uint8)
                pixels, _ = lens.project(place(k))
                for (u, v), colour in zip(pixels, COLOURS, strict=True):
                    if 8 < u < 632 and 8 < v < 352:
                        picture[int(v) - 4 : int(v) + 5, int(u) - 4 : int(u) + 5] = colour
                writer.write(CameraFrame(camera, t_ns, t_ns, "jpeg", jpeg(picture, 640, 360, 2)))
    return path


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def squares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TwoLooks, "packaged", Squares)


@pytest.mark.usefixtures("squares")
def test_pictures_become_people_a_page_and_a_recording(tmp_path: Path) -> None:
    source, page, other = recorded(tmp_path / "a.mcap"), tmp_path / "a.html", tmp_path / "b.mcap"
    done = call("see", source, "--out", page, "--write", other, "--shots", 3, "--json")
    assert done.exit_code == 0, done.stderr
    figures = orjson.loads(done.stdout)
    assert (figures["people"], figures["most_at_once"], figures["pictures"]) == (1, 1, dict.fromkeys(LENSES, 16))
    text = page.read_text("utf-8")
    assert text.count("data:image/jpeg") == 3 * 4
    assert "http://" not in text.replace("http://www.w3.org", "")
    again = open_recording(other)
    assert again.notes["people"] == "seen by squares through 4 cameras"
    told = [o for o in again.observations() if isinstance(o, PeopleFrame)]
    last = told[-1].people[0].joints["head"]
    true = place(round((told[-1].t_ns - START_NS) / STEP_NS))[0]
    assert np.linalg.norm(np.array([last.x_m, last.y_m, last.z_m]) - true) < 0.06
    (gate,) = [o for o in again.observations() if isinstance(o, GateEvent)]
    assert gate.person == told[-1].people[0].id
    assert [t.name for t in truth_of(again) if isinstance(t, TruthNote)] == ["seed"]
    assert len(list(again.frames())) == 64
    assert again.store_files == open_recording(source).store_files


@pytest.mark.usefixtures("squares")
def test_the_same_call_gives_the_same_bytes_and_no_picture_of_real_people(tmp_path: Path) -> None:
    source = recorded(tmp_path / "a.mcap", "real")
    for name in ("one", "two"):
        assert call("see", source, "--out", tmp_path / f"{name}.html", "--seconds", 0.8).exit_code == 0
    one, two = ((tmp_path / f"{name}.html").read_bytes() for name in ("one", "two"))
    assert one == two
    assert b"data:image" not in one
    assert see.HIDDEN.encode() in one


@pytest.mark.usefixtures("squares")
def test_what_cannot_be_seen_is_refused_in_words(tmp_path: Path) -> None:
    source = recorded(tmp_path / "a.mcap")
    assert "--out" in call("see", source).stderr
    assert "no pictures" in call("see", source, "--out", tmp_path / "a.html", "--from", 99).stderr
    with RecordingWriter(tmp_path / "none.mcap", store_files=pack(ROOM), origin="simulated") as writer:
        writer.write(TruthNote("seed", "7"))
    done = call("see", tmp_path / "none.mcap", "--out", tmp_path / "a.html")
    assert (done.exit_code, "has no cameras" in done.stderr) == (2, True)
    assert not (tmp_path / "a.html").exists()
