"""The time and pay ledger on random months: clocks set and wrong, programs that die, copies, late events. Simulated.

Each month holds 1 to 4 shifts of one person, at one of two invented places, with breaks, meals, meetings, faults,
absences without a word and forgotten ends. Held for each: intervals partition every shift; no month is below the
floor; statements sum to the ledger, against a second reckoning in exact fractions; all time that the person was truly
there is paid or asked about; computed again later, the same bytes.
"""

import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks._labour import a_month, faults_of

MONTHS = 10_000


def run(json: bool, data: Path | None = None, seeds: range | None = None, workers: int | None = None) -> dict[str, Any]:
    """Measure; print what was held unless `json`. `data` is not used."""
    del data
    started = time.perf_counter()
    wrong: Counter[str] = Counter()
    events = shifts = bad = 0
    chosen = range(MONTHS) if seeds is None else seeds
    with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
        for found, made_events, made_shifts in pool.map(_month, chosen, chunksize=20):
            events += made_events
            shifts += made_shifts
            bad += bool(found)
            wrong.update(found)
    figures = {
        "origin": "simulated",
        "months": len(chosen),
        "events": events,
        "shifts": shifts,
        "months_with_faults": bad,
        "faults": dict(wrong),
        "seconds": round(time.perf_counter() - started, 1),
        "passed": not bad,
    }
    if not json:
        print(f"simulated; {len(chosen)} months, {shifts} shifts, {events} events, {figures['seconds']} s")
        for words, count in wrong.most_common():
            print(f"{count:6} {words}")
        print(f"{'met   ' if not bad else 'MISSED'} partition, floor, sums, presence paid, the same bytes: {bad} wrong")
    return figures


def _month(seed: int) -> tuple[list[str], int, int]:
    made = a_month(seed)
    return faults_of(made), len(made.events), sum(event.kind == "shift_started" for event in made.events)


if __name__ == "__main__":
    run(json=False)
