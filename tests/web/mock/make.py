"""Makes `story.json.gz`: a busy stretch of the sample shop, played by the twin and told by the real engine.

    python -m tests.web.mock.make        (about two minutes; the same bytes every time)

What pages are tried on is therefore what the shop really says: people, events with candidates, baskets that fill,
receipts, curves. Simulated, and marked so.
"""

import gzip
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from walkout.checkout.receipt import make_receipt, to_published
from walkout.inference.explanation import Explanation
from walkout.inference.posterior import explain
from walkout.live.engine import Engine
from walkout.live.outcome import Curve
from walkout.recording.channel import Observation
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.reader import open_recording
from walkout.sensing.people import tracks
from walkout.sensing.reach import reach
from walkout.store.folder import load
from walkout.store.planogram import Facing
from walkout.store.shop import Store
from walkout.twin.record import record

HERE = Path(__file__).parent
STORY = HERE / "story.json.gz"
SAMPLE = HERE.parents[2] / "examples" / "sample-store"
SHOPPERS, MINUTES, SEED = 12, 2.0, 3
PEOPLE_MS = 100
"""People are told ten times a second, as the live page hears them."""
HANDS = ("l_wrist", "r_wrist")
MOST = 4
"""Candidates told of one event; the rest are summed up by what is missing to 1."""


def make(store: Store, recording: Path) -> dict[str, Any]:
    """Everything that the mock serves, with all times in ns from the start of the recording."""
    engine = Engine(store, gated=True)
    told = _Told(store)
    for observation in open_recording(recording).observations():
        told.observe(observation)
        outputs = engine.step(observation)
        told.tell(engine, outputs.beliefs, outputs.explanations, outputs.curves)
    outputs = engine.finish()
    told.tell(engine, outputs.beliefs, outputs.explanations, outputs.curves)
    return told.story()


class _Told:
    def __init__(self, store: Store) -> None:
        self.store = store
        self.now_ns = 0
        self.start_ns: int | None = None
        self.frames: list[PeopleFrame] = []
        self.people: list[Any] = []
        self.visit_of: dict[str, str] = {}
        self.messages: list[tuple[int, dict[str, Any]]] = []
        self.told: set[str] = set()
        self.open: dict[str, bytes] = {}
        self.receipts: dict[str, dict[str, Any]] = {}
        self.explanations: dict[str, Explanation] = {}
        self.curves: dict[str, Curve] = {}

    def observe(self, observation: Observation) -> None:
        if isinstance(observation, PlateBatch):
            if self.start_ns is None:
                self.start_ns = int(observation.t_ns[0])
            self.now_ns = max(self.now_ns, int(observation.t_ns[-1]))
        elif isinstance(observation, PeopleFrame):
            self.frames.append(observation)
            self.now_ns = max(self.now_ns, observation.t_ns)
            slot = self.now_ns // (PEOPLE_MS * 1_000_000)
            if not self.people or self.people[-1][0] < slot:
                self.people.append((slot, observation))

    def tell(self, engine: Engine, beliefs: Any, explanations: Iterable[Explanation], curves: Iterable[Curve]) -> None:
        explanations = tuple(explanations)
        self.curves |= {curve.event: curve for curve in curves}
        self.explanations |= {e.event.id: e for e in explanations}
        for frame in self.frames[-1:]:
            for person in frame.people:
                visit = engine._book.visit_of(person.id)
                if visit:
                    self.visit_of[person.id] = visit
        waiting = explain(engine._course.pasts, engine._goods)
        changed = False
        for explanation in (*explanations, *waiting):
            if explanation.event.id not in self.told:
                self.told.add(explanation.event.id)
                changed = True
                self.messages.append((self.now_ns, {"type": "event", "event": self._event(explanation)}))
        baskets = {b.visit.id: b for b in engine.baskets()} if changed or not self.now_ns % 5 else {}
        for stay in engine._book.open_visits():
            if stay.id not in self.open:
                baskets.setdefault(stay.id, next(b for b in engine.baskets() if b.visit.id == stay.id))
        for id_, belief in baskets.items():
            said = self._visit(belief, None)
            if self.open.get(id_) != (packed := orjson.dumps(said)):
                self.open[id_] = packed
                self.messages.append((self.now_ns, {"type": "visit", "visit": said}))
        for belief in beliefs:
            said = self._visit(belief, belief.visit.left_ns)
            self.messages.append((self.now_ns, {"type": "visit", "visit": said}))
            receipt = to_published(make_receipt(belief, self.store.products, self.store.currency, self.store.origin))
            self.receipts[belief.visit.id] = receipt | {"issued_ns": self.now_ns}
            kept = ("visit", "revision", "total", "due", "currency", "p_exact", "decided_by")
            row = {key: receipt[key] for key in kept}
            row |= {"final": receipt["status"] == "settled", "issued_ns": self.now_ns}
            row["status"] = "settled" if receipt["status"] == "settled" else "asked"
            self.messages.append((self.now_ns, {"type": "receipt", "receipt": row}))

    def _visit(self, belief: Any, left_ns: int | None) -> dict[str, Any]:
        receipt = to_published(make_receipt(belief, self.store.products, self.store.currency, self.store.origin))
        kept = ("gtin", "name", "quantity", "probability", "unit_price", "why")
        return {
            "id": belief.visit.id,
            "party": belief.visit.party,
            "shoppers": list(belief.visit.shoppers),
            "entered_ns": belief.visit.entered_ns,
            "left_ns": left_ns,
            "lines": [{key: line[key] for key in kept} for line in receipt["lines"]],
            "total": receipt["total"],
            "currency": receipt["currency"],
            "p_exact": receipt["p_exact"],
        }

    def _event(self, explanation: Explanation) -> dict[str, Any]:
        event = explanation.event
        return {
            "id": event.id,
            "t_ns": event.start_ns,
            "end_ns": event.end_ns,
            "fixture": event.fixture,
            "shelf": event.shelf,
            "plates": list(event.plates),
            "mass_g": round(sum(event.delta_g), 1),
            "candidates": [
                {
                    "visit": self.visit_of.get(c.shopper or "") or None,
                    "gtin": c.gtin,
                    "name": self.store.products[c.gtin].name if c.gtin in self.store.products else "",
                    "quantity": c.quantity,
                    "probability": round(c.probability, 4),
                    "words": c.why,
                }
                for c in explanation.candidates[:MOST]
            ],
        }

    def story(self) -> dict[str, Any]:
        assert self.start_ns is not None
        start = self.start_ns
        people = []
        for slot, frame in self.people:
            row = []
            for person in frame.people:
                head = person.joints.get("head") or person.joints.get("neck")
                if head is None:
                    continue
                hands = [person.joints[name] for name in HANDS if name in person.joints]
                place = [_cm(head.x_m), _cm(head.y_m), _cm(head.z_m)]
                reached = [[_cm(h.x_m), _cm(h.y_m), _cm(h.z_m)] for h in hands]
                row.append([person.id, self.visit_of.get(person.id, ""), *place, reached])
            people.append([slot * PEOPLE_MS * 1_000_000 - start, row])
        visits = {}
        for id_, receipt in self.receipts.items():
            mine = [e for e in self.explanations.values() if self._concerns(e, receipt)]
            mine.sort(key=lambda e: (e.event.start_ns, e.event.id))
            visits[id_] = {
                "receipt": _relative(receipt, start),
                "timeline": {"events": [_relative(self._full(e), start) for e in mine]},
            }
        return {
            "origin": self.store.origin,
            "end_ns": self.now_ns - start,
            "people": people,
            "messages": [[t_ns - start, _relative(message, start)] for t_ns, message in self.messages],
            "visits": visits,
        }

    def _concerns(self, explanation: Explanation, receipt: Mapping[str, Any]) -> bool:
        likely = {c.shopper for c in explanation.candidates if c.probability >= 0.02}
        asked = {question["event"] for question in receipt["questions"]}
        return explanation.event.id in asked or bool(likely & set(receipt["shoppers"]))

    def _full(self, explanation: Explanation) -> dict[str, Any]:
        event = explanation.event
        said = self._event(explanation)
        for row, candidate in zip(said["candidates"], explanation.candidates, strict=False):
            row["at_first"] = None if candidate.at_first is None else round(candidate.at_first, 4)
        curve = self.curves.get(event.id)
        said["curve"] = None
        said["reaches"] = []
        if curve is None or not len(curve.t_ns):
            return said
        thin = slice(None, None, max(1, len(curve.t_ns) // 160))
        changed = [k for k, plate in enumerate(curve.plates) if plate in event.plates]
        grams = np.asarray(curve.grams[thin][:, changed], float)
        said["curve"] = {
            "t_ns": [int(t) for t in curve.t_ns[thin]],
            "plates": [curve.plates[k] for k in changed],
            "grams": [[None if not np.isfinite(g) else round(float(g), 1) for g in row] for row in grams],
        }
        said["reaches"] = self._reaches(explanation, int(curve.t_ns[0]), int(curve.t_ns[-1]))
        return said

    def _reaches(self, explanation: Explanation, start_ns: int, end_ns: int) -> Sequence[dict[str, Any]]:
        """The nearer hand of each likely shopper to the plates that changed."""
        event = explanation.event
        seen = tracks([f for f in self.frames if start_ns <= f.t_ns <= end_ns])
        box = self.store.box(Facing(event.fixture, event.shelf, event.plates, ""))
        found = []
        for person in dict.fromkeys(c.shopper for c in explanation.candidates[:MOST]):
            if person is None or person not in seen:
                continue
            track = seen[person]
            hands = reach(track, self.store.fixture(event.fixture), [box]).hand_m[:, :, 0]
            nearer = np.min(np.where(np.isnan(hands), np.inf, hands), axis=1)
            points = [(int(t), float(d)) for t, d in zip(track.t_ns[::2], nearer[::2], strict=True) if d < 1.0]
            if points:
                found.append(
                    {
                        "visit": self.visit_of.get(person) or None,
                        "person": person,
                        "t_ns": [t for t, _ in points],
                        "distance_m": [round(d, 2) for _, d in points],
                    }
                )
        return found


def _cm(metres: float) -> float:
    return round(metres, 2)


def _relative(value: Any, start_ns: int, key: str = "") -> Any:
    """The same with every instant counted from `start_ns`."""
    if isinstance(value, dict):
        return {k: _relative(v, start_ns, k) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_relative(v, start_ns, key) for v in value]
    return value - start_ns if key.endswith("_ns") and isinstance(value, int) else value


def main() -> None:
    """Record, replay, write."""
    store = load(SAMPLE)
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "rush.mcap"
        record(store, recording, shoppers=SHOPPERS, minutes=MINUTES, seed=SEED)
        story = make(store, recording)
    STORY.write_bytes(gzip.compress(orjson.dumps(story), mtime=0))


if __name__ == "__main__":
    main()
