"""AiFi's plate and person documents to observations and back.

Protobuf's JSON leaves out what is 0 or empty, so every number defaults to 0 and every list to []. Whatever an
observation does not hold (ids, the time of origin, unknown or wrong fields) goes under `source["aifi"]` as a residue,
so that the document can be made again exactly.
"""

import base64
import binascii
import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from walkout.recording.aifi import clock
from walkout.recording.aifi.residue import residue, restored
from walkout.recording.error import MalformedError
from walkout.recording.people import FARTHEST_M, JOINTS, CameraBox, Joint, PeopleFrame, Person
from walkout.recording.plates import PlateBatch

INCH_M: Final = 0.0254
RATE_HZ: Final = 60.0
"""Where a document does not name its rate; the only rate seen."""
MAX_CELLS: Final = 500_000
MAX_PLATES: Final = 100_000
KEY: Final = "aifi"
MAX_DEPTH: Final = 60
MAX_KEPT: Final = 1024 * 1024
"""Bytes of what a document says beyond an observation; a real one has 200."""
_FLOAT32: Final = "DATATYPE_FLOAT32"
_STATE: Final = "TARGETSTATE_VALID_ENTRANCE"
_HANDS: Final = ("r_wrist", "l_wrist")
"""The order in which the wrists come again as hands."""

Document = dict[str, Any]


def fixture_of(gondola: int) -> str:
    """Our name of a gondola."""
    return f"gondola-{gondola}"


def gondola_of(fixture: str) -> int | None:
    """The gondola's number; None: not one of these names."""
    digits = fixture.removeprefix("gondola-")
    return (
        int(digits)
        if digits != fixture and digits.isascii() and digits.isdigit() and digits == str(int(digits))
        else None
    )


def read_plates(document: Mapping[str, Any]) -> PlateBatch:
    """The batch in a `plate_data` document; sample k is at the time of issue + k / rate.

    Raises:
        MalformedError: no time, no gondola, or readings that do not fit their shape.
    """
    t_ns, arrived_ns = _times(document)
    body = _at(document, "document", "plate_data")
    rate_hz = body.get("freq_samp", RATE_HZ)
    if type(rate_hz) not in (int, float) or not 1e-3 <= rate_hz <= 1e6:
        raise MalformedError(f"freq_samp {str(rate_hz)[:40]}; right would be samples a second such as 60")
    gondola, cells = _gondola(document), _cells(_at(body, "values"))
    steps = np.round(np.arange(len(cells)) * (1e9 / rate_hz)).astype(np.int64)
    if t_ns + int(steps[-1]) > clock.MAX_NS:
        raise MalformedError("the samples end after 2262")
    batch = PlateBatch(
        fixture=fixture_of(gondola),
        t_ns=t_ns + steps,
        grams=np.ascontiguousarray(cells[:, 1:, 1:]),
        rate_hz=float(rate_hz),
        arrived_ns=arrived_ns,
    )
    rest = residue(_plate_core(batch, gondola), dict(document))
    return PlateBatch(batch.fixture, batch.t_ns, batch.grams, batch.rate_hz, arrived_ns, source=_kept(rest))


def read_plate_cells(document: Mapping[str, Any]) -> tuple[str, NDArray[np.float32]]:
    """Only the fixture and the readings of a `plate_data` document; raises as `read_plates`."""
    cells = _cells(_at(document, "document", "plate_data", "values"))
    return fixture_of(_gondola(document)), cells[:, 1:, 1:]


def _gondola(document: Mapping[str, Any]) -> int:
    place = _at(document, "document", "plate_data", "plate_id", "shelf_id", "gondola_id")
    gondola = place.get("id", document.get("gondola_id", 0))
    if type(gondola) is not int or not 1 <= gondola <= 1000:
        raise MalformedError(f"gondola {str(gondola)[:40]!r}; right would be 1 to 1000")
    return gondola


def _cells(values: Mapping[str, Any]) -> NDArray[np.float32]:
    shape, kind, data = values.get("shape", []), values.get("type"), values.get("data", "")
    if kind != _FLOAT32:
        raise MalformedError(f"readings of type {str(kind)[:40]!r}; right would be {_FLOAT32}")
    if type(shape) is not list or len(shape) != 3 or any(type(size) is not int for size in shape):
        raise MalformedError(f"shape {str(shape)[:60]}; right would be [samples, shelves + 1, plates + 1]")
    samples, shelves, plates = shape
    if not (samples >= 1 and shelves >= 2 and plates >= 2 and samples * shelves * plates <= MAX_CELLS) or (
        shelves * plates > MAX_PLATES
    ):
        raise MalformedError(f"shape {str(shape)[:60]}; right would be at least [1, 2, 2] and {MAX_CELLS} readings")
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise MalformedError(f"readings that are not base64: {error}") from error
    if len(raw) != 4 * samples * shelves * plates:
        raise MalformedError(f"{len(raw)} bytes of readings; right for shape {shape} would be {4 * math.prod(shape)}")
    return np.frombuffer(raw, "<f4").astype(np.float32, copy=False).reshape(samples, shelves, plates)


def _plate_core(batch: PlateBatch, gondola: int) -> Document:
    """The document as far as the batch alone determines it."""
    samples, shelves, plates = batch.grams.shape
    full = np.full((samples, shelves + 1, plates + 1), np.nan, "<f4")
    full[:, 1:, 1:] = batch.grams
    t_ns = int(batch.t_ns[0])
    return {
        "timestamp": clock.stamp(t_ns),
        "date_time": clock.mongo_date(batch.arrived_ns),
        "document": {
            "header": {"t_origin": clock.iso(t_ns), "t_issue": clock.iso(t_ns)},
            "plate_data": {
                "plate_id": {"shelf_id": {"gondola_id": {"id": gondola}}},
                "freq_samp": batch.rate_hz,
                "values": {
                    "data": base64.b64encode(full.tobytes()).decode(),
                    "shape": [samples, shelves + 1, plates + 1],
                    "type": _FLOAT32,
                },
            },
        },
        "gondola_id": gondola,
        "shelf_index": 0,
        "plate_index": 0,
    }


def plate_document(batch: PlateBatch, gondola: int) -> Document:
    """The document of a batch; the one it came from, where it came from one."""
    document: Document = restored(_plate_core(batch, gondola), batch.source.get(KEY, {}))
    return document


def read_people(document: Mapping[str, Any]) -> tuple[PeopleFrame, list[str]]:
    """The frame in a `targets` or `full_targets` document, and what in it could not be read.

    Raises:
        MalformedError: no time, or no list of people.
    """
    t_ns, arrived_ns = _times(document)
    targets = _at(document, "document", "targets").get("targets", [])
    if type(targets) is not list:
        raise MalformedError("targets are not a list")
    troubles: list[str] = []
    people = tuple(person for target in targets if (person := _read_person(target, troubles)) is not None)
    frame = PeopleFrame(t_ns=t_ns, arrived_ns=arrived_ns, people=people)
    rest = residue(_people_core(frame), dict(document))
    return PeopleFrame(t_ns, arrived_ns, people, source=_kept(rest)), troubles


def _read_person(target: Any, troubles: list[str]) -> Person | None:
    identity = target.get("target_id") if type(target) is dict else None
    name = identity.get("id") if type(identity) is dict else None
    if type(name) is not str or not name:
        troubles.append("a person without an id")
        return None
    joints: dict[str, Joint] = {}
    for joint in JOINTS:
        try:
            found = _read_joint(target.get(joint, {}))
        except (MalformedError, AttributeError):
            troubles.append("a joint that cannot be read")
            continue
        if found is not None:
            joints[joint] = found
    boxes: list[CameraBox] = []
    seen = target.get("detection_metadata", [])
    for box in seen if type(seen) is list else [None]:
        try:
            boxes.append(_read_box(box))
        except (MalformedError, AttributeError):
            troubles.append("a camera's box that cannot be read")
    return Person(id=name, joints=joints, boxes=tuple(boxes))


def _read_joint(value: Any) -> Joint | None:
    point, score = value.get("point", {}), _number(value, "score")
    if not point and not score:
        return None
    x_m, y_m, z_m = (_number(point, axis) * INCH_M for axis in "xyz")
    if not max(abs(x_m), abs(y_m), abs(z_m), abs(score)) < FARTHEST_M:
        raise MalformedError(f"joint at {x_m:g}, {y_m:g}, {z_m:g} m")
    return Joint(x_m, y_m, z_m, score)


def _read_box(value: Any) -> CameraBox:
    camera = _at(value, "frame_source", "camera_id").get("id", 0)
    if type(camera) is not int:
        raise MalformedError(f"camera {str(camera)[:40]!r}")
    box = value.get("bbox", {})
    left, top, width, height = (_number(box, side) for side in ("left", "top", "width", "height"))
    return CameraBox(str(camera), clock.parse(value.get("timestamp")), left, top, width, height)


def _people_core(frame: PeopleFrame) -> Document:
    t_iso = clock.iso(frame.t_ns)
    people = [_person_core(person) for person in frame.people]
    return {
        "timestamp": clock.stamp(frame.t_ns),
        "date_time": clock.mongo_date(frame.arrived_ns),
        "document": {"header": {"t_origin": t_iso, "t_issue": t_iso}, "targets": {"targets": people} if people else {}},
        "id": 0,
    }


def _person_core(person: Person) -> Document:
    written = {name: _joint_core(person.joints.get(name)) for name in JOINTS}
    hands = [written[name] for name in _HANDS if name in person.joints]
    core: Document = {"target_id": {"id": person.id}}
    if person.boxes:
        core["detection_metadata"] = [_box_core(box) for box in person.boxes]
    core |= {"target_state": _STATE, "head": written["head"]}
    if hands:
        core["hands"] = hands
    return core | written


def _joint_core(joint: Joint | None) -> Document:
    if joint is None:
        return {"point": {}}
    inches = {"x": _inches(joint.x_m), "y": _inches(joint.y_m), "z": _inches(joint.z_m)}
    core: Document = {"point": {axis: value for axis, value in inches.items() if value}}
    return core | {"score": joint.score} if joint.score else core


def _inches(metres: float) -> float:
    """Single precision, as AiFi's documents have it; that undoes the conversion to metres exactly."""
    return float(np.float32(metres / INCH_M))


def _box_core(box: CameraBox) -> Document:
    sides = {"left": box.left_px, "top": box.top_px, "width": box.width_px, "height": box.height_px}
    camera = int(box.camera) if box.camera.isascii() and box.camera.lstrip("-").isdigit() else 0
    return {
        "timestamp": clock.iso(box.t_ns),
        "frame_source": {"camera_id": {"id": camera} if camera else {}},
        "bbox": {side: int(value) if value == int(value) else value for side, value in sides.items() if value},
    }


def people_document(frame: PeopleFrame) -> Document:
    """The document of a frame; the one it came from, where it came from one."""
    document: Document = restored(_people_core(frame), frame.source.get(KEY, {}))
    return document


def _kept(rest: dict[str, Any]) -> dict[str, Any]:
    """The residue as a source, refused where it is too large or too deep to travel in a message."""
    level: list[Any] = [rest]
    for _ in range(MAX_DEPTH):
        level = [part for value in level for part in _parts(value)]
        if not level:
            break
    else:
        raise MalformedError(f"a document of more than {MAX_DEPTH} levels")
    if len(orjson.dumps(rest)) > MAX_KEPT:
        raise MalformedError(f"a document with more than {MAX_KEPT} bytes of its own")
    return {KEY: rest} if rest else {}


def _parts(value: Any) -> list[Any]:
    if type(value) is dict:
        return list(value.values())
    return value if type(value) is list else []


def _times(document: Mapping[str, Any]) -> tuple[int, int]:
    """Event time and arrival. The strings of the header are exact; the double beside them is not."""
    header = _at(document, "document", "header")
    issued = header.get("t_issue")
    t_ns = clock.parse(issued) if issued is not None else clock.parse_stamp(document.get("timestamp"))
    arrived = document.get("date_time")
    return t_ns, clock.parse_date(arrived) if arrived is not None else t_ns


def _at(value: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """The object at a path; an empty one where it was left out."""
    for step in path:
        value = value.get(step, {})
        if type(value) is not dict:
            raise MalformedError(f"'{step}' is not an object")
    return value


def _number(value: Any, name: str) -> float:
    found = value.get(name, 0.0)
    if type(found) not in (int, float) or not abs(found) < 1e9:
        raise MalformedError(f"'{name}' is {str(found)[:40]}; right would be a number")
    return float(found)
