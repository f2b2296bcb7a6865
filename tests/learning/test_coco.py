"""COCO out and in: nothing is lost, and the form is the published one."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walkout.learning.annotation import (
    HAPPENS,
    Annotated,
    AnnotationError,
    Mark,
    Point,
    Span,
    corrected,
    from_plain,
    plain,
)
from walkout.learning.coco import from_coco, from_json, to_coco, to_json
from walkout.recording.people import JOINTS

WIDTH, HEIGHT = 320, 240
TEA = "04012345000011"
gtins = st.sampled_from(["", TEA])
makers: Any = st.sampled_from(["model", "person"])


@st.composite
def marks(draw: st.DrawFn, pictures: int) -> Mark:
    what = draw(st.sampled_from(["person", "hand", "product"]))
    x, y = draw(st.integers(0, WIDTH - 2)), draw(st.integers(0, HEIGHT - 2))
    w, h = draw(st.floats(0.5, WIDTH - x)), draw(st.floats(0.5, HEIGHT - y))
    names = draw(st.sets(st.sampled_from(JOINTS))) if what == "person" else set()
    place: Any = st.tuples(st.floats(-9, WIDTH + 9), st.floats(-9, HEIGHT + 9), st.sampled_from([1, 2]))
    joints = tuple((name, Point(*draw(place))) for name in JOINTS if name in names)
    n = draw(st.integers(0, pictures - 1))
    return Mark(n, what, float(x), float(y), w, h, draw(st.integers(0, 5)), draw(gtins), joints, draw(makers))  # type: ignore[arg-type]


@st.composite
def clips(draw: st.DrawFn) -> Annotated:
    pictures = draw(st.integers(1, 4))
    found = draw(st.lists(marks(pictures), max_size=5))
    spans = []
    for _ in range(draw(st.integers(0, 2))):
        first = draw(st.integers(0, pictures - 1))
        last = draw(st.integers(first, pictures - 1))
        spans.append(
            Span(first, last, draw(st.sampled_from(HAPPENS)), draw(gtins), draw(st.integers(0, 5)), draw(makers))
        )
    ordered = tuple(sorted(found, key=lambda mark: mark.picture))
    times = tuple(1_700_000_000_000_000_000 + 66_666_667 * n for n in range(pictures))
    return Annotated(draw(st.sampled_from(["c1", "c2"])), "7", WIDTH, HEIGHT, times, ordered, tuple(spans), "simulated")


@settings(max_examples=60, deadline=None)
@given(st.lists(clips(), max_size=3))
def test_what_goes_out_comes_in_again(found: list[Annotated]) -> None:
    assert from_json(to_json(found)) == tuple(found)
    for one in found:
        assert from_plain(orjson.loads(orjson.dumps(plain(one)))) == one


def is_coco(read: Any) -> None:
    """The published format (cocodataset.org, 'Data format'): fields, types, and what hangs together."""
    assert {"info", "images", "annotations", "licenses"} <= set(read)
    assert set(read["info"]) == {"year", "version", "description", "contributor", "url", "date_created"}
    assert isinstance(read["info"]["year"], int)
    fields = {"id", "width", "height", "file_name", "license", "flickr_url", "coco_url", "date_captured"}
    licenses = {one["id"] for one in read["licenses"]}
    assert all(set(one) == {"id", "name", "url"} for one in read["licenses"])
    images = {one["id"]: one for one in read["images"]}
    assert len(images) == len(read["images"])
    assert len({one["file_name"] for one in read["images"]}) <= len(images)
    for image in images.values():
        assert set(image) == fields
        assert image["license"] in licenses
    kinds = {one["id"]: one for one in read["categories"]}
    for kind in kinds.values():
        assert {"id", "name", "supercategory"} <= set(kind)
    assert len({one["id"] for one in read["annotations"]}) == len(read["annotations"])
    for one in read["annotations"]:
        assert {"id", "image_id", "category_id", "segmentation", "area", "bbox", "iscrowd"} <= set(one)
        assert one["image_id"] in images
        x, y, w, h = one["bbox"]
        assert one["area"] == w * h
        assert one["iscrowd"] == 0  # so its segmentation is a list of polygons, each an even number of coordinates
        for polygon in one["segmentation"]:
            assert len(polygon) >= 6
            assert len(polygon) % 2 == 0
            assert (min(polygon[::2]), min(polygon[1::2])) == (x, y)
        kind = kinds[one["category_id"]]
        if "keypoints" in kind:
            assert len(one["keypoints"]) == 3 * len(kind["keypoints"])
            seen = one["keypoints"][2::3]
            assert set(seen) <= {0, 1, 2}
            assert one["num_keypoints"] == sum(v > 0 for v in seen)
            for k, v in enumerate(seen):
                assert v > 0 or one["keypoints"][3 * k : 3 * k + 2] == [0, 0]
            assert all(1 <= a <= len(kind["keypoints"]) for edge in kind["skeleton"] for a in edge)


@settings(max_examples=40, deadline=None)
@given(st.lists(clips(), max_size=2))
def test_it_is_the_published_form(found: list[Annotated]) -> None:
    is_coco(orjson.loads(to_json(found, {"hours": 1.5})))


def test_what_another_tool_changed_comes_in_as_a_persons(  # a tool that knows nothing of `walkout`
) -> None:
    clip = Annotated("c1", "7", WIDTH, HEIGHT, (1, 2), (Mark(0, "hand", 1, 2, 30, 40, by="model"),))
    read = to_coco([clip])
    read["annotations"].append({"id": 9, "image_id": 2, "category_id": 3, "bbox": [5, 5, 10, 10]})
    read["annotations"][0]["bbox"] = [2, 2, 30, 40]
    (found,) = from_coco(read)
    assert [(m.picture, m.what, m.x_px, m.by) for m in found.marks] == [
        (0, "hand", 2, "model"),
        (1, "product", 5, "person"),
    ]
    assert not found.looked_at
    assert corrected(found, found.marks, found.spans).looked_at


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"marks": [{"picture": 9, "what": "hand", "x_px": 0, "y_px": 0, "width_px": 1, "height_px": 1}]}, "picture 9"),
        ({"marks": [{"picture": 0, "what": "hand", "x_px": 0, "y_px": 0, "width_px": 999, "height_px": 1}]}, "beyond"),
        (
            {"marks": [{"picture": 0, "what": "face", "x_px": 0, "y_px": 0, "width_px": 1, "height_px": 1}]},
            "found a face",
        ),
        ({"spans": [{"first": 1, "last": 0, "happens": "take"}]}, "found a span"),
        ({"marks": None}, "found no annotated clip"),
    ],
)
def test_what_cannot_be_is_refused_with_what_would_be_right(change: dict[str, Any], words: str) -> None:
    clip = plain(Annotated("c1", "7", WIDTH, HEIGHT, (1, 2)))
    with pytest.raises(AnnotationError, match=words):
        from_plain(clip | change)
    with pytest.raises(AnnotationError, match="found no dataset"):
        from_coco({"images": []})
    with pytest.raises(AnnotationError, match="found no JSON"):
        from_json(b"{")
