"""A whole recording through the engine: the same receipts, byte for byte, in whatever chunks it is fed."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import orjson

from walkout.checkout import pricing
from walkout.checkout.receipt import Receipt, make_receipt, to_published
from walkout.inference.belief import Belief
from walkout.inference.explanation import Explanation
from walkout.inference.model import Model
from walkout.live.engine import Engine, Outputs
from walkout.live.manner import told
from walkout.live.outcome import Curve, Path, Replay
from walkout.live.scales import weighed
from walkout.recording.channel import PLATES, Observation
from walkout.recording.error import RecordingError
from walkout.recording.gate import GateEvent
from walkout.recording.loss import Loss
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.reader import Recording
from walkout.recording.rechunk import rechunk
from walkout.recording.watch import Watch
from walkout.store.folder import unpack
from walkout.store.shop import Origin, Store

PATH_SLOT_NS = 100_000_000
"""A path keeps one point in 0.1 s."""

Progress = Callable[[int, int, str], None]
"""Called as (done, total, what)."""

__all__ = ["Replay", "replay", "replay_json"]


def replay(
    recording: Recording,
    *,
    store: Store | None = None,
    samples: int | None = None,
    model: Model | None = None,
    progress: Progress | None = None,
) -> Replay:
    """Decide what every party of a recording took.

    `store` stands in for the store folder inside the recording; `samples` feeds that many plate samples at a time.

    Raises:
        RecordingError: the recording carries no store, or mixes real and simulated data.
        StoreError: the store folder is wrong.
        ValueError: `samples` is below 1.
    """
    origin = _origin(recording)
    shop = store if store is not None else _store(recording)
    topics, total = _topics(recording)
    how = told(recording.notes)
    if how is None:
        engine = Engine(shop, expected=topics, gated="/gate" in topics, model=model)
    else:  # a running shop's journal: it ran like this, so it is replayed like this
        engine = Engine(
            shop, expected=how.expected, gated=how.gated, patience_ns=how.patience_ns, model=model or Model()
        )
    observations: Iterator[Observation] = recording.observations()
    if samples is not None:
        observations = rechunk(observations, samples)
    kept = _Kept()
    for done, observation in enumerate(observations):
        if progress is not None and done % 200 == 0:
            progress(min(done, total), total, "")
        kept.observe(observation)
        kept.keep(engine.step(observation))
    kept.keep(engine.finish())
    if progress is not None:
        progress(total, total, "")
    return _replay(kept, shop, origin, _losses(recording, engine))


def replay_json(result: Replay) -> bytes:
    """`{"receipts": [...], "degraded": [...]}` with sorted keys and a last line end: equal replays give equal bytes."""
    published: dict[str, Any] = {
        "receipts": [to_published(receipt) for receipt in result.receipts],
        "degraded": [asdict(loss) for loss in result.degraded],
    }
    return orjson.dumps(published, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


class _Kept:
    """What a replay keeps while it runs."""

    def __init__(self) -> None:
        self.beliefs: list[Belief] = []
        self.explanations: list[Explanation] = []
        self.curves: dict[str, Curve] = {}
        self.points: dict[str, list[tuple[int, float, float]]] = {}
        self.first_ns: int | None = None
        self.last_ns = 0
        self.counts = {"gate_events": 0, "people_frames": 0, "plate_samples": 0}

    def keep(self, outputs: Outputs) -> None:
        self.beliefs += outputs.beliefs
        self.explanations += outputs.explanations
        self.curves |= {curve.event: curve for curve in outputs.curves}

    def observe(self, observation: Observation) -> None:
        if isinstance(observation, PlateBatch):
            self.counts["plate_samples"] += len(observation.t_ns)
            if len(observation.t_ns):
                self._span(int(observation.t_ns.min()), int(observation.t_ns.max()))
            return
        self._span(observation.t_ns, observation.t_ns)
        if isinstance(observation, GateEvent):
            self.counts["gate_events"] += 1
        if not isinstance(observation, PeopleFrame):
            return
        self.counts["people_frames"] += 1
        for person in observation.people:
            head = person.joints.get("head") or person.joints.get("neck")
            if head is not None:
                self.points.setdefault(person.id, []).append((observation.t_ns, head.x_m, head.y_m))

    def _span(self, first_ns: int, last_ns: int) -> None:
        self.first_ns = first_ns if self.first_ns is None else min(self.first_ns, first_ns)
        self.last_ns = max(self.last_ns, last_ns)


def _receipt(belief: Belief, explanations: tuple[Explanation, ...], store: Store, origin: Origin) -> Receipt:
    plain = make_receipt(belief, store.products, store.currency, origin)
    return pricing.apply(plain, store.products, store.selling, weighed(belief, explanations, store.products))


def _replay(kept: _Kept, store: Store, origin: Origin, degraded: tuple[Loss, ...]) -> Replay:
    beliefs = tuple(sorted(kept.beliefs, key=lambda b: (b.visit.left_ns, b.visit.id)))
    explanations = tuple(sorted(kept.explanations, key=lambda e: (e.event.start_ns, e.event.id)))
    return Replay(
        origin=origin,
        store=store,
        start_ns=kept.first_ns or 0,
        end_ns=kept.last_ns,
        receipts=tuple(_receipt(b, explanations, store, origin) for b in beliefs),
        beliefs=beliefs,
        degraded=degraded,
        events=tuple(e.event for e in explanations),
        explanations=explanations,
        curves=tuple(kept.curves[e.event.id] for e in explanations),
        paths=_paths(kept, beliefs),
        counts=dict(sorted(kept.counts.items())),
    )


def _paths(kept: _Kept, beliefs: tuple[Belief, ...]) -> tuple[Path, ...]:
    """One a person, or one a visit where the same id came twice."""
    paths = []
    for person, points in sorted(kept.points.items()):
        thin = {t_ns // PATH_SLOT_NS: (t_ns, x, y) for t_ns, x, y in sorted(points, reverse=True)}
        every = [thin[slot] for slot in sorted(thin)]
        visits = [b.visit for b in beliefs if person in b.visit.shoppers]
        cuts = [visit.left_ns for visit in visits[:-1]]
        for k in range(max(1, len(visits))):
            low = cuts[k - 1] if k else -1
            high = cuts[k] if k < len(cuts) else 2**63
            part = [point for point in every if low < point[0] <= high]
            visit = visits[k].id if visits else ""
            t_ns = np.array([t for t, _, _ in part], np.int64)
            xy_m = np.array([(x, y) for _, x, y in part], np.float32).reshape(-1, 2)
            paths.append(Path(person, visit, t_ns, xy_m))
    return tuple(sorted(paths, key=lambda p: (int(p.t_ns[0]) if len(p.t_ns) else 0, p.person, p.visit)))


def _origin(recording: Recording) -> Origin:
    if recording.origin == "real":
        return "real"
    if recording.origin == "simulated":
        return "simulated"
    raise RecordingError(
        f"{recording.name}: origin {recording.origin!r}; right: real or simulated data, never both in one"
    )


def _store(recording: Recording) -> Store:
    if not recording.store_files:
        raise RecordingError(f"{recording.name}: no store folder inside; right: one inside, or one named with --store")
    return unpack(recording.store_files)


def _topics(recording: Recording) -> tuple[frozenset[str], int]:
    """The sensor streams that have at least one message, and how many messages they have in all."""
    topics: set[str] = set()
    count = 0
    for topic, _ in recording.messages(Watch()):
        if topic.startswith((PLATES, "/people", "/gate")):
            topics.add(topic)
            count += 1
    return frozenset(topics), count


def _losses(recording: Recording, engine: Engine) -> tuple[Loss, ...]:
    """What the recording lists, and what only the engine could notice."""
    listed = recording.losses
    known = {(loss.kind, loss.channel) for loss in listed}
    more = [loss for loss in engine.losses() if (loss.kind, loss.channel) not in known]
    return tuple(sorted((*listed, *more), key=lambda x: (x.channel, x.kind, x.detail, x.start_ns or 0)))
