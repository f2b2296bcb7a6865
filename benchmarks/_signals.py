"""What hands do to plates, as curves in grams at 60 Hz: steps with a hand before them, presses, leans, rummaging.

A hand that holds still trembles: 2-5 % of an isometric force, mostly under 2 Hz, is what the literature on force
steadiness gives for healthy adults; here 4 %, and 8 % for a leaning body.
"""

import numpy as np
from numpy.typing import NDArray

from benchmarks._aifi_noise import RATE_HZ

Curve = NDArray[np.float64]


def tremble(rng: np.random.Generator, samples: int, share: float) -> Curve:
    """A factor around 1: white noise through a first-order low-pass at 2 Hz, with this standard deviation."""
    keep = np.exp(-2 * np.pi * 2.0 / RATE_HZ)
    white = rng.normal(0.0, share * np.sqrt(1 - keep**2), samples)
    out = np.empty(samples)
    value = rng.normal(0.0, share)
    for k in range(samples):
        value = keep * value + white[k]
        out[k] = 1.0 + value
    return out


def step(rng: np.random.Generator, samples: int, onset: int, size_g: float) -> Curve:
    """A hand of +10..55 g for 0.3 s, then a change of `size_g` within 3 samples from `onset` on."""
    curve = np.zeros(samples)
    hand = int(0.3 * RATE_HZ)
    curve[onset - hand : onset] = rng.uniform(10, 55)
    curve[onset:] = size_g
    curve[onset : onset + 2] = curve[onset - 1] + (size_g - curve[onset - 1]) * np.array([1 / 3, 2 / 3])
    return curve


def press(rng: np.random.Generator, seconds: float, force_g: float, share: float = 0.04) -> Curve:
    """A hand that rests on goods and goes away again."""
    samples = int(seconds * RATE_HZ)
    edge = min(samples // 2, int(rng.uniform(0.1, 0.25) * RATE_HZ))
    rise = np.sin(np.linspace(0, np.pi / 2, edge, endpoint=False)) ** 2
    envelope = np.concatenate([rise, np.ones(samples - 2 * edge), rise[::-1]])
    return np.asarray(force_g * envelope * tremble(rng, samples, share))


def rummage(rng: np.random.Generator, seconds: float) -> Curve:
    """Goods pushed, tilted and lifted a little, a new load every 0.15-0.6 s, nothing changed afterwards.

    No lift follows another: an item that is off its plate for a second is a take, and its return is one too.
    """
    samples = int(seconds * RATE_HZ)
    knots, loads = [0], [0.0]
    while knots[-1] < samples - 40:
        knots.append(knots[-1] + int(rng.uniform(0.15, 0.6) * RATE_HZ))
        lift = loads[-1] >= 0.0 and rng.random() < 0.4
        loads.append(float(-rng.uniform(20, 200) if lift else rng.uniform(10, 200)))
    curve = np.interp(np.arange(samples), [*knots, min(samples - 1, knots[-1] + 12)], [*loads, 0.0])
    return np.asarray(curve * tremble(rng, samples, 0.04))
