"""Tags heard at the exit as one more factor of the joint explanations: what a party has is weighed by what was heard.

Of each product: every item that a party holds carries a tag with the catalogue's share and is heard with
`Model.tag_read`; beside them a reader hears strays (a Poisson number, `Model.tag_stray`), what others carry out at the
same time, and now and then what no scale told of (`Model.tag_unseen`). Each heard item comes from one of these, weighed
by when and where it was heard; the sum over all ways is the likelihood of the counts. Parties that leave at once are
weighed together. Products hang together only by what their counts do, and by a reader that heard nothing of a party at
all (`Model.tag_blind`), of which each product asks the others.

A count that no past has gets no probability from here: a tag by itself never makes a line.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import perm

import numpy as np

from walkout.inference.cluster import Cluster, Floats, Ints, apart, cut, merge, parted
from walkout.inference.goods import Goods
from walkout.inference.heard import HeardTags
from walkout.inference.hypothesis import ROOM, Hypotheses, changed
from walkout.inference.model import Model
from walkout.inference.tagbook import Exit
from walkout.inference.visit import Visit

Counts = tuple[int, ...]
"""How many of a product each party has."""
Coefficients = Mapping[Counts, float]
"""The weight of each way to share heard items out, by how many each party has of them."""
HEARD = 0.5
STRANGE = 0.02
"""An item that nobody holds is told of where it was taken unseen with this probability."""
MOST_HEARD = 12
"""Items of one product that are told apart at one exit: those that fit best."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A party that is over, with its exits."""

    visit: Visit
    exits: tuple[Exit, ...]

    @property
    def awake(self) -> bool:
        """Whether the readers were awake at all of them."""
        return bool(self.exits) and all(one.awake for one in self.exits)


@dataclass(frozen=True, slots=True)
class Told:
    """What the tags said of one visit."""

    tags: tuple[HeardTags, ...] = ()
    """By GTIN, of the products that were heard."""
    unseen: float = 0.0
    """The probability that they carry something that no scale told of."""


@dataclass(frozen=True, slots=True)
class _Item:
    """One heard item: how likely each party is its source against everything else that could be."""

    ratios: tuple[float, ...]
    unseen: tuple[float, ...]
    """Of what else it could be, the share of each party's having taken it unseen."""


def listen(
    pasts: Hypotheses,
    leaving: Sequence[Leaving],
    others: Sequence[Exit],
    carried: Callable[[str, str], float],
    shop: Goods,
) -> tuple[Hypotheses, dict[str, Told]]:
    """The explanations once the tags of some parties that leave were heard, and what was heard of each visit.

    `others`: exits of everybody else near theirs; `carried`: visit ("" for staff) and GTIN to how many of it they are
    expected to carry. Visits whose reader was not awake are not weighed and not among the answers.
    """
    awake = [one for one in leaving if one.awake]
    asleep = tuple(exit_ for one in leaving if not one.awake for exit_ in one.exits)
    told: dict[str, Told] = {}
    for group in _at_once(awake, shop.model):
        pasts, found = _group(pasts, group, (*others, *asleep), carried, shop)
        told |= found
    return pasts, told


def _at_once(leaving: Sequence[Leaving], model: Model) -> list[list[Leaving]]:
    """The parties in groups that could be heard at each other's exits."""
    window_ns = round((model.tag_before_s + model.tag_after_s) * 1e9)
    pairs = [
        (i, j)
        for j, b in enumerate(leaving)
        for i, a in enumerate(leaving[:j])
        if any(abs(x.t_ns - y.t_ns) <= window_ns for x in a.exits for y in b.exits)
    ]
    return [[leaving[n] for n in group] for group in parted(len(leaving), pairs)]


def _group(
    pasts: Hypotheses,
    group: Sequence[Leaving],
    others: Sequence[Exit],
    carried: Callable[[str, str], float],
    shop: Goods,
) -> tuple[Hypotheses, dict[str, Told]]:
    owners = [frozenset(one.visit.shoppers) for one in group]
    everybody = frozenset().union(*owners)
    tagged = {gtin: p.tagged for gtin, p in sorted(shop.store.products.items()) if p.tagged > 0.0}
    read = {gtin: share * shop.model.tag_read for gtin, share in tagged.items()}
    items = {gtin: _items(gtin, q, group, others, carried, shop.model) for gtin, q in read.items()}
    pasts = _tied(pasts, {gtin for gtin, heard in items.items() if heard}, everybody, shop)
    units: list[_Unit] = []
    held: set[str] = set()
    for n, cluster in enumerate(pasts.clusters):
        for gtin in sorted({gtin for owner, gtin in cluster.scope if owner in everybody and gtin in tagged}):
            held.add(gtin)
            units.append(_Unit(n, gtin, read[gtin], _counts(cluster, gtin, owners), items[gtin]))
    before = {n: np.exp(pasts.clusters[n].log_p) for n in {unit.cluster for unit in units}}
    factors = _weighed(units, before, len(group), shop.model)
    told = _told(group, units, before, {gtin: items[gtin] for gtin in items if gtin not in held})
    return _multiplied(pasts, units, factors, shop), told


def _items(
    gtin: str,
    q: float,
    group: Sequence[Leaving],
    others: Sequence[Exit],
    carried: Callable[[str, str], float],
    model: Model,
) -> tuple[_Item, ...]:
    """The items of a product that were heard at the exits of a group, those that fit best first."""
    mine: dict[str, list[float]] = {}
    for p, one in enumerate(group):
        for exit_ in one.exits:
            for near in exit_.items:
                if near.gtin == gtin:
                    mine.setdefault(near.item, [0.0] * len(group))[p] += near.density / len(one.exits)
    theirs: dict[str, float] = {}
    for exit_ in others:
        expected = carried(exit_.visit, gtin)
        for near in exit_.items:
            if near.gtin == gtin:
                theirs[near.item] = theirs.get(near.item, 0.0) + expected * q * near.density
    stray = model.tag_stray / (model.tag_before_s + model.tag_after_s)
    found = []
    for item in sorted(mine):
        unseen = [model.tag_unseen * q * density for density in mine[item]]
        rest = stray + theirs.get(item, 0.0) + sum(unseen)
        found.append(_Item(tuple(d / rest for d in mine[item]), tuple(u / rest for u in unseen)))
    return tuple(sorted(found, key=lambda item: -max(item.ratios))[:MOST_HEARD])


def _tied(pasts: Hypotheses, gtins: set[str], everybody: frozenset[str], shop: Goods) -> Hypotheses:
    """The explanations with all counts of a product that was heard in one cluster, whoever of them has it."""
    for gtin in sorted(gtins):
        here = [
            n
            for n, cluster in enumerate(pasts.clusters)
            if any(owner in everybody and g == gtin for owner, g in cluster.scope)
        ]
        if len(here) > 1:
            together = pasts.clusters[here[0]]
            for n in here[1:]:
                together = merge(together, pasts.clusters[n], ROOM * shop.model.beam)
            pasts = changed(pasts, here, [together])
    return pasts


def _counts(cluster: Cluster, gtin: str, owners: Sequence[frozenset[str]]) -> Ints:
    """How many of a product each party has in each state, shape (states, parties)."""
    columns = [
        cluster.rows[:, [n for n, (owner, g) in enumerate(cluster.scope) if g == gtin and owner in people]].sum(axis=1)
        for people in owners
    ]
    return np.stack(columns, axis=1)


class _Unit:
    """One product as one cluster knows it, in the light of what was heard of it."""

    def __init__(self, cluster: int, gtin: str, q: float, counts: Ints, items: tuple[_Item, ...]) -> None:
        self.cluster, self.gtin, self.q, self.items = cluster, gtin, q, items
        keys = [tuple(row) for row in counts.tolist()]
        self.keys = sorted(set(keys))
        at = {key: n for n, key in enumerate(self.keys)}
        self.label = np.array([at[key] for key in keys], np.int64)
        """Which of `keys` each state has."""
        self._most = tuple(int(x) for x in counts.max(axis=0))

    def shares(self, p: Floats) -> Floats:
        """The probability of each key, of the states' probabilities."""
        return np.asarray(np.bincount(self.label, weights=p, minlength=len(self.keys)), np.float64)

    def ways(self, but: int | None = None) -> Coefficients:
        """How heard items (all `but` one) may be shared out among the parties."""
        found: dict[Counts, float] = {(0,) * len(self._most): 1.0}
        for n, item in enumerate(self.items):
            if n == but:
                continue
            after = dict(found)
            for m, weight in found.items():
                for p, ratio in enumerate(item.ratios):
                    if ratio > 0.0 and m[p] < self._most[p]:
                        more = (*m[:p], m[p] + 1, *m[p + 1 :])
                        after[more] = after.get(more, 0.0) + weight * ratio
            found = after
        return found

    def likelihood(self, ways: Coefficients, blind: Sequence[bool], extra: int | None = None) -> Floats:
        """How likely what was heard is for each key; of blind parties nothing is heard.

        `extra`: a party of which one item more was heard than the ways say.
        """
        out = np.zeros(len(self.keys))
        for k, counts in enumerate(self.keys):
            for heard, weight in ways.items():
                m = heard if extra is None else tuple(x + (p == extra) for p, x in enumerate(heard))
                out[k] += weight * _chance(counts, m, self.q, blind)
        return out


def _chance(counts: Counts, heard: Counts, q: float, blind: Sequence[bool]) -> float:
    chance = 1.0
    for n, m, nothing in zip(counts, heard, blind, strict=True):
        if m > n or (nothing and m):
            return 0.0
        if not nothing:
            chance *= perm(n, m) * q**m * (1.0 - q) ** (n - m)
    return chance


def _weighed(units: Sequence[_Unit], before: Mapping[int, Floats], parties: int, model: Model) -> list[Floats]:
    """The factor of each unit for each of its keys."""
    if not units:
        return []
    ways = [unit.ways() for unit in units]
    clear = (False,) * parties
    ratios = np.ones((len(units), parties))
    for u, unit in enumerate(units):
        share = unit.shares(before[unit.cluster])
        plain = float(share @ unit.likelihood(ways[u], clear))
        for p in range(parties):
            blind = tuple(n == p for n in range(parties))
            ratios[u, p] = max(float(share @ unit.likelihood(ways[u], blind)) / max(plain, 1e-300), 1e-12)
    total = np.log(ratios).sum(axis=0)
    factors = []
    for u, unit in enumerate(units):
        odds = model.tag_blind * np.exp(total - np.log(ratios[u]))
        chance = odds / (1.0 - model.tag_blind + odds)
        factor = np.zeros(len(unit.keys))
        for blind in product((False, True), repeat=parties):
            weight = float(np.prod([c if z else 1.0 - c for c, z in zip(chance.tolist(), blind, strict=True)]))
            if weight > 1e-9:
                factor += weight * unit.likelihood(ways[u], blind)
        factors.append(factor)
    return factors


def _multiplied(pasts: Hypotheses, units: Sequence[_Unit], factors: Sequence[Floats], shop: Goods) -> Hypotheses:
    by_cluster: dict[int, Floats] = {}
    for unit, factor in zip(units, factors, strict=True):
        log_f = np.log(np.maximum(factor, 1e-300))[unit.label]
        by_cluster[unit.cluster] = by_cluster.get(unit.cluster, np.zeros(len(unit.label))) + log_f
    after: list[Cluster] = []
    for n in sorted(by_cluster):
        cluster = pasts.clusters[n]
        log_p = cluster.log_p + by_cluster[n]
        weighed = replace(cluster, log_p=log_p - float(np.logaddexp.reduce(log_p)))
        after += apart(cut(weighed, len(log_p)), shop.model.independent_nats, shop.model.beam)
    return changed(pasts, sorted(by_cluster), after) if by_cluster else pasts


def _told(
    group: Sequence[Leaving],
    units: Sequence[_Unit],
    before: Mapping[int, Floats],
    nobodys: Mapping[str, tuple[_Item, ...]],
) -> dict[str, Told]:
    """What was heard of each visit: whose each item is, and what may have been taken unseen."""
    heard: list[dict[str, int]] = [{} for _ in group]
    strange: list[dict[str, int]] = [{} for _ in group]
    seen = [1.0] * len(group)

    def unseen(gtin: str, item: _Item, rest: float) -> None:
        for p, share in enumerate(item.unseen):
            seen[p] *= 1.0 - rest * share
            if rest * share >= STRANGE:
                strange[p][gtin] = strange[p].get(gtin, 0) + 1

    clear = (False,) * len(group)
    for unit in units:
        share = unit.shares(before[unit.cluster])
        for n, item in enumerate(unit.items):
            ways = unit.ways(but=n)
            rest = float(share @ unit.likelihood(ways, clear))
            mine = [
                ratio * float(share @ unit.likelihood(ways, clear, extra=p)) if ratio > 0.0 else 0.0
                for p, ratio in enumerate(item.ratios)
            ]
            total = rest + sum(mine)
            for p, weight in enumerate(mine):
                if weight > HEARD * total:
                    heard[p][unit.gtin] = heard[p].get(unit.gtin, 0) + 1
            unseen(unit.gtin, item, rest / total if total > 0.0 else 1.0)
    for gtin, items in nobodys.items():
        for item in items:
            unseen(gtin, item, 1.0)
    return {
        one.visit.id: Told(
            tuple(HeardTags(g, heard[p].get(g, 0), strange[p].get(g, 0)) for g in sorted({*heard[p], *strange[p]})),
            1.0 - seen[p],
        )
        for p, one in enumerate(group)
    }
