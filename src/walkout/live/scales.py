"""What goods sold by weight weigh: the shelf events of a line, added up with their spread."""

from collections.abc import Iterable, Mapping
from math import sqrt

from walkout.checkout.pricing import Weighed
from walkout.inference.belief import Belief
from walkout.inference.explanation import Explanation
from walkout.store.product import Product


def weighed(belief: Belief, rests: Iterable[Explanation], products: Mapping[str, Product]) -> dict[str, Weighed]:
    """By GTIN, the mass that left less what came back.

    A product is left out where one of its events is not known any more, or moved other things too: then only what so
    many items weigh at the least is charged.
    """
    known = {one.event.id: one for one in rests}
    found: dict[str, Weighed] = {}
    for line in belief.lines:
        product = products.get(line.gtin)
        if product is None or product.sold_by != "weight" or not line.events:
            continue
        events = [known.get(name) for name in line.events]
        if any(e is None or not e.candidates or _mixed(e, line.gtin) for e in events):
            continue
        taken_g = -sum(sum(e.event.delta_g) for e in events if e is not None)
        var_g2 = sum(sum(map(sum, e.event.cov_g2)) for e in events if e is not None)
        found[line.gtin] = Weighed(max(0.0, taken_g), sqrt(max(0.0, var_g2)))
    return found


def _mixed(explanation: Explanation, gtin: str) -> bool:
    best = explanation.candidates[0]
    return best.gtin != gtin or bool(best.also)
