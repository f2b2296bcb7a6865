"""The odd columns and the cameras of AiFi's NanoStore, so that its cases look as its own recordings do.

Shapes and columns as measured on BENCHMARK-1 (April 2020) and cps-test-01 (January 2020): gondola 1 has two more
columns, empty but for constants on shelf 4; gondolas 2, 4 and 5 have twelve, of which 10 and 12 are one constant
everywhere and 11 is a frozen copy of a reading near column 9; gondola 3 has no row for its sixth shelf where that has
no cells.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from walkout.recording.plates import PlateBatch
from walkout.store.layout import Camera
from walkout.twin.simulation import Observation

IDLE_G = 6067.416
PLATES = {"gondola-1": 14, "gondola-2": 12, "gondola-3": 12, "gondola-4": 12, "gondola-5": 12}
SHELVES = {"gondola-1": 6, "gondola-2": 6, "gondola-3": 5, "gondola-4": 6, "gondola-5": 6}
SPARE = {("gondola-1", 4): ((13, 2123.692), (14, 3113.479))}
FIRST_IDLE = 10

CAMERAS = tuple(
    Camera(str(100 + k), x_m, y_m, 2.6, (2.2, -0.5, 0.9), 380.0)
    for k, (x_m, y_m) in enumerate(
        ((-0.6, -2.2), (0.8, -2.4), (2.2, -2.4), (3.6, -2.4), (4.8, -2.0), (4.2, -0.1), (2.2, -0.1), (0.2, -0.1))
    )
)
"""Eight cameras with AiFi's ids; where they hang is invented, for no calibration of theirs is known."""
BOXES = 4
"""A person comes with the boxes of four cameras."""


def as_delivered(observations: Iterator[Observation]) -> Iterator[Observation]:
    """The same observations with each gondola's readings in the shape and with the columns of the real shop."""
    frozen: dict[str, np.ndarray] = {}
    for observation in observations:
        if not isinstance(observation, PlateBatch) or observation.fixture not in PLATES:
            yield observation
            continue
        fixture, grams = observation.fixture, observation.grams
        samples, shelves, plates = grams.shape
        if np.isnan(grams[:, SHELVES[fixture] :]).all():
            shelves = min(shelves, SHELVES[fixture])
        full = np.full(
            (samples, max(shelves, SHELVES[fixture]), max(plates, PLATES[fixture])), np.nan, dtype=np.float32
        )
        full[:, :shelves, :plates] = grams[:, :shelves]
        for (name, shelf), spare in SPARE.items():
            for plate, reading_g in spare if name == fixture else ():
                full[:, shelf - 1, plate - 1] = reading_g
        if plates < FIRST_IDLE and PLATES[fixture] >= FIRST_IDLE:
            last = frozen.setdefault(fixture, full[0, :, min(plates, 9) - 1].copy())
            full[:, :, FIRST_IDLE - 1] = IDLE_G
            full[:, :, FIRST_IDLE] = last
            full[:, :, FIRST_IDLE + 1] = IDLE_G
            full[:, np.isnan(last), :] = np.nan
        yield replace(observation, grams=full)
