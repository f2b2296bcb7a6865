"""The compiled arithmetic against the same in plain matrices."""

import numpy as np
import pytest

from tests.sensing.vision.scene import START_NS, body
from walkout.sensing.vision import posture
from walkout.sensing.vision import posture_kernel as kernel
from walkout.sensing.vision.lens import Lens
from walkout.sensing.vision.posture import BONES, LENGTH_M, LENGTH_SD_M, MIRRORED, N
from walkout.store.layout import Camera

Bend = tuple[float, float, float, float, float]
BENT: Bend = (-0.21, 0.06, 0.001, -0.002, 0.01)


def lens(distortion: Bend = BENT) -> Lens:
    return Lens.of(Camera("c", 0.0, 0.3, 2.7, (2.5, 2.5, 0.9), 330.0, distortion=distortion))


def someone(seed: int) -> posture.Posture:
    rng = np.random.default_rng(seed)
    half = rng.standard_normal((6 * N, 6 * N)) * 0.05
    mean = np.concatenate([body(2.4, 2.2, 0.3).reshape(-1), 0.3 * rng.standard_normal(3 * N)])
    return posture.Posture(START_NS, mean, half @ half.T + 1e-4 * np.eye(6 * N))


@pytest.mark.parametrize("distortion", [BENT, (0.0, 0.0, 0.0, 0.0, 0.0)])
def test_what_a_lens_expects(distortion: Bend) -> None:
    eye, found = lens(distortion), someone(1)
    joints = found.joints_m.copy()
    joints[3] = eye.at_m - eye.axes[2]  # behind the camera
    pixels, slope, spread = kernel.expect(
        joints, found.covariance, eye.at_m, eye.axes, eye.focal_px, eye.centre_px, eye.distortion
    )
    np.testing.assert_allclose(pixels, eye.project(joints)[0], rtol=1e-9)
    np.testing.assert_allclose(slope, eye.jacobian(joints), rtol=1e-9, atol=1e-9)
    for n in range(N):
        block = found.covariance[3 * n : 3 * n + 3, 3 * n : 3 * n + 3]
        np.testing.assert_allclose(spread[n], slope[n] @ block @ slope[n].T, rtol=1e-9, atol=1e-9)
    assert np.isnan(pixels[3]).all()


def test_distances_and_gains() -> None:
    eye, found, rng = lens(), someone(2), np.random.default_rng(3)
    seen = posture.expected(found, eye, START_NS)
    pixels = np.stack([seen.pixels + 3.0 * rng.standard_normal((N, 2)) for _ in range(3)])
    pixels[1, 2] = np.nan
    pixels[2] = np.nan
    spread = 1.0 + rng.random((3, N))
    for order in (np.arange(N), MIRRORED):
        weight, told = np.arange(1.0, N + 1.0), []
        for p in range(3):
            d2, log_det = kernel.far(seen.pixels, seen.covariance_px2, pixels[p][order], spread[p][order])
            for n in range(N):
                whole = seen.covariance_px2[n] + spread[p, order[n]] ** 2 * np.eye(2)
                off = pixels[p, order[n]] - seen.pixels[n]
                np.testing.assert_allclose(d2[n], off @ np.linalg.solve(whole, off), rtol=1e-7)
                np.testing.assert_allclose(log_det[n], np.linalg.slogdet(whole)[1], rtol=1e-9)
            there = np.isfinite(d2)
            each = np.maximum(20.0 - (d2 + log_det)[there], -10.0)
            told.append(np.average(each, weights=weight[there]) if there.any() else -10.0)
        gain = kernel.gain(*seen.plain, pixels, spread, order, weight, 20.0, -10.0)
        np.testing.assert_allclose(gain, told, rtol=1e-9)


def dense(found: posture.Posture, h: np.ndarray, off: np.ndarray, noise: np.ndarray) -> posture.Posture:
    """A Kalman update as textbooks have it."""
    gain = found.covariance @ h.T @ np.linalg.inv(h @ found.covariance @ h.T + np.diag(noise))
    return posture.Posture(
        found.t_ns, found.mean + gain @ off, found.covariance - gain @ h @ found.covariance
    )  # fmt: skip


def test_pixels_sharpen_as_a_kalman_filter_does() -> None:
    eye, found = lens(), someone(4)
    seen = posture.expected(found, eye, START_NS)
    used, off, noise = np.array([0, 2, 6]), np.array([3.0, -2.0, 1.0, 4.0, -5.0, 2.0]), np.linspace(2.0, 5.0, 6)
    h = np.zeros((6, 6 * N))
    for row, k in enumerate(used):
        h[2 * row : 2 * row + 2, 3 * k : 3 * k + 3] = seen.slope[k]
        h[2 * row : 2 * row + 2, 3 * (N + k) : 3 * (N + k) + 3] = -0.1 * seen.slope[k]
    wanted = dense(found, h, off, noise)
    kernel.see(found.mean, found.covariance, seen.slope, used, -0.1, off, noise)
    np.testing.assert_allclose(found.mean, wanted.mean, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(found.covariance, wanted.covariance, rtol=1e-7, atol=1e-10)


def test_open_bones_are_taken_for_what_they_are() -> None:
    found = someone(5)
    at, (first, second) = found.joints_m.copy(), BONES.T
    h, off, noise = [], [], []
    for n, (i, j) in enumerate(zip(first, second, strict=True)):
        apart = at[i] - at[j]
        row = np.zeros(6 * N)
        row[3 * i : 3 * i + 3] = apart / np.linalg.norm(apart)
        row[3 * j : 3 * j + 3] = -row[3 * i : 3 * i + 3]
        if row @ found.covariance @ row > 1.5 * LENGTH_SD_M[n] ** 2:
            h.append(row)
            off.append(LENGTH_M[n] - np.linalg.norm(apart))
            noise.append(LENGTH_SD_M[n] ** 2)
    row = np.zeros(6 * N)
    row[5] = 1.0
    assert found.covariance[5, 5] > 1.5 * 0.08**2
    wanted = dense(found, np.array([*h, row]), np.array([*off, 1.3 - at[1, 2]]), np.array([*noise, 0.08**2]))
    assert kernel.bones(found.mean, found.covariance, BONES, LENGTH_M, LENGTH_SD_M, 1.3, 0.08)
    np.testing.assert_allclose(found.mean, wanted.mean, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(found.covariance, wanted.covariance, rtol=1e-7, atol=1e-10)
    known = posture.Posture(START_NS, found.mean.copy(), 1e-8 * np.eye(6 * N))
    assert not kernel.bones(known.mean, known.covariance, BONES, LENGTH_M, LENGTH_SD_M, 1.3, 0.08)
    assert (known.mean == found.mean).all()


def test_time_goes_on_as_the_whole_matrix_says() -> None:
    found, dt = someone(6), 0.1
    half = 3 * N
    fades = posture._fades(dt)
    f = np.block([[np.eye(half), dt * np.eye(half)], [np.zeros((half, half)), fades]])
    q = posture._NOISE
    grown = np.block([[dt**3 / 3 * q, dt**2 / 2 * q], [dt**2 / 2 * q, dt * q]])
    mean, covariance = kernel.advance(found.mean, found.covariance, fades, q, dt)
    np.testing.assert_allclose(mean, f @ found.mean, rtol=1e-9)
    np.testing.assert_allclose(covariance, f @ found.covariance @ f.T + grown, rtol=1e-8, atol=1e-12)


def test_pixels_far_off_count_for_less_or_nothing() -> None:
    d2 = np.array([1.0, 18.0, np.nan, 151.0])
    off = np.arange(8.0).reshape(4, 2)
    used, told, noise = kernel.usable(d2, np.array([2.0, 3.0, 1.0, 1.0]), off, 9.0, 150.0)
    assert used.tolist() == [0, 1]
    assert told.tolist() == [0.0, 1.0, 2.0, 3.0]
    assert noise.tolist() == [4.0, 4.0, 18.0, 18.0]


def test_nobody_runs() -> None:
    found = someone(7)
    found.mean[3 * N :] = np.tile([3.0, 4.0, 1.0], N)
    kernel.slow(found.mean, posture._TORSO_MEAN, 2.5)
    np.testing.assert_allclose(found.velocity_m_s, [1.5, 2.0, 0.5])
    before = found.mean.copy()
    kernel.slow(found.mean, posture._TORSO_MEAN, 2.5000001)
    assert (found.mean == before).all()
