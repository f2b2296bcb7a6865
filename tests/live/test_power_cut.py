"""A power cut, as far as it can be played: of each file only what was flushed to the disk is there afterwards.

What `take` returned from is what the broker is told was taken in, and never sends again: all of it must be there.
"""

import asyncio
import os
import threading
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from tests.live.scene import batches, people
from tests.live.story import messages, shop_in
from tests.live.test_journal import held, journal, some
from tests.live.wire import HOW, mosquitto, running, sample, shop_at, twin_at, until
from walkout.live.journal import Journal, JournalError
from walkout.live.performer import Performer
from walkout.live.runner import BehindError
from walkout.recording.segments import segment_files
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member

SHOPPERS = (Arrival(0.5, (Member(Build(), b.take),)),)


class Disk:
    """What of each file has reached the disk."""

    def __init__(self) -> None:
        self.flushed: dict[str, int] = {}
        self.threads: set[str] = set()
        self.refuses = 0
        self._fsync = os.fsync

    def fsync(self, descriptor: int) -> None:
        path = str(Path(f"/proc/self/fd/{descriptor}").readlink())
        size = os.fstat(descriptor).st_size
        self.threads.add(threading.current_thread().name)
        if self.refuses and path.endswith(".mcap"):
            self.refuses -= 1
            raise OSError(5, "the disk is away")
        self._fsync(descriptor)
        self.flushed[path] = max(size, self.flushed.get(path, 0))

    def after_a_cut(self, folder: Path, to: Path) -> Path:
        """A copy of a journal as the disk has it."""
        copytree(folder, to)
        for path in segment_files(to):
            os.truncate(path, self.flushed.get(str(folder / path.name), 0))
        return to


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    found = Disk()
    monkeypatch.setattr("os.fsync", found.fsync)
    return found


def reopened(folder: Path, like: Journal) -> Journal:
    return Journal(folder, **like._facts)  # type: ignore[arg-type]


def test_without_a_flush_a_cut_takes_what_a_kill_does_not(disk: Disk, tmp_path: Path) -> None:
    """That the play is one: what was only appended is gone."""
    written = journal(tmp_path / "j")
    written.append(some(4))
    assert journal(disk.after_a_cut(tmp_path / "j", tmp_path / "cut")).count == 0
    assert journal(Path(copytree(tmp_path / "j", tmp_path / "kill"))).count == 4
    written.begin_sync()
    written.sync()
    assert journal(disk.after_a_cut(tmp_path / "j", tmp_path / "later")).count == 4
    written.close()


def test_one_flush_for_all_that_came_while_the_last_was_running(disk: Disk, tmp_path: Path) -> None:
    written = journal(tmp_path / "j")
    here = [[plate, frame] for plate, frame in zip(batches(), people(), strict=False)][:20]
    let, inner, runs = threading.Event(), disk.fsync, []

    def slow(descriptor: int) -> None:
        let.wait(10)
        runs.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        inner(descriptor)

    written.append(here[0])
    os.fsync = slow  # type: ignore[assignment] # the fixture puts it back
    written.begin_sync()
    for two in here[1:]:
        written.append(two)
        written.begin_sync()  # one is under way: nothing waits, and no other begins
    assert runs == []
    let.set()
    written.sync()
    assert len(runs) == 2, "the one that was running, and one for all that came meanwhile"
    cut = journal(disk.after_a_cut(tmp_path / "j", tmp_path / "cut"))
    assert len(held(cut)) == written.count == 40
    written.close()


def test_a_disk_that_refuses_a_flush_is_told_when_somebody_waits_for_it(disk: Disk, tmp_path: Path) -> None:
    written = journal(tmp_path / "j")
    written.append(some(4))
    disk.refuses = 1
    written.begin_sync()
    with pytest.raises(JournalError, match="the disk is away"):
        written.sync()
    written.sync()
    assert journal(disk.after_a_cut(tmp_path / "j", tmp_path / "cut")).count == 4
    written.close()


def test_what_the_broker_is_told_was_taken_in_outlives_a_cut(disk: Disk, tmp_path: Path) -> None:
    """A visit of the twin, message by message: whenever the shop says that it has them, so does the disk."""

    async def story() -> None:
        shop = shop_in(tmp_path / "shop", sample())
        await shop.open(listen=False)
        behind, came, cuts = 0, list(messages(sample(), SHOPPERS, 25.0)), 0
        for k in range(0, len(came), 20):
            if k == 200:
                disk.refuses = 1  # the flush beside the engine fails: nothing is acknowledged until all is there
            taken = came[k : k + 20]
            await shop.take(taken)
            behind += bool(shop.trouble)
            files = segment_files(shop.till.journal.folder)
            assert all(disk.flushed.get(str(path), 0) == path.stat().st_size for path in files), k
            if k % 400 == 0:
                cuts += 1
                cut = disk.after_a_cut(shop.till.journal.folder, tmp_path / f"cut-{k}")
                assert reopened(cut, shop.till.journal).count == shop.till.runner.position
        assert cuts > 1
        assert not disk.refuses
        assert "journal-flush" in disk.threads
        assert shop.till.ledger.visits()
        await shop.close()

    asyncio.run(story())


def test_the_broker_is_answered_only_after_the_flush(disk: Disk, tmp_path: Path) -> None:
    """At each acknowledgement over a real broker: whatever is in the journal is on the disk already."""
    program = mosquitto()
    if program is None:
        pytest.skip(HOW)

    async def story() -> None:
        with running("mosquitto", sample(), tmp_path) as (port, who):
            shop = shop_at(tmp_path / "shop", sample(), port, who)
            await shop.open()
            await until(lambda: shop.source is not None and shop.source.connected)
            assert shop.source is not None
            inner = shop.source._open._client  # type: ignore[union-attr]
            behind: list[bool] = []
            answer = inner.ack

            def ack(mid: int, qos: int) -> Any:
                files = segment_files(shop.till.journal.folder)
                behind.append(any(disk.flushed.get(str(one), 0) < one.stat().st_size for one in files))
                return answer(mid, qos)

            inner.ack = ack  # type: ignore[method-assign]
            twin = Performer(sample(), twin_at(port, who), seed=3, arrivals=SHOPPERS, speed=6.0)
            playing = asyncio.create_task(twin.run())
            await until(lambda: len(behind) > 300, 60)
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
            assert not any(behind)
            await shop.close()

    asyncio.run(story())


def test_a_flush_that_fails_leaves_the_engine_to_begin_again(disk: Disk, tmp_path: Path) -> None:
    async def story() -> None:
        shop = shop_in(tmp_path / "shop", sample())
        await shop.open(listen=False)
        runner = shop.till.runner
        disk.refuses = 1
        with pytest.raises(BehindError, match="the disk is away"):
            runner.take(some(6))
        runner.open()
        assert runner.position == shop.till.journal.count == 6
        await shop.close()

    asyncio.run(story())
