import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from walkout.sensing.vision.boards import Board, Finder, Shown, on_floor
from walkout.sensing.vision.bundle import BundleError, bundle
from walkout.sensing.vision.lens import Lens
from walkout.store.layout import Camera

cv2 = pytest.importorskip("cv2", reason="needs OpenCV: ./run extras installs it")

BOARD = Board(9, 6, 0.1, 0.075)
BENT = (-0.22, 0.06, 0.0, 0.0, 0.0)
CAMERAS = {
    "a": Camera("a", 0.0, 0.0, 2.7, (1.6, 1.6, 0.4), 450.0, distortion=BENT, roll_deg=3.0),
    "b": Camera("b", 3.2, 0.0, 2.7, (1.5, 1.6, 0.4), 430.0, centre_px=(326.0, 176.0)),
    "c": Camera("c", 1.6, 3.4, 2.7, (1.6, 1.4, 0.4), 470.0),
}
LENSES = {name: Lens.of(camera) for name, camera in CAMERAS.items()}
SIZES = dict.fromkeys(CAMERAS, (640, 360))
FLOOR = on_floor(1.1, 1.9, 20.0)


def poses() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The board on the floor, and held up in six ways in the middle."""
    rng = np.random.default_rng(4)
    held = {"floor": FLOOR}
    for k in range(6):
        tilt = Rotation.from_rotvec(rng.uniform(-0.5, 0.5, 3)).as_matrix()
        held[f"t{k}"] = (tilt @ FLOOR[0], np.array([1.2, 1.9, 0.5]) + rng.uniform(-0.5, 0.5, 3) * [1, 1, 0.8])
    return held


def shown(noise_px: float, cameras: str = "abc") -> list[Shown]:
    rng, corners, found = np.random.default_rng(2), BOARD.corners_m(), []
    for instant, (rotation, origin) in poses().items():
        for name in cameras:
            points = corners @ rotation.T + origin
            ids = np.flatnonzero(LENSES[name].sees(points, 4.0))
            if len(ids) >= 8:
                pixels = LENSES[name].project(points[ids])[0] + noise_px * rng.standard_normal((len(ids), 2))
                found.append(Shown(name, instant, ids, pixels))
    return found


def test_three_cameras_and_their_lenses_come_out_of_boards() -> None:
    fitted = bundle(shown(0.2), BOARD, {"floor": FLOOR}, SIZES)
    assert [one.camera.id for one in fitted] == ["a", "b", "c"]
    for one in fitted:
        true = CAMERAS[one.camera.id]
        assert (one.camera.x_m, one.camera.y_m, one.camera.z_m) == pytest.approx(
            (true.x_m, true.y_m, true.z_m), abs=0.03
        )
        assert one.rms_px < 0.35
        assert one.rms_cm < 0.3
        points = np.array([[1.5, 1.5, 0.2], [1.8, 1.7, 1.0], [1.2, 1.9, 0.0]])
        assert Lens.of(one.camera).project(points)[0] == pytest.approx(
            LENSES[one.camera.id].project(points)[0], abs=2.0
        )


def drawn(camera: str, rotation: np.ndarray, origin: np.ndarray) -> np.ndarray:
    """A camera's picture of the board alone, without distortion."""
    sheet = BOARD.made().generateImage((900, 600))
    lens = LENSES[camera]
    corners = np.array([[0, 0, 0], [0.9, 0, 0], [0.9, 0.6, 0], [0, 0.6, 0]]) @ rotation.T + origin
    there = lens.project(corners)[0] - 0.5
    here = np.array([[0, 0], [900, 0], [900, 600], [0, 600]], float) - 0.5
    warp = cv2.getPerspectiveTransform(here.astype(np.float32), there.astype(np.float32))
    grey = cv2.warpPerspective(sheet, warp, (640, 360), flags=cv2.INTER_LINEAR, borderValue=127)
    return np.repeat(grey[:, :, None], 3, axis=2)


def test_a_drawn_board_is_found_where_it_is() -> None:
    lens = LENSES["b"]
    right, down, forward = lens.axes
    rotation = lens.axes.T @ Rotation.from_rotvec([0.3, -0.2, 0.1]).as_matrix()
    origin = lens.at_m + 1.1 * forward - 0.45 * right - 0.3 * down
    found = Finder(BOARD).find("b", "near", drawn("b", rotation, origin))
    assert found is not None
    assert len(found.ids) >= 30
    true = lens.project(BOARD.corners_m()[found.ids] @ rotation.T + origin)[0]
    assert np.abs(found.pixels - true).mean() < 0.3
    assert Finder(BOARD).find("b", "none", np.full((360, 640, 3), 127, np.uint8)) is None


@pytest.mark.parametrize(
    ("given", "known", "said"),
    [
        (lambda: shown(0.1)[:5], {"floor": FLOOR}, "right is 4 or more"),
        (lambda: shown(0.1), {}, "no picture shows the board where its place is known"),
        (
            lambda: [*shown(0.1, "a"), *(Shown("b", f"x{s.instant}", s.ids, s.pixels) for s in shown(0.1, "b"))],
            {"floor": FLOOR},
            "cameras b: they share no picture",
        ),
    ],
    ids=["too few", "nothing known", "not together"],
)
def test_what_cannot_be_said_is_refused(given, known, said) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(BundleError, match=said):
        bundle(given(), BOARD, known, SIZES)


@pytest.mark.parametrize("board", [Board(markers="NONE"), Board(marker_m=0.05), Board(across=1)], ids=str)
def test_a_board_that_cannot_be_printed_is_refused(board: Board) -> None:
    with pytest.raises(ValueError, match="right"):
        board.made()
