"""Measured physics, in one table. Everything the twin invents is drawn around these numbers.

Unless a line says otherwise the source is the one real visit that is public, AiFi's BENCHMARK-1 of April 2020 (17 s,
60 Hz, four gondolas, one shopper; GitHub QuandoSJ/AUTOCHECKOUT-TEAM6), measured with `benchmarks/realism.py`.
"Chosen" marks a number that no public data shows: a guess to be replaced by a measurement.
"""

from dataclasses import dataclass

RATE_HZ = 60.0
BATCH_SAMPLES = 12
BATCH_JITTER_S = 0.003
"""Spread of message times; measured 2 to 5 ms."""
PLATE_LAG_S = (0.022, 0.014)
"""From the last sample's message time to the recorder: mean, spread."""
QUANTUM_G = 0.241
OFFSET_G = (-5_500.0, 17_600.0)
"""Least and greatest reading at rest: scales are not zeroed."""
REPEAT_SHARE = 0.05
"""Share of samples that repeat the one before (the converter runs a little slower than 60 Hz)."""
HUM_HZ, SLOW_HZ, LINE_SPREAD = 24.5, 1.6, 0.6
"""Two narrow lines that all plates of a shelf share, everywhere in the shop; their spread from plate to plate."""

GAIN_SD, GAIN_MAX = 0.010, 0.04
"""Gain error of a plate: one take read +0.2 %, another +3.8 %."""
LEAK = ((0.010, 0.006), (0.008, 0.006), (0.001, 0.002))
"""Share of a change that a plate one, two, three places away shows too: mean, spread (measured 0.9 %, 1.4 %, 0.2 %)."""

HAND_LOAD_G = (10.0, 55.0)
HAND_LOAD_S = 0.30
"""A hand presses before it lifts."""
LIFT_S = (0.045, 0.075)
"""A lift takes two to four samples; a fall of 623 g took four from 10 to 90 %."""
SET_DOWN_S = (0.05, 0.12)
"""Chosen: no return was recorded."""

STEP_HZ = 1.8
STEP_FORCE = 3.2
"""Footfalls a second, and the kick of one in units of the shelf table's column `modes` (whose mean on a walk is 1)."""
STEP_TAU_S = 0.25
"""A kick's driving force dies in this time; the shelf rings on by itself."""
STEP_RANGE_M = 3.0
"""Kicks fall as 1 / (1 + distance / range)."""
SWAY_FORCE, SWAY_HZ = 0.5, 1.3
"""Somebody who stands shifts weight."""
DOOR_FORCE = 7.0
"""The door shakes every shelf: seen when the shopper left."""
SHELF_SHARED = 0.3
"""Share of the ringing's power that plates of a shelf have in common (correlation measured 0.1 to 0.5)."""
SLOW_WANDER_TAU_S = 20.0

ITEM_MASS_SD = 0.008
"""Spread of single items about the catalogue's mass, as a share, where the catalogue gives none. Chosen."""

POSE_HZ, POSE_TWIN_SHARE, POSE_TWIN_S = 10.0, 0.49, (0.0075, 0.0006)
"""Poses come at 10 Hz; about every second one is followed by another 7 to 8 ms later: 15 a second in all."""
POSE_JITTER_S, POSE_SKIP_SHARE = 0.003, 0.01
POSE_LAG_S = (2.31, 0.04, 2.235, 2.44)
"""Mean, spread, least, greatest time from the pose to the recorder."""
JOINT_MISSING = (0.0075, 0.0075, 0.018, 0.0075, 0.0075, 0.0075, 0.0075, 0.0145)
"""By joint, in the order of `JOINTS`."""
JOINT_JITTER_M = (0.0020, 0.0022, 0.0024, 0.0026, 0.0050, 0.0045, 0.0030, 0.0050)
JOINT_JITTER_TAU_S = 0.30
"""Noise between poses a tenth of a second apart; poses 8 ms apart share most of it."""
JOINT_DRIFT_M = (0.010, 0.010, 0.012, 0.012, 0.018, 0.018, 0.018, 0.018)
JOINT_DRIFT_TAU_S = (0.8, 0.3)
"""Errors that last. Chosen: bones of fixed length changed by about this much through the visit."""
JOINT_SCORE_LOSS = (0.04, 0.07, 0.045, 0.055, 0.055, 0.09, 0.06, 0.10)
"""What a score lacks to 1 on average (an exponential law fits the 5th, 50th and 95th percentiles), by joint."""
WRIST_TO_FACING_M = (0.020, 0.050)
"""Least and greatest distance from the wrist to the facing's box at a take."""

BOX_AGE_S = 0.18
"""A camera's box is up to this much older than the pose that it went into."""

SWAP_PER_S, SWAP_REACH_M = 0.01, 0.45
"""Identities swap at this rate while two heads are nearer than this. Chosen."""
LOST_PER_S, LOST_S, NEW_ID_SHARE = 0.002, (0.5, 2.5), 0.3
"""A person is lost, for how long, and how often found under a new id. Chosen."""


@dataclass(frozen=True, slots=True)
class ShelfNoise:
    """How a shelf's plates behave: grams rms over its plates, at rest and while somebody walks some two metres away.

    `hum_g` and `slow_g` are two steady lines, at `HUM_HZ` and at `SLOW_HZ`; they do not depend on anybody. `modes`
    are (hertz, sharpness, grams): the ringing that steps cause. `spread` is the standard deviation of the logarithm
    of a plate's share in it.
    """

    white_g: float
    hum_g: float
    slow_g: float
    modes: tuple[tuple[float, float, float], ...]
    spread: float


SHELF_NOISE: dict[tuple[str, int], ShelfNoise] = {
    ("1", 1): ShelfNoise(
        0.26, 0.10, 0.27, ((7.0, 4.0, 0.53), (13.0, 16.0, 0.41), (16.5, 4.0, 1.36), (24.5, 8.0, 0.32)), 0.26
    ),
    ("1", 2): ShelfNoise(
        0.22, 0.14, 0.26, ((7.0, 4.0, 0.33), (9.5, 4.0, 0.44), (16.0, 8.0, 1.34), (23.5, 4.0, 0.42)), 0.26
    ),
    ("1", 3): ShelfNoise(
        0.42, 0.68, 0.39, ((7.0, 8.0, 1.29), (10.0, 8.0, 1.4), (12.0, 4.0, 4.36), (18.5, 4.0, 2.76)), 0.47
    ),
    ("1", 4): ShelfNoise(
        0.64, 0.76, 1.97, ((9.5, 4.0, 2.06), (12.0, 4.0, 2.73), (19.0, 4.0, 4.7), (20.5, 16.0, 2.17)), 0.42
    ),
    ("1", 5): ShelfNoise(
        0.69, 1.62, 0.52, ((7.0, 8.0, 1.84), (8.5, 4.0, 4.06), (13.0, 4.0, 7.35), (21.5, 16.0, 2.58)), 0.53
    ),
    ("1", 6): ShelfNoise(
        0.80, 0.89, 0.36, ((8.0, 4.0, 11.86), (13.0, 16.0, 3.28), (16.5, 4.0, 4.9), (20.0, 16.0, 2.48)), 0.57
    ),
    ("2", 1): ShelfNoise(
        0.26, 0.12, 0.22, ((7.0, 4.0, 0.19), (12.5, 4.0, 0.31), (19.5, 4.0, 0.57), (26.0, 16.0, 0.49)), 0.17
    ),
    ("2", 2): ShelfNoise(
        0.28, 0.49, 0.30, ((4.0, 4.0, 0.29), (8.0, 4.0, 0.26), (17.5, 4.0, 0.55), (24.0, 16.0, 0.96)), 0.37
    ),
    ("2", 3): ShelfNoise(
        0.28, 0.55, 0.23, ((4.5, 4.0, 0.22), (8.0, 4.0, 0.17), (20.5, 4.0, 0.51), (24.5, 16.0, 0.35)), 0.12
    ),
    ("2", 4): ShelfNoise(
        0.26, 0.21, 0.24, ((7.5, 4.0, 0.3), (16.5, 16.0, 0.28), (20.0, 8.0, 0.85), (22.0, 16.0, 0.63)), 0.37
    ),
    ("2", 5): ShelfNoise(
        0.26, 0.14, 0.57, ((7.0, 4.0, 0.25), (16.5, 4.0, 0.45), (20.0, 4.0, 0.45), (24.0, 16.0, 0.45)), 0.33
    ),
    ("2", 6): ShelfNoise(
        0.30, 0.89, 0.69, ((5.0, 4.0, 0.2), (12.5, 4.0, 0.27), (17.0, 4.0, 0.4), (20.0, 16.0, 0.35)), 0.18
    ),
    ("3", 1): ShelfNoise(
        0.29, 0.08, 0.67, ((11.0, 4.0, 0.33), (19.5, 8.0, 0.83), (21.0, 16.0, 0.41), (29.0, 16.0, 0.34)), 0.33
    ),
    ("3", 2): ShelfNoise(
        0.42, 0.07, 2.60, ((9.0, 4.0, 0.25), (13.0, 16.0, 0.58), (18.5, 4.0, 0.49), (26.5, 16.0, 0.19)), 0.45
    ),
    ("3", 3): ShelfNoise(
        0.26, 0.11, 0.17, ((7.0, 4.0, 0.36), (13.0, 16.0, 0.19), (15.0, 4.0, 1.05), (23.5, 4.0, 0.39)), 0.47
    ),
    ("3", 4): ShelfNoise(
        0.32, 0.59, 0.32, ((4.0, 4.0, 0.36), (8.5, 4.0, 0.36), (16.5, 16.0, 2.68), (24.5, 8.0, 0.76)), 0.59
    ),
    ("3", 5): ShelfNoise(
        0.32, 0.62, 0.27, ((4.5, 4.0, 0.49), (8.0, 4.0, 0.54), (16.5, 16.0, 2.05), (24.0, 4.0, 0.78)), 0.42
    ),
    ("4", 1): ShelfNoise(
        0.50, 0.75, 1.82, ((7.5, 4.0, 1.2), (19.0, 8.0, 3.86), (20.5, 16.0, 1.74), (26.5, 8.0, 1.09)), 0.66
    ),
    ("4", 2): ShelfNoise(
        0.43, 0.34, 0.72, ((7.5, 4.0, 2.56), (18.5, 8.0, 4.59), (22.5, 4.0, 1.54), (26.5, 16.0, 1.04)), 0.70
    ),
    ("4", 3): ShelfNoise(
        0.29, 0.34, 0.49, ((6.0, 4.0, 0.37), (15.0, 4.0, 0.44), (20.0, 4.0, 0.48), (26.0, 16.0, 0.52)), 0.33
    ),
    ("4", 4): ShelfNoise(
        0.31, 0.59, 0.32, ((6.0, 4.0, 0.31), (16.0, 4.0, 0.53), (21.0, 16.0, 0.22), (26.0, 16.0, 0.54)), 0.38
    ),
    ("4", 5): ShelfNoise(
        0.28, 0.33, 0.27, ((7.0, 4.0, 0.38), (16.5, 4.0, 0.66), (23.0, 16.0, 0.39), (25.5, 16.0, 0.92)), 0.30
    ),
    ("4", 6): ShelfNoise(
        0.31, 0.31, 0.36, ((7.5, 4.0, 0.81), (13.0, 16.0, 0.55), (18.0, 16.0, 1.31), (20.0, 8.0, 2.04)), 0.70
    ),
}
"""By gondola and shelf of the measured shop, fitted to its spectra. Other shops draw rows from it."""
