"""Cameras of a running shop: real RTSP into the vault, health beside the other devices, and no plaintext on disk."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("av", reason="cameras need PyAV ('./run extras')")

from tests.live.rtsp_server import RtspServer, units
from tests.live.story import shop_in
from tests.live.wire import sample
from walkout.live.camera_link import Patience
from walkout.live.camera_watch import FILE, CameraWatch, links
from walkout.privacy.retention import Policy
from walkout.twin.camera.encode import Encoder

STORE = sample()
QUICK = Patience(connect_s=2.0, read_s=1.0, first_wait_s=0.05, most_wait_s=0.2, settle_s=0.3)
NAMES = [camera.id for camera in STORE.cameras][:2]


def film() -> list[bytes]:
    encoder, rng = Encoder(160, 96, 20.0, kind="h264", quality=10), np.random.default_rng(1)
    still = rng.integers(0, 255, (96, 160, 3), dtype=np.uint8)
    return [part.data for k in range(20) for part in encoder.push(np.roll(still, 8 * k, 1), k)]


def until(what: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def test_streams_go_into_the_vault_and_nowhere_else(tmp_path: Path) -> None:
    access = film()
    servers = {name: RtspServer(access, 20.0) for name in NAMES}
    shop = shop_in(tmp_path / "data", STORE)
    asyncio.run(shop.open(listen=False))
    try:
        shop.watch = watch = CameraWatch({name: one.url for name, one in servers.items()}, shop.till.vault, QUICK)
        watch.start()
        until(lambda: watch.frames >= 60 and all(one.state == "ok" for one in watch.health()))
        shop.look_after()
        rows = {row["id"]: row for row in shop.view.snapshot()["devices"] if row["kind"] == "camera"}
        assert set(rows) == set(NAMES)
        assert all(row["state"] == "ok" and row["rate_hz"] > 10 for row in rows.values())
        assert not [words for words in shop.degraded() if words.startswith("camera")]
        servers[NAMES[0]].kill()
        until(lambda: any(words.startswith(f"camera {NAMES[0]}: ") for words in shop.degraded()))
        assert "secret" not in str(shop.degraded()), "the password of the address is never shown"
        assert watch.stop()
        now_ns = time.time_ns()
        for name in NAMES:
            kept = list(shop.till.vault.raw(name, now_ns - 60 * 10**9, now_ns))
            assert {packet.data[-60:] for packet in kept} <= {unit[-60:] for unit in access}
            assert len(kept) >= 20
    finally:
        for one in servers.values():
            one.kill()
        asyncio.run(shop.close())
    held = {path: path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()}
    pictures = {unit[8:68] for frame in access for unit in units(frame) if len(unit) > 100}
    assert pictures
    assert not [path for path, data in held.items() if any(piece in data for piece in pictures)], "no plaintext video"
    assert any(path.suffix == ".seg" for path in held)


def test_video_ends_by_its_own_clock(tmp_path: Path) -> None:
    server = RtspServer(film(), 20.0)
    shop = shop_in(tmp_path / "data", STORE)
    asyncio.run(shop.open(listen=False))
    try:
        watch = CameraWatch({NAMES[0]: server.url}, shop.till.vault, QUICK)
        watch.start()
        until(lambda: watch.frames >= 10)
        watch.stop()
        watch.retain()
        assert list((tmp_path / "data").rglob("*.seg"))
        watch.retain(Policy(keep_ns={"raw": 0, "clip": 10**18, "training": 10**18, "salt": 10**18}))
        assert not list((tmp_path / "data").rglob("*.seg"))
    finally:
        server.kill()
        asyncio.run(shop.close())


def test_addresses_come_from_the_secrets_and_from_options(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(f"# cameras\n{NAMES[0]}=rtsp://user:pw@one/s\n")
    assert links(STORE, (), tmp_path) == {NAMES[0]: "rtsp://user:pw@one/s"}
    assert links(STORE, [f"{NAMES[1]}=rtsp://two/s"], tmp_path / "none") == {NAMES[1]: "rtsp://two/s"}
    with pytest.raises(ValueError, match="found the camera 'nobody'"):
        links(STORE, ["nobody=rtsp://x"], tmp_path)
    with pytest.raises(ValueError, match="found no address"):
        links(STORE, [f"{NAMES[0]}=http://x"], tmp_path)
