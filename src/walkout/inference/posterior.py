"""What the beam says: the basket of a visit with its probability and reasons, and the candidates of each event."""

from collections import defaultdict
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from walkout.inference.belief import Basket, Belief, BelievedLine
from walkout.inference.choice import Choice, Options, nearest_hand
from walkout.inference.explanation import Candidate, Explanation
from walkout.inference.goods import UNKNOWN, Goods
from walkout.inference.happening import Happening
from walkout.inference.hypothesis import Beam, Layer, backward
from walkout.inference.past import State
from walkout.inference.sentence import sentence
from walkout.inference.visit import Visit

Items = tuple[tuple[str, int], ...]

BASKETS = 20
"""Baskets of a belief that are written down."""
CANDIDATES = 12
"""Candidates of an event that are written down; the rest is one that says so."""


def believe(beam: Beam, visit: Visit, shop: Goods) -> Belief:
    """What a visit left with, as its last event leaves it; call it before `leave`.

    The charged lines are those of the likeliest basket, each cut to the count that is more likely than not.
    """
    last = beam.layers[-1]
    p = np.exp(last.log_p)
    kept = float(np.prod([layer.kept for layer in beam.layers]))
    party = frozenset(visit.shoppers)
    baskets: dict[tuple[Items, bool], float] = defaultdict(float)
    for state, share in zip(last.states, p, strict=True):
        baskets[_basket(state, party)] += float(share)
    ranked = sorted(baskets.items(), key=lambda kv: (-kv[1], kv[0]))
    best = _best(ranked)
    lines = tuple(
        (gtin, n, q) for gtin, q in best if (n := _at_least(ranked, gtin, q, shop.model.charge_at / kept))[0] > 0
    )
    charged: Items = tuple((gtin, n) for gtin, (n, _), _ in lines)
    p_exact = baskets.get((charged, False), 0.0) * kept
    weight = np.array([_basket(s, party)[0] == charged for s in last.states], np.float64) * p
    ways = backward(beam, weight if weight.sum() > 0 else p)
    return Belief(
        visit,
        tuple(_line(beam, ways, party, gtin, n, share * kept, shop) for gtin, (n, share), _ in lines),
        p_exact,
        tuple(Basket(items, share * kept, unknown) for (items, unknown), share in ranked[:BASKETS]),
    )


def explain(beam: Beam, shop: Goods, settled: int | None = None) -> tuple[Explanation, ...]:
    """The candidates of each event in the first layers (None: in all), given all that came before and after."""
    ways = backward(beam, np.exp(beam.layers[-1].log_p))
    found = []
    upto = len(ways) if settled is None else settled + 1
    for layer, share in zip(beam.layers[:upto], ways[:upto], strict=True):
        if layer.options is None or isinstance(layer.options, Happening):
            continue
        p = _by_choice(layer, share)
        found.append(_explanation(layer.options, p, shop))
    return tuple(found)


def _by_choice(layer: Layer, share: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability of each choice of a layer, from that of each way."""
    count = 0 if layer.options is None else len(layer.options.choices)
    return np.bincount(layer.choice, weights=share, minlength=count).astype(np.float64)


def _basket(state: State, party: Collection[str]) -> tuple[Items, bool]:
    count: dict[str, int] = defaultdict(int)
    for shopper, gtin, n in state.held:
        if shopper in party:
            count[gtin] += n
    known = tuple((gtin, n) for gtin, n in sorted(count.items()) if not gtin.startswith(UNKNOWN))
    return known, len(known) < len(count)


def _best(ranked: Sequence[tuple[tuple[Items, bool], float]]) -> Items:
    """The known items of the likeliest basket; what is unknown in it does not split its vote."""
    votes: dict[Items, float] = defaultdict(float)
    for (items, _), share in ranked:
        votes[items] += share
    return min(votes.items(), key=lambda kv: (-kv[1], kv[0]))[0]


def _at_least(
    ranked: Sequence[tuple[tuple[Items, bool], float]], gtin: str, most: int, charge_at: float
) -> tuple[int, float]:
    """The greatest count up to `most` that the party has with at least this probability, and that probability."""
    for n in range(most, 0, -1):
        share = sum(p for (items, _), p in ranked if dict(items).get(gtin, 0) >= n)
        if share >= charge_at:
            return n, share
    return 0, 0.0


def _line(
    beam: Beam,
    ways: Sequence[NDArray[np.float64]],
    party: Collection[str],
    gtin: str,
    quantity: int,
    probability: float,
    shop: Goods,
) -> BelievedLine:
    shown: list[tuple[float, str, str]] = []
    for layer, share in zip(beam.layers, ways, strict=True):
        if layer.options is None:
            continue
        p = _by_choice(layer, share)
        about = [k for k, c in enumerate(layer.options.choices) if _concerns(c, party, gtin)]
        if about:
            best = max(about, key=lambda k: (p[k], -k))
            text, event = _told(layer.options, best, shop, gtin)
            shown.append((float(p[about].sum()), event, text))
    likely = [s for s in shown if s[0] >= 0.5] or [max(shown, key=lambda s: s[0])]
    why = "; ".join(text for _, _, text in likely)
    return BelievedLine(gtin, quantity, probability, why[:1].upper() + why[1:], tuple(event for _, event, _ in likely))


def _told(found: Options | Happening, k: int, shop: Goods, gtin: str) -> tuple[str, str]:
    """The sentence of one choice, and the id of what it explains."""
    if isinstance(found, Happening):
        return found.words[k], found.id
    return sentence(found, found.choices[k], shop, about=gtin), found.evidence.event.id


def _concerns(choice: Choice, party: Collection[str], gtin: str) -> bool:
    return any(m.gtin == gtin and (m.shopper in party or m.giver in party) for m in choice.moves)


def _explanation(found: Options, p: NDArray[np.float64], shop: Goods) -> Explanation:
    """Choices that differ only in what a reader cannot see are one candidate."""
    groups: dict[tuple[tuple[str, str, int], ...], list[int]] = defaultdict(list)
    for k, choice in enumerate(found.choices):
        groups[tuple((m.shopper or "", _sold(m.gtin), m.quantity) for m in choice.moves)].append(k)
    ranked = sorted(groups.items(), key=lambda kv: (-float(p[kv[1]].sum()), kv[0]))
    told = [(float(p[ks].sum()), max(ks, key=lambda k: (p[k], -k))) for _, ks in ranked[:CANDIDATES]]
    candidates = [_candidate(found, found.choices[k], share, shop) for share, k in told]
    rest = 1.0 - sum(c.probability for c in candidates)
    if len(ranked) > CANDIDATES and rest > 0.0:
        others = len(ranked) - CANDIDATES
        candidates.append(Candidate(None, "", 0, rest, 0.0, None, f"{others} less likely explanations together"))
    return Explanation(found.evidence.event, tuple(candidates))


def _candidate(found: Options, choice: Choice, probability: float, shop: Goods) -> Candidate:
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
    )


def _sold(gtin: str) -> str:
    return "" if gtin.startswith(UNKNOWN) else gtin
