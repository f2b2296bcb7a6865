"""The smallest loop, played: hours of the twin in a shop that is not as its planogram says, with the loop on and off.

Both see the same recordings: each hour is simulated once and goes through as many engines as there are states of
knowledge, side by side. Where the desk asks, somebody answers who saw what happened; audits are drawn by a hash.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks._suites import ROOT, SAMPLE
from walkout.evaluation.answering import NONE_OF_THESE, moved_at, true_key
from walkout.inference.belief import Belief
from walkout.inference.calibrate import Card
from walkout.inference.explanation import Explanation
from walkout.inference.model import Model
from walkout.inference.question import answered, ask
from walkout.learning.label import Basket, Told
from walkout.live.engine import Engine
from walkout.live.freeze import freeze, thaw
from walkout.recording.channel import PLATES
from walkout.recording.gate import GateEvent
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.rechunk import rechunk
from walkout.recording.truth import TruthMove, TruthVisit
from walkout.store.folder import load
from walkout.store.shop import Store
from walkout.twin.play import simulate
from walkout.twin.settings import Settings
from walkout.twin.shoppers import arrivals
from walkout.twin.simulation import START_NS
from walkout.twin.suites import SHOPPERS_PER_HOUR

MOST = 6
"""Questions to one visit at most; then a person looks at all of it."""
SAMPLES = 60
"""Plate samples that go to an engine at once, a second: the same results in any chunking, in less time."""
HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True, slots=True)
class Heard:
    """What one state of knowledge makes of an hour."""

    beliefs: tuple[Belief, ...]
    explanations: tuple[Explanation, ...]


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour: what is true of it, and what each engine makes of it, in the order they were given."""

    truth: Mapping[str, Basket]
    """By visit, where its basket is written down."""
    moves: tuple[TruthMove, ...]
    party: Mapping[str, str]
    heard: tuple[Heard, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One visit under one state of knowledge."""

    alone: bool
    """Settled by software alone."""
    exact: bool
    """Its receipt before anybody answered is exactly right."""
    over: bool
    questions: int
    settled: bool
    """By software, or by the answers that came; else a person looked at all of it."""


def believed(store: Store, swaps: int, seed: int) -> Store:
    """The shop with some pairs of facings exchanged in its planogram, never two that stand side by side."""
    order = sorted(range(len(store.planogram)), key=lambda n: sha256(f"{seed}/{n}".encode()).digest())
    facings = list(store.planogram)
    pairs: list[tuple[int, int]] = []
    left = [
        n for n in order if any(store.plate(facings[n].fixture, facings[n].shelf, p).cell for p in facings[n].plates)
    ]
    while left and len(pairs) < swaps:
        first = left.pop(0)
        other = next((n for n in left if _apart(store, first, n)), None)
        if other is None:
            break
        left.remove(other)
        pairs.append((first, other))
    for a, b in pairs:
        one, two = facings[a], facings[b]
        facings[a], facings[b] = replace(one, gtin=two.gtin), replace(two, gtin=one.gtin)
    return replace(store, planogram=tuple(facings))


def play(store: Store, seed: int, settings: Settings, engines: Sequence[tuple[Store, Model]], start_ns: int) -> Hour:
    """One hour of the shop through some engines."""
    coming = arrivals(seed, settings, shoppers=SHOPPERS_PER_HOUR, minutes=60.0)
    topics = frozenset({PLATES + f.id for f in store.fixtures} | {"/people"})
    running = [Engine(shop, expected=topics, gated=True, model=model) for shop, model in engines]
    beliefs: list[list[Belief]] = [[] for _ in running]
    told: list[list[Explanation]] = [[] for _ in running]
    visits: list[TruthVisit] = []
    moves: list[TruthMove] = []

    def sensed() -> Iterator[Any]:
        for one in simulate(store, coming, seed=seed, settings=settings, start_ns=start_ns):
            if isinstance(one, TruthVisit):
                visits.append(one)
            elif isinstance(one, TruthMove):
                moves.append(one)
            elif isinstance(one, PlateBatch | PeopleFrame | GateEvent):
                yield one

    for one in rechunk(sensed(), SAMPLES):
        for n, engine in enumerate(running):
            found = engine.step(one)
            beliefs[n] += found.beliefs
            told[n] += found.explanations
    for n, engine in enumerate(running):
        found = engine.finish()
        beliefs[n] += found.beliefs
        told[n] += found.explanations
    truth = {v.visit: tuple(sorted((g.zfill(14), n) for g, n in v.basket.items() if n)) for v in visits}
    party = {shopper: visit.visit for visit in visits for shopper in visit.shoppers}
    heard = tuple(Heard(tuple(b), tuple(t)) for b, t in zip(beliefs, told, strict=True))
    return Hour(truth, tuple(moves), party, heard)


def asked(belief: Belief, hour: Hour, card: Card, settle_at: float) -> tuple[Outcome, tuple[Told, ...]]:
    """What becomes of a visit at the desk, where somebody answers who saw everything."""
    true = hour.truth.get(belief.visit.id, ())
    basket = tuple(sorted((line.gtin, line.quantity) for line in belief.lines))
    over = any(n > dict(true).get(gtin, 0) for gtin, n in basket)
    exact = basket == true
    if card.exact(belief.p_right, empty=not basket) >= settle_at:
        return Outcome(True, exact, over, 0, True), ()
    party = {**hour.party, **dict.fromkeys(belief.visit.shoppers, belief.visit.id)}
    told: list[Told] = []
    count, now = 0, belief
    while count < MOST and (question := ask(now)) is not None:
        doubt = next(d for d in now.doubts if d.event == question.event)
        key = true_key(doubt, question, hour.moves, party)
        count += 1
        if key == NONE_OF_THESE:
            moved = [(gtin, n) for _, gtin, n in moved_at(doubt, hour.moves, party)]
            if len(moved) == 1:
                told.append(Told(doubt.event, "what", moved[0][0]))
            break
        if key is None:
            now = replace(now, doubts=tuple(d for d in now.doubts if d is not doubt))
            continue
        told.append(Told(question.event, question.kind, key))
        now = answered(now, question, key)
        if card.exact(now.p_right, empty=False) >= settle_at:
            return Outcome(False, exact, over, count, True), tuple(told)
    return Outcome(False, exact, over, count, False), tuple(told)


def is_audited(seed: int, visit: str, share: float) -> bool:
    """Whether a visit that settled alone is looked at, by a hash."""
    return int.from_bytes(sha256(f"audit/{seed}/{visit}".encode()).digest()[:8]) / 2**64 < share


def kept(
    folder: Path | None,
    store: Store,
    seed: int,
    settings: Settings,
    engines: Sequence[tuple[Store, Model]],
    number: int,
) -> Hour:
    """As `play`, the hour of this number; taken from `folder` where the same one is there already."""
    start_ns = START_NS + number * HOUR_NS
    if folder is None:
        return play(store, seed, settings, engines, start_ns)
    shops = "".join(repr((shop.planogram, model)) for shop, model in engines)
    about = f"{_source()} {seed} {settings} {number} {shops}"
    path = folder / f"hour-{sha256(about.encode()).hexdigest()[:24]}.bin"
    if path.is_file():
        read = thaw(path.read_bytes())
        heard = tuple(Heard(tuple(beliefs), tuple(told)) for beliefs, told in read["heard"])
        return Hour(read["truth"], tuple(read["moves"]), read["party"], heard)
    made = play(store, seed, settings, engines, start_ns)
    heard_ = [[list(one.beliefs), list(one.explanations)] for one in made.heard]
    plain = {"truth": dict(made.truth), "moves": list(made.moves), "party": dict(made.party), "heard": heard_}
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(freeze(plain))
    return made


@cache
def _source() -> str:
    """A hash of the source that an hour rests on."""
    package = ROOT / "src" / "walkout"
    rooms = [package / name for name in ("store", "recording", "twin", "sensing", "inference")]
    paths = [path for room in rooms for path in sorted(room.rglob("*.py"))]
    digest = sha256()
    for path in [*paths, package / "live" / "engine.py", Path(__file__)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _apart(store: Store, first: int, second: int) -> bool:
    """Whether two facings are of two fixtures or shelves, so that a hand at one is not at the other."""
    one, two = store.planogram[first], store.planogram[second]
    return (one.fixture, one.shelf) != (two.fixture, two.shelf)


def sample() -> Store:
    """The shop that the twin plays."""
    return load(SAMPLE)
