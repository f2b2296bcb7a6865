"""Write what the twin plays to a recording."""

from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush
from pathlib import Path
from typing import TYPE_CHECKING

from walkout.recording.camera import CameraFrame
from walkout.recording.gate import GateEvent
from walkout.recording.look import Look
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.tags import TagFrame
from walkout.recording.truth import TruthMove, TruthNote, TruthVisit
from walkout.recording.writer import RecordingWriter
from walkout.store.folder import load, pack
from walkout.store.shop import Store
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.labels import LabelError, Played, load_labels, play_case
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate
from walkout.twin.settings import DEFAULT, Settings
from walkout.twin.shoppers import arrivals
from walkout.twin.simulation import Observation

if TYPE_CHECKING:
    from walkout.twin.film import Film

HORIZON_NS = 15_000_000_000
"""Nothing the twin makes arrives later than this after its event."""


def _arrival_ns(observation: Observation, latest_ns: int) -> int:
    match observation:
        case PlateBatch() | PeopleFrame() | GateEvent() | Look() | TagFrame() | CameraFrame():
            return observation.arrived_ns
        case TruthMove():
            return observation.end_ns
        case TruthVisit():
            return observation.left_ns
        case TruthNote():
            return latest_ns


def delivered(observations: Iterable[Observation]) -> Iterator[Observation]:
    """The same observations in the order in which a recorder receives them; holds back a few seconds of them."""
    waiting: list[tuple[int, int, Observation]] = []
    first_notes: list[Observation] = []
    latest_ns = now_ns = 0
    for count, observation in enumerate(observations):
        if isinstance(observation, TruthNote) and not latest_ns:
            first_notes.append(observation)
            continue
        arrival_ns = _arrival_ns(observation, latest_ns)
        heappush(waiting, (arrival_ns, count, observation))
        latest_ns = max(latest_ns, arrival_ns)
        if isinstance(observation, PlateBatch | PeopleFrame):
            now_ns = max(now_ns, observation.arrived_ns if isinstance(observation, PlateBatch) else observation.t_ns)
        while waiting and waiting[0][0] < now_ns - HORIZON_NS:
            yield heappop(waiting)[2]
            yield from first_notes
            first_notes = []
    while waiting:
        yield heappop(waiting)[2]
        yield from first_notes
        first_notes = []


def write(
    observations: Iterable[Observation],
    out: Path | str,
    store: Store,
    *,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Write observations of a simulated shop to a recording marked simulated.

    Args:
        observations: In order of event time, as `simulate` yields them.
        out: The file to make; one that is there is replaced.
        store: The shop, which travels inside.
        progress: Is told the event time in nanoseconds, about once for each plate batch.

    Returns:
        The path of the file. RecordingError where it cannot be written.
    """
    path = Path(out)
    with RecordingWriter(
        path, store_files=pack(store), origin="simulated", creator="walkout twin", store=store.name
    ) as writer:
        for observation in delivered(observations):
            writer.write(observation)
            if progress is not None and isinstance(observation, PlateBatch):
                progress(int(observation.t_ns[-1]))
    return path


def record(
    store: Store | Path | str,
    out: Path | str,
    *,
    shoppers: int,
    minutes: float,
    seed: int,
    settings: Settings = DEFAULT,
    progress: Callable[[int], None] | None = None,
    film: "Film | None" = None,
) -> Path:
    """Record free play: about `shoppers` people come within `minutes`, and the recording ends when the last has left.

    Args:
        store: The shop, or its folder.
        out: The file to make.
        shoppers: People in all, staff not counted.
        minutes: How long the shop is open.
        seed: Same seed, same bytes.
        settings: How hard.
        progress: As for `write`.
        film: The shop's cameras, made with the same seed; None: no pictures.

    Returns:
        The path of the file. StoreError for a folder that does not hold a shop, RecordingError where it cannot be
        written.
    """
    shop = store if isinstance(store, Store) else load(store)
    coming = arrivals(seed, settings, shoppers=shoppers, minutes=minutes)
    played = simulate(shop, coming, seed=seed, settings=settings, notes={"script": "free play"}, film=film)
    return write(played, out, shop, progress=progress)


def record_case(
    store: Store | Path | str,
    labels: Path | str,
    case: str,
    out: Path | str,
    *,
    seed: int,
    settings: Settings = DEFAULT,
    progress: Callable[[int], None] | None = None,
) -> Played:
    """Record one labelled case, with the shop inside as it was before it.

    Args:
        store: The real shop, or its folder.
        labels: A file of labels.
        case: The case's name in it.
        out: The file to make.
        seed: Same seed, same bytes.
        settings: How hard.
        progress: As for `write`.

    Returns:
        How much the labelled times slipped, and what could not be played.

    Raises:
        LabelError: The labels cannot be read, or have no such case.
    """
    shop = store if isinstance(store, Store) else load(store)
    cases = load_labels(labels)
    if case not in cases:
        raise LabelError(f"{labels} has no case {case!r}; there are {', '.join(cases) or 'none'}")
    shop, played, report = play_case(shop, cases[case], seed=seed, settings=settings)
    write(played, out, shop, progress=progress)
    return report


def demo_arrivals() -> tuple[Arrival, ...]:
    """Five shoppers: plain takes, several at once, a return, a misplaced item, and one who buys nothing."""
    return (
        Arrival(1.0, (Member(Build(1.78, 0.9), b.sequence(b.take, b.take)),)),
        Arrival(7.0, (Member(Build(1.64, 0.8), b.sequence(b.take_several, b.take)),)),
        Arrival(22.0, (Member(Build(1.71, 0.85, handed="left"), b.sequence(b.take, b.take, b.return_one)),)),
        Arrival(40.0, (Member(Build(1.83, 0.9), b.sequence(b.misplace, b.take)),)),
        Arrival(55.0, (Member(Build(1.58, 0.75), b.leave_with_nothing),)),
    )


def demo_visit(store: Store | Path | str, out: Path | str, seed: int = 1, settings: Settings = DEFAULT) -> Path:
    """Record the five shoppers of `demo_arrivals`, about two minutes; as `record` otherwise."""
    shop = store if isinstance(store, Store) else load(store)
    played = simulate(shop, demo_arrivals(), seed=seed, settings=settings, notes={"script": "demo"})
    return write(played, out, shop)
