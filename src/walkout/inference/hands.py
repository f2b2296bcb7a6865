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
    if not len(found.t_ns):
        return np.zeros(found.hand_m.shape[2])
    left, right = _sides(found, model)
    hand = (1.0 - model.hand_lost) * (left + right) / 2.0 + model.hand_lost  # either may be the one at work
    return _over_time(np.where(_away(found, model), 1.0, hand) * _body(found, model), found, event, model)


def log_ratios_both(found: Reach, event: ShelfEvent, model: Model) -> NDArray[np.float64]:
    """The same for one hand at each of two boxes, shape (boxes, boxes): somebody who takes with both."""
    boxes = found.hand_m.shape[2]
    if not len(found.t_ns):
        return np.zeros((boxes, boxes))
    left, right = _sides(found, model)
    across = left[:, :, None] * right[:, None, :]
    hands = (across + across.transpose(0, 2, 1)) / 2.0
    hands = (1.0 - model.hand_lost) * hands + model.hand_lost
    away, body = _away(found, model), _body(found, model)
    away = away[:, :, None] | away[:, None, :]
    ratio = np.where(away, 1.0, hands) * np.minimum(body[:, :, None], body[:, None, :])
    return _over_time(ratio, found, event, model)


def _sides(found: Reach, model: Model) -> NDArray[np.float64]:
    """How much likelier each side's hand is at a box at work than not, shape (2, frames, boxes); 1 where not seen."""
    peak = sqrt(2.0 / np.pi) / model.hand_sd_m * model.hand_room_m
    at_work = peak * np.exp(-0.5 * (found.hand_m / model.hand_sd_m) ** 2)  # (frames, hands, boxes)
    # Wrist and hand of one side are one hand: columns 0 and 2 are the left, 1 and 3 the right.
    sides = np.stack([np.fmax(at_work[:, side], at_work[:, side + 2]) for side in (0, 1)])
    return np.asarray(np.where(np.isnan(sides), 1.0, sides), np.float64)


def _away(found: Reach, model: Model) -> NDArray[np.bool_]:
    return np.asarray(found.body_m > model.arm_m, np.bool_)


def _body(found: Reach, model: Model) -> NDArray[np.float64]:
    body = np.where(_away(found, model), model.body_lost, model.body_near)
    return np.asarray(np.where(np.isnan(found.body_m), 1.0, body), np.float64)


def _over_time(ratio: NDArray[np.float64], found: Reach, event: ShelfEvent, model: Model) -> NDArray[np.float64]:
    after = np.maximum(found.t_ns - event.end_ns, 0) + np.maximum(event.start_ns - found.t_ns, 0)
    weight = np.exp(-0.5 * (after / SECOND_NS / model.edge_sd_s) ** 2)
    total = weight.sum()
    if total <= 0.0:  # every frame lies far outside the window
        return np.zeros(ratio.shape[1:])
    return np.asarray(np.log(np.tensordot(weight, ratio, axes=1) / total), np.float64)
