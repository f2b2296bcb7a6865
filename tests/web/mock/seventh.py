"""You, in the mock: a shopper who walks straight, takes what is asked, and is told of as the engine would tell."""

from dataclasses import dataclass, field
from decimal import Decimal
from math import cos, hypot, radians, sin
from typing import Any

from walkout.store.planogram import Facing
from walkout.store.shop import Store

SPEED_M_S = 1.4
REACH_NS = 900_000_000
TOLD_NS = 1_200_000_000
"""The mock tells of a take so long after it; the engine needs about 4 s."""
VISIT = "v00011"


@dataclass
class Seventh:
    """One shopper under the visitor's hand. `step` moves them on; what it returns is told to all."""

    store: Store
    x_m: float = 0.9
    y_m: float = 0.4
    state: str = "out"
    doing: str = ""
    at: str | None = None
    entered_ns: int = 0
    hands: list[str] = field(default_factory=list)
    basket: dict[str, tuple[int, float]] = field(default_factory=dict)
    reach: tuple[float, float] | None = None
    _goal: tuple[float, float] | None = None
    _due: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    _last_ns: int = 0
    _count: int = 0

    @property
    def facings(self) -> tuple[Facing, ...]:
        return self.store.planogram

    @property
    def inside(self) -> bool:
        return self.state in ("inside", "walking", "reaching", "leaving")

    def act(self, action: str, body: dict[str, Any], now_ns: int) -> str:
        """Do what was asked; "" or what is wrong with it."""
        if action == "enter":
            if self.inside:
                return "You are in the shop already."
            gate = self.store.gates[0]
            self.__init__(self.store, gate.x_m, gate.y_m, "inside", "looking around")  # type: ignore[misc]
            self.entered_ns = self._last_ns = now_ns
            return ""
        if not self.inside:
            return "You are not in the shop: come in first."
        if action == "leave":
            gate = self.store.gates[0]
            self._goal, self.state, self.doing, self.at = (gate.x_m, gate.y_m), "leaving", "walking to the door", None
        elif action == "walk":
            self._walk(body["fixture"], body.get("plate"))
        elif action in ("take", "take_two", "put_back", "hide"):
            return self._handle(action, body, now_ns)
        else:
            return f"found the action {action!r}, right: enter, walk, take, take_two, put_back, hide or leave"
        return ""

    def _walk(self, fixture_id: str, plate: int | None) -> None:
        fixture = self.store.fixture(fixture_id)
        x = fixture.width_m / 2
        if plate is not None:
            found = next(p for shelf in fixture.shelves for p in shelf.plates if p.id == plate)
            x = found.x_m + found.width_m / 2
        px, py, _ = fixture.to_store(x, -0.45, 0.0)
        self._goal, self.state, self.at = (px, py), "walking", fixture_id
        self.doing = f"walking to {fixture_id}"

    def _handle(self, action: str, body: dict[str, Any], now_ns: int) -> str:
        gtin = body.get("gtin") or (self.hands[-1] if self.hands else "")
        if not gtin:
            return "Your hands are empty: take something first."
        product = self.store.products[gtin]
        count = {"take": 1, "take_two": 2, "put_back": -1, "hide": 0}[action]
        if action == "hide":
            # Somebody at the shelf covers it: the scale still tells, the hand is less sure.
            self.basket = {g: (n, 0.71 if g == gtin else p) for g, (n, p) in self.basket.items()}
            self.doing = f"hiding {product.name}"
            self._tell(now_ns)
            return ""
        fixture, shelf, plate = body["fixture"], int(body["shelf"]), int(body["plate"])
        self._walk(fixture, plate)
        assert self._goal is not None
        walk_ns = int(hypot(self._goal[0] - self.x_m, self._goal[1] - self.y_m) / SPEED_M_S * 1e9)
        at_ns = now_ns + walk_ns + REACH_NS
        mass = product.masses[0].mass_g if product.masses else 0.0
        here = any(f.gtin == gtin for f in self.store.facings_on(fixture, shelf))
        self._count += 1
        event = {
            "id": f"{fixture}/{shelf}/{plate}@you{self._count}",
            "t_ns": at_ns,
            "end_ns": at_ns,
            "fixture": fixture,
            "shelf": shelf,
            "plates": [plate],
            "mass_g": round(-mass * count, 1),
            "candidates": [
                {
                    "visit": VISIT,
                    "gtin": gtin,
                    "name": product.name,
                    "quantity": count,
                    "probability": 0.982 if here else 0.903,
                    "words": f"{mass * abs(count):.0f} g {'left' if count > 0 else 'came to'} shelf {shelf} "
                    f"plate {plate} while this shopper's right wrist was at the {product.name}"
                    + ("" if here else ", which is not its place"),
                }
            ],
        }
        self.doing = f"reaching for {product.name}"
        self._due.append((at_ns + TOLD_NS, {"type": "event", "event": event, "gtin": gtin, "count": count}))
        return ""

    def _tell(self, at_ns: int) -> None:
        self._due.append((at_ns, {"type": "visit", "visit": None}))

    def step(self, now_ns: int) -> list[dict[str, Any]]:
        """Walk on, and tell what is due."""
        if not self.inside:
            return []
        seconds, self._last_ns = max(0.0, (now_ns - self._last_ns) / 1e9), now_ns
        said: list[dict[str, Any]] = []
        if self._goal is not None:
            dx, dy = self._goal[0] - self.x_m, self._goal[1] - self.y_m
            far, most = hypot(dx, dy), SPEED_M_S * seconds
            share = 1.0 if far <= most else most / far
            self.x_m, self.y_m = self.x_m + dx * share, self.y_m + dy * share
            if share >= 1.0:
                self._goal = None
                if self.state == "leaving":
                    self.state = "out"
                    return [*self._told(2**63), *self._leave(now_ns)]
                self.state, self.doing = "inside", f"at {self.at}" if self.at else "looking around"
        self.reach = None
        for due_ns, message in self._due:
            if message["type"] == "event" and due_ns - TOLD_NS - REACH_NS <= now_ns <= due_ns - TOLD_NS:
                self.reach = self._front(message["event"])
        said += self._told(now_ns)
        return said

    def _front(self, event: dict[str, Any]) -> tuple[float, float]:
        fixture = self.store.fixture(event["fixture"])
        plate = self.store.plate(event["fixture"], event["shelf"], event["plates"][0])
        x, y, _ = fixture.to_store(plate.x_m + plate.width_m / 2, 0.1, 0.0)
        return x, y

    def _told(self, now_ns: int) -> list[dict[str, Any]]:
        due = sorted((d for d in self._due if d[0] <= now_ns), key=lambda d: d[0])
        self._due = [d for d in self._due if d[0] > now_ns]
        said: list[dict[str, Any]] = []
        for _, message in due:
            if message["type"] == "event":
                probability = message["event"]["candidates"][0]["probability"]
                self._count_in(message.pop("gtin"), message.pop("count"), probability)
                said.append(message)
            said.append({"type": "visit", "visit": self.visit(None)})
        return said

    def _count_in(self, gtin: str, count: int, probability: float) -> None:
        many, before = self.basket.get(gtin, (0, 1.0))
        if many + count > 0:
            self.basket[gtin] = (many + count, min(before, probability))
        else:
            self.basket.pop(gtin, None)
        self.hands = [g for g, (n, _) in self.basket.items() for _ in range(n)]

    def _leave(self, now_ns: int) -> list[dict[str, Any]]:
        self.doing = "left"
        return [{"type": "visit", "visit": self.visit(now_ns)}, {"type": "receipt", "receipt": self.receipt(now_ns)}]

    @property
    def p_exact(self) -> float:
        p = 0.9985
        for _, probability in self.basket.values():
            p *= probability
        return round(p, 4)

    def visit(self, left_ns: int | None) -> dict[str, Any]:
        return {
            "id": VISIT,
            "party": "you",
            "shoppers": ["you"],
            "entered_ns": self.entered_ns,
            "left_ns": left_ns,
            "lines": self.lines(),
            "total": self.total(),
            "currency": self.store.currency,
            "p_exact": self.p_exact,
        }

    def lines(self) -> list[dict[str, Any]]:
        return [
            {
                "gtin": gtin,
                "name": self.store.products[gtin].name,
                "quantity": n,
                "probability": p,
                "unit_price": str(self.store.products[gtin].price),
                "why": f"{n} of it left its shelf while your hand was there",
                "shown": p >= 0.95,
            }
            for gtin, (n, p) in sorted(self.basket.items())
        ]

    def total(self, *, shown: bool = False) -> str:
        rows = [(g, n) for g, (n, p) in self.basket.items() if not shown or p >= 0.95]
        return str(sum((self.store.products[g].price * n for g, n in rows), Decimal("0.00")))

    @property
    def asked(self) -> bool:
        return any(p < 0.95 for _, p in self.basket.values())

    def receipt(self, now_ns: int) -> dict[str, Any]:
        return {
            "visit": VISIT,
            "revision": 0,
            "final": not self.asked,
            "status": "asked" if self.asked else "settled",
            "total": self.total(),
            "due": self.total(shown=self.asked),
            "currency": self.store.currency,
            "p_exact": self.p_exact,
            "decided_by": "software",
            "issued_ns": now_ns,
        }

    def person(self) -> dict[str, Any]:
        """As the tracker would report you."""
        hand = self.reach or (self.x_m + 0.2 * cos(radians(40)), self.y_m + 0.2 * sin(radians(40)))
        return {
            "id": "you",
            "visit": VISIT,
            "role": "shopper",
            "x_m": round(self.x_m, 3),
            "y_m": round(self.y_m, 3),
            "z_m": 1.7,
            "hands": [{"x_m": round(hand[0], 3), "y_m": round(hand[1], 3), "z_m": 1.0}],
        }
