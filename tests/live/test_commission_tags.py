"""Commissioning of RFID readers: what is heard is counted, faults are named, over the wire as with the twin."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.live.wire import running, sample
from walkout.live.accounts import SHOP
from walkout.live.commission_tags import QUIET_S, Carry, carried_out, commission_readers, shares
from walkout.live.commission_tags_bench import TwinTagBench, WireTagBench
from walkout.live.payload import encode_reads
from walkout.live.source import Broker
from walkout.live.topics import topic
from walkout.recording.tags import Tag, TagFrame
from walkout.twin.settings import DEFAULT
from walkout.twin.tags import with_tags

STORE = with_tags(sample(), 1.0)
(GATE,) = (gate.id for gate in STORE.gates if gate.tag_reader)
THING = carried_out(STORE)
assert THING is not None
GTIN, NAME = THING.gtin, THING.name
SURE = replace(DEFAULT, tag_read=1.0, tag_stray=0.0)


def test_a_reader_that_hears_all_passes_and_somebody_was_told_what_to_carry() -> None:
    bench = TwinTagBench(STORE, 1, SURE)
    (found,) = commission_readers(STORE, bench, 7)
    assert not found.why
    assert (found.gate, found.passes, found.heard, found.strays) == (GATE, 7, 7, ())
    assert found.rate_hz == pytest.approx(2.0, abs=0.21)
    assert found.reads >= 7
    assert [task.gtin for task in bench.done] == [GTIN] * 7
    assert f"Carry one {NAME} with a tag out through the gate {GATE}" in bench.done[0].words
    assert shares([found]) == (7, 7)


@pytest.mark.parametrize("share", [0.95, 0.5])
def test_what_is_counted_is_what_the_twins_reader_hears(share: float) -> None:
    heard = sum(
        commission_readers(STORE, TwinTagBench(STORE, seed, replace(SURE, tag_read=share)), 50)[0].heard
        for seed in range(8)
    )
    assert heard / 400 == pytest.approx(share, abs=4 * (share * (1 - share) / 400) ** 0.5)


def test_a_shop_without_readers_has_nothing_to_try() -> None:
    assert commission_readers(sample(), TwinTagBench(sample(), 1)) == ()
    assert carried_out(sample()) is None


class Said:
    """Readers that say what a test lets them say."""

    def __init__(self, quiet: tuple[TagFrame, ...], passing: tuple[TagFrame, ...]) -> None:
        self.quiet, self.passing = quiet, passing

    def listen(self, seconds: float) -> tuple[TagFrame, ...]:
        assert seconds == QUIET_S
        return self.quiet

    def carry(self, task: Carry) -> tuple[TagFrame, ...]:
        assert task.gtin == GTIN
        return self.passing


def frame(gate: str = GATE, gtin: str | None = None, count: int = 3) -> TagFrame:
    return TagFrame(1, 2, gate, () if gtin is None else (Tag(gtin, "x", 1, -55.0, count),))


ALIVE = (frame(),) * 5
OTHER = next(gtin for gtin in STORE.products if gtin != GTIN)


@pytest.mark.parametrize(
    ("quiet", "passing", "words"),
    [
        ((), (), "says nothing for 5 s"),
        ((frame("elsewhere"),) * 5, (frame(gtin=GTIN),), "says nothing for 5 s"),
        ((frame(),), (frame(gtin=GTIN),), "found 0.2 frames a second"),
        ((*ALIVE, frame(gtin=OTHER)), (frame(gtin=GTIN),), f"it hears {STORE.products[OTHER].name} with nobody there"),
        (ALIVE, ALIVE, "heard 0 of 5 passes, right: 4 at least"),
        (ALIVE, (frame(gtin=OTHER),), "heard 0 of 5 passes"),
        (ALIVE, (frame(gtin=GTIN), frame("elsewhere", GTIN, 9)), "another gate's reader heard 5 of 5 passes better"),
        (ALIVE, (frame(gtin=GTIN), frame("elsewhere", GTIN, 2)), ""),
    ],
)
def test_each_fault_is_named(quiet: tuple[TagFrame, ...], passing: tuple[TagFrame, ...], words: str) -> None:
    (found,) = commission_readers(STORE, Said(quiet, passing))
    assert (words in found.why) if words else not found.why


def test_without_tagged_products_it_says_what_is_missing() -> None:
    bare = replace(STORE, products={g: replace(p, tagged=0.0) for g, p in STORE.products.items()})
    (found,) = commission_readers(bare, Said(ALIVE, ()))
    assert "no product in catalog.csv" in found.why


def test_a_person_before_real_readers_over_a_real_broker(tmp_path: Path) -> None:
    """The reader is a thread, wire and accounts are real; foreign tags and broken words count for nothing."""
    told, carried, stop = list[str](), threading.Event(), threading.Event()
    with running("amqtt", STORE, tmp_path) as (port, who):

        def reader() -> None:
            client = mqtt.Client(CallbackAPIVersion.VERSION2)
            client.username_pw_set(f"tags-{GATE}", who[f"tags-{GATE}"].password)
            client.connect("127.0.0.1", port)
            client.loop_start()
            about, seq = topic(STORE.name, "tags", GATE), 0
            while not stop.wait(0.2):
                tags = [Tag("00000000000017", "5", 1, -60.0)]  # not of this shop
                if carried.is_set():
                    carried.clear()
                    tags.append(Tag(GTIN, "1234567", 2, -51.5, 4))
                client.publish(about, encode_reads(TagFrame(time.time_ns(), 0, GATE, tuple(tags), seq)), qos=0)
                client.publish(about, b"{broken", qos=0)
                seq += 1
            client.disconnect()
            client.loop_stop()

        def ask(words: str) -> None:
            told.append(words)
            if len(told) != 2:  # once they forget it
                carried.set()

        thread = threading.Thread(target=reader, daemon=True)
        thread.start()
        person = WireTagBench(STORE, Broker("127.0.0.1", port, SHOP, who[SHOP].password), ask)
        try:
            (found,) = commission_readers(STORE, person, 3)
        finally:
            person.close()
            stop.set()
            thread.join(10)
    assert (found.heard, found.passes, found.reads, found.strays) == (2, 3, 8, ())
    assert found.rate_hz > 2
    assert "heard 2 of 3 passes, right: 3 at least" in found.why
    assert "(3 of 3)" in told[-1]
