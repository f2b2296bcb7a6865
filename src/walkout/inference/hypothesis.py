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

from walkout.inference.choice import Evidence, Move, Options, always_allowed, options
from walkout.inference.cluster import (
    TINY,
    Act,
    Cluster,
    Copy,
    Record,
    Variable,
    empty,
    entropy,
    information,
    merge,
    order,
    parted,
    project,
    split,
    touched,
)
from walkout.inference.cluster import step as cluster_step
from walkout.inference.goods import Goods
from walkout.inference.happening import Happening
from walkout.inference.item import Past, Plates
from walkout.inference.model import Model
from walkout.inference.past import State

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

Effects = Sequence[tuple[tuple[Move, frozenset[Variable]], ...]]
"""For each choice, its moves with the variables that each touches."""


@dataclass(frozen=True, slots=True, eq=False)
class Hypotheses:
    """Everybody's past: independent clusters, sorted by the first of their scope."""

    clusters: tuple[Cluster, ...] = ()


def start() -> Hypotheses:
    """Nobody holds anything, and every product stands where it belongs."""
    return Hypotheses()


def step(pasts: Hypotheses, evidence: Evidence, shop: Goods) -> Hypotheses:
    """The joint explanations after one more shelf event; events come in time order."""
    return advance(pasts, options(evidence, past_of(pasts), shop), shop)


def advance(pasts: Hypotheses, found: Options | Happening, shop: Goods) -> Hypotheses:
    """The joint explanations after anything that has its choices ready."""
    model, choices = shop.model, found.choices
    effects = [tuple((_bare(move), touched((move,))) for move in choice.moves) for choice in choices]
    concerned = sorted({v for effect in effects for _, about in effect for v in about}, key=order)
    at = {v: n for n, cluster in enumerate(pasts.clusters) for v in cluster.scope}
    fresh = [empty(v) for v in concerned if v not in at]
    at |= {cluster.scope[0]: len(pasts.clusters) + n for n, cluster in enumerate(fresh)}
    every = [*pasts.clusters, *fresh]
    here = sorted({at[v] for v in concerned})

    log_p = np.array([choice.log_p for choice in choices])
    parts = [_Part(every[n], effects) for n in here]
    always = max(choice.log_p for choice in choices if always_allowed(choice))
    floor = max(always - model.gate, _at_least(parts, log_p) + log(FOLLOWED))
    for part in parts:
        part.weigh(log_p, floor)
    factors = np.array([part.factors for part in parts]).reshape(len(parts), len(choices))
    total = float(np.logaddexp.reduce(log_p + factors.sum(axis=0)))
    p = np.exp(log_p + factors.sum(axis=0) - total)
    followed = p >= FOLLOWED
    pairs = _exchanges(parts, effects, p, followed)
    columns = np.flatnonzero(followed)
    first = p[columns] / p[columns].sum()
    about = frozenset(v for k in columns for _, some in effects[k] for v in some)
    record = Record(found, columns, first, about)

    after = [cluster for n, cluster in enumerate(every) if n not in here]
    if not parts:
        after.append(Cluster((), (State(),), np.zeros(1), (Copy(record, first, first[None]),)))
    groups = parted(len(parts), [*pairs, *_tied(parts, columns, first, model)])
    active = [
        1.0 - float(first[np.all([parts[n].label[columns] == 0 for n in group], axis=0)].sum()) for group in groups
    ]
    for group, share in zip(groups, active, strict=True):
        if share < FOLLOWED * 100 and share < max(active):
            after += [parts[n].cluster for n in group]
            continue
        outside = log_p - total + np.delete(factors, group, axis=0).sum(axis=0)
        after += _moved([parts[n] for n in group], effects, record, outside, model)
    return _sorted(after)


class _Part:
    """One cluster that may be concerned, and what each choice does to it."""

    def __init__(self, cluster: Cluster, effects: Effects) -> None:
        self.cluster = cluster
        scope = frozenset(cluster.scope)
        index: dict[tuple[Move, ...], int] = {(): 0}
        self.label = np.array(
            [index.setdefault(tuple(m for m, about in e if about & scope), len(index)) for e in effects], np.int64
        )
        self.acts = [Act(moves, scope) for moves in index]
        """One a label; the first does nothing."""
        self.factors = np.zeros(len(effects))
        """The log probability that the past allows each choice, as far as this cluster is asked."""

    def weigh(self, log_p: NDArray[np.float64], floor: float) -> None:
        """Find the factors; ways of a log weight below the floor count for nothing."""
        best = np.full(len(self.acts), -np.inf)
        np.maximum.at(best, self.label, log_p)
        factor = np.full(len(self.acts), -np.inf)
        factor[0] = 0.0
        states = list(zip(self.cluster.states, self.cluster.log_p.tolist(), strict=True))
        for n, act in enumerate(self.acts[1:], 1):
            ways = []
            for state, log_s in states:
                if log_s + best[n] < floor:
                    break  # the likeliest come first
                done = act.on(state)
                if done is not None:
                    ways.append(log_s + done[1])
            if ways:
                factor[n] = np.logaddexp.reduce(ways)
        self.factors = factor[self.label]


def _at_least(parts: Sequence[_Part], log_p: NDArray[np.float64]) -> float:
    """A lower bound of the log weight of the likeliest choice: what the likeliest states say of the first few."""
    bound = -np.inf
    for k in np.argsort(-log_p, kind="stable")[:PROBED].tolist():
        done = [
            (float(part.cluster.log_p[0]), part.acts[part.label[k]].on(part.cluster.states[0]))
            for part in parts
            if part.label[k]
        ]
        if all(found is not None for _, found in done):
            bound = max(bound, log_p[k] + sum(log_s + found[1] for log_s, found in done if found is not None))
    return float(bound)


def _moved(
    parts: Sequence[_Part], effects: Effects, record: Record, outside: NDArray[np.float64], model: Model
) -> tuple[Cluster, ...]:
    """Some clusters, tied together if they are several, after one happening; apart again where they can be.

    `outside`: the log weight of each choice in all that these clusters do not say.
    """
    cluster = parts[0].cluster
    for part in parts[1:]:
        cluster = merge(cluster, part.cluster, 4 * model.beam)
    one = parts[0] if len(parts) == 1 else _Part(cluster, effects)
    label, weight = one.label[record.columns], outside[record.columns]
    labels = []
    for n, act in enumerate(one.acts):
        mine = label == n
        if mine.any():
            together = float(np.logaddexp.reduce(weight[mine]))
            share = np.where(mine, np.exp(weight - together), 0.0)
            labels.append((act if n else None, together, share))
    return split(cluster_step(cluster, labels, record, model.beam, log(FOLLOWED)), model.independent_nats)


def _tied(
    parts: Sequence[_Part], columns: NDArray[np.int64], p: NDArray[np.float64], model: Model
) -> list[tuple[int, int]]:
    """The pairs of clusters that one happening ties together."""
    labels = [part.label[columns] for part in parts]
    open_ = [n for n, label in enumerate(labels) if entropy(np.bincount(label, weights=p)) > model.independent_nats]
    return [(i, j) for i, j in combinations(open_, 2) if information(p, labels[i], labels[j]) > model.independent_nats]


def _exchanges(
    parts: Sequence[_Part], effects: Effects, p: NDArray[np.float64], followed: NDArray[np.bool_]
) -> list[tuple[int, int]]:
    """The pairs of clusters whose shoppers may have exchanged all they hold; where that is unlikely, never mind it."""
    home = {v: n for n, part in enumerate(parts) for v in part.cluster.scope}
    pairs = []
    for k in np.flatnonzero(followed).tolist():
        for move, about in effects[k]:
            ends = sorted({home[v] for v in about}) if move.kind == "swap" else []
            if len(ends) == 2 and p[k] < EXCHANGED:
                followed[k] = False
            elif len(ends) == 2:
                pairs.append((ends[0], ends[1]))
    return pairs


def _bare(move: Move) -> Move:
    """A move without what does not change the past."""
    return replace(move, box=0)


def past_of(pasts: Hypotheses) -> Past:
    """What some explanation or other allows: who may hold what, and what may stand at wrong places."""
    held: dict[tuple[str, str], float] = {}
    strays: dict[tuple[Plates, str], float] = {}
    for cluster in pasts.clusters:
        for state, p in zip(cluster.states, np.exp(cluster.log_p).tolist(), strict=True):
            for shopper, gtin, _ in state.held:
                held[shopper, gtin] = held.get((shopper, gtin), 0.0) + p
            for place, gtin, _ in state.strays:
                strays[place, gtin] = strays.get((place, gtin), 0.0) + p
    return Past(
        frozenset(key for key, p in held.items() if p >= HEARD_OF),
        frozenset(key for key, p in strays.items() if p >= HEARD_OF),
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
    return _sorted(after)


def trim(pasts: Hypotheses, before_ns: int) -> Hypotheses:
    """The explanations without the records of what ended before an instant."""
    return _sorted(
        replace(c, copies=tuple(copy for copy in c.copies if copy.record.end_ns >= before_ns)) for c in pasts.clusters
    )


def records(pasts: Hypotheses) -> list[tuple[Record, NDArray[np.float64]]]:
    """All happenings that are still open, in time order, each with the probabilities of its columns."""
    found: dict[str, tuple[Record, NDArray[np.float64]]] = {}
    for cluster in pasts.clusters:
        p = np.exp(cluster.log_p)
        for copy in cluster.copies:
            record, so_far = found.get(copy.record.id, (copy.record, copy.record.first))
            found[record.id] = record, so_far * (p @ copy.share) / np.maximum(copy.base, TINY)
    every = sorted(found.values(), key=lambda x: (x[0].start_ns, x[0].id))
    return [(record, p / p.sum()) for record, p in every]


def _sorted(clusters: Iterable[Cluster]) -> Hypotheses:
    """Without those that say nothing any more, in an order of their own."""
    kept = [c for c in clusters if c.copies or not _says_nothing(c)]
    return Hypotheses(
        tuple(sorted(kept, key=lambda c: ([order(v) for v in c.scope], [copy.record.id for copy in c.copies])))
    )


def _says_nothing(cluster: Cluster) -> bool:
    """Whether it holds no shopper and nothing is astray."""
    if any(isinstance(v, str) for v in cluster.scope):
        return False
    return all(
        state == State() or p < FORGOTTEN for state, p in zip(cluster.states, np.exp(cluster.log_p), strict=True)
    )
