"""Work on several processes: in order, and over at once when nobody waits for it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from walkout.cli.pool import in_order

ROOT = Path(__file__).resolve().parents[2]
LONG_S = 60.0


def numbers() -> Iterator[int]:
    return iter(range(7))


def doubled(number: int) -> int:
    return 2 * number


def naps() -> Iterator[float]:
    return iter([0.0, LONG_S, LONG_S, LONG_S])


def sleeping(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order(workers: int) -> None:
    assert list(in_order(numbers, doubled, workers)) == [2 * number for number in range(7)]


def test_whoever_stops_listening_does_not_wait_for_the_rest() -> None:
    results = in_order(naps, sleeping, 2)
    assert next(results) == 0.0
    start = time.monotonic()
    results.close()  # type: ignore[attr-defined]
    assert time.monotonic() - start < LONG_S / 4


SCRIPT = """
import signal
from tests.cli.test_pool import naps, sleeping
from walkout.cli.pool import in_order
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs begin with it ignored
    try:
        for _ in in_order(naps, sleeping, 2):
            print("ready", flush=True)
    except KeyboardInterrupt:
        print("stopped", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals to a group of processes")
def test_ctrl_c_ends_at_once_and_leaves_no_process(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    with subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        start = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        said, complained = process.communicate(timeout=2 * LONG_S)
    assert time.monotonic() - start < 2 * LONG_S
    assert said == "stopped\n"
    assert "Traceback" not in complained
    # The group is gone with its last process; the standard library's own helper takes a moment.
    while _alive(process.pid) and time.monotonic() - start < LONG_S / 2:
        time.sleep(0.05)
    assert not _alive(process.pid)


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
