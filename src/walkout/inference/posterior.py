"""What the joint explanations say: the basket of a visit, how likely and why, and the candidates of each event."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from walkout.inference.belief import Basket, Belief, BelievedLine
from walkout.inference.choice import Choice, Options, nearest_hand
from walkout.inference.cluster import Cluster, Record, parted
from walkout.inference.doubt import Doubt
from walkout.inference.doubting import DOUBTS, SURE, Part, doubts
from walkout.inference.episode import Episode
from walkout.inference.explanation import Candidate, Explanation
from walkout.inference.goods import UNKNOWN, Goods
from walkout.inference.happening import Happening
from walkout.inference.hypothesis import Hypotheses, records
from walkout.inference.sentence import sentence
from walkout.inference.visit import Visit
from walkout.sensing.event import ShelfEvent

Items = tuple[tuple[str, int], ...]
Ranked = Sequence[tuple[tuple[Items, bool], float]]
"""Baskets (what the catalogue knows of them, whether there is more) and their probabilities, the likeliest first."""

BASKETS = 20
"""Baskets of a belief that are written down."""
CANDIDATES = 12
"""Candidates of an event that are written down; the rest is one that says so."""
COMBINED = 50
IMPOSSIBLE = 1e-6
"""Baskets of a party that are put together from what its clusters say: so many, and none less likely than this."""


def believe(pasts: Hypotheses, visit: Visit, shop: Goods, *, asking: bool = True) -> Belief:
    """What a visit left with, or holds so far, as the last event leaves it; call it before `leave`.

    `asking`: with the doubts that a person could be asked about, most of the work; nobody is asked of an open visit.

    The charged lines are those of the likeliest basket, each cut to the count that is more likely than not. Their
    probabilities and `p_exact` are lower by what the search let go.
    """
    party = frozenset(visit.shoppers)
    parts = [_Part(cluster, party) for cluster in concerned(pasts, visit)]
    kept = float(np.prod([pasts.kept.get(shopper, 1.0) for shopper in visit.shoppers]))
    groups = [_together(group) for group in _sharing(parts)]
    lines: list[tuple[str, int, float]] = []
    p_exact = kept
    for ranked in groups:
        shown = [(gtin, *_at_least(ranked, gtin, most, shop.model.charge_at)) for gtin, most in _best(ranked)]
        lines += [line for line in shown if line[1] > 0]
        p_exact *= dict(ranked).get((tuple((gtin, n) for gtin, n, _ in shown if n > 0), False), 0.0)
    lines.sort()
    baskets = _combined(groups)[:BASKETS]
    why = _Shown(parts, tuple((gtin, n) for gtin, n, _ in lines), shop)
    return Belief(
        visit,
        tuple(why.line(party, gtin, n, share * kept) for gtin, n, share in lines),
        p_exact,
        tuple(Basket(items, share * kept, unknown) for (items, unknown), share in baskets),
        _doubts(parts, [basket for basket, _ in baskets], shop) if asking and p_exact < SURE else (),
    )


def explain(pasts: Hypotheses, shop: Goods, before_ns: int | None = None) -> tuple[Explanation, ...]:
    """The candidates of each shelf event that ended before an instant (None: of all), given all that is known."""
    return tuple(
        found
        for record, p in records(pasts)
        if before_ns is None or record.end_ns < before_ns
        for found in explained(record, p, shop)
    )


def explained(record: Record, p: NDArray[np.float64], shop: Goods) -> tuple[Explanation, ...]:
    """The candidates of each shelf event of one happening; `p` is the probability of its columns now."""
    if not isinstance(record.told, Options):
        return ()
    parts = _parts(record.told, record.columns)
    return tuple(_explanation(part.evidence.event, ways, p, record.first, shop) for part, ways in parts)


def concerned(pasts: Hypotheses, visit: Visit) -> list[Cluster]:
    """The clusters that a party's basket rests on."""
    party = frozenset(visit.shoppers)
    return [cluster for cluster in pasts.clusters if any(owner in party for owner, _ in cluster.scope)]


def _parts(told: Options, columns: NDArray[np.int64]) -> list[tuple[Options, list[tuple[Options, Choice]]]]:
    """Each event that was explained, with what explains it in each column."""
    if isinstance(told, Episode):
        return [(part, [told.covers[k][n] for k in columns.tolist()]) for n, part in enumerate(told.parts)]
    return [(told, [(told, told.choices[k]) for k in columns.tolist()])]


def _doubts(parts: Sequence["_Part"], baskets: Sequence[tuple[Items, bool]], shop: Goods) -> tuple[Doubt, ...]:
    """What a person could be asked about a visit: of the parts that are least sure."""
    ranked = sorted(parts, key=lambda part: part.ranked[0][1])
    unsure = [part for part in ranked[:DOUBTS] if part.ranked[0][1] < SURE]
    rest = _combined([part.ranked for part in ranked[len(unsure) :]])
    concerned = [
        Part(
            np.exp(part.cluster.log_p),
            part.baskets,
            _combined([rest, *(other.ranked for other in unsure if other is not part)]),
            part.cluster.copies,
        )
        for part in unsure
    ]
    return doubts(concerned, baskets, lambda told, k: _told(told, k, shop))


class _Part:
    """One cluster as it concerns one party: which of the party's baskets goes with each state."""

    def __init__(self, cluster: Cluster, party: frozenset[str]) -> None:
        self.cluster = cluster
        self.baskets = _baskets(cluster, party)
        self.gtins = frozenset(gtin for owner, gtin in cluster.scope if owner in party)
        shares: dict[tuple[Items, bool], float] = defaultdict(float)
        for basket, p in zip(self.baskets, np.exp(cluster.log_p).tolist(), strict=True):
            shares[basket] += p
        self.ranked: Ranked = sorted(shares.items(), key=lambda kv: (-kv[1], kv[0]))

    def given(self, others: Sequence["_Part"], charged: Items) -> NDArray[np.float64]:
        """The probabilities of its states given that the party has what is charged; as they are where it cannot."""
        p = np.exp(self.cluster.log_p)
        rest: dict[Items, float] = defaultdict(float)
        for (items, _), share in _together([part for part in others if part.gtins & self.gtins]):
            rest[self._mine(items)] += share
        lacking = [_less(self._mine(charged), items) for items, _ in self.baskets]
        weight = p * [0.0 if want is None else rest.get(want, 0.0) for want in lacking]
        return np.asarray(weight / weight.sum() if weight.sum() > 0.0 else p, np.float64)

    def _mine(self, items: Items) -> Items:
        return tuple((gtin, n) for gtin, n in items if gtin in self.gtins)


class _Shown:
    """What shows a party's lines: the open happenings of its clusters, given what is charged."""

    def __init__(self, parts: Sequence[_Part], charged: Items, shop: Goods) -> None:
        self._shop = shop
        self._told: list[tuple[int, str, Options | Happening, NDArray[np.int64], NDArray[np.float64]]] = []
        gtins = {gtin for gtin, _ in charged}
        for group in _sharing(parts):
            for part in group:
                if not part.gtins & gtins:
                    continue
                p = part.given([other for other in group if other is not part], charged)
                self._told += [
                    (c.record.start_ns, c.record.id, c.record.told, c.record.columns, p @ c.share)
                    for c in part.cluster.copies
                ]
        self._told.sort(key=lambda x: x[:2])

    def line(self, party: Collection[str], gtin: str, quantity: int, probability: float) -> BelievedLine:
        """One line with the happenings that show it."""
        found: dict[str, tuple[float, str, tuple[str, ...]]] = {}
        for _, id_, told, columns, p in self._told:
            about = [n for n, k in enumerate(columns.tolist()) if _concerns(told.choices[k], party, gtin)]
            share = float(p[about].sum())
            if about and share > found.get(id_, (0.0,))[0]:
                best = int(columns[max(about, key=lambda n: (p[n], -n))])
                found[id_] = share, _told(told, best, self._shop, gtin), _events(told, best, gtin)
        likely = [x for x in found.values() if x[0] >= 0.5]
        if not likely and found:
            likely = [max(found.values(), key=lambda x: x[0])]
        why = "; ".join(text for _, text, _ in likely)
        events = tuple(event for _, _, some in likely for event in some)
        return BelievedLine(gtin, quantity, probability, why[:1].upper() + why[1:], events)


def _sharing(parts: Sequence[_Part]) -> list[list[_Part]]:
    """The parts in groups that share no product."""
    pairs = [(i, j) for i, j in combinations(range(len(parts)), 2) if parts[i].gtins & parts[j].gtins]
    return [[parts[n] for n in group] for group in parted(len(parts), pairs)]


def _together(parts: Sequence[_Part]) -> Ranked:
    """The baskets of a party, of whose things several clusters tell."""
    return _combined([part.ranked for part in parts])


def _combined(several: Sequence[Ranked]) -> Ranked:
    """The baskets that independent ones make together, the likeliest only."""
    ranked: Ranked = [(((), False), 1.0)]
    for more in sorted(several, key=lambda other: -other[0][1]):
        shares: dict[tuple[Items, bool], float] = defaultdict(float)
        for (some, unknown), p in ranked:
            for (others, strange), q in more:
                if p * q < IMPOSSIBLE:
                    break  # the likeliest come first
                shares[_more(some, others), unknown or strange] += p * q
        ranked = sorted(shares.items(), key=lambda kv: (-kv[1], kv[0]))[:COMBINED]
    return ranked


def _more(some: Items, more: Items) -> Items:
    if not some or not more:
        return some or more
    count = dict(some)
    for gtin, n in more:
        count[gtin] = count.get(gtin, 0) + n
    return tuple(sorted(count.items()))


def _less(whole: Items, some: Items) -> Items | None:
    """What is lacking to the whole; None where there is too much."""
    count = dict(whole)
    for gtin, n in some:
        count[gtin] = count.get(gtin, 0) - n
    return None if min(count.values(), default=0) < 0 else tuple((g, n) for g, n in sorted(count.items()) if n)


def _baskets(cluster: Cluster, party: Collection[str]) -> list[tuple[Items, bool]]:
    """The party's basket in each state: what the catalogue knows of it, and whether there is more."""
    at = [n for n, (owner, _) in enumerate(cluster.scope) if owner in party]
    gtins = [cluster.scope[n][1] for n in at]
    return [_basket(gtins, row) for row in cluster.rows[:, at].tolist()]


def _basket(gtins: Sequence[str], row: Sequence[int]) -> tuple[Items, bool]:
    count: dict[str, int] = defaultdict(int)
    for gtin, n in zip(gtins, row, strict=True):
        if n:
            count[gtin] += n
    known = tuple((gtin, n) for gtin, n in sorted(count.items()) if not gtin.startswith(UNKNOWN))
    return known, len(known) < len(count)


def _best(ranked: Ranked) -> Items:
    """The known items of the likeliest basket; what is unknown in it does not split its vote."""
    votes: dict[Items, float] = defaultdict(float)
    for (items, _), share in ranked:
        votes[items] += share
    return min(votes.items(), key=lambda kv: (-kv[1], kv[0]))[0]


def _at_least(ranked: Ranked, gtin: str, most: int, charge_at: float) -> tuple[int, float]:
    """The greatest count up to `most` that the party has with at least this probability, and that probability."""
    for n in range(most, 0, -1):
        share = sum(p for (items, _), p in ranked if dict(items).get(gtin, 0) >= n)
        if share >= charge_at:
            return n, share
    return 0, 0.0


def _told(found: Options | Happening, k: int, shop: Goods, gtin: str = "") -> str:
    """The sentence of one choice."""
    if isinstance(found, Happening):
        return found.words[k]
    covers = dict.fromkeys(found.covers[k]) if isinstance(found, Episode) else {(found, found.choices[k]): None}
    about = [(part, choice) for part, choice in covers if any(m.gtin == gtin for m in choice.moves)] or list(covers)
    return "; ".join(sentence(part, choice, shop, about=gtin) for part, choice in about)


def _events(found: Options | Happening, k: int, gtin: str) -> tuple[str, ...]:
    """The ids of what one choice explains by moves of one product."""
    if isinstance(found, Happening):
        return (found.id,)
    if not isinstance(found, Episode):
        return (found.evidence.event.id,)
    return tuple(
        part.evidence.event.id
        for part, (_, choice) in zip(found.parts, found.covers[k], strict=True)
        if any(m.gtin == gtin for m in choice.moves)
    )


def _concerns(choice: Choice, party: Collection[str], gtin: str) -> bool:
    return any(m.gtin == gtin and (m.shopper in party or m.giver in party) for m in choice.moves)


def _explanation(
    event: ShelfEvent,
    ways: Sequence[tuple[Options, Choice]],
    p: NDArray[np.float64],
    first: NDArray[np.float64],
    shop: Goods,
) -> Explanation:
    """Choices that differ only in what a reader cannot see are one candidate; `p` is now, `first` when it happened."""
    groups: dict[tuple[tuple[str, str, int], ...], list[int]] = defaultdict(list)
    for k, (_, choice) in enumerate(ways):
        groups[tuple((m.shopper or "", _sold(m.gtin), m.quantity) for m in choice.moves)].append(k)
    ranked = sorted(groups.items(), key=lambda kv: (-float(p[kv[1]].sum()), kv[0]))
    told = [(ks, max(ks, key=lambda k: (p[k], -k))) for _, ks in ranked[:CANDIDATES]]
    candidates = [_candidate(*ways[k], float(p[ks].sum()), float(first[ks].sum()), shop) for ks, k in told]
    rest = 1.0 - sum(c.probability for c in candidates)
    if len(ranked) > CANDIDATES and rest > 0.0:
        others = len(ranked) - CANDIDATES
        candidates.append(Candidate(None, "", 0, rest, 0.0, None, f"{others} less likely explanations together"))
    return Explanation(event, tuple(candidates))


def _candidate(found: Options, choice: Choice, probability: float, at_first: float, shop: Goods) -> Candidate:
    first = choice.moves[0]
    distance_m, _ = nearest_hand(found, first)
    return Candidate(
        first.shopper,
        _sold(first.gtin),
        first.quantity,
        probability,
        choice.residual_g,
        distance_m,
        sentence(found, choice, shop),
        tuple((m.shopper, _sold(m.gtin), m.quantity) for m in choice.moves[1:]),
        at_first,
        tuple(
            (m.shopper, m.gtin, m.quantity)
            for m in choice.moves
            if m.kind in ("away", "stray", "lost") and _sold(m.gtin)
        ),
    )


def _sold(gtin: str) -> str:
    return "" if gtin.startswith(UNKNOWN) else gtin
