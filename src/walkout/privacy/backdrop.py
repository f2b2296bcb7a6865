"""What a camera sees when nobody is there: learnt pixel by pixel from where nobody is, and what differs from it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

RATE: Final = 0.05
"""Share of a new picture in the average."""
DIFFERENT: Final = 11.0
"""Levels of 255, of a mean over nine pixels, that are a difference; noise of the twin's cameras is 1 to 2 of such."""
ABSORB: Final = 600
"""A pixel that differed for so many pictures on end (a minute), with nobody near, is how things are now."""
AGREED: Final = 3
"""A place is known once so many pictures on end showed the same there."""
OTHER_LIGHT: Final = 0.5
"""Where so much of what is known is different at once, lamps or the camera changed: all is learnt anew."""
_STEP: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """The empty picture: mean colour float32 (rows, columns, 3), and for how many pictures each pixel differed.

    A pixel that was never seen without people has NaN for its colour and counts as different: nothing may be shown of
    a place that is not known.
    """

    mean: NDArray[np.float32]
    differed: NDArray[np.uint16]


def unknown(rows: int, columns: int) -> Backdrop:
    """The backdrop of a camera that has seen nothing yet."""
    return Backdrop(np.full((rows, columns, 3), np.nan, np.float32), np.zeros((rows, columns), np.uint16))


def learn(backdrop: Backdrop, rgb: NDArray[np.uint8], covered: NDArray[np.bool_], absorb: int = ABSORB) -> Backdrop:
    """Take in a picture (uint8, rows x columns x 3) where nobody may be (not `covered`); `absorb`: as `ABSORB`."""
    new = rgb.astype(np.float32)
    blank = np.isnan(backdrop.mean[..., 0])
    strange = differs(backdrop, rgb) & ~blank
    differed = np.where(strange & ~covered, backdrop.differed + 1, np.where(covered, backdrop.differed, 0))
    fresh = (blank | (differed >= absorb)) & ~covered
    steady = ~strange & ~covered & ~fresh
    mean = np.where(fresh[..., None], new, backdrop.mean)
    mean = np.where(steady[..., None], mean + RATE * (new - mean), mean)
    return Backdrop(mean.astype(np.float32), np.where(fresh, 0, differed).astype(np.uint16))


@dataclass(frozen=True, slots=True, eq=False)
class Learning:
    """A backdrop that is being learnt from a few pictures, far apart in time, in which nobody is.

    Somebody whom the tracker has not found yet may stand in one of them: what a single picture shows is not believed.
    """

    backdrop: Backdrop
    agreed: NDArray[np.uint8]
    """How many pictures on end showed the same, at most `AGREED`; (rows, columns)."""

    @property
    def known(self) -> Backdrop:
        """What may be relied on; NaN everywhere else."""
        sure = self.agreed >= AGREED
        return Backdrop(np.where(sure[..., None], self.backdrop.mean, np.float32(np.nan)), self.backdrop.differed)

    @property
    def share(self) -> float:
        """How much of the picture is known, 0 to 1."""
        return float((self.agreed >= AGREED).mean())


def begin(rows: int, columns: int) -> Learning:
    """Nothing is known of a camera yet."""
    return Learning(unknown(rows, columns), np.zeros((rows, columns), np.uint8))


def taught(before: Learning, rgb: NDArray[np.uint8], absorb: int = ABSORB) -> Learning:
    """Take in a picture (uint8, rows x columns x 3) in which nobody is; `absorb`: as `ABSORB`, in such pictures."""
    strange = differs(before.backdrop, rgb)
    sure = before.agreed >= AGREED
    if sure.any() and float(strange[sure].mean()) > OTHER_LIGHT:
        return taught(begin(*strange.shape), rgb, absorb)
    again = strange & ~sure
    mean = np.where(again[..., None], np.float32(np.nan), before.backdrop.mean)
    after = learn(Backdrop(mean, before.backdrop.differed), rgb, np.zeros(strange.shape, np.bool_), absorb)
    more = np.where(strange, before.agreed, np.minimum(before.agreed + 1, AGREED))
    return Learning(after, np.where(again, 1, more).astype(np.uint8))


def differs(backdrop: Backdrop, rgb: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where a picture is not what it is when nobody is there, or that is not known; (rows, columns).

    The lamps' brightness may change from picture to picture: the median ratio of both is taken out first.
    """
    new, mean = rgb.astype(np.float32), backdrop.mean
    blank = np.isnan(mean[..., 0])
    some_new, some_mean = (one[::_STEP, ::_STEP].sum(axis=2) for one in (new, mean))
    usable = (some_mean > 60.0) & (some_mean < 720.0)
    gain = float(np.median(some_new[usable] / some_mean[usable])) if usable.sum() > 20 else 1.0
    off = np.where(blank[..., None], 0.0, new - mean * min(max(gain, 0.7), 1.4))
    smooth = np.abs(uniform_filter(off, size=(3, 3, 1), mode="nearest"))
    most = np.maximum(np.maximum(smooth[..., 0], smooth[..., 1]), smooth[..., 2])  # faster than max over an axis of 3
    return np.asarray(blank | (most > DIFFERENT))
