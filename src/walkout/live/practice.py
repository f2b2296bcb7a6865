"""Questions to practise on: made from the shop's own catalogue, of nobody, and recorded for nobody."""

from dataclasses import dataclass
from random import Random

from walkout.store.product import Product
from walkout.store.shop import Store

STEP_NS = 100_000_000
SAMPLES = 80
NOISE_G = 0.6


@dataclass(frozen=True, slots=True)
class Practice:
    """One made-up happening at a shelf: some of one product were taken, and the scale's curve shows it."""

    token: str
    fixture: str
    shelf: int
    plate: int
    kind: str
    """what, or count."""
    words: str
    candidates: tuple[tuple[str, str], ...]
    right: str
    why: str
    t_ns: tuple[int, ...]
    mass_g: tuple[float, ...]
    event_ns: int


def practice(store: Store, number: int) -> Practice | None:
    """The question of a number, the same each time; None in a shop without products of known mass in their place."""
    places = [f for f in store.planogram if _mass(store.products.get(f.gtin)) > 0.0]
    if not places:
        return None
    random = Random(f"practice/{number}")  # noqa: S311 - no secret
    facing = random.choice(places)
    product, mass_g = store.products[facing.gtin], _mass(store.products[facing.gtin])
    near = sorted(
        {f.gtin for f in places if f.fixture == facing.fixture and f.gtin != facing.gtin},
        key=lambda gtin: (abs(_mass(store.products[gtin]) - mass_g), gtin),
    )[:2]
    kind = "count" if number % 2 or not near else "what"
    count = random.choice((1, 2, 3)) if kind == "count" else 1
    if kind == "count":
        candidates = tuple((str(n), f"{n} x {product.name}") for n in (1, 2, 3))
        words = f"How many {product.name} ({mass_g:.0f} g each) were taken?"
    else:
        names = [facing.gtin, *near]
        random.shuffle(names)
        candidates = tuple((g, f"{store.products[g].name}, {_mass(store.products[g]):.0f} g") for g in names)
        words = "Which product was it?"
    before_g = mass_g * 6
    at = SAMPLES // 2
    level = [before_g if k < at else before_g - count * mass_g for k in range(SAMPLES)]
    return Practice(
        f"practice-{number}",
        facing.fixture,
        facing.shelf,
        facing.plates[0],
        kind,
        words,
        candidates,
        str(count) if kind == "count" else facing.gtin,
        f"The scale fell by {count * mass_g:.0f} g: {count} x {product.name} of {mass_g:.0f} g.",
        tuple(k * STEP_NS for k in range(SAMPLES)),
        tuple(round(g + random.gauss(0.0, NOISE_G), 1) for g in level),
        at * STEP_NS,
    )


def _mass(product: Product | None) -> float:
    return product.masses[0].mass_g if product is not None and product.masses else 0.0
