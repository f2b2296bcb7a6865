"""The shop's eyes as a child process that is watched over; nothing that needs video or a network is loaded here."""

import asyncio
import logging
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import orjson

from walkout.live.inbox import FPS
from walkout.live.source import Broker
from walkout.recording.video import VideoMissingError

log = logging.getLogger(__name__)
WATCH_S: Final = 0.5
STEADY_S: Final = 20.0
MOST_WAIT_S: Final = 30.0
NEEDED: Final = ("av", "onnxruntime", "cv2")


@dataclass(frozen=True, slots=True)
class Looking:
    """What the eyes of one shop need to run; `model` as `model_named` takes it, `urls` by camera."""

    folder: str
    urls: Mapping[str, str]
    broker: Broker
    fps: float = FPS
    model: str = ""
    lookers: int = 1


def looking_at(
    folder: Path, urls: Mapping[str, str], *, fps: float = FPS, model: str = "", lookers: int = 1
) -> Looking:
    """How to look, with no broker yet.

    Raises:
        ValueError: there is no camera to look through.
        VideoMissingError: what is needed is not installed.
    """
    if not urls:
        raise ValueError("found no camera to look through, right: --camera NAME=rtsp://host/path")
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise VideoMissingError(f"eyes need {', '.join(missing)}, which are optional; './run extras' installs them")
    return Looking(str(folder.resolve()), dict(urls), Broker("", 0, "", ""), fps, model, lookers)


class Keeper:
    """Keeps one child that looks, and starts it again when it dies; later and later where it dies young."""

    def __init__(self, how: Looking) -> None:
        self._how = how
        self.child: subprocess.Popen[bytes] | None = None
        self.starts = 0

    async def run(self) -> None:
        """Look after it until cancelled, then end it."""
        wait_s = WATCH_S
        try:
            while True:
                self.child, began_s = await asyncio.to_thread(start, self._how), time.monotonic()
                self.starts += 1
                while self.child.poll() is None:
                    await asyncio.sleep(WATCH_S)
                _let_go(self.child)
                lived_s = time.monotonic() - began_s
                wait_s = WATCH_S if lived_s > STEADY_S else min(2 * wait_s, MOST_WAIT_S)
                log.warning("the eyes ended (%s) after %.0f s; again in %.1f s", self.child.returncode, lived_s, wait_s)
                await asyncio.sleep(wait_s)
        finally:
            if self.child is not None:
                await asyncio.to_thread(stop, self.child)


def start(how: Looking) -> subprocess.Popen[bytes]:
    """Start a child that looks; end it with `stop`."""
    source = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))  # noqa: PTH120 - for PYTHONPATH
    paths = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH", "")]))
    child = subprocess.Popen(
        [sys.executable, "-m", "walkout.live.eye_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **os.environ, "PYTHONPATH": paths},
        start_new_session=True,  # Ctrl-C is for the shop, which ends its eyes itself
    )
    assert child.stdin is not None  # noqa: S101 - a pipe was asked for
    with suppress(BrokenPipeError):  # it died at once: whoever watches sees that
        child.stdin.write(orjson.dumps(asdict(how), default=str) + b"\n")
        child.stdin.flush()
    return child


def stop(child: subprocess.Popen[bytes]) -> None:
    """End a child and wait for it."""
    _let_go(child)
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _let_go(child: subprocess.Popen[bytes]) -> None:
    """Close the pipe at whose end it ends."""
    if child.stdin is not None:
        with suppress(BrokenPipeError):
            child.stdin.close()
