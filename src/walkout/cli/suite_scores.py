"""Score the plays of a suite as they are made, on one process or several, always in the suite's order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from walkout.cli.pool import in_order
from walkout.evaluation.score import Judgement, judge
from walkout.live.replay import replay, replay_json
from walkout.recording.reader import open_recording
from walkout.store.folder import load
from walkout.twin.record import write
from walkout.twin.settings import Settings
from walkout.twin.suites import Play, noted, suite


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
    wanted.plays()  # what is wrong is said here, not by a process
    return in_order(wanted.plays, scored, workers)


def scored(play: Play) -> Scored:
    """Score one play: its recording is a temporary file, gone before this returns."""
    with TemporaryDirectory(prefix="walkout-") as folder:
        recording = open_recording(write(noted(play), Path(folder) / f"{play.name}.mcap", play.shop))
        result = replay(recording)
        judgement = judge(recording, orjson.loads(replay_json(result))["receipts"])
    # Paths have done their work in matching; without them thousands of visits are small.
    lean = tuple(replace(item, visit=replace(item.visit, path=())) if item.visit else item for item in judgement.judged)
    return Scored(play.name, dict(play.tags), replace(judgement, judged=lean), len(result.degraded))
