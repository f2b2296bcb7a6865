"""A recording's receipts by some method as verdicts: what calibration, certificates and benches count."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from walkout.evaluation.decidable import undecidable
from walkout.evaluation.score import Judged, NoTruthError, judge
from walkout.evaluation.verdict import Verdict
from walkout.recording.reader import Recording
from walkout.recording.truth import TruthMove, TruthNote, TruthVisit
from walkout.recording.truth_reader import truth_of
from walkout.store.folder import unpack

STATURES_M = (1.60, 1.80)
"""Bounds of the tag `stature`, by whoever of the party is smallest: about the lowest and the highest sixth of adults
are outside."""
CROWDS = (0.5, 2.0, 4.0)
"""Bounds of the tag `crowd`: other shoppers in the shop, mean over the visit."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of a recording beside its visits, read once for all methods."""

    tags: Mapping[str, str]
    """Of the whole recording: `consistent`, `settings` and the suite's own."""
    of_visit: Mapping[str, Mapping[str, str]]
    """By true visit: `party`, `stature`, `kind`, `bag`, `handed`, `behaviours`, `crowd`, `others`, and `undecidable`
    with the reasons where no sensor can decide it."""
    prices: Mapping[str, Decimal]
    """By GTIN; empty where the recording holds no shop."""
    origin: str


def facts(recording: Recording) -> Facts:
    """The truth beside the visits.

    Raises:
        NoTruthError: the recording carries no truth.
        RecordingError: the truth cannot be read.
        StoreError: the shop inside is wrong.
    """
    truth = list(truth_of(recording))
    if not truth:
        raise NoTruthError(f"{recording.name}: found no truth in it, right: one with labels, or a simulated one")
    visits = [item for item in truth if isinstance(item, TruthVisit)]
    notes = [item for item in truth if isinstance(item, TruthNote)]
    tags = {note.name.removeprefix("suite."): note.value for note in notes if note.name not in PERSONAL}
    of_visit = {visit.visit: _visit_tags(visit, visits, notes) for visit in visits}
    prices: dict[str, Decimal] = {}
    if recording.store_files:
        store = unpack(recording.store_files)
        prices = {gtin: product.price for gtin, product in store.products.items()}
        moves = [item for item in truth if isinstance(item, TruthMove)]
        for visit, reasons in undecidable(moves, visits, store).items():
            of_visit[visit]["undecidable"] = "; ".join(reasons)
    return Facts(tags, of_visit, prices, recording.origin)


PERSONAL = frozenset({"build", "behaviour", "shopper", "slip"})
"""Names of notes that are of one person, whose id is the first word (or the second, for `shopper`)."""


def rows(
    recording: Recording,
    receipts: Sequence[Mapping[str, Any]],
    method: str,
    known: Facts | None = None,
    tags: Mapping[str, str] | None = None,
) -> tuple[Verdict, ...]:
    """Receipts in the published JSON form as verdicts, true visits first in their order, then receipts of no visit.

    `known` are the recording's facts where they were read before; `tags` come on top of those. A receipt without
    `p_exact` counts as sure. Tags of the receipt: `receipt` (its id), `matched`, `settled` (by software alone: yes or
    no), and `p`, its p_exact as published; `Verdict.p_exact` is that before calibration.

    Raises:
        NoTruthError, ClaimError, RecordingError, StoreError: as `judge` and `facts`.
    """
    known = facts(recording) if known is None else known
    judgement = judge(recording, receipts)
    published = {(str(r.get("visit", "")), tuple(map(str, r.get("shoppers", ())))): r for r in receipts}
    common = {**known.tags, **(tags or {}), "consistent": "true" if judgement.consistent else "false"}
    found = []
    for judged in judgement.judged:
        claim = judged.claim
        receipt = {} if claim is None else published[claim.visit, claim.shoppers]
        found.append(_verdict(Path(recording.name).stem, judged, receipt, method, known, common))
    return tuple(found)


def _verdict(
    recording: str, judged: Judged, receipt: Mapping[str, Any], method: str, known: Facts, common: Mapping[str, str]
) -> Verdict:
    true = Counter({} if judged.visit is None else {g.zfill(14): n for g, n in judged.visit.basket.items()})
    charged = Counter({} if judged.claim is None else judged.claim.basket)
    visit = judged.visit.visit if judged.visit is not None else ""
    own = {"receipt": str(receipt.get("visit", "")), "matched": _matched(judged)}
    if judged.claim is not None:
        own |= {"settled": "yes" if judged.claim.alone else "no", "p": f"{float(receipt.get('p_exact', 1.0)):.6f}"}
    return Verdict(
        recording=recording,
        visit=visit,
        method=method,
        p_exact=_said(receipt, "p_raw", "p_exact") if judged.claim is not None else 0.0,
        lines=tuple(
            (_said(line, "raw", "probability"), line["quantity"] <= true[str(line["gtin"]).zfill(14)])
            for line in receipt.get("lines", ())
        ),
        taken=judged.taken,
        charged=judged.charged,
        right=judged.right,
        taken_value=_value(true, known),
        overcharged_value=_value(charged - true, known),
        undercharged_value=_value(true - charged, known),
        worth=tuple(_worth(line, true, known) for line in receipt.get("lines", ())),
        answers=tuple(_answered(after, true, known) for after in receipt.get("answers", ())),
        origin=known.origin,
        tags=dict(sorted({**common, **known.of_visit.get(visit, {}), **own}.items())),
    )


def _said(of: Mapping[str, Any], raw: str, published: str) -> float:
    """A probability as the method gave it, before calibration where it says both."""
    found = of.get(raw)
    return float(of.get(published, 1.0) if found is None else found)


def _worth(line: Mapping[str, Any], true: Counter[str], known: Facts) -> tuple[Decimal, Decimal]:
    gtin = str(line["gtin"]).zfill(14)
    price = known.prices.get(gtin, Decimal(0))
    return price * int(line["quantity"]), price * min(int(line["quantity"]), true[gtin])


def _answered(after: Mapping[str, Any], true: Counter[str], known: Facts) -> tuple[float, bool, Decimal, Decimal]:
    """What one more answer made of a receipt: `p_raw` and `basket`, as `evaluation.answering` gives them."""
    basket = Counter({str(gtin).zfill(14): int(n) for gtin, n in after["basket"].items()})
    return float(after["p_raw"]), basket == true, _value(basket - true, known), _value(true - basket, known)


def _matched(judged: Judged) -> str:
    if judged.claim is None:
        return "visit alone"
    return "receipt alone" if judged.visit is None else "both"


def _value(items: Mapping[str, int], known: Facts) -> Decimal:
    return sum((known.prices.get(gtin, Decimal(0)) * n for gtin, n in sorted(items.items())), Decimal(0))


def _visit_tags(visit: TruthVisit, visits: Sequence[TruthVisit], notes: Sequence[TruthNote]) -> dict[str, str]:
    builds = [words[1:] for name in visit.shoppers for words in _of(name, "build", notes)]
    did = sorted({words[1] for name in visit.shoppers for words in _of(name, "behaviour", notes) if len(words) > 1})
    others = _others(visit, visits)
    found = {
        "party": str(max(1, len(visit.shoppers))),
        "others": f"{others:.2f}",
        "crowd": _band(others, CROWDS),
    }
    if did:
        found["behaviours"] = " ".join(did)
    if builds and all(len(b) >= 8 for b in builds):  # kind, stature, "m", handed, clothing, skin, head cover, bag
        kinds = sorted({b[0] for b in builds if b[0] != "walker"})
        found["kind"] = kinds[0] if kinds else "walker"
        found["stature"] = _band(min(float(b[1]) for b in builds), STATURES_M) + " m"
        found["handed"] = "left" if any(b[3] == "left" for b in builds) else "right"
        found["bag"] = "bag" if any(b[7] != "none" for b in builds) else "none"
    return found


def _of(person: str, name: str, notes: Sequence[TruthNote]) -> list[list[str]]:
    return [note.value.split(" ") for note in notes if note.name == name and note.value.split(" ")[0] == person]


def _others(visit: TruthVisit, visits: Sequence[TruthVisit]) -> float:
    """How many shoppers of other parties were in the shop, mean over the visit."""
    length_ns = visit.left_ns - visit.entered_ns
    together = sum(
        max(0, min(visit.left_ns, v.left_ns) - max(visit.entered_ns, v.entered_ns)) * len(v.shoppers)
        for v in visits
        if v is not visit
    )
    return together / length_ns if length_ns > 0 else 0.0


def _band(value: float, bounds: Sequence[float]) -> str:
    for low, high in zip((None, *bounds), (*bounds, None), strict=True):
        if high is None:
            return f"from {low:g}"
        if value < high:
            return f"under {high:g}" if low is None else f"{low:g} to {high:g}"
    raise AssertionError  # the last bound is None
