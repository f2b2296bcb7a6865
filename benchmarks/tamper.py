"""How many random changes of a log are found: bits, dropped, moved, repeated and rewritten lines, cut files.

Each change is made by somebody who has the files and not the signing key; the auditor has the files, the fingerprint
of the key, and the witness's copy.
"""

import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks._tampering import KEY, filled, put, random_changes, read
from walkout.evaluation.intervals import exact_share
from walkout.privacy.audit import audit
from walkout.privacy.checkpoint import public_bytes
from walkout.privacy.witness import COPY

CHANGES = range(10_000)


def run(json: bool, data: Path | None = None, seeds: range | None = None) -> dict[str, Any]:
    """Try every change; `data` is not used. Passed: none was missed."""
    del data
    tried: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        folder, outside, work = Path(place) / "log", Path(place) / "outside", Path(place) / "work"
        filled(folder, days=7, a_day=20, witness=outside)
        files = read(folder)
        assert audit(folder, key=public_bytes(KEY), witness=outside / COPY).whole
        work.mkdir()
        for seed in seeds or CHANGES:
            name, changed = random_changes(seed, files)
            if changed == files:
                continue
            put(work, changed)
            tried[name] += 1
            missed[name] += audit(work, key=public_bytes(KEY), witness=outside / COPY).whole
    total, wrong = tried.total(), missed.total()
    figures: dict[str, Any] = {
        "changes": total,
        "missed": wrong,
        "missed_at_most": exact_share(wrong, total, 0.90)[1],
        "by_change": {name: {"changes": tried[name], "missed": missed[name]} for name in sorted(tried)},
        "seconds": round(time.perf_counter() - start, 1),
        "passed": wrong == 0,
    }
    if not json:
        for name, row in figures["by_change"].items():
            print(f"{name:10s} {row['changes']:6d} changes, {row['missed']} missed")
        print(f"{total} changes, {wrong} missed (95 % bound {figures['missed_at_most']:.2%}), {figures['seconds']} s")
    return figures
