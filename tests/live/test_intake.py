"""What devices say: read, counted, set to event time; and whatever it is, it only counts."""

import asyncio
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.inference.scene import T0, shop
from tests.live.scene import batches
from tests.live.story import feed, messages, shop_in
from tests.live.wire import sample
from walkout.live import payload
from walkout.live.device import SECOND_NS, Device
from walkout.live.door import Door, Holder
from walkout.live.intake import Intake
from walkout.live.latch import Knock, encode_knock, encode_unlatch
from walkout.live.payload import Mark, Status
from walkout.live.topics import Topic, device_of, parse, slug, topic
from walkout.recording.gate import GateEvent
from walkout.recording.plates import PlateBatch
from walkout.recording.tags import TagFrame
from walkout.recording.writer import RecordingWriter
from walkout.store import sgtin
from walkout.store.layout import Gate
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member
from walkout.twin.tags import with_tags

STORE = replace(
    shop(),
    fixtures=tuple(replace(fixture, latch=True) for fixture in shop().fixtures),
    gates=(Gate("door", 0.0, 0.0, 1.0, tag_reader=True),),
    products={gtin: replace(product, tagged=1.0) for gtin, product in shop().products.items()},
)
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "reference" / "asyncapi.yaml"
PLATES, GATE = topic(STORE.name, "plates", "g"), topic(STORE.name, "gate", "door")
PEOPLE = topic(STORE.name, "people")
BATCH = replace(batches()[0], seq=0)


def intake() -> Intake:
    return Intake(STORE, Door(lambda token: Holder(f"d-{token}", f"card-{token}")))


def plates(seq: int, **more: Any) -> bytes:
    return payload.encode_plates(replace(BATCH, seq=seq, t_ns=BATCH.t_ns + seq * SECOND_NS // 5), **more)


def test_a_batch_comes_back_to_the_bit() -> None:
    taken = intake().take(PLATES, payload.encode_plates(BATCH, "b1"), T0 + SECOND_NS).observation
    assert isinstance(taken, PlateBatch)
    assert np.array_equal(taken.grams, BATCH.grams)
    assert np.array_equal(taken.t_ns, BATCH.t_ns)
    assert (taken.rate_hz, taken.seq, taken.source) == (60.0, 0, {"boot": "b1"})


def test_missing_readings_are_null() -> None:
    value = orjson.loads(payload.encode_plates(BATCH))
    value["grams"][0][0][3] = None
    value["t_ns"] = value["t_ns"][0]
    taken = intake().take(PLATES, orjson.dumps(value), T0).observation
    assert isinstance(taken, PlateBatch)
    assert np.isnan(taken.grams[0, 0, 3])
    assert np.isfinite(taken.grams).sum() == taken.grams.size - 1
    assert int(taken.t_ns[1] - taken.t_ns[0]) == round(1e9 / 60)


def test_gaps_duplicates_and_disorder_are_counted() -> None:
    here = intake()
    for seq in (0, 1, 4, 1, 3, 5):
        here.take(PLATES, plates(seq), T0 + seq)
    device = here.devices["plates-g"]
    assert (device.gaps, device.missing, device.duplicates, device.reordered) == (1, 1, 1, 1)
    assert device.messages == 5


def test_a_device_that_starts_anew_counts_from_nought() -> None:
    here = intake()
    for boot, seq in (("a", 7), ("a", 8), ("b", 0), ("b", 1)):
        here.take(PLATES, plates(seq, boot=boot), T0 + seq)
    device = here.devices["plates-g"]
    assert (device.restarts, device.gaps, device.duplicates, device.messages) == (1, 0, 0, 4)


def test_what_is_in_the_journal_is_not_taken_again() -> None:
    here = intake()
    first = here.take(PLATES, plates(3, boot="a"), T0).observation
    assert first is not None
    again = intake()
    again.remember(first)
    assert again.take(PLATES, plates(3, boot="a"), T0 + 5).observation is None
    assert again.take(PLATES, plates(4, boot="a"), T0 + 5).observation is not None
    assert again.devices["plates-g"].duplicates == 1


@pytest.mark.parametrize(
    ("clock", "ahead_s", "corrected_s"),
    [("utc", 0.0, 0.0), ("utc", 0.1, 0.0), ("utc", 20.0, -20.0), ("utc", -3600.0, 3600.0), ("free", -1e9, 1e9)],
)
def test_clocks_are_set_to_ours_where_they_must_be(clock: Any, ahead_s: float, corrected_s: float) -> None:
    device = Device("plates-g", "plates", Status("up", "", clock))
    for k in range(50):
        device.hear(Mark(k, ""))
        arrived_ns = 2_000_000_000 * SECOND_NS + k * SECOND_NS // 5
        way_ns = 5_000_000 + (k % 7) * 3_000_000
        correction_ns = device.correct(arrived_ns - way_ns + round(ahead_s * 1e9), arrived_ns)
        assert abs(correction_ns / 1e9 - corrected_s) < 0.11
    assert device.state(arrived_ns) == ("late" if corrected_s else "ok")
    assert device.clock_steps <= 1


def test_a_clock_that_jumps_is_followed_and_counted() -> None:
    device = Device("plates-g", "plates", Status("up"))
    for k in range(1000):
        device.hear(Mark(k, ""))
        arrived_ns = 10**18 + k * SECOND_NS // 5
        error_ns = 30 * SECOND_NS if k >= 300 else 0
        correction_ns = device.correct(arrived_ns + error_ns, arrived_ns)
    assert correction_ns == -30 * SECOND_NS
    assert device.clock_steps == 1


def test_silence_and_death_are_told_in_plain_words() -> None:
    here = intake()
    device = here.devices["plates-g"]
    assert device.state(T0) == "silent"
    here.take(PLATES, plates(0), T0)
    assert device.state(T0 + SECOND_NS) == "ok"
    assert device.words(T0 + 40 * SECOND_NS)[0] == "plates-g has been silent for 40 s"
    here.take(topic(STORE.name, "status", "plates-g"), payload.encode_status(Status("down")), T0)
    assert device.state(T0 + SECOND_NS) == "dead"


def test_a_simulated_clock_is_for_simulated_shops() -> None:
    here = Intake(replace(STORE, origin="real"), Door(lambda _: None))
    here.take(topic(STORE.name, "status", "plates-g"), payload.encode_status(Status("up", "", "simulated")), T0)
    assert here.devices["plates-g"].status is None
    assert here.devices["plates-g"].malformed == 1


TAGS = topic(STORE.name, "tags", "door")
SERIAL = 274_877_906_001


def epc(gtin: str, serial: int = SERIAL) -> str:
    return sgtin.hexadecimal(sgtin.Sgtin(gtin, serial))


def reads(seq: int, *epcs: str) -> bytes:
    tags = [{"epc": one, "antenna": 1, "rssi_dbm": -58.5, "count": 2} for one in epcs]
    return orjson.dumps({"seq": seq, "t_ns": T0 + seq * SECOND_NS, "tags": tags})


GTIN = "00000000000017"
"""The catalogue's, with a check digit, as a tag must have."""
TAGGED = replace(STORE, products={GTIN: replace(next(iter(STORE.products.values())), gtin=GTIN)})


def test_tags_of_our_goods_are_kept_under_a_passing_name_and_others_are_not_kept() -> None:
    here = Intake(TAGGED, Door(lambda _: None))
    foreign = epc("80614141123458")
    taken = here.take(TAGS, reads(1, epc(GTIN), foreign, "E2801160600002054A1B2C3D", epc(GTIN, 7)), T0 + SECOND_NS)
    frame = taken.observation
    assert isinstance(frame, TagFrame)
    assert [(tag.gtin, tag.antenna, tag.rssi_dbm, tag.count) for tag in frame.tags] == [(GTIN, 1, -58.5, 2)] * 2
    assert len({tag.item for tag in frame.tags}) == 2, "two items"
    assert str(SERIAL) not in repr(frame)
    assert epc(GTIN) not in repr(frame)
    again = here.take(TAGS, reads(2, epc(GTIN)), T0 + 2 * SECOND_NS).observation
    assert isinstance(again, TagFrame)
    assert again.tags[0].item == frame.tags[0].item, "the same item while somebody leaves"
    assert here.take(TAGS, reads(2, epc(GTIN)), T0 + 2 * SECOND_NS).observation is None, "it came before"
    assert here.devices["tags-door"].duplicates == 1


def test_a_reader_that_says_nothing_is_silent_and_an_empty_frame_is_word_enough() -> None:
    here = Intake(TAGGED, Door(lambda _: None))
    device = here.devices["tags-door"]
    assert device.state(T0) == "silent"
    here.take(TAGS, reads(0), T0)
    assert device.state(T0 + SECOND_NS) == "ok"
    assert device.words(T0 + 40 * SECOND_NS)[0] == "tags-door has been silent for 40 s"


def test_a_gate_without_a_reader_has_no_such_topic() -> None:
    here = Intake(replace(TAGGED, gates=(Gate("door", 0.0, 0.0, 1.0),)), Door(lambda _: None))
    here.take(TAGS, reads(0), T0)
    assert here.unknown == 1


def test_the_gate_hears_whether_to_open() -> None:
    here = intake()
    good = here.take(GATE, b'{"seq":5,"t_ns":1,"way":"entry","credential":"ann"}', T0)
    assert isinstance(good.observation, GateEvent)
    assert good.answer is not None
    assert good.answer.topic == "walkout/tiny/door/door"
    assert orjson.loads(good.answer.data) == {
        "t_ns": good.observation.t_ns, "open": True, "seq": 5, "visit": good.observation.visit,
    }  # fmt: skip
    bad = here.take(GATE, b'{"seq":6,"t_ns":2,"way":"entry"}', T0)
    assert bad.observation is None
    assert bad.answer is not None
    assert orjson.loads(bad.answer.data)["reason"] == "no credential"


NASTY = [
    b"", b"{", b"null", b"[]", b'{"seq":-1}', b'{"seq":1e9}', b'{"seq":true,"t_ns":1}', b"\xff\xfe", b"9" * 5000,
    b'{"seq":1,"t_ns":1,"rate_hz":60,"grams":[[["5"]]]}', b'{"rate_hz":60,"t_ns":1,"grams":[[[1],[2,3]]]}',
    b'{"rate_hz":1e308,"t_ns":1,"grams":[]}', b'{"t_ns":1,"people":[{"id":"a","joints":{}},{"id":"a","joints":{}}]}',
    b'{"t_ns":1e300,"way":"entry"}', b'{"t_ns":99999999999999999999,"way":"exit"}', b'{"t_ns":1,"way":"sideways"}',
    b'{"state":"up","lag_ms":NaN}', b'{"state":"up","clock":"sundial"}', b"[" * 10000,
    b'{"t_ns":1,"tags":[{"epc":"307C257BF7194E4000001A85","antenna":1,"rssi_dbm":-60}]}', b'{"t_ns":1,"tags":{}}',
    b'{"t_ns":1,"tags":[{"epc":"","antenna":1,"rssi_dbm":-60}]}', b'{"t_ns":1,"tags":[{"epc":"0","antenna":1}]}',
    b'{"t_ns":1,"tags":[{"epc":"0","antenna":-1,"rssi_dbm":-60}]}',
    b'{"t_ns":1,"tags":[{"epc":"0","antenna":1,"rssi_dbm":1e300}]}',
]  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8)
NAMES = st.sampled_from(
    [
        "seq",
        "t_ns",
        "rate_hz",
        "grams",
        "boot",
        "way",
        "credential",
        "person",
        "visit",
        "people",
        "id",
        "joints",
        "state",
        "tags",
        "epc",
        "antenna",
        "rssi_dbm",
        "count",
    ]
)
VALUES = st.recursive(LEAVES, lambda v: st.lists(v, max_size=4) | st.dictionaries(NAMES, v, max_size=6), max_leaves=12)
KINDS = [
    PLATES,
    GATE,
    PEOPLE,
    topic(STORE.name, "looks"),
    topic(STORE.name, "tags", "door"),
    topic(STORE.name, "latch", "g"),
    topic(STORE.name, "status", "x"),
    "walkout/tiny/odd",
    "a/b",
    "",
]


def only_counts(here: Intake, where: str, data: bytes) -> None:
    before = sum(d.malformed + d.messages for d in here.devices.values()) + here.unknown
    taken = here.take(where, data, T0)
    after = sum(d.malformed + d.messages for d in here.devices.values()) + here.unknown
    about = parse(where, STORE.name)
    assert after == before + 1 or (about is not None and about.kind == "status")
    if taken.observation is not None:  # it happened to be good: then a journal can hold it
        with RecordingWriter(io.BytesIO(), store_files={}, origin="simulated") as writer:
            writer.write(taken.observation)


@pytest.mark.parametrize("data", NASTY)
@pytest.mark.parametrize("where", KINDS)
def test_nasty_payloads_do_nothing_but_count(where: str, data: bytes) -> None:
    here = intake()
    taken = here.take(where, data, T0)
    assert taken.observation is None
    about = parse(where, STORE.name)
    counted = here.unknown + sum(device.malformed for device in here.devices.values())
    assert counted == 1 or (about is not None and about.kind in ("gate", "latch", "status"))


@settings(max_examples=300)
@given(where=st.sampled_from(KINDS), data=st.binary(max_size=60) | VALUES.map(lambda v: repr(v).encode()))
def test_fuzzed_bytes_do_nothing_but_count(where: str, data: bytes) -> None:
    only_counts(intake(), where, data)


@settings(max_examples=300)
@given(where=st.sampled_from(KINDS), value=VALUES)
def test_fuzzed_json_does_nothing_but_count(where: str, value: Any) -> None:
    import json

    only_counts(intake(), where, json.dumps(value).encode("utf-8", "surrogatepass"))


@settings(max_examples=150)
@given(at=st.integers(0, 400), put=st.binary(min_size=1, max_size=3))
def test_broken_good_messages_do_nothing_but_count(at: int, put: bytes) -> None:
    for where, good in ((PLATES, plates(1)), (GATE, b'{"seq":5,"t_ns":1,"way":"entry","credential":"ann"}')):
        only_counts(intake(), where, good[: at % len(good)] + put + good[at % len(good) + 1 :])


def test_topics_read_back() -> None:
    assert slug("Sample corner shop!") == "sample-corner-shop"
    for about in (Topic("plates", "g"), Topic("people"), Topic("status", "gate-door"), Topic("door", "d")):
        assert parse(topic("A b", about.kind, about.name), "A b") == about
    assert parse("walkout/other/people", "A b") is None
    assert device_of(Topic("gate", "door")) == "gate-door"


def test_the_asyncapi_document_is_what_the_code_speaks() -> None:
    document = yaml.safe_load(DOCUMENT.read_text())
    assert document["asyncapi"].startswith("3.")
    schemas = document["components"]["schemas"]
    addresses = {channel["address"] for channel in document["channels"].values()}
    kinds = {"plates": "{fixture}", "gate": "{gate}", "people": "", "looks": "", "tags": "{gate}"}
    kinds |= {"status": "{device}", "door": "{gate}", "latch": "{fixture}", "unlatch": "{fixture}"}
    assert addresses == {"/".join(filter(None, ["walkout/{store}", kind, name])) for kind, name in kinds.items()}
    checked = dict.fromkeys(kinds, 0)
    store = with_tags(sample(), 1.0)
    story = (Arrival(0.5, (Member(Build(), b.browse),)),)
    said = [(m.topic, m.data) for m in messages(store, story, 12)]

    said.append((topic(store.name, "latch", "snacks"), encode_knock(Knock("snacks", 5, 1), "b")))
    said.append((topic(store.name, "unlatch", "snacks"), encode_unlatch(6, 1, approved=True)))

    async def heard(folder: Path) -> None:
        here = shop_in(folder, store)
        await here.open(listen=False)
        said.extend((answer.topic, answer.data) for answer in await feed(here, messages(store, story, 12)))
        await here.close()

    import tempfile

    with tempfile.TemporaryDirectory() as name:
        asyncio.run(heard(Path(name)))
    for where, data in said:
        about = parse(where, store.name)
        assert about is not None
        name = document["channels"][about.kind]["messages"]["message"]["payload"]["$ref"].rpartition("/")[2]
        Draft202012Validator({**schemas[name], "components": {"schemas": schemas}}).validate(orjson.loads(data))
        checked[about.kind] += 1
    assert all(count for kind, count in checked.items() if kind != "looks")
