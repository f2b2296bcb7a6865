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
HUM_HZ = 24.5
"""A narrow line that all plates of a shelf share, everywhere in the shop."""

GAIN_SD, GAIN_MAX = 0.010, 0.04
"""Gain error of a plate: one take read +0.2 %, another +3.8 %."""
LEAK = ((0.010, 0.006), (0.008, 0.006), (0.001, 0.002))
"""Share of a change that a plate one, two, three places away shows too: mean, spread (measured 0.9 %, 1.4 %, 0.2 %)."""

HAND_LOAD_G = (10.0, 55.0)
HAND_LOAD_S = 0.30
"""A hand presses before it lifts."""
LIFT_S = (0.035, 0.050)
"""A lift takes two to three samples; a fall of 623 g took three."""
SET_DOWN_S = (0.05, 0.12)
"""Chosen: no return was recorded."""

STEP_HZ = 1.8
STEP_FORCE = 1.5
"""Footfalls a second, and the kick of one in units of the shelf table's column `modes` (whose mean on a walk is 1)."""
STEP_TAU_S = 0.25
"""A kick's driving force dies in this time; the shelf rings on by itself."""
STEP_RANGE_M = 4.0
"""Kicks fall as 1 / (1 + distance / range)."""
SWAY_FORCE, SWAY_HZ = 0.35, 1.3
"""Somebody who stands shifts weight."""
DOOR_FORCE = 2.6
"""The door shakes every shelf: seen when the shopper left."""
SHELF_SHARED = 0.3
"""Share of the ringing's power that plates of a shelf have in common (correlation measured 0.1 to 0.5)."""
SLOW_WANDER_TAU_S = 20.0
FLUTTER_TAU_S = 0.15

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
"""Noise from one pose to the next."""
JOINT_DRIFT_M = (0.010, 0.010, 0.012, 0.012, 0.018, 0.018, 0.018, 0.018)
JOINT_DRIFT_TAU_S = 0.8
"""Errors that last. Chosen: bones of fixed length changed by about this much through the visit."""
JOINT_SCORE = (
    (0.97, 30.0),
    (0.95, 12.0),
    (0.97, 25.0),
    (0.96, 18.0),
    (0.96, 20.0),
    (0.92, 10.0),
    (0.95, 16.0),
    (0.91, 10.0),
)
"""Mean and sharpness of the score (a beta distribution), by joint."""
WRIST_TO_FACING_M = (0.020, 0.050)
"""Least and greatest distance from the wrist to the facing's box at a take."""

SWAP_PER_S, SWAP_REACH_M = 0.01, 0.45
"""Identities swap at this rate while two heads are nearer than this. Chosen."""
LOST_PER_S, LOST_S, NEW_ID_SHARE = 0.002, (0.5, 2.5), 0.3
"""A person is lost, for how long, and how often found under a new id. Chosen."""


@dataclass(frozen=True, slots=True)
class ShelfNoise:
    """How a shelf's plates behave: grams rms, at rest and for a walker some two metres away.

    `modes` are (hertz, sharpness, grams): the ringing that unit kicks cause, for the mean power over the shelf's
    plates; `spread` is the standard deviation of the logarithm of a plate's share in it; `flutter_g` is a slow shake
    that some shelves show at rest.
    """

    white_g: float
    hum_g: float
    modes: tuple[tuple[float, float, float], ...]
    spread: float
    flutter_g: float = 0.0


SHELF_NOISE: dict[tuple[str, int], ShelfNoise] = {
    ("1", 1): ShelfNoise(0.29, 0.09, ((7.5, 4.0, 0.80), (15.0, 12.0, 0.49), (18.0, 4.0, 0.88)), 0.22, 0.1),
    ("1", 2): ShelfNoise(0.27, 0.14, ((7.5, 4.0, 0.64), (16.0, 4.0, 0.65), (23.0, 4.0, 0.42)), 0.23, 0.1),
    ("1", 3): ShelfNoise(0.68, 0.67, ((8.0, 4.0, 2.68), (11.5, 12.0, 1.77), (17.5, 4.0, 2.64)), 0.45, 0.2),
    ("1", 4): ShelfNoise(0.81, 0.75, ((7.5, 4.0, 1.84), (9.5, 4.0, 2.26), (19.0, 4.0, 4.50)), 0.32, 1.5),
    ("1", 5): ShelfNoise(1.07, 1.60, ((9.0, 4.0, 6.18), (13.5, 4.0, 3.13), (22.0, 12.0, 2.75)), 0.50, 0.2),
    ("1", 6): ShelfNoise(1.08, 0.86, ((8.0, 12.0, 13.84), (16.0, 4.0, 4.44), (24.5, 4.0, 2.35)), 0.54, 0.2),
    ("2", 1): ShelfNoise(0.29, 0.11, ((8.0, 4.0, 0.23), (19.0, 4.0, 0.37), (25.0, 12.0, 0.51)), 0.17, 0.1),
    ("2", 2): ShelfNoise(0.32, 0.49, ((4.5, 4.0, 0.34), (8.0, 4.0, 0.28), (21.5, 4.0, 0.60)), 0.34, 0.1),
    ("2", 3): ShelfNoise(0.32, 0.54, ((8.0, 4.0, 0.18), (21.0, 4.0, 0.36), (24.0, 12.0, 0.36)), 0.10, 0.1),
    ("2", 4): ShelfNoise(0.30, 0.20, ((7.5, 4.0, 0.37), (21.5, 12.0, 0.70), (27.5, 12.0, 0.19)), 0.33, 0.2),
    ("2", 5): ShelfNoise(0.29, 0.14, ((7.5, 4.0, 0.28), (20.0, 4.0, 0.46), (24.5, 12.0, 0.37)), 0.25, 0.4),
    ("2", 6): ShelfNoise(0.34, 0.89, ((8.0, 4.0, 0.25), (20.0, 4.0, 0.37), (24.5, 12.0, 0.41)), 0.25, 0.5),
    ("3", 1): ShelfNoise(0.34, 0.07, ((10.0, 4.0, 0.31), (19.5, 12.0, 0.94), (29.0, 12.0, 0.30)), 0.23, 0.5),
    ("3", 2): ShelfNoise(0.42, 0.05, ((12.5, 4.0, 0.89), (19.0, 4.0, 0.76), (26.5, 12.0, 0.51)), 0.54, 2.0),
    ("3", 3): ShelfNoise(0.29, 0.10, ((7.5, 4.0, 0.43), (15.0, 4.0, 0.52), (21.5, 4.0, 0.36)), 0.41, 0.1),
    ("3", 4): ShelfNoise(0.45, 0.68, ((8.5, 12.0, 0.31), (16.5, 12.0, 0.67), (24.5, 12.0, 0.70)), 0.52, 0.2),
    ("3", 5): ShelfNoise(0.45, 0.61, ((8.0, 4.0, 0.61), (16.5, 12.0, 0.73), (24.0, 12.0, 0.63)), 0.40, 0.2),
    ("4", 1): ShelfNoise(0.66, 0.73, ((7.5, 12.0, 0.93), (19.5, 12.0, 3.29), (25.5, 12.0, 1.04)), 0.39, 1.5),
    ("4", 2): ShelfNoise(0.59, 0.32, ((7.5, 4.0, 2.24), (20.0, 4.0, 2.53), (26.0, 12.0, 1.31)), 0.60, 0.5),
    ("4", 3): ShelfNoise(0.32, 0.34, ((7.5, 4.0, 0.24), (20.5, 12.0, 0.27), (25.5, 12.0, 0.47)), 0.23, 0.3),
    ("4", 4): ShelfNoise(0.35, 0.58, ((7.5, 4.0, 0.19), (15.5, 4.0, 0.22), (24.0, 4.0, 0.45)), 0.29, 0.2),
    ("4", 5): ShelfNoise(0.31, 0.32, ((7.5, 4.0, 0.36), (16.5, 12.0, 0.35), (24.0, 12.0, 0.67)), 0.23, 0.1),
    ("4", 6): ShelfNoise(0.38, 0.29, ((7.5, 12.0, 0.78), (18.0, 12.0, 1.09), (20.5, 12.0, 2.04)), 0.60, 0.2),
}
"""By gondola and shelf of the measured shop, fitted to its spectra. Other shops draw rows from it."""
