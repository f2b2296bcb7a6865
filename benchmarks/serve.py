"""How fast a shop says what it thinks: exit message to provisional receipt, and how much it takes before that is slow.

Simulated, over a real Mosquitto on this machine, the twin's devices in a process of their own. First the bare broker:
how many such messages a second it carries from one client to another. Then the shop, in real time and at rising speed
of the twin, until the 99th percentile passes 1 s: the time from an exit message's arrival to its provisional receipt in
the ledger, and messages a second and visits an hour at the last speed that held.
"""

import asyncio
import multiprocessing
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiomqtt
from rich.console import Console
from rich.table import Table

from walkout.live.accounts import SHOP, TWIN, Account, accounts, mosquitto_files
from walkout.live.payload import encode_plates
from walkout.live.performer import Performer
from walkout.live.secrets import Secrets
from walkout.live.shop import Shop
from walkout.live.source import AT_ONCE, Broker
from walkout.live.till import Wishes, open_till
from walkout.store.folder import load
from walkout.store.shop import Store
from walkout.twin.settings import DEFAULT
from walkout.twin.shoppers import arrivals
from walkout.twin.simulation import Simulation

ROOT = Path(__file__).resolve().parent.parent
SPEEDS = (1.0, 2.0, 4.0, 8.0, 16.0)
SECONDS, BARE_S, PER_HOUR = 40.0, 4.0, 240
LIMIT_S = 1.0
FLYING = 8
BEGUN = "begun"


def run(json: bool, data: Path | None = None, seconds: float = SECONDS) -> dict[str, Any]:
    """Measure; print a table unless `json`. `data` is not used; `passed`: p99 at real time is at most 1 s."""
    del data
    figures = asyncio.run(_measure(seconds))
    if not json:
        _show(figures)
    return figures


async def _measure(seconds: float) -> dict[str, Any]:
    store = load(ROOT / "examples" / "sample-store")
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    if not Path(program).exists():
        raise FileNotFoundError(program)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        who = {one.name: one for one in accounts(store, Secrets(folder / "secrets"))}
        with _mosquitto(program, folder, who) as port:
            bare = await _bare(store, Broker("127.0.0.1", port, TWIN, who[TWIN].password))
            rows = []
            for speed in SPEEDS:
                row = await _shop(store, folder / f"shop-{speed:g}", port, who, speed, seconds)
                rows.append(row)
                if row["p99_s"] is None or row["p99_s"] > LIMIT_S:
                    break
    held = [row for row in rows if row["p99_s"] is not None and row["p99_s"] <= LIMIT_S]
    return {
        "origin": "simulated",
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "bare_messages_s": bare,
        "rows": rows,
        "most_messages_s": max((row["messages_s"] for row in held), default=None),
        "most_visits_h": max((row["visits_h"] for row in held), default=None),
        "passed": bool(held) and rows[0] in held,
    }


async def _shop(
    store: Store, folder: Path, port: int, who: dict[str, Account], speed: float, seconds: float
) -> dict[str, Any]:
    wishes = Wishes(any_card=True)
    shop = Shop(
        lambda: open_till(store, folder, wishes=wishes), store.name, Broker("127.0.0.1", port, SHOP, who[SHOP].password)
    )
    await shop.open()
    apart = multiprocessing.get_context("spawn")
    ours, theirs = apart.Pipe()
    # Devices are computers of their own: what the twin's cost is not the shop's.
    twin = apart.Process(target=_play, args=(Broker("127.0.0.1", port, TWIN, who[TWIN].password), speed, theirs))
    twin.start()
    theirs.close()
    await asyncio.to_thread(ours.poll, 60.0)
    ours.recv()  # it has begun
    started, spent = time.perf_counter(), time.process_time()
    # At least as long as somebody needs to come in and go out again.
    await asyncio.sleep(max(seconds, 90.0 / speed))
    spent_s, busy_s = time.perf_counter() - started, time.process_time() - spent
    figures = shop.figures()
    delays = sorted(shop.latency_s)
    visits = len(shop.till.ledger.visits())
    ours.send(None)
    published, late_s = await asyncio.to_thread(ours.recv)
    await asyncio.to_thread(twin.join)
    row = {
        "speed": speed,
        "messages_s": round(shop.taken / spent_s, 1),
        "published_s": round(published / spent_s, 1),
        "twin_late_s": round(late_s, 2),
        "cores_used": round(busy_s / spent_s, 2),
        "exits": len(delays),
        "p50_s": round(delays[len(delays) // 2], 3) if delays else None,
        "p99_s": round(delays[min(len(delays) - 1, int(0.99 * len(delays)))], 3) if delays else None,
        "visits_h": round(visits / spent_s * 3600),
        "lag_ms": figures["lag_ms"],
    }
    await shop.close()
    return row


def _play(at: Broker, speed: float, says: Connection) -> None:
    """The devices, in a process of their own: publishes until it is told to stop; then says how much, and how late."""
    asyncio.run(_played(at, speed, says))


async def _played(at: Broker, speed: float, says: Connection) -> None:
    store = load(ROOT / "examples" / "sample-store")
    coming = arrivals(5, DEFAULT, shoppers=PER_HOUR, minutes=60.0)
    twin = Performer(store, at, seed=5, arrivals=coming, speed=speed)
    playing = asyncio.create_task(twin.run())
    while twin.published == 0 and not playing.done():
        await asyncio.sleep(0.02)
    says.send(BEGUN)
    await asyncio.to_thread(says.recv)
    published, late_s = twin.published, twin.late_s
    playing.cancel()
    await asyncio.gather(playing, return_exceptions=True)
    says.send((published, late_s))


async def _bare(store: Store, at: Broker) -> float:
    """Messages a second from one client to another, of a batch's size, quality of service 1, a few on their way."""
    batch = next(iter(Simulation(store, 1).batches(store.fixtures[0].id, 0, 0.0)))[1]
    data, topic, got = encode_plates(batch, "bare"), "walkout/sample-corner-shop/plates/bare", 0

    async def hear(client: aiomqtt.Client) -> None:
        nonlocal got
        async for _ in client.messages:
            got += 1

    async def say(client: aiomqtt.Client, until: float) -> None:
        while time.perf_counter() < until:
            await client.publish(topic, data, qos=1)

    def client() -> aiomqtt.Client:
        return aiomqtt.Client(at.host, at.port, username=at.name, password=at.password, socket_options=AT_ONCE)

    async with client() as ear, client() as mouth:
        await ear.subscribe(topic, qos=1)
        task = asyncio.create_task(hear(ear))
        until = time.perf_counter() + BARE_S
        await asyncio.gather(*(say(mouth, until) for _ in range(FLYING)))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return round(got / BARE_S, 1)


@contextmanager
def _mosquitto(program: str, folder: Path, who: dict[str, Account]) -> Iterator[int]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    settings = mosquitto_files(folder / "mosquitto", tuple(who.values()), port)
    quiet = subprocess.DEVNULL
    child = subprocess.Popen([program, "-c", str(settings)], stdout=quiet, stderr=quiet)  # noqa: S603 - found above
    try:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), 0.2).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        child.terminate()
        child.wait()


def _show(figures: dict[str, Any]) -> None:
    names = ("speed", "messages_s", "twin_late_s", "cores_used", "exits", "p50_s", "p99_s", "visits_h", "lag_ms")
    table = Table(*names)
    for row in figures["rows"]:
        table.add_row(*(str(row[name]) for name in names))
    console = Console(width=120, highlight=False)
    console.print(f"bare broker: {figures['bare_messages_s']} messages/s; load of the machine {figures['load']:.1f}")
    console.print(table)
