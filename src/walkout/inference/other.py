"""An answer that inference had not thought of: it comes in as a new hypothesis, as far as the scale allows it.

A person says that at one happening a product moved that no candidate was. Every way in which the happening may have
gone keeps its person and its direction and has its goods exchanged for what was named; the baskets follow, each with
the probability of what it is made from. Nothing else is touched: other happenings hang on the new baskets as they did
on the old ones. How many it were, the mass says; a number that it does not allow is no hypothesis here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import exp, sqrt

import numpy as np
from numpy.typing import NDArray

from walkout.inference.belief import Basket, Belief
from walkout.inference.doubt import Doubt, Moved
from walkout.inference.model import Model
from walkout.inference.question import ANSWERED, settled
from walkout.store.product import Mass

Floats = NDArray[np.float64]
Key = tuple[tuple[tuple[str, int], ...], bool]
Table = tuple[tuple[float, ...], ...]

BOUND_SD = 4.0
"""As far from what the scale says a number of items may weigh; the same that inference searches its candidates by."""
MOST = 12
"""Of one product at one happening at most."""
BASKETS = 64
"""New baskets at most, the likeliest; the rest counts as not thought of."""
ONLY_HERE = 0.01
"""A basket's unknown thing is this happening's where so little of it goes without one here."""


def counts(masses: Sequence[Mass], change_g: float, model: Model) -> dict[int, float]:
    """How many items a change of weight may be, with weights that sum to 1; empty: none within 4 standard deviations.

    The spread is that of the items, of the plates' gain and of the plates' noise, as for inference's own candidates.
    """
    found: dict[int, float] = {}
    for n in range(1, MOST + 1):
        for mass in masses:
            spread = n * mass.sd_g**2 + (model.gain_sd * n * mass.mass_g) ** 2 + 4 * model.plate_sd_g**2
            off = abs(abs(change_g) - n * mass.mass_g) / sqrt(spread)
            if off <= BOUND_SD:
                found[n] = found.get(n, 0.0) + exp(-0.5 * off * off) / sqrt(spread)
    total = sum(found.values())
    return {n: weight / total for n, weight in found.items()}


def only_gtin(belief: Belief, event: str) -> str | None:
    """The product of which some moved at a happening, where every answer is of that one or of nothing; else None."""
    doubt = _doubt(belief, event)
    gtins = {gtin for answer in doubt.answers for _, gtin, _ in answer.moved if gtin}
    return gtins.pop() if len(gtins) == 1 else None


def named(
    belief: Belief, event: str, gtin: str, many: Mapping[int, float], *, trust: float = ANSWERED, left: bool = True
) -> Belief:
    """The belief once a person said that it was `gtin`; `many`: how many it may have been, weights that sum to 1.

    `left`: the plate became lighter. Ways that cannot be exchanged (nobody's hand, two people's, a basket that has not
    what it should give back) stay what the software does not know. Raises ValueError where there is no such event.
    """
    doubt = _doubt(belief, event)
    rest = tuple(d for d in belief.doubts if d is not doubt)
    joint = np.array(doubt.joint, np.float64)
    before = joint.sum(axis=1)
    made: dict[Key, Floats] = {}  # what of each old basket went into a new one
    for i, basket in enumerate(belief.baskets):
        for k, answer in enumerate(doubt.answers):
            for n, weight in many.items():
                p = joint[i, k] * weight
                found = _exchanged(belief, basket, doubt, answer.moved, gtin, n if left else -n) if p > 0.0 else None
                if found is not None:
                    made.setdefault(found, np.zeros(len(belief.baskets)))[i] += p
    usable = sorted(made.items(), key=lambda kv: (-float(kv[1].sum()), str(kv[0])))[:BASKETS]
    total = float(joint.sum())
    old = before[:-1] * (1.0 - trust)
    new = [(key, trust * parts / total) for key, parts in usable]
    baskets = tuple(replace(b, probability=float(p)) for b, p in zip(belief.baskets, old, strict=True))
    baskets += tuple(Basket(items, float(parts.sum()), unknown) for (items, unknown), parts in new)
    lost = max(0.0, 1.0 - sum(b.probability for b in baskets))
    doubts = tuple(replace(d, joint=_rows(d, before, old, [parts for _, parts in new], lost)) for d in rest)
    return settled(replace(belief, baskets=baskets, doubts=doubts), event)


def _exchanged(
    belief: Belief, basket: Basket, doubt: Doubt, moved: Sequence[Moved], gtin: str, count: int
) -> Key | None:
    """The basket if what moved here was `count` of `gtin` (below 0: came back); None: it cannot be told."""
    people = {shopper for shopper, _, _ in moved}
    if len(people) != 1 or None in people:
        return None
    has = dict(basket.items)
    if not people <= set(belief.visit.shoppers):
        return basket.items, basket.unknown  # another party's hand: here nothing changes
    for _, was, n in moved:
        if was:
            has[was] = has.get(was, 0) - n
    has[gtin] = has.get(gtin, 0) + count
    if any(n < 0 for n in has.values()):
        return None
    here = basket.unknown and any(not was for _, was, _ in moved)
    unknown = basket.unknown and not (here and _only_here(belief, doubt))
    return tuple(sorted((g, n) for g, n in has.items() if n)), unknown


def _only_here(belief: Belief, doubt: Doubt) -> bool:
    """Whether the unknown thing of all baskets that have one is what moved here, as far as the table tells."""
    mine = set(belief.visit.shoppers)
    joint = np.array(doubt.joint, np.float64)[:-1]
    unknown = np.array([b.unknown for b in belief.baskets], np.bool_)
    none = np.array([not any(not g and s in mine for s, g, _ in a.moved) for a in doubt.answers], np.bool_)
    without = float(joint[np.ix_(~unknown, none)].sum())
    return float(joint[np.ix_(unknown, none)].sum()) <= ONLY_HERE * float(joint[unknown].sum()) and without > 0.0


def _rows(
    doubt: Doubt, before: Floats, old: Floats, new: Sequence[Floats], lost: float
) -> tuple[tuple[float, ...], ...]:
    """Another happening's table over the old baskets, the new ones and the rest."""
    joint = np.array(doubt.joint, np.float64)
    given = np.divide(joint, before[:, None], out=np.zeros_like(joint), where=before[:, None] > 0.0)
    empty = given.sum(axis=1) <= 0.0
    given[empty] = 1.0 / joint.shape[1]
    given /= given.sum(axis=1, keepdims=True)
    rows = [given[:-1] * old[:, None], *((parts @ given[:-1])[None, :] for parts in new), given[-1:] * lost]
    table = np.concatenate(rows)
    table /= table.sum()
    return tuple(tuple(float(p) for p in row) for row in table)


def _doubt(belief: Belief, event: str) -> Doubt:
    found = next((d for d in belief.doubts if d.event == event), None)
    if found is None:
        raise ValueError(f"found a question on {event!r}, right: an event of visit {belief.visit.id!r}")
    return found
