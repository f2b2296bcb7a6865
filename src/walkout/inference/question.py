"""The question whose answer would change most, and what an answer makes of a belief.

The value of a question is the expected gain in P(exactly right) of the best basket (Howard 1966, "Information value
theory"): the mean over its answers of the best basket's probability given that answer, less what it is now. An answer
conditions the same posterior; what another happening says is taken to hang on it through the basket alone. Where an
answer is that something moved which nothing in the catalogue explains, a person can name it: such a basket counts too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from walkout.inference.belief import Basket, Belief, BelievedLine
from walkout.inference.doubt import Answer, Doubt, Floats, gain

Kind = Literal["whole", "who", "what", "count", "back"]
KINDS: tuple[Kind, ...] = ("back", "count", "who", "what", "whole")
"""The shorter question comes first: it is asked where it is worth nearly as much as the whole."""
NEARLY = 0.95
"""A shorter question is asked where it gains this share of what the whole question does."""
LEAST_GAIN = 1e-4
"""A question that gains less is not worth anybody's time."""
SHOWN = 6
"""Candidates of a question at most; the rest is 'something else'."""
ANSWERED = 0.999
"""How surely an answer of a person is taken to be right: it weighs, and does not forbid; assumed until gold says."""

WORDS: Mapping[Kind, str] = {
    "whole": "What happened here?",
    "who": "Whose hand was it?",
    "what": "Which product was it?",
    "count": "How many were taken?",
    "back": "Was it taken, put back, or only touched?",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that a person may answer."""

    key: str
    """What stands for it in an answer; the same for every answer that the question does not tell apart."""
    why: str
    probability: float


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask of one happening."""

    event: str
    start_ns: int
    end_ns: int
    kind: Kind
    words: str
    candidates: tuple[Candidate, ...]
    """The likeliest first."""
    gain: float
    """Expected rise of P(exactly right)."""


def key_of(answer: Answer, kind: Kind) -> str:
    """What of an answer a question of this kind asks for, as text."""
    moved = answer.moved
    if kind == "who":
        return " ".join(sorted({shopper or "-" for shopper, _, _ in moved})) or "-"
    if kind == "what":
        return " ".join(sorted({gtin or "?" for _, gtin, _ in moved})) or "-"
    if kind == "count":
        return str(sum(abs(count) for _, gtin, count in moved if gtin))
    if kind == "back":
        counts = [count for _, _, count in moved]
        return "both" if min(counts, default=0) < 0 < max(counts, default=0) else _sign(sum(counts))
    return ";".join(f"{shopper or '-'},{gtin or '?'},{count}" for shopper, gtin, count in sorted(moved, key=str))


def ask(belief: Belief) -> Question | None:
    """The question that gains most for a visit; None where no answer would change anything worth a question."""
    best: tuple[float, Doubt] | None = None
    for doubt in belief.doubts:
        gain = _gain(belief, doubt, "whole")
        if best is None or gain > best[0] + 1e-12:
            best = (gain, doubt)
    if best is None or best[0] < LEAST_GAIN:
        return None
    most, doubt = best
    for kind in KINDS:
        gain = _gain(belief, doubt, kind)
        if gain >= NEARLY * most:
            return _question(doubt, kind, gain)
    return _question(doubt, "whole", most)


def answered(belief: Belief, question: Question, key: str | None, *, trust: float = ANSWERED) -> Belief:
    """The belief after somebody answered: by the key of a candidate, or None for 'cannot tell' (nothing changes).

    A key that no answer has leaves only what the software had not thought of: baskets that are not written down.
    Raises ValueError where the belief has no such event.
    """
    doubt = next((d for d in belief.doubts if d.event == question.event), None)
    if doubt is None:
        raise ValueError(f"found a question on {question.event!r}, right: an event of visit {belief.visit.id!r}")
    rest = tuple(d for d in belief.doubts if d is not doubt)
    if key is None:
        return replace(belief, doubts=rest)
    fits = np.array([key_of(answer, question.kind) == key for answer in doubt.answers])
    joint = np.array(doubt.joint, np.float64)
    before = joint.sum(axis=1)
    if fits.any():
        share = float(joint[:, fits].sum())
        weight = np.where(fits, trust / max(share, 1e-12), (1.0 - trust) / max(1.0 - share, 1e-12))
        after = joint @ weight
    else:
        after = before * (1.0 - trust)
        after[-1] += trust
    after = after / after.sum()
    ratio = np.divide(after, before, out=np.zeros_like(after), where=before > 0.0)
    doubts = tuple(replace(d, joint=_scaled(d, ratio, after)) for d in rest)
    baskets = tuple(replace(b, probability=float(p)) for b, p in zip(belief.baskets, after[:-1], strict=True))
    return settled(replace(belief, baskets=baskets, doubts=doubts), doubt.event)


def settled(belief: Belief, event: str) -> Belief:
    """The lines of the basket that is likeliest now; baskets stay in their order, which the doubts' rows have."""
    known = [b for b in belief.baskets if not b.unknown]
    if not known:
        return replace(belief, lines=(), p_exact=0.0)
    best = max(known, key=lambda b: b.probability)
    was = {line.gtin: line for line in belief.lines}
    lines = []
    for gtin, count in best.items:
        p = sum(b.probability for b in belief.baskets if dict(b.items).get(gtin, 0) >= count)
        line = was.get(gtin, BelievedLine(gtin, count, p, "A person looked at it", (event,)))
        lines.append(replace(line, quantity=count, probability=min(1.0, p)))
    return replace(belief, lines=tuple(lines), p_exact=_of(belief.baskets, best.items))


def _of(baskets: Sequence[Basket], items: tuple[tuple[str, int], ...]) -> float:
    return min(1.0, sum(b.probability for b in baskets if b.items == items and not b.unknown))


def hopeful(belief: Belief) -> Belief:
    """The belief at best: after the likeliest answer to each doubt that is worth asking, one after the other.

    What even this leaves unsure no question settles.
    """
    while (question := ask(belief)) is not None:
        likeliest = next((one for one in question.candidates if "?" not in one.key), question.candidates[0])
        belief = answered(belief, question, likeliest.key)
    return belief


def _gain(belief: Belief, doubt: Doubt, kind: Kind) -> float:
    table = np.array(doubt.joint, np.float64)[:-1]
    known = np.array([not basket.unknown for basket in belief.baskets], np.bool_)
    mine = set(belief.visit.shoppers)
    nameless = np.array([any(not g and n and s in mine for s, g, n in a.moved) for a in doubt.answers], np.bool_)
    keys = [key_of(answer, kind) for answer in doubt.answers]
    number = {key: n for n, key in enumerate(dict.fromkeys(keys))}
    return gain(table, known, nameless, [number[key] for key in keys])


def _question(doubt: Doubt, kind: Kind, gain: float) -> Question:
    p = np.array(doubt.joint, np.float64).sum(axis=0)
    found: dict[str, tuple[float, float, str]] = {}
    for answer, share in zip(doubt.answers, p, strict=True):
        key = key_of(answer, kind)
        total, most, why = found.get(key, (0.0, -1.0, ""))
        found[key] = (total + float(share), *((float(share), answer.why) if share > most else (most, why)))
    ranked = sorted(found.items(), key=lambda kv: (-kv[1][0], kv[0]))[:SHOWN]
    return Question(
        doubt.event,
        doubt.start_ns,
        doubt.end_ns,
        kind,
        WORDS[kind],
        tuple(Candidate(key, why, total) for key, (total, _, why) in ranked),
        gain,
    )


def _scaled(doubt: Doubt, ratio: Floats, after: Floats) -> tuple[tuple[float, ...], ...]:
    """A doubt's table once the baskets' probabilities have changed; a row that had none is spread evenly."""
    joint = np.array(doubt.joint, np.float64) * ratio[:, None]
    empty = (joint.sum(axis=1) <= 0.0) & (after > 0.0)
    joint[empty] = after[empty, None] / joint.shape[1]
    return tuple(tuple(float(p) for p in row) for row in joint)


def _sign(count: int) -> str:
    return "taken" if count > 0 else "back" if count < 0 else "touched"
