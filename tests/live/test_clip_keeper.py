"""The process beside the shop: it learns and makes clips, its death costs one try, and no picture is on the disk."""

import asyncio
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("av", reason="clips need PyAV ('./run extras')")
pytest.importorskip("cv2", reason="clips need OpenCV ('./run extras')")

from tests.live.filmed import event, gates, play, record, shop
from tests.live.test_clip import decoded
from tests.live.test_clip_maker import wanted
from tests.live.wire import until
from walkout.live import clip_keeper
from walkout.live.clip_keeper import MISSING, RECENT_NS, ClipKeeper
from walkout.live.clip_maker import Answer, Setting
from walkout.live.clip_process import HEAD, framed, size_of
from walkout.live.clip_work import Job
from walkout.live.freeze import thaw
from walkout.live.journal import Journal
from walkout.privacy.vault import Vault
from walkout.recording.camera import CameraFrame
from walkout.recording.people import PeopleFrame

LONG_S = 60.0


class Work:
    """Wants one thing until it is kept, as soon as backdrops are known."""

    def __init__(self, job: Job) -> None:
        self.job, self.kept, self.fails, self.missing = job, list[Answer](), 0, ""
        self.ready: Callable[[], bool] = lambda: True

    def due(self) -> Job | None:
        return None if self.kept or not self.ready() else self.job

    def keep(self, _job: Job, answer: Answer) -> None:
        self.kept.append(answer)

    def failed(self, _job: Job) -> None:
        self.fails += 1


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ClipKeeper, Work]]:
    """A keeper over what was filmed; cameras' frames come when a test lets them."""
    monkeypatch.setattr(clip_keeper, "WORK_S", 0.02)
    monkeypatch.setattr(clip_keeper, "LOOK_S", 0.0)
    frames, people, _ = play()
    with Vault(tmp_path / "data", tmp_path / "secrets", frames[0].t_ns) as vault:
        record(vault, frames)
        journal = Journal(tmp_path / "journal", store_files={"store.yaml": b"x"}, origin="simulated", store="x")
        journal.append(sorted([*people, *gates()], key=lambda one: one.arrived_ns))
        work = Work(Job("v1", "e1", people[0].t_ns, wanted(vault)))
        setting = Setting(shop().cameras, shop().gates, str(journal.folder), str(vault.raw_folder))
        alone: dict[str, deque[CameraFrame]] = {"front": deque(maxlen=4), "side": deque(maxlen=4)}
        yield ClipKeeper(work, setting, _at_once, alone), work  # type: ignore[arg-type]
        journal.close()


async def _at_once(what: Callable[[], Any]) -> Any:
    return what()


async def lived(keeper: ClipKeeper) -> None:
    """All that was filmed comes, in order, as fast as it is looked at."""
    people = iter(play()[1])
    for frame in sorted((f for f in play()[0] if f.keyframe), key=lambda one: one.t_ns):
        for told in people:
            keeper.see(told)
            if told.t_ns > frame.t_ns + 3_200_000_000:
                break
        keeper._alone[frame.camera].append(frame)  # type: ignore[attr-defined]
        seen = keeper._looked.get(frame.camera)
        if keeper._recent[-1][0] > frame.t_ns + 3_000_000_000:
            await until(lambda was=seen, of=frame.camera: keeper._looked.get(of) != was, LONG_S)  # type: ignore[misc]


def test_it_learns_and_makes_clips_and_leaves_no_picture_on_the_disk(
    made: tuple[ClipKeeper, Work], tmp_path: Path
) -> None:
    keeper, work = made
    work.ready = lambda: min(keeper.known.get(name, 0.0) for name in ("front", "side")) > 0.9

    async def story() -> None:
        running = asyncio.create_task(keeper.run())
        await lived(keeper)
        await until(lambda: work.kept, LONG_S)
        child = keeper.child
        assert child is not None
        if hasattr(os, "getpriority"):
            assert os.getpriority(os.PRIO_PROCESS, child.pid) == 19
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert child.returncode is not None, "it ends with the shop"

    asyncio.run(story())
    (answer,) = work.kept
    assert {clip.made.camera for clip in answer.clips} == {"front", "side"}, answer.why
    assert keeper.starts == 1
    assert keeper.cpu_s[0] > 0.0
    assert all(len(decoded(clip.video)) == clip.made.pictures for clip in answer.clips)
    pieces = [frame.data[60:124] for frame in play()[0] if len(frame.data) > 200]
    pieces += [clip.video[len(clip.video) // 2 :][:64] for clip in answer.clips]
    held = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not any(piece in held for piece in pieces)


def test_killed_in_the_middle_it_is_started_again_and_what_was_wanted_is_made(made: tuple[ClipKeeper, Work]) -> None:
    keeper, work = made

    async def story() -> None:
        ask = keeper._ask

        async def killed_once(message: Any) -> Any:
            if keeper.child is not None and not work.fails:
                os.kill(keeper.child.pid, signal.SIGKILL)
            return await ask(message)

        keeper._ask = killed_once  # type: ignore[method-assign]
        keeper.child = await keeper._start()
        running = asyncio.create_task(keeper.run())
        await until(lambda: work.kept, LONG_S)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())
    assert (work.fails, keeper.starts) == (1, 2)
    assert work.kept[0].later, "what it had learnt died with it: that place was not seen empty since"


def test_the_process_ends_when_the_shop_does(made: tuple[ClipKeeper, Work]) -> None:
    keeper, _ = made

    async def story() -> None:
        child = await keeper._start()
        assert child.stdin is not None
        child.stdin.close()
        assert await asyncio.wait_for(child.wait(), LONG_S) == 0

    asyncio.run(story())


def test_people_are_forgotten_after_half_a_minute_whatever_order_they_come_in() -> None:
    keeper = ClipKeeper(Work(None), Setting((), (), "", ""), _at_once)  # type: ignore[arg-type]
    frames = [PeopleFrame(k * 100_000_000, 0, ()) for k in range(2000)]
    for one, other in zip(frames[::2], frames[1::2], strict=True):
        keeper.see(other)
        keeper.see(one)
    kept = [t_ns for t_ns, _, _ in keeper._recent]
    assert kept == sorted(kept)
    assert (kept[0], kept[-1]) == (frames[-1].t_ns - RECENT_NS, frames[-1].t_ns)


def test_without_what_clips_need_the_cases_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip_keeper, "find_spec", lambda _name: None)
    work = Work(None)  # type: ignore[arg-type]
    ClipKeeper(work, Setting((), (), "", ""), _at_once)  # type: ignore[arg-type]
    assert work.missing == MISSING


def test_a_message_goes_through_the_pipe_as_it_is() -> None:
    data = framed(event(play()))
    assert size_of(data[:HEAD]) == len(data) - HEAD
    assert thaw(data[HEAD:]) == event(play())
