"""The same plate samples in batches of another size."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from walkout.recording.channel import Observation
from walkout.recording.plates import PlateBatch


def rechunk(observations: Iterable[Observation], samples: int) -> Iterator[Observation]:
    """Regroup plate samples into batches of `samples`; times and values stay, a batch arrives with its last sample.

    A batch comes out when it is full, when the fixture's shape or rate changes, or at the end; everything else passes
    through unchanged. Nothing is said of what the source said, nor of sequence numbers: they belong to the old batches.

    Raises:
        ValueError: `samples` is below 1.
    """
    if samples < 1:
        raise ValueError(f"batches of {samples} samples; right is 1 or more")
    held: dict[str, list[PlateBatch]] = {}
    for observation in observations:
        if not isinstance(observation, PlateBatch):
            yield observation
            continue
        waiting = held.setdefault(observation.fixture, [])
        if waiting and (
            waiting[0].grams.shape[1:] != observation.grams.shape[1:] or waiting[0].rate_hz != observation.rate_hz
        ):
            yield _joined(waiting)
            waiting.clear()
        rest = observation
        while (room := samples - sum(len(batch.t_ns) for batch in waiting)) <= len(rest.t_ns):
            waiting.append(_part(rest, 0, room))
            yield _joined(waiting)
            waiting.clear()
            rest = _part(rest, room, len(rest.t_ns))
        if len(rest.t_ns):
            waiting.append(rest)
    for waiting in held.values():
        if waiting:
            yield _joined(waiting)


def _part(batch: PlateBatch, start: int, stop: int) -> PlateBatch:
    return replace(batch, t_ns=batch.t_ns[start:stop], grams=batch.grams[start:stop])


def _joined(batches: list[PlateBatch]) -> PlateBatch:
    return PlateBatch(
        fixture=batches[0].fixture,
        t_ns=np.concatenate([batch.t_ns for batch in batches]),
        grams=np.concatenate([batch.grams for batch in batches]),
        rate_hz=batches[0].rate_hz,
        arrived_ns=max(batch.arrived_ns for batch in batches),
    )
