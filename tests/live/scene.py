"""A shop of one fixture with one shopper, made by hand: plates at rest, one step, a hand at the right place."""

from collections.abc import Sequence

import numpy as np

from tests.inference.scene import AWAY, JAM, SECOND, T0, at, frame
from walkout.recording.channel import Observation
from walkout.recording.plates import PlateBatch

RATE_HZ = 60.0
LENGTH_S = 20
TAKEN_S = 8.0


def batches(taken_s: float = TAKEN_S, plate: int = 7, grams: float = -300.0, seed: int = 1) -> list[PlateBatch]:
    """Twenty seconds of shelf 1 and 2, twelve samples a batch; one plate steps."""
    rng = np.random.default_rng(seed)
    n = int(LENGTH_S * RATE_HZ)
    values = (rng.normal(0.0, 0.5, (n, 2, 12)) + 1000.0).astype(np.float32)
    values[int(taken_s * RATE_HZ) :, 0, plate - 1] += grams
    t_ns = T0 + np.round(np.arange(n) * SECOND / RATE_HZ).astype(np.int64)
    return [
        PlateBatch("g", t_ns[k : k + 12], values[k : k + 12], RATE_HZ, int(t_ns[k + 11]) + SECOND // 50)
        for k in range(0, n, 12)
    ]


def people(taken_s: float = TAKEN_S) -> list[Observation]:
    """One shopper from 1 s to 15 s who reaches for the jam."""
    return [
        frame(k / 15, {"ann": at(JAM) if abs(k / 15 - taken_s) < 0.6 else AWAY} if 15 <= k <= 225 else {})
        for k in range(LENGTH_S * 15)
    ]


def delivered(*streams: Sequence[Observation]) -> list[Observation]:
    """Everything in order of arrival."""
    return sorted((o for stream in streams for o in stream), key=lambda o: o.arrived_ns)
