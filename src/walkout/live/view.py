"""What is so in the shop right now, in the words of its API, and who is told when it changes.

It lives in memory and is made anew at a start; nothing here is ever the only place where something is known.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from walkout.checkout.receipt import Receipt
from walkout.inference.belief import Belief
from walkout.inference.explanation import Candidate, Explanation
from walkout.inference.heard import HeardTags
from walkout.live.cashier import Made
from walkout.live.device import Device
from walkout.live.outcome import Curve
from walkout.live.runner import Told
from walkout.live.stays import Stays
from walkout.recording.gate import GateEvent
from walkout.recording.people import PeopleFrame, Person
from walkout.store.shop import Store

EVENTS, RECEIPTS = 50, 20
PEOPLE_NS = 90_000_000
"""Positions are told about ten times a second."""
SLOWEST = 500
"""Messages that wait for one listener at most; who is slower is cut off and asks again."""
CANDIDATES = 4
HEADS = ("head", "neck", "l_shoulder", "r_shoulder")


class View:
    """The shop's present."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.people: list[dict[str, Any]] = []
        self.people_ns = 0
        self.visits: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self.events: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self.receipts: deque[dict[str, Any]] = deque(maxlen=RECEIPTS)
        self.devices: dict[str, dict[str, Any]] = {}
        self._staff: set[str] = set()
        """The tracker's ids of who works here, while they are inside."""
        self._visit_of: dict[str, str] = {}
        self._listeners: set[asyncio.Queue[dict[str, Any] | None]] = set()
        self._told_ns = 0

    def listen(self) -> asyncio.Queue[dict[str, Any] | None]:
        """A queue of what changes from now on; None: it was too slow, ask for a snapshot again."""
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(SLOWEST)
        self._listeners.add(queue)
        return queue

    def unlisten(self, queue: asyncio.Queue[dict[str, Any] | None]) -> None:
        """Nobody reads that queue any more."""
        self._listeners.discard(queue)

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def tell(self, message: dict[str, Any]) -> None:
        """Say something to everybody who listens."""
        for queue in list(self._listeners):
            if queue.full():
                self._listeners.discard(queue)
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait(message)

    def gate(self, event: GateEvent) -> None:
        """Somebody passed: staff are known as such while they are inside, and forgotten when they leave."""
        if event.person is None:
            return
        if event.role == "staff":
            (self._staff.add if event.way == "entry" else self._staff.discard)(event.person)
        elif event.way == "entry":
            self._visit_of[event.person] = event.visit
        else:
            self._visit_of.pop(event.person, None)

    def see(self, frame: PeopleFrame, stays: Stays) -> None:
        """Where everybody is, as it was just delivered."""
        del stays
        if 0 <= frame.t_ns - self.people_ns < PEOPLE_NS:
            return
        self.people_ns = frame.t_ns
        self.people = [found for person in frame.people if (found := self._person(person)) is not None]
        self.tell({"type": "people", "t_ns": frame.t_ns, "people": self.people})

    def hear(self, told: Told) -> None:
        """What the engine and the till made of what came."""
        if told.baskets is not None:
            self._baskets(told.baskets)
        for explanation in told.explanations or ():
            self._event(explanation)
        for belief in told.beliefs:
            self._over(belief)
        self.issued(told.made)

    def issued(self, made: Iterable[Made]) -> None:
        """Receipts that came out."""
        for one in made:
            row = receipt_row(one.receipt, final=one.final, issued_ns=one.issued_ns)
            self.receipts.appendleft(row)
            self.tell({"type": "receipt", "receipt": row})

    def look_after(self, devices: Mapping[str, Device], now_ns: int) -> None:
        """How the devices are; tells of those that changed."""
        for name, device in sorted(devices.items()):
            self.show(name, device_row(device, now_ns))

    def show(self, name: str, row: dict[str, Any]) -> None:
        """How one device is; told where that changed."""
        before = self.devices.get(name)
        self.devices[name] = row
        if before is None or (before["state"], before["detail"]) != (row["state"], row["detail"]):
            self.tell({"type": "device", "device": row})

    def snapshot(self) -> dict[str, Any]:
        """All of it."""
        return {
            "t_ns": self.people_ns,
            "people": self.people,
            "visits": list(self.visits.values()),
            "devices": list(self.devices.values()),
            "events": list(self.events.values())[-EVENTS:],
            "receipts": list(self.receipts),
        }

    def _person(self, person: Person) -> dict[str, Any] | None:
        head = next((person.joints[name] for name in HEADS if name in person.joints), None)
        if head is None:
            return None
        hands = [person.joints[name] for name in ("l_wrist", "r_wrist") if name in person.joints]
        return {
            "id": person.id,
            "visit": self._visit_of.get(person.id),
            "role": "staff" if person.id in self._staff else "shopper",
            "x_m": round(head.x_m, 3),
            "y_m": round(head.y_m, 3),
            "z_m": round(head.z_m, 3),
            "hands": [{"x_m": round(h.x_m, 3), "y_m": round(h.y_m, 3), "z_m": round(h.z_m, 3)} for h in hands],
        }

    def _baskets(self, baskets: Iterable[Belief]) -> None:
        inside = {}
        for belief in baskets:
            inside[belief.visit.id] = row = visit_row(belief, self.store)
            for person in belief.visit.shoppers:
                self._visit_of[person] = belief.visit.id
            if self.visits.get(belief.visit.id) != row:
                self.tell({"type": "visit", "visit": row})
        self.visits = OrderedDict(inside)

    def _over(self, belief: Belief) -> None:
        row = {**visit_row(belief, self.store), "left_ns": belief.visit.left_ns}
        self.visits.pop(belief.visit.id, None)
        for person in belief.visit.shoppers:
            self._visit_of.pop(person, None)
        self.tell({"type": "visit", "visit": row})

    def _event(self, explanation: Explanation) -> None:
        row = event_row(explanation, self.store, self._visit_of)
        if self.events.get(row["id"]) == row:
            return
        self.events[row["id"]] = row
        while len(self.events) > EVENTS:
            self.events.popitem(last=False)
        self.tell({"type": "event", "event": row})


def visit_row(belief: Belief, store: Store) -> dict[str, Any]:
    """A party inside and what it seems to hold."""
    lines, total = [], 0 * next((p.price for p in store.products.values()), 0)
    for line in belief.lines:
        product = store.products.get(line.gtin)
        price = product.price if product is not None else 0 * total
        total += price * line.quantity
        lines.append(
            {
                "gtin": line.gtin,
                "name": product.name if product is not None else line.gtin,
                "quantity": line.quantity,
                "probability": round(line.probability, 6),
                "unit_price": format(price, "f"),
            }
        )
    visit = belief.visit
    return {
        "id": visit.id,
        "party": visit.party,
        "shoppers": list(visit.shoppers),
        "entered_ns": visit.entered_ns,
        "left_ns": None,
        "lines": lines,
        "total": format(total, "f"),
        "p_exact": round(belief.p_right, 6),
    }


def event_row(explanation: Explanation, store: Store, visit_of: Mapping[str, str]) -> dict[str, Any]:
    """One change of weight and who may have made it."""
    event = explanation.event
    return {
        "id": event.id,
        "t_ns": event.start_ns,
        "fixture": event.fixture,
        "shelf": event.shelf,
        "plates": list(event.plates),
        "mass_g": round(sum(event.delta_g), 1),
        "candidates": [_candidate(one, store, visit_of) for one in explanation.candidates[:CANDIDATES]],
    }


def evidence_of(belief: Belief, rests: Sequence[Explanation], curves: Sequence[Curve], store: Store) -> dict[str, Any]:
    """What a decision rests on, to be kept for a while: events, candidates, curves, the likeliest baskets."""
    visit_of = dict.fromkeys(belief.visit.shoppers, belief.visit.id)
    return {
        "events": [event_row(one, store, visit_of) for one in rests],
        "curves": [
            {
                "event": curve.event,
                "fixture": curve.fixture,
                "shelf": curve.shelf,
                "plates": list(curve.plates),
                "t_ns": curve.t_ns.tolist(),
                "grams": [[None if g != g else round(g, 1) for g in row] for row in curve.grams.tolist()],
            }
            for curve in curves
        ],
        "reaches": [
            {"event": one.event.id, "shopper": c.shopper, "reach_m": round(c.reach_m, 3), "t_ns": one.event.start_ns}
            for one in rests
            for c in one.candidates[:CANDIDATES]
            if c.reach_m is not None and c.shopper is not None
        ],
        "baskets": [
            {"items": [list(item) for item in basket.items], "probability": round(basket.probability, 6)}
            for basket in belief.baskets[:CANDIDATES]
        ],
        **({} if belief.tags is None else {"tags": [_tags(one, store) for one in belief.tags]}),
    }


def _tags(one: HeardTags, store: Store) -> dict[str, Any]:
    product = store.products.get(one.gtin)
    name = product.name if product is not None else one.gtin
    return {"gtin": one.gtin, "name": name, "heard": one.heard, "strange": one.strange}


def receipt_row(receipt: Receipt, *, final: bool, issued_ns: int) -> dict[str, Any]:
    """One line about a receipt."""
    return {
        "visit": receipt.visit,
        "revision": receipt.revision,
        "final": final,
        "status": "settled" if receipt.status == "settled" else "asked",
        "total": format(receipt.total, "f"),
        "due": format(receipt.payable, "f"),
        "currency": receipt.currency,
        "p_exact": receipt.p_exact,
        "decided_by": receipt.decided_by,
        "issued_ns": issued_ns,
    }


def device_row(device: Device, now_ns: int) -> dict[str, Any]:
    """How a device is, with its counts."""
    detail, advice = device.words(now_ns)
    return {
        "id": device.id,
        "kind": device.kind,
        "state": device.state(now_ns),
        "last_ns": device.last_ns,
        "detail": detail,
        "advice": advice,
        "messages": device.messages,
        "gaps": device.gaps,
        "missing": device.missing,
        "duplicates": device.duplicates,
        "reordered": device.reordered,
        "malformed": device.malformed,
        "restarts": device.restarts,
        "clock_steps": device.clock_steps,
        "correction_ms": round(device.correction_ns / 1e6, 1),
        "skew_ms": None if device.skew_ms is None else round(device.skew_ms, 1),
        "noise_g": None if device.noise_g is None else round(device.noise_g, 2),
        "drift": None,
    }


def _candidate(one: Candidate, store: Store, visit_of: Mapping[str, str]) -> dict[str, Any]:
    product = store.products.get(one.gtin)
    return {
        "visit": visit_of.get(one.shopper or ""),
        "gtin": one.gtin,
        "name": product.name if product is not None else "",
        "quantity": one.quantity,
        "probability": round(one.probability, 6),
        "words": one.why,
    }
