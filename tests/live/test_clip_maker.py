"""The process's own work: backdrops from empty pictures only, and clips out of journal and raw video, or why not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av", reason="clips need PyAV ('./run extras')")
pytest.importorskip("cv2", reason="clips need OpenCV ('./run extras')")

from tests.live.filmed import event, gates, play, record, shop
from tests.live.test_clip import decoded
from walkout.live.clip import AROUND_NS
from walkout.live.clip_maker import (
    EMPTY,
    GONE,
    HIDDEN,
    NO_REACH,
    SILENT,
    UNSEEN,
    WITHHELD,
    Happening,
    Look,
    Maker,
    Setting,
    Wanted,
    event_of,
)
from walkout.live.clip_view import crop_of, view_of
from walkout.live.journal import Journal
from walkout.privacy.keys import DataKey
from walkout.privacy.redact import CHANGED, HEADS, OTHERS, OWN
from walkout.privacy.vault import Vault
from walkout.recording.people import PeopleFrame, Person

S = 10**9


def happening() -> Happening:
    """The first take while both are inside, as a scale tells of it: a moment after the hand."""
    made = event(play())
    return Happening("snacks/1/2@7.25", made.t_ns, made.t_ns + S // 2, made.target, -52.0)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    frames, people, _ = play()
    with Vault(tmp_path / "data", tmp_path / "secrets", frames[0].t_ns) as opened:
        record(opened, frames)
        journal = Journal(tmp_path / "journal", store_files={"store.yaml": b"x"}, origin="simulated", store="x")
        journal.append(sorted([*people, *gates()], key=lambda one: one.arrived_ns))
        yield opened
        journal.close()


@pytest.fixture
def setting(vault: Vault, tmp_path: Path) -> Setting:
    return Setting(shop().cameras, shop().gates, str(tmp_path / "journal"), str(vault.raw_folder))


def wanted(vault: Vault, *asked: Happening, most: int = 1) -> Wanted:
    asked = asked or (happening(),)
    keys: dict[str, DataKey] = {}
    for one in asked:
        for camera in ("front", "side"):
            found = vault.raw_keys(camera, one.start_ns - 2 * AROUND_NS, one.end_ns + 2 * AROUND_NS)
            keys |= {key.id: key for key in found}
    entered_ns = play()[1][0].t_ns
    return Wanted((event(play()).person,), entered_ns, asked, tuple(keys.values()), 2, most)


def looks(people: list[PeopleFrame] | None = None) -> list[Look]:
    """Every keyframe with the people around it."""
    frames, told, _ = play()
    told = told if people is None else people
    return [
        Look(one.camera, one.t_ns, one.data, tuple(f for f in told if abs(f.t_ns - one.t_ns) <= 3 * S))
        for one in frames
        if one.keyframe
    ]


def learnt(setting: Setting) -> Maker:
    maker = Maker(setting)
    for look in looks():
        maker.look(look)
    return maker


def test_a_backdrop_is_learnt_from_pictures_with_nobody_in_them_and_no_others(setting: Setting) -> None:
    maker, told = Maker(setting), {frame.t_ns: frame for frame in play()[1]}
    empty = dict.fromkeys(("front", "side"), 0)
    share = dict.fromkeys(("front", "side"), 0.0)
    for look in looks():
        found = maker.look(look)
        now = told[min(told, key=lambda t_ns: abs(t_ns - look.t_ns))]
        if now.people and any(p.joints and abs(p.joints["head"].y_m) < 1.0 for p in now.people if "head" in p.joints):
            assert not found.empty, "somebody stands before the shelf"
        empty[look.camera] += found.empty
        assert (found.share > 0.0) == (empty[look.camera] >= 3), "what one or two pictures show is not believed"
        share[look.camera] = found.share
    assert min(empty.values()) >= 3
    assert min(share.values()) > 0.97


def test_where_the_tracker_is_silent_nothing_is_learnt(setting: Setting) -> None:
    """A planted leak: pictures with people in them, and nobody who says so."""
    maker = Maker(setting)
    assert [maker.look(look).empty for look in looks([])] == [False] * len(looks())
    stale = [frame for frame in play()[1] if not frame.people][:1]
    assert not any(maker.look(look).empty for look in looks(stale))


def test_clips_of_a_happening_are_made_from_what_is_on_the_disk(setting: Setting, vault: Vault) -> None:
    maker = learnt(setting)
    answer = maker.make(wanted(vault))
    assert (answer.why, answer.later, answer.read) == ("", False, True)
    assert {clip.made.camera for clip in answer.clips} == {"front", "side"}
    assert answer.cpu_s > 0.0
    for clip in answer.clips:
        vault.clips.put("v", clip.made.name, clip.video, clip.about, 1)
        assert clip.about["event"] == happening().event
        assert len(decoded(clip.video)) == clip.made.pictures >= 25
        assert clip.made.withheld < clip.made.pictures / 2
    shown = [np.ptp(picture.astype(int), axis=(0, 1)).max() for picture in decoded(answer.clips[0].video)]
    assert max(shown) > 60, "something of the shop is to be seen"


def test_before_a_place_was_seen_empty_raw_video_is_not_even_read(setting: Setting, vault: Vault) -> None:
    answer = Maker(setting).make(wanted(vault))
    assert (answer.clips, answer.why, answer.later, answer.read) == ((), EMPTY, True, False)


def test_a_camera_that_knows_the_place_empty_is_taken_where_a_better_one_does_not(
    setting: Setting, vault: Vault
) -> None:
    maker = Maker(setting)
    for look in looks():
        if look.camera == "side":
            maker.look(look)
    assert [clip.made.camera for clip in maker.make(wanted(vault)).clips] == ["side"]


def test_a_backdrop_of_a_ghost_gives_no_clip(setting: Setting, vault: Vault) -> None:
    """Learnt from pictures of people whom nobody told of: then all that is there is somebody unknown."""
    maker = Maker(setting)
    nobody = [replace(frame, people=()) for frame in play()[1]]
    busy = [one for one in looks(nobody) if abs(one.t_ns - happening().start_ns) < 8 * S]
    for look in busy * 2:
        maker.look(look)
    answer = maker.make(wanted(vault))
    assert answer.clips == () or all(clip.made.withheld > 0 for clip in answer.clips)


def test_why_there_is_no_clip(setting: Setting, vault: Vault, tmp_path: Path) -> None:
    maker, asked = learnt(setting), wanted(vault)
    assert maker.make(replace(asked, keys=())).why == GONE
    assert maker.make(replace(asked, shoppers=("somebody else",))).why == UNSEEN
    assert maker.make(replace(asked, shoppers=("somebody else",), happenings=asked.happenings * 2)).why == NO_REACH
    far = replace(happening(), target=(60.0, 60.0, 1.0))
    assert maker.make(wanted(vault, far)).why == HIDDEN
    night = replace(happening(), start_ns=happening().start_ns + 3600 * S, end_ns=happening().end_ns + 3600 * S)
    assert maker.make(wanted(vault, night)).why == SILENT
    path = next(vault.raw_folder.rglob("*.seg"))
    data = bytearray(path.read_bytes())
    data[2000] ^= 1
    path.write_bytes(data)
    assert len(maker.make(asked).clips) == 1, "a file that somebody changed shows nothing"
    elsewhere = learnt(replace(setting, journal=str(tmp_path / "nothing")))
    assert elsewhere.make(asked).why == SILENT


def test_a_crowd_that_cannot_be_placed_is_no_clip_and_says_so(setting: Setting, vault: Vault, tmp_path: Path) -> None:
    """Somebody is told of with neither head nor neck nor shoulders, all along."""
    journal = Journal(tmp_path / "other", store_files={"store.yaml": b"x"}, origin="simulated", store="x")
    unplaced = Person("x", {})
    frames = [replace(one, people=(*one.people, unplaced)) for one in play()[1]]
    journal.append(sorted([*frames, *gates()], key=lambda one: one.arrived_ns))
    journal.close()
    answer = learnt(replace(setting, journal=str(tmp_path / "other"))).make(wanted(vault))
    assert answer.clips == ()
    assert answer.why.startswith(WITHHELD)


def test_of_a_whole_visit_the_heaviest_happenings_where_its_own_hand_was(setting: Setting, vault: Vault) -> None:
    maker, first = learnt(setting), happening()
    strange = replace(first, event="elsewhere", target=(first.target[0], first.target[1] + 3.0, 1.0), mass_g=-900.0)
    light = replace(first, event="light", mass_g=-5.0)
    answer = maker.make(wanted(vault, light, strange, first, most=1))
    assert {clip.about["event"] for clip in answer.clips} == {first.event}
    answer = maker.make(wanted(vault, light, strange, first, most=4))
    assert {clip.about["event"] for clip in answer.clips} == {first.event, "light"}
    assert maker.make(wanted(vault, strange, strange, most=4)).why == NO_REACH


def test_the_hand_of_somebody_of_another_visit_is_filled(setting: Setting, vault: Vault) -> None:
    """Asked for the visit of the one who stood by: whoever took it is filled, hand and all."""
    maker, made = learnt(setting), event(play())
    other = next(p.id for frame in play()[1] for p in frame.people if p.id != made.person)

    def bare(shopper: str) -> tuple[int, int]:
        """Pixels within some centimetres of the wrist of whoever took it that are not filled, of all there are."""
        found = event_of(happening(), play()[1], [shopper])
        assert found is not None
        shown = every = 0
        for clip in maker.make(replace(wanted(vault), shoppers=(shopper,))).clips:
            camera = next(one for one in shop().cameras if one.id == clip.made.camera)
            view, pictures = view_of(camera, crop_of(camera, found[0].hand, found[0].target)), decoded(clip.video)
            assert (view.width_px, view.height_px) == (clip.about["width"], clip.about["height"])
            for k, t_ns in enumerate(clip.about["t_ns"]):
                now = min(play()[1], key=lambda one: abs(one.t_ns - t_ns))
                taker = next((one for one in now.people if one.id == made.person), None)
                if k in clip.about["withheld"] or taker is None:
                    continue
                for wrist in (taker.joints[name] for name in ("l_wrist", "r_wrist") if name in taker.joints):
                    column, row, _ = view.pixel((wrist.x_m, wrist.y_m, wrist.z_m))
                    top, left = int(row - view.top_px) - 1, int(column - view.left_px) - 1
                    if min(top, left) < 0:
                        continue
                    part = pictures[k][top : top + 3, left : left + 3].reshape(-1, 3).astype(int)
                    off = np.min([np.abs(part - fill).max(axis=1) for fill in (HEADS, OWN, OTHERS, CHANGED)], axis=0)
                    shown, every = shown + int((off > 25).sum()), every + len(part)
        return shown, every

    mine, theirs = bare(made.person), bare(other)
    assert theirs[1] > 100
    assert mine[0] > 20, "of the one who took it the hand is shown"
    assert theirs[0] == 0, theirs


def test_a_hand_out_of_reach_is_none_and_a_later_one_counts() -> None:
    one, people = happening(), play()[1]
    mine = event(play()).person
    found = event_of(one, people, [mine])
    assert found is not None
    assert found[1]
    assert found[0].person == mine
    far = event_of(replace(one, target=(one.target[0], one.target[1] + 3.0, 1.0)), people, [mine])
    assert far is not None
    assert (far[1], far[0].head, far[0].t_ns) == (False, None, one.start_ns)
    assert event_of(one, people, []) is None
