"""Wrong input by the hundred thousand: every parser refuses, or lists what it lost; none crashes or hangs."""

import argparse
import faulthandler
import json as json_module
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from tests.recording.aifi.fuzz import archive_inputs, fuzz_archive, fuzz_readings, readings_inputs
from tests.recording.fuzz import aifi_inputs, fuzz_aifi, fuzz_mcap, mcap_inputs
from tests.store.fuzz import fuzz_store

from walkout.recording.records import MAGIC
from walkout.store.folder import FILES

INPUTS: Final = 100_000
LIMIT_S: Final = 10.0
"""An input of a few kB that takes longer counts as a hang; real ones take milliseconds."""
SHARE: Final = 2_000
"""Inputs of one job; its number is their seed, so that every failure can be made again."""
RAW: Final = 0.1
"""Share of inputs that are raw bytes rather than a damaged valid file."""


class Hang(BaseException):
    """An input took longer than the limit; no `except Exception` of a parser can swallow it."""


@dataclass(frozen=True, slots=True)
class Parser:
    """What reads input, and what makes it; the answer of `read` is one of refused, lossy, whole, or None."""

    read: Callable[[Any], str | None]
    inputs: Callable[[int, int], Iterator[Any]]
    wrap: Callable[[bytes], Any]
    """Raw bytes to an input."""


@dataclass(slots=True)
class Outcome:
    """What some inputs led to."""

    inputs: int
    answers: Counter[str]
    crashes: list[dict[str, Any]]
    hangs: list[dict[str, Any]]
    slowest_s: float = 0.0
    slowest_seed: str = ""


def store_inputs(seed: int, count: int) -> Iterator[bytes]:
    """What `fuzz_store` takes: a choice of file and place, then words of its own language and raw bytes."""
    rng = random.Random(seed)  # noqa: S311
    words = (
        b"fixtures:\n", b"- id: '1'\n", b"  shelves: []\n", b"plates: &a [*a]\n", b"x_m: .nan\n", b"!!python/object:x",
        b"mass_g", b"gtin,name\n", b"00000000000017", b"0", b"-1", b"1e999", b'"', b"\n", b",", b"\x00", b"\xff\xfe",
        b"1 2 3", b"=1+1", b"\xef\xbb\xbf", b"{", b"[" * 50, b"? ", b"<<: *a\n", b"simulated", b"9" * 400,
    )  # fmt: skip
    for _ in range(count):
        body = b"".join(rng.choice(words) if rng.random() < 0.8 else rng.randbytes(3) for _ in range(rng.randrange(12)))
        yield bytes((rng.randrange(256),)) + rng.randbytes(3) + body


def raw_file(data: bytes) -> dict[str, bytes]:
    """A whole case with one file of raw bytes."""
    files = next(aifi_inputs(0, 1))
    name = sorted(files)[len(data) % len(files)]
    return files | {name: data}


PARSERS: Final = {
    "store folder": Parser(fuzz_store, store_inputs, lambda data: data),
    "recording": Parser(fuzz_mcap, mcap_inputs, lambda data: MAGIC + data),
    "AiFi JSON lines": Parser(fuzz_aifi, aifi_inputs, raw_file),
    "AiFi archive": Parser(fuzz_archive, archive_inputs, lambda data: b"\x6d\xe2\x99\x81" + data),
    "AiFi CSV": Parser(fuzz_readings, readings_inputs, lambda data: b"timestamp,reading,gondola,shelf,plate\n" + data),
}


def run(json: bool, data: Path, inputs: int = INPUTS) -> dict[str, Any]:
    """Feed `inputs` inputs to every parser; `data` is not used, the seeds make them all."""
    del data
    figures: dict[str, Any] = {
        "inputs_each": inputs,
        "limit_s": LIMIT_S,
        "files_of_a_store": list(FILES),
        "parsers": {},
    }
    workers = max(1, min(os.cpu_count() or 1, 8))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for name in PARSERS:
            start = time.monotonic()
            shares = [(name, seed, min(SHARE, inputs - seed * SHARE)) for seed in range(-(-inputs // SHARE))]
            found = merged(pool.map(share, shares))
            row = {
                "inputs": found.inputs,
                **{answer: found.answers[answer] for answer in sorted(found.answers)},
                "crashes": len(found.crashes),
                "hangs": len(found.hangs),
                "slowest_s": round(found.slowest_s, 3),
                "slowest": found.slowest_seed,
                "seconds": round(time.monotonic() - start, 1),
                "first_failures": (found.crashes + found.hangs)[:5],
            }
            figures["parsers"][name] = row
            if not json:
                show(name, row)
    rows = figures["parsers"].values()
    figures["passed"] = all(not row["crashes"] and not row["hangs"] for row in rows)
    return figures


def share(job: tuple[str, int, int]) -> Outcome:
    """Some inputs for one parser, in a process of its own."""
    name, seed, count = job
    parser = PARSERS[name]
    outcome = Outcome(count, Counter(), [], [])
    for number, data in enumerate(mixed(parser, seed, count)):
        start = time.perf_counter()
        place = f"seed {seed}, input {number}"
        try:
            with limited(LIMIT_S):
                answer = parser.read(data)
            outcome.answers[answer or "read"] += 1
        except Hang:
            outcome.hangs.append({"input": place, "error": f"more than {LIMIT_S} s"})
        except Exception as error:  # noqa: BLE001 every exception that gets here is a finding
            where = traceback.extract_tb(error.__traceback__)[-1]
            said = f"{type(error).__name__}: {str(error)[:200]} ({Path(where.filename).name}:{where.lineno})"
            outcome.crashes.append({"input": place, "error": said})
        took_s = time.perf_counter() - start
        # The first input of a process also compiles and imports.
        if number and took_s > outcome.slowest_s:
            outcome.slowest_s, outcome.slowest_seed = took_s, place
    return outcome


def mixed(parser: Parser, seed: int, count: int) -> Iterator[Any]:
    """Damaged files, and raw bytes between them."""
    rng = random.Random(seed)  # noqa: S311
    for data in parser.inputs(seed, count):
        yield parser.wrap(rng.randbytes(rng.randrange(300))) if rng.random() < RAW else data


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise Hang after some seconds where the system can; end the process where even that does not help."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: object) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    faulthandler.dump_traceback_later(6 * seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def merged(outcomes: Iterator[Outcome]) -> Outcome:
    """All shares of a parser together."""
    whole = Outcome(0, Counter(), [], [])
    for part in outcomes:
        whole.inputs += part.inputs
        whole.answers += part.answers
        whole.crashes += part.crashes
        whole.hangs += part.hangs
        if part.slowest_s > whole.slowest_s:
            whole.slowest_s, whole.slowest_seed = part.slowest_s, part.slowest_seed
    return whole


def show(name: str, row: dict[str, Any]) -> None:
    """One parser in a line, and what it failed at."""
    answers = ", ".join(f"{row[answer]} {answer}" for answer in ("refused", "lossy", "whole", "read") if answer in row)
    print(
        f"{name}: {row['inputs']} inputs: {answers}; {row['crashes']} crashes, {row['hangs']} hangs; "
        f"slowest {row['slowest_s'] * 1000:.0f} ms; {row['seconds']} s",
        flush=True,
    )
    for failure in row["first_failures"]:
        print(f"  {failure['input']}: {failure['error']}", flush=True)


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--inputs", type=int, default=INPUTS)
    given = arguments.parse_args()
    result = run(given.json, Path(), given.inputs)
    if given.json:
        print(json_module.dumps(result, indent=1))
    sys.exit(0 if result["passed"] else 1)
