"""From raw packets in the vault to a redacted clip under the visit's key: shown, stored and forgotten as promised."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("av", reason="clips need PyAV ('./run extras')")
pytest.importorskip("cv2", reason="clips need OpenCV ('./run extras')")

import av

from tests.live.filmed import Played, event, play, record, shop
from tests.live.raw_rules import reaches_raw
from walkout.live.clip import Event, clip_name, make_clips
from walkout.live.clip_view import best_cameras, crop_of, sights_at, view_of
from walkout.live.mp4 import GROUP, fragmented_mp4
from walkout.privacy.backdrop import Backdrop, learn, unknown
from walkout.privacy.redact import HEADS, OTHERS, OWN, WITHHELD, covered
from walkout.privacy.segments import RawPacket
from walkout.privacy.vault import Vault
from walkout.recording.people import PeopleFrame
from walkout.recording.video import pictures
from walkout.store.layout import Camera
from walkout.twin.camera.encode import Encoder

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "walkout"


@pytest.fixture(scope="module")
def played() -> Played:
    """Two shoppers, one after the other, in view of two cameras."""
    return play()


@pytest.fixture(scope="module")
def backdrops(played: Played) -> dict[str, Backdrop]:
    """Learnt as a running shop would: around people."""
    store, (frames, people, _) = shop(), played
    known = {camera.id: unknown(camera.height_px, camera.width_px) for camera in store.cameras}
    views = {camera.id: view_of(camera) for camera in store.cameras}
    for picture in pictures(frames):
        sights = sights_at(people, picture.t_ns) or ()
        known[picture.camera] = learn(known[picture.camera], picture.rgb, covered(views[picture.camera], sights), 30)
    return known


@pytest.fixture
def vault(tmp_path: Path, played: Played) -> Iterator[Vault]:
    frames = played[0]
    with Vault(tmp_path / "data", tmp_path / "secrets", frames[0].t_ns) as opened:
        record(opened, frames)
        yield opened


def decoded(video: bytes) -> list[np.ndarray]:
    with av.open(BytesIO(video), "r") as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_a_clip_is_made_kept_and_comes_back(vault: Vault, played: Played, backdrops: dict[str, Backdrop]) -> None:
    wanted, now_ns = event(played), played[0][-1].t_ns
    made = make_clips(vault, shop().cameras, wanted, played[1], backdrops, now_ns)
    assert len(made) == 2
    assert vault.clips.names("visit-1") == tuple(sorted(one.name for one in made))
    for one in made:
        video, about = vault.clips.get("visit-1", one.name)
        shown = decoded(video)
        assert len(shown) == one.pictures == len(about["t_ns"]) >= 25
        camera = next(camera for camera in shop().cameras if camera.id == one.camera)
        crop = crop_of(camera, wanted.hand, wanted.target)
        assert shown[0].shape == (crop.height_px, crop.width_px, 3)
        assert (about["width"], about["height"]) == (crop.width_px, crop.height_px)
        assert one.withheld < one.pictures
        _wrists_are_where_the_tracker_had_them(about, camera, wanted, played[1], shown)
        for k in about["withheld"]:
            assert np.abs(shown[k].astype(int) - WITHHELD).max() < 12
    drafts = [len(vault.clips.get("visit-1", one.name)[1]["wrists"]) for one in made]
    assert max(drafts) > 3, drafts
    assert best_cameras(shop().cameras, wanted.hand, wanted.head, 1)[0].id == made[0].camera


def _wrists_are_where_the_tracker_had_them(
    about: dict[str, Any], camera: Camera, wanted: Event, people: list[PeopleFrame], shown: list[np.ndarray]
) -> None:
    """Each is a wrist of whoever the clip is about, as projected; and none lies on what is filled."""
    view = view_of(camera, crop_of(camera, wanted.hand, wanted.target))
    for picture, name, x_px, y_px, side_px in about["wrists"]:
        assert picture not in about["withheld"]
        assert (x_px <= about["width"], y_px <= about["height"], side_px > 3.0) == (True, True, True)
        sights = sights_at(people, about["t_ns"][picture]) or ()
        own = [s.joints[name] for s in sights if s.id == wanted.person and not s.age_s]
        column, row, _ = view.pixel(tuple(np.mean(own, axis=0).tolist()))
        assert np.hypot(column - view.left_px - x_px, row - view.top_px - y_px) < 0.2
        pixel = shown[picture][min(int(y_px), about["height"] - 1), min(int(x_px), about["width"] - 1)].astype(int)
        assert min(np.abs(pixel - fill).max() for fill in (HEADS, OWN, OTHERS)) > 2
    assert len({(picture, name) for picture, name, *_ in about["wrists"]}) == len(about["wrists"])


def test_heads_are_flat_in_what_a_browser_gets(vault: Vault, played: Played, backdrops: dict[str, Backdrop]) -> None:
    """After encoding, encryption and decoding: around each head in the picture, no more than the fill's colours."""
    wanted, people = event(played), played[1]
    make_clips(vault, shop().cameras, wanted, people, backdrops, played[0][-1].t_ns)
    looked = 0
    for name in vault.clips.names("visit-1"):
        video, about = vault.clips.get("visit-1", name)
        camera = next(camera for camera in shop().cameras if camera.id == about["camera"])
        crop = crop_of(camera, wanted.hand, wanted.target)
        for rgb, t_ns in zip(decoded(video), about["t_ns"], strict=True):
            for sight in sights_at(people, t_ns) or ():
                column, row, _ = view_of(camera).pixel(sight.joints["head"]) if "head" in sight.joints else (-1, -1, 0)
                row, column = int(row - crop.top_px), int(column - crop.left_px)
                if 3 <= row < crop.height_px - 3 and 3 <= column < crop.width_px - 3:
                    looked += 1
                    patch = rgb[row - 2 : row + 3, column - 2 : column + 3].astype(int)
                    assert (patch.max(axis=(0, 1)) - patch.min(axis=(0, 1))).max() < 16
                    assert patch.max() < 70
    assert looked > 20


def test_a_clip_without_a_backdrop_or_a_tracker_shows_nothing(vault: Vault, played: Played) -> None:
    made = make_clips(vault, shop().cameras, event(played), [], {}, played[0][-1].t_ns, 1)
    assert made[0].withheld == made[0].pictures
    assert made[0].why == ("the tracker said nothing at that time",)


def test_nothing_in_clear_is_on_the_disk_and_an_erased_visit_leaves_nothing(
    vault: Vault, played: Played, backdrops: dict[str, Backdrop], tmp_path: Path
) -> None:
    wanted = event(played)
    make_clips(vault, shop().cameras, wanted, played[1], backdrops, played[0][-1].t_ns)
    video, _ = vault.clips.get("visit-1", vault.clips.names("visit-1")[0])
    marks = [video[len(video) // 2 :][:64], *(frame.data[60:124] for frame in played[0] if len(frame.data) > 200)]
    marks += [b"visit-1", wanted.person.encode()]
    held = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not any(mark in held for mark in marks)
    assert vault.erase("visit-1", played[0][-1].t_ns).files == 2
    assert list((tmp_path / "data" / "clips").rglob("*.clip")) == []
    assert make_clips(vault, shop().cameras, wanted, played[1], backdrops, 0) != ()


def test_raw_video_that_is_gone_makes_no_clip(vault: Vault, played: Played, backdrops: dict[str, Backdrop]) -> None:
    for key in [key for key in vault.keys.all() if key.purpose == "raw"]:
        vault.keys.destroy_id(key.id, "retention")
    assert make_clips(vault, shop().cameras, event(played), played[1], backdrops, 0) == ()


def test_any_picture_is_a_few_pictures_from_one_that_decodes_alone() -> None:
    rng = np.random.default_rng(1)
    times = [k * 100_000_000 + (7_000_000 if k == 3 else 0) for k in range(23)]
    video = fragmented_mp4([rng.integers(0, 255, (64, 96, 3), dtype=np.uint8) for _ in times], times)
    assert b"moof" in video
    with av.open(BytesIO(video), "r") as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        alone = [k for k, packet in enumerate(packets) if packet.is_keyframe]
        seconds = [float(packet.pts * packet.time_base) for packet in packets if packet.pts and packet.time_base]
    assert alone == list(range(0, 23, GROUP))
    assert seconds[2] == pytest.approx(0.307, abs=0.001)


def magenta(rgb: np.ndarray) -> int:
    """Pixels of the marker's colour, as far as compression leaves it."""
    red, green, blue = (rgb[..., k].astype(int) for k in range(3))
    return int(((red > 140) & (blue > 140) & (green < 100)).sum())


def test_a_marker_that_one_wears_is_not_in_the_others_clip(
    played: Played, backdrops: dict[str, Backdrop], tmp_path: Path
) -> None:
    """The one the clip is not about wears a magenta patch on the chest, painted in before encoding and encryption."""
    wanted, (frames, people, _) = event(played), played
    cameras = {camera.id: camera for camera in shop().cameras}
    worn = dict.fromkeys(cameras, 0)
    with Vault(tmp_path / "data", tmp_path / "secrets", frames[0].t_ns) as vault:
        for name, camera in cameras.items():
            writer, encoder = vault.raw_writer(name), Encoder(camera.width_px, camera.height_px, 5.0, kind="h264")
            crop = crop_of(camera, wanted.hand, wanted.target)
            for picture in pictures(frame for frame in frames if frame.camera == name):
                rgb = picture.rgb.copy()
                now = min(people, key=lambda one: abs(one.t_ns - picture.t_ns))
                for other in (
                    person for person in now.people if person.id != wanted.person and "neck" in person.joints
                ):
                    neck = other.joints["neck"]
                    column, row, depth = view_of(camera).pixel((neck.x_m, neck.y_m, neck.z_m - 0.2))
                    if depth > 0.5:
                        row, column = max(int(row), 0), max(int(column), 0)
                        rgb[max(row - 4, 0) : row + 5, max(column - 4, 0) : column + 5] = (255, 0, 255)
                part = rgb[crop.top_px : crop.top_px + crop.height_px, crop.left_px : crop.left_px + crop.width_px]
                worn[name] += magenta(part) > 20 and abs(picture.t_ns - wanted.t_ns) < 3_000_000_000
                for coded in encoder.push(rgb, picture.t_ns):
                    writer.write(RawPacket(coded.t_ns, coded.keyframe, coded.data), coded.t_ns)
            writer.close()
        made = make_clips(vault, shop().cameras, wanted, people, backdrops, frames[-1].t_ns)
        shown = [rgb for one in made for rgb in decoded(vault.clips.get("visit-1", one.name)[0])]
    assert sum(worn.values()) >= 5, "nobody else was in the picture: this test shows nothing"
    assert len(shown) > 40
    assert [magenta(rgb) for rgb in shown if magenta(rgb)] == []


def test_no_page_can_reach_a_picture_as_it_was_taken() -> None:
    """But one: the page of two people who break the glass, and it has only what `live/break_glass.py` gives it."""
    pages = sorted((PACKAGE / "web").rglob("*.py"))
    assert pages
    assert [page.name for page in pages if reaches_raw(page)] == []


def test_a_page_that_takes_frames_from_memory_or_keys_of_raw_video_is_found(tmp_path: Path) -> None:
    """Planted pages."""
    page = tmp_path / "page.py"
    for text in (
        "def f(shop):\n    return shop.watch.alone\n",
        "def f(vault):\n    return vault.raw_keys('c', 0, 1)\n",
    ):
        page.write_text(text)
        assert reaches_raw(page), text
    page.write_text("def f(shop):\n    return shop.clips.work.waiting\n")
    assert not reaches_raw(page)


def test_an_event_of_a_running_shop_gives_a_file_that_may_be(tmp_path: Path) -> None:
    """Its id has a slash and an at-sign; what may be named as it is keeps its name."""
    assert clip_name("m1", "front") == "m1.front"
    events = ["snacks/1/2@1790000000.123", "snacks_1_2@1790000000.123", "@x", "g" * 300, "g" * 301, ""]
    names = [clip_name(one, "c" * 64) for one in events]
    assert len(set(names)) == len(names)
    with Vault(tmp_path / "data", tmp_path / "secrets", 1) as vault:
        for name in names:
            vault.clips.put("v", name, b"", {}, 1)
        assert vault.clips.names("v") == tuple(sorted(names))
