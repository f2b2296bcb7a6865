"""What each plate makes of a gram, learnt from what is known to have moved on it.

A load cell's gain is off by a few percent and stays so (`Model.gain_sd`), which hides the difference between 71 g and
78 g from two takes. Each explanation that is as good as sure tells the gain a little better: a Kalman filter of one
constant for each plate (Kalman, "A new approach to linear filtering and prediction problems", 1960).
"""

from collections.abc import Iterable

import numpy as np

from walkout.inference.explanation import Explanation
from walkout.inference.goods import UNKNOWN, Goods, masses
from walkout.inference.weight import Gains

SURE = 0.97
"""An explanation that is likelier than this teaches."""
ALONE = 0.9
"""... if this share of the change was on one plate; what lies beside it may be of the goods or leak."""
LEAST_SD = 0.004
"""A gain is never known better: what leaks to the plates beside it depends on where on the plate things stand."""
ASTRAY = 3.0
"""What is further from the belief than so many standard deviations is no gain: another product, a hand."""
DRIFT_G2 = 1.0
"""Variance of a change that is not gain: `Model.level_sd_g`, and some seconds of wander."""


def learnt(before: Gains, found: Iterable[Explanation], shop: Goods) -> Gains:
    """The gains after some more explanations, in their order."""
    after = dict(before)
    for explanation in found:
        event, best = explanation.event, explanation.candidates[0]
        if best.probability < SURE or best.also or not best.quantity or best.gtin.startswith(UNKNOWN) or not best.gtin:
            continue
        known = masses(shop, best.gtin)
        main = int(np.argmax(np.abs(event.delta_g)))
        total_g = sum(abs(grams) for grams in event.delta_g)
        if len(known) != 1 or not shop.store.products[best.gtin].masses or abs(event.delta_g[main]) < ALONE * total_g:
            continue
        mass_g = abs(best.quantity) * known[0].mass_g
        seen = abs(event.delta_g[main]) / mass_g - 1.0
        beside = 1.0 - abs(event.delta_g[main]) / total_g
        noise = (abs(best.quantity) * known[0].sd_g ** 2 + DRIFT_G2) / mass_g**2 + beside**2
        plate = (event.fixture, event.shelf, event.plates[main])
        mean, var = after.get(plate, (0.0, shop.model.gain_sd**2))
        if (seen - mean) ** 2 > ASTRAY**2 * (var + noise):
            continue
        share = var / (var + noise)
        after[plate] = (mean + share * (seen - mean), max(LEAST_SD**2, var * (1.0 - share)))
    return after
