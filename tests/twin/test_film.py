"""The twin's cameras in recordings: same seed same bytes, other streams untouched, and what happens can be seen."""

from contextlib import closing
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av", reason="filming needs PyAV ('./run extras')")

from tests.twin.shops import small_shop
from walkout.recording.camera import CameraFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.reader import open_recording
from walkout.recording.truth import Place, TruthMove
from walkout.recording.video import pictures
from walkout.store.layout import Camera
from walkout.store.shop import Store
from walkout.twin import film as module
from walkout.twin.camera.packaging import Atlas
from walkout.twin.camera.raycast import Backdrop, bake
from walkout.twin.camera.scene import Pinhole, Scene
from walkout.twin.camera.stage import stage, without
from walkout.twin.faults import FAULTS, apply
from walkout.twin.film import Film, FilmError
from walkout.twin.record import record
from walkout.twin.shelves import Shelves
from walkout.twin.show import show
from walkout.twin.suites import suite


def shop() -> Store:
    """Two small cameras, of which one is twice as fast."""
    cameras = (
        Camera("front", 0.6, -2.3, 2.6, (0.6, 0.1, 0.8), 130.0, 192, 108, 5.0),
        Camera("side", -0.8, -1.4, 2.4, (1.2, 0.0, 0.9), 130.0, 192, 108, 10.0),
    )
    return replace(small_shop(), cameras=cameras)


def filmed(path: Path, seed: int = 4, film: bool = True) -> bytes:
    store = shop()
    if not film:
        return record(store, path, shoppers=2, minutes=0.3, seed=seed).read_bytes()
    with closing(Film(store, seed)) as cameras:
        return record(store, path, shoppers=2, minutes=0.3, seed=seed, film=cameras).read_bytes()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mcap"
    filmed(path)
    return path


def test_same_seed_same_bytes(recorded: Path, tmp_path: Path) -> None:
    assert filmed(tmp_path / "again.mcap") == recorded.read_bytes()


def test_a_suite_draws_what_stands_still_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []

    def counted(scene: Scene, camera: Pinhole, atlas: Atlas) -> Backdrop:
        drawn.append(f"{camera}")
        return bake(scene, camera, atlas)

    monkeypatch.setattr(module, "bake", counted)
    plays = list(islice(suite("evader", shop(), seeds=range(1, 2), cameras=True), 2))
    seen = [[o for o in play.observations() if isinstance(o, CameraFrame)] for play in plays]
    assert len(drawn) == len(shop().cameras)
    assert min(map(len, seen)) > 100
    again = next(suite("evader", shop(), seeds=range(1, 2), cameras=True))
    assert [o for o in again.observations() if isinstance(o, CameraFrame)] == seen[0]


def test_the_number_of_cores_changes_nothing(recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert filmed(tmp_path / "again.mcap") == recorded.read_bytes()


def test_other_streams_are_as_without_cameras(recorded: Path, tmp_path: Path) -> None:
    filmed(tmp_path / "blind.mcap", film=False)
    blind, seeing = open_recording(tmp_path / "blind.mcap"), open_recording(recorded)
    assert [repr(item) for item in blind.observations()] == [repr(item) for item in seeing.observations()]
    assert seeing.losses == blind.losses


def test_each_camera_at_its_rate_in_order(recorded: Path) -> None:
    recording = open_recording(recorded)
    assert recording.cameras() == ("front", "side")
    for camera, every_ns in (("front", 200_000_000), ("side", 100_000_000)):
        frames = list(recording.frames([camera]))
        assert {later.t_ns - one.t_ns for one, later in pairwise(frames)} == {every_ns}
        assert all(later.arrived_ns >= one.arrived_ns for one, later in pairwise(frames))
        assert all(50_000_000 < one.arrived_ns - one.t_ns < 400_000_000 for one in frames)
        assert frames[0].keyframe
        assert len(list(pictures(frames))) == len(frames)


def test_a_taken_item_is_gone_from_the_picture(recorded: Path) -> None:
    """What a take leaves empty looks different afterwards, with nobody in the shop."""
    found = [picture.rgb.astype(int) for picture in pictures(open_recording(recorded).frames(["front"]))]
    changed = np.abs(np.mean(found[:4], axis=0) - np.mean(found[-4:], axis=0)).max(axis=2)
    assert (changed > 40).sum() > 5
    assert (changed > 40).mean() < 0.05


@pytest.mark.parametrize("name", ["dropped_messages", "frozen_camera", "network_gap", "clock_jump"])
def test_pictures_under_a_fault_can_all_be_decoded(recorded: Path, name: str) -> None:
    """A decoder makes a picture of each frame that is delivered, and no picture is torn."""
    recording = open_recording(recorded)
    streams: list[PlateBatch | CameraFrame] = [o for o in recording.observations() if isinstance(o, PlateBatch)]
    streams = sorted([*streams, *recording.frames()], key=lambda o: o.arrived_ns)
    delivered = list(apply(FAULTS[name], iter(streams), shop(), 2))
    whole = {(p.camera, p.t_ns): p.rgb for p in pictures(recording.frames())}
    for camera in ("front", "side"):
        frames = [o for o in delivered if isinstance(o, CameraFrame) and o.camera == camera]
        shown = list(pictures(frames))
        assert [picture.t_ns for picture in shown] == [frame.t_ns for frame in frames]
        if name == "frozen_camera" and len({frame.data for frame in frames[-10:]}) == 1:
            assert all(np.array_equal(picture.rgb, shown[-1].rgb) for picture in shown[-10:])
        elif name != "clock_jump":
            assert all(np.array_equal(picture.rgb, whole[camera, picture.t_ns]) for picture in shown)


def moved(source: Place, target: Place, gtin: str, quantity: int = 1) -> TruthMove:
    return TruthMove("m", 0, 1, "p", "take", gtin, quantity, 50.0, source, target)


def test_shelves_follow_the_truth() -> None:
    store = shop()
    full = stage(store)
    facing, other = store.planogram[0], store.planogram[-1]
    own = Place("plates", facing.fixture, facing.shelf, facing.plates)
    wrong = Place("plates", other.fixture, other.shelf, other.plates)
    hands = Place("shopper", shopper="p")
    shelves = Shelves(store, full)
    assert shelves.move(moved(own, hands, facing.gtin)) == without(full, {0: 1})[1]
    assert shelves.scene().boxes == without(full, {0: 1})[0].boxes
    assert shelves.move(moved(own, hands, facing.gtin, 500)) != ()
    assert shelves.scene().boxes == without(full, {0: 10_000})[0].boxes
    strayed = shelves.move(moved(hands, wrong, facing.gtin))
    assert set(strayed) <= set(shelves.scene().boxes)
    assert shelves.move(moved(wrong, hands, facing.gtin)) == strayed
    assert not set(strayed) & set(shelves.scene().boxes)
    assert shelves.move(moved(hands, own, facing.gtin, 1000)) != ()
    assert shelves.scene().boxes == full.scene.boxes
    assert shelves.move(moved(Place("outside"), own, facing.gtin)) == ()


def test_no_cameras_is_refused() -> None:
    with pytest.raises(FilmError, match="has no cameras"):
        Film(replace(shop(), cameras=()), 1)


def test_a_camera_that_cannot_be_drawn_is_refused() -> None:
    blind = Camera("blind", 1.0, 1.0, 1.0, (1.0, 1.0, 1.0), 130.0)
    with pytest.raises(FilmError, match="blind"):
        Film(replace(shop(), cameras=(blind,)), 1)


def test_without_pyav_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "h264_available", lambda: False)
    with pytest.raises(FilmError, match=r"\./run extras"):
        Film(shop(), 1)
    assert show(shop(), 2).startswith(b"\x89PNG")


def test_a_sheet_without_cameras_is_the_plan() -> None:
    assert show(replace(shop(), cameras=()), 2).startswith(b"\x89PNG")
