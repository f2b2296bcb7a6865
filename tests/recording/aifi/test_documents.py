"""Documents to observations and back, exactly."""

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.recording.aifi.make import START_NS, Document, people_document, plate_document, point
from walkout.recording.aifi import documents
from walkout.recording.error import MalformedError


def changed(document: Document, *path: Any, to: Any = None, drop: bool = False) -> Document:
    copy: Document = orjson.loads(orjson.dumps(document))
    value: Any = copy
    for step in path[:-1]:
        value = value[step]
    if drop:
        del value[path[-1]]
    else:
        value[path[-1]] = to
    return copy


def test_a_batch() -> None:
    batch = documents.read_plates(plate_document(3, gondola=2))
    assert (batch.fixture, batch.rate_hz, batch.grams.shape) == ("gondola-2", 60.0, (12, 2, 4))
    t_ns = START_NS + 600_000_000
    assert batch.t_ns.tolist() == [t_ns + round(k * 1e9 / 60) for k in range(12)]
    assert batch.arrived_ns == (t_ns + 11_000_000) // 10**6 * 10**6
    assert batch.grams[0, 0, 0] == 5.0
    assert batch.grams[11, 1, 3] == 5.0 + 0.25 * 95


def test_a_frame() -> None:
    frame, troubles = documents.read_people(people_document(2, people=2))
    assert troubles == []
    assert frame.t_ns == START_NS + 132_000_000
    assert frame.arrived_ns - frame.t_ns == 2_310_000_000 - 74_000
    assert [person.id for person in frame.people] == ["7", "8"]
    person = frame.people[0]
    assert set(person.joints) == {"head", "neck", "l_shoulder", "r_shoulder", "l_elbow", "r_wrist"}
    assert person.joints["head"].x_m == 132.5 * 0.0254
    assert person.joints["r_wrist"].z_m == 0.0
    (box,) = person.boxes
    assert (box.camera, box.left_px, box.top_px, box.width_px) == ("104", 0.0, 66.0, 69.0)


def test_nobody_in_the_shop() -> None:
    frame, troubles = documents.read_people(people_document(0, people=0))
    assert (frame.people, troubles) == ((), [])
    assert documents.people_document(frame)["document"]["targets"] == {}


PLATES: dict[str, Callable[[], Document]] = {
    "as it is": plate_document,
    "without a header": lambda: changed(plate_document(), "document", "header", drop=True),
    "without an arrival": lambda: changed(plate_document(), "date_time", drop=True),
    "another timestamp": lambda: changed(plate_document(), "timestamp", to=7.5),
    "an arrival as text": lambda: changed(plate_document(), "date_time", to="2020-01-28 22:24:05.106123"),
    "explicit zeros": lambda: changed(plate_document(), "document", "extra", to=0),
    "a whole rate": lambda: changed(plate_document(), "document", "plate_data", "freq_samp", to=60),
    "no rate": lambda: changed(plate_document(), "document", "plate_data", "freq_samp", drop=True),
    "an odd rate": lambda: changed(plate_document(), "document", "plate_data", "freq_samp", to=59.94),
    "gondola at the top only": lambda: changed(plate_document(), "document", "plate_data", "plate_id", to={}),
    "numbers at index 0": lambda: changed(
        plate_document(),
        "document",
        "plate_data",
        "values",
        "data",
        to=base64.b64encode(np.arange(12 * 3 * 5, dtype="<f4").tobytes()).decode(),
    ),
    "odd NaN": lambda: changed(
        plate_document(),
        "document",
        "plate_data",
        "values",
        "data",
        to=base64.b64encode(b"\x01\x00\xc0\xff" * 180).decode(),
    ),
}


@pytest.mark.parametrize("make", PLATES.values(), ids=PLATES)
def test_a_plate_document_comes_back(make: Callable[[], Document]) -> None:
    document = make()
    batch = documents.read_plates(document)
    assert documents.plate_document(batch, int(batch.fixture.removeprefix("gondola-"))) == document


TARGET = ("document", "targets", "targets", 0)
PEOPLE: dict[str, Callable[[], Document]] = {
    "as it is": people_document,
    "two people": lambda: people_document(1, people=2),
    "nobody": lambda: people_document(1, people=0),
    "heads only": lambda: changed(
        people_document(), *TARGET, to={"target_id": {"id": "-7"}, "head": point(1, 2, 3, 0.5)}
    ),
    "double precision": lambda: changed(people_document(), *TARGET, "head", "point", "x", to=132.1),
    "whole inches": lambda: changed(people_document(), *TARGET, "head", "point", "x", to=132),
    "a person without an id": lambda: changed(people_document(), *TARGET, "target_id", drop=True),
    "a joint that is a text": lambda: changed(people_document(), *TARGET, "head", to="head"),
    "a joint outside any shop": lambda: changed(people_document(), *TARGET, "head", "point", "x", to=1e9),
    "a box without a time": lambda: changed(people_document(), *TARGET, "detection_metadata", 0, to={}),
    "boxes that are no list": lambda: changed(people_document(), *TARGET, "detection_metadata", to=7),
    "part of a pixel": lambda: changed(people_document(), *TARGET, "detection_metadata", 0, "bbox", to={"left": 1.5}),
    "another state": lambda: changed(people_document(), *TARGET, "target_state", to="TARGETSTATE_INVALID"),
    "a hand more": lambda: changed(people_document(), *TARGET, "hands", to=[{}, {}, {}]),
    "issued later": lambda: changed(people_document(), "document", "header", "t_origin", to="2020-04-22T05:06:30Z"),
}


@pytest.mark.parametrize("make", PEOPLE.values(), ids=PEOPLE)
def test_a_people_document_comes_back(make: Callable[[], Document]) -> None:
    document = make()
    frame, _ = documents.read_people(document)
    assert documents.people_document(frame) == document


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-500, 500, width=32), min_size=3, max_size=3), st.floats(0, 1, width=32))
def test_single_precision_inches_leave_nothing_over(inches: list[float], score: float) -> None:
    document = changed(people_document(), *TARGET, "head", to=point(inches[0], inches[1], inches[2], score))
    frame, _ = documents.read_people(document)
    assert documents.people_document(frame) == document
    if score > 1e-6:
        assert frame.source == {"aifi": {"set": {"_id": document["_id"]}}}


@pytest.mark.parametrize(
    ("path", "to", "words"),
    [
        pytest.param(("document", "header", "t_issue"), "noon", "a time is", id="no time"),
        pytest.param(("document", "header"), [], "'header' is not an object", id="header is a list"),
        pytest.param(("date_time",), {"$date": 7}, "a time is", id="arrival is a number"),
        pytest.param(
            ("document", "plate_data", "plate_id", "shelf_id", "gondola_id", "id"), -1, "gondola", id="gondola"
        ),
        pytest.param(("document", "plate_data", "freq_samp"), 0, "samples a second", id="no rate"),
        pytest.param(("document", "plate_data", "freq_samp"), "60", "samples a second", id="rate is a text"),
        pytest.param(("document", "plate_data", "values"), {}, "DATATYPE_FLOAT32", id="no values"),
        pytest.param(
            ("document", "plate_data", "values", "type"), "DATATYPE_INT8", "DATATYPE_FLOAT32", id="another type"
        ),
        pytest.param(("document", "plate_data", "values", "shape"), [12, 3], "shape", id="two axes"),
        pytest.param(("document", "plate_data", "values", "shape"), [12, 3, 6], "bytes of readings", id="too large"),
        pytest.param(("document", "plate_data", "values", "shape"), [10**9, 10**9, 10**9], "shape", id="absurd"),
        pytest.param(("document", "plate_data", "values", "shape"), [12, 3, True], "shape", id="true"),
        pytest.param(("document", "plate_data", "values", "shape"), [0, 3, 5], "shape", id="no samples"),
        pytest.param(("document", "plate_data", "values", "data"), "AADA!", "not base64", id="bad base64"),
        pytest.param(("document", "plate_data", "values", "data"), 7, "not base64", id="data is a number"),
    ],
)
def test_plates_that_cannot_be_read(path: tuple[str, ...], to: object, words: str) -> None:
    with pytest.raises(MalformedError, match=words):
        documents.read_plates(changed(plate_document(), *path, to=to))


def test_a_document_too_deep_to_keep() -> None:
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    with pytest.raises(MalformedError, match="levels"):
        documents.read_plates(changed(plate_document(), "more", to=deep))


def test_a_document_too_large_to_keep() -> None:
    with pytest.raises(MalformedError, match="bytes of its own"):
        documents.read_plates(changed(plate_document(), "more", to="x" * 2_000_000))


@pytest.mark.parametrize(
    ("fixture", "gondola"),
    [
        ("gondola-1", 1),
        ("gondola-12", 12),
        ("gondola-01", None),
        ("gondola-", None),
        ("fridge", None),
        ("gondola-²", None),
    ],
)
def test_names_of_gondolas(fixture: str, gondola: int | None) -> None:
    assert documents.gondola_of(fixture) == gondola
