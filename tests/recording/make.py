"""Small recordings and the parts they are made of."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import numpy as np
from hypothesis import strategies as st

from walkout.recording.camera import CameraFrame
from walkout.recording.channel import Observation, Written
from walkout.recording.gate import GateEvent
from walkout.recording.look import Look
from walkout.recording.loss import Loss
from walkout.recording.people import FARTHEST_M, JOINTS, CameraBox, Joint, PeopleFrame, Person
from walkout.recording.plates import PlateBatch
from walkout.recording.tags import Tag, TagFrame
from walkout.recording.truth import Place, TruthMove, TruthNote, TruthVisit
from walkout.recording.writer import RecordingWriter

START_NS = 1_587_531_996_955_074_000
BATCH_NS = 200_000_000


def plates(number: int = 0, fixture: str = "gondola-1", *, samples: int = 12, **changed: Any) -> PlateBatch:
    """Batch `number` of a fixture of 2 shelves with 3 plates, one of them not there."""
    t_ns = START_NS + number * BATCH_NS + np.round(np.arange(samples) * (1e9 / 60)).astype(np.int64)
    grams = np.arange(samples * 6, dtype=np.float32).reshape(samples, 2, 3) + np.float32(100 * number)
    grams[:, 1, 2] = np.nan
    parts: dict[str, Any] = {
        "fixture": fixture,
        "t_ns": t_ns,
        "grams": grams,
        "rate_hz": 60.0,
        "arrived_ns": int(t_ns[0]) + 20_000_000,
    }
    return PlateBatch(**(parts | changed))


def people(number: int = 0, **changed: Any) -> PeopleFrame:
    """Frame `number`: one person with two joints and one camera's box."""
    t_ns = START_NS + number * BATCH_NS
    person = Person(
        id="3325379692103139202",
        joints={"head": Joint(3.25, -0.5, 1.7, 0.9), "r_wrist": Joint(3.5, 0.1, 1.2, 0.5)},
        boxes=(CameraBox("100", t_ns - 5_000_000, 10.0, 20.5, 30.0, 40.0),),
    )
    parts: dict[str, Any] = {"t_ns": t_ns, "arrived_ns": t_ns + 2_300_000_000, "people": (person,)}
    return PeopleFrame(**(parts | changed))


def gate(number: int = 0) -> GateEvent:
    t_ns = START_NS + number * BATCH_NS
    return GateEvent(t_ns, t_ns + 1000, "door", "entry", "visit-1", "party-1", "7", source={"card": "x"})


def look(number: int = 0) -> Look:
    t_ns = START_NS + number * BATCH_NS
    likely = {"00071142008582": 0.75, "00000000000017": 0.25}
    return Look(t_ns, t_ns + 1000, "7", "left", "gondola-1", 2, likely, {"model": "x"})


def tags(number: int = 0) -> TagFrame:
    t_ns = START_NS + number * BATCH_NS
    heard = (Tag("00071142008582", "a1", 1, -58.5, 3), Tag("00000000000017", "b2", 2, -70.0))
    return TagFrame(t_ns, t_ns + 1000, "door", heard, number, {"boot": "x"})


def truth() -> tuple[TruthMove | TruthVisit | TruthNote, ...]:
    return (
        TruthNote("seed", "7"),
        TruthMove(
            id="m1",
            start_ns=START_NS,
            end_ns=START_NS + 5,
            shopper="7",
            action="take",
            gtin="00071142008582",
            quantity=1,
            mass_g=621.67,
            source=Place("plates", "gondola-1", 5, (11, 12)),
            target=Place("shopper", shopper="7"),
        ),
        TruthVisit("v1", "p1", ("7",), START_NS, START_NS + 9, {"00071142008582": 1}, ((START_NS, 1.5, -0.5),)),
    )


def frame(number: int = 0, camera: str = "c1", **changed: Any) -> CameraFrame:
    """Frame `number` of a camera: every tenth can be decoded alone (or could, if it were a picture)."""
    kind = b"\x65" if number % 10 == 0 else b"\x41"
    parts: dict[str, Any] = {
        "camera": camera,
        "t_ns": START_NS + number * BATCH_NS,
        "arrived_ns": START_NS + number * BATCH_NS + 30_000_000,
        "format": "h264",
        "data": b"\x00\x00\x01" + kind + bytes([1 + number % 250]) * 400,
    }
    return CameraFrame(**(parts | changed))


def shelf_event() -> dict[str, Any]:
    return {
        "id": "e1",
        "fixture": "gondola-1",
        "shelf": 1,
        "plates": [1, 2],
        "delta_g": [-300.0, -20.5],
        "cov_g2": [[1.0, 0.1], [0.1, 1.0]],
        "onset_ns": START_NS,
        "start_ns": START_NS + 1,
        "end_ns": START_NS + 2,
        "reported_ns": START_NS + 3,
    }


def small() -> list[Written]:
    """A little of everything, in the order of arrival."""
    written: list[Written] = [*truth(), gate(), look(), tags()]
    for number in range(6):
        written += [plates(number), plates(number, "gondola-2", seq=number), people(number)]
    return [*written, shelf_event(), Loss("gap", "/gate", 1, "the gate was off", START_NS, START_NS + 5)]


def recorded(written: Iterable[Written], **settings: Any) -> bytes:
    """The bytes of a recording of these."""
    stream = BytesIO()
    parts: dict[str, Any] = {"store_files": {"store.yaml": b"version: 1\n"}, "origin": "simulated", "store": "test"}
    with RecordingWriter(stream, **(parts | settings)) as writer:
        for item in written:
            writer.write(item)
    return stream.getvalue()


def same(one: Observation, other: Observation) -> bool:
    """Equal to the bit."""
    if isinstance(one, PlateBatch) and isinstance(other, PlateBatch):
        return (
            one.grams.tobytes() == other.grams.tobytes()
            and one.grams.shape == other.grams.shape
            and one.t_ns.tolist() == other.t_ns.tolist()
            and (one.fixture, one.rate_hz, one.arrived_ns, one.seq, dict(one.source))
            == (other.fixture, other.rate_hz, other.arrived_ns, other.seq, dict(other.source))
        )
    return one == other


_times = st.integers(0, 2**62)
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_texts = st.text(st.characters(codec="utf-8"), max_size=12)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | _numbers | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=6,
)
sources = st.dictionaries(_texts, _json, max_size=3)


@st.composite
def plate_batches(draw: st.DrawFn) -> PlateBatch:
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)))
    grams = np.array(
        draw(st.lists(st.floats(width=32), min_size=int(np.prod(shape)), max_size=int(np.prod(shape)))), np.float32
    ).reshape(shape)
    return PlateBatch(
        fixture=draw(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,8}", fullmatch=True)),
        t_ns=np.array(draw(st.lists(_times, min_size=shape[0], max_size=shape[0])), np.int64),
        grams=grams,
        rate_hz=draw(st.floats(0.001, 1e6)),
        arrived_ns=draw(_times),
        seq=draw(st.none() | st.integers(0, 2**62)),
        source=draw(sources),
    )


_in_a_shop = st.floats(-FARTHEST_M, FARTHEST_M, exclude_min=True, exclude_max=True)
_joints = st.builds(Joint, _in_a_shop, _in_a_shop, _in_a_shop, _in_a_shop)
_boxes = st.builds(CameraBox, _texts, _times, _numbers, _numbers, _numbers, _numbers)
_persons = st.builds(
    Person,
    id=_texts.filter(bool),
    joints=st.dictionaries(st.sampled_from(JOINTS), _joints, max_size=3),
    boxes=st.lists(_boxes, max_size=2).map(tuple),
    source=sources,
)
people_frames = st.builds(
    PeopleFrame,
    t_ns=_times,
    arrived_ns=_times,
    people=st.lists(_persons, max_size=3).map(tuple),
    seq=st.none() | st.integers(0, 2**62),
    source=sources,
)
gate_events = st.builds(
    GateEvent,
    t_ns=_times,
    arrived_ns=_times,
    gate=_texts,
    way=st.sampled_from(["entry", "exit"]),
    visit=_texts,
    party=_texts,
    person=st.none() | _texts,
    role=st.sampled_from(["shopper", "staff"]),
    source=sources,
)
looks = st.builds(
    Look,
    t_ns=_times,
    arrived_ns=_times,
    person=_texts,
    hand=st.sampled_from(["left", "right"]),
    fixture=_texts,
    shelf=st.integers(1, 2**62),
    likelihoods=st.dictionaries(_texts, st.floats(0.0, allow_nan=False, allow_infinity=False), max_size=3),
    source=sources,
)
_tags = st.builds(
    Tag,
    gtin=_texts,
    item=_texts,
    antenna=st.integers(0, 2**62),
    rssi_dbm=_numbers,
    count=st.integers(1, 2**62),
)
tag_frames = st.builds(
    TagFrame,
    t_ns=_times,
    arrived_ns=_times,
    gate=_texts,
    tags=st.lists(_tags, max_size=3).map(tuple),
    seq=st.none() | st.integers(0, 2**62),
    source=sources,
)
observations: st.SearchStrategy[Observation] = st.one_of(plate_batches(), people_frames, gate_events, looks, tag_frames)
