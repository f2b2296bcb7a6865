"""A shop's day over real wires: the twin's devices through a real Mosquitto, its cameras over real RTSP, into one shop.

All simulated. In the end the software's decisions must be those of `walkout replay` of the journal, byte for byte but
for the revision's number; every message must have come once; video must have come, and none of it may lie on the disk
in plaintext. The pictures are of moving noise, not of the twin: what is measured is the way, not what can be seen.
"""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from rich.console import Console
from rich.table import Table
from tests.live.rtsp_server import RtspServer, units

from benchmarks.kills import decisions, replayed
from benchmarks.serve import _mosquitto
from walkout.live.accounts import SHOP, TWIN, Account, accounts
from walkout.live.camera_watch import CameraWatch
from walkout.live.performer import Performer
from walkout.live.secrets import Secrets
from walkout.live.shop import Shop
from walkout.live.source import Broker
from walkout.live.till import Till, Wishes, open_till
from walkout.store.folder import load
from walkout.store.shop import Store
from walkout.twin.camera.encode import Encoder
from walkout.twin.settings import DEFAULT
from walkout.twin.shoppers import arrivals

ROOT = Path(__file__).resolve().parent.parent
SHOPPERS, MINUTES, SPEED, SEED = 60, 30.0, 2.0, 17
RATE_HZ, PICTURES = 10.0, 40
WAIT_S = 180.0
PIECE = slice(8, 68)


def run(
    json: bool,
    data: Path | None = None,
    shoppers: int = SHOPPERS,
    minutes: float = MINUTES,
    speed: float = SPEED,
    cameras: int = 2,
) -> dict[str, Any]:
    """Measure; print a table unless `json`. `data` is not used; `cameras`: so many streams at once."""
    del data
    with tempfile.TemporaryDirectory() as name:
        figures = asyncio.run(_measure(Path(name), shoppers, minutes, speed, cameras))
    if not json:
        table = Table("", "")
        for key, value in figures.items():
            table.add_row(key, str(value))
        Console(width=120, highlight=False).print(table)
    return figures


async def _measure(folder: Path, shoppers: int, minutes: float, speed: float, cameras: int) -> dict[str, Any]:
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    if not Path(program).exists():
        raise FileNotFoundError(program)
    store = load(ROOT / "examples" / "sample-store")
    who = {one.name: one for one in accounts(store, Secrets(folder / "shop" / "secrets"))}
    film = _film()
    servers = {camera.id: RtspServer(film, RATE_HZ) for camera in store.cameras[:cameras]}
    started = time.perf_counter()
    try:
        with _mosquitto(program, folder, who) as port:
            found = await _day(store, folder / "shop", port, who, servers, (shoppers, minutes, speed))
    finally:
        for one in servers.values():
            one.kill()
    shop, twin, frames = found
    issued = _issued(store, folder / "shop")
    offline = replayed(folder / "shop" / "journal")
    named = {orjson.loads(one)["visit"] for one in offline}
    pieces = {unit[PIECE] for frame in film for unit in units(frame) if len(unit) > 100}
    files = [path for path in (folder / "shop").rglob("*") if path.is_file()]
    plain = sum(any(piece in data for piece in pieces) for data in (path.read_bytes() for path in files))
    devices = shop.intake.devices.values()
    lost = sum(device.missing + device.duplicates + device.malformed for device in devices)
    figures = {
        "origin": "simulated",
        "visits": len(twin.visits),
        "unannounced": len(offline) - len(twin.visits),
        "messages": shop.taken,
        "lost_or_doubled": lost,
        "receipts_replayed": len(offline),
        "replay_equal": bool(offline) and offline <= decisions(issued) and set(twin.visits.values()) <= named,
        "camera_frames": frames,
        "plaintext_files": plain,
        "seconds": round(time.perf_counter() - started, 1),
    }
    good = figures["replay_equal"] and not lost and not plain and (frames > 0 or not servers)
    return {**figures, "passed": bool(good)}


async def _day(
    store: Store,
    folder: Path,
    port: int,
    who: dict[str, Account],
    servers: dict[str, RtspServer],
    day: tuple[int, float, float],
) -> tuple[Shop, Performer, int]:
    shoppers, minutes, speed = day
    shop = Shop(lambda: _till(store, folder), store.name, Broker("127.0.0.1", port, SHOP, who[SHOP].password))
    await shop.open()
    shop.watch = watch = CameraWatch({name: one.url for name, one in servers.items()}, shop.till.vault)
    watch.start()
    try:
        coming = arrivals(SEED, DEFAULT, shoppers=shoppers, minutes=minutes)
        at = Broker("127.0.0.1", port, TWIN, who[TWIN].password)
        twin = Performer(store, at, seed=SEED, arrivals=coming, speed=speed)
        playing = asyncio.create_task(twin.run())
        moved, before = time.monotonic(), (0, 0)
        while twin.busy or not twin.truth or len(shop.till.ledger.visits()) > len(_done(shop)):
            if playing.done():
                await playing
            now = (shop.taken if twin.busy else 0, len(_done(shop)))
            if now != before:
                moved, before = time.monotonic(), now
            if time.monotonic() > moved + WAIT_S:
                raise TimeoutError(_stuck(shop, twin))
            await asyncio.sleep(0.2)
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
    finally:
        await asyncio.to_thread(watch.stop)
        await shop.close()
    return shop, twin, watch.frames


def _stuck(shop: Shop, twin: Performer) -> str:
    here, done = shop.till.ledger.visits(), _done(shop)
    playing = "is still playing" if twin.busy else "has ended"
    return (
        f"nothing went on for {WAIT_S:.0f} s: the twin {playing}, {len(done)} of {len(here)} visits are settled, left: "
        f"{', '.join(sorted(set(here) - set(done))[:5]) or 'none'}; {'; '.join(shop.degraded()) or 'all is well'}"
    )


def _till(store: Store, folder: Path) -> Till:
    return open_till(store, folder, wishes=Wishes(any_card=True, answer_within_ns=0))


def _done(shop: Shop) -> tuple[str, ...]:
    return shop.till.ledger.visits("settled")


def _issued(store: Store, folder: Path) -> list[bytes]:
    till = _till(store, folder)
    try:
        return [one.published for visit in till.ledger.visits() for one in till.ledger.receipts(visit)]
    finally:
        till.close(snapshot=False)


def _film() -> list[bytes]:
    encoder, random = Encoder(320, 180, RATE_HZ, kind="h264", quality=20), np.random.default_rng(SEED)
    still = random.integers(0, 255, (180, 320, 3), dtype=np.uint8)
    return [part.data for k in range(PICTURES) for part in encoder.push(np.roll(still, 8 * k, 1), k)]
