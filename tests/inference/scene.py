"""A small shop, and events and hands made by hand."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from walkout.inference.belief import Belief
from walkout.inference.choice import Evidence
from walkout.inference.explanation import Explanation
from walkout.inference.goods import goods
from walkout.inference.hands import window_ns
from walkout.inference.hypothesis import Hypotheses, start, step
from walkout.inference.model import Model
from walkout.inference.posterior import believe, explain
from walkout.inference.visit import Visit
from walkout.recording.people import Joint, PeopleFrame, Person
from walkout.sensing.event import ShelfEvent
from walkout.sensing.people import tracks
from walkout.store.layout import Fixture, Plate, Shelf
from walkout.store.planogram import Facing
from walkout.store.product import Mass, Product
from walkout.store.shop import Store

SECOND = 1_000_000_000
T0 = 1_700_000_000 * SECOND
MODEL = Model()


def gtin(number: int) -> str:
    return f"{number:014d}"


WATER, SODA, CHIPS, JAM, RICE, MINT, GUM, TEA, COCOA = (gtin(n) for n in range(1, 10))
GRAMS = {WATER: 620, SODA: 624, CHIPS: 120, JAM: 300, RICE: 1000, MINT: 60, GUM: 75, TEA: 250, COCOA: 251}
NAMES = dict(zip(GRAMS, ("water", "soda", "chips", "jam", "rice", "mint", "gum", "tea", "cocoa"), strict=True))
PLACES = {
    WATER: (1, (1, 2)),
    SODA: (1, (3, 4)),
    CHIPS: (1, (5, 6)),
    JAM: (1, (7, 8)),
    RICE: (2, (1, 2, 3)),
    MINT: (2, (5,)),
    GUM: (2, (6,)),
    TEA: (2, (9, 10)),
    COCOA: (2, (9, 10)),
}
"""Tea and cocoa share two plates: left half and right half."""


def shop() -> Store:
    shelves = tuple(
        Shelf(s, 0.4 + 0.5 * s, 0.4, 0.4, tuple(Plate(p, round(0.1 * (p - 1), 3), 0.1) for p in range(1, 13)))
        for s in (1, 2)
    )
    halves = {TEA: (0.8, 0.1), COCOA: (0.9, 0.1)}
    facings = tuple(
        Facing("g", shelf, plates, g, 1, None, *halves.get(g, (None, None))) for g, (shelf, plates) in PLACES.items()
    )
    products = {g: Product(g, NAMES[g], (Mass(float(m), 0.5),), Decimal("1.25"), "EUR") for g, m in GRAMS.items()}
    fixture = Fixture("g", 0.0, 0.0, 1.2, 0.4, shelves)
    return Store("tiny", "simulated", "EUR", "UTC", (), (fixture,), (), (), products, facings)


def event(t_s: float, shelf: int, delta_g: Mapping[int, float], name: str = "") -> ShelfEvent:
    at = T0 + int(t_s * SECOND)
    plates = tuple(sorted(delta_g))
    cov = tuple(tuple(0.25 if i == j else 0.0 for j in plates) for i in plates)
    return ShelfEvent(
        name or f"g/{shelf}/{plates[0]}@{t_s}",
        "g",
        shelf,
        plates,
        tuple(delta_g[p] for p in plates),
        cov,
        at - SECOND // 4,
        at,
        at + SECOND // 20,
        at + SECOND,
    )


def frame(t_s: float, hands: Mapping[str, tuple[float, ...] | None]) -> PeopleFrame:
    """Everybody with the right wrist at (x, y, z), the left where three more numbers say, and the body 0.4 m before it;
    None: body at the shelf, no hands found."""
    people = []
    for person, hand in hands.items():
        if hand is None:
            joints = {"neck": Joint(0.5, -0.4, 1.4, 0.9)}
        else:
            x, y, z = hand[:3]
            left_x, left_y, left_z = hand[3:] or (x - 0.3, y - 0.4, 0.9)
            joints = {
                "neck": Joint(x, y - 0.4, 1.4, 0.9),
                "l_wrist": Joint(left_x, left_y, left_z, 0.9),
                "r_wrist": Joint(x, y, z, 0.9),
            }
        people.append(Person(person, joints))
    t_ns = T0 + int(t_s * SECOND)
    return PeopleFrame(t_ns, t_ns + 2 * SECOND, tuple(people))


def at(product: str) -> tuple[float, float, float]:
    """Just before the goods of a product."""
    store = shop()
    box = store.box(store.facings_of(product)[0])
    return ((box.low_m[0] + box.high_m[0]) / 2, -0.03, (box.low_m[2] + box.high_m[2]) / 2)


AWAY = (6.0, -3.0, 1.0)


def evidence(
    what: ShelfEvent,
    hands: Mapping[str, tuple[float, ...] | None],
    present: Sequence[str] = (),
    reading: Sequence[int] = tuple(range(1, 13)),
    *,
    seen: bool = True,
) -> Evidence:
    """An event with everybody's hands still through its window; `present` adds people of whom no frame tells."""
    low, high = window_ns(what, MODEL)
    frames = [frame((t - T0) / SECOND, hands) for t in range(low, high, SECOND // 15)] if hands else []
    return Evidence(what, tuple(sorted({*hands, *present})), tracks(frames), tuple(reading), seen or bool(frames))


def play(*what: Evidence, model: Model = MODEL) -> Hypotheses:
    pasts = start()
    for one in what:
        pasts = step(pasts, one, goods(shop(), model))
    return pasts


def visit(*shoppers: str) -> Visit:
    return Visit("v", "p", shoppers, T0, T0 + 100 * SECOND)


def left_with(pasts: Hypotheses, *shoppers: str, model: Model = MODEL) -> Belief:
    return believe(pasts, visit(*shoppers), goods(shop(), model))


def explained(pasts: Hypotheses) -> tuple[Explanation, ...]:
    return explain(pasts, goods(shop(), MODEL))
