"""Write the public CSV form of load-cell readings: for tests, from plate batches."""

from collections.abc import Iterable

import numpy as np

from walkout.recording.plates import PlateBatch

HEADER = "timestamp,reading,gondola,shelf,plate"


def rows(batch: PlateBatch) -> list[str]:
    """The rows of one message, plate after plate; a plate without any reading has none."""
    gondola = int(batch.fixture.removeprefix("gondola-"))
    seconds = np.arange(len(batch.t_ns)) * (1.0 / 60) + int(batch.t_ns[0]) / 1e9
    found = []
    for shelf in range(batch.grams.shape[1]):
        for plate in range(batch.grams.shape[2]):
            grams = batch.grams[:, shelf, plate]
            if not np.isnan(grams).all():
                found += [
                    f"{float(t)!r},{'' if np.isnan(g) else repr(float(g))},{gondola}.0,{shelf + 1}.0,{plate + 1}.0"
                    for t, g in zip(seconds, grams, strict=True)
                ]
    return found


def text(batches: Iterable[PlateBatch]) -> bytes:
    """The whole file."""
    lines = [HEADER]
    for batch in batches:
        lines += rows(batch)
    return "\n".join([*lines, ""]).encode()
