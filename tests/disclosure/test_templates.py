"""No body is known again at another visit, nobody who works in the shop is followed: shown on planted violations."""

import asyncio
import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table

from tests.disclosure.rules import PACKAGE, STAFF, TEMPLATES, columns, named, sources
from tests.disclosure.shop import everything
from tests.live.story import feed, messages, shop_in
from tests.live.wire import sample
from walkout.checkout import tables as checkout
from walkout.disclosure import tables as disclosure
from walkout.disclosure.models import models
from walkout.labour import tables as labour
from walkout.recording.json_message import SCHEMAS
from walkout.review import tables as review
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member

ALL = (checkout.metadata, review.metadata, labour.metadata, disclosure.metadata)
OURS = {name: source for name, source in sources().items() if not name.startswith("twin/")}
"""The twin's people are invented: their hands have palms, and it knows when its staff come."""
OUTPUTS = {
    "pose.onnx": {"centres": 1, "people": 36, "joints": 8},  # maps of where people are; no vector of who
    "refine.onnx": {"maps": 32, "whole": 16},  # for each joint where it is, and where it is not to be seen
    "looks.onnx": {"coordinates": None},  # of goods
}
KEPT = re.compile(
    r"ledger\.db(-wal|-shm)?|provider\.db(-wal|-shm)?|own-books\.db(-wal|-shm)?|journal/.*\.mcap|snapshots/.*|secrets/.*|"
    r"vault/(log/.*|keys/.*\.key|keys/index|keys/\..*|(clips|training)/[0-9a-f]+/[\w.-]+\.clip|raw/.*\.seg|raw/cuts)|\.lock"
)
"""All files of a shop. A file of another kind is told of here first."""
PERSON = {"id", "joints", "boxes", "source"}
"""What a recording holds of a person: where they are, under an id that lives for one visit."""


def shipped(package: Path) -> set[str]:
    """The files of models in a package."""
    return {path.name for path in package.rglob("*") if path.suffix in {".onnx", ".pt", ".safetensors", ".bin"}}


def comes_out(onnx: Any, path: Path) -> dict[str, int | None]:
    """The outputs of a model and how many channels each has; of the one of goods their names alone."""
    return {
        one.name: one.type.tensor_type.shape.dim[1].dim_value if path.name != "looks.onnx" else None
        for one in onnx.load(path).graph.output
    }


def planted(table: str, column: str) -> MetaData:
    metadata = MetaData()
    Table(table, metadata, Column(column, LargeBinary), Column("n", Integer, primary_key=True))
    return metadata


def test_no_name_no_table_no_model_holds_a_template() -> None:
    assert named(TEMPLATES, OURS.values()) == ["face_or_palm_templates"]  # the report's own row, which says 0
    assert columns(TEMPLATES, *ALL) == []
    assert not any(one["identifies_people"] for one in models())
    told = {f"{one['name']}.onnx" for one in models()} - {"certificate of settling.onnx"}
    assert told == set(OUTPUTS), "the report names every model that ships"
    assert shipped(PACKAGE) == set(OUTPUTS)


def test_a_planted_model_is_found_by_its_file_and_by_what_comes_out_of_it(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed: it is in the group dev")
    (tmp_path / "sensing").mkdir()
    (tmp_path / "sensing" / "faces.safetensors").write_bytes(b"weights")
    assert shipped(tmp_path) - set(OUTPUTS) == {"faces.safetensors"}
    known = next(PACKAGE.rglob("pose.onnx"))
    assert comes_out(onnx, known) == OUTPUTS["pose.onnx"]
    model = onnx.load(known)
    vector = onnx.helper.make_tensor_value_info("who", onnx.TensorProto.FLOAT, [1, 256, 1, 1])
    model.graph.output.append(vector)
    onnx.save(model, tmp_path / "pose.onnx")
    assert comes_out(onnx, tmp_path / "pose.onnx") != OUTPUTS["pose.onnx"]


@pytest.mark.parametrize("name", sorted(OUTPUTS))
def test_what_comes_out_of_each_model_is_known(name: str) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed: it is in the group dev")
    assert comes_out(onnx, next(PACKAGE.rglob(name))) == OUTPUTS[name]


@pytest.mark.parametrize(
    "source",
    [
        "def face_embedding(crop): ...",
        "class PersonDescriptor: ...",
        "gait_signature = 1",
        "def match(reid_vector): ...",
        "KIND = 'palm_print'",
        "known_shoppers = {}",
        "def add(biometric_id): ...",
    ],
)
def test_a_planted_template_is_found(source: str) -> None:
    assert named(TEMPLATES, [source]) != []


def test_a_planted_table_is_found() -> None:
    assert columns(TEMPLATES, planted("face_embeddings", "v")) != []
    assert columns(TEMPLATES, planted("visits_more", "body_embedding")) != []
    assert columns(STAFF, planted("staff_times", "t_ns")) != []


def test_nobody_who_works_in_the_shop_is_followed() -> None:
    assert named(STAFF, OURS.values()) == []
    assert columns(STAFF, *ALL) == []
    for source in ("def staff_path(t): ...", "employee_times = []", "KIND = 'staff_positions'"):
        assert named(STAFF, [source]) != []


def test_a_recording_holds_of_a_person_where_they_are_and_no_more() -> None:
    frame = next(one for one in SCHEMAS.values() if "people" in one["properties"])
    assert set(frame["properties"]["people"]["items"]["properties"]) == PERSON


def test_a_file_of_another_kind_is_found() -> None:
    """What a shop really leaves is held against this in test_erasure.py."""
    assert not KEPT.fullmatch("faces/a.npy")
    assert not KEPT.fullmatch("vault/people.bin")


def test_of_staff_a_shop_keeps_neither_name_nor_card_nor_visit(tmp_path: Path) -> None:
    """Their passage says only whom the cameras need not look at."""
    store = sample()
    shop = shop_in(tmp_path, store)
    said = list(messages(store, (Arrival(0.5, (Member(Build(), b.browse),), role="staff"),), 20))
    came = [one for one in said if b'"staff:' in one.data]
    assert came, "the twin's staff hold a card of their own"

    async def story() -> None:
        await shop.open(listen=False)
        await feed(shop, said)
        await shop.do(shop.till.runner.finish)
        await shop.close()

    asyncio.run(story())
    digest = shop.till.credentials.digest(orjson.loads(came[0].data)["credential"])
    journal = [(name, data) for name, data in everything(tmp_path) if ".mcap" in name]
    assert not [name for name, data in journal if digest.encode() in data or b'"staff:' in data]
