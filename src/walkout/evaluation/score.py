"""Receipts against the truth: exactly right or not, and precision, recall and F1 as the competition counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from walkout.evaluation.matching import Claim, Points, claim, match
from walkout.recording.people import PeopleFrame
from walkout.recording.reader import Recording
from walkout.recording.truth import TruthNote, TruthVisit
from walkout.recording.truth_reader import truth_of


class NoTruthError(ValueError):
    """A recording that carries no truth."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One true visit, one receipt, or the two together."""

    claim: Claim | None
    visit: TruthVisit | None

    @property
    def exact(self) -> bool:
        """Both are there and the basket is the same, counts included."""
        return self.claim is not None and self.visit is not None and _counted(self.claim.basket) == self._true

    @property
    def right(self) -> int:
        """Items that are on the receipt and were taken."""
        return sum(min(n, self._true.get(gtin, 0)) for gtin, n in self._charged.items())

    @property
    def charged(self) -> int:
        """Items on the receipt."""
        return sum(self._charged.values())

    @property
    def taken(self) -> int:
        """Items that were taken."""
        return sum(self._true.values())

    @property
    def overcharged(self) -> bool:
        """Something is on the receipt that was not taken."""
        return self.charged > self.right

    @property
    def party_size(self) -> int:
        """How many shoppers were on it."""
        shoppers = self.visit.shoppers if self.visit is not None else self.claim.shoppers if self.claim else ()
        return max(1, len(shoppers))

    @property
    def _true(self) -> Mapping[str, int]:
        return _counted(self.visit.basket) if self.visit is not None else {}

    @property
    def _charged(self) -> Mapping[str, int]:
        return _counted(self.claim.basket) if self.claim is not None else {}


@dataclass(frozen=True, slots=True)
class Judgement:
    """One recording's receipts held against its truth."""

    recording: str
    judged: tuple[Judged, ...]
    consistent: bool = True
    """False: the truth contradicts itself, and the recording is left out of all figures."""


def judge(recording: Recording, receipts: Sequence[Mapping[str, Any]]) -> Judgement:
    """Hold receipts in the published JSON form against the truth of the recording that they are of.

    Raises:
        NoTruthError: the recording carries no truth.
        ClaimError: a receipt is not of the published form.
        RecordingError: the truth cannot be read.
    """
    truth = list(truth_of(recording))
    visits = [item for item in truth if isinstance(item, TruthVisit)]
    notes = {item.name: item.value for item in truth if isinstance(item, TruthNote)}
    if not truth:
        raise NoTruthError(f"{recording.name}: found no truth in it, right: one with labels, or a simulated one")
    claims = [claim(receipt) for receipt in receipts]
    times = [t for v in visits for t in (v.entered_ns, v.left_ns)] + [c.entered_ns for c in claims]
    zero_ns = min(times, default=0)
    pairs = match(claims, visits, _paths(recording, claims, visits, zero_ns), zero_ns)
    judged = tuple(Judged(None if i is None else claims[i], None if j is None else visits[j]) for i, j in pairs)
    return Judgement(recording.name, judged, notes.get("consistent", "true").lower() != "false")


def summary(judgements: Sequence[Judgement]) -> dict[str, Any]:
    """The figures of design.md section 4 over some recordings.

    `visits` counts true visits; `exact` and `overcharged` are shares of those and of receipts that match none, so
    that what stays unmatched on either side is wrong; `settled_alone` is the share that software really settled by
    itself (a receipt that asks is not), `settled_wrong` the share of those that is not exact. `precision`, `recall`
    and `f1` are means over recordings, counting items; nothing charged has precision 1, nothing taken has recall 1,
    both together F1 1. Inconsistent recordings are left out and counted in `left_out`.
    """
    used = [j for j in judgements if j.consistent]
    judged = [item for j in used for item in j.judged]
    settled = [item for item in judged if item.claim is not None and item.claim.alone]
    ratios = [_ratios(j) for j in used]
    sizes = sorted({item.party_size for item in judged})
    return {
        "visits": sum(item.visit is not None for item in judged),
        "exact": _share(sum(item.exact for item in judged), len(judged)),
        "precision": _mean([p for p, _, _ in ratios]),
        "recall": _mean([r for _, r, _ in ratios]),
        "f1": _mean([f for _, _, f in ratios]),
        "settled_alone": _share(len(settled), len(judged)),
        "settled_wrong": _share(sum(not item.exact for item in settled), len(settled), empty=0.0),
        "overcharged": _share(sum(item.overcharged for item in judged), len(judged), empty=0.0),
        "by_party_size": {str(size): _by_size(judged, size) for size in sizes},
        "recordings": len(used),
        "left_out": len(judgements) - len(used),
        "unmatched_receipts": sum(item.visit is None for item in judged),
        "unmatched_visits": sum(item.claim is None for item in judged),
    }


def score(pairs: Sequence[tuple[Recording, Sequence[Mapping[str, Any]]]]) -> dict[str, Any]:
    """The figures over recordings, each with its receipts; see `judge` and `summary`."""
    return summary([judge(recording, receipts) for recording, receipts in pairs])


def _by_size(judged: Sequence[Judged], size: int) -> dict[str, Any]:
    of = [item for item in judged if item.party_size == size]
    return {"visits": sum(item.visit is not None for item in of), "exact": _share(sum(i.exact for i in of), len(of))}


def _ratios(judgement: Judgement) -> tuple[float, float, float]:
    right = sum(item.right for item in judgement.judged)
    charged = sum(item.charged for item in judgement.judged)
    taken = sum(item.taken for item in judgement.judged)
    return _share(right, charged), _share(right, taken), _share(2 * right, charged + taken)


def _share(part: int, whole: int, *, empty: float = 1.0) -> float:
    return part / whole if whole else empty


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 1.0


def _counted(basket: Mapping[str, int]) -> dict[str, int]:
    return {gtin.zfill(14): n for gtin, n in sorted(basket.items()) if n}


def _paths(
    recording: Recording, claims: Sequence[Claim], visits: Sequence[TruthVisit], zero_ns: int
) -> dict[str, Points]:
    """Paths of the claims' shoppers, read only where ids alone do not settle who is who."""
    if {c.visit for c in claims} == {v.visit for v in visits} or not any(v.path for v in visits):
        return {}
    wanted = {shopper for c in claims for shopper in c.shoppers}
    points: dict[str, list[tuple[float, float, float]]] = {}
    for observation in recording.observations():
        if not isinstance(observation, PeopleFrame):
            continue
        for person in observation.people:
            head = person.joints.get("head") or person.joints.get("neck")
            if person.id in wanted and head is not None:
                points.setdefault(person.id, []).append(((observation.t_ns - zero_ns) / 1e9, head.x_m, head.y_m))
    return {id_: np.array(sorted(found)) for id_, found in sorted(points.items())}
