"""Suites through several methods: plays to temporary recordings to verdicts, the same on any number of processes.

A run that was stopped is gone on with where its verdicts are kept.

    rows = run_suite(Job(Wanted("evader", SAMPLE, None, range(1, 5), DEFAULT), {"ours": ours}), workers=2)
"""

import hashlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import orjson

import walkout
from benchmarks._methods import METHODS, Method
from walkout.cli.pool import in_order
from walkout.cli.suite_scores import Wanted
from walkout.evaluation.rows import facts, rows
from walkout.evaluation.verdict import Verdict, read_verdicts, write_verdicts
from walkout.recording.aifi.importer import import_aifi
from walkout.recording.reader import open_recording
from walkout.store.shop import Store
from walkout.twin.record import write
from walkout.twin.settings import Settings
from walkout.twin.simulation import Observation
from walkout.twin.suites import VERSION, Play, noted

ROOT = Path(walkout.__file__).resolve().parents[2]
SAMPLE = ROOT / "examples" / "sample-store"
TEST_SEEDS = range(101, 121)
"""Of suites whose recordings are short; never used while anything is tuned."""


class Plays(Protocol):
    """Plays of a bench's own, in a form that can go to another process: a frozen dataclass."""

    @property
    def name(self) -> str:
        """What the tag `suite` says."""

    @property
    def settings(self) -> Settings:
        """How hard."""

    def plays(self) -> Iterator[Play]:
        """The plays, the same each time."""


Change = Callable[[Iterator[Observation], Store, int], Iterator[Observation]]
"""What the sensors deliver, changed: (observations, shop, the play's number) to observations. Importable."""


@dataclass(frozen=True, slots=True)
class Job:
    """A suite, the methods on the same recordings, and what is changed in them."""

    wanted: "Wanted | Plays"
    methods: Mapping[str, Method] = field(default_factory=lambda: METHODS)
    tags: Mapping[str, str] = field(default_factory=dict)
    """On top of the suite's own, such as the level of what a curve runs over."""
    change: Change | None = None
    only: Callable[[str], bool] | None = None
    """Which plays by name; a function of a module. None: all."""

    def plays(self) -> Iterator[tuple[int, Play]]:
        """The plays that are wanted, numbered."""
        for number, play in enumerate(self.wanted.plays()):
            if self.only is None or self.only(play.name):
                yield number, play


def play_rows(job: Job, numbered: tuple[int, Play]) -> tuple[Verdict, ...]:
    """One play by every method; its recording is a temporary file, gone before this returns."""
    number, play = numbered
    observations = noted(play)
    if job.change is not None:
        observations = job.change(observations, play.shop, number)
    tags = {"suite": job.wanted.name, "settings": job.wanted.settings.name, **play.tags, **job.tags}
    found: list[Verdict] = []
    with TemporaryDirectory(prefix="walkout-") as folder:
        recording = open_recording(write(observations, Path(folder) / f"{play.name}.mcap", play.shop))
        known = facts(recording)
        for name, method in job.methods.items():
            found += rows(recording, method(recording), name, known, tags)
    return tuple(found)


def run_suite(
    job: Job, *, workers: int = 1, keep: Path | None = None, say: Callable[[str], None] | None = None
) -> list[Verdict]:
    """The verdicts of every play by every method, in the suite's order.

    `keep` is a file of JSON lines that fills as plays end; where it is there already, its plays are not played again.
    It belongs to one state of the source and one job, named in its first rows' neighbour `<keep>.about.json`.

    Raises:
        ValueError: `keep` is of another source or another job.
        SuiteError, StoreError, LabelError, RecordingError: as `walkout.cli.suite_scores.score_plays`.
    """
    done = [] if keep is None else _resumed(keep, _about(job))
    there = {row.recording for row in done}
    job.wanted.plays()
    start = time.monotonic()
    for count, made in enumerate(in_order(partial(_left, job, frozenset(there)), partial(play_rows, job), workers), 1):
        if keep is not None:
            write_verdicts(keep, made)
        done += made
        if say is not None and made:
            right = {name: sum(r.exact for r in made if r.method == name) for name in job.methods}
            of = len(made) // max(1, len(job.methods))
            say(f"{count}. {made[0].recording}: {right} of {of} exactly right, {time.monotonic() - start:.0f} s")
    return done


def to_stderr(text: str) -> None:
    """Progress, a line a play."""
    sys.stderr.write(text + "\n")


@contextmanager
def real_shop(data: Path) -> Iterator[Path]:
    """The folder of AiFi's shop, imported from the one public real visit; FileNotFoundError where that is not there."""
    folder = data / "aifi-benchmark-1"
    if not folder.is_dir():
        raise FileNotFoundError(2, "no such folder", str(folder))
    with TemporaryDirectory(prefix="walkout-") as work:
        import_aifi(folder, Path(work) / "real.mcap", Path(work) / "store")
        yield Path(work) / "store"


def labels(data: Path) -> Path:
    """The file of labelled real cases; FileNotFoundError where it is not there."""
    path = data / "aifi-scripts" / "dev.json"
    if not path.is_file():
        raise FileNotFoundError(2, "no such file", str(path))
    return path


def source_hash() -> str:
    """A hash of the source that verdicts rest on: those of different sources are never mixed."""
    digest = hashlib.sha256()
    package = Path(walkout.__file__).resolve().parent
    for path in sorted(package.rglob("*.py")):
        if path.relative_to(package).parts[0] in ("cli", "web"):
            continue
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _left(job: Job, there: frozenset[str]) -> Iterator[tuple[int, Play]]:
    return (item for item in job.plays() if item[1].name not in there)


def _about(job: Job) -> bytes:
    wanted: Any = job.wanted
    about = {
        "suite": {field.name: _said(getattr(wanted, field.name)) for field in fields(wanted)},
        "version": VERSION,
        "change": getattr(job.change, "__name__", ""),
        "only": getattr(job.only, "__name__", ""),
        "methods": {name: str(getattr(method, "keywords", "")) for name, method in sorted(job.methods.items())},
        "tags": dict(job.tags),
        "source": source_hash(),
    }
    return orjson.dumps(about, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def _said(value: object) -> str:
    """A value in words; a file or a folder by its content, wherever it is."""
    if not isinstance(value, Path):
        return str(value)
    digest = hashlib.sha256()
    for path in sorted(value.rglob("*")) if value.is_dir() else [value]:
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _resumed(keep: Path, about: bytes) -> list[Verdict]:
    """The verdicts that are there, less those of the last recording, which may not be whole."""
    marker = keep.with_name(keep.name + ".about.json")
    if not keep.exists():
        marker.write_bytes(about)
        return []
    if not marker.exists() or marker.read_bytes() != about:
        raise ValueError(f"{keep} holds verdicts of another source or another job; right: a file that is not there yet")
    whole = keep.read_bytes()
    keep.write_bytes(whole[: whole.rfind(b"\n") + 1])
    found = list(read_verdicts(keep))
    found = [row for row in found if row.recording != found[-1].recording]
    keep.unlink()
    write_verdicts(keep, found)
    return found
