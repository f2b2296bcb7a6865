"""Nobody tells the shop who is there: it sees them, through drawn cameras over real RTSP and a real broker."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

pytest.importorskip("av", reason="cameras need PyAV ('./run extras')")
pytest.importorskip("onnxruntime", reason="eyes need ONNX Runtime ('./run extras')")

from tests.live.drawn import GROUP, RATE_HZ, Drawn, drawn, play
from tests.live.rtsp_server import Camera, units
from tests.live.wire import running, shop_at, twin_at, until
from walkout.live.eye_keeper import Keeper, Looking
from walkout.live.shop import Shop
from walkout.live.source import Broker

PRETZELS, ALE = "00440000012045", "00440000031046"
TRIPS = ((3.5, (PRETZELS,)), (6.5, (ALE,)))
"""One shopper at the gondola and one at the fridge: whose goods are whose, only the cameras say."""
pytestmark = pytest.mark.slow
LONG_S = 90.0


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    return drawn(tmp_path_factory.mktemp("drawn") / "store", (1, 3, 4), TRIPS)


@dataclass
class Scene:
    """An open shop with cameras, and the eyes that look through them."""

    shop: Shop
    cameras: dict[str, Camera]
    keeper: Keeper
    twin: Broker
    data: Path

    @property
    def people(self) -> Any:
        """The people's stream as the shop knows it."""
        return self.shop.intake.devices["people"]

    def state(self) -> str:
        return str(self.people.state(time.time_ns()))

    def row(self) -> dict[str, Any]:
        """The people's row on the Health page."""
        self.shop.look_after()
        return next(row for row in self.shop.view.snapshot()["devices"] if row["id"] == "people")


@asynccontextmanager
async def scene(film: Drawn, folder: Path) -> AsyncIterator[Scene]:
    born_s = time.monotonic()
    cameras = {name: Camera(units, RATE_HZ, GROUP, born_s) for name, units in film.films.items()}
    with running("mosquitto", film.store, folder) as (port, who):
        shop = shop_at(folder / "shop", film.store, port, who)
        await shop.open()
        how = Looking(
            str(film.folder),
            {name: camera.url for name, camera in cameras.items()},
            Broker("127.0.0.1", port, "people", who["people"].password),
        )
        keeper = Keeper(how)
        keeping = asyncio.create_task(keeper.run())
        try:
            made = Scene(shop, cameras, keeper, twin_at(port, who), folder / "shop")
            await until(lambda: made.state() == "ok" and made.people.messages > 10, LONG_S)
            yield made
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await shop.close()
            for camera in cameras.values():
                camera.kill()


def bought(shop: Shop) -> list[dict[str, int]]:
    """What the engine believes each visit took, in order of entry: its first receipt's lines."""
    found = []
    for visit in sorted(shop.till.ledger.visits()):
        receipt = orjson.loads(shop.till.ledger.receipts(visit)[0].published)
        found.append({line["gtin"]: line["quantity"] for line in receipt["lines"]})
    return found


def test_two_shoppers_whom_nobody_told_of_get_what_the_eyes_saw(film: Drawn, tmp_path: Path) -> None:
    assert [one.basket for one in sorted(film.truth, key=lambda one: one.entered_ns)] == [{PRETZELS: 1}, {ALE: 1}]

    async def story() -> None:
        async with scene(film, tmp_path) as made:
            shop = made.shop
            await play(film, made.twin, list(made.cameras.values()))
            await until(lambda: len(shop.till.ledger.visits("waiting", "decided", "settled")) == 2, LONG_S)
            assert bought(shop) == [{PRETZELS: 1}, {ALE: 1}]
            visits = [orjson.loads(shop.till.ledger.receipts(v)[-1].published) for v in shop.till.ledger.visits()]
            assert all(len(one["shoppers"]) == 1 for one in visits), "each visit has the one whom the eyes saw"
            device = made.people
            assert (device.malformed, device.missing, device.duplicates, device.restarts) == (0, 0, 0, 0)
        pieces = {u[8:68] for access in film.films.values() for a in access for u in units(a) if len(u) > 100}
        held = [path for path in made.data.rglob("*") if path.is_file()]
        assert pieces
        assert not [path for path in held for data in (path.read_bytes(),) if any(p in data for p in pieces)]

    asyncio.run(story())


def test_a_camera_dies_and_the_eyes_are_killed_and_no_visit_is_lost(film: Drawn, tmp_path: Path) -> None:
    async def story() -> None:
        async with scene(film, tmp_path) as made:
            shop, names = made.shop, sorted(made.cameras)
            playing = asyncio.create_task(play(film, made.twin, list(made.cameras.values())))
            await until(lambda: len(shop.till.ledger.visits()) == 2, LONG_S)
            # One camera's connection breaks; the other two see on, and the eyes say what is the matter.
            lost = made.cameras[names[0]]
            lost.kill()
            await until(lambda: names[0] in made.row()["detail"], LONG_S)
            assert made.state() == "ok", "two cameras still see"
            again = Camera(film.films[names[0]], RATE_HZ, GROUP, lost._born_s, port=lost.port)
            again.begins = lost.begins
            made.cameras[names[0]] = again
            child, boot = made.keeper.child, made.people.boot
            assert child is not None
            os.kill(child.pid, signal.SIGKILL)
            await until(lambda: made.state() == "dead", LONG_S)
            assert "people" in made.row()["detail"]
            await until(lambda: made.state() == "ok" and made.people.boot != boot, LONG_S)
            assert made.people.restarts == 1
            assert made.keeper.starts == 2
            await playing
            await until(lambda: len(shop.till.ledger.visits("waiting", "decided", "settled")) == 2, LONG_S)
            found = bought(shop)
            assert len(found) == 2
            assert all(set(one) <= {PRETZELS, ALE} for one in found), "what was not seen is not invented"

    asyncio.run(story())
