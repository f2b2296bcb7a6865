"""kill -9 at random moments of a shop's day: no visit, receipt or charge lost or doubled. All simulated.

A day of the twin is fed to a shop once undisturbed, and again by lives of one shop that are each ended by SIGKILL at a
random moment. In the end receipts (byte for byte), revisions and what each visit paid must be the undisturbed run's,
and the software's decisions those of `walkout replay` of the journal, but for the number of the revision. The last row
also has a provider that times out, answers late and twice.
"""

import json as _json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from benchmarks._shop_life import Life, forked, remains
from walkout.live.replay import replay, replay_json
from walkout.recording.reader import open_recording
from walkout.store.folder import load
from walkout.twin.record import record

ROOT = Path(__file__).resolve().parent.parent
KILLS, SHOPPERS, MINUTES, SEED = 200, 20, 6.0, 11


def run(
    json: bool,
    data: Path | None = None,
    kills: int = KILLS,
    shoppers: int = SHOPPERS,
    minutes: float = MINUTES,
    seconds: float = 3600.0,
) -> dict[str, Any]:
    """Measure in a process of its own (it forks); print a table unless `json`. `data` is not used.

    After so many `seconds` the day that goes on is lived to its end, and the rows say how many kills there were.
    """
    del data
    arguments = [sys.executable, "-m", "benchmarks.kills", str(kills), str(shoppers), str(minutes), str(seconds)]
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(arguments, env=environment, stdout=subprocess.PIPE, check=True)  # noqa: S603 - ourselves
    figures: dict[str, Any] = orjson.loads(done.stdout)
    if not json:
        _show(figures)
    return figures


def measure(kills: int, shoppers: int, minutes: float, seconds: float) -> dict[str, Any]:
    """Play the day, live it undisturbed, then with kills."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = load(ROOT / "examples" / "sample-store")
        day = record(store, folder / "day.mcap", shoppers=shoppers, minutes=minutes, seed=SEED)
        whole_s = forked(folder / "undisturbed", day, None, None)
        expected = remains(folder / "undisturbed", day)
        rows = [_row("undisturbed", expected, expected, 0, whole_s, folder / "undisturbed")]
        for label, share, faulty in (("kill -9", 0.75, None), ("kill -9, provider fails", 0.25, SEED)):
            wanted, done, day_of, started = round(kills * share), 0, 0, time.perf_counter()
            random, worst = Random(f"{SEED}/{label}"), None  # noqa: S311 - no secret
            budget_s = seconds * share
            while worst is None or (done < wanted and time.perf_counter() - started < budget_s):
                here = folder / f"{label}-{day_of}"
                # The same key, so that visits, named after a digest of the card, have the same names.
                shutil.copytree(folder / "undisturbed" / "secrets", here / "secrets")
                # Lives of about a seventh of a day: each day is ended some seven times.
                while done < wanted and not (here / "done").exists() and time.perf_counter() - started < budget_s:
                    forked(here, day, random.uniform(0.02, whole_s / 3.5), faulty)
                    done += 1
                if not (here / "done").exists():
                    forked(here, day, None, faulty)
                row = _row(label, remains(here, day), expected, done, time.perf_counter() - started, here)
                worst = row if worst is None else _worse(worst, row)
                day_of += 1
            rows.append({**worst, "days": day_of, "kills": done})
        good = all(row["equal"] and row["replay"] and not row["doubled"] + row["differences"] for row in rows)
        return {"origin": "simulated", "seed": SEED, "rows": rows, "passed": good}


def _row(label: str, life: Life, expected: Life, kills: int, seconds: float, folder: Path) -> dict[str, Any]:
    return {
        "label": label,
        "days": 1,
        "kills": kills,
        "visits": len(life.receipts),
        "receipts": sum(len(found) for found in life.receipts.values()),
        "equal": (life.receipts, life.net) == (expected.receipts, expected.net),
        "replay": replayed(folder / "journal") <= decisions(life.published),
        "doubled": life.doubled,
        "differences": life.differences,
        "seconds": round(seconds, 1),
    }


def _worse(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {
        **other,
        "visits": one["visits"] + other["visits"],
        "receipts": one["receipts"] + other["receipts"],
        "equal": one["equal"] and other["equal"],
        "replay": one["replay"] and other["replay"],
        "doubled": one["doubled"] + other["doubled"],
        "differences": one["differences"] + other["differences"],
    }


def decisions(published: list[bytes]) -> set[bytes]:
    """Published receipts without the number of the revision, their visits named as a replay names them.

    Of a visit that no gate told of a replay knows the tracker's id alone; a shop puts the instant behind it.
    """
    return {
        orjson.dumps(
            receipt | {"revision": 0, "visit": receipt["visit"].partition("@")[0]}, option=orjson.OPT_SORT_KEYS
        )
        for receipt in map(orjson.loads, published)
    }


def replayed(journal: Path) -> set[bytes]:
    """What an offline replay of a journal decides, as published."""
    result = orjson.loads(replay_json(replay(open_recording(journal))))
    return {orjson.dumps(one, option=orjson.OPT_SORT_KEYS) for one in result["receipts"]}


def _show(figures: dict[str, Any]) -> None:
    names = ("days", "kills", "visits", "receipts", "equal", "replay", "doubled", "differences", "seconds")
    table = Table("", *names)
    for row in figures["rows"]:
        table.add_row(row["label"], *(str(row[name]) for name in names))
    Console(width=130, highlight=False).print(table)


if __name__ == "__main__":
    print(_json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))))
