"""Shops for hypothesis, and one small shop for tests that want a plain one."""

from decimal import Decimal

from hypothesis import strategies as st

from walkout.store.gtin import check_digit, restricted
from walkout.store.layout import Camera, Fixture, Gate, Plate, Shelf
from walkout.store.planogram import Facing
from walkout.store.product import Mass, Product
from walkout.store.shop import Policies, Store

names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,12}", fullmatch=True)
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(
    lambda text: not text.isspace()
)
gtins = st.integers(10**7, 10**12 - 1).map(lambda number: f"{number:013d}{check_digit(f'{number:013d}')}")
metres = st.integers(-500_000, 500_000).map(lambda millimetres: millimetres / 1000)
masses = st.builds(Mass, st.floats(0.01, 1e5), st.floats(0, 1e4))
prices = st.decimals(0, 99_999, places=2, allow_nan=False, allow_infinity=False)


def product(gtin: str, mass_g: float = 330.0, price: str = "1.99", name: str = "Oat bar", sd_g: float = 1.0) -> Product:
    """A plain product."""
    return Product(gtin, name, (Mass(mass_g, sd_g),), Decimal(price), "EUR")


def small_store() -> Store:
    """A turned gondola of two shelves with three plates each, and two products."""
    one, two = restricted("101"), restricted("102")
    shelves = tuple(
        Shelf(number, 0.4 * number, 0.4, 0.3, tuple(Plate(plate, (plate - 1) / 10, 0.1) for plate in (1, 2, 3)))
        for number in (1, 2)
    )
    return Store(
        name="Corner",
        origin="simulated",
        currency="EUR",
        timezone="Europe/Berlin",
        floor_m=((0.0, 0.0), (4.0, 0.0), (4.0, 3.0), (0.0, 3.0)),
        fixtures=(Fixture("1", 1.0, 2.0, 0.3, 0.4, shelves, yaw_deg=90.0),),
        gates=(Gate("door", 0.5, 0.0, 1.0),),
        cameras=(Camera("c1", 0.0, 0.0, 2.5, (1.0, 1.0, 0.0), 400.0),),
        products={one: product(one), two: product(two, 45.5, "0.99", "Chew, mint")},
        planogram=(Facing("1", 1, (1, 2), one), Facing("1", 2, (3,), two, 2, 10, 0.2, 0.05, 0.1)),
    )


@st.composite
def products(draw: st.DrawFn, gtin: str, currency: str) -> Product:
    """A product with whatever a catalogue may say of it."""
    return Product(
        gtin=gtin,
        name=draw(words),
        masses=tuple(draw(st.lists(masses, max_size=3, unique=True))),
        price=draw(prices),
        currency=currency,
        tax=draw(st.sampled_from(["", "standard", "reduced 7 %"])),
        sold_by=draw(st.sampled_from(["unit", "weight"])),
        age_min=draw(st.integers(0, 150)),
        image=draw(st.sampled_from(["", "images/a b.jpg", "https://example.org/a?b=c,d"])),
        source_ids=tuple(draw(st.lists(words, max_size=3, unique=True))),
    )


@st.composite
def shelves(draw: st.DrawFn, number: int) -> Shelf:
    """A shelf whose plates stand side by side, with gaps."""
    width_m = draw(st.sampled_from([0.1, 0.1016, 0.25]))
    places = sorted(draw(st.sets(st.integers(0, 12), max_size=6)))
    plates = tuple(
        Plate(count + 1, round(place * width_m, 4), width_m, draw(st.booleans())) for count, place in enumerate(places)
    )
    return Shelf(number, round(0.4 * number, 3), draw(st.sampled_from([0.3, 0.4064])), 0.3, plates)


@st.composite
def stores(draw: st.DrawFn) -> Store:
    """Any shop that its files can keep."""
    currency = draw(st.sampled_from(["EUR", "USD", "JPY"]))
    chosen = draw(st.lists(gtins, max_size=5, unique=True))
    fixtures = tuple(
        Fixture(
            id=name,
            x_m=draw(metres),
            y_m=draw(metres),
            width_m=4.0,
            depth_m=draw(st.sampled_from([0.41, 0.6])),
            shelves=tuple(draw(shelves(number)) for number in sorted(draw(st.sets(st.integers(1, 9), max_size=3)))),
            kind=draw(st.sampled_from(["gondola", "fridge", "rack", "table"])),
            z_m=draw(st.sampled_from([0.0, 0.05])),
            yaw_deg=draw(st.sampled_from([0.0, -90.0, 33.25])),
        )
        for name in draw(st.lists(names, max_size=3, unique=True))
    )
    places = [(fixture, shelf) for fixture in fixtures for shelf in fixture.shelves if shelf.plates]
    planogram = []
    for gtin in draw(st.lists(st.sampled_from(chosen), max_size=8)) if chosen and places else []:
        fixture, shelf = draw(st.sampled_from(places))
        ids = [plate.id for plate in shelf.plates]
        first = draw(st.integers(0, len(ids) - 1))
        last = draw(st.integers(first, len(ids) - 1))
        extent = draw(st.sampled_from([(None, None, None), (0.1, 0.2, 0.15), (None, None, 0.2)]))
        stock = draw(st.none() | st.integers(0, 99))
        facing = Facing(
            fixture.id, shelf.id, tuple(ids[first : last + 1]), gtin, draw(st.integers(1, 9)), stock, *extent
        )
        planogram.append(facing)
    gates = draw(
        st.lists(st.builds(Gate, names, metres, metres, st.just(1.5)), max_size=2, unique_by=lambda gate: gate.id)
    )
    look = st.tuples(metres, metres, st.just(0.0))
    cameras = st.builds(Camera, names, metres, metres, st.just(2.5), look, st.floats(100, 2000))
    return Store(
        name=draw(words),
        origin=draw(st.sampled_from(["real", "simulated"])),
        currency=currency,
        timezone=draw(st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"])),
        floor_m=draw(st.sampled_from([(), ((0.0, 0.0), (5.0, 0.0), (5.0, 4.0))])),
        fixtures=fixtures,
        gates=tuple(gates),
        cameras=tuple(draw(st.lists(cameras, max_size=3, unique_by=lambda camera: camera.id))),
        products={gtin: draw(products(gtin, currency)) for gtin in chosen},
        planogram=tuple(planogram),
        policies=Policies(draw(st.sampled_from(["last_holder", "first_taker"]))),
    )
