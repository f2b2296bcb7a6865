"""One person's eight joints and how fast they move, as one Gaussian that every camera's pixels sharpen.

The joints share the body's own acceleration and have some of their own, so a joint that no camera sees moves with the
rest of the body and grows uncertain. Pixels come in as they were measured, each at its own time: an extended Kalman
update on one camera's frame needs no other camera. Bones have about the length that people's bones have; that is used
only where pixels leave it open, so that it is not counted again with every frame.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from walkout.recording.people import JOINTS
from walkout.sensing.vision import posture_kernel as kernel
from walkout.sensing.vision.lens import Floats, Lens

N: Final = len(JOINTS)
TORSO: Final = (0, 1, 2, 3)
"""Head, neck and shoulders: what is seen best and moves as the body does."""
MIRRORED: Final = np.array([0, 1, 3, 2, 5, 4, 7, 6])
"""Each joint's place when left and right are exchanged."""
TEMPLATE_M: Final = np.array([0.20, 0.0, -0.06, -0.06, -0.33, -0.33, -0.52, -0.52])
"""How far above the neck each joint is, about, of whom nothing else is known."""
SLACK_M: Final = np.array([0.06, 0.01, 0.18, 0.18, 0.26, 0.26, 0.33, 0.33])
"""How far off that is, along each axis."""
BONES: Final = np.array([[0, 1], [1, 2], [1, 3], [2, 3], [2, 4], [3, 5], [4, 6], [5, 7]])
"""Pairs of joints ..."""
LENGTH_M: Final = np.array([0.21, 0.19, 0.19, 0.36, 0.32, 0.32, 0.25, 0.25])
"""... how far they are apart ..."""
LENGTH_SD_M: Final = np.array([0.04, 0.03, 0.03, 0.05, 0.04, 0.04, 0.035, 0.035])
"""... and how much that differs between people."""
NECK_M, NECK_SD_M = 1.38, 0.18
"""The height of necks, of whom nothing else is known, and how much it differs."""
BODY_M2_S3: Final = np.array([1.4, 1.4, 0.5])
"""The body's acceleration as white noise, along x, y, z: starts, stops and turns within a few tenths of a second."""
OWN_M2_S3: Final = np.array([0.4, 0.2, 0.3, 0.3, 2.5, 2.5, 7.0, 7.0])
"""Each joint's own: a reaching wrist gains a metre a second in a fifth of a second."""
SLOWS_S: Final = 1.5
"""The body's speed fades over so long where nothing is seen ..."""
SETTLES_S: Final = 0.25
"""... and a joint's speed against the body's over so long."""
FASTEST_M_S: Final = 2.5
SPEED_SD_M_S: Final = 0.7
"""Of the body, of whom nothing is known."""
LIKELY_D2: Final = 9.0
"""A pixel farther off than this (squared, in its own spreads) counts for less, as far off as it is ..."""
ABSURD_D2: Final = 150.0
"""... and beyond this for nothing."""
REPEATED: Final = 2.0
"""A model errs in the same way in the next frame: pixels' variances are taken as so many times what they are."""
STALE_S: Final = 0.2
"""A frame so much older than the newest one of a person is still used."""
SECOND_NS: Final = 1_000_000_000


_TORSO_MEAN: Final = np.where(np.isin(np.arange(N), TORSO), 1.0 / len(TORSO), 0.0)


@dataclass(slots=True, eq=False)
class Posture:
    """A person's joints at `t_ns`: position and velocity, 48 numbers, and their covariance."""

    t_ns: int
    mean: Floats
    """Shape (48,): eight positions, then eight velocities, x y z each; metres, metres a second."""
    covariance: Floats
    """Shape (48, 48)."""

    @property
    def joints_m(self) -> Floats:
        """Shape (8, 3), at `t_ns`."""
        return self.mean[: 3 * N].reshape(N, 3)

    @property
    def velocity_m_s(self) -> Floats:
        """The body's, shape (3,)."""
        return np.asarray(_TORSO_MEAN @ self.mean[3 * N :].reshape(N, 3))

    def at(self, t_ns: int) -> Floats:
        """The joints at another instant near by, (8, 3)."""
        ahead_s = (t_ns - self.t_ns) / SECOND_NS
        return self.joints_m + min(max(ahead_s, -STALE_S), 1.0) * self.mean[3 * N :].reshape(N, 3)

    def spread_m(self) -> Floats:
        """How uncertain each joint is, (8,): the root of the mean variance along the axes."""
        variance = np.diagonal(self.covariance)[: 3 * N].reshape(N, 3)
        return np.asarray(np.sqrt(variance.mean(axis=1)))

    def copy(self) -> "Posture":
        """One that can be changed without changing this one."""
        return Posture(self.t_ns, self.mean.copy(), self.covariance.copy())


def standing(t_ns: int, neck_m: Floats, neck_covariance_m2: Floats) -> Posture:
    """Somebody whose neck is about there, of whom nothing else is known."""
    joints = neck_m + TEMPLATE_M[:, None] * np.array([0.0, 0.0, 1.0])
    mean = np.concatenate([joints.reshape(-1), np.zeros(3 * N)])
    covariance = np.zeros((6 * N, 6 * N))
    covariance[: 3 * N, : 3 * N] = np.kron(np.ones((N, N)), neck_covariance_m2)
    covariance[: 3 * N, : 3 * N] += np.kron(np.diag(SLACK_M**2), np.eye(3))
    own = np.diag(np.array([0.1, 0.1, 0.1, 0.1, 0.4, 0.4, 0.8, 0.8]) ** 2)
    covariance[3 * N :, 3 * N :] = np.kron(SPEED_SD_M_S**2 * np.ones((N, N)) + own, np.diag([1.0, 1.0, 0.2]))
    return Posture(t_ns, mean, covariance)


def predict(body: Posture, t_ns: int) -> None:
    """Move on to an instant, in place; one before the body's own changes nothing."""
    left_s = (t_ns - body.t_ns) / SECOND_NS
    while left_s > 1e-9:
        dt = min(left_s, 0.25)
        _advance(body, dt)
        left_s -= dt
    body.t_ns = max(body.t_ns, t_ns)


_MEAN_OF = np.zeros((N, N))
_MEAN_OF[:, list(TORSO)] = 1.0 / len(TORSO)
_NOISE = np.kron(np.ones((N, N)), np.diag(BODY_M2_S3)) + np.kron(np.diag(OWN_M2_S3), np.eye(3))


@lru_cache(1024)
def _fades(dt: float) -> Floats:
    fade = np.exp(-dt / SLOWS_S) * _MEAN_OF + np.exp(-dt / SETTLES_S) * (np.eye(N) - _MEAN_OF)
    return np.kron(fade, np.eye(3))


def _advance(body: Posture, dt: float) -> None:
    body.mean, body.covariance = kernel.advance(body.mean, body.covariance, _fades(dt), _NOISE, dt)


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Where one camera should see a person's joints at an instant."""

    pixels: Floats
    """(8, 2); NaN behind the camera."""
    slope: Floats
    """(8, 2, 3)."""
    covariance_px2: Floats
    """(8, 2, 2), without the noise of a model."""
    ahead_s: float

    @property
    def plain(self) -> tuple[Floats, Floats]:
        """Pixels and covariances."""
        return self.pixels, self.covariance_px2


def expected(body: Posture, lens: Lens, t_ns: int) -> Expected:
    """What a camera should see at an instant, at or shortly before the body's own."""
    ahead_s = min(max((t_ns - body.t_ns) / SECOND_NS, -STALE_S), 0.0)
    joints = body.joints_m + ahead_s * body.mean[3 * N :].reshape(N, 3)
    seen = kernel.expect(
        joints, body.covariance, lens.at_m, lens.axes, lens.focal_px, lens.centre_px, lens.distortion
    )  # fmt: skip
    return Expected(*seen, ahead_s)


def distances(seen: Expected, pixels: Floats, spread_px: Floats) -> tuple[Floats, Floats]:
    """How far pixels (8, 2) are from what was expected: squared in spreads, and the log determinants.

    Both (8,), NaN where a joint is not seen.
    """
    return kernel.far(seen.pixels, seen.covariance_px2, pixels, spread_px)


def update(body: Posture, lens: Lens, t_ns: int, pixels: Floats, spread_px: Floats) -> None:
    """Sharpen a body that has been moved on to `t_ns` with one camera's pixels (8, 2), NaN where not seen, in place."""
    seen = expected(body, lens, t_ns)
    d2, _ = distances(seen, pixels, spread_px)
    used, off, noise = kernel.usable(d2, spread_px, pixels - seen.pixels, LIKELY_D2, ABSURD_D2)
    if used.size:
        kernel.see(body.mean, body.covariance, seen.slope, used, seen.ahead_s, off, REPEATED * noise)
        kernel.slow(body.mean, _TORSO_MEAN, FASTEST_M_S)


def keep_bones(body: Posture, neck_m: float = NECK_M, neck_sd_m: float = NECK_SD_M) -> None:
    """Where a bone's length, or the neck's height, is more uncertain than people's are, take it for that, in place."""
    if kernel.bones(body.mean, body.covariance, BONES, LENGTH_M, LENGTH_SD_M, neck_m, neck_sd_m):
        kernel.slow(body.mean, _TORSO_MEAN, FASTEST_M_S)


def warm(lens: Lens) -> None:
    """Do everything once, so that what is compiled at its first use is there before anybody comes in."""
    body = standing(0, lens.at_m + lens.axes[2], 0.2**2 * np.eye(3))
    predict(body, SECOND_NS // 10)
    seen = expected(body, lens, body.t_ns)
    kernel.gain(*seen.plain, seen.pixels[None], np.ones((1, N)), np.arange(N), np.ones(N), 20.0, -10.0)
    update(body, lens, body.t_ns, seen.pixels, np.ones(N))
    keep_bones(body)


def mirror(body: Posture) -> None:
    """Exchange left and right, in place."""
    order = np.concatenate([3 * k + np.arange(3) for k in MIRRORED])
    order = np.concatenate([order, 3 * N + order])
    body.mean = body.mean[order]
    body.covariance = body.covariance[np.ix_(order, order)]


def loosen(body: Posture) -> None:
    """Forget where the arms and shoulders are about the neck, in place: cameras disagree on which side is which."""
    noise = np.diag(np.where(np.arange(N) < 2, 0.0, np.maximum(SLACK_M, 0.18)) ** 2)
    body.covariance[: 3 * N, : 3 * N] += np.kron(noise, np.eye(3))
