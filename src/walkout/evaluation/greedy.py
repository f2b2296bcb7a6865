"""A reference: every event explained as it comes, by its likeliest explanation, and nothing looked at again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from walkout.inference.explanation import Explanation
from walkout.inference.visit import Visit


def greedy_receipts(explanations: Sequence[Explanation], visits: Sequence[Visit]) -> list[Mapping[str, Any]]:
    """Receipts in the published form from the first candidate of each event, in time order.

    What no scale tells (a hand-over, the floor) is left out: no event, no explanation.
    A return is taken off whoever put it down, else off another shopper who took it; below nothing nobody falls. The
    explanations are those of an engine that keeps one past (`Model.beam` 1), so no later event changes an earlier one.
    `p_exact` is the product of the candidates' probabilities of the visit's events.
    """
    held: dict[str, Counter[str]] = {}
    sure: dict[str, list[float]] = {}
    for explanation in explanations:
        best = max(explanation.candidates, key=lambda c: c.probability, default=None)
        if best is None:
            continue
        for shopper, gtin, quantity in ((best.shopper, best.gtin, best.quantity), *best.also):
            if shopper is None or not gtin or not quantity:
                continue
            sure.setdefault(shopper, []).append(best.probability)
            basket = held.setdefault(shopper, Counter())
            if quantity < 0 and not basket[gtin]:
                basket = next((held[other] for other in sorted(held) if held[other][gtin]), basket)
            basket[gtin] = max(0, basket[gtin] + quantity)
    return [_receipt(visit, held, sure) for visit in visits]


def _receipt(visit: Visit, held: Mapping[str, Counter[str]], sure: Mapping[str, Sequence[float]]) -> Mapping[str, Any]:
    basket = sum((held.get(shopper, Counter()) for shopper in visit.shoppers), Counter[str]())
    p_exact = prod(p for shopper in visit.shoppers for p in sure.get(shopper, ()))
    return {
        "visit": visit.id,
        "shoppers": list(visit.shoppers),
        "entered_ns": visit.entered_ns,
        "left_ns": visit.left_ns,
        "lines": [{"gtin": g, "quantity": n, "probability": p_exact} for g, n in sorted(basket.items()) if n > 0],
        "p_exact": p_exact,
        "decided_by": "software",
    }
