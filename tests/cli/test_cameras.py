"""`walkout cameras`: from pictures of boards and from marks to a store folder that loads."""

from pathlib import Path

import numpy as np
import orjson
import pytest
from scipy.spatial.transform import Rotation
from typer.testing import CliRunner, Result

from tests.sensing.vision.scene import LENSES, ROOM
from walkout.cli.app import app
from walkout.sensing.vision.boards import Board, on_floor
from walkout.sensing.vision.lens import Lens
from walkout.store.folder import load, pack

cv2 = pytest.importorskip("cv2", reason="needs OpenCV: ./run extras installs it")
BOARD = Board(7, 5, 0.3, 0.22)
"""Large, so that cameras at the ceiling can read its markers in small pictures."""


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    for name, data in pack(ROOM).items():
        (folder / name).write_bytes(data)
    return folder


def draw(folder: Path, camera: str, instant: str, rotation: np.ndarray, origin: np.ndarray) -> None:
    sheet = BOARD.made().generateImage((1050, 750))
    corners = np.array([[0, 0, 0], [2.1, 0, 0], [2.1, 1.5, 0], [0, 1.5, 0]]) @ rotation.T + origin
    there = 4 * LENSES[camera].project(corners)[0] - 0.5
    here = np.array([[0, 0], [1050, 0], [1050, 750], [0, 750]], float) - 0.5
    warp = cv2.getPerspectiveTransform(here.astype(np.float32), there.astype(np.float32))
    folder.mkdir(exist_ok=True)
    fine = cv2.warpPerspective(sheet, warp, (2560, 1440), flags=cv2.INTER_LINEAR, borderValue=127)
    picture = cv2.resize(fine, (640, 360), interpolation=cv2.INTER_AREA)
    assert cv2.imwrite(str(folder / f"{instant}.png"), picture)


def test_boards_give_a_store_with_cameras(store: Path, tmp_path: Path) -> None:
    flat, start = on_floor(1.5, 3.2, 0.0)
    rng = np.random.default_rng(8)
    for k in range(10):
        rotation = flat if k == 0 else Rotation.from_rotvec(rng.uniform(-0.4, 0.4, 3)).as_matrix() @ flat
        origin = start if k == 0 else np.array([1.5, 3.2, 0.6]) + rng.uniform(-0.3, 0.3, 3)
        for camera in ("c0", "c1"):
            draw(tmp_path / camera, camera, "floor" if k == 0 else f"t{k}", rotation, origin)
    arguments = [store, f"c0={tmp_path / 'c0'}", f"c1={tmp_path / 'c1'}", "--floor", "floor=1.5,3.2,0"]
    arguments += ["--across", 7, "--down", 5, "--square", 0.3, "--marker", 0.22]
    done = call("cameras", "boards", *arguments, "--save", "--json")
    assert done.exit_code == 0, done.stderr + done.stdout
    assert all(row["rms_px"] < 0.6 for row in orjson.loads(done.stdout)["fit"])
    for found, true in zip(load(store).cameras[:2], ROOM.cameras[:2], strict=True):
        assert (found.x_m, found.y_m, found.z_m) == pytest.approx((true.x_m, true.y_m, true.z_m), abs=0.1)
        points = np.array([[2.0, 2.5, 0.0], [2.5, 2.5, 1.0], [2.2, 2.8, 1.7]])
        assert Lens.of(found).project(points)[0] == pytest.approx(Lens.of(true).project(points)[0], abs=3.0)
    assert (store / "store.yaml.old").exists()


def test_marks_on_the_floor_give_a_camera_and_edges_can_be_looked_at(store: Path, tmp_path: Path) -> None:
    rows = ["camera,x_m,y_m,z_m,column,row"]
    for x in (1.0, 2.5, 4.0):
        for y in (1.2, 2.5, 4.0):
            u, v = LENSES["c2"].project(np.array([x, y, 0.0]))[0]
            rows.append(f"c2,{x},{y},0,{u:.1f},{v:.1f}")
    marks = tmp_path / "marks.csv"
    marks.write_text("\n".join(rows))
    done = call("cameras", "floor", store, marks, "--save", "--json")
    assert done.exit_code == 0, done.stderr
    found = load(store).cameras[2]
    assert (found.x_m, found.y_m, found.z_m) == pytest.approx((5.0, 5.0, 2.7), abs=0.05)
    picture = tmp_path / "empty.png"
    cv2.imwrite(str(picture), np.full((360, 640, 3), 90, np.uint8))
    assert call("cameras", "show", store, "c2", picture, "--out", tmp_path / "e.svg").exit_code == 0
    assert "edge floor" in (tmp_path / "e.svg").read_text()
    assert "no camera 'c9'" in call("cameras", "show", store, "c9", picture).stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("camera,x_m,y_m,z_m,column,row\nc0,1,,0,3,4\n", "line 2: no y_m"),
        ("camera,x_m,y_m,z_m,column,row\n", "has no marks"),
        ("camera,x_m,y_m,z_m,column,row\nc0,1,1,0,3,4\n", "1 points; right is 5"),
    ],
    ids=["a gap", "empty", "too few"],
)
def test_marks_that_say_too_little_are_refused(store: Path, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "marks.csv").write_text(text)
    done = call("cameras", "floor", store, tmp_path / "marks.csv")
    assert done.exit_code == 2
    assert said in done.stderr.replace("\n", " ")
