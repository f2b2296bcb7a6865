"""An erased visit's time is cut out of raw video: its pictures are nowhere, others' stay, and nothing lives longer."""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from walkout.privacy import cut as cutting
from walkout.privacy.audit import audit
from walkout.privacy.cut import CLOSING_NS, Span
from walkout.privacy.keys import KeyStore
from walkout.privacy.retention import KEEP_NS, Policy
from walkout.privacy.sealed import SealedWriter
from walkout.privacy.segments import SLICE_NS, RawPacket
from walkout.privacy.vault import Vault

S = 10 * 1_000_000_000
"""From one picture to the next; sixty a slice."""
T0 = 1_767_603_600_000_000_000 // SLICE_NS * SLICE_NS
LATER = T0 + 4 * SLICE_NS
CAMERAS = ("door", "back")
EVERY = 5
"""Each fifth picture decodes alone."""


def picture(camera: str, t_ns: int) -> bytes:
    return f"PICTURE-{camera}-{(t_ns - T0) // S}-".encode() * 3


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault(tmp_path / "data", tmp_path / "secrets", T0) as opened:
        for camera in CAMERAS:
            writer = opened.raw_writer(camera)
            for k in range(3 * SLICE_NS // S):
                t_ns = T0 + k * S
                writer.write(RawPacket(t_ns, k % EVERY == 0, picture(camera, t_ns)), t_ns)
                if k in (10, 70):  # as a restart does
                    writer.close()
            writer.close()
        yield opened


def seen(vault: Vault, camera: str = "door") -> list[int]:
    """The pictures that can still be read."""
    return [(one.t_ns - T0) // S for one in vault.raw(camera, T0, T0 + 4 * SLICE_NS)]


def span(first_s: int, last_s: int) -> Span:
    return T0 + first_s * S, T0 + last_s * S


def test_the_time_is_gone_from_every_camera_with_all_that_hangs_on_it(vault: Vault, tmp_path: Path) -> None:
    vault.to_cut(*span(23, 27))
    before = {key.id for key in vault.keys.all()}
    done = vault.cut_raw(LATER)
    gone = set(range(23, 30))  # 28 and 29 were encoded on the base of 27
    for camera in CAMERAS:
        assert seen(vault, camera) == [s for s in range(180) if s not in gone]
    assert (done.packets, done.keys, done.waiting) == (len(CAMERAS) * len(gone), len(CAMERAS), ())
    ended = before - {key.id for key in vault.keys.all()}
    assert len(ended) == len(CAMERAS), "of the one slice alone"
    assert {one.facts["key"] for one in vault.log.entries() if one.facts.get("reason") == "erasure"} == ended
    assert not list((tmp_path / "data").rglob("cuts"))
    assert audit(vault.log.folder).whole
    held = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(b"PICTURE" in data for data in held), "nothing was ever there in clear"


def test_across_a_slices_end_the_next_one_waits_for_a_picture_that_decodes_alone(vault: Vault) -> None:
    vault.to_cut(*span(56, 59))
    vault.cut_raw(LATER)
    assert [s for s in seen(vault) if 50 <= s < 65] == [*range(50, 56), *range(60, 65)]
    vault.to_cut(*span(118, 122))
    vault.cut_raw(LATER)
    assert [s for s in seen(vault) if 110 <= s < 130] == [*range(110, 118), *range(125, 130)]


def test_what_is_still_written_waits_and_is_done_later(vault: Vault) -> None:
    vault.to_cut(*span(130, 131))
    now_ns = T0 + 2 * SLICE_NS + 40 * S
    assert vault.cut_raw(now_ns).packets == 0
    assert 131 in seen(vault)
    assert vault.cuts == (span(130, 131),)
    closed = T0 + 3 * SLICE_NS + CLOSING_NS
    vault.cut_raw(closed)
    assert 131 not in seen(vault)
    assert vault.cuts == (span(130, 131),), "the slice after it may still begin with what hangs on it"
    vault.cut_raw(closed + SLICE_NS)
    assert not vault.cuts


def test_what_is_held_waits(vault: Vault) -> None:
    vault.to_cut(*span(10, 11))
    vault.to_cut(*span(30, 31))
    vault.cut_raw(LATER, held=[span(10, 11)])
    assert 10 in seen(vault)
    assert 30 not in seen(vault)
    assert vault.cuts == (span(10, 11),)


def test_what_is_left_lives_no_longer_than_it_would_have(vault: Vault) -> None:
    vault.to_cut(*span(23, 27))
    vault.cut_raw(LATER)
    vault.retain(Policy(), T0 + KEEP_NS["raw"] + 10 * S)
    assert 5 not in seen(vault)
    assert seen(vault)[0] == 60, "the first slice is gone whole, cut or not"
    assert vault.unproven(Policy(), T0 + KEEP_NS["raw"] + 20 * S) == ()


def test_a_slice_of_which_nothing_is_left_is_gone(vault: Vault, tmp_path: Path) -> None:
    vault.to_cut(*span(-1, 200))
    vault.cut_raw(LATER + 2 * SLICE_NS)
    assert seen(vault) == []
    assert not list((tmp_path / "data").rglob("*.seg"))


@pytest.mark.parametrize("dies_at", range(6))
def test_a_death_at_any_step_is_mended_by_doing_it_again(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    vault.to_cut(*span(23, 27))
    steps = 0

    def dying(what: Callable[..., Any]) -> Callable[..., Any]:
        def act(*given: Any, **more: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == dies_at + 1:
                if isinstance(given[0], SealedWriter):
                    given[0]._file.close()
                raise KeyboardInterrupt
            return what(*given, **more)

        return act

    with monkeypatch.context() as patch:
        patch.setattr(KeyStore, "destroy_id", dying(KeyStore.destroy_id))
        patch.setattr(SealedWriter, "close", dying(SealedWriter.close))
        patch.setattr(cutting, "keep_waiting", dying(cutting.keep_waiting))
        try:
            vault.cut_raw(LATER)
        except KeyboardInterrupt:
            assert vault.cuts == (span(23, 27),), "it is still to be done"
    vault.cut_raw(LATER)
    for camera in CAMERAS:
        assert seen(vault, camera) == [s for s in range(180) if s not in range(23, 30)]
    assert vault.cuts == ()


def test_random_spans_leave_exactly_what_hangs_on_nothing_that_went(vault: Vault) -> None:
    draw = random.Random(7)  # noqa: S311 - no secret
    spans = [span(a := draw.randrange(170), a + draw.randrange(6)) for _ in range(12)]
    for one in spans:
        vault.to_cut(*one)
        if draw.random() < 0.5:
            vault.cut_raw(LATER)
    vault.cut_raw(LATER)
    kept = seen(vault)
    cut_s = {s for s in range(180) if any(start <= T0 + s * S <= end for start, end in spans)}
    assert not cut_s & set(kept)
    for s in kept:  # whole from the last picture that decodes alone
        assert not cut_s & set(range(s - s % EVERY, s + 1))
    assert set(range(0, 180, EVERY)) - cut_s <= set(kept), "what decodes alone and shows nobody stays"


def test_without_raw_video_nothing_is_noted(tmp_path: Path) -> None:
    with Vault(tmp_path / "d", tmp_path / "s", T0) as empty:
        empty.to_cut(*span(0, 1))
        assert empty.cut_raw(LATER).packets == 0
        assert not os.path.lexists(tmp_path / "d" / "raw")
