"""Makes the clips of the running shop's questions, in a process beside it: looks for what is due and lets it be done.

One thing at a time, so nothing queues up: what is due stands in the database. Between clips the same process learns
what each camera sees without people. The shop waits for none of it.
"""

import asyncio
import logging
import os
import sys
from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from walkout.live.camera_watch import CameraWatch
from walkout.live.clip_maker import Answer, Learnt, Look, Setting, Wanted
from walkout.live.clip_process import HEAD, framed, size_of
from walkout.live.clip_work import ClipWork, Job
from walkout.live.freeze import FreezeError, thaw
from walkout.live.till import Till
from walkout.recording.camera import CameraFrame
from walkout.recording.people import PeopleFrame

log = logging.getLogger(__name__)
T = TypeVar("T")
WORK_S: Final = 1.0
"""How often is looked for what is due."""
LOOK_S: Final = 30.0
"""How often each camera's backdrop learns; until it knows everything, three times as often."""
LOST_NS: Final = 3_000_000_000
"""People so long before and after a picture must be told before it may teach anything."""
RECENT_NS: Final = 30_000_000_000
MOST_RECENT: Final = 1000
"""Frames of people in memory, for backdrops alone."""
LONGEST_S: Final = 180.0
"""Whatever takes longer has failed."""
NEEDED: Final = ("av", "cv2")
MISSING = "clips need PyAV and OpenCV, which are not installed here ('./run extras' installs them)"


class Do(Protocol):
    """Runs something where the till runs."""

    async def __call__(self, what: Callable[[], T], /) -> T:
        """What it gave."""
        ...


class MakerDiedError(RuntimeError):
    """The process that makes clips ended, or took too long, over one message."""


class ClipKeeper:
    """One shop's clips; `run` it until it is cancelled, and let it `see` the people that are told of."""

    def __init__(
        self, work: ClipWork, setting: Setting, do: Do, alone: Mapping[str, Sequence[CameraFrame]] | None = None
    ) -> None:
        """`alone`: each camera's last frames that decode alone, as `CameraWatch` has them."""
        self.work, self._setting, self._do, self._alone = work, setting, do, alone or {}
        if any(find_spec(name) is None for name in NEEDED):
            work.missing = MISSING
        self._recent: list[tuple[int, int, PeopleFrame]] = []
        self._seen = 0
        self._looked: dict[str, tuple[float, int]] = {}
        """When each camera was last looked at, and the frame's instant."""
        self.known: dict[str, float] = {}
        """How much of each camera's backdrop is known, 0 to 1."""
        self.cpu_s: list[float] = []
        """Processor time of the last hundred jobs."""
        self.child: asyncio.subprocess.Process | None = None
        self.starts = 0

    def see(self, frame: PeopleFrame) -> None:
        """People, as they were just delivered; forgotten after half a minute."""
        self._seen += 1
        insort(self._recent, (frame.t_ns, self._seen, frame))
        newest_ns = self._recent[-1][0]
        while len(self._recent) > MOST_RECENT or self._recent[0][0] < newest_ns - RECENT_NS:
            del self._recent[0]

    async def run(self) -> None:
        """Make what is due, and learn, until cancelled."""
        try:
            while True:
                await asyncio.sleep(WORK_S)
                try:
                    await self._turn()
                except SQLAlchemyError:
                    log.info("the database is away: clips wait")
                except OSError:
                    log.exception("clips cannot be made or kept at the moment; trying again")
        finally:
            await self._end()

    async def _turn(self) -> None:
        job = await self._do(self.work.due)
        if job is not None:
            await self._make(job)
        elif (look := self._look()) is not None:
            try:
                learnt = await self._ask(look)
            except MakerDiedError as error:
                log.warning("%s", error)
            else:
                assert isinstance(learnt, Learnt)  # noqa: S101 - the answer to a look
                self.known[learnt.camera] = learnt.share

    async def _make(self, job: Job) -> None:
        try:
            answer = await self._ask(job.wanted)
        except MakerDiedError as error:
            log.warning("%s", error)
            await self._do(lambda: self.work.failed(job))
            return
        assert isinstance(answer, Answer)  # noqa: S101 - the answer to what is wanted
        self.cpu_s = [*self.cpu_s[-99:], answer.cpu_s]
        await self._do(lambda: self.work.keep(job, answer))

    def _look(self) -> Look | None:
        """The frame to learn from next, if any is due: of the camera that was not looked at for longest."""
        if not self._recent or self.work.missing:
            return None
        newest_ns, now_s = self._recent[-1][0], monotonic()
        for camera in sorted(self._alone, key=lambda one: self._looked.get(one, (0.0, 0))):
            at_s, seen_ns = self._looked.get(camera, (-LOOK_S, 0))
            if now_s - at_s < (LOOK_S if self.known.get(camera, 0.0) > 0.99 else LOOK_S / 3):
                continue
            frames = [one for one in list(self._alone[camera]) if seen_ns < one.t_ns <= newest_ns - LOST_NS]
            if frames:
                frame = frames[-1]
                self._looked[camera] = (now_s, frame.t_ns)
                people = tuple(one for t_ns, _, one in self._recent if abs(t_ns - frame.t_ns) <= LOST_NS)
                return Look(camera, frame.t_ns, frame.data, people)
        return None

    async def _ask(self, message: Look | Wanted) -> Any:
        """The process's answer; it is started where there is none. MakerDiedError: it ended, or took too long."""
        if self.child is None:
            self.child = await self._start()
        child = self.child
        assert child.stdin is not None  # noqa: S101 - pipes were asked for
        assert child.stdout is not None  # noqa: S101
        try:
            async with asyncio.timeout(LONGEST_S):
                child.stdin.write(await asyncio.to_thread(framed, message))
                await child.stdin.drain()
                data = await child.stdout.readexactly(size_of(await child.stdout.readexactly(HEAD)))
            return await asyncio.to_thread(thaw, data)
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError, FreezeError) as error:
            await self._end()
            raise MakerDiedError(f"the process that makes clips ended ({type(error).__name__})") from error
        except asyncio.CancelledError:
            await self._end()
            raise

    async def _start(self) -> asyncio.subprocess.Process:
        source = str(Path(__file__).resolve().parents[2])
        paths = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH", "")]))
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "walkout.live.clip_process",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": paths},
            start_new_session=True,  # Ctrl-C is for the shop, which ends it itself
        )
        assert child.stdin is not None  # noqa: S101 - a pipe was asked for
        child.stdin.write(framed(self._setting))
        self.starts += 1
        self.known.clear()  # what it learnt died with the one before
        return child

    async def _end(self) -> None:
        """End the process and wait for it."""
        child, self.child = self.child, None
        if child is None:
            return
        if child.returncode is None:
            child.kill()  # it holds nothing that must be written
        await child.wait()


def keeper_of(till: Till, do: Do, watch: CameraWatch | None) -> ClipKeeper:
    """Who makes the clips of a shop's questions; `watch` None: no camera sends video, and the cases say so."""
    alone = {} if watch is None else watch.alone
    cameras = tuple(camera for camera in till.store.cameras if camera.id in alone)
    work = ClipWork(
        till.database, till.store, till.evidence, till.cashier, till.vault, till.queues.now_ns,
        frozenset(camera.id for camera in cameras),
    )  # fmt: skip
    setting = Setting(cameras, till.store.gates, str(till.journal.folder), str(till.vault.raw_folder))
    return ClipKeeper(work, setting, do, alone)
