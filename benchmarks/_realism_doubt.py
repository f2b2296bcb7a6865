"""How sure the real visit's own figures are, and how much a replica hangs on the scales that were drawn for it.

One visit of 17 s is little: a shelf's median and its largest peak are drawn again from the same plates and seconds,
with replacement (a bootstrap; seconds follow each other, so that the ranges are if anything too narrow). And the twin's
plates differ from each other by chance, once a shop: other shops with the same table show what that chance does.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE_HZ, SEGMENT, DRAWS = 60, 120, 1000


def spread(x: NDArray[np.float64], sds: NDArray[np.float64], peak_hz: float, bar_hz: float) -> dict[str, Any]:
    """What else the real figures of a shelf could have been.

    Args:
        x: Readings in grams, shape (samples, plates).
        sds: Their deviations second by second, grams, shape (seconds, plates).
        peak_hz: The largest peak of the whole.
        bar_hz: How far from it another peak may be.

    Returns:
        `median_g`: the 2.5th and 97.5th percentile of the median; `same_peak`: how often the largest peak is the same.
    """
    rng = np.random.default_rng(1)
    segments = np.stack([x[at : at + SEGMENT] for at in range(0, len(x) - SEGMENT + 1, SEGMENT // 2)])
    segments = (segments - segments.mean(axis=1, keepdims=True)) * np.hanning(SEGMENT + 1)[:-1, None]
    power = np.abs(np.fft.rfft(segments, axis=1)) ** 2
    hertz = np.fft.rfftfreq(SEGMENT, 1 / RATE_HZ)
    band = hertz >= 0.5
    medians, same = [], 0
    for _ in range(DRAWS):
        plates = rng.integers(0, x.shape[1], x.shape[1])
        medians.append(np.median(sds[rng.integers(0, len(sds), len(sds))][:, plates]))
        drawn = power[rng.integers(0, len(power), len(power))][:, :, plates].mean(axis=(0, 2))
        same += abs(float(hertz[band][np.argmax(drawn[band])]) - peak_hz) <= bar_hz
    low, high = np.percentile(medians, [2.5, 97.5])
    return {"median_g": (round(float(low), 2), round(float(high), 2)), "same_peak": round(same / DRAWS, 3)}
