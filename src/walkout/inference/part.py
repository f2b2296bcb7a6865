"""One cluster in the light of one happening: how far its past allows each choice, and what it becomes."""

from collections.abc import Mapping, Sequence

import numpy as np

from walkout.inference.cluster import Cluster, Copy, Floats, Ints, Record, distinct, likeliest, merge
from walkout.inference.effect import Variable

Exchange = tuple[str, str]


class Part:
    """One cluster that a happening may concern, with what each choice does to its counts."""

    def __init__(
        self, cluster: Cluster, asked: Mapping[Variable, Ints], exchanges: Sequence[tuple[Exchange, ...]]
    ) -> None:
        """Take a cluster with what is asked of it.

        `asked`: for each count that is concerned, of each choice the change and how far it falls, shape (choices, 2);
        `exchanges`: of each choice, which shoppers exchange all they hold.
        """
        self.cluster = cluster
        self._asked, self._exchanges = asked, exchanges
        scope, count = cluster.scope, len(exchanges)
        owners = {owner for owner, _ in scope} if any(exchanges) else set()
        mine = [tuple(pair for pair in pairs if owners & set(pair)) for pairs in exchanges]
        self._kinds = sorted({pairs for pairs in mine if pairs})
        nothing = np.zeros((count, 2), np.int64)
        swaps = np.array([self._kinds.index(pairs) + 1 if pairs else 0 for pairs in mine], np.int64)
        table = np.hstack([*(asked.get(v, nothing) for v in scope), swaps.reshape(count, 1)])
        table = np.vstack([np.zeros_like(table[:1]), table])
        done, label = distinct(table - table.min(axis=0))
        done += table.min(axis=0)
        self.label = label[1:]
        """Shape (choices,): which of the different things that choices do to it; 0: nothing."""
        self._change, self._least = done[:, 0:-1:2], done[:, 1:-1:2]
        """Shape (labels, variables)."""
        self._swap = done[:, -1]

    def allows(self) -> Floats:
        """The log probability that the past allows each choice, as far as this cluster is asked, shape (choices,)."""
        return np.asarray(np.logaddexp.reduce(self._ways(), axis=1)[self.label], np.float64)

    def _ways(self) -> Floats:
        """The log probability of each state, where it allows the label, shape (labels, states)."""
        enough = (self.cluster.rows[None] + self._least[:, None] >= 0).all(axis=2)
        return np.where(enough, self.cluster.log_p, -np.inf)

    def merged(self, others: Sequence["Part"], most: int) -> "Part":
        """It and others as one: the likeliest of what their states make together, `most` at most."""
        if not others:
            return self
        whole = self.cluster
        for other in others:
            whole = merge(whole, other.cluster, most)
        return Part(whole, self._asked, self._exchanges)

    def moved(self, record: Record, outside: Floats, most: int, floor: float) -> Cluster:
        """The cluster after the happening, its likeliest states only.

        `outside`: the log weight of each choice in all that this cluster does not say. The weights of all ways sum to
        1; those of a log weight below `floor` are not followed, and counted.
        """
        label, weight = self.label[record.columns], outside[record.columns]
        together = np.full(len(self._swap), -np.inf)
        np.logaddexp.at(together, label, weight)
        shares = np.zeros((len(together), len(label)))
        shares[label, np.arange(len(label))] = np.exp(weight - together[label])
        log_w = self._ways() + together[:, None]
        act, parent = np.nonzero(log_w >= floor)
        w = np.exp(log_w[act, parent])
        states, child = distinct(self._after(act, parent))
        p = np.bincount(child, weights=w)
        keep, kept = likeliest(np.asarray(p / max(1.0, p.sum()), np.float64), most)
        place = np.full(len(states), -1)
        place[keep] = np.arange(len(keep))
        p, stays = p[keep], place[child] >= 0
        to, w = place[child[stays]], w[stays]
        by_act = _grid(to, act[stays], w, (len(keep), len(together))) / p[:, None]
        by_state = _grid(to, parent[stays], w, (len(keep), len(self.cluster.rows))) / p[:, None]
        copies = [Copy(c.record, c.base, by_state @ c.share) for c in self.cluster.copies]
        copies.append(Copy(record, record.first, by_act @ shares))
        log_p = np.asarray(np.log(p / p.sum()), np.float64)
        return Cluster(self.cluster.scope, states[keep], log_p, tuple(copies), min(1.0, self.cluster.kept * kept))

    def _after(self, act: Ints, parent: Ints) -> Ints:
        """What each way leads to."""
        rows = self.cluster.rows[parent] + self._change[act]
        at = {variable: n for n, variable in enumerate(self.cluster.scope)}
        for n, pairs in enumerate(self._kinds, 1):
            which = self._swap[act] == n
            for a, b in pairs:
                for i, j in [(at[a, g], at[b, g]) for owner, g in self.cluster.scope if owner == a and (b, g) in at]:
                    rows[which, i], rows[which, j] = rows[which, j], rows[which, i]
        return np.asarray(np.maximum(rows, 0), np.int64)


def _grid(rows: Ints, columns: Ints, w: Floats, shape: tuple[int, int]) -> Floats:
    flat = np.bincount(rows * shape[1] + columns, weights=w, minlength=shape[0] * shape[1])
    return np.asarray(flat.reshape(shape), np.float64)
