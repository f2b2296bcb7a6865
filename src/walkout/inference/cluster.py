"""Some shoppers and some stray places whose doubts hang together: the pasts of just those, and how likely each is.

What hangs together is inferred together; what does not is kept apart, since a shop's past as a whole has as many
states as the product of everybody's. A cluster also carries, for each happening that is still open, how likely each of
its choices is given each state now: the forward smoothing of additive functionals (Del Moral, Doucet, Singh,
"Forward smoothing using sequential Monte Carlo", 2010), so that what a later return says of an earlier take is known
at once and nothing but the present has to be kept.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from walkout.inference.choice import Choice, Move, Options
from walkout.inference.happening import Happening
from walkout.inference.item import Plates
from walkout.inference.past import State, apply

Variable = str | Plates
"""What a state may say something of: a shopper (what they hold) or a place (what stands there astray)."""
T = TypeVar("T", str, Plates)
TAIL = 1e-7
"""States that together are less likely than this are let go, even where there is room."""
TINY = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One happening and its choices that are worth following."""

    told: Options | Happening
    columns: NDArray[np.int64]
    """Indices into its choices."""
    first: NDArray[np.float64]
    """The probability of each column when it happened, shape (columns,)."""

    variables: frozenset[Variable]
    """What those choices touch."""

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
    base: NDArray[np.float64]
    """Shape (columns,)."""
    share: NDArray[np.float64]
    """The probability of each column given each state now, shape (states, columns)."""


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """The pasts of some variables, the likeliest first."""

    scope: tuple[Variable, ...]
    """Sorted by `order`."""
    states: tuple[State, ...]
    """Each says nothing of what is outside the scope."""
    log_p: NDArray[np.float64]
    """Shape (states,); sums to 1."""
    copies: tuple[Copy, ...] = ()
    """In the order of happening."""
    kept: Mapping[Variable, float] | None = None
    """For each variable, the share of the probability that was kept since it is followed; None: all."""

    def kept_of(self, variable: Variable) -> float:
        """The share of the probability that was kept in the history of one variable."""
        return 1.0 if self.kept is None else self.kept.get(variable, 1.0)


def order(variable: Variable) -> tuple[bool, Variable]:
    """Shoppers first, then places."""
    return isinstance(variable, tuple), variable


def empty(variable: Variable) -> Cluster:
    """A shopper who holds nothing, or a place where nothing is astray."""
    return Cluster((variable,), (State(),), np.zeros(1))


def touched(moves: Iterable[Move]) -> frozenset[Variable]:
    """The variables that some moves change or ask about."""
    found: set[Variable] = set()
    for move in moves:
        if move.kind == "stray":
            found.add(move.place)
        if move.kind in ("hand", "swap"):
            found.update(s for s in (move.shopper, move.giver) if s is not None)
        elif move.shopper is not None and move.quantity != 0:
            found.add(move.giver or move.shopper)
            if move.kind == "away":
                found.add(move.place)
    return frozenset(found)


class Act:
    """What a choice does to the states of one cluster."""

    def __init__(self, moves: Iterable[Move], scope: frozenset[Variable]) -> None:
        """What others give or lose in the same choice is taken to be there: their own cluster asks about it."""
        self._scope = scope
        mine = [move for move in moves if touched((move,)) & scope]
        self._choice = Choice(tuple(mine), 0.0, 0.0)
        self._whole = touched(mine) <= scope
        self._held = _total((m.giver or m.shopper or "", m.gtin, _given(m)) for m in mine if self._is_theirs(m))
        self._strays = _total((m.place, m.gtin, m.quantity) for m in mine if m.kind == "stray" and m.place not in scope)
        theirs = Choice(tuple(m for m in mine if self._is_theirs(m)), 0.0, 0.0)
        alone = apply(State(self._held, self._strays), theirs) if theirs.moves else None
        self._log_theirs = alone[1] if alone is not None else 0.0
        self._known: dict[State, tuple[State, float] | None] = {}

    def on(self, state: State) -> tuple[State, float] | None:
        """The state after it and the log probability that the state adds; None where the state does not allow it."""
        if state not in self._known:
            self._known[state] = self._on(state)
        return self._known[state]

    def _on(self, state: State) -> tuple[State, float] | None:
        if self._whole:
            return apply(state, self._choice)
        found = apply(joined(state, State(self._held, self._strays)), self._choice)
        return None if found is None else (within(found[0], self._scope), found[1] - self._log_theirs)

    def _is_theirs(self, move: Move) -> bool:
        return _given(move) > 0 and (move.giver or move.shopper) not in self._scope


def _given(move: Move) -> int:
    """How many items its owner must have held."""
    if move.shopper is None or move.kind == "swap":
        return 0
    return move.quantity if move.kind == "hand" else -move.quantity


def step(
    cluster: Cluster,
    labels: Sequence[tuple[Act | None, float, NDArray[np.float64]]],
    record: Record | None,
    most: int,
    floor: float,
) -> Cluster:
    """The cluster after one happening, its likeliest states only.

    A label is what a choice does to this cluster (None: nothing), the log weight of all choices that do just that, and
    how that weight is shared among the record's columns. All weights of all ways sum to 1; `floor`: those of a log
    weight below it are not followed, and counted.
    """
    index: dict[State, int] = {}
    ways: list[tuple[int, int, int, float]] = []
    every = cluster.log_p.tolist()
    for n, (act, weight, _) in enumerate(labels):
        for i, (state, log_p) in enumerate(zip(cluster.states, every, strict=True)):
            if log_p + weight < floor:
                break  # the likeliest come first
            found = (state, 0.0) if act is None else act.on(state)
            if found is not None:
                ways.append((i, n, index.setdefault(found[0], len(index)), log_p + weight + found[1]))
    if not ways:
        raise ValueError("found no way on from any state, right: one choice at least that every past allows")
    w = np.exp([log_w for _, _, _, log_w in ways])
    child = np.array([j for _, _, j, _ in ways])
    p = np.asarray(np.bincount(child, weights=w), np.float64)
    states = tuple(index)
    keep, kept = _likeliest(states, p / max(1.0, p.sum()), most)
    place = np.full(len(states), -1)
    place[keep] = np.arange(len(keep))
    p, stays = p[keep], place[child] >= 0
    to, w = place[child[stays]], w[stays]
    by_label = _grid(to, np.array([n for _, n, _, _ in ways])[stays], w, (len(keep), len(labels)))
    by_state = _grid(to, np.array([i for i, _, _, _ in ways])[stays], w, (len(keep), len(every)))
    by_label /= p[:, None]
    by_state /= p[:, None]
    copies = [Copy(c.record, c.base, by_state @ c.share) for c in cluster.copies]
    if record is not None:
        copies.append(Copy(record, record.first, by_label @ np.array([share for _, _, share in labels])))
    lost = {v: cluster.kept_of(v) * kept for v in cluster.scope}
    return Cluster(cluster.scope, tuple(states[j] for j in keep), _log_normal(p), tuple(copies), lost)


def _grid(
    rows: NDArray[np.int64], columns: NDArray[np.int64], w: NDArray[np.float64], shape: tuple[int, int]
) -> NDArray[np.float64]:
    flat = np.bincount(rows * shape[1] + columns, weights=w, minlength=shape[0] * shape[1])
    return np.asarray(flat.reshape(shape), np.float64)


def _likeliest(states: Sequence[State], p: NDArray[np.float64], most: int) -> tuple[list[int], float]:
    """Which states are worth keeping, the likeliest first, and the probability that they keep of 1."""
    some = np.flatnonzero(p >= np.partition(p, -most)[-most]) if len(p) > most else np.arange(len(p))
    ranks = sorted(some.tolist(), key=lambda j: (-p[j], states[j].held, states[j].strays))[:most]
    so_far = np.cumsum(p[ranks])
    count = int(np.argmax(so_far >= so_far[-1] - TAIL)) + 1
    return ranks[:count], min(1.0, float(so_far[count - 1]))


def cut(cluster: Cluster, most: int) -> Cluster:
    """The likeliest states, `most` of them at most, the likeliest first; what is let go is counted."""
    keep, kept = _likeliest(cluster.states, np.exp(cluster.log_p), most)
    return Cluster(
        cluster.scope,
        tuple(cluster.states[j] for j in keep),
        cluster.log_p[keep] - np.logaddexp.reduce(cluster.log_p[keep]),
        tuple(Copy(c.record, c.base, c.share[keep]) for c in cluster.copies),
        {v: cluster.kept_of(v) * kept for v in cluster.scope},
    )


def merge(a: Cluster, b: Cluster, most: int) -> Cluster:
    """Two clusters as one: the likeliest pairs of their states, `most` at most."""
    log_p = (a.log_p[:, None] + b.log_p[None]).ravel()
    ranks = np.argsort(-log_p, kind="stable")[:most]
    one, two = ranks // len(b.states), ranks % len(b.states)
    theirs = {c.record.id: c for c in b.copies}
    copies = []
    for c in a.copies:
        other = theirs.pop(c.record.id, None)
        share = c.share[one]
        if other is not None:
            both = share * (other.share[two] / np.maximum(other.base, TINY))
            total = both.sum(axis=1, keepdims=True)
            share = np.where(total > TINY, both / np.maximum(total, TINY), share)
        copies.append(Copy(c.record, c.base, share))
    copies += [Copy(c.record, c.base, c.share[two]) for c in theirs.values()]
    states = tuple(joined(a.states[i], b.states[j]) for i, j in zip(one.tolist(), two.tolist(), strict=True))
    scope = tuple(sorted((*a.scope, *b.scope), key=order))
    kept = {v: a.kept_of(v) if v in a.scope else b.kept_of(v) for v in scope}
    copies.sort(key=lambda c: (c.record.start_ns, c.record.id))
    return cut(Cluster(scope, states, log_p[ranks], tuple(copies), kept), most)


def project(cluster: Cluster, scope: Sequence[Variable]) -> Cluster:
    """The cluster of some of its variables only: the others are summed out."""
    inside = frozenset(scope)
    index: dict[State, int] = {}
    child = [index.setdefault(within(state, inside), len(index)) for state in cluster.states]
    p = np.exp(cluster.log_p)
    back = np.zeros((len(index), len(p)))
    back[child, np.arange(len(p))] = p
    total = back.sum(axis=1)
    back /= total[:, None]
    copies = tuple(Copy(c.record, c.base, back @ c.share) for c in cluster.copies)
    kept = None if cluster.kept is None else {v: cluster.kept_of(v) for v in scope}
    return cut(Cluster(tuple(scope), tuple(index), _log_normal(total), copies, kept), len(index))


def split(cluster: Cluster, nats: float) -> tuple[Cluster, ...]:
    """Its parts, where it is their product but for so little mutual information; else itself.

    Of the copies of one happening the first part's keeps what the whole had learnt; the others start anew.
    """
    if len(cluster.scope) < 2:
        return (cluster,)
    p = np.exp(cluster.log_p)
    labels = [_labels(cluster, (v,)) for v in cluster.scope]
    pairs = [(i, j) for i, j in combinations(range(len(labels)), 2) if information(p, labels[i], labels[j]) > nats]
    scopes = [tuple(cluster.scope[i] for i in part) for part in parted(len(labels), pairs)]
    if len(scopes) == 1:
        return (cluster,)
    apart = sum(entropy(np.bincount(_labels(cluster, scope), weights=p)) for scope in scopes)
    if apart - entropy(p) > nats * (len(scopes) - 1):
        return (cluster,)
    taken: set[str] = set()
    found = []
    for n, scope in enumerate(scopes):
        part = project(cluster, scope)
        copies = []
        for whole, copy in zip(cluster.copies, part.copies, strict=True):
            if copy.record.variables & frozenset(scope) or (n == len(scopes) - 1 and copy.record.id not in taken):
                base = p @ whole.share if copy.record.id in taken else copy.base
                copies.append(Copy(copy.record, base, copy.share))
                taken.add(copy.record.id)
        found.append(Cluster(part.scope, part.states, part.log_p, tuple(copies), part.kept))
    return tuple(found)


def parted(count: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The connected parts of a graph of `count` nodes, each rising, by their first."""
    root = list(range(count))
    for i, j in pairs:
        low, high = sorted((root[i], root[j]))
        root = [low if r == high else r for r in root]
    return [[i for i in range(count) if root[i] == r] for r in sorted(set(root))]


def information(p: NDArray[np.float64], a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    """The mutual information, nats, of two labellings of outcomes with probabilities `p`."""
    wide = int(b.max()) + 1
    both = np.bincount(a * wide + b, weights=p)
    return entropy(np.bincount(a, weights=p)) + entropy(np.bincount(b, weights=p)) - entropy(both)


def entropy(p: NDArray[Any]) -> float:
    """The entropy of a distribution, nats."""
    some = p[p > 0.0]
    return float(-(some * np.log(some)).sum())


def within(state: State, scope: Collection[Variable]) -> State:
    """What a state says of some variables."""
    return State(
        tuple(h for h in state.held if h[0] in scope),
        tuple(s for s in state.strays if s[0] in scope),
    )


def joined(a: State, b: State) -> State:
    """What two states that share no variable say together."""
    return State(tuple(sorted((*a.held, *b.held))), tuple(sorted((*a.strays, *b.strays))))


def _labels(cluster: Cluster, scope: Sequence[Variable]) -> NDArray[np.int64]:
    """Which of the things that its states say of some variables each one says."""
    inside = frozenset(scope)
    index: dict[State, int] = {}
    return np.array([index.setdefault(within(state, inside), len(index)) for state in cluster.states], np.int64)


def _total(counts: Iterable[tuple[T, str, int]]) -> tuple[tuple[T, str, int], ...]:
    found: dict[tuple[T, str], int] = {}
    for owner, gtin, n in counts:
        found[owner, gtin] = found.get((owner, gtin), 0) + n
    return tuple((owner, gtin, n) for (owner, gtin), n in sorted(found.items()))


def _log_normal(p: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.log(p / p.sum()), np.float64)
