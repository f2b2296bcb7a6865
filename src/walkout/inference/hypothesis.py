"""The joint explanations of all that happened: clusters of shoppers and stray places, each inferred apart.

`step` explains a shelf event; `advance` takes any happening with its choices ready (see `happening`). A happening is
weighed over all clusters it may concern. Those that it ties together (mutual information above
`Model.independent_nats`) become one; the others are updated each by its own share, which is the product of the
marginals of the exact posterior (Boyen, Koller, "Tractable inference for complex stochastic processes", 1998). A
cluster falls apart again when its parts have become independent within the same bound.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import log

import numpy as np
from numpy.typing import NDArray

from walkout.inference.choice import Choice, Evidence, Move, Options, always_allowed, options
from walkout.inference.cluster import (
    TINY,
    Cluster,
    Floats,
    Ints,
    Record,
    alone,
    empty,
    entropy,
    information,
    parted,
    project,
    split,
)
from walkout.inference.effect import Variable, order, touched
from walkout.inference.goods import Goods
from walkout.inference.happening import Happening
from walkout.inference.item import Past, Plates
from walkout.inference.part import Part

FOLLOWED = 1e-8
"""Choices, and ways from a state, that are less likely than this are not followed."""
PROBED = 12
"""Choices that are tried on the likeliest states to find what is worth following."""
HEARD_OF = 1e-5
"""Holdings and strays that are less likely than this are not thought of when an event is explained."""
EXCHANGED = 1e-4
"""An exchange of all that two shoppers hold is not followed where it is less likely than this."""
FORGOTTEN = 1e-4
"""What is astray with less than this probability, and of no open happening, is forgotten."""
UNTOUCHED = 1e-6
"""A cluster that a happening concerns with less than this probability stays as it is, unless none is concerned more."""


@dataclass(frozen=True, slots=True, eq=False)
class Hypotheses:
    """Everybody's past: independent clusters, sorted by the first of their scope."""

    clusters: tuple[Cluster, ...] = ()
    count: int = 0
    """How much happened so far."""


def start() -> Hypotheses:
    """Nobody holds anything, and every product stands where it belongs."""
    return Hypotheses()


def step(pasts: Hypotheses, evidence: Evidence, shop: Goods) -> Hypotheses:
    """The joint explanations after one more shelf event; events come in time order."""
    return advance(pasts, options(evidence, past_of(pasts), shop), shop)


def advance(pasts: Hypotheses, found: Options | Happening, shop: Goods) -> Hypotheses:
    """The joint explanations after anything that has its choices ready."""
    model, choices = shop.model, found.choices
    asked: dict[Variable, list[tuple[Move, ...]]] = {}
    for k, choice in enumerate(choices):
        for move in choice.moves:
            for v in touched(move):
                asked.setdefault(v, [()] * len(choices))[k] += (replace(move, box=0),)
    at = {v: n for n, cluster in enumerate(pasts.clusters) for v in cluster.scope}
    fresh = [empty(v) for v in sorted(asked, key=order) if v not in at]
    at |= {cluster.scope[0]: len(pasts.clusters) + n for n, cluster in enumerate(fresh)}
    every = [*pasts.clusters, *fresh]
    here = sorted({at[v] for v in asked})

    log_p = np.array([choice.log_p for choice in choices])
    parts = [Part(every[n], asked) for n in here]
    always = max((choice.log_p for choice in choices if always_allowed(choice)), default=-np.inf)
    floor = max(always - model.gate, _at_least(parts, log_p) + log(FOLLOWED))
    factors = np.array([part.weigh(log_p, floor) for part in parts]).reshape(len(parts), len(choices))
    log_w = log_p + factors.sum(axis=0)
    total = float(np.logaddexp.reduce(log_w))
    if not np.isfinite(total):
        raise ValueError("found no choice that any past allows, right: one at least that every past allows")
    p = np.exp(log_w - total)
    followed = p >= FOLLOWED
    exchanges = _exchanges(parts, choices, p, followed)
    columns = np.flatnonzero(followed)
    first = p[columns] / p[columns].sum()
    about = frozenset(v for k in columns for move in choices[k].moves for v in touched(move))
    record = Record(found, columns, first, about, pasts.count)

    after = [cluster for n, cluster in enumerate(every) if n not in here]
    if not parts:
        after.append(alone(record))
    groups = parted(len(parts), [*exchanges, *_tied(parts, columns, first, model.independent_nats)])
    idle = [first[np.all([parts[n].label[columns] == 0 for n in group], axis=0)].sum() for group in groups]
    for group, share in zip(groups, idle, strict=True):
        if share > 1.0 - UNTOUCHED and share > min(idle):
            after += [parts[n].cluster for n in group]
            continue
        outside = log_p - total + np.delete(factors, group, axis=0).sum(axis=0)
        part = parts[group[0]]
        for n in group[1:]:
            part = part.merged(parts[n], 4 * model.beam)
        after += split(part.moved(record, outside, model.beam, log(FOLLOWED)), model.independent_nats)
    return _sorted(after, pasts.count + 1)


def _at_least(parts: Sequence[Part], log_p: Floats) -> float:
    """A lower bound of the log weight of the likeliest choice: what the likeliest states say of the first few."""
    bounds = [
        log_p[k] + sum(part.first_allows(k) for part in parts if part.label[k])
        for k in np.argsort(-log_p, kind="stable")[:PROBED].tolist()
    ]
    return float(max(bounds))


def _tied(parts: Sequence[Part], columns: Ints, p: Floats, nats: float) -> list[tuple[int, int]]:
    """The pairs of clusters that one happening ties together."""
    labels = [part.label[columns] for part in parts]
    open_ = [n for n, label in enumerate(labels) if entropy(np.bincount(label, weights=p)) > nats]
    return [(i, j) for i, j in combinations(open_, 2) if information(p, labels[i], labels[j]) > nats]


def _exchanges(
    parts: Sequence[Part], choices: Sequence[Choice], p: Floats, followed: NDArray[np.bool_]
) -> list[tuple[int, int]]:
    """The pairs of clusters whose shoppers may have exchanged all they hold; where that is unlikely, never mind it."""
    home = {v: n for n, part in enumerate(parts) for v in part.cluster.scope}
    pairs = []
    for k in np.flatnonzero(followed).tolist():
        for move in choices[k].moves:
            ends = sorted({home[v] for v in touched(move)}) if move.kind == "swap" else []
            if len(ends) == 2 and p[k] < EXCHANGED:
                followed[k] = False
            elif len(ends) == 2:
                pairs.append((ends[0], ends[1]))
    return pairs


def past_of(pasts: Hypotheses) -> Past:
    """What some explanation or other allows: who may hold what, and what may stand at wrong places."""
    held: dict[tuple[str, str], float] = {}
    strays: dict[tuple[Plates, str], float] = {}
    for cluster in pasts.clusters:
        for n, variable in enumerate(cluster.scope):
            for content, p in zip(cluster.contents[n], cluster.marginal(n).tolist(), strict=True):
                for gtin, _ in content:
                    if isinstance(variable, str):
                        held[variable, gtin] = held.get((variable, gtin), 0.0) + p
                    else:
                        strays[variable, gtin] = strays.get((variable, gtin), 0.0) + p
    return Past(
        {key: min(1.0, p) for key, p in sorted(held.items()) if p >= HEARD_OF},
        {key: min(1.0, p) for key, p in sorted(strays.items()) if p >= HEARD_OF},
    )


def leave(pasts: Hypotheses, shoppers: Iterable[str], shop: Goods) -> Hypotheses:
    """The explanations without what some shoppers hold: their visit is over."""
    gone = frozenset(shoppers)
    after: list[Cluster] = []
    for cluster in pasts.clusters:
        rest = tuple(v for v in cluster.scope if v not in gone)
        if rest == cluster.scope:
            after.append(cluster)
        else:
            after += split(project(cluster, rest), shop.model.independent_nats)
    return _sorted(after, pasts.count)


def trim(pasts: Hypotheses, before_ns: int) -> Hypotheses:
    """The explanations without the records of what ended before an instant."""
    after = [
        replace(c, copies=tuple(copy for copy in c.copies if copy.record.end_ns >= before_ns)) for c in pasts.clusters
    ]
    return _sorted(after, pasts.count)


def records(pasts: Hypotheses) -> list[tuple[Record, Floats]]:
    """All happenings that are still open, in time order, each with the probabilities of its columns."""
    found: dict[int, tuple[Record, Floats]] = {}
    for cluster in pasts.clusters:
        p = np.exp(cluster.log_p)
        for copy in cluster.copies:
            record, so_far = found.get(copy.record.number, (copy.record, copy.record.first))
            found[record.number] = record, so_far * (p @ copy.share) / np.maximum(copy.base, TINY)
    every = sorted(found.values(), key=lambda x: (x[0].start_ns, x[0].id))
    return [(record, p / p.sum()) for record, p in every]


def _sorted(clusters: Iterable[Cluster], count: int) -> Hypotheses:
    """Without those that say nothing any more, in an order of their own."""
    kept = [c for c in clusters if c.copies or not _says_nothing(c)]
    kept.sort(key=lambda c: (sorted(map(order, c.scope)), [copy.record.number for copy in c.copies]))
    return Hypotheses(tuple(kept), count)


def _says_nothing(cluster: Cluster) -> bool:
    """Whether it holds no shopper and nothing is astray."""
    if any(isinstance(v, str) for v in cluster.scope):
        return False
    return all(
        content == () or p < FORGOTTEN
        for n in range(len(cluster.scope))
        for content, p in zip(cluster.contents[n], cluster.marginal(n).tolist(), strict=True)
    )
