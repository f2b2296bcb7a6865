"""Score the plays of a suite as they are made, on one process or several, always in the suite's order."""

import signal
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from walkout.evaluation.score import Judgement, judge
from walkout.live.replay import replay, replay_json
from walkout.recording.reader import open_recording
from walkout.store.folder import load
from walkout.twin.record import write
from walkout.twin.settings import Settings
from walkout.twin.suites import Play, noted, suite

AHEAD = 2
"""Plays asked for beyond those in work, for each process: none waits for work, and results do not pile up."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A suite to score: what `walkout.twin.suites.suite` is called with, in a form that can go to another process."""

    name: str
    store: Path
    labels: Path | None
    seeds: range | None
    settings: Settings

    def plays(self) -> Iterator[Play]:
        """The plays of the suite; raises SuiteError, StoreError and LabelError at once."""
        return suite(self.name, load(self.store), labels=self.labels, seeds=self.seeds, settings=self.settings)


@dataclass(frozen=True, slots=True)
class Scored:
    """One play held against its own truth."""

    name: str
    tags: Mapping[str, str]
    judgement: Judgement
    losses: int
    """How many kinds of input were lost on the way to its receipts."""


def score_plays(wanted: Wanted, workers: int = 1) -> Iterator[Scored]:
    """Play, replay and score a suite; what comes out does not depend on the number of processes.

    Raises:
        SuiteError, StoreError, LabelError: There is no such suite, shop or file of labels.
        RecordingError: A play's temporary file cannot be written.
    """
    plays = wanted.plays()
    if workers == 1:
        return map(scored, plays)
    return _on_processes(wanted, workers)


def scored(play: Play) -> Scored:
    """Score one play: its recording is a temporary file, gone before this returns."""
    with TemporaryDirectory(prefix="walkout-") as folder:
        recording = open_recording(write(noted(play), Path(folder) / f"{play.name}.mcap", play.shop))
        result = replay(recording)
        judgement = judge(recording, orjson.loads(replay_json(result))["receipts"])
    # Paths have done their work in matching; without them thousands of visits are small.
    lean = tuple(replace(item, visit=replace(item.visit, path=())) if item.visit else item for item in judgement.judged)
    return Scored(play.name, dict(play.tags), replace(judgement, judged=lean), len(result.degraded))


def _on_processes(wanted: Wanted, workers: int) -> Iterator[Scored]:
    # Spawned, not forked: a copy of a process that has threads of its own may hang.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _start, (wanted,))
    try:
        waiting: deque[Future[Scored | None]] = deque(pool.submit(_score, k) for k in range(workers * AHEAD))
        asked = len(waiting)
        while (found := waiting.popleft().result()) is not None:
            waiting.append(pool.submit(_score, asked))
            asked += 1
            yield found
    finally:
        pool.shutdown(cancel_futures=True)


_walk: Iterator[tuple[int, Play]] = iter(())
"""A process's own walk through the suite: plays hold functions, which cannot be sent, so each process makes them."""


def _start(wanted: Wanted) -> None:
    global _walk  # noqa: PLW0603 a process of the pool keeps its state nowhere else
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _walk = enumerate(wanted.plays())


def _score(number: int) -> Scored | None:
    """Score the play of that number, None past the last; the pool's queue asks each process in rising order."""
    play = next((play for k, play in _walk if k == number), None)
    return None if play is None else scored(play)
