"""What is believed in the midst of visits, worked out again only for those of whom something changed.

Everybody's basket is told once a second, and seldom has anything happened to it since. A belief rests on the clusters
of its party, and an explanation on its record and the probabilities of its columns: where those are the same, so is
what was said of them, to the byte. Clusters are never changed, only replaced, so that they are the same where they are
the same objects.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from walkout.inference.belief import Belief
from walkout.inference.cluster import Cluster, Record
from walkout.inference.explanation import Explanation
from walkout.inference.goods import Goods
from walkout.inference.hypothesis import Hypotheses, records
from walkout.inference.posterior import believe, concerned, explained
from walkout.inference.visit import Visit


@dataclass(frozen=True, slots=True)
class _Believed:
    shoppers: tuple[str, ...]
    clusters: tuple[Cluster, ...]
    kept: tuple[float, ...]
    belief: Belief

    def fits(self, shoppers: tuple[str, ...], clusters: Iterable[Cluster], kept: tuple[float, ...]) -> bool:
        now = tuple(clusters)
        same = len(now) == len(self.clusters) and all(a is b for a, b in zip(now, self.clusters, strict=True))
        return same and shoppers == self.shoppers and kept == self.kept


@dataclass(slots=True)
class SoFar:
    """One shop's beliefs as they were last asked for; it may be thrown away at any time. `shop` never changes."""

    shop: Goods
    worked_out: int = 0
    """How many beliefs and explanations were not there already."""
    _beliefs: dict[str, _Believed] = field(default_factory=dict)
    _explained: dict[int, tuple[Record, NDArray[np.float64], tuple[Explanation, ...]]] = field(default_factory=dict)

    def baskets(self, pasts: Hypotheses, visits: Iterable[Visit]) -> tuple[Belief, ...]:
        """As `believe` says of each visit, without doubts."""
        before, self._beliefs = self._beliefs, {}
        return tuple(self._believe(pasts, visit, before.get(visit.id)) for visit in visits)

    def explanations(self, pasts: Hypotheses) -> tuple[Explanation, ...]:
        """As `explain` says of all events that are still open."""
        before, self._explained = self._explained, {}
        said: list[Explanation] = []
        for record, p in records(pasts):
            known = before.get(record.number)
            if known is None or known[0] is not record or not np.array_equal(known[1], p):
                known = record, p, explained(record, p, self.shop)
                self.worked_out += 1
            self._explained[record.number] = known
            said += known[2]
        return tuple(said)

    def _believe(self, pasts: Hypotheses, visit: Visit, known: _Believed | None) -> Belief:
        clusters = tuple(concerned(pasts, visit))
        kept = tuple(pasts.kept.get(shopper, 1.0) for shopper in visit.shoppers)
        if known is None or not known.fits(visit.shoppers, clusters, kept):
            known = _Believed(visit.shoppers, clusters, kept, believe(pasts, visit, self.shop, asking=False))
            self.worked_out += 1
        self._beliefs[visit.id] = known
        return known.belief if known.belief.visit == visit else replace(known.belief, visit=visit)
