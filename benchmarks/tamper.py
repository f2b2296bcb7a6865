"""How many random changes of a log, and of the database beside it, are found. Simulated.

Of the log: bits, dropped, moved, repeated and rewritten lines, cut files, of entries and checkpoints. Each change is
made by somebody who has the files and not the signing key; the auditor has the files, the fingerprint of the key, and
the witness's copy. Of the database of a small invented shop (receipts, looks, answers, hours, statements, money, public
words): one row is changed, moved or dropped, with the hashes beside it where that helps; the auditor has the log and
the shop's keys (disclosure/ledgers.py).
"""

import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks._a_month import Setting, play
from benchmarks._tampering import KEY, filled, put, random_changes, read
from benchmarks._tampering_rows import changed, disarmed
from walkout.checkout.storage import connect
from walkout.disclosure.ledgers import unlike
from walkout.evaluation.intervals import exact_share
from walkout.privacy.audit import audit
from walkout.privacy.checkpoint import public_bytes
from walkout.privacy.witness import COPY

CHANGES = range(10_000)
ROWS = 1_000
"""Changes of the database: each is held against the whole log, so they are fewer."""
SMALL = Setting(days=1, visits_a_day=14, team=2, shift_h=0.5, asks=0.4, audit=0.4, disputes=0.1, erased=1)


def run(json: bool, data: Path | None = None, seeds: range | None = None) -> dict[str, Any]:
    """Try every change; `data` is not used; of the database a tenth as many. Passed: none was missed."""
    del data
    tried: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    chosen = seeds or CHANGES
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        folder, outside, work = Path(place) / "log", Path(place) / "outside", Path(place) / "work"
        filled(folder, days=7, a_day=20, witness=outside)
        files = read(folder)
        assert audit(folder, key=public_bytes(KEY), witness=outside / COPY).whole
        work.mkdir()
        for seed in chosen:
            name, changed = random_changes(seed, files)
            if changed == files:
                continue
            put(work, changed)
            tried[name] += 1
            missed[name] += audit(work, key=public_bytes(KEY), witness=outside / COPY).whole
    rows, rows_missed, honest = _rows(chosen[: min(ROWS, max(1, len(chosen) // 10))])
    total, wrong = tried.total(), missed.total()
    figures: dict[str, Any] = {
        "changes": total,
        "missed": wrong,
        "missed_at_most": exact_share(wrong, total, 0.90)[1],
        "by_change": {name: {"changes": tried[name], "missed": missed[name]} for name in sorted(tried)},
        "rows": rows.total(),
        "rows_missed": rows_missed.total(),
        "rows_missed_at_most": exact_share(rows_missed.total(), rows.total(), 0.90)[1],
        "by_row": {name: {"changes": rows[name], "missed": rows_missed[name]} for name in sorted(rows)},
        "false_alarms": honest,
        "seconds": round(time.perf_counter() - start, 1),
        "passed": wrong + rows_missed.total() + honest == 0,
    }
    if not json:
        for name, row in figures["by_change"].items():
            print(f"{name:10s} {row['changes']:6d} changes, {row['missed']} missed")
        print(f"{total} changes of the log, {wrong} missed (95 % bound {figures['missed_at_most']:.2%})")
        for name, row in figures["by_row"].items():
            print(f"{name:34s} {row['changes']:5d} changes, {row['missed']} missed")
        bound = figures["rows_missed_at_most"]
        print(f"{rows.total()} changes of the database, {rows_missed.total()} missed (95 % bound {bound:.2%})")
        print(f"{honest} findings in the database that nobody changed; {figures['seconds']} s")
    return figures


def _rows(seeds: range) -> tuple[Counter[str], Counter[str], int]:
    """Changes of the database: tried and missed by kind, and what was found in the one that nobody changed."""
    tried: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place:
        shop = play(Path(place) / "shop", SMALL)
        entries = list(shop.vault.log.entries())
        honest = len(unlike(shop.engine, entries, shop.vault.keys))
        shop.engine.dispose()
        path, work = Path(str(shop.engine.url.database)), Path(place) / "work.db"
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        whole = path.read_bytes()
        for seed in seeds:
            work.write_bytes(whole)
            with closing(disarmed(work)) as database:
                name = changed(seed, database)
            engine = connect(work, durable=False)
            tried[name] += 1
            missed[name] += not unlike(engine, entries, shop.vault.keys)
            engine.dispose()
            for beside in ("-wal", "-shm"):
                work.with_name(f"{work.name}{beside}").unlink(missing_ok=True)
        shop.close()
    return tried, missed, honest
