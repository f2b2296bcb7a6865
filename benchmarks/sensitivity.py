"""What the plate detector sees and what it does not, on the noise of real plates: `./run walkout bench sensitivity`.

Nothing here sets anything in the detector. The reference beside it is the plain way: the difference of two means over
1 s, 0.4 s apart, against max(6 g, 4 x its own past rms), plate by plate.
"""

import argparse
import json as json_module
import os
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks import _signals as signals
from benchmarks._aifi_noise import RATE_HZ, Noise, quantised, read, stretched, times, without_take
from walkout.recording.plates import PlateBatch
from walkout.sensing.event import ShelfEvent
from walkout.sensing.plates import PlateDetector

SIZES_G: Final = (4.0, 6.0, 8.0, 10.0, 16.0, 32.0, 62.0, 190.0, 540.0)
LEAST: Final = {6.0: 0.90, 8.0: 0.98, 10.0: 0.995, 16.0: 1.0, 32.0: 1.0, 62.0: 1.0, 190.0: 1.0, 540.0: 1.0}
SPLIT: Final = (0.20, 0.56, 0.24)
QUIET, WALKING = (90, 200), (330, 650)
TIMES_A_PLATE: Final = 20
HOURS: Final = 8


def run(json: bool, data: Path, *, hours: int = HOURS, times_a_plate: int = TIMES_A_PLATE) -> dict[str, Any]:
    """Measure everything; prints as it goes unless `json`. `passed` says whether every bar was met."""
    real = read(data)
    clean = [without_take(noise) for noise in real]
    figures: dict[str, Any] = {"plates": int(sum(noise.cells.sum() for noise in clean)), "times_a_plate": times_a_plate}
    bars: dict[str, bool] = {}
    say = (lambda *_: None) if json else print
    found = [event for noise in real for event in events_of(noise, noise.grams)]
    figures["recording_events"] = [event.id for event in found]
    bars["recording: exactly the take"] = len(found) == 1 and 11 in found[0].plates and found[0].shelf == 5
    false = sum(len(events_of(noise, noise.grams)) for noise in clean)
    figures["false_events_in_recording"] = false
    bars["recording without its take: no event"] = false == 0
    say(f"recording: {figures['recording_events']}, without its take {false} events")
    every: list[tuple[float, float, float, float]] = []
    for size_g in SIZES_G:
        result, rows = injected(clean, size_g, (1.0,), times_a_plate)
        figures[f"step_{size_g:g}_g"] = result
        every += rows if size_g >= 10.0 else []
        bars[f"{size_g:g} g found"] = result["found"] >= LEAST.get(size_g, 0.0)
        say(f"{size_g:5g} g: " + line(result))
    result, rows = injected(clean, 32.0, SPLIT, times_a_plate)
    figures["step_32_g_over_three_plates"] = result
    bars["32 g over three plates >= 99 %"] = result["found"] >= 0.99
    say("32 g over three plates: " + line(result))
    errors = np.array([row[0] for row in every])
    figures["bias_g"], figures["rms_g"] = round(float(errors.mean()), 3), round(float(np.sqrt((errors**2).mean())), 3)
    figures["normalised_rms"] = round(float(np.sqrt((errors**2 / np.array([row[2] for row in every])).mean())), 2)
    takes = np.array([row[1] for row in every if row[3] < 0.0])
    puts = np.array([row[1] for row in every if row[3] > 0.0])
    figures["take_delay_s"] = spread(takes)
    figures["takes_told_within_1.5_s"] = round(float((takes <= 1.5).mean()), 5)
    figures["put_delay_s"] = spread(puts)
    bars["|bias| <= 0.2 g"] = abs(figures["bias_g"]) <= 0.2
    bars["rms <= 0.7 g"] = figures["rms_g"] <= 0.7
    bars["takes told within 1.5 s"] = figures["takes_told_within_1.5_s"] >= 0.995
    say(f"10 g and more: bias {figures['bias_g']} g, rms {figures['rms_g']} g, normalised {figures['normalised_rms']}")
    say(f"takes told after {figures['take_delay_s']}, {figures['takes_told_within_1.5_s']:.2%} within 1.5 s")
    say(f"puts told after {figures['put_delay_s']} (on purpose: see docs/design/shelf-events.md)")
    figures["nothing_changed"] = nothing_changed(clean)
    bars["presses, leans, rummaging: no event"] = not any(row["events"] for row in figures["nothing_changed"].values())
    say(f"nothing changed: {figures['nothing_changed']}")
    figures["long_noise"] = long_noise(clean, hours)
    bars["at most one false event a shelf and hour"] = figures["long_noise"]["worst_shelf_per_hour"] <= 1.0
    say(f"{hours} h of noise: {figures['long_noise']}")
    figures["bars"] = bars
    figures["passed"] = all(bars.values())
    say("\n".join(f"{'met   ' if met else 'MISSED'} {name}" for name, met in bars.items()))
    return figures


def events_of(noise: Noise, grams: NDArray[np.float32]) -> list[ShelfEvent]:
    """The events of one fixture, fed by 12 samples."""
    detector = PlateDetector(noise.fixture, noise.cells, RATE_HZ)
    events: list[ShelfEvent] = []
    for k in range(0, len(grams), 12):
        events += detector.push(PlateBatch(noise.fixture, noise.t_ns[k : k + 12], grams[k : k + 12], RATE_HZ, 0))
    return [event for event in (*events, *detector.flush()) if not event.came_back]


def injected(
    clean: list[Noise], size_g: float, split: tuple[float, ...], times_a_plate: int
) -> tuple[dict[str, Any], list[tuple[float, float, float, float]]]:
    """Steps on every plate, one a shelf at a time, half of them down and half up, half in quiet and half while walking.

    Returns:
        The figures, and (error g, delay s, variance g^2, change g) of every step found.
    """
    rng = np.random.default_rng(round(size_g * 10) + len(split))
    rows: list[tuple[float, float, float, float]] = []
    count = {True: [0, 0, 0], False: [0, 0, 0]}
    other = 0
    for noise in clean:
        shelves, plates = noise.cells.shape
        for repeat in range(times_a_plate):
            quiet = repeat % 2 == 0
            for plate in range(plates - len(split) + 1):
                use = [s for s in range(shelves) if noise.cells[s, plate : plate + len(split)].all()]
                if not use:
                    continue
                grams = noise.grams.copy()
                truth: dict[int, tuple[int, float]] = {}
                for s in use:
                    onset = int(rng.integers(*(QUIET if quiet else WALKING)))
                    change = size_g * (-1.0 if repeat % 4 < 2 else 1.0)
                    curve = signals.step(rng, len(grams), onset, change)
                    for k, share in enumerate(split):
                        grams[:, s, plate + k] = quantised((grams[:, s, plate + k] + share * curve).astype(np.float32))
                    truth[s] = (onset, change)
                plain = plain_way(noise.grams, grams, truth, plate, len(split))
                matched: set[int] = set()
                for event in events_of(noise, grams):
                    s = event.shelf - 1
                    hit = s in truth and s not in matched and fits(event, noise, *truth[s], plate, split)
                    if not hit:
                        other += 1
                        continue
                    matched.add(s)
                    rows.append(measured(event, noise, *truth[s], plate, split))
                count[quiet][0] += len(truth)
                count[quiet][1] += len(matched)
                count[quiet][2] += len(plain)
    errors = np.array([row[0] for row in rows]) if rows else np.zeros(1)
    total = count[True][0] + count[False][0]
    return {
        "steps": total,
        "found": round((count[True][1] + count[False][1]) / total, 5),
        "found_quiet": round(count[True][1] / count[True][0], 5),
        "found_walking": round(count[False][1] / count[False][0], 5),
        "plain_way": round((count[True][2] + count[False][2]) / total, 5),
        "bias_g": round(float(errors.mean()), 3),
        "rms_g": round(float(np.sqrt((errors**2).mean())), 3),
        "take_delay_s": round(max((row[1] for row in rows if row[3] < 0.0), default=0.0), 2),
        "other_events": other,
    }, rows


def fits(event: ShelfEvent, noise: Noise, onset: int, change: float, plate: int, split: tuple[float, ...]) -> bool:
    """Whether an event is the injected step: its plate, its sign, its time within a second."""
    main = plate + 1 + int(np.argmax(split))
    t_ns = int(noise.t_ns[onset])
    near = event.start_ns - 1_000_000_000 <= t_ns <= event.end_ns + 1_000_000_000
    return main in event.plates and near and event.delta_g[event.plates.index(main)] * change > 0


def measured(
    event: ShelfEvent, noise: Noise, onset: int, change: float, plate: int, split: tuple[float, ...]
) -> tuple[float, float, float, float]:
    """The error of the change over its plates (away from zero is positive), the delay, the variance, the change."""
    error = variance = 0.0
    for k, share in enumerate(split):
        if plate + 1 + k in event.plates:
            i = event.plates.index(plate + 1 + k)
            error += (event.delta_g[i] - share * change) * np.sign(change)
            variance += event.cov_g2[i][i]
        else:
            error -= share * abs(change)
    return error, (event.reported_ns - int(noise.t_ns[onset + 3])) / 1e9, variance, change


def plain_way(
    before: NDArray[np.float32], grams: NDArray[np.float32], truth: dict[int, tuple[int, float]], plate: int, width: int
) -> set[int]:
    """The shelves on which the reference method finds the step within 1.5 s."""
    found = set()
    for s, (onset, _) in truth.items():
        for p in range(plate, plate + width):
            sums = np.cumsum(np.concatenate([[0.0], grams[:, s, p].astype(np.float64) - float(before[0, s, p])]))
            mean = (sums[60:] - sums[:-60]) / 60.0  # mean[k]: samples k .. k + 59
            gap = np.abs(mean[84:] - mean[:-84])  # known once sample k + 143 is there
            past = np.sqrt(np.cumsum(gap**2) / np.arange(1, len(gap) + 1))
            limit = np.maximum(6.0, 4.0 * np.concatenate([np.zeros(84), past[:-84]]))
            if (gap > limit)[
                onset - 81 : onset - 77
            ].any():  # the hand lies in the gap, the step before the second mean
                found.add(s)
    return found


def nothing_changed(clean: list[Noise], trials: int = 400) -> dict[str, dict[str, int]]:
    """Presses, leans and rummaging on stretched noise, a shelf each 15 s; how many events came of how many."""
    result = {}
    kinds = ("press", "press_walking", "lean", "lean_walking", "rummage", "rummage_walking")
    for number, kind in enumerate(kinds):
        rng = np.random.default_rng(number)
        walking = WALKING if kind.endswith("walking") else (0, 330)
        done = events = 0
        for noise in clean:
            shelves = noise.cells.shape[0]
            minutes = -(-trials // (4 * len(clean) * shelves))
            detector = PlateDetector(noise.fixture, noise.cells, RATE_HZ)
            source = stretched(noise, 60 * minutes, number, walking=walking, bumps_per_minute=0.0)
            for minute, grams in enumerate(source):
                for s in range(shelves):
                    for k in range(4):
                        last = int(noise.cells[s].sum())
                        if last == 0:
                            continue
                        p = int(rng.integers(0, last))
                        at = k * 900 + int(rng.integers(100, 200))
                        done += 1
                        if kind.startswith("press"):
                            curve = signals.press(rng, rng.uniform(0.3, 4.0), rng.uniform(20, 300))
                            add(grams, s, p, at, curve, (1.0,))
                        elif kind.startswith("lean"):
                            curve = signals.press(rng, rng.uniform(1.0, 8.0), rng.uniform(200, 2000), 0.08)
                            add(grams, s, p, at, curve, (0.5, 0.3, 0.2))
                        else:
                            add(grams, s, p, at, signals.rummage(rng, rng.uniform(2.0, 10.0)), (0.7, 0.3))
                t_ns = times(len(grams), minute * len(grams))
                told = detector.push(PlateBatch(noise.fixture, t_ns, quantised(grams), RATE_HZ, 0))
                events += sum(not event.came_back for event in told)
        result[kind] = {"trials": done, "events": events}
    return result


def add(
    grams: NDArray[np.float32], s: int, p: int, at: int, curve: NDArray[np.float64], split: tuple[float, ...]
) -> None:
    """Load neighbouring plates with shares of a curve."""
    for k, share in enumerate(split):
        if p + k < grams.shape[2]:
            grams[at : at + len(curve), s, p + k] += (share * curve).astype(np.float32)


def long_noise(clean: list[Noise], hours: int) -> dict[str, Any]:
    """False events on hours of noise made from the recording."""
    events: dict[str, int] = {}
    shelves = 0
    for number, noise in enumerate(clean):
        detector = PlateDetector(noise.fixture, noise.cells, RATE_HZ)
        shelves += int(noise.cells.any(axis=1).sum())
        for minute, grams in enumerate(stretched(noise, hours * 3600, 1000 + number)):
            batch = PlateBatch(noise.fixture, times(len(grams), minute * len(grams)), grams, RATE_HZ, 0)
            for event in (told for told in detector.push(batch) if not told.came_back):
                name = f"{event.fixture}/{event.shelf}"
                events[name] = events.get(name, 0) + 1
    worst = max(events.values(), default=0)
    return {
        "hours": hours,
        "shelves": shelves,
        "events": sum(events.values()),
        "worst_shelf_per_hour": round(worst / hours, 3),
        "per_shelf_and_hour": round(sum(events.values()) / hours / shelves, 4),
        "shelves_with_events": dict(sorted(events.items())),
    }


def spread(values: NDArray[np.float64]) -> dict[str, float]:
    """Median, 99th percentile and largest of some seconds."""
    parts = np.percentile(values, (50, 99, 100))
    return {name: round(float(value), 2) for name, value in zip(("median", "p99", "largest"), parts, strict=True)}


def line(result: dict[str, Any]) -> str:
    """One size in one line."""
    return (
        f"{result['found']:.2%} found (quiet {result['found_quiet']:.2%}, walking {result['found_walking']:.2%}; "
        f"plain way {result['plain_way']:.2%}), bias {result['bias_g']:+.2f} g, rms {result['rms_g']:.2f} g, "
        f"takes within {result['take_delay_s']} s, {result['other_events']} other events, {result['steps']} steps"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("WALKOUT_SHARED_DATA", "../shared/data")))
    parser.add_argument("--hours", type=int, default=HOURS)
    parser.add_argument("--times", type=int, default=TIMES_A_PLATE)
    given = parser.parse_args()
    outcome = run(given.json, given.data, hours=given.hours, times_a_plate=given.times)
    if given.json:
        print(json_module.dumps(outcome, indent=1))
    sys.exit(0 if outcome["passed"] else 1)
