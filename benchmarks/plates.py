"""How fast plates become events: `./run walkout bench plates`.

One shop is 360 plates at 60 Hz, followed by one thread: 30 shelves of 12 plates, offline as one array, and also,
offline and streaming, as 5 fixtures. The input: white noise, ringing at 8 Hz a third of the time, a change every 10
s somewhere in the shop, quantised. Beside it, taken in turns: a bare copy of the same array, as `array.copy()`
makes it and into memory that is there already, and the rolling mean and standard deviation over 60 samples that the
competition's winner took of plates and of shelves' sums.
"""

import argparse
import json as json_module
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from benchmarks._aifi_noise import RATE_HZ, quantised, times
from walkout.recording.plates import PlateBatch
from walkout.sensing.plates import PlateDetector

FIXTURES, SHELVES, PLATES = 5, 6, 12
PIECE_S: Final = 600
"""The input is made once, 10 minutes of it (52 MB, more than the processor's caches hold), and used again and again."""
SHOPS: Final = 200
"""Shops that take turns in the streaming measurement, so that none finds its state in the caches (12 MB are in use)."""
LENGTHS_S: Final = {"10 min": 600, "1 h": 3600, "8 h": 28800}
REPEATS: Final = 7


def run(json: bool, data: Path) -> dict[str, Any]:
    """Measure everything; prints as it goes unless `json`. Needs no recording. `passed`: every bar was met."""
    del data
    say = (lambda *_: None) if json else print
    pieces = [shop(seed) for seed in range(FIXTURES)]
    whole = [np.concatenate(pieces, axis=1)]
    clock = times(PIECE_S * RATE_HZ)
    detect(pieces, PIECE_S, clock)  # compiled and warm
    detect(whole, PIECE_S, clock)
    figures: dict[str, Any] = {"plates": FIXTURES * SHELVES * PLATES, "rate_hz": RATE_HZ}
    room = np.zeros_like(whole[0])
    offline, parts, copy, fresh = together(
        lambda: detect(whole, PIECE_S, clock),
        lambda: detect(pieces, PIECE_S, clock),
        lambda: np.copyto(room, whole[0]),
        whole[0].copy,
    )
    (rolling,) = together(lambda: winners_way(whole[0][: 60 * RATE_HZ]))
    rolling *= PIECE_S / 60
    figures["offline_times_real_time"] = round(PIECE_S / offline)
    figures["offline_as_5_fixtures_times_real_time"] = round(PIECE_S / parts)
    figures["times_of_array_copy"] = round(offline / fresh, 2)
    figures["times_of_a_copy_into_memory_that_is_there"] = round(offline / copy, 2)
    figures["as_5_fixtures_times_of_array_copy"] = round(parts / fresh, 2)
    figures["rolling_mean_and_sd_times_real_time"] = round(PIECE_S / rolling)
    figures["times_faster_than_rolling"] = round(rolling / offline)
    say(f"offline: {PIECE_S / offline:,.0f} x real time ({PIECE_S / parts:,.0f} as 5 fixtures)")
    say(f"         {offline / fresh:.2f} x array.copy() ({parts / fresh:.2f} as 5 fixtures)")
    say(f"         {offline / copy:.2f} x a copy into memory that is there already")
    say(f"         numpy's rolling mean and standard deviation: {PIECE_S / rolling:,.0f} x real time")
    streaming = stream(pieces)
    figures["shops_a_core_streaming"] = round(streaming)
    say(f"streaming in 200 ms batches: {streaming:,.0f} shops a core")
    figures["lengths"] = {}
    for name, seconds in LENGTHS_S.items():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        events = detect(pieces, seconds, clock)
        spent = time.perf_counter() - start
        grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        per_hour = spent * 3600 / seconds
        figures["lengths"][name] = {
            "seconds": round(spent, 3),
            "seconds_per_hour": round(per_hour, 3),
            "grown_mb": round(grown_mb, 1),
            "events": events,
        }
        say(f"{name}: {spent:.2f} s ({per_hour:.3f} s an hour), memory grew by {grown_mb:.1f} MB, {events} events")
    rates = [row["seconds_per_hour"] for row in figures["lengths"].values()]
    bars = {
        "offline >= 5,000 x real time": figures["offline_times_real_time"] >= 5000,
        "within 3 x of a bare copy": figures["times_of_array_copy"] <= 3.0,
        "streaming >= 3,000 shops a core": streaming >= 3000,
        "linear time": max(rates) <= 1.5 * min(rates),
        "flat memory": all(row["grown_mb"] <= 5.0 for row in figures["lengths"].values()),
    }
    figures["bars"] = bars
    figures["passed"] = all(bars.values())
    say("\n".join(f"{'met   ' if met else 'MISSED'} {name}" for name, met in bars.items()))
    return figures


def shop(seed: int) -> NDArray[np.float32]:
    """One fixture of a shop for PIECE_S, shape (samples, shelves, plates); the end joins the beginning.

    A take every 100 s on the fixture, put back 25 s later: an event every 10 s in the shop, as with 80 visits an hour.
    """
    rng = np.random.default_rng(seed)
    samples = PIECE_S * RATE_HZ
    grams = rng.normal(0.0, 0.7, (samples, SHELVES, PLATES)).astype(np.float32)
    t_s = np.arange(samples)[:, None, None] / RATE_HZ
    walks = (np.sin(2 * np.pi * t_s / 30.0) > 0.5).astype(np.float32)
    loudness = rng.uniform(0.5, 5.0, (SHELVES, PLATES))
    phase = rng.uniform(0, 6.28, (SHELVES, PLATES))
    grams += (walks * loudness * np.sin(2 * np.pi * 8.0 * t_s + phase)).astype(np.float32)
    for start in range(0, samples, 100 * RATE_HZ):
        at = start + int(rng.integers(10, 20) * RATE_HZ)
        s, p = int(rng.integers(0, SHELVES)), int(rng.integers(0, PLATES))
        grams[at : at + 25 * RATE_HZ, s, p] -= rng.uniform(10, 600)
        grams[at - 20 : at, s, p] += 30.0
    return quantised(grams + rng.uniform(-5000, 17000, (SHELVES, PLATES)).astype(np.float32))


def detect(pieces: list[NDArray[np.float32]], seconds: int, clock: NDArray[np.int64]) -> int:
    """All events of a shop in so many seconds, fed a piece at a time."""
    detectors = [
        PlateDetector(f"g{number}", np.ones(piece.shape[1:], np.bool_), RATE_HZ) for number, piece in enumerate(pieces)
    ]
    count = 0
    for first in range(0, seconds, PIECE_S):
        t_ns = clock + first * 1_000_000_000
        for number, piece in enumerate(pieces):
            count += len(detectors[number].push(PlateBatch(f"g{number}", t_ns, piece, RATE_HZ, 0)))
    return count


def stream(pieces: list[NDArray[np.float32]]) -> float:
    """How many shops one core follows, each fixture a message of 12 samples every 0.2 s.

    Messages are made beforehand.
    """
    cells = np.ones((SHELVES, PLATES), np.bool_)
    seconds = 10
    clock = times(seconds * RATE_HZ)
    shops = [[PlateDetector(f"g{n}", cells, RATE_HZ) for n in range(FIXTURES)] for _ in range(SHOPS)]
    late = np.random.default_rng(0).integers(0, (PIECE_S - seconds) * RATE_HZ, SHOPS)

    def follow(first: int) -> float:
        spent = 0.0
        for k in range(0, len(clock), 12):
            t_ns = clock[k : k + 12] + first * 1_000_000_000
            messages = [
                [PlateBatch(f"g{n}", t_ns, piece[k + at : k + at + 12], RATE_HZ, 0) for n, piece in enumerate(pieces)]
                for at in late.tolist()
            ]
            start = time.perf_counter()
            for detectors, batches in zip(shops, messages, strict=True):
                for detector, batch in zip(detectors, batches, strict=True):
                    detector.push(batch)
            spent += time.perf_counter() - start
        return spent

    follow(0)
    return SHOPS * seconds / min(follow(seconds * (1 + number)) for number in range(REPEATS))


def winners_way(grams: NDArray[np.float32]) -> None:
    """A rolling mean and standard deviation over 60 samples of every plate and of every shelf's sum, in numpy."""
    for values in (grams.reshape(len(grams), -1), grams.sum(axis=2)):
        windows = sliding_window_view(values, 60, axis=0)
        windows.mean(axis=-1)
        windows.std(axis=-1)


def together(*jobs: Callable[[], object]) -> tuple[float, ...]:
    """The shortest time of each job in seconds, taken in turns: neighbours on the machine only ever add."""
    spent: list[list[float]] = [[] for _ in jobs]
    for _ in range(REPEATS):
        for job, row in zip(jobs, spent, strict=True):
            start = time.perf_counter()
            job()
            row.append(time.perf_counter() - start)
    return tuple(min(row) for row in spent)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("WALKOUT_SHARED_DATA", "../shared/data")))
    given = parser.parse_args()
    outcome = run(given.json, given.data)
    if given.json:
        print(json_module.dumps(outcome, indent=1))
    sys.exit(0 if outcome["passed"] else 1)
