"""Named suites of simulated recordings, frozen and published before anything is tuned on them.

A suite is a list of plays: each has a name, a shop and observations that are made when asked for, so that a suite can
be scored as it streams, without a file. The seeds of calibration and of test never meet.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from pathlib import Path

import orjson

from walkout.recording.truth import TruthNote
from walkout.store.shop import Store
from walkout.twin import behaviours as b
from walkout.twin import together
from walkout.twin.actor import Behaviour, Meeting
from walkout.twin.evader import TRICKS
from walkout.twin.faults import FAULTS, Fault, apply, believed
from walkout.twin.film import Film, Scenery
from walkout.twin.labels import Case, load_labels, play_case
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate
from walkout.twin.record import write
from walkout.twin.seeds import stream
from walkout.twin.settings import DEFAULT, Settings
from walkout.twin.shoppers import HARD_WEIGHTS, PLAIN_WEIGHT, arrivals, random_build
from walkout.twin.simulation import Observation

VERSION = 2
"""Raised whenever a suite's recordings change; figures of different versions are never set side by side."""
SHOPPERS_PER_HOUR = 100
"""As some come together, these are about 85 visits."""
DAY_VISITS, DAY_HOURS = 5_000, 60
FAULT_VISITS, FAULT_HOURS = 1_500, 18
"""At least so many visits, in so many hours; a test counts them."""
CALIBRATION_SEEDS, TEST_SEEDS = range(1, 1 + 3 * DAY_HOURS), range(10_001, 10_001 + DAY_HOURS)
"""A certificate needs hours that nobody looked into, so there are twice as many as one takes."""
FAULT_SEEDS = range(20_001, 20_001 + FAULT_HOURS)
CROWD_MOST = 12


class SuiteError(ValueError):
    """A suite that is not there, or lacks what it needs."""


@dataclass(frozen=True, slots=True)
class Play:
    """One recording of a suite: `shop` is what the recording says of the shop; `tags` say what is in it."""

    name: str
    shop: Store
    observations: Callable[[], Iterator[Observation]]
    tags: Mapping[str, str] = field(default_factory=dict)


Couple = Callable[[], Sequence[Behaviour]]


def _same() -> Sequence[Behaviour]:
    plan = together.Plan()
    return together.same_facing(plan), together.same_facing(plan)


def _crossed() -> Sequence[Behaviour]:
    plan = together.Plan()
    return together.crossed_arms(plan, left=True), together.crossed_arms(plan, left=False)


def _handed() -> Sequence[Behaviour]:
    meeting = Meeting(2)
    return together.give(meeting), together.receive(meeting)


def _times(behaviour: Behaviour, count: int) -> Sequence[Behaviour]:
    return (behaviour,) * count


COUPLES: dict[str, Couple] = {"same_facing": _same, "crossed_arms": _crossed, "hand_over": _handed}
"""What two parties do together, by name."""
FAILURES: dict[str, Couple] = {
    "long_hold": lambda: (b.sequence(b.take, b.hold_long_then_take),),
    "equal_mass_swap": lambda: (TRICKS["equal_mass_swap"],),
    "floor": lambda: (b.sequence(b.leave_on_floor, b.take),),
    "hand_over": _handed,
    "same_take_by_two": _same,
    "fast_many": lambda: (b.sequence(b.take_one_by_one, b.take_one_by_one, b.take_several),),
}
"""What the competition's winner is documented to get wrong (its own list of failures)."""


class Filming:
    """As `simulate`, with a shop's cameras filming; what stands still is drawn once. FilmError where they cannot."""

    def __init__(self) -> None:
        self._scenery: Scenery | None = None

    def __call__(
        self,
        shop: Store,
        coming: Sequence[Arrival],
        *,
        seed: int,
        settings: Settings,
        notes: Mapping[str, str] | None = None,
    ) -> Iterator[Observation]:
        """Play a shop, always the same one."""
        with closing(Film(shop, seed, settings, self._scenery)) as film:
            self._scenery = film.scenery
            yield from simulate(shop, coming, seed=seed, settings=settings, notes=notes, film=film)


@dataclass(frozen=True, slots=True)
class Stage:
    """What every play of a suite shares: the shop, how hard, and whether its cameras film."""

    shop: Store
    settings: Settings
    simulating: Callable[..., Iterator[Observation]]


def _played(name: str, on: Stage, behaviours: Couple, seed: int, tags: Mapping[str, str]) -> Play:
    """A play of single shoppers, each a party of its own, who come one and a half seconds apart."""

    def observations() -> Iterator[Observation]:
        rng = stream(seed, "suite", name)
        coming = [
            Arrival(0.5 + 1.5 * k, (Member(random_build(rng), behaviour),)) for k, behaviour in enumerate(behaviours())
        ]
        return on.simulating(on.shop, coming, seed=seed, settings=on.settings, notes=tags)

    return Play(f"{name}-s{seed:05d}", on.shop, observations, tags)


def _behaviours(on: Stage, seeds: range) -> Iterator[Play]:
    singles = {**b.BEHAVIOURS, **TRICKS}
    scripts: dict[str, Couple] = {name: partial(_times, act, 1) for name, act in singles.items()}
    scripts |= COUPLES
    for first, second in combinations(sorted(b.BEHAVIOURS), 2):
        both = b.sequence(b.BEHAVIOURS[first], b.BEHAVIOURS[second])
        scripts[f"{first}+{second}"] = partial(_times, both, 1)
    for name in sorted(scripts):
        for seed in seeds:
            yield _played(name, on, scripts[name], seed, {"behaviour": name})


def _failures(on: Stage, seeds: range) -> Iterator[Play]:
    for name in sorted(FAILURES):
        for seed in seeds:
            yield _played(name, on, FAILURES[name], seed, {"behaviour": name})


def _evader(on: Stage, seeds: range) -> Iterator[Play]:
    for name in sorted(TRICKS):
        for seed in seeds:
            yield _played(name, on, partial(_times, TRICKS[name], 1), seed, {"trick": name})


def _crowd(on: Stage, seeds: range) -> Iterator[Play]:
    visit = b.sequence(b.take, b.take_several, b.return_one, b.take)
    for count in range(1, CROWD_MOST + 1):
        for seed in seeds:
            tags = {"shoppers": str(count)}
            yield _played(f"crowd-{count:02d}", on, partial(_times, visit, count), seed, tags)


def _hour(on: Stage, seed: int) -> Iterator[Observation]:
    coming = arrivals(seed, on.settings, shoppers=SHOPPERS_PER_HOUR, minutes=60.0)
    return on.simulating(on.shop, coming, seed=seed, settings=on.settings)


def _day(on: Stage, seeds: range) -> Iterator[Play]:
    for part, default in (("calibration", CALIBRATION_SEEDS), ("test", TEST_SEEDS)):
        for seed in default:
            if seeds and seed not in seeds:
                continue
            yield Play(f"{part}-s{seed:05d}", on.shop, partial(_hour, on, seed), {"part": part})


class _LastHour:
    """The hour that was played last, kept for the faults that hit it one after another: it is simulated once."""

    def __init__(self, on: Stage) -> None:
        self._on = on
        self._seed: int | None = None
        self._kept: list[Observation] = []

    def play(self, seed: int) -> Iterator[Observation]:
        """The hour of a seed; an hour with pictures is played anew each time, as it would fill the memory."""
        if self._on.simulating is not simulate:
            return _hour(self._on, seed)
        if seed != self._seed:
            self._seed, self._kept = None, []
            self._seed, self._kept = seed, list(_hour(self._on, seed))
        return iter(self._kept)


def _faulty(fault: Fault, on: Stage, seed: int, hour: _LastHour) -> Play:
    def observations() -> Iterator[Observation]:
        return apply(fault, hour.play(seed), on.shop, seed)

    return Play(f"{fault.name}-s{seed:05d}", believed(fault, on.shop, seed), observations, {"fault": fault.name})


def _faults(on: Stage, seeds: range) -> Iterator[Play]:
    hour = _LastHour(on)
    for seed in seeds:
        for name in sorted(FAULTS):
            yield _faulty(FAULTS[name], on, seed, hour)


def _cases(shop: Store, cases: Mapping[str, Case], seeds: range, settings: Settings) -> Iterator[Play]:
    for name, case in cases.items():
        for seed in seeds:
            own, _, _ = play_case(shop, case, seed=seed, settings=settings)
            tags = {"case": name, "consistent": "true" if case.consistent else "false"}

            def observations(case: Case = case, seed: int = seed) -> Iterator[Observation]:
                return play_case(shop, case, seed=seed, settings=settings)[1]

            yield Play(f"{name}-s{seed:05d}", own, observations, tags)


Maker = Callable[[Stage, range], Iterator[Play]]
SUITES: dict[str, tuple[str, range, Maker | None]] = {
    "aifi-dev": ("labelled real cases, played in the real shop", range(1, 21), None),
    "behaviours": ("each behaviour alone and in pairs", range(1, 21), _behaviours),
    "published-failures": ("what the competition's winner is documented to get wrong", range(1, 21), _failures),
    "day": (f"over {DAY_VISITS} visits for calibration and for test, free play", range(0), _day),
    "faults": (f"free play, over {FAULT_VISITS} visits under each fault", FAULT_SEEDS, _faults),
    "crowd": (f"1 to {CROWD_MOST} shoppers at once", range(1, 21), _crowd),
    "evader": ("each trick of somebody who wants to leave with more", range(1, 21), _evader),
}
"""Name to what it is, its seeds (for `day` an empty range means all of its own), and what makes it."""


def suite(
    name: str,
    store: Store,
    *,
    labels: Path | str | None = None,
    seeds: range | None = None,
    settings: Settings = DEFAULT,
    cameras: bool = False,
) -> Iterator[Play]:
    """The plays of a suite, made as they are asked for.

    Args:
        name: One of `SUITES`.
        store: The shop; for labelled cases the real one, as imported.
        labels: The file of labels, for labelled cases.
        seeds: Other seeds than the suite's own.
        settings: How hard.
        cameras: Film the store's cameras too.

    Raises:
        SuiteError: There is no such suite, it needs labels and was given none, or it cannot be filmed.
        LabelError: The labels cannot be read.
    """
    if name not in SUITES:
        raise SuiteError(f"no suite {name!r}; there are {', '.join(SUITES)}")
    _, default, maker = SUITES[name]
    chosen = default if seeds is None else seeds
    if maker is not None:
        return maker(Stage(store, settings, Filming() if cameras else simulate), chosen)
    if cameras:
        raise SuiteError(f"suite {name!r} plays in a shop whose cameras' places are not known: it cannot be filmed")
    if labels is None:
        raise SuiteError(f"suite {name!r} plays labelled cases: name the file of labels")
    return _cases(store, load_labels(labels), chosen, settings)


def rates(settings: Settings = DEFAULT) -> dict[str, float]:
    """How often each behaviour comes in free play, as a share of all that shoppers set out to do."""
    weights = {"take": PLAIN_WEIGHT, **{name: weight * settings.behaviours for name, weight in HARD_WEIGHTS.items()}}
    total = sum(weights.values())
    return {name: round(weight / total, 4) for name, weight in sorted(weights.items())}


def noted(play: Play) -> Iterator[Observation]:
    """The observations of a play, with its tags as truth notes."""
    for name in sorted(play.tags):
        yield TruthNote(f"suite.{name}", play.tags[name])
    yield from play.observations()


def write_suite(
    name: str,
    store: Store,
    out: Path | str,
    *,
    labels: Path | str | None = None,
    seeds: range | None = None,
    settings: Settings = DEFAULT,
    cameras: bool = False,
    progress: Callable[[str, bool], None] | None = None,
) -> list[Path]:
    """Write a suite's recordings into a folder, with `suite.json` about it; recordings that are there are kept.

    A recording gets its name only when it is complete, so an interrupted suite goes on where it stopped.

    Args:
        name: As for `suite`, like `store`, `labels`, `seeds` and `settings`.
        store: The shop.
        out: The folder; it is made.
        labels: The file of labels.
        seeds: Other seeds than the suite's own.
        settings: How hard.
        cameras: Film the store's cameras too.
        progress: Is told each recording's name, and whether it was there already.

    Returns:
        The paths in the suite's order. RecordingError where one cannot be written.
    """
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "suite": name,
        "version": VERSION,
        "origin": "simulated",
        "settings": settings.name,
        "cameras": cameras,
        "rates": rates(settings),
    }
    marker = folder / "suite.json"
    text = orjson.dumps(about, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
    if marker.exists() and marker.read_bytes() != text:
        raise SuiteError(
            f"{folder} holds another suite or another version of it (see suite.json); right: an empty folder"
        )
    marker.write_bytes(text)
    paths = []
    for play in suite(name, store, labels=labels, seeds=seeds, settings=settings, cameras=cameras):
        path = folder / f"{play.name}.mcap"
        there = path.exists()
        if not there:
            write(noted(play), path, play.shop)
        if progress is not None:
            progress(play.name, there)
        paths.append(path)
    return paths
