"""Money exactly once: a shop's payments under every fault of a provider, and through crashes. All simulated.

Each row plays the same visits (overlapping, with parties that a person looks at, revisions down, additions by the
shopper) against the fake provider with one fault at a share of all requests, then holds the provider's books against
the receipts. `whole`: each operation took effect at most once, and captured and charged less refunded is the last
receipt's total, less what was declined and is stated so. Killed rows are real processes, ended by SIGKILL.
"""

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from benchmarks._money import Play, Saboteur, accounts, at_rate, crash_often, story
from walkout.checkout.faults import Fault
from walkout.checkout.reconcile import reconcile
from walkout.checkout.storage import connect, open_database

ROOT = Path(__file__).resolve().parent.parent
VISITS, RATE, CRASH_WITHIN, CRASH_VISITS, KILLS, KILL_VISITS = 60, 0.3, 400, 20, 12, 30
SEED = 7
STATED = {"not collected", "owed to the shopper"}
"""Differences that say a decline, and no fault of ours."""


def run(
    json: bool, data: Path | None = None, visits: int = VISITS, kills: int = KILLS, kill_visits: int = KILL_VISITS
) -> dict[str, Any]:
    """Measure; print a table unless `json`. `data` is not used; `passed`: every visit's money was whole."""
    del data
    rows = [_row(fault.value, visits, fault) for fault in Fault]
    rows.append(_row("any of these", visits, None))
    rows.append(_crashed("crash at any statement", min(visits, CRASH_VISITS)))
    if kills:
        rows.append(_killed(kills, kill_visits))
    passed = all(row["whole"] == row["visits"] and not row["differences"] for row in rows)
    figures = {"origin": "simulated", "rate": RATE, "seed": SEED, "rows": rows, "passed": passed}
    if not json:
        _show(rows)
    return figures


def _row(name: str, visits: int, fault: Fault | None) -> dict[str, Any]:
    with _folder() as folder:
        started = time.perf_counter()
        play = Play(open_database(folder / "ledger.db", durable=False), folder / "books.db", at_rate(fault, RATE, SEED))
        play.run(story(SEED, visits), SEED)
        return _held(name, play, time.perf_counter() - started)


def _crashed(name: str, visits: int) -> dict[str, Any]:
    with _folder() as folder:
        open_database(folder / "ledger.db", durable=False).dispose()
        started = time.perf_counter()

        def make(saboteur: Saboteur) -> Play:
            engine = connect(folder / "ledger.db", durable=False)
            return Play(engine, folder / "books.db", at_rate(None, RATE, SEED), saboteur)

        play, crashes = crash_often(make, story(SEED, visits), SEED, CRASH_WITHIN)
        return _held(f"{name}, {crashes} times", play, time.perf_counter() - started)


def _killed(kills: int, visits: int) -> dict[str, Any]:
    with _folder() as folder:
        started = time.perf_counter()
        done = kill_often(folder, kills, visits, SEED)
        # One more life to the end, and the books at rest.
        play = Play(connect(folder / "ledger.db", durable=False), folder / "books.db", at_rate(None, RATE, SEED))
        play.run(story(SEED, visits), SEED)
        return _held(f"kill -9, {done} times", play, time.perf_counter() - started)


def kill_often(folder: Path, kills: int, visits: int, seed: int) -> int:
    """Start a process that plays, kill it at some moment, start it again; how often it died before its end."""
    random = Random(seed)  # noqa: S311 a simulation
    died = 0
    for _ in range(kills):
        names = [str(folder / "ledger.db"), str(folder / "books.db"), str(seed), str(visits), "any", str(RATE)]
        child = subprocess.Popen(  # noqa: S603 ourselves
            [sys.executable, "-m", "benchmarks._money", *names],
            cwd=ROOT,
            env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
            stdout=subprocess.PIPE,
        )
        assert child.stdout is not None
        child.stdout.readline()  # ready
        time.sleep(random.uniform(0.0, 0.4))
        child.send_signal(signal.SIGKILL)
        child.stdout.close()
        died += child.wait() == -signal.SIGKILL
    return died


def _held(name: str, play: Play, seconds: float) -> dict[str, Any]:
    """A play that ended, held against its receipts."""
    found = accounts(play)
    differences = reconcile(play.ledger, play.provider)
    uncollected = [one.payment.uncollected for one in found.values()]
    row = {
        "fault": name,
        "visits": len(found),
        "requests": play.provider.requests,
        "operations": sum(len(one.movements) for one in found.values()),
        "whole": sum(one.whole for one in found.values()),
        "doubled": sum(not one.once for one in found.values()),
        "above_receipt": sum(one.net > one.total and not one.payment.owed for one in found.values()),
        "receipts": str(sum((one.total for one in found.values()), Decimal(0))),
        "taken": str(sum((one.net for one in found.values()), Decimal(0))),
        "uncollected": str(sum(uncollected, Decimal(0))),
        "owed": str(sum((one.payment.owed for one in found.values()), Decimal(0))),
        "differences": sorted({one.what for one in differences} - STATED),
        "seconds": round(seconds, 2),
    }
    play.close()
    play.engine.dispose()
    return row


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="walkout-money-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _show(rows: list[dict[str, Any]]) -> None:
    print(f"simulated; each fault at {RATE:.0%} of all requests; amounts in EUR")
    print(f"{'fault':44} {'visits':>6} {'asked':>6} {'whole':>6} {'twice':>6} {'receipts':>9} {'taken':>9}", end=" ")
    print(f"{'declined':>9} {'owed':>7}")
    for row in rows:
        print(f"{row['fault']:44} {row['visits']:6} {row['requests']:6} {row['whole']:6} {row['doubled']:6}", end=" ")
        print(f"{row['receipts']:>9} {row['taken']:>9} {row['uncollected']:>9} {row['owed']:>7}", end=" ")
        print(", ".join(row["differences"]))
    ok = all(row["whole"] == row["visits"] and not row["differences"] for row in rows)
    print(f"{'met   ' if ok else 'MISSED'} every visit's money exactly once, as its last receipt says")


if __name__ == "__main__":
    run(json=False)
