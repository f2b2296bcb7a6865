"""Commissioning: tare and gain of each plate with a known weight, guided takes, pass or fail by shelf and camera.

Somebody does what they are told and the readings are looked at; who that is, a person at real scales or a pretend one
at the twin's, is `Bench`. Nothing here writes: `calibrated` makes the shop with what was measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from walkout.store.layout import Fixture, Shelf
from walkout.store.planogram import Facing
from walkout.store.shop import Store
from walkout.store.view import fixture_between, pixel

READ_S = 3.0
MOST_NOISE_G = 8.0
"""A plate at rest that rings more than this (one standard deviation) is loose, touched, or near a compressor."""
GAIN_BOUNDS = (0.9, 1.1)
MOST_LEAK = 0.08
"""So much of a weight may show on another plate; more is a board that bridges two scales."""
TAKE_G, TAKE_SHARE = 5.0, 0.05
"""A guided take may be off by so many grams, and by this share of the product's mass."""
MOST_MISSING = 0.05
What = Literal["empty", "weight", "fill", "take"]


@dataclass(frozen=True, slots=True)
class Task:
    """What somebody is asked to do; `words` is how they are told."""

    what: What
    fixture: str
    shelf: int
    words: str
    plate: int = 0
    """Of a weight."""
    grams: float = 0.0
    facing: Facing | None = None
    """Of a take."""


class Bench(Protocol):
    """Scales and somebody before them."""

    def do(self, task: Task) -> None:
        """Have it done; returns when it is, and nobody touches the shelf any more."""

    def read(self, fixture: str, seconds: float) -> NDArray[np.float32]:
        """Readings of a fixture from now on, as its scales give them: (samples, shelves, plates), NaN for none."""


@dataclass(frozen=True, slots=True)
class PlateFound:
    """One plate, measured; `why` is empty where it passed."""

    plate: int
    tare_g: float
    gain: float
    noise_g: float
    leak: float
    """The largest share of the weight that another plate of the shelf showed."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class TakeFound:
    """One guided take: what the shelf lost, after tare and gain, and which cameras see the place."""

    gtin: str
    name: str
    mass_g: float
    seen_g: float
    cameras: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class ShelfFound:
    """One shelf."""

    fixture: str
    shelf: int
    plates: tuple[PlateFound, ...]
    takes: tuple[TakeFound, ...]

    @property
    def passed(self) -> bool:
        """Whether all its plates and takes are right."""
        return not any(one.why for one in self.plates) and not any(one.why for one in self.takes)


@dataclass(frozen=True, slots=True)
class CameraFound:
    """One camera: the takes it has in view, and how its pictures come (empty where no stream was tried)."""

    camera: str
    sees: int
    takes: int
    stream: str
    why: str = ""


def commission_shelf(
    store: Store, fixture: Fixture, shelf: Shelf, bench: Bench, weight_g: float, takes: int = 1
) -> ShelfFound:
    """Measure one shelf with a known weight, then try takes of its products, lightest first."""
    cells = [plate.id for plate in shelf.plates if plate.cell]
    where = f"shelf {shelf.id} of {fixture.id}"
    bench.do(Task("empty", fixture.id, shelf.id, f"Take everything off {where}, and step back."))
    row = _row(fixture, shelf)
    rest = bench.read(fixture.id, READ_S)[:, row, :]
    tare, noise = _level(rest), _noise(rest)
    plates = []
    for plate in cells:
        words = f"Lay {weight_g:g} g in the middle of plate {plate} of {where}, nothing else, and step back."
        bench.do(Task("weight", fixture.id, shelf.id, words, plate, weight_g))
        loaded = bench.read(fixture.id, READ_S)[:, row, :]
        column = _column(shelf, plate)
        share = (_level(loaded) - tare) / weight_g
        others = [abs(float(share[_column(shelf, other)])) for other in cells if other != plate]
        leak = max((x for x in others if x == x), default=0.0)
        found = PlateFound(plate, float(tare[column]), float(share[column]), float(noise[column]), leak)
        missing = float(np.isnan(loaded[:, column]).mean())
        plates.append(replace(found, why=_fault(found, missing, weight_g)))
    bench.do(Task("fill", fixture.id, shelf.id, f"Put the goods back on {where} as the planogram says, and step back."))
    good = {one.plate: one for one in plates if not one.why}
    made = [
        _take(store, fixture, shelf, facing, bench, good) for facing in _light(store, fixture, shelf, set(good))[:takes]
    ]
    return ShelfFound(fixture.id, shelf.id, tuple(plates), tuple(made))


def camera_found(
    store: Store,
    camera: str,
    takes: Sequence[TakeFound],
    stream: str = "",
    rate_hz: float | None = None,
    *,
    judged: bool = True,
) -> CameraFound:
    """Judge one camera: it must see a take (where `judged`: all shelves were tried), and send as often as it should."""
    wanted = next(one.rate_hz for one in store.cameras if one.id == camera)
    sees = sum(camera in take.cameras for take in takes)
    why = ""
    if judged and takes and not sees:
        why = "it sees none of the places that were tried: is it where store.yaml says?"
    elif stream not in ("", "ok"):
        why = f"its pictures do not come: {stream}"
    elif rate_hz is not None and rate_hz < 0.8 * wanted:
        why = f"found {rate_hz:.1f} pictures a second, right: {wanted:g}"
    return CameraFound(camera, sees, len(takes), stream, why)


def calibrated(store: Store, found: Sequence[ShelfFound]) -> Store:
    """The shop with what was measured of the plates that passed; all others keep what they had."""
    good = {(one.fixture, one.shelf, p.plate): p for one in found for p in one.plates if not p.why}

    def shelf_of(fixture: Fixture, shelf: Shelf) -> Shelf:
        plates = [
            replace(plate, tare_g=round(p.tare_g, 1), gain=round(p.gain, 4))
            if (p := good.get((fixture.id, shelf.id, plate.id))) is not None
            else plate
            for plate in shelf.plates
        ]
        return replace(shelf, plates=tuple(plates))

    fixtures = [replace(f, shelves=tuple(shelf_of(f, shelf) for shelf in f.shelves)) for f in store.fixtures]
    return replace(store, fixtures=tuple(fixtures))


def _take(
    store: Store, fixture: Fixture, shelf: Shelf, facing: Facing, bench: Bench, good: dict[int, PlateFound]
) -> TakeFound:
    product = store.products[facing.gtin]
    row = _row(fixture, shelf)
    before = _level(bench.read(fixture.id, READ_S)[:, row, :])
    plates = ", ".join(str(plate) for plate in facing.plates)
    words = f"Take one {product.name} from plate {plates} of shelf {shelf.id} of {fixture.id}, and step back."
    bench.do(Task("take", fixture.id, shelf.id, words, facing=facing))
    after = _level(bench.read(fixture.id, READ_S)[:, row, :])
    lost = [(before[_column(shelf, p)] - after[_column(shelf, p)]) / one.gain for p, one in good.items()]
    seen_g = float(np.nansum(lost))
    nearest = min(product.masses, key=lambda mass: abs(mass.mass_g - seen_g))
    most_g = TAKE_G + TAKE_SHARE * nearest.mass_g + 3 * nearest.sd_g
    why = "" if abs(seen_g - nearest.mass_g) <= most_g else f"found {seen_g:.0f} g, right: {nearest.mass_g:.0f} g"
    return TakeFound(facing.gtin, product.name, nearest.mass_g, seen_g, _cameras(store, fixture, shelf, facing), why)


def _light(store: Store, fixture: Fixture, shelf: Shelf, good: set[int]) -> list[Facing]:
    """The facings that a take can be tried at, the lightest product first: what is hard to see comes first."""
    known = [
        facing
        for facing in store.facings_on(fixture.id, shelf.id)
        if set(facing.plates) <= good and facing.gtin in store.products and store.products[facing.gtin].masses
    ]
    return sorted(known, key=lambda facing: (min(m.mass_g for m in store.products[facing.gtin].masses), facing.plates))


def _cameras(store: Store, fixture: Fixture, shelf: Shelf, facing: Facing) -> tuple[str, ...]:
    """Whoever sees a hand before a facing."""
    plates = [plate for plate in shelf.plates if plate.id in facing.plates]
    middle_m = (min(p.x_m for p in plates) + max(p.x_m + p.width_m for p in plates)) / 2
    hand = fixture.to_store(middle_m, -0.05, shelf.z_m + 0.4 * shelf.height_m)
    return tuple(
        camera.id
        for camera in store.cameras
        if pixel(camera, hand) is not None and not fixture_between(camera, hand, store.fixtures)
    )


def _fault(found: PlateFound, missing: float, weight_g: float) -> str:
    if missing > MOST_MISSING or found.gain != found.gain:
        return f"no reading in {missing:.0%} of the time: is its cable in?"
    if not GAIN_BOUNDS[0] <= found.gain <= GAIN_BOUNDS[1]:
        said = found.gain * weight_g
        return f"found {said:.0f} g under {weight_g:.0f} g, right: within 10 %; is it this plate, and this weight?"
    if found.noise_g > MOST_NOISE_G:
        return f"it rings by {found.noise_g:.1f} g at rest, right: at most {MOST_NOISE_G:g} g; is anything loose?"
    if found.leak > MOST_LEAK:
        return f"another plate shows {found.leak:.0%} of it, right: at most {MOST_LEAK:.0%}; does a board touch both?"
    return ""


def _row(fixture: Fixture, shelf: Shelf) -> int:
    return fixture.shelves.index(shelf)


def _column(shelf: Shelf, plate: int) -> int:
    return next(k for k, one in enumerate(shelf.plates) if one.id == plate)


def _level(grams: NDArray[np.float32]) -> NDArray[np.float64]:
    """Each plate's level, (plates,): the median, which a late touch does not move; NaN where nothing came."""
    level = np.full(grams.shape[1], np.nan)
    for k in range(grams.shape[1]):
        known = grams[:, k][np.isfinite(grams[:, k])]
        if len(known):
            level[k] = float(np.median(known))
    return level


def _noise(grams: NDArray[np.float32]) -> NDArray[np.float64]:
    """Each plate's standard deviation at rest, from the middle half of its readings (a normal's is 1.349 wide)."""
    noise = np.full(grams.shape[1], np.nan)
    for k in range(grams.shape[1]):
        known = grams[:, k][np.isfinite(grams[:, k])]
        if len(known):
            low, high = np.percentile(known, [25, 75])
            noise[k] = float(high - low) / 1.349
    return noise
