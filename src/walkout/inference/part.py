"""One cluster in the light of one happening: how far its past allows each choice, and what it becomes."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from walkout.inference.choice import Move
from walkout.inference.cluster import Cluster, Copy, Floats, Ints, Record, distinct, likeliest, lost, merge, tidy
from walkout.inference.effect import Table, Variable

Moves = tuple[Move, ...]


class Part:
    """One cluster that a happening may concern, with the tables of what each choice does to its variables."""

    def __init__(self, cluster: Cluster, asked: Mapping[Variable, Sequence[Moves]]) -> None:
        """`asked`: for each variable that is concerned, the moves of each choice that touch it."""
        self.cluster = cluster
        self.tables = {v: Table(v, cluster.contents[n], asked[v]) for n, v in enumerate(cluster.scope) if v in asked}
        self._asked = asked
        self._label()

    def _label(self) -> None:
        labels = np.array([table.label for table in self.tables.values()]).T
        done, label = distinct(labels, [len(table.log_q) for table in self.tables.values()])
        nothing = np.flatnonzero(~done.any(axis=1)).tolist()
        place = [n + 1 for n in range(len(done))]
        for n in nothing:  # at most one
            place = [0 if i == n else 1 + i - (i > n) for i in range(len(done))]
        self.acts = np.zeros((max(place) + 1, len(self.tables)), np.int64)
        self.acts[place] = done
        """Shape (labels, tables): what each label does to each variable; the first does nothing."""
        self.label = np.array(place, np.int64)[label]
        """Shape (choices,)."""

    def first_allows(self, choice: int) -> float:
        """The log probability of the likeliest state, and that it allows a choice."""
        log_p = float(self.cluster.log_p[0])
        for variable, table in self.tables.items():
            content = int(self.cluster.rows[0, self.cluster.scope.index(variable)])
            log_p += table.look(int(table.label[choice]), content)[1] if table.label[choice] else 0.0
        return log_p

    def weigh(self, log_p: Floats, floor: float) -> Floats:
        """The log probability that the past allows each choice, as far as this cluster is asked, shape (choices,).

        `log_p`: of each choice otherwise; ways of a log weight below the floor count for nothing.
        """
        for variable, table in self.tables.items():
            best = np.full(len(table.log_q), -np.inf)
            np.maximum.at(best, table.label, log_p)
            with np.errstate(divide="ignore"):
                table.fill(best, np.log(self.cluster.marginal(self.cluster.scope.index(variable))), floor)
        factors = np.logaddexp.reduce(self._ways(), axis=1)
        factors[0] = 0.0
        return np.asarray(factors[self.label], np.float64)

    def _ways(self) -> Floats:
        """The log probability of each state and that it allows each label, shape (labels, states)."""
        ways = np.tile(self.cluster.log_p, (len(self.acts), 1))
        for n, (variable, table) in enumerate(self.tables.items()):
            column = self.cluster.rows[:, self.cluster.scope.index(variable)]
            ways += table.log_q[self.acts[:, n][:, None], column]
        return ways

    def merged(self, other: "Part", most: int) -> "Part":
        """Both as one: the likeliest pairs of their states, `most` at most."""
        both = object.__new__(Part)
        both.cluster = merge(self.cluster, other.cluster, most)
        both.tables = self.tables | other.tables
        both._asked = self._asked
        both._label()
        return both

    def moved(self, record: Record, outside: Floats, most: int, floor: float) -> Cluster:
        """The cluster after the happening, its likeliest states only.

        `outside`: the log weight of each choice in all that this cluster does not say. The weights of all ways sum to
        1; those of a log weight below `floor` are not followed, and counted.
        """
        label, weight = self.label[record.columns], outside[record.columns]
        together = np.full(len(self.acts), -np.inf)
        np.logaddexp.at(together, label, weight)
        shares = np.zeros((len(self.acts), len(record.columns)))
        shares[label, np.arange(len(label))] = np.exp(weight - together[label])
        log_w = self._ways() + together[:, None]
        act, parent = np.nonzero(log_w >= floor)
        w = np.exp(log_w[act, parent])
        rows, sizes = self._after(act, parent)
        states, child = distinct(rows, sizes)
        p = np.bincount(child, weights=w)
        keep, kept = likeliest(np.asarray(p / max(1.0, p.sum()), np.float64), most)
        place = np.full(len(states), -1)
        place[keep] = np.arange(len(keep))
        p, stays = p[keep], place[child] >= 0
        to, w = place[child[stays]], w[stays]
        by_act = _grid(to, act[stays], w, (len(keep), len(self.acts))) / p[:, None]
        by_state = _grid(to, parent[stays], w, (len(keep), len(self.cluster.rows))) / p[:, None]
        copies = [Copy(c.record, c.base, by_state @ c.share) for c in self.cluster.copies]
        copies.append(Copy(record, record.first, by_act @ shares))
        scope = self.cluster.scope
        contents = tuple(
            tuple(self.tables[v].contents) if v in self.tables else self.cluster.contents[n]
            for n, v in enumerate(scope)
        )
        log_p = np.asarray(np.log(p / p.sum()), np.float64)
        return tidy(Cluster(scope, contents, states[keep], log_p, tuple(copies), lost(self.cluster, kept)))

    def _after(self, act: Ints, parent: Ints) -> tuple[Ints, list[int]]:
        """What each way leads to, and how many contents each variable has then."""
        cluster = self.cluster
        rows = cluster.rows[parent].copy()
        sizes = [len(known) for known in cluster.contents]
        for n, (variable, table) in enumerate(self.tables.items()):
            at = cluster.scope.index(variable)
            rows[:, at] = table.next[self.acts[act, n], rows[:, at]]
            sizes[at] = len(table.contents)
        for a, b in combinations(self.tables.values(), 2):
            swapped = self._swaps(a, b)
            if swapped.any():
                i, j = cluster.scope.index(a.variable), cluster.scope.index(b.variable)
                mine, theirs = a.learn(b.contents), b.learn(a.contents)
                which = swapped[act]
                rows[which, i], rows[which, j] = mine[rows[which, j]], theirs[rows[which, i]]
                sizes[i], sizes[j] = len(a.contents), len(b.contents)
        return rows, sizes

    def _swaps(self, a: Table, b: Table) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Which labels exchange what two variables hold."""
        pair = {a.variable, b.variable}
        found = np.zeros(len(self.acts), np.bool_)
        for k, moves in enumerate(self._asked[a.variable]):
            if any(m.kind == "swap" and {m.shopper, m.giver} == pair for m in moves):
                found[self.label[k]] = True
        return found


def _grid(rows: Ints, columns: Ints, w: Floats, shape: tuple[int, int]) -> Floats:
    flat = np.bincount(rows * shape[1] + columns, weights=w, minlength=shape[0] * shape[1])
    return np.asarray(flat.reshape(shape), np.float64)
