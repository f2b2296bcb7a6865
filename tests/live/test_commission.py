"""Commissioning: what is measured is what the scales have, faults are named, and the shop then weighs right."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.live.wire import running, sample
from walkout.live.accounts import SHOP
from walkout.live.commission import MOST_NOISE_G, ShelfFound, Task, calibrated, camera_found, commission_shelf
from walkout.live.commission_bench import TwinBench, WireBench
from walkout.live.door import Door
from walkout.live.intake import Intake, calibration
from walkout.live.payload import encode_plates
from walkout.live.source import Broker
from walkout.live.topics import topic
from walkout.recording.plates import PlateBatch
from walkout.store.folder import load, save
from walkout.twin.constants import RATE_HZ

STORE = sample()
FIXTURE = STORE.fixtures[0]
SHELF = FIXTURE.shelves[0]
WEIGHT_G = 1000.0


def found_with(bench: TwinBench, takes: int = 2) -> ShelfFound:
    return commission_shelf(STORE, FIXTURE, SHELF, bench, WEIGHT_G, takes)


def test_what_is_measured_is_what_the_twins_scales_have() -> None:
    bench = TwinBench(STORE, 3)
    found = found_with(bench)
    assert found.passed, found
    scales = bench.scales[FIXTURE.id]
    true = np.diagonal(scales._mix[0])
    assert [one.gain for one in found.plates] == pytest.approx([true[p.plate - 1] for p in found.plates], abs=0.003)
    assert [one.tare_g for one in found.plates] == pytest.approx(
        [scales._offset[0, p.plate - 1] for p in found.plates], abs=5.0
    )
    assert max(abs(one.gain - 1) for one in found.plates) > 0.003, "the twin's scales have errors to be found"
    assert len(found.takes) == 2
    assert found.takes[0].mass_g <= found.takes[1].mass_g, "the lightest first"
    assert all(take.cameras for take in found.takes)
    told = [task.what for task in bench.done]
    assert told == ["empty", *["weight"] * len(found.plates), "fill", "take", "take"]


def test_faults_are_named_and_not_written() -> None:
    bench = TwinBench(STORE, 3)
    scales = bench.scales[FIXTURE.id]
    scales.installed[0, 0] = False  # a cable is out
    scales._mix[0, 1] *= 0.5  # a scale of another size
    scales._white_g[0, 2] = 4 * MOST_NOISE_G  # something is loose
    scales._mix[0, 4, 3] = 0.3  # a board lies on two scales
    found = found_with(bench)
    why = {one.plate: one.why for one in found.plates}
    assert "cable" in why[1]
    assert "right: within 10 %" in why[2]
    assert "rings by" in why[3]
    assert "does a board touch both" in why[4]
    assert not why[6]
    assert not found.passed
    after = calibrated(STORE, [found])
    assert after.plate(FIXTURE.id, SHELF.id, 1) == STORE.plate(FIXTURE.id, SHELF.id, 1)
    assert after.plate(FIXTURE.id, SHELF.id, 6).gain != 1.0


def test_a_take_of_something_else_fails() -> None:
    class Careless(TwinBench):
        """Somebody who takes two."""

        def do(self, task: Task) -> None:
            super().do(task)
            if task.what == "take":
                super().do(task)

    (take,) = found_with(Careless(STORE, 3), 1).takes
    assert f"right: {take.mass_g:.0f} g" in take.why


def test_cameras_are_judged_by_what_they_see_and_how_it_comes() -> None:
    takes = found_with(TwinBench(STORE, 3)).takes
    camera = STORE.cameras[0]
    seeing = [replace(one, cameras=(camera.id,)) for one in takes]
    assert not camera_found(STORE, camera.id, seeing, "ok", camera.rate_hz).why
    assert "sees none" in camera_found(STORE, camera.id, [replace(one, cameras=()) for one in takes]).why
    assert "pictures a second" in camera_found(STORE, camera.id, seeing, "ok", camera.rate_hz / 2).why
    assert "do not come: refused" in camera_found(STORE, camera.id, seeing, "refused").why


def test_a_calibrated_shop_takes_tare_and_gain_out_before_anything_else(tmp_path: Path) -> None:
    bench = TwinBench(STORE, 3)
    found = found_with(bench, 0)
    save(calibrated(STORE, [found]), tmp_path / "store")
    store = load(tmp_path / "store")
    assert store == calibrated(STORE, [found])
    bench.do(Task("empty", FIXTURE.id, SHELF.id, ""))
    bench.do(Task("weight", FIXTURE.id, SHELF.id, "", 2, 500.0))
    raw = bench.read(FIXTURE.id, 1.0)
    t_ns = 10**18 + np.arange(len(raw)) * 16_666_667
    data = encode_plates(PlateBatch(FIXTURE.id, t_ns.astype(np.int64), raw, RATE_HZ, 0, 0))
    intake = Intake(store, Door(lambda _: None))
    taken = intake.take(topic(store.name, "plates", FIXTURE.id), data, int(t_ns[-1]) + 1_000_000).observation
    assert isinstance(taken, PlateBatch)
    level = np.median(taken.grams[:, 0, :], axis=0)
    assert level[1] == pytest.approx(500.0, abs=4.0)
    assert level[0] == pytest.approx(0.0, abs=25.0), "a neighbour shows a little of it"
    assert calibration(STORE.fixtures[0]) is None


def test_a_person_before_real_scales_over_a_real_broker(tmp_path: Path) -> None:
    """The scales are the twin's, the wire is not: the same figures come over MQTT."""
    bench, told, stop = TwinBench(STORE, 3), list[str](), threading.Event()
    # The person of this test does what the words say, by asking the same tasks of the twin.
    tasks = iter([Task("empty", FIXTURE.id, 1, "")] + [Task("weight", FIXTURE.id, 1, "", p, WEIGHT_G) for p in (1, 2)])
    shelf = replace(SHELF, plates=tuple(p if p.id <= 2 else replace(p, cell=False) for p in SHELF.plates))
    fixture = replace(FIXTURE, shelves=(shelf, *FIXTURE.shelves[1:]))
    store = replace(STORE, fixtures=(fixture, *STORE.fixtures[1:]))
    with running("amqtt", STORE, tmp_path) as (port, who):
        lock = threading.Lock()

        def scales() -> None:
            name = f"plates-{FIXTURE.id}"
            client = mqtt.Client(CallbackAPIVersion.VERSION2)
            client.username_pw_set(name, who[name].password)
            client.connect("127.0.0.1", port)
            client.loop_start()
            seq = 0
            while not stop.wait(0.05):
                with lock:
                    grams = bench.read(FIXTURE.id, 0.5)
                t_ns = (time.time_ns() + np.arange(len(grams)) * 16_666_667).astype(np.int64)
                batch = PlateBatch(FIXTURE.id, t_ns, grams, RATE_HZ, 0, seq)
                client.publish(topic(STORE.name, "plates", FIXTURE.id), encode_plates(batch), qos=0)
                seq += 1
            client.disconnect()
            client.loop_stop()

        def ask(words: str) -> None:
            told.append(words)
            with lock:
                task = next(tasks, None)
                if task is not None:
                    bench.do(task)

        thread = threading.Thread(target=scales, daemon=True)
        thread.start()
        person = WireBench(store, Broker("127.0.0.1", port, SHOP, who[SHOP].password), ask)
        try:
            found = commission_shelf(store, fixture, shelf, person, WEIGHT_G, 0)
        finally:
            person.close()
            stop.set()
            thread.join(10)
    true = np.diagonal(bench.scales[FIXTURE.id]._mix[0])
    assert [one.gain for one in found.plates] == pytest.approx([true[0], true[1]], abs=0.004)
    assert told[0].startswith("Take everything off shelf 1")
    assert "1000 g in the middle of plate 2" in told[2]
