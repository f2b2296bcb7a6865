"""A shop, a broker and the twin on this machine, for tests of the whole wire."""

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from walkout.live import broker as embedded
from walkout.live.accounts import SHOP, TWIN, Account, accounts, mosquitto_files
from walkout.live.secrets import Secrets
from walkout.live.shop import Shop
from walkout.live.source import Broker
from walkout.live.till import Wishes, open_till
from walkout.store.folder import load
from walkout.store.shop import Store

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "sample-store"
WISHES = Wishes(any_card=True, answer_within_ns=0, durable=False)
HOW = "no Mosquitto here: apt install mosquitto"


def mosquitto() -> str | None:
    return shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(kind: str, store: Store, folder: Path) -> Iterator[tuple[int, dict[str, Account]]]:
    """A broker of one kind on a port, and who has an account."""
    who = accounts(store, Secrets(folder / "secrets"))
    port = free_port()
    if kind == "amqtt":
        child = embedded.start(who, port)
        try:
            yield port, {one.name: one for one in who}
        finally:
            embedded.stop(child)
        return
    program = mosquitto()
    if program is None:
        pytest.skip(HOW)
    settings = mosquitto_files(folder / "mosquitto", who, port)
    process = subprocess.Popen([program, "-c", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(port)
        yield port, {one.name: one for one in who}
    finally:
        process.terminate()
        process.wait()


def wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nothing listens on {port}")


def shop_at(folder: Path, store: Store, port: int | None, who: dict[str, Account], **wishes: Any) -> Shop:
    from dataclasses import replace

    wanted = replace(WISHES, **wishes)
    at = None if port is None else Broker("127.0.0.1", port, SHOP, who[SHOP].password)
    return Shop(lambda: open_till(store, folder, wishes=wanted), store.name, at)


def twin_at(port: int, who: dict[str, Account]) -> Broker:
    return Broker("127.0.0.1", port, TWIN, who[TWIN].password)


async def until(what: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise AssertionError(f"it did not come to pass within {seconds} s")
        await asyncio.sleep(0.05)


def sample() -> Store:
    return load(SAMPLE)
