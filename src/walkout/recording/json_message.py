"""Everything but plate batches as JSON messages, each with a published JSON Schema.

Times are UTC nanoseconds as whole numbers. The arrival is the message's log time and does not stand in the message.
"""

from collections.abc import Mapping
from typing import Any, Final

from walkout.recording.error import MalformedError
from walkout.recording.gate import GateEvent
from walkout.recording.json_value import as_object, dump, items, load, mapping, number, text, whole
from walkout.recording.look import Look
from walkout.recording.loss import Loss
from walkout.recording.people import FARTHEST_M, CameraBox, Joint, PeopleFrame, Person

_NS: Final = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "number"}
_SEQ: Final = {"type": "integer", "minimum": 0}
_SOURCE: Final = {"type": "object", "description": "what the source said beyond this"}


def _object(properties: dict[str, Any], *, optional: tuple[str, ...] = (), title: str = "") -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
    }
    return {"title": title, **schema} if title else schema


_JOINT: Final = _object({"x_m": _NUMBER, "y_m": _NUMBER, "z_m": _NUMBER, "score": _NUMBER})
_BOX: Final = _object(
    {"camera": _TEXT, "t_ns": _NS, "left_px": _NUMBER, "top_px": _NUMBER, "width_px": _NUMBER, "height_px": _NUMBER}
)
_PERSON: Final = _object(
    {
        "id": _TEXT,
        "joints": {"type": "object", "additionalProperties": _JOINT},
        "boxes": {"type": "array", "items": _BOX},
        "source": _SOURCE,
    },
    optional=("boxes", "source"),
)

SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    "walkout.PeopleFrame": _object(
        {"t_ns": _NS, "people": {"type": "array", "items": _PERSON}, "seq": _SEQ, "source": _SOURCE},
        optional=("seq", "source"),
        title="Everybody in the shop at one instant",
    ),
    "walkout.GateEvent": _object(
        {
            "t_ns": _NS,
            "gate": _TEXT,
            "way": {"enum": ["entry", "exit"]},
            "visit": _TEXT,
            "party": _TEXT,
            "person": _TEXT,
            "role": {"enum": ["shopper", "staff"]},
            "source": _SOURCE,
        },
        optional=("person", "role", "source"),
        title="Somebody passes a gate",
    ),
    "walkout.Look": _object(
        {
            "t_ns": _NS,
            "person": _TEXT,
            "hand": {"enum": ["left", "right"]},
            "fixture": _TEXT,
            "shelf": {"type": "integer", "minimum": 1},
            "likelihoods": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
            "source": _SOURCE,
        },
        optional=("source",),
        title="How likely each product is in a hand at a shelf",
    ),
    "walkout.Loss": _object(
        {
            "kind": _TEXT,
            "channel": _TEXT,
            "count": {"type": "integer", "minimum": 0},
            "detail": _TEXT,
            "start_ns": _NS,
            "end_ns": _NS,
            "source": _SOURCE,
        },
        optional=("start_ns", "end_ns", "source"),
        title="What was lost",
    ),
    "walkout.ShelfEvent": _object(
        {
            "id": _TEXT,
            "fixture": _TEXT,
            "shelf": {"type": "integer", "minimum": 1},
            "plates": {"type": "array", "items": {"type": "integer", "minimum": 1}},
            "delta_g": {"type": "array", "items": _NUMBER},
            "cov_g2": {"type": "array", "items": {"type": "array", "items": _NUMBER}},
            "onset_ns": _NS,
            "start_ns": _NS,
            "end_ns": _NS,
            "reported_ns": _NS,
        },
        title="A lasting change of weight on one shelf",
    ),
}


def encode_people(frame: PeopleFrame) -> bytes:
    """One frame of people as JSON; absent optional parts are left out."""
    value: dict[str, Any] = {"t_ns": frame.t_ns, "people": [_person(person) for person in frame.people]}
    if frame.seq is not None:
        value["seq"] = frame.seq
    return dump(_with_source(value, frame.source))


def _person(person: Person) -> dict[str, Any]:
    joints = {
        name: {"x_m": joint.x_m, "y_m": joint.y_m, "z_m": joint.z_m, "score": joint.score}
        for name, joint in person.joints.items()
    }
    value: dict[str, Any] = {"id": person.id, "joints": joints}
    if person.boxes:
        value["boxes"] = [
            {
                "camera": box.camera,
                "t_ns": box.t_ns,
                "left_px": box.left_px,
                "top_px": box.top_px,
                "width_px": box.width_px,
                "height_px": box.height_px,
            }
            for box in person.boxes
        ]
    return _with_source(value, person.source)


def decode_people(data: bytes, arrived_ns: int) -> PeopleFrame:
    """The frame in these bytes.

    Raises:
        MalformedError: not such a message.
    """
    value = load(data)
    people = tuple(_read_person(item) for item in items(value, "people"))
    return PeopleFrame(
        t_ns=whole(value, "t_ns"),
        arrived_ns=arrived_ns,
        people=people,
        seq=whole(value, "seq") if "seq" in value else None,
        source=mapping(value, "source"),
    )


def _read_person(value: Mapping[str, Any]) -> Person:
    joints = {name: _read_joint(joint) for name, joint in mapping(value, "joints").items()}
    boxes = tuple(
        CameraBox(
            camera=text(box, "camera"),
            t_ns=whole(box, "t_ns"),
            left_px=number(box, "left_px"),
            top_px=number(box, "top_px"),
            width_px=number(box, "width_px"),
            height_px=number(box, "height_px"),
        )
        for box in items(value, "boxes", required=False)
    )
    id_ = text(value, "id")
    if not id_:
        raise MalformedError("a person's 'id' is empty; right would be the tracker's name for them")
    return Person(id=id_, joints=joints, boxes=boxes, source=mapping(value, "source"))


def _read_joint(value: Any) -> Joint:
    joint = as_object(value)
    x_m, y_m, z_m, score = joint.get("x_m"), joint.get("y_m"), joint.get("z_m"), joint.get("score")
    # Most of all that is read are joints: four floats within bounds need no further look.
    if type(x_m) is type(y_m) is type(z_m) is type(score) is float and _near(x_m, y_m, z_m, score):
        return Joint(x_m, y_m, z_m, score)
    found = (number(joint, "x_m"), number(joint, "y_m"), number(joint, "z_m"), number(joint, "score"))
    if not _near(*found):
        raise MalformedError(f"a joint is {found}; right would be metres and a score within {FARTHEST_M:.0f}")
    return Joint(*found)


def _near(x_m: float, y_m: float, z_m: float, score: float) -> bool:
    far_m = FARTHEST_M
    return -far_m < x_m < far_m and -far_m < y_m < far_m and -far_m < z_m < far_m and -far_m < score < far_m


def encode_gate(event: GateEvent) -> bytes:
    """A passage through a gate as JSON."""
    value: dict[str, Any] = {
        "t_ns": event.t_ns,
        "gate": event.gate,
        "way": event.way,
        "visit": event.visit,
        "party": event.party,
        "role": event.role,
    }
    if event.person is not None:
        value["person"] = event.person
    return dump(_with_source(value, event.source))


def decode_gate(data: bytes, arrived_ns: int) -> GateEvent:
    """The passage in these bytes.

    Raises:
        MalformedError: not such a message.
    """
    value = load(data)
    way, role = value.get("way"), value.get("role", "shopper")
    if way not in ("entry", "exit") or role not in ("shopper", "staff"):
        raise MalformedError(f"gate: way {way!r}, role {role!r}; right: entry or exit, shopper or staff")
    return GateEvent(
        t_ns=whole(value, "t_ns"),
        arrived_ns=arrived_ns,
        gate=text(value, "gate"),
        way="entry" if way == "entry" else "exit",
        visit=text(value, "visit"),
        party=text(value, "party"),
        person=text(value, "person") if value.get("person") is not None else None,
        role="shopper" if role == "shopper" else "staff",
        source=mapping(value, "source"),
    )


def encode_look(look: Look) -> bytes:
    """A look at a hand as JSON."""
    value: dict[str, Any] = {
        "t_ns": look.t_ns,
        "person": look.person,
        "hand": look.hand,
        "fixture": look.fixture,
        "shelf": look.shelf,
        "likelihoods": dict(look.likelihoods),
    }
    return dump(_with_source(value, look.source))


def decode_look(data: bytes, arrived_ns: int) -> Look:
    """The look in these bytes.

    Raises:
        MalformedError: not such a message.
    """
    value = load(data)
    hand, shelf, listed = value.get("hand"), whole(value, "shelf"), as_object(value.get("likelihoods"))
    if hand not in ("left", "right") or shelf < 1:
        raise MalformedError(f"look: hand {hand!r}, shelf {shelf}; right: left or right, and a shelf from 1 on")
    likelihoods = {gtin: number(listed, gtin) for gtin in listed}
    if min(likelihoods.values(), default=0.0) < 0.0:
        raise MalformedError("look: a likelihood below 0; right is 0 or more")
    return Look(
        t_ns=whole(value, "t_ns"),
        arrived_ns=arrived_ns,
        person=text(value, "person"),
        hand="left" if hand == "left" else "right",
        fixture=text(value, "fixture"),
        shelf=shelf,
        likelihoods=likelihoods,
        source=mapping(value, "source"),
    )


def encode_loss(loss: Loss) -> bytes:
    """A loss as JSON."""
    value: dict[str, Any] = {
        "kind": loss.kind,
        "channel": loss.channel,
        "count": loss.count,
        "detail": loss.detail,
    }
    span = {"start_ns": loss.start_ns, "end_ns": loss.end_ns}
    value |= {name: t_ns for name, t_ns in span.items() if t_ns is not None}
    return dump(_with_source(value, loss.source))


def decode_loss(data: bytes) -> Loss:
    """The loss in these bytes.

    Raises:
        MalformedError: not such a message.
    """
    value = load(data)
    return Loss(
        kind=text(value, "kind"),
        channel=text(value, "channel"),
        count=whole(value, "count"),
        detail=text(value, "detail"),
        start_ns=whole(value, "start_ns") if value.get("start_ns") is not None else None,
        end_ns=whole(value, "end_ns") if value.get("end_ns") is not None else None,
        source=mapping(value, "source"),
    )


def _with_source(value: dict[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    if source:
        value["source"] = dict(source)
    return value
