import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.cli.test_serve import end, serving
from tests.live.rtsp_server import RtspServer
from walkout.cli.app import app
from walkout.cli.eyes import PASSWORD
from walkout.recording.people import PeopleFrame
from walkout.recording.reader import open_recording
from walkout.twin.camera.encode import Encoder

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "sample-store"
CAMERA = ["--camera", "ceiling-1=rtsp://127.0.0.1:1/x"]
pytest.importorskip("av", reason="cameras need PyAV ('./run extras')")
pytest.importorskip("onnxruntime", reason="eyes need ONNX Runtime ('./run extras')")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "found no camera to look through"),
        (["--camera", "door=rtsp://x"], "found the camera 'door', right: one of ceiling-1"),
        (["--camera", "ceiling-1=http://x"], "found no address for the camera 'ceiling-1'"),
        (CAMERA, "No password for 'people' at the broker"),
        ([*CAMERA, "--broker", "http://x"], "found the broker 'http://x', right: mqtt://"),
    ],
)
def test_what_cannot_be_is_refused_in_words(arguments: list[str], words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSWORD, raising=False)
    done = CliRunner().invoke(app, ["eyes", str(SAMPLE), "--broker", "mqtt://127.0.0.1:1", *arguments])
    assert done.exit_code == 2
    assert words in done.output


def test_a_model_that_finds_no_joints_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD, "x")
    done = CliRunner().invoke(
        app, ["eyes", str(SAMPLE), "--broker", "mqtt://127.0.0.1:1", *CAMERA, "--model", "yolox-nano"]
    )
    assert done.exit_code == 2
    assert "gives boxes without joints" in done.output


def test_with_nothing_there_it_looks_for_as_long_as_it_is_told_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "mqtt-people").write_text("secret\n")
    (tmp_path / "secrets" / "cameras").write_text("ceiling-1=rtsp://user:hidden@127.0.0.1:1/x\n")
    told = ["eyes", str(SAMPLE), "--broker", "mqtt://127.0.0.1:1", "--data", str(tmp_path), "--seconds", "1"]
    done = CliRunner().invoke(app, told)
    assert done.exit_code == 0
    assert "looking through ceiling-1 at 127.0.0.1:1; telling 127.0.0.1:1" in done.output
    assert "looked at 0 pictures" in done.output
    assert "hidden" not in done.output


def test_the_twin_and_the_eyes_do_not_both_tell_who_is_there() -> None:
    done = CliRunner().invoke(app, ["serve", str(SAMPLE), "--twin", "60", "--eyes", *CAMERA])
    assert done.exit_code == 2
    assert "right is one of both" in done.output


def test_a_shop_that_is_served_with_eyes_hears_of_people_from_them(tmp_path: Path) -> None:
    encoder = Encoder(64, 48, 10.0, kind="h264")
    film = [part.data for k in range(20) for part in encoder.push(np.full((48, 64, 3), 90 + k, np.uint8), k)]
    camera = RtspServer(film, 10.0)
    child, _ = serving(tmp_path / "data", "--eyes", "--camera", f"ceiling-1={camera.url}")
    journal, found = tmp_path / "data" / "journal", list[PeopleFrame]()
    try:
        deadline = time.monotonic() + 60
        while len(found) < 5:
            assert time.monotonic() < deadline, "nothing was heard of people"
            time.sleep(1.0)
            if any(journal.glob("*.mcap")):
                found = [one for one in open_recording(journal).observations() if isinstance(one, PeopleFrame)]
    finally:
        assert end(child) == 0
        camera.kill()
    assert all(one.people == () and one.source["by"] == "own-pose+refine" for one in found)
    assert [one.seq for one in found] == list(range(len(found)))
