"""Planogram documents to fixtures and facings, and back."""

import numpy as np
import pytest

from tests.recording.aifi.make import Document, facing_document
from tests.recording.aifi.test_documents import changed
from walkout.recording.aifi.columns import Columns
from walkout.recording.aifi.planogram import (
    build_facings,
    build_fixtures,
    gondola_numbers,
    planogram_documents,
    read_placed,
)
from walkout.store.layout import Fixture
from walkout.store.planogram import Facing
from walkout.store.shop import Store

DOCUMENTS = [
    facing_document("a", (3, 4)),
    facing_document("b", (1, 2)),
    facing_document("c", (1,), shelf=2),
    facing_document(None, (1, 2), gondola=3),
    facing_document("a", (2, 3), gondola=5),
]
GTINS = {"a": "00071142008582", "b": "00632565000012", "c": "00041508922487"}


def built(
    documents: list[Document], columns: Columns | None = None
) -> tuple[tuple[Fixture, ...], tuple[Facing, ...], list[str]]:
    placed = [place for document in documents for place in read_placed(document)]
    fixtures, about_fixtures = build_fixtures(placed, columns or Columns())
    facings, about_facings = build_facings(placed, fixtures, GTINS)
    return fixtures, facings, [*about_fixtures, *about_facings]


def test_fixtures() -> None:
    fixtures, _, warnings = built(DOCUMENTS)
    assert warnings == []
    first, third, fifth = fixtures
    assert (first.id, first.x_m, first.y_m, first.yaw_deg, first.width_m) == ("gondola-1", 0.025, 0.0, 0.0, 0.4064)
    assert [(shelf.id, shelf.z_m, shelf.height_m, shelf.depth_m) for shelf in first.shelves] == [
        (1, 0.27, 0.25, 0.4064),
        (2, 0.57, 0.25, 0.4064),
    ]
    assert [(plate.id, plate.x_m) for plate in first.shelves[1].plates] == [
        (1, 0.0),
        (2, 0.1016),
        (3, 0.2032),
        (4, 0.3048),
    ]
    assert third.id == "gondola-3"
    assert (fifth.id, fifth.x_m, fifth.y_m, fifth.yaw_deg) == ("gondola-5", 4.318, -0.343, -90.0)


def test_facings() -> None:
    _, facings, _ = built(DOCUMENTS)
    assert facings == (
        Facing("gondola-1", 1, (1, 2), GTINS["b"]),
        Facing("gondola-1", 1, (3, 4), GTINS["a"]),
        Facing("gondola-1", 2, (1,), GTINS["c"]),
        Facing("gondola-5", 1, (2, 3), GTINS["a"]),
    )


def test_a_facing_narrower_than_its_plates_says_where_it_is() -> None:
    document = changed(facing_document("a", (1, 2)), "global_coordinates", "dim_x", to=0.15)
    (facing,) = built([document])[1]
    assert (facing.x_m, facing.width_m, facing.height_m) == (0.0, 0.15, None)


def test_a_lower_facing_says_its_height() -> None:
    low = changed(facing_document("a", (1, 2)), "global_coordinates", "dim_z", to=0.1)
    _, facings, _ = built([low, facing_document("b", (3, 4))])
    assert [facing.height_m for facing in facings] == [0.1, None]


def test_a_facing_over_two_shelves_is_two() -> None:
    document = facing_document("a", (1, 2))
    document["plate_ids"][1]["shelf_id"]["shelf_index"] = 2
    assert [facing.shelf for facing in built([document])[1]] == [1, 2]


def test_facings_that_come_twice() -> None:
    _, facings, warnings = built([facing_document("a", (1, 2))] * 3)
    assert len(facings) == 1
    assert warnings == ["2 facings came twice and are taken in once"]


def test_a_facing_out_of_line_is_named() -> None:
    document = changed(facing_document("a", (1, 2)), "global_coordinates", "transform", "translation", "x", to=0.5)
    warnings = built([facing_document("b", (3, 4)), facing_document("c", (5,)), document])[2]
    assert warnings == ["gondola-1: 1 of 3 facings do not stand in line with the others"]


def test_cells_are_where_the_recording_ever_had_a_number() -> None:
    columns = Columns()
    grams = np.full((12, 1, 3), np.nan, np.float32)
    grams[5, 0, :2] = 7
    columns.add("gondola-1", grams)
    fixtures, _, _ = built(DOCUMENTS, columns)
    cells = {
        (fixture.id, shelf.id): [plate.cell for plate in shelf.plates]
        for fixture in fixtures
        for shelf in fixture.shelves
    }
    assert cells == {
        ("gondola-1", 1): [True, True, False, False],
        ("gondola-1", 2): [False] * 4,
        ("gondola-3", 1): [True, True],
        ("gondola-5", 1): [True, True, True],
    }


@pytest.mark.parametrize(
    ("document", "words"),
    [
        pytest.param({}, "names no plates", id="empty"),
        pytest.param(changed(DOCUMENTS[0], "plate_ids", to=7), "names no plates", id="plates are a number"),
        pytest.param(changed(DOCUMENTS[0], "plate_ids", 0, "plate_index", to=0), "plate_index is 0", id="plate 0"),
        pytest.param(changed(DOCUMENTS[0], "plate_ids", 0, "plate_index", to=10**9), "plate_index", id="plate 10^9"),
        pytest.param(changed(DOCUMENTS[0], "plate_ids", 0, "shelf_id", to={}), "id is 0", id="no shelf"),
        pytest.param(changed(DOCUMENTS[0], "global_coordinates", to={}), "its size", id="no size"),
        pytest.param(changed(DOCUMENTS[0], "global_coordinates", "dim_x", to=-1), "its size", id="negative size"),
        pytest.param(changed(DOCUMENTS[0], "global_coordinates", "dim_x", to=1e30), "a length", id="absurd size"),
        pytest.param(
            changed(DOCUMENTS[0], "global_coordinates", "transform", "rotation", to={"x": 1.0}), "tilted", id="tilted"
        ),
        pytest.param(changed(DOCUMENTS[0], "planogram_product_id", "id", to=7), "not a text", id="product is a number"),
    ],
)
def test_facings_that_cannot_be_read(document: Document, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_placed(document)


def test_documents_for_a_store_read_back_the_same() -> None:
    fixtures, facings, _ = built(DOCUMENTS)
    store = Store("x", "real", "USD", "UTC", (), fixtures, (), (), {}, facings)
    documents = planogram_documents(store)
    assert [document["planogram_product_id"] for document in documents].count({}) == len(documents)  # no catalogue
    again = [place for document in documents for place in read_placed(document)]
    assert build_fixtures(again, Columns())[0] == fixtures


def test_numbers_of_fixtures() -> None:
    assert gondola_numbers(["fridge", "gondola-3", "rack"]) == {"gondola-3": 3, "fridge": 4, "rack": 5}
