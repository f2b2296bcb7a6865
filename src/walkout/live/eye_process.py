"""The eyes at work: for `walkout eyes` on any machine, and as the child of a shop, which `eye_keeper` starts.

Run as `python -m walkout.live.eye_process`; what it needs comes on stdin as one line of JSON, since cameras' addresses
and the broker's password must not stand in a list of processes, and it ends when stdin does.
"""

import asyncio
import logging
import os
import secrets
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any, Final

import numpy as np
import orjson

from walkout.live.eye_keeper import Looking
from walkout.live.eyes import Eyes, figures_json
from walkout.live.source import Broker
from walkout.live.voice import Voice
from walkout.sensing.vision.adapters import model_named
from walkout.store.folder import load

log = logging.getLogger(__name__)
NICE: Final = 5
"""Eyes of the shop's own machine step back behind the shop: a frame dropped costs less than a receipt that is late."""
WATCH_S: Final = 0.5


async def look(how: Looking, ends: asyncio.Event, opened: Callable[[], None] | None = None) -> dict[str, Any]:
    """Look and tell until `ends` is set; how it went.

    Raises:
        StoreError, ModelFileError, OSError, VideoMissingError, ValueError: the store, the network or the cameras
            cannot be used.
        RuntimeError: a look failed.
    """
    store, model = load(Path(how.folder)), model_named(how.model)
    model(np.zeros((36, 64, 3), np.uint8))  # what is compiled at its first use is there before anybody comes in
    seed = secrets.token_bytes(32)
    boot = f"eyes-{time.time_ns() // 1_000_000:x}-{secrets.token_hex(2)}"
    voice = Voice(store.name, how.broker, boot)
    eyes = Eyes(store, how.urls, model, voice.tell, fps=how.fps, seed=seed, lookers=how.lookers)
    voice.words = eyes.words
    speaking = asyncio.create_task(voice.run())
    await asyncio.to_thread(eyes.start)
    began: tuple[float, float, int] | None = None
    """Wall time, processor time and pictures when the first people were told: from then on it is steady."""
    try:
        if opened is not None:
            opened()
        while not ends.is_set() and not eyes.trouble:
            if began is None and voice.said:
                began = (time.monotonic(), time.process_time(), eyes.figures().looked)
            with suppress(TimeoutError):
                await asyncio.wait_for(ends.wait(), WATCH_S)
        figures = figures_json(eyes.figures(), eyes.health())
        figures |= {"said": voice.said, "unsaid": voice.dropped, "model": model.name}
        figures |= {"latency_p50_ms": voice.latency_ms(0.5), "latency_p99_ms": voice.latency_ms(0.99)}
        figures |= _cost(began, eyes.figures().looked)
    finally:
        await asyncio.to_thread(eyes.stop)
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
    if eyes.trouble:
        raise RuntimeError(f"the eyes failed: {eyes.trouble}")
    return figures


def _cost(began: tuple[float, float, int] | None, looked: int) -> dict[str, float | None]:
    """Processor time a picture, and how much of a core that was."""
    if began is None or looked <= began[2]:
        return {"processor_ms_a_picture": None, "cores_used": None}
    wall_s, used_s = time.monotonic() - began[0], time.process_time() - began[1]
    return {
        "processor_ms_a_picture": round(1000 * used_s / (looked - began[2]), 2),
        "cores_used": round(used_s / wall_s, 2),
    }


async def _serve(how: Looking) -> None:
    ends, loop = asyncio.Event(), asyncio.get_running_loop()

    def wait_for_end() -> None:
        sys.stdin.buffer.read()
        with suppress(RuntimeError):  # the loop has ended before
            loop.call_soon_threadsafe(ends.set)

    # The shop holds the other end of stdin: when it is gone, so are its eyes.
    Thread(target=wait_for_end, daemon=True).start()
    await look(how, ends)


def main() -> None:
    """Read what is needed from stdin and look until it ends."""
    logging.basicConfig(level=logging.WARNING, format="eyes: %(message)s")
    value = orjson.loads(sys.stdin.buffer.readline())
    broker = Broker(**{**value["broker"], "ca": value["broker"]["ca"] and Path(value["broker"]["ca"])})
    how = Looking(**{**value, "broker": broker})
    os.nice(NICE)
    try:
        asyncio.run(_serve(how))
    except Exception as error:  # noqa: BLE001 - said in one line, since it goes into the shop's own log
        log.error("%s: %s", type(error).__name__, error)
        sys.stderr.flush()
        os._exit(1)  # a thread still reads stdin, which Python would close first
    os._exit(0)


if __name__ == "__main__":
    main()
