"""Annotated clips as COCO JSON and back: boxes and keypoints for any tool that reads it, all else beside them.

The form is that of cocodataset.org/#format-data (object detection and keypoint detection), which pycocotools reads:
one image a picture, `bbox` as [x, y, width, height], `keypoints` as x1, y1, v1, ... with v 0 (not labelled, x = y = 0),
1 (hidden) or 2 (seen). What COCO has no place for (spans, tracks, what a hand holds, who placed it, consent) stands
under the key `walkout` of the file and of each annotation, which other tools leave alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson

from walkout.learning.annotation import (
    WHATS,
    Annotated,
    AnnotationError,
    Mark,
    Point,
    What,
    from_plain,
    plain,
)
from walkout.recording.people import JOINTS

CATEGORIES: Final[Mapping[What, int]] = {name: n for n, name in enumerate(WHATS, 1)}
EDGES: Final = (("head", "neck"), ("neck", "l_shoulder"), ("neck", "r_shoulder"), ("l_shoulder", "l_elbow"),
                ("r_shoulder", "r_elbow"), ("l_elbow", "l_wrist"), ("r_elbow", "r_wrist"))  # fmt: skip
LICENSE: Final = {"id": 1, "name": "not to be passed on: clips of people who agreed to this use", "url": ""}


def to_coco(clips: Sequence[Annotated], sheet: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Clips as one COCO dataset; `sheet`: whose consent, hours and pay it rests on (`dataset.sheet`)."""
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    about: list[dict[str, Any]] = []
    for clip in clips:
        first = len(images)
        images += [_image(clip, number, first + number + 1) for number in range(len(clip.t_ns))]
        for mark in clip.marks:
            annotations.append(_annotation(mark, len(annotations) + 1, first + mark.picture + 1))
        rest = {key: value for key, value in plain(clip).items() if key != "marks"}
        about.append(rest | {"first_image": first + 1})
    return {
        "info": {
            "year": 2026, "version": "1", "description": "interactions at shelves, annotated by people",
            "contributor": "", "url": "", "date_created": "",
        },
        "licenses": [LICENSE],
        "images": images,
        "annotations": annotations,
        "categories": [_category(name) for name in WHATS],
        "walkout": {"version": 1, "clips": about, "sheet": dict(sheet or {})},
    }  # fmt: skip


def from_coco(read: Any) -> tuple[Annotated, ...]:
    """The clips of a dataset that `to_coco` wrote, whatever a tool changed in its boxes and keypoints since.

    Raises AnnotationError where it is no such dataset. Marks that a tool added count as a person's.
    """
    try:
        clips, by_image = read["walkout"]["clips"], _by_image(read["annotations"])
        kinds = {int(one["id"]): str(one["name"]) for one in read["categories"]}
        found = []
        for about in clips:
            first, count = int(about["first_image"]), len(about["t_ns"])
            marks = [
                _mark(one, number, kinds)
                for number in range(count)
                for one in by_image.get(first + number, ())
            ]  # fmt: skip
            bare = from_plain({**about, "marks": []})
            found.append(replace(bare, marks=tuple(marks)))
        return tuple(found)
    except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
        if isinstance(error, AnnotationError):
            raise
        raise AnnotationError(
            f"found no dataset of annotated clips ({error}), right: COCO as it was exported"
        ) from error


def to_json(clips: Sequence[Annotated], sheet: Mapping[str, Any] | None = None) -> bytes:
    """The dataset as a file."""
    return orjson.dumps(to_coco(clips, sheet), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def from_json(data: bytes) -> tuple[Annotated, ...]:
    """The clips of a file. Raises AnnotationError."""
    try:
        return from_coco(orjson.loads(data))
    except orjson.JSONDecodeError as error:
        raise AnnotationError(f"found no JSON ({error}), right: COCO as it was exported") from error


def _image(clip: Annotated, number: int, id_: int) -> dict[str, Any]:
    return {
        "id": id_,
        "width": clip.width_px,
        "height": clip.height_px,
        "file_name": f"{clip.clip}/{number:05d}.jpg",
        "license": LICENSE["id"],
        "flickr_url": "",
        "coco_url": "",
        "date_captured": "",
    }


def _category(name: What) -> dict[str, Any]:
    found: dict[str, Any] = {"id": CATEGORIES[name], "name": name, "supercategory": ""}
    if name != "person":
        return found
    at = {joint: n for n, joint in enumerate(JOINTS, 1)}
    return found | {"keypoints": list(JOINTS), "skeleton": [[at[a], at[b]] for a, b in EDGES]}


def _annotation(mark: Mark, id_: int, image: int) -> dict[str, Any]:
    x, y, w, h = mark.x_px, mark.y_px, mark.width_px, mark.height_px
    found: dict[str, Any] = {
        "id": id_,
        "image_id": image,
        "category_id": CATEGORIES[mark.what],
        "segmentation": [[x, y, x, y + h, x + w, y + h, x + w, y]],
        "area": w * h,
        "bbox": [x, y, w, h],
        "iscrowd": 0,
        "walkout": {"track": mark.track, "gtin": mark.gtin, "by": mark.by},
    }
    if mark.what == "person":
        joints = dict(mark.joints)
        places = [joints.get(name, Point(0.0, 0.0, 0)) for name in JOINTS]
        found["keypoints"] = [value for p in places for value in (p.x_px, p.y_px, p.visible)]
        found["num_keypoints"] = sum(p.visible > 0 for p in places)
    return found


def _by_image(annotations: Iterable[Mapping[str, Any]]) -> dict[int, list[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = {}
    for one in annotations:
        found.setdefault(int(one["image_id"]), []).append(one)
    return found


def _mark(one: Mapping[str, Any], picture: int, kinds: Mapping[int, str]) -> Mark:
    kind = kinds[int(one["category_id"])]
    what = next((name for name in WHATS if name == kind), None)
    if what is None:
        raise AnnotationError(f"found the category {kind!r}, right: one of {', '.join(WHATS)}")
    own = one.get("walkout", {})
    flat = list(one.get("keypoints", ()))
    triples = [flat[k : k + 3] for k in range(0, len(flat), 3)]
    if flat and len(triples) != len(JOINTS):
        raise AnnotationError(f"found {len(triples)} keypoints, right: {len(JOINTS)}")
    joints = tuple(
        (name, Point(float(at_x), float(at_y), 1 if v == 1 else 2))
        for name, (at_x, at_y, v) in zip(JOINTS, triples, strict=False)
        if v > 0
    )
    x, y, w, h = (float(value) for value in one["bbox"])
    track, gtin = int(own.get("track", 0)), str(own.get("gtin", ""))
    return Mark(picture, what, x, y, w, h, track, gtin, joints, "model" if own.get("by") == "model" else "person")
