"""Some counts (of a product with a shopper, or astray at a place) whose doubts hang together, and how likely each.

What hangs together is inferred together; what does not is kept apart, since a shop's past as a whole has as many
states as the product of all its doubts. A cluster also carries, for each happening that is still open, how likely
each of its choices is given each state now: the forward smoothing of additive functionals (Del Moral, Doucet, Singh,
"Forward smoothing using sequential Monte Carlo", 2010), so that what a later return says of an earlier take is known
at once and nothing but the present has to be kept.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from walkout.inference.choice import Options
from walkout.inference.effect import Variable
from walkout.inference.happening import Happening

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

TAIL = 1e-7
"""States that together are less likely than this are let go, even where there is room."""
LOOSER, LOOSEST = 4.0, 0.1
"""A cluster with too many states is taken apart at so much more information, in steps, and at most."""
TINY = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One happening and its choices that are worth following."""

    told: Options | Happening
    columns: Ints
    """Indices into its choices."""
    first: Floats
    """The probability of each column when it happened, shape (columns,)."""
    variables: frozenset[Variable]
    """What those choices touch."""
    number: int
    """Which one it is of all that happened."""

    @property
    def id(self) -> str:
        """The id of what happened."""
        return self.told.id if isinstance(self.told, Happening) else self.told.evidence.event.id

    @property
    def start_ns(self) -> int:
        """When it began."""
        return self.told.start_ns if isinstance(self.told, Happening) else self.told.evidence.event.start_ns

    @property
    def end_ns(self) -> int:
        """When it was over."""
        return self.told.end_ns if isinstance(self.told, Happening) else self.told.evidence.event.end_ns


@dataclass(frozen=True, slots=True, eq=False)
class Copy:
    """What one cluster knows of an open happening.

    Of several clusters' copies the probability of a choice is `first` times the product of each one's share over its
    base: each adds what it has learnt since.
    """

    record: Record
    base: Floats
    """Shape (columns,)."""
    share: Floats
    """The probability of each column given each state now, shape (states, columns)."""


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """The pasts of some variables, the likeliest first."""

    scope: tuple[Variable, ...]
    rows: Ints
    """The counts, shape (states, variables); no two rows the same."""
    log_p: Floats
    """Shape (states,); sums to 1."""
    copies: tuple[Copy, ...] = ()
    """In the order of happening."""
    kept: float = 1.0
    """The share of the probability that was kept, where that is not yet noted for its shoppers."""

    def least_one(self, n: int) -> float:
        """The probability that the n-th count is 1 at least."""
        return float(np.exp(self.log_p[self.rows[:, n] > 0]).sum())


def empty(variable: Variable) -> Cluster:
    """A count of which nothing was ever seen."""
    return Cluster((variable,), np.zeros((1, 1), np.int64), np.zeros(1))


def alone(record: Record) -> Cluster:
    """A happening that concerns nothing that is followed."""
    return Cluster((), np.zeros((1, 0), np.int64), np.zeros(1), (Copy(record, record.first, record.first[None]),))


def likeliest(p: Floats, most: int) -> tuple[Ints, float]:
    """Which states are worth keeping, the likeliest first (ties: as they come), and the share of 1 that they keep."""
    some = np.flatnonzero(p >= np.partition(p, -most)[-most]) if len(p) > most else np.arange(len(p))
    ranks = some[np.argsort(-p[some], kind="stable")][:most]
    so_far = np.cumsum(p[ranks])
    count = int(np.argmax(so_far >= so_far[-1] - TAIL)) + 1
    return ranks[:count], float(so_far[count - 1])


def merge(a: Cluster, b: Cluster, most: int) -> Cluster:
    """Two clusters as one: the likeliest pairs of their states, `most` at most."""
    log_p = (a.log_p[:, None] + b.log_p[None]).ravel()
    ranks, kept = likeliest(np.exp(log_p), most)
    one, two = ranks // len(b.rows), ranks % len(b.rows)
    theirs = {c.record.number: c for c in b.copies}
    copies = []
    for c in a.copies:
        other = theirs.pop(c.record.number, None)
        share = c.share[one]
        if other is not None:
            both = share * (other.share[two] / np.maximum(other.base, TINY))
            total = both.sum(axis=1, keepdims=True)
            share = np.where(total > TINY, both / np.maximum(total, TINY), share)
        copies.append(Copy(c.record, c.base, share))
    copies += [Copy(c.record, c.base, c.share[two]) for c in theirs.values()]
    copies.sort(key=lambda c: c.record.number)
    return Cluster(
        (*a.scope, *b.scope),
        np.hstack([a.rows[one], b.rows[two]]),
        _log_normal(np.exp(log_p[ranks])),
        tuple(copies),
        min(1.0, a.kept * b.kept * kept),
    )


def project(cluster: Cluster, scope: Sequence[Variable]) -> Cluster:
    """The cluster of some of its variables only: the others are summed out."""
    rows, child = distinct(cluster.rows[:, [cluster.scope.index(v) for v in scope]])
    p = np.exp(cluster.log_p)
    back = np.zeros((len(rows), len(p)))
    back[child, np.arange(len(p))] = p
    total = back.sum(axis=1)
    ranks, kept = likeliest(total, len(total))
    back = back[ranks] / total[ranks, None]
    copies = tuple(Copy(c.record, c.base, back @ c.share) for c in cluster.copies)
    return Cluster(tuple(scope), rows[ranks], _log_normal(total[ranks]), copies, min(1.0, cluster.kept * kept))


def split(cluster: Cluster, nats: float) -> tuple[Cluster, ...]:
    """Its parts, where it is their product but for so little mutual information; else itself.

    Of the copies of one happening the first part's keeps what the whole had learnt; the others start anew.
    """
    if len(cluster.scope) < 2:
        return (cluster,)
    p = np.exp(cluster.log_p)
    labels = [distinct(cluster.rows[:, [n]])[1] for n in range(len(cluster.scope))]
    open_ = [n for n, label in enumerate(labels) if entropy(np.bincount(label, weights=p)) > nats]
    parts = parted(len(labels), tied(open_, lambda i, j: information(p, labels[i], labels[j]) > nats))
    if len(parts) == 1:
        return (cluster,)
    shared = -entropy(p)
    for at in parts:
        shared += entropy(np.bincount(distinct(cluster.rows[:, at])[1], weights=p))
    if shared > nats * (len(parts) - 1):
        return (cluster,)
    taken: set[int] = set()
    found = []
    for n, at in enumerate(parts):
        scope = tuple(cluster.scope[i] for i in at)
        last = n == len(parts) - 1
        part = project(cluster, scope)
        copies = []
        for whole, copy in zip(cluster.copies, part.copies, strict=True):
            known = copy.record.number in taken
            if copy.record.variables & frozenset(scope) or (last and not known):
                copies.append(replace(copy, base=p @ whole.share) if known else copy)
                taken.add(copy.record.number)
        found.append(replace(part, copies=tuple(copies)))
    return tuple(found)


def apart(cluster: Cluster, nats: float, most: int) -> tuple[Cluster, ...]:
    """Its parts, `most` states at most in each.

    What has too many states is rather taken apart at a cost of some more information than cut: that keeps what is
    known of each of its variables.
    """
    found: list[Cluster] = []
    for part in split(cluster, nats):
        if len(part.log_p) <= most:
            found.append(part)
        elif nats * LOOSER <= LOOSEST and len(part.scope) > 1:
            found += apart(part, nats * LOOSER, most)
        else:
            found.append(cut(part, most))
    return tuple(found)


def cut(cluster: Cluster, most: int) -> Cluster:
    """The likeliest states, `most` of them at most; what is let go is counted."""
    keep, kept = likeliest(np.exp(cluster.log_p), most)
    return replace(
        cluster,
        rows=cluster.rows[keep],
        log_p=_log_normal(np.exp(cluster.log_p[keep])),
        copies=tuple(replace(c, share=c.share[keep]) for c in cluster.copies),
        kept=min(1.0, cluster.kept * kept),
    )


def distinct(rows: Ints) -> tuple[Ints, Ints]:
    """The distinct rows in the order of their first coming, and for each row which one it is."""
    key, room = np.zeros(len(rows), np.int64), 1
    for n in range(rows.shape[1]):
        size = int(rows[:, n].max()) + 1
        if room > 2**62 // size:
            _, key = np.unique(key, return_inverse=True)
            room = len(rows)
        key, room = key * size + rows[:, n], room * size
    _, first, label = np.unique(key, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return rows[np.sort(first)], np.asarray(rank[label], np.int64)


def tied(nodes: Sequence[int], holds: Callable[[int, int], bool]) -> list[tuple[int, int]]:
    """Pairs of nodes for which something holds: not all of them, but enough to say what hangs together."""
    root = {n: n for n in nodes}
    found = []
    for i, j in combinations(nodes, 2):
        if root[i] != root[j] and holds(i, j):
            found.append((i, j))
            old, new = root[j], root[i]
            root = {n: new if r == old else r for n, r in root.items()}
    return found


def parted(count: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The connected parts of a graph of `count` nodes, each rising, by their first."""
    root = list(range(count))
    for i, j in pairs:
        low, high = sorted((root[i], root[j]))
        root = [low if r == high else r for r in root]
    return [[i for i in range(count) if root[i] == r] for r in sorted(set(root))]


def information(p: Floats, a: Ints, b: Ints) -> float:
    """The mutual information, nats, of two labellings of outcomes with probabilities `p`."""
    both = np.bincount(a * (int(b.max()) + 1) + b, weights=p)
    return entropy(np.bincount(a, weights=p)) + entropy(np.bincount(b, weights=p)) - entropy(both)


def entropy(p: NDArray[Any]) -> float:
    """The entropy of a distribution, nats."""
    some = p[p > 0.0]
    return float(-(some * np.log(some)).sum())


def _log_normal(p: Floats) -> Floats:
    return np.asarray(np.log(p / p.sum()), np.float64)
