"""How much likelier a person's track is when it was their hand at the goods than when it was not."""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from walkout.inference.model import Model
from walkout.sensing.event import ShelfEvent
from walkout.sensing.reach import Reach

SECOND_NS = 1_000_000_000


def window_ns(event: ShelfEvent, model: Model) -> tuple[int, int]:
    """When a hand that made this event may have been there."""
    before, after = int(model.window_before_s * SECOND_NS), int(model.window_after_s * SECOND_NS)
    return min(event.onset_ns, event.start_ns - before), event.end_ns + after


def log_ratios(found: Reach, event: ShelfEvent, model: Model) -> NDArray[np.float64]:
    """The log likelihood ratio of one person's track for each box, shape (boxes,); 0 where nothing was seen.

    Each frame's ratio is averaged over the instants at which the weight may have changed. In a frame: a body out of
    arm's reach is (nearly) no culprit; within it, each visible hand is half-normal about the goods when at work and
    anywhere within an arm's length when not; a hand that was not found might have been the one.
    """
    boxes = found.hand_m.shape[2]
    if not len(found.t_ns):
        return np.zeros(boxes)
    after = np.maximum(found.t_ns - event.end_ns, 0) + np.maximum(event.start_ns - found.t_ns, 0)
    weight = np.exp(-0.5 * (after / SECOND_NS / model.edge_sd_s) ** 2)
    peak = sqrt(2.0 / np.pi) / model.hand_sd_m * model.hand_room_m
    at_work = peak * np.exp(-0.5 * (found.hand_m / model.hand_sd_m) ** 2)  # (frames, hands, boxes)
    # Wrist and hand of one side are one hand: columns 0 and 2 are the left, 1 and 3 the right.
    sides = np.stack([np.fmax(at_work[:, side], at_work[:, side + 2]) for side in (0, 1)], axis=1)
    seen = ~np.isnan(sides)
    hand = np.where(seen, sides, 1.0).sum(axis=1) / 2.0  # either may be the one at work
    hand = (1.0 - model.hand_lost) * hand + model.hand_lost
    body = np.where(found.body_m > model.arm_m, model.body_lost, model.body_near)
    body = np.where(np.isnan(found.body_m), 1.0, body)
    ratio = np.where(found.body_m > model.arm_m, body, body * hand)
    total = weight.sum()
    if total <= 0.0:  # every frame lies far outside the window
        return np.zeros(boxes)
    return np.asarray(np.log((weight[:, None] * ratio).sum(axis=0) / total), np.float64)
