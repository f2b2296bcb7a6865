"""Truth as JSON messages, each with a published JSON Schema. Only `evaluation` and the simulator touch it."""

from collections.abc import Mapping
from typing import Any, Final, Literal, cast

from walkout.recording.error import MalformedError
from walkout.recording.json_value import as_object, dump, load, mapping, number, text, whole
from walkout.recording.truth import Place, TruthMove, TruthNote, TruthVisit

Truth = TruthMove | TruthVisit | TruthNote
PlaceKind = Literal["plates", "floor", "shopper", "outside"]

_NS: Final = {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
_TEXT: Final = {"type": "string"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_PLACE: Final = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["plates", "floor", "shopper", "outside"]},
        "fixture": _TEXT,
        "shelf": _COUNT,
        "plates": {"type": "array", "items": _COUNT},
        "shopper": _TEXT,
    },
    "required": ["kind"],
}


def _schema(title: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "type": "object", "properties": properties, "required": list(properties)}


TRUTH_SCHEMAS: Final[Mapping[str, Mapping[str, Any]]] = {
    "walkout.TruthMove": _schema(
        "Items that really moved",
        {
            "id": _TEXT,
            "start_ns": _NS,
            "end_ns": _NS,
            "shopper": _TEXT,
            "action": _TEXT,
            "gtin": _TEXT,
            "quantity": _COUNT,
            "mass_g": {"type": "number"},
            "source": _PLACE,
            "target": _PLACE,
        },
    ),
    "walkout.TruthVisit": _schema(
        "A visit and what was really taken",
        {
            "visit": _TEXT,
            "party": _TEXT,
            "shoppers": {"type": "array", "items": _TEXT},
            "entered_ns": _NS,
            "left_ns": _NS,
            "basket": {"type": "object", "additionalProperties": _COUNT},
            "path": {
                "type": "array",
                "items": {"type": "array", "prefixItems": [_NS, {"type": "number"}, {"type": "number"}]},
            },
        },
    ),
    "walkout.TruthNote": _schema("A fact about the whole recording", {"name": _TEXT, "value": _TEXT}),
}


def encode_truth(truth: Truth) -> bytes:
    """A piece of truth as JSON."""
    if isinstance(truth, TruthMove):
        return dump(
            {
                "id": truth.id,
                "start_ns": truth.start_ns,
                "end_ns": truth.end_ns,
                "shopper": truth.shopper,
                "action": truth.action,
                "gtin": truth.gtin,
                "quantity": truth.quantity,
                "mass_g": truth.mass_g,
                "source": _place(truth.source),
                "target": _place(truth.target),
            }
        )
    if isinstance(truth, TruthVisit):
        return dump(
            {
                "visit": truth.visit,
                "party": truth.party,
                "shoppers": list(truth.shoppers),
                "entered_ns": truth.entered_ns,
                "left_ns": truth.left_ns,
                "basket": {gtin: truth.basket[gtin] for gtin in sorted(truth.basket)},
                "path": [list(point) for point in truth.path],
            }
        )
    return dump({"name": truth.name, "value": truth.value})


def decode_truth(topic: str, data: bytes) -> Truth:
    """The piece of truth in these bytes, by its channel.

    Raises:
        MalformedError: not such a message.
    """
    value = load(data)
    if topic == "/truth/moves":
        return TruthMove(
            id=text(value, "id"),
            start_ns=whole(value, "start_ns"),
            end_ns=whole(value, "end_ns"),
            shopper=text(value, "shopper"),
            action=text(value, "action"),
            gtin=text(value, "gtin"),
            quantity=whole(value, "quantity"),
            mass_g=number(value, "mass_g"),
            source=_read_place(mapping(value, "source")),
            target=_read_place(mapping(value, "target")),
        )
    if topic == "/truth/visits":
        basket = mapping(value, "basket")
        return TruthVisit(
            visit=text(value, "visit"),
            party=text(value, "party"),
            shoppers=tuple(text({"shopper": item}, "shopper") for item in _list(value, "shoppers")),
            entered_ns=whole(value, "entered_ns"),
            left_ns=whole(value, "left_ns"),
            basket={gtin: whole(basket, gtin) for gtin in basket},
            path=tuple(_read_point(point) for point in _list(value, "path")),
        )
    if topic == "/truth/notes":
        return TruthNote(name=text(value, "name"), value=text(value, "value"))
    raise MalformedError(f"no truth is known under '{topic}'")


def _place(place: Place) -> dict[str, Any]:
    value: dict[str, Any] = {"kind": place.kind}
    if place.fixture:
        value["fixture"] = place.fixture
    if place.shelf:
        value["shelf"] = place.shelf
    if place.plates:
        value["plates"] = list(place.plates)
    if place.shopper:
        value["shopper"] = place.shopper
    return value


def _read_place(value: Mapping[str, Any]) -> Place:
    kind = text(value, "kind")
    if kind not in ("plates", "floor", "shopper", "outside"):
        raise MalformedError(f"a place of kind {kind!r}; right: plates, floor, shopper or outside")
    return Place(
        kind=cast("PlaceKind", kind),
        fixture=text(value, "fixture") if "fixture" in value else "",
        shelf=whole(value, "shelf") if "shelf" in value else 0,
        plates=tuple(whole({"plate": item}, "plate") for item in _list(value, "plates", required=False)),
        shopper=text(value, "shopper") if "shopper" in value else "",
    )


def _list(value: Mapping[str, Any], name: str, *, required: bool = True) -> list[Any]:
    found = value.get(name, None if required else [])
    if type(found) is not list:
        raise MalformedError(f"'{name}' is not a list")
    return found


def _read_point(point: Any) -> tuple[int, float, float]:
    if type(point) is not list or len(point) != 3:
        raise MalformedError("a point of a path is not [t_ns, x_m, y_m]")
    named = as_object(dict(zip(("t_ns", "x_m", "y_m"), point, strict=True)))
    return whole(named, "t_ns"), number(named, "x_m"), number(named, "y_m")
