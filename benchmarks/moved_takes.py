"""The one real take, moved to each facing of the real shop: real noise, a real body, another product. Half real.

In the public real visit (2020) somebody takes a bottle from one place. Here the change that the scales felt, the hand's
weight and the leak to the plates beside it included, is scaled to another product's mass and laid over the plates of
that product's facing, whose own noise stays as it was; the plates of the bottle get their samples from before the take,
backwards. The skeleton is moved along with it; its right arm is raised or lowered to the shelf's height around the take
only, as somebody bends down and straightens up. The item weighs what the catalogue says, give or take what one packed
item varies by. One visit, one shopper, one item each: what it shows is that real noise and a real hand are read rightly
at other places, heights and masses, and no more. The importer reads each from files, as it reads the real ones.
"""

import base64
import json as json_module
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from rich.table import Table

from benchmarks._bench import Bench, bench, percent
from benchmarks._suites import real_shop, to_stderr
from walkout.evaluation.intervals import exact_share
from walkout.live.replay import replay, replay_json
from walkout.recording.aifi.importer import import_aifi
from walkout.recording.reader import open_recording
from walkout.store.folder import load
from walkout.store.planogram import Facing
from walkout.store.product import Product
from walkout.store.shop import Store

TAKEN_S, TAKEN_AT, TAKEN_G = 1_587_532_009.5, (1, 5, 11), 621.67
"""When, from which gondola, shelf and plate, and how heavy the bottle was (the recording's documented truth)."""
FROM_SAMPLE, AROUND = 732, 3
"""The first sample of the take; so many plates on either side feel it."""
INCH_M = 0.0254
ARM = ("r_wrist", "r_elbow")
BENT_S, RISE_S = (0.5, 0.3), 0.7
"""The arm is at the shelf's height from so long before the take to so long after it; then it rises."""
SEED = 20_261_127
SURE = 0.95

Line = dict[str, Any]
Place = tuple[int, int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Real:
    """The recording's documents, its plates as arrays (samples, shelves, plates), and the take by itself."""

    folder: Path
    plates: list[Line]
    grams: list[NDArray[np.float32]]
    people: list[Line]
    clean: NDArray[np.float32]
    take: NDArray[np.float32]
    """Of shape (samples, 2 x AROUND + 1), grams: what the bottle's plates felt, less `clean`."""


def run(
    *, json: bool, data: Path, seeds: range | None = None, workers: int | None = None, keep: Path | None = None
) -> dict[str, Any]:
    """Measure and, unless `json`, print; `seeds` counts facings, in a shuffled order (without it: all of them)."""
    this = bench("moved-takes", json, seeds, workers, keep)
    real, rows = read(data / "aifi-benchmark-1"), []
    with real_shop(data) as shop, tempfile.TemporaryDirectory() as folder:
        store = load(shop)
        for number, (facing, item) in enumerate(places(store)):
            if seeds is None or number in seeds:
                rows.append(moved(real, store, facing, item, Path(folder)))
                to_stderr(f"{number}. {rows[-1]}")
    return counted(this, rows)


def places(store: Store) -> Iterator[tuple[Facing, Product]]:
    """Each facing whose plates are in the recording and whose product has one mass, in a shuffled order."""
    found = [
        (facing, store.products[facing.gtin])
        for facing in store.planogram
        if int(facing.fixture.rpartition("-")[2]) <= 4 and len(store.products[facing.gtin].masses) == 1
    ]
    for k in np.random.default_rng(SEED).permutation(len(found)).tolist():
        yield found[k]


def read(folder: Path) -> Real:
    """The recording, and its take apart; FileNotFoundError where it is not there."""
    plates = [json_module.loads(line) for line in (folder / "plate_data.json").open()]
    people = [json_module.loads(line) for line in (folder / "full_targets.json").open()]
    grams = [_array(message["document"]["plate_data"]["values"]) for message in plates]
    gondola, shelf, plate = TAKEN_AT
    there = np.concatenate([g for m, g in zip(plates, grams, strict=True) if m["gondola_id"] == gondola])
    felt = there[:, shelf, plate - AROUND : plate + AROUND + 1]
    clean = felt.copy()
    clean[FROM_SAMPLE:] = felt[FROM_SAMPLE - 1 :: -1][: len(felt) - FROM_SAMPLE]
    return Real(folder, plates, grams, people, clean, np.nan_to_num(felt - clean))


def moved(real: Real, store: Store, facing: Facing, item: Product, folder: Path) -> dict[str, Any]:
    """One facing: the recording written anew, imported, replayed; its row."""
    gondola = int(facing.fixture.rpartition("-")[2])
    mass = item.masses[0]
    mass_g = float(np.random.default_rng([SEED, int(facing.gtin)]).normal(mass.mass_g, mass.sd_g))
    plate = sorted(facing.plates)[len(facing.plates) // 2]
    grams = [array.copy() for array in real.grams]
    _lay(real, grams, TAKEN_AT, real.clean, anew=True)
    _lay(real, grams, (gondola, facing.shelf, plate), real.take * np.float32(mass_g / TAKEN_G), anew=False)
    case = folder / "case"
    case.mkdir()
    try:
        _write(case / "plate_data.json", map(_with_grams, real.plates, grams))
        shift_m = _middle(store, facing.fixture, facing.shelf, facing.plates) - _middle(
            store, f"gondola-{TAKEN_AT[0]}", TAKEN_AT[1], (TAKEN_AT[2], TAKEN_AT[2] + 1)
        )
        _write(case / "full_targets.json", (_shifted(document, shift_m / INCH_M) for document in real.people))
        for name in ("planogram.json", "products.json"):
            shutil.copy(real.folder / name, case / name)
        import_aifi(case, folder / "case.mcap", case / "store")
        receipts = orjson.loads(replay_json(replay(open_recording(folder / "case.mcap"))))["receipts"]
    finally:
        shutil.rmtree(case)
        (folder / "case.mcap").unlink(missing_ok=True)
    lines = [(line["gtin"], line["quantity"]) for receipt in receipts for line in receipt["lines"]]
    return {
        "at": f"{facing.fixture}/{facing.shelf}/{'+'.join(map(str, facing.plates))}",
        "shelf": facing.shelf,
        "mass_g": round(mass_g, 1),
        "exact": len(receipts) == 1 and lines == [(facing.gtin, 1)],
        "p_exact": min((receipt["p_exact"] for receipt in receipts), default=0.0),
        "lines": lines,
    }


def counted(this: Bench, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """All facings, by shelf, and what was sure and wrong."""
    wrong = [row for row in rows if not row["exact"]]
    figures = {
        "origin": "real readings of one visit, its take moved and scaled",
        "facings": len(rows),
        "exact": {
            "count": len(rows) - len(wrong),
            "of": len(rows),
            "share": (len(rows) - len(wrong)) / len(rows) if rows else None,
            "interval": exact_share(len(rows) - len(wrong), len(rows)),
        },
        "sure_wrong": sum(row["p_exact"] >= SURE for row in wrong),
        "sure": sum(row["p_exact"] >= SURE for row in rows),
        "wrong": wrong,
    }
    table = Table("shelf", "facings", "exactly right", "of those sure", box=None)
    for shelf in sorted({row["shelf"] for row in rows}):
        of = [row for row in rows if row["shelf"] == shelf]
        right = [row for row in of if row["exact"]]
        table.add_row(str(shelf), str(len(of)), str(len(right)), str(sum(row["p_exact"] >= SURE for row in right)))
    this.show(f"{len(rows)} facings, exactly right {percent(figures['exact'])}", table, *map(str, wrong))
    return figures


def _array(values: Line) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(values["data"]), "<f4").reshape(values["shape"]).copy()


def _with_grams(message: Line, grams: NDArray[np.float32]) -> Line:
    found: Line = json_module.loads(json_module.dumps(message))
    found["document"]["plate_data"]["values"]["data"] = base64.b64encode(grams.astype("<f4").tobytes()).decode()
    return found


def _lay(
    real: Real, grams: list[NDArray[np.float32]], at: tuple[int, int, int], over: NDArray[np.float32], *, anew: bool
) -> None:
    """Lay `over` on the plates around one, message by message: instead of what was there (`anew`), or on top of it."""
    gondola, shelf, plate = at
    done = 0
    for message, array in zip(real.plates, grams, strict=True):
        if message["gondola_id"] != gondola:
            continue
        piece = over[done : done + len(array)]
        done += len(array)
        for column in range(over.shape[1]):
            to = plate + column - AROUND
            if 1 <= to < array.shape[2] and np.isfinite(array[:, shelf, to]).all():
                cell = array[: len(piece), shelf, to]
                cell[:] = piece[:, column] if anew else cell + piece[:, column]


def _shifted(document: Line, by_inch: NDArray[np.float64]) -> Line:
    """The people of a document moved along the floor, and the arm's height around the take."""
    found: Line = json_module.loads(json_module.dumps(document))
    late_s = found["timestamp"] - TAKEN_S
    beyond_s = max(-BENT_S[0] - late_s, late_s - BENT_S[1], 0.0)
    bent = 0.5 + 0.5 * float(np.cos(np.pi * min(1.0, beyond_s / RISE_S)))
    for person in found["document"].get("targets", {}).get("targets", []):
        hands = [("r_wrist", hand) for hand in person.get("hands", [])]
        for name, joint in [*((name, joint) for name, joint in person.items() if isinstance(joint, dict)), *hands]:
            if point := joint.get("point"):
                for axis, amount in zip("xyz", by_inch * (1.0, 1.0, bent if name in ARM else 0.0), strict=True):
                    point[axis] = point.get(axis, 0.0) + float(amount)
    return found


def _middle(store: Store, fixture: str, shelf: int, plates: tuple[int, ...]) -> NDArray[np.float64]:
    """Where goods on these plates are: over their middle, at the front, a hand above the board; metres."""
    there = store.fixture(fixture)
    board = store.shelf(fixture, shelf)
    spots = [store.plate(fixture, shelf, plate) for plate in plates]
    x_m = sum(spot.x_m + spot.width_m / 2 for spot in spots) / len(spots)
    return np.array(there.to_store(x_m, 0.0, board.z_m))


def _write(path: Path, documents: Iterator[Line]) -> None:
    with path.open("w") as file:
        file.writelines(json_module.dumps(document) + "\n" for document in documents)
