"""The noise of real plates, from the one public visit: read, cleared of its take, and stretched to hours.

What is done to it: the take (gondola 1, shelf 5, plates 8-12, from 12.2 s on) is replaced by the same plates' samples
before it, played backwards. Hours are made of pieces of 2 s from random places, each with a random sign, joined by
cross-fades of 0.25 s, all plates of a fixture alike so that what they share stays shared. A piece keeps its distance
from the plate's mean over the whole recording, so that slow parts stay in (and jump at the joins by up to twice their
size: harder than the truth). Added: a wander (random walk, 0.3 g per root second, pulled back over 100 s) and bumps
(0.15-1 s, 5-100 g either way, gone afterwards).
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE_HZ: Final = 60
START_NS: Final = 1_700_000_000_000_000_000
TAKE_GONDOLA, TAKE_SHELF, TAKE_PLATES, TAKE_SAMPLE = 1, 5, (8, 12), 732
QUANTUM_G: Final = 0.241
PIECE, FADE = 2 * RATE_HZ, RATE_HZ // 4


@dataclass(frozen=True, slots=True)
class Noise:
    """The plates of one fixture: `grams` of shape (samples, shelves, plates), `cells` which of them are scales."""

    fixture: str
    t_ns: NDArray[np.int64]
    grams: NDArray[np.float32]
    cells: NDArray[np.bool_]


def read(folder: Path) -> list[Noise]:
    """Every fixture of the recording as it is; the source's empty first row and column are left out."""
    messages: dict[int, list[tuple[float, NDArray[np.float32]]]] = {}
    with (folder / "aifi-benchmark-1" / "plate_data.json").open() as lines:
        for line in lines:
            message = json.loads(line)
            values = message["document"]["plate_data"]["values"]
            grams = np.frombuffer(base64.b64decode(values["data"]), "<f4").reshape(values["shape"])
            messages.setdefault(message["gondola_id"], []).append((message["timestamp"], grams))
    result = []
    for gondola, parts in sorted(messages.items()):
        grams = np.ascontiguousarray(np.concatenate([part for _, part in parts])[:, 1:, 1:])
        steps = [round(k * 1e9 / RATE_HZ) for k in range(parts[0][1].shape[0])]
        t_ns = np.array([round(t * 1e9) + step for t, _ in parts for step in steps], np.int64)
        cells = np.isfinite(grams).all(axis=0)
        cells[:, 12 if gondola in (1, 3) else 9 :] = False
        result.append(Noise(f"g{gondola}", t_ns, grams, cells))
    return result


def without_take(noise: Noise) -> Noise:
    """The same without the take and the hand that took."""
    grams = noise.grams.copy()
    if noise.fixture == f"g{TAKE_GONDOLA}":
        plates = slice(TAKE_PLATES[0] - 1, TAKE_PLATES[1])
        rest = len(grams) - TAKE_SAMPLE
        before = grams[TAKE_SAMPLE - rest : TAKE_SAMPLE, TAKE_SHELF - 1, plates]
        grams[TAKE_SAMPLE:, TAKE_SHELF - 1, plates] = before[::-1]
    return Noise(noise.fixture, noise.t_ns, grams, noise.cells)


def times(count: int, first: int = 0) -> NDArray[np.int64]:
    """Times of an even clock, UTC nanoseconds."""
    return START_NS + (np.arange(first, first + count) * 1_000_000_000) // RATE_HZ


def stretched(
    noise: Noise, seconds: int, seed: int, *, walking: tuple[int, int] = (0, 10**9), bumps_per_minute: float = 2.0
) -> Iterator[NDArray[np.float32]]:
    """Minutes of noise one after another, each of shape (3600, shelves, plates); bumps are per shelf.

    `walking`: the samples of the recording that pieces are taken from.
    """
    rng = np.random.default_rng(seed)
    base = noise.grams - noise.grams.mean(axis=0)
    base[:, ~noise.cells] = np.nan
    low, high = walking[0], min(walking[1], len(base)) - PIECE - FADE
    ramp = np.linspace(0.0, 1.0, FADE, endpoint=False, dtype=np.float32)[:, None, None]
    shelves, plates = noise.cells.shape
    offset = rng.uniform(-5000, 17000, (shelves, plates)).astype(np.float32)
    wander = np.zeros((shelves, plates), np.float32)
    tail = np.zeros((FADE, shelves, plates), np.float32)
    for _ in range(seconds // 60):
        minute = np.empty((60 * RATE_HZ, shelves, plates), np.float32)
        for k in range(0, len(minute), PIECE):
            at = int(rng.integers(low, high))
            piece = base[at : at + PIECE + FADE] * np.float32(rng.choice((-1.0, 1.0)))
            minute[k : k + PIECE] = piece[:PIECE]
            minute[k : k + FADE] = piece[:FADE] * ramp + tail * (1.0 - ramp)
            tail = piece[PIECE:]
        knots = np.empty((61, shelves, plates), np.float32)
        knots[0] = wander
        for k in range(1, 61):
            knots[k] = knots[k - 1] * np.float32(0.99) + rng.normal(0.0, 0.3, (shelves, plates)).astype(np.float32)
        wander = knots[-1]
        part = (np.arange(RATE_HZ, dtype=np.float32) / RATE_HZ)[None, :, None, None]
        minute += (knots[:-1, None] * (1 - part) + knots[1:, None] * part).reshape(minute.shape)
        for shelf in range(shelves):
            for _ in range(int(rng.poisson(bumps_per_minute))):
                length = int(rng.integers(9, 60))
                at = int(rng.integers(0, len(minute) - length))
                shape = np.sin(np.linspace(0, np.pi, length, dtype=np.float32)) ** 2
                size_g = rng.uniform(5, 100) * rng.choice((-1, 1))
                minute[at : at + length, shelf, int(rng.integers(0, plates))] += shape * np.float32(size_g)
        yield quantised(minute + offset)


def quantised(grams: NDArray[np.float32]) -> NDArray[np.float32]:
    """As the cells deliver it: in steps of 0.241 g."""
    return np.asarray(np.rint(grams / np.float32(QUANTUM_G)) * np.float32(QUANTUM_G), np.float32)
