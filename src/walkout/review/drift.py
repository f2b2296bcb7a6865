"""An alarm that the rate has risen: e-CUSUM, so that false alarms are 1,000 labels apart or more, proven.

For each multiple m of the base rate, the likelihood ratio of m times base against base is summed as by Page, started
anew at 1 whenever it falls below; the mean over the multiples is an e-detector, whose mean time to a false alarm is at
least the threshold (Shin, Ramdas and Rinaldo 2022, "E-detectors"). An alarm says nothing of why.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log, log1p

MULTIPLES = (2.0, 5.0, 10.0)
THRESHOLD = 1000.0
MOST = 0.99
"""A multiple of the base rate is taken to be no higher than this."""


@dataclass(frozen=True, slots=True)
class Drift:
    """The state of one alarm: the logarithm of each multiple's sum."""

    base: float
    logs: tuple[float, ...] = (0.0,) * len(MULTIPLES)
    count: int = 0

    @property
    def value(self) -> float:
        """What is held against the threshold."""
        return sum(exp(min(700.0, one)) for one in self.logs) / len(self.logs)

    @property
    def alarmed(self) -> bool:
        """The rate has risen."""
        return self.value >= THRESHOLD

    def after(self, bad: bool) -> "Drift":
        """With one more label."""
        logs = tuple(max(old, 0.0) + _log_ratio(self.base, m, bad) for old, m in zip(self.logs, MULTIPLES, strict=True))
        return Drift(self.base, logs, self.count + 1)


def first_alarm(base: float, labels: Iterable[bool]) -> int | None:
    """After how many labels the alarm comes; None: it does not."""
    drift = Drift(base)
    for bad in labels:
        drift = drift.after(bad)
        if drift.alarmed:
            return drift.count
    return None


def _log_ratio(base: float, multiple: float, bad: bool) -> float:
    raised = min(MOST, multiple * base)
    return log(raised / base) if bad else log1p(-raised) - log1p(-base)
