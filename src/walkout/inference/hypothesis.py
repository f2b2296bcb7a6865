"""The joint explanations of all that happened: clusters of counts (who holds how many of what), each inferred apart.

`step` explains a shelf event; `advance` takes any happening with its choices ready (see `happening`). A happening is
weighed over all clusters it may concern. Those that it ties together (mutual information above
`Model.independent_nats`) become one; the others are updated each by its own share, which is the product of the
marginals of the exact posterior (Boyen, Koller, "Tractable inference for complex stochastic processes", 1998). A
cluster falls apart again when its parts have become independent within the same bound.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log

import numpy as np

from walkout.inference.choice import Choice, Evidence, Options, options
from walkout.inference.cluster import (
    TINY,
    Cluster,
    Floats,
    Ints,
    Record,
    alone,
    apart,
    empty,
    entropy,
    information,
    parted,
    project,
    split,
    tied,
)
from walkout.inference.effect import Variable, changes, exchanged, giver, order
from walkout.inference.goods import Goods
from walkout.inference.happening import Happening
from walkout.inference.item import Past, Plates
from walkout.inference.part import Exchange, Part

FOLLOWED = 1e-8
"""Choices, and ways from a state, that are less likely than this are not followed."""
ROOM = 4
"""Times the beam's width that is looked at before a cluster is taken apart or cut."""
HEARD_OF = 1e-4
"""Holdings and strays that are less likely than this are not thought of when an event is explained."""
FORGOTTEN = 1e-5
"""Clusters without open happenings are forgotten where nothing in them is likelier than this, which is counted."""
EXCHANGED = 1e-4
"""An exchange of all that two shoppers hold is not followed where it is less likely than this."""
UNTOUCHED = 2e-5
"""A cluster that a happening concerns with less than this probability stays as it is, which is counted as let go."""


@dataclass(frozen=True, slots=True, eq=False)
class Hypotheses:
    """Everybody's past: independent clusters."""

    clusters: tuple[Cluster, ...] = ()
    chances: Mapping[Variable, float] = field(default_factory=dict)
    """The probability that each count is 1 at least."""
    kept: Mapping[str, float] = field(default_factory=dict)
    """The share of the probability that was kept in each shopper's history, where it is not all."""
    count: int = 0
    """How much happened so far."""


def start() -> Hypotheses:
    """Nobody holds anything, and every product stands where it belongs."""
    return Hypotheses()


def step(pasts: Hypotheses, evidence: Evidence, shop: Goods) -> Hypotheses:
    """The joint explanations after one more shelf event; events come in time order."""
    return advance(pasts, options(evidence, past_of(pasts), shop), shop)


@dataclass(frozen=True, slots=True, eq=False)
class _Weighed:
    """What the pasts say of some choices."""

    asked: Mapping[Variable, Ints]
    exchanges: Sequence[tuple[Exchange, ...]]
    here: Sequence[int]
    """The clusters that may be concerned; those past the last are of counts of which nothing was seen so far."""
    parts: Sequence[Part]
    """One a cluster of `here`."""
    log_p: Floats
    """What does not depend on clusters, less the sum of all, shape (choices,)."""
    factors: Floats
    """What each cluster says, shape (parts, choices)."""

    def p(self) -> Floats:
        """The probability of each choice."""
        return np.asarray(np.exp(self.log_p + self.factors.sum(axis=0)), np.float64)


def likeliest(pasts: Hypotheses, found: Options | Happening) -> Choice:
    """The choice that explains a happening best."""
    return found.choices[int(np.argmax(_weighed(pasts, found).p()))]


def _weighed(pasts: Hypotheses, found: Options | Happening) -> _Weighed:
    choices = found.choices
    log_p = np.array([choice.log_p for choice in choices]) + _which(choices, pasts.chances)
    asked, exchanges = _asked(choices, pasts.chances)
    at = {v: n for n, cluster in enumerate(pasts.clusters) for v in cluster.scope}
    fresh = [empty(v) for v in asked if v not in at]
    at |= {cluster.scope[0]: len(pasts.clusters) + n for n, cluster in enumerate(fresh)}
    every = [*pasts.clusters, *fresh]
    here = sorted({at[v] for v in asked})
    parts = [Part(every[n], asked, exchanges) for n in here]
    factors = np.array([part.allows() for part in parts]).reshape(len(parts), len(choices))
    total = float(np.logaddexp.reduce(log_p + factors.sum(axis=0)))
    if not np.isfinite(total):
        raise ValueError("found no choice that any past allows, right: one at least that every past allows")
    return _Weighed(asked, exchanges, here, parts, log_p - total, factors)


def advance(pasts: Hypotheses, found: Options | Happening, shop: Goods) -> Hypotheses:
    """The joint explanations after anything that has its choices ready."""
    model, weighed = shop.model, _weighed(pasts, found)
    parts, exchanges = weighed.parts, weighed.exchanges
    p = weighed.p()
    followed = p >= np.where([bool(pairs) for pairs in exchanges], EXCHANGED, FOLLOWED)
    columns = np.flatnonzero(followed)
    first = p[columns] / p[columns].sum()
    touched = frozenset(v for v, d in weighed.asked.items() if d[columns].any())
    record = Record(found, columns, first, touched, pasts.count)

    bound = _bound(parts, exchanges, columns)
    groups = parted(len(parts), [*bound, *_tied(parts, columns, first, model.independent_nats)])
    busy = [1.0 - first[np.all([parts[n].label[columns] == 0 for n in group], axis=0)].sum() for group in groups]
    after: list[Cluster] = []
    ignored: dict[str, float] = {}
    for group, share in zip(groups, busy, strict=True):
        if share < UNTOUCHED:
            for owner in sorted({o for n in group for o, _ in parts[n].cluster.scope if isinstance(o, str)}):
                ignored[owner] = ignored.get(owner, 0.0) + max(0.0, float(share))
            after += [parts[n].cluster for n in group]
            continue
        outside = weighed.log_p + np.delete(weighed.factors, group, axis=0).sum(axis=0)
        whole = parts[group[0]].merged([parts[n] for n in group[1:]], ROOM * model.beam)
        moved = whole.moved(record, outside, ROOM * model.beam, log(FOLLOWED))
        after += apart(moved, model.independent_nats, model.beam)
    if all(share < UNTOUCHED for share in busy):
        after.append(alone(record))
    kept = {**pasts.kept, **{owner: pasts.kept.get(owner, 1.0) * (1.0 - lost) for owner, lost in ignored.items()}}
    return changed(replace(pasts, kept=kept, count=pasts.count + 1), weighed.here, after)


def _which(choices: Sequence[Choice], chances: Mapping[Variable, float]) -> Floats:
    """The log probability, for each choice, that it was just this of all that the givers hold.

    Any of the products that somebody holds could be what comes back: 1 over the number that is expected of them.
    """
    held: dict[object, float] = {}
    for (owner, _), p in chances.items():
        held[owner] = held.get(owner, 0.0) + p
    log_p = np.zeros(len(choices))
    for k, choice in enumerate(choices):
        for move in choice.moves:
            from_ = giver(move)
            if from_ is not None:
                others = held.get(from_, 0.0) - chances.get((from_, move.gtin), 0.0)
                log_p[k] -= log(1.0 + max(0.0, others))
    return log_p


def _asked(
    choices: Sequence[Choice], chances: Mapping[Variable, float]
) -> tuple[dict[Variable, Ints], list[tuple[Exchange, ...]]]:
    """For each count that is concerned, what each choice does to it; and who exchanges all they hold."""
    found: dict[Variable, Ints] = {}
    exchanges = [exchanged(choice.moves) for choice in choices]
    for pairs in exchanges:
        for a, b in pairs:
            for gtin in sorted({gtin for owner, gtin in chances if owner in (a, b)}):
                for v in ((a, gtin), (b, gtin)):
                    found.setdefault(v, np.zeros((len(choices), 2), np.int64))
    for k, choice in enumerate(choices):
        for variable, delta in changes(choice.moves).items():
            rows = found.setdefault(variable, np.zeros((len(choices), 2), np.int64))
            rows[k] = delta.change, delta.least
    return found, exchanges


def _bound(parts: Sequence[Part], exchanges: Sequence[tuple[Exchange, ...]], columns: Ints) -> list[tuple[int, int]]:
    """The pairs of clusters that an exchange binds together."""
    pairs = []
    for people in sorted({set_ for k in columns.tolist() for set_ in exchanges[k]}):
        mine = [n for n, part in enumerate(parts) if any(owner in people for owner, _ in part.cluster.scope)]
        pairs += [(mine[0], n) for n in mine[1:]]
    return pairs


def _tied(parts: Sequence[Part], columns: Ints, p: Floats, nats: float) -> list[tuple[int, int]]:
    """Pairs of clusters that one happening ties together: enough of them to say which hang together."""
    labels = [part.label[columns] for part in parts]
    open_ = [n for n, label in enumerate(labels) if entropy(np.bincount(label, weights=p)) > nats]
    return tied(open_, lambda i, j: information(p, labels[i], labels[j]) > nats)


def past_of(pasts: Hypotheses) -> Past:
    """What some explanation or other allows: who may hold what, and what may stand at wrong places."""
    held: dict[tuple[str, str], float] = {}
    strays: dict[tuple[Plates, str], float] = {}
    for owner, gtin in sorted((v for v, p in pasts.chances.items() if p >= HEARD_OF), key=order):
        if isinstance(owner, str):
            held[owner, gtin] = min(1.0, pasts.chances[owner, gtin])
        else:
            strays[owner, gtin] = min(1.0, pasts.chances[owner, gtin])
    return Past(held, strays)


def leave(pasts: Hypotheses, shoppers: Iterable[str], shop: Goods) -> Hypotheses:
    """The explanations without what some shoppers hold: their visit is over."""
    gone = frozenset(shoppers)
    after: list[Cluster] = []
    here = []
    for n, cluster in enumerate(pasts.clusters):
        rest = tuple(v for v in cluster.scope if v[0] not in gone)
        if rest != cluster.scope:
            here.append(n)
            after += split(project(cluster, rest), shop.model.independent_nats)
    done = changed(pasts, here, after)
    return replace(done, kept={owner: kept for owner, kept in done.kept.items() if owner not in gone})


def trim(pasts: Hypotheses, before_ns: int) -> Hypotheses:
    """The explanations without the records of what ended before an instant."""
    here = [n for n, c in enumerate(pasts.clusters) if any(copy.record.end_ns < before_ns for copy in c.copies)]
    after = [
        replace(c, copies=tuple(copy for copy in c.copies if copy.record.end_ns >= before_ns))
        for c in (pasts.clusters[n] for n in here)
    ]
    return changed(pasts, here, after)


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


def changed(pasts: Hypotheses, here: Sequence[int], after: Sequence[Cluster]) -> Hypotheses:
    """The explanations with some clusters in the place of others, less those that say nothing any more."""
    out = frozenset(here)
    clusters = [cluster for n, cluster in enumerate(pasts.clusters) if n not in out]
    chances = dict(pasts.chances)
    kept = dict(pasts.kept)
    for n in here:
        if n < len(pasts.clusters):
            for v in pasts.clusters[n].scope:
                chances.pop(v, None)
    for cluster in after:
        now = [cluster.least_one(n) for n in range(len(cluster.scope))]
        lost = cluster.kept
        if cluster.copies or max(now, default=0.0) >= FORGOTTEN:
            clusters.append(replace(cluster, kept=1.0))
            chances |= dict(zip(cluster.scope, now, strict=True))
        else:
            lost *= 1.0 - min(1.0, sum(now))
        if lost < 1.0:
            for owner in sorted({owner for owner, _ in cluster.scope if isinstance(owner, str)}):
                kept[owner] = kept.get(owner, 1.0) * lost
    return Hypotheses(tuple(clusters), chances, kept, pasts.count)
