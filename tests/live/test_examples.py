"""The examples: a bridge from a microcontroller's lines to a shop, and a fridge that loads, plays and settles."""

import asyncio
import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.live.story import feed, messages, shop_in
from tests.live.wire import running
from walkout.live.door import Door
from walkout.live.intake import Intake
from walkout.live.payload import Mark, decode_plates, mark
from walkout.recording.plates import PlateBatch
from walkout.store.folder import check, load
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
FOLDER = EXAMPLES / "load-cell-bridge"


@pytest.fixture(scope="module")
def bridge() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bridge", FOLDER / "bridge.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bridge"] = module
    spec.loader.exec_module(module)
    return module


def line(ms: int, *raw: object) -> str:
    return json.dumps({"ms": ms, "raw": list(raw)})


def test_counts_become_grams_that_the_shop_can_read(bridge: ModuleType) -> None:
    one = bridge.Bridge(bridge.settings_of(FOLDER / "settings.json"), "b")
    made = [one.add(line(1000 + 100 * k, 8388608 + 21500, None)) for k in range(10)]
    messages = [message for message in made if message is not None]
    assert len(messages) == 2
    assert mark(messages[1]) == Mark(1, "b-0")
    batch = decode_plates(messages[0], load(EXAMPLES / "shell-shop").fixture("fridge"), 7)
    assert batch.t_ns.tolist() == [(1000 + 100 * k) * 1_000_000 for k in range(5)]
    assert batch.grams[:, 0, 0].tolist() == [1000.0] * 5
    assert all(grams != grams for grams in batch.grams[:, 0, 1].tolist()), "no answer is no reading"


def test_torn_lines_restarts_and_the_turn_of_the_clock(bridge: ModuleType) -> None:
    one = bridge.Bridge(bridge.settings_of(FOLDER / "settings.json"), "b")
    torn = ["", '{"ms": 1, "raw": [1', "[]", line(-1, 1, 1), line(2**32, 1, 1), line(5, 1), line(5, 1, "2"), "null"]
    for text in torn:
        assert one.add(text) is None
    assert one.bad == len(torn)
    for k in range(4):
        assert one.add(line(2**32 - 400 + 100 * k, 1, 1)) is None
    message = one.add(line(0, 1, 1))
    assert message is not None
    times = json.loads(message)["t_ns"]
    assert times == sorted(times), "the clock turned, time went on"
    assert one.restarts == 0
    for k in range(2):
        one.add(line(60_000 + 100 * k, 1, 1))
    early = one.add(line(12, 1, 1))
    assert early is not None, "what was read before the restart goes out under its own boot"
    assert mark(early).boot == "b-0"
    for k in range(1, 5):
        late = one.add(line(12 + 100 * k, 1, 1))
    assert late is not None
    assert mark(late).boot == "b-1"


def test_the_bridge_runs_beside_a_real_broker(bridge: ModuleType, tmp_path: Path) -> None:
    del bridge
    store = load(EXAMPLES / "shell-shop")
    heard: list[tuple[str, bytes, int]] = []
    with running("amqtt", store, tmp_path) as (port, who):
        ear = mqtt.Client(CallbackAPIVersion.VERSION2)
        ear.username_pw_set("shop", who["shop"].password)
        ear.on_message = lambda _c, _d, m: heard.append((m.topic, bytes(m.payload), time.time_ns()))
        ear.connect("127.0.0.1", port)
        ear.loop_start()
        ear.subscribe("walkout/shell-shop/#", qos=1)
        time.sleep(0.5)
        text = "".join(line(1000 + 100 * k, 8388608 + 21.5 * 500, 8391204) + "\n" for k in range(25))
        secret = tmp_path / "secrets" / "mqtt-plates-fridge"
        command = [sys.executable, str(FOLDER / "bridge.py"), str(FOLDER / "settings.json"), "--port", str(port)]
        done = subprocess.run(
            [*command, "--password-file", str(secret)],
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        deadline = time.monotonic() + 10
        while len(heard) < 6 and time.monotonic() < deadline:
            time.sleep(0.05)
        ear.disconnect()
        ear.loop_stop()
    intake = Intake(store, Door(lambda _: None))
    taken = [intake.take(topic, data, arrived_ns).observation for topic, data, arrived_ns in heard]
    batches = [one for one in taken if isinstance(one, PlateBatch)]
    assert len(batches) == 5
    assert all(abs(int(one.t_ns[-1]) - one.arrived_ns) < 10 * 10**9 for one in batches), "the shop set the clock right"
    device = intake.devices["plates-fridge"]
    assert (device.malformed, device.missing, device.duplicates) == (0, 0, 0)
    assert device.status is not None
    assert device.status.clock == "free"


def test_the_fridge_loads_plays_and_settles(tmp_path: Path) -> None:
    folder = EXAMPLES / "fridge-store"
    assert check(folder) == []
    store = load(folder)
    shop = shop_in(tmp_path / "shop", store)
    shoppers = (Arrival(0.5, (Member(Build(), b.take),)),)

    async def day() -> None:
        await shop.open(listen=False)
        await feed(shop, messages(store, shoppers, 40))
        for _ in range(200):
            if shop.till.ledger.visits("settled"):
                break
            await shop.do(shop.till.work)
            await asyncio.sleep(0.05)
        (visit,) = shop.till.ledger.visits()
        assert shop.till.ledger.visits("settled") == (visit,)
        issued = shop.till.ledger.receipts(visit)
        assert issued[-1].final
        believed = issued[1].receipt
        assert sum(line.quantity for line in believed.lines) == 1
        assert believed.lines[0].gtin in store.products
        assert shop.till.ledger.payment(visit).net == issued[-1].total
        await shop.close()

    asyncio.run(day())
