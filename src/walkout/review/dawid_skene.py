"""Who confuses what with what, without knowing the truth: Dawid and Skene 1979, by expectation-maximisation.

For looking back over many questions with several answers each, never as a gate on anybody's work.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROUNDS = 200
CLOSE = 1e-9
SMOOTH = 0.01
"""Added to each cell of a confusion table: a few answers show no certainty."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Found:
    """`truth`: shape (items, classes), the probability of each class. `confusion`: (people, true class, answer)."""

    truth: Floats
    confusion: Floats
    prior: Floats
    log_likelihood: tuple[float, ...]
    """After each round; it does not fall, but for the smoothing."""


def dawid_skene(answers: Sequence[tuple[int, int, int]], items: int, people: int, classes: int) -> Found:
    """Fit from (item, person, answer), each counted from 0. Raises ValueError where there is nothing to fit."""
    if not answers:
        raise ValueError("found no answers, right: several for each item")
    table = np.zeros((items, people, classes))
    np.add.at(table, tuple(np.array(answers).T), 1.0)
    votes = table.sum(axis=1)
    truth = (votes + 1.0 / classes) / (votes + 1.0 / classes).sum(axis=1, keepdims=True)
    seen: list[float] = []
    while True:
        prior = truth.mean(axis=0)
        confusion = np.einsum("ik,ipc->pkc", truth, table) + SMOOTH
        confusion /= confusion.sum(axis=2, keepdims=True)
        joint = np.log(np.maximum(prior, 1e-300)) + np.einsum("ipc,pkc->ik", table, np.log(confusion))
        most = joint.max(axis=1, keepdims=True)
        weight = np.exp(joint - most)
        truth = weight / weight.sum(axis=1, keepdims=True)
        seen.append(float((most[:, 0] + np.log(weight.sum(axis=1))).sum()))
        if len(seen) == ROUNDS or (len(seen) > 1 and abs(seen[-1] - seen[-2]) < CLOSE * abs(seen[-1])):
            return Found(truth, confusion, prior, tuple(seen))
