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
        return np.asarray(self.mean[3 * N :].reshape(N, 3)[list(TORSO)].mean(axis=0))

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
    half = 3 * N
    fades = _fades(dt)
    p, v = body.mean[:half], body.mean[half:]
    body.mean = np.concatenate([p + dt * v, fades @ v])
    pp, pv, vv = body.covariance[:half, :half], body.covariance[:half, half:], body.covariance[half:, half:]
    moved_pv = (pv + dt * vv) @ fades.T
    moved_pp = pp + dt * (pv + pv.T) + dt * dt * vv
    out = np.empty_like(body.covariance)
    out[:half, :half] = moved_pp + dt**3 / 3 * _NOISE
    out[:half, half:] = moved_pv + dt**2 / 2 * _NOISE
    out[half:, :half] = out[:half, half:].T
    out[half:, half:] = fades @ vv @ fades.T + dt * _NOISE
    body.covariance = out


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


def expected(body: Posture, lens: Lens, t_ns: int) -> Expected:
    """What a camera should see at an instant, at or shortly before the body's own."""
    ahead_s = min(max((t_ns - body.t_ns) / SECOND_NS, -STALE_S), 0.0)
    joints = body.joints_m + ahead_s * body.mean[3 * N :].reshape(N, 3)
    pixels, _ = lens.project(joints)
    slope = lens.jacobian(joints)
    blocks = body.covariance[: 3 * N, : 3 * N].reshape(N, 3, N, 3)[np.arange(N), :, np.arange(N), :]
    return Expected(pixels, slope, slope @ blocks @ slope.transpose(0, 2, 1), ahead_s)


def distances(seen: Expected, pixels: Floats, spread_px: Floats) -> tuple[Floats, Floats]:
    """How far pixels (..., 8, 2) are from what was expected: squared in spreads, and the log determinants.

    Both (..., 8), NaN where a joint is not seen.
    """
    noise, off = spread_px**2, pixels - seen.pixels
    xx, yy, xy = (seen.covariance_px2[:, i, j] for i, j in ((0, 0), (1, 1), (0, 1)))
    xx, yy = xx + noise, yy + noise
    det = xx * yy - xy * xy
    d2 = yy * off[..., 0] ** 2 - 2 * xy * off[..., 0] * off[..., 1] + xx * off[..., 1] ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return d2 / det, np.log(det)


def update(body: Posture, lens: Lens, t_ns: int, pixels: Floats, spread_px: Floats) -> None:
    """Sharpen a body that has been moved on to `t_ns` with one camera's pixels (8, 2), NaN where not seen, in place."""
    seen = expected(body, lens, t_ns)
    d2, _ = distances(seen, pixels, spread_px)
    with np.errstate(invalid="ignore"):
        used = np.flatnonzero(d2 < ABSURD_D2)
    if used.size == 0:
        return
    h = np.zeros((2 * used.size, 6 * N))
    for row, k in enumerate(used):
        h[2 * row : 2 * row + 2, 3 * k : 3 * k + 3] = seen.slope[k]
        h[2 * row : 2 * row + 2, 3 * N + 3 * k : 3 * N + 3 * k + 3] = seen.ahead_s * seen.slope[k]
    noise = REPEATED * spread_px[used] ** 2 * np.maximum(1.0, d2[used] / LIKELY_D2)
    _correct(body, h, (pixels[used] - seen.pixels[used]).reshape(-1), np.repeat(noise, 2))


def keep_bones(body: Posture, neck_m: float = NECK_M, neck_sd_m: float = NECK_SD_M) -> None:
    """Where a bone's length, or the neck's height, is more uncertain than people's are, take it for that, in place."""
    first, second = BONES.T
    apart = body.joints_m[first] - body.joints_m[second]
    now_m = np.maximum(np.linalg.norm(apart, axis=1), 1e-3)
    unit = apart / now_m[:, None]
    blocks = body.covariance[: 3 * N, : 3 * N].reshape(N, 3, N, 3).transpose(0, 2, 1, 3)
    open_ = blocks[first, first] + blocks[second, second] - blocks[first, second] - blocks[second, first]
    variance = np.einsum("bi,bij,bj->b", unit, open_, unit)
    loose = np.flatnonzero(variance > 1.5 * LENGTH_SD_M**2)
    free = int(body.covariance[5, 5] > 1.5 * neck_sd_m**2)
    if loose.size + free == 0:
        return
    h = np.zeros((loose.size + free, 6 * N))
    for row, k in enumerate(loose):
        h[row, 3 * first[k] : 3 * first[k] + 3] = unit[k]
        h[row, 3 * second[k] : 3 * second[k] + 3] = -unit[k]
    h[loose.size :, 5] = 1.0
    off = np.append(LENGTH_M[loose] - now_m[loose], [neck_m - body.mean[5]] * free)
    _correct(body, h, off, np.append(LENGTH_SD_M[loose] ** 2, [neck_sd_m**2] * free))


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


def _correct(body: Posture, h: Floats, off: Floats, noise: Floats) -> None:
    ph = body.covariance @ h.T
    gain = np.linalg.solve(h @ ph + np.diag(noise), ph.T).T
    body.mean = body.mean + gain @ off
    body.covariance = body.covariance - gain @ ph.T
    body.covariance = (body.covariance + body.covariance.T) / 2
    speed = float(np.linalg.norm(body.velocity_m_s[:2]))
    if speed > FASTEST_M_S:
        body.mean[3 * N :] *= FASTEST_M_S / speed
