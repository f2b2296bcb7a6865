"""Labelled visits tested for a certificate."""

from collections.abc import Sequence

from walkout.evaluation.calibration import calibrated, origin_of, receipts_of
from walkout.evaluation.certificate import Certificate
from walkout.evaluation.ladder import DELTA, LEVELS, climb, correlation, design_effect, ladder, sample
from walkout.evaluation.verdict import Verdict
from walkout.inference.calibrate import Card

ALPHA = 0.005
"""The level of being wrong that the settling threshold is certified at, where nobody says otherwise."""
OVER = 0.002
"""The same of overcharging: the error that costs a shopper money is held tighter."""


def certify(
    verdicts: Sequence[Verdict],
    card: Card,
    *,
    store: str,
    about: str,
    alpha: float = ALPHA,
    over: float | None = OVER,
    delta: float = DELTA,
    levels: Sequence[float] = LEVELS,
    mixed: bool = False,
) -> Certificate:
    """Test labelled visits, their probabilities as inference gave them, through a card fitted on other visits.

    `over` None: the settling threshold rests on being wrong alone, with all of delta.

    Raises:
        CalibrationError: nothing to test, mixed origins not asked for, or visits that the card was fitted on.
        ValueError: a level is no probability.
    """
    used = calibrated(card, receipts_of(verdicts))
    origin = origin_of(used, mixed=mixed)
    tested = sample(used)
    # Without a card's own grid the scores of these visits stand in: their labels are not looked at.
    grid = card.grid or tuple(sorted(set(tested.p.tolist()), reverse=True))
    wanted = {"wrong": alpha} if over is None else {"wrong": alpha, "overcharged": over}
    part = delta / len(wanted)
    wrong = tested.bad["wrong"]
    return Certificate(
        origin,
        store,
        about,
        card.id,
        len(used),
        len({v.recording for v in used}),
        round(correlation(wrong, tested.unit), 9),
        round(design_effect(wrong, tested.unit), 9),
        tuple(climb(tested, risk, level, grid, part) for risk, level in wanted.items()),
        ladder(tested, grid, levels=levels, delta=delta),
    )
