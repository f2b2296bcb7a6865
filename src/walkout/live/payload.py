"""What devices say, as JSON: checked, and turned into observations; and what the shop answers at the door.

The AsyncAPI document (docs/reference/asyncapi.yaml) describes these messages; a test holds the two together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import orjson
from numpy.typing import NDArray

from walkout.live.door import Passage, Refused
from walkout.recording.error import MalformedError
from walkout.recording.gate import GateEvent
from walkout.recording.json_message import decode_look, decode_people, encode_look, encode_people
from walkout.recording.json_value import items, load, number, text, whole
from walkout.recording.look import Look
from walkout.recording.people import PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.tags import Tag, TagFrame
from walkout.store import sgtin
from walkout.store.layout import Fixture

MOST_BYTES = 512 * 1024
MOST_SAMPLES = 600
"""Of one batch: ten seconds at 60 Hz."""
MOST_PEOPLE = 500
MOST_TAGS = 2000
LONGEST_TEXT = 512
EARLIEST_NS, LATEST_NS = 0, 2**62
Clock = Literal["utc", "free", "simulated"]
Naming = Callable[[str, int], tuple[str, str] | None]
"""A tag's GTIN and serial number to the product and the item's name for now; None: no goods of this shop with tags."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a message stands in its device's stream."""

    seq: int | None
    boot: str
    """Changes when the device starts anew; "" where it does not say."""


@dataclass(frozen=True, slots=True)
class Status:
    """What a device says of itself when it comes up (retained), or the broker says for it when it is gone."""

    state: Literal["up", "down"]
    boot: str = ""
    clock: Clock = "utc"
    """utc: set by a time server; free: runs, but from any start; simulated: the twin's, taken as it is."""
    lag_ms: float = 0.0
    """How late its messages usually are."""
    detail: str = ""


def mark(data: bytes) -> Mark:
    """The sequence number and boot of a message.

    Raises:
        MalformedError: they are not what they must be.
    """
    value = _loaded(data)
    seq = whole(value, "seq") if value.get("seq") is not None else None
    if seq is not None and not 0 <= seq <= LATEST_NS:
        raise MalformedError(f"seq: found {seq}, right: 0 or more")
    return Mark(seq, _short(value, "boot"))


def encode_plates(batch: PlateBatch, boot: str = "") -> bytes:
    """A batch as a device publishes it; grams keep every digit of their 32 bits."""
    grams = np.ascontiguousarray(batch.grams, np.float32)
    value = {"seq": batch.seq, "t_ns": batch.t_ns.tolist(), "rate_hz": batch.rate_hz, "grams": grams}
    return orjson.dumps(value | ({"boot": boot} if boot else {}), option=orjson.OPT_SERIALIZE_NUMPY)


def decode_plates(data: bytes, fixture: Fixture, arrived_ns: int) -> PlateBatch:
    """A batch; `t_ns` holds each sample's time, or only the first one's, and `rate_hz` the rest.

    Raises:
        MalformedError: not such a message, or of another shape than the fixture has.
    """
    value = _loaded(data)
    rate_hz = value.get("rate_hz")
    if isinstance(rate_hz, bool) or not isinstance(rate_hz, int | float) or not 0.5 <= rate_hz <= 1000:
        raise MalformedError(f"rate_hz: found {rate_hz!r}, right: 0.5 to 1000")
    grams = _grams(value.get("grams"), fixture)
    t_ns = _times(value.get("t_ns"), len(grams), float(rate_hz))
    seq = whole(value, "seq") if value.get("seq") is not None else None
    return PlateBatch(fixture.id, t_ns, grams, float(rate_hz), arrived_ns, seq)


def decode_gate(data: bytes, gate: str, arrived_ns: int) -> Passage:
    """Somebody at a gate.

    Raises:
        MalformedError: not such a message.
    """
    value = _loaded(data)
    way = value.get("way")
    if way not in ("entry", "exit"):
        raise MalformedError(f"way: found {way!r}, right: entry or exit")
    return Passage(
        gate=gate,
        way="entry" if way == "entry" else "exit",
        t_ns=_instant(whole(value, "t_ns")),
        arrived_ns=arrived_ns,
        seq=whole(value, "seq") if value.get("seq") is not None else None,
        credential=_short(value, "credential") or None,
        person=_short(value, "person") or None,
        visit=_short(value, "visit") or None,
    )


def encode_gate(event: GateEvent, credential: str, seq: int, boot: str = "") -> bytes:
    """A passage as a gate publishes it."""
    value = {"seq": seq, "t_ns": event.t_ns, "way": event.way, "credential": credential, "person": event.person}
    return orjson.dumps({name: part for name, part in value.items() if part is not None} | _boot(boot))


def decode_frame(data: bytes, arrived_ns: int) -> PeopleFrame:
    """Everybody in the shop at one instant.

    Raises:
        MalformedError: not such a message.
    """
    _loaded(data)
    frame = decode_people(data, arrived_ns)
    _instant(frame.t_ns)
    ids = [person.id for person in frame.people]
    if len(ids) > MOST_PEOPLE or len(set(ids)) != len(ids):
        raise MalformedError(
            f"people: found {len(ids)} of {len(set(ids))} ids, right: at most {MOST_PEOPLE}, each once"
        )
    for person in frame.people:
        if len(person.id) > LONGEST_TEXT or not person.id:
            raise MalformedError("people: found an id that is empty or too long")
    return frame


def encode_frame(frame: PeopleFrame, boot: str = "") -> bytes:
    """A frame of people as a camera system publishes it."""
    data = encode_people(frame)
    return data[:-1] + b',"boot":' + orjson.dumps(boot) + b"}" if boot else data


def decode_glance(data: bytes, arrived_ns: int) -> Look:
    """A look at a hand.

    Raises:
        MalformedError: not such a message.
    """
    _loaded(data)
    look = decode_look(data, arrived_ns)
    _instant(look.t_ns)
    return look


def encode_glance(look: Look) -> bytes:
    """A look at a hand as a camera system publishes it."""
    return encode_look(look)


def decode_reads(data: bytes, gate: str, arrived_ns: int, naming: Naming) -> TagFrame:
    """The tags that a reader heard; those that are no tagged goods of this shop are left out and never kept.

    Raises:
        MalformedError: not such a message.
    """
    value = _loaded(data)
    listed = items(value, "tags")
    if len(listed) > MOST_TAGS:
        raise MalformedError(f"tags: found {len(listed)}, right: at most {MOST_TAGS}")
    tags = []
    for one in listed:
        epc, antenna, rssi_dbm = _short(one, "epc"), whole(one, "antenna"), number(one, "rssi_dbm")
        count = whole(one, "count") if one.get("count") is not None else 1
        if not epc or antenna > 255 or not -150.0 <= rssi_dbm <= 50.0 or not 1 <= count <= 100_000:
            found = f"antenna {antenna}, {rssi_dbm} dBm, {count} reads"
            raise MalformedError(f"tags: found {found}, right: an epc, 0 to 255, -150 to 50, 1 to 100000")
        try:
            read = sgtin.read(epc)
        except ValueError as error:
            raise MalformedError(f"epc: {error}") from error
        named = naming(read.gtin, read.serial) if read is not None else None
        if named is not None:
            tags.append(Tag(*named, antenna, rssi_dbm, count))
    seq = whole(value, "seq") if value.get("seq") is not None else None
    return TagFrame(_instant(whole(value, "t_ns")), arrived_ns, gate, tuple(tags), seq)


def encode_reads(frame: TagFrame, boot: str = "") -> bytes:
    """What a reader heard as it publishes it; the items' names must be serial numbers, as the twin's are."""
    tags = [
        {
            "epc": sgtin.hexadecimal(sgtin.Sgtin(tag.gtin, int(tag.item))),
            "antenna": tag.antenna,
            "rssi_dbm": tag.rssi_dbm,
            "count": tag.count,
        }
        for tag in frame.tags
    ]
    return orjson.dumps({"seq": frame.seq, "t_ns": frame.t_ns, "tags": tags} | _boot(boot))


def decode_status(data: bytes) -> Status:
    """What a device says of itself.

    Raises:
        MalformedError: not such a message.
    """
    value = _loaded(data)
    state, clock, lag_ms = value.get("state"), value.get("clock", "utc"), value.get("lag_ms", 0)
    if state not in ("up", "down"):
        raise MalformedError(f"state: found {state!r}, right: up or down")
    if clock not in ("utc", "free", "simulated"):
        raise MalformedError(f"clock: found {clock!r}, right: utc, free or simulated")
    if isinstance(lag_ms, bool) or not isinstance(lag_ms, int | float) or not 0 <= lag_ms <= 60_000:
        raise MalformedError(f"lag_ms: found {lag_ms!r}, right: 0 to 60000")
    return Status(state, _short(value, "boot"), clock, float(lag_ms), _short(value, "detail"))


def encode_status(status: Status) -> bytes:
    """What a device says of itself, as it publishes it."""
    value: dict[str, Any] = {"state": status.state, "clock": status.clock, "lag_ms": status.lag_ms}
    return orjson.dumps(value | _boot(status.boot) | ({"detail": status.detail} if status.detail else {}))


def encode_answer(answer: GateEvent | Refused, seq: int | None) -> bytes:
    """What the shop tells a gate: to open, or what to show."""
    value: dict[str, Any] = {"t_ns": answer.t_ns, "open": isinstance(answer, GateEvent)}
    if seq is not None:
        value["seq"] = seq
    if isinstance(answer, Refused):
        value |= {"reason": answer.reason, "words": answer.words}
    elif answer.visit:
        value["visit"] = answer.visit
    return orjson.dumps(value)


def _grams(value: Any, fixture: Fixture) -> NDArray[np.float32]:
    shelves = len(fixture.shelves)
    plates = max((len(shelf.plates) for shelf in fixture.shelves), default=0)
    if not isinstance(value, list) or not 0 < len(value) <= MOST_SAMPLES:
        raise MalformedError(f"grams: found no list of 1 to {MOST_SAMPLES} samples")
    try:
        # None becomes NaN; anything that is no number, or ragged, raises.
        grams = np.array(value, dtype=np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise MalformedError(f"grams: found something else than numbers and null: {error}") from error
    if grams.shape[1:] != (shelves, plates):
        raise MalformedError(f"grams: found the shape {grams.shape[1:]}, right for {fixture.id}: {(shelves, plates)}")
    if _has_text(value):
        raise MalformedError("grams: found text among the numbers")
    with np.errstate(over="ignore"):
        small = grams.astype(np.float32)
    if np.isinf(small).any():
        raise MalformedError("grams: found a number too large for a scale")
    return small


def _has_text(value: list[Any]) -> bool:
    """Numbers only: numpy would read the text "5" as 5, and true as 1."""
    return any(type(part) not in (int, float, type(None)) for sample in value for shelf in sample for part in shelf)


def _times(value: Any, count: int, rate_hz: float) -> NDArray[np.int64]:
    if type(value) is int:
        start_ns = _instant(value)
        return start_ns + np.round(np.arange(count) * (1e9 / rate_hz)).astype(np.int64)
    if not isinstance(value, list) or len(value) != count or any(type(t) is not int for t in value):
        raise MalformedError(f"t_ns: found no whole number, nor {count} of them")
    return np.array([_instant(t) for t in value], np.int64)


def _instant(t_ns: int) -> int:
    if not EARLIEST_NS <= t_ns <= LATEST_NS:
        raise MalformedError(f"t_ns: found {t_ns}, right: UTC nanoseconds, 0 to 2^62")
    return t_ns


def _short(value: Any, name: str) -> str:
    if value.get(name) is None:
        return ""
    found = text(value, name)
    if len(found) > LONGEST_TEXT or not found.isprintable():
        raise MalformedError(f"{name}: found {len(found)} characters, right: at most {LONGEST_TEXT}, printable")
    return found


def _loaded(data: bytes) -> Any:
    if len(data) > MOST_BYTES:
        raise MalformedError(f"found {len(data)} bytes, right: at most {MOST_BYTES}")
    return load(data)


def _boot(boot: str) -> dict[str, str]:
    return {"boot": boot} if boot else {}
