"""The scales of one fixture: what each plate reads, sample by sample, for the loads on it and the steps around it.

A reading is gain x (load + what leaks over from neighbours) + offset + slow wander + hum + white noise + ringing, in
steps of the quantum. Ringing is white noise under an envelope, kicked by steps, through resonances of the shelf
(`constants.SHELF_NOISE`).
"""

import re
from math import cos, exp, pi, sqrt

import numpy as np
from numba import njit
from numpy.typing import NDArray

from walkout.store.layout import Fixture
from walkout.twin import constants as c
from walkout.twin.seeds import stream
from walkout.twin.settings import Settings

MODES = 4
"""Resonances of a shelf; `_synthesise` is written out for so many."""


@njit(cache=True)
def _synthesise(
    out: NDArray[np.float64],
    own: NDArray[np.float32],
    common: NDArray[np.float32],
    white: NDArray[np.float32],
    chance: NDArray[np.uint8],
    hum: NDArray[np.float64],
    hum_g: NDArray[np.float64],
    slow: NDArray[np.float64],
    slow_g: NDArray[np.float64],
    envelope: NDArray[np.float64],
    level: NDArray[np.float64],
    white_g: NDArray[np.float64],
    a1: NDArray[np.float64],
    a2: NDArray[np.float64],
    b: NDArray[np.float64],
    ring: NDArray[np.float64],
    wander: NDArray[np.float64],
    wander_step: NDArray[np.float64],
    last: NDArray[np.float64],
    shared: float,
    keep: float,
    quantum: float,
    repeat: int,
) -> None:
    """Samples into `out`, plate by plate: what a plate was is kept in registers from sample to sample.

    The order of every sum is part of the suites: other orders give other last bits.
    """
    samples, shelves, plates = out.shape
    a_own, a_common = np.sqrt(1.0 - shared), np.sqrt(shared)
    for s in range(shelves):
        a10, a11, a12, a13 = a1[s, 0], a1[s, 1], a1[s, 2], a1[s, 3]
        a20, a21, a22, a23 = a2[s, 0], a2[s, 1], a2[s, 2], a2[s, 3]
        for p in range(plates):
            b0, b1, b2, b3 = b[s, p, 0], b[s, p, 1], b[s, p, 2], b[s, p, 3]
            u0, u1, u2, u3 = ring[s, p, 0, 0], ring[s, p, 1, 0], ring[s, p, 2, 0], ring[s, p, 3, 0]
            v0, v1, v2, v3 = ring[s, p, 0, 1], ring[s, p, 1, 1], ring[s, p, 2, 1], ring[s, p, 3, 1]
            of_white, of_hum, of_slow, of_wander = white_g[s, p], hum_g[s, p], slow_g[s, p], wander_step[s, p]
            drift, before = wander[s, p], last[s, p]
            for k in range(samples):
                n_own = own[k, s, p]
                drive = envelope[k] * (a_own * n_own + a_common * common[k, s])
                y0 = a10 * u0 + a20 * v0 + b0 * drive
                y1 = a11 * u1 + a21 * v1 + b1 * drive
                y2 = a12 * u2 + a22 * v2 + b2 * drive
                y3 = a13 * u3 + a23 * v3 + b3 * drive
                v0, v1, v2, v3 = u0, u1, u2, u3
                u0, u1, u2, u3 = y0, y1, y2, y3
                drift = keep * drift + of_wander * n_own
                x = level[k, s, p] + y0 + y1 + y2 + y3
                x += drift + of_white * white[k, s, p] + hum[k] * of_hum + slow[k, s] * of_slow
                if chance[k, s, p] < repeat:
                    x = before
                else:
                    x = np.rint(x / quantum) * quantum
                    before = x
                out[k, s, p] = x
            ring[s, p, 0, 0], ring[s, p, 1, 0], ring[s, p, 2, 0], ring[s, p, 3, 0] = u0, u1, u2, u3
            ring[s, p, 0, 1], ring[s, p, 1, 1], ring[s, p, 2, 1], ring[s, p, 3, 1] = v0, v1, v2, v3
            wander[s, p], last[s, p] = drift, before


@njit(cache=True)
def _faded(energy: NDArray[np.float64], now: float, fade: float) -> float:
    """Let kicks fade, in place; what is left at the end."""
    for k in range(len(energy)):
        now = now * fade + energy[k]
        energy[k] = now
    return now


def shelf_noise(fixture: Fixture, shelf: int, hardware: int) -> c.ShelfNoise:
    """A shelf's row of the table: its own where the fixture's id is a measured gondola's number, else one drawn."""
    number = re.search(r"\d+$", fixture.id)
    row = c.SHELF_NOISE.get((str(int(number.group())), shelf)) if number else None
    if row is None:
        rows = [c.SHELF_NOISE[key] for key in sorted(c.SHELF_NOISE)]
        row = rows[int(stream(hardware, "shelf", fixture.id, shelf).integers(len(rows)))]
    return row


class Scales:
    """All plates of one fixture. `render` must be called for consecutive stretches of samples.

    Args:
        fixture: Whose plates; columns run from 1 to the greatest plate id, rows from 1 to the greatest shelf id.
        settings: How hard.
        hardware: What the scales themselves are drawn from: one number a shop, the same in all its recordings.
        seed: What this recording's noise is drawn from.
    """

    def __init__(self, fixture: Fixture, settings: Settings, hardware: int, seed: int) -> None:
        self.fixture = fixture
        self.shelves = max((shelf.id for shelf in fixture.shelves), default=0)
        self.plates = max((plate.id for shelf in fixture.shelves for plate in shelf.plates), default=0)
        shape = (self.shelves, self.plates)
        self.installed = np.zeros(shape, dtype=bool)
        self.rng = stream(seed, "plates", fixture.id)
        self._white_g = np.zeros(shape)
        self._hum_g = np.zeros(shape)
        self._mix = np.tile(np.eye(self.plates), (self.shelves, 1, 1))
        self._a1 = np.zeros((self.shelves, MODES))
        self._a2 = np.zeros((self.shelves, MODES))
        self._b = np.zeros((*shape, MODES))
        self._wander_step = np.zeros(shape)
        self._slow_g = np.zeros(shape)
        self._slow_phase = np.zeros(self.shelves)
        self._offset = np.zeros(shape)
        self._keep = exp(-1 / (c.RATE_HZ * c.SLOW_WANDER_TAU_S))
        for shelf in fixture.shelves:
            self._set_up(shelf.id, [plate.id for plate in shelf.plates if plate.cell], settings, hardware)
        self._ring = np.zeros((*shape, MODES, 2))
        self._wander = self.rng.standard_normal(shape) * self._wander_step / sqrt(1 - self._keep**2)
        self._last = np.zeros(shape)
        self._energy = 0.0
        self._sample = 0
        self.load_g = np.zeros(shape)
        """What really lies on each plate now, without the loads that are still changing."""

    def _set_up(self, shelf: int, cells: list[int], settings: Settings, hardware: int) -> None:
        row, s = shelf_noise(self.fixture, shelf, hardware), shelf - 1
        rng = stream(hardware, "plates", self.fixture.id, shelf)
        drawn = rng.standard_normal((6, self.plates))
        uniform = rng.random((3, self.plates))
        leaks = rng.standard_normal((3, self.plates, 2))
        self.installed[s, [cell - 1 for cell in cells]] = True
        self._white_g[s] = row.white_g * np.exp(0.12 * drawn[0]) * settings.rest_noise
        for grams, line, z in ((row.hum_g, self._hum_g, drawn[5]), (row.slow_g, self._slow_g, drawn[3])):
            strong = np.exp(c.LINE_SPREAD * z)
            line[s] = grams * sqrt(2.0) * settings.rest_noise * strong / sqrt(float(np.mean(strong**2)))
        self._slow_phase[s] = 2 * pi * uniform[2, 0]
        self._offset[s] = c.OFFSET_G[0] + (c.OFFSET_G[1] - c.OFFSET_G[0]) * uniform[0]
        gain = 1.0 + np.clip(c.GAIN_SD * settings.gain_error * drawn[1], -c.GAIN_MAX, c.GAIN_MAX)
        for apart, (mean, sd) in enumerate(c.LEAK, start=1):
            for side, sign in enumerate((-1, 1)):
                for p in range(self.plates):
                    if 0 <= p + sign * apart < self.plates:
                        self._mix[s, p, p + sign * apart] = (mean + sd * leaks[apart - 1, p, side]) * settings.leak
        self._mix[s] *= gain[:, None]
        wanders = 0.1 + np.where(uniform[1] < 0.15, 0.8, 0.0) * np.abs(drawn[2])
        self._wander_step[s] = wanders * settings.wander * sqrt(1 - self._keep**2)
        share = np.exp(row.spread * drawn[4])
        share /= sqrt(float(np.mean(share[[cell - 1 for cell in cells]] ** 2))) if cells else 1.0
        for m, (hertz, sharpness, grams) in enumerate(row.modes):
            r = exp(-pi * hertz / (sharpness * c.RATE_HZ))
            a1, a2 = 2 * r * cos(2 * pi * hertz / c.RATE_HZ), -r * r
            variance = (1 - a2) / ((1 + a2) * ((1 - a2) ** 2 - a1 * a1))
            self._a1[s, m], self._a2[s, m] = a1, a2
            self._b[s, :, m] = grams * share * settings.ringing / sqrt(variance)

    def render(self, level: NDArray[np.float64], kicks: list[tuple[int, float]]) -> NDArray[np.float32]:
        """The next samples.

        Args:
            level: True load in grams, shape (samples, shelves, plates).
            kicks: (sample, force) of what shook this fixture, forces as it felt them.

        Returns:
            Readings in grams, same shape; NaN where there is no cell.
        """
        samples = level.shape[0]
        shape = level.shape
        own = self.rng.standard_normal(shape, dtype=np.float32)
        white = self.rng.standard_normal(shape, dtype=np.float32)
        common = self.rng.standard_normal(shape[:2], dtype=np.float32)
        chance = np.frombuffer(self.rng.bytes(level.size), dtype=np.uint8).reshape(shape)
        envelope = self._envelope(samples, kicks)
        t = (self._sample + np.arange(samples)) / c.RATE_HZ
        hum = np.sin(2 * pi * c.HUM_HZ * t + 1.7 * np.sin(2 * pi * 0.11 * t))
        mixed = np.matmul(self._mix, level.transpose(1, 2, 0)).transpose(2, 0, 1) + self._offset
        out = np.empty(shape)
        repeat = round(256 * c.REPEAT_SHARE) if self._sample else 0
        slow = np.sin(2 * pi * c.SLOW_HZ * t[:, None] + self._slow_phase)
        lines = (hum, self._hum_g, slow, self._slow_g)
        ring = (self._a1, self._a2, self._b, self._ring)
        fixed = (c.SHELF_SHARED, self._keep, c.QUANTUM_G, repeat)
        drawn = (own, common, white, chance)
        _synthesise(
            out,
            *drawn,
            *lines,
            envelope,
            mixed,
            self._white_g,
            *ring,
            self._wander,
            self._wander_step,
            self._last,
            *fixed,
        )
        self._sample += samples
        out[:, ~self.installed] = np.nan
        return out.astype(np.float32)

    def _envelope(self, samples: int, kicks: list[tuple[int, float]]) -> NDArray[np.float64]:
        energy = np.zeros(samples)
        for at, force in kicks:
            energy[at] += force * force
        self._energy = _faded(energy, self._energy, exp(-2 / (c.RATE_HZ * c.STEP_TAU_S)))
        root: NDArray[np.float64] = np.sqrt(energy)
        return root
