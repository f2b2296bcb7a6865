"""The twin beside reality: the one public real visit, and the twin's replica of it, measured the same way.

Per shelf the 1-second standard deviation of each plate (median and 95th percentile over plates and seconds) and the
spectrum from 0.5 to 30 Hz; for the take its shape, the leak to neighbours and the wrist; for the skeletons their
timing. Bars: medians within a factor of 1.3, 95th percentiles within 1.6, the dominant frequency within 1 Hz. Misses
are printed, not hidden, each with what the real figure could also have been; and the misses of other shops with the
same table are counted, whose scales are drawn anew.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import hypot
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.signal import welch

from benchmarks._realism_doubt import spread
from walkout.recording.aifi.importer import import_aifi
from walkout.recording.people import JOINTS, PeopleFrame
from walkout.recording.plates import PlateBatch
from walkout.recording.reader import open_recording
from walkout.store.folder import load
from walkout.store.shop import Store
from walkout.twin.actor import Actor, Script, Spot
from walkout.twin.body import Build
from walkout.twin.party import Arrival, Member
from walkout.twin.play import play
from walkout.twin.simulation import Simulation

SEEDS = tuple(range(1, 9))
OTHER_SHOPS, OTHER_SEEDS = 12, (1, 2)
TAKE = ("gondola-1", 5, 11)
MEDIAN_BAR, P95_BAR, FREQUENCY_BAR_HZ = 1.3, 1.6, 1.0

# What the real shopper did, seconds after the first plate sample, read off its skeleton.
START_XY, SECOND_XY, DOOR_XY = (3.33, -0.48), (0.75, -0.78), (0.27, -1.35)
FIRST_WALK_S, REACHES_S, LIFT_S, WALKS_OFF_S, LEAVES_S, END_S = 4.7, 11.0, 12.50, 13.2, 15.4, 17.2


@dataclass(frozen=True, slots=True)
class Visit:
    """One recording in arrays; all times in seconds from the first plate sample.

    By fixture the instants and the readings (samples, shelves, plates) in grams; the people frames with their times;
    the lift.
    """

    t_s: Mapping[str, NDArray[np.float64]]
    grams: Mapping[str, NDArray[np.float64]]
    people: Sequence[tuple[float, PeopleFrame]]
    lift_s: float


def gather(observations: Iterable[object], store: Store) -> Visit:
    """The visit in a stream of observations; its lift is where the take's plate falls most."""
    batches: dict[str, list[PlateBatch]] = {}
    people = []
    for observation in observations:
        if isinstance(observation, PlateBatch):
            batches.setdefault(observation.fixture, []).append(observation)
        elif isinstance(observation, PeopleFrame):
            people.append(observation)
    start_ns = min(int(of_it[0].t_ns[0]) for of_it in batches.values())
    t_s = {name: (np.concatenate([b.t_ns for b in of_it]) - start_ns) / 1e9 for name, of_it in batches.items()}
    grams = {name: np.concatenate([b.grams for b in of_it]).astype(float) for name, of_it in batches.items()}
    for name, readings in grams.items():
        for shelf in store.fixture(name).shelves[: readings.shape[1]]:
            cells = {plate.id for plate in shelf.plates if plate.cell}
            without = [p for p in range(readings.shape[2]) if p + 1 not in cells]
            readings[:, shelf.id - 1, without] = np.nan
    plate = grams[TAKE[0]][:, TAKE[1] - 1, TAKE[2] - 1]
    lift_s = float(t_s[TAKE[0]][3 + int(np.argmin(plate[6:] - plate[:-6]))])
    return Visit(t_s, grams, [((frame.t_ns - start_ns) / 1e9, frame) for frame in people], lift_s)


def shelves(visit: Visit) -> dict[tuple[str, int], dict[str, Any]]:
    """Noise of each shelf, the seconds of the take left out on the shelf where it happens."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for fixture in sorted(visit.grams):
        for s in range(visit.grams[fixture].shape[1]):
            x = visit.grams[fixture][:, s, :]
            x = x[:, ~np.isnan(x).any(axis=0)]
            if x.shape[1] == 0:
                continue
            t = visit.t_s[fixture]
            seconds = len(x) // 60
            sds = x[: seconds * 60].reshape(seconds, 60, -1).std(axis=1)
            middles = t[: seconds * 60].reshape(seconds, 60)[:, 30]
            if (fixture, s + 1) == TAKE[:2]:
                sds = sds[np.abs(middles - visit.lift_s) > 1.5]
                x = np.concatenate([_flat(x[t < visit.lift_s - 1.0]), _flat(x[t > visit.lift_s + 1.0])])
            hertz, power = welch(x, fs=60.0, nperseg=120, axis=0)
            mean = power.mean(axis=1)
            band = hertz >= 0.5
            found[fixture, s + 1] = {
                "median_g": float(np.median(sds)),
                "p95_g": float(np.percentile(sds, 95)),
                "peak_hz": float(hertz[band][np.argmax(mean[band])]),
                "hertz": hertz,
                "power": mean,
                "readings": x,
                "sds": sds,
            }
    return found


def _flat(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return x - np.median(x, axis=0) if len(x) else x


def take(visit: Visit, store: Store) -> dict[str, float]:
    """Shape of the take: fall time, hand load, leaks, and how near the wrist came."""
    t, x = visit.t_s[TAKE[0]], visit.grams[TAKE[0]][:, TAKE[1] - 1, :]
    plate = TAKE[2] - 1
    before = x[(t > visit.lift_s - 1.6) & (t < visit.lift_s - 0.8)].mean(axis=0)
    after = x[(t > visit.lift_s + 0.5) & (t < visit.lift_s + 1.3)].mean(axis=0)
    change = after - before
    near = (t > visit.lift_s - 1.0) & (t < visit.lift_s + 0.5)
    part = (x[near, plate] - before[plate]) / change[plate]
    last_up = int(np.flatnonzero(part < 0.1)[-1])
    first_down = int(np.flatnonzero(part > 0.9)[0])
    facing = next(f for f in store.facings_on(TAKE[0], TAKE[1]) if TAKE[2] in f.plates)
    box, fixture = store.box(facing), store.fixture(TAKE[0])
    low, high = np.array(box.low_m), np.array(box.high_m)
    nearest = np.inf
    for at, frame in visit.people:
        if visit.lift_s - 0.7 <= at <= visit.lift_s + 0.1:
            for person in frame.people:
                for name in ("l_wrist", "r_wrist"):
                    joint = person.joints.get(name)
                    if joint is not None:
                        p = np.array(fixture.to_fixture(joint.x_m, joint.y_m, joint.z_m))
                        nearest = min(nearest, float(np.linalg.norm(p - np.clip(p, low, high))))
    return {
        "change_g": float(change[plate]),
        "fall_samples": float(first_down - last_up),
        "hand_load_g": float((x[near, plate] - before[plate])[: last_up + 1].max()),
        "leak_one_away": float(change[plate - 1] / change[plate]),
        "leak_two_away": float(change[plate - 2] / change[plate]),
        "wrist_m": nearest,
    }


def skeletons(visit: Visit) -> dict[str, float]:
    """Timing of the people frames, how many joints they lack, and how much heads tremble."""
    t = np.array([at for at, _ in visit.people])
    gaps = np.diff(t)
    lag = np.array([(frame.arrived_ns - frame.t_ns) / 1e9 for _, frame in visit.people])
    people = [person for _, frame in visit.people for person in frame.people]
    missing = 1 - sum(len(person.joints) for person in people) / (len(JOINTS) * len(people))
    scores = [joint.score for person in people for joint in person.joints.values()]
    heads = [person.joints.get("head") for _, frame in visit.people for person in frame.people[:1]]
    steps = [
        hypot(b.x_m - a.x_m, b.y_m - a.y_m)
        for a, b, gap in zip(heads, heads[1:], gaps, strict=False)
        if a is not None and b is not None and gap < 0.02
    ]
    return {
        "rate_hz": float(1 / gaps.mean()),
        "gap_p5_s": float(np.quantile(gaps, 0.05)),
        "gap_median_s": float(np.median(gaps)),
        "gap_p95_s": float(np.quantile(gaps, 0.95)),
        "lag_median_s": float(np.median(lag)),
        "missing_share": missing,
        "score_median": float(np.median(scores)),
        "head_step_8ms_m": float(np.median(steps)) if steps else 0.0,
    }


def _replica(me: Actor) -> Script:
    """What the real shopper did: stand, walk along the shelves, stand, step up, take one bottle, leave."""
    box = me.sim.store.box(next(f for f in me.sim.store.facings_on(TAKE[0], TAKE[1]) if TAKE[2] in f.plates))
    plate = me.sim.store.plate(*TAKE)
    spot = Spot(TAKE[0], TAKE[1], plate.x_m + plate.width_m / 2, box.low_m[2] + 0.11)
    yield from me.until(FIRST_WALK_S)
    yield from me.walk_to(*SECOND_XY)
    yield from me.until(REACHES_S)
    yield from me.walk_to(0.97, -0.45, 1.57)
    yield from me.until(LIFT_S - 1.3)
    yield from me.reach(spot, 1)
    yield from me.until(LIFT_S - 0.3)
    on_plate = [r for r in me.sim.world.resting[TAKE[:2]] if r.plates == (TAKE[2],)]
    yield from me.until(me.lift(on_plate[:1]))
    yield from me.withdraw(1)
    yield from me.until(WALKS_OFF_S)
    yield from me.walk_to(*DOOR_XY)
    me.door = (DOOR_XY[0], DOOR_XY[1] - 0.3)
    yield from me.until(LEAVES_S - 0.5)


def replica(store: Store, seed: int) -> Visit:
    """The twin's own version of the real visit."""
    sim = Simulation(store, seed, door=START_XY)
    facing = next(f for f in store.facings_on(TAKE[0], TAKE[1]) if TAKE[2] in f.plates)
    plate = store.plate(*TAKE)
    item = sim.world.new_item(facing.gtin, 0.09)
    sim.lay(sim.world.rest(item, TAKE[0], TAKE[1], plate.x_m + plate.width_m / 2))
    shopper = Member(Build(stature_m=1.80, speed_m_s=0.62), _replica)
    return gather(play(sim, [Arrival(0.0, (shopper,))], least_s=END_S, quiet_s=1.2), store)


def compare(data: Path) -> dict[str, Any]:
    """All figures of the real visit and of the replica, the latter as medians over `SEEDS`."""
    folder = data / "aifi-benchmark-1"
    if not folder.is_dir():
        raise FileNotFoundError(2, "no such folder", str(folder))
    with TemporaryDirectory() as work:
        import_aifi(folder, Path(work) / "real.mcap", Path(work) / "store")
        store = load(Path(work) / "store")
        real = gather(open_recording(Path(work) / "real.mcap").observations(), store)
    replicas = [replica(store, seed) for seed in SEEDS]
    theirs = shelves(real)
    rows = _rows(theirs, replicas)
    for row in rows:
        if row["misses"]:
            a = theirs[row["fixture"], row["shelf"]]
            row["real_spread"] = spread(a["readings"], a["sds"], a["peak_hz"], FREQUENCY_BAR_HZ)
    others = [
        _rows(theirs, [replica(replace(store, name=f"other shop {k}"), seed) for seed in OTHER_SEEDS])
        for k in range(OTHER_SHOPS)
    ]
    return {
        "shelves": rows,
        "other_shops": _counted(others),
        "take": {
            name: (value, _middle([take(v, store)[name] for v in replicas]))
            for name, value in take(real, store).items()
        },
        "skeletons": {
            name: (value, _middle([skeletons(v)[name] for v in replicas])) for name, value in skeletons(real).items()
        },
    }


def _rows(theirs: Mapping[tuple[str, int], dict[str, Any]], replicas: Sequence[Visit]) -> list[dict[str, Any]]:
    """The shelves' figures side by side; the replicas' are medians over them, and the peak of their mean spectrum."""
    ours = [shelves(visit) for visit in replicas]
    rows = []
    for key in sorted(theirs):
        a, many = theirs[key], [found[key] for found in ours]
        power = np.mean([b["power"] for b in many], axis=0)
        band = a["hertz"] >= 0.5
        row = {
            "fixture": key[0],
            "shelf": key[1],
            "median_g": (round(a["median_g"], 3), round(float(np.median([b["median_g"] for b in many])), 3)),
            "p95_g": (round(a["p95_g"], 3), round(float(np.median([b["p95_g"] for b in many])), 3)),
            "peak_hz": (a["peak_hz"], float(a["hertz"][band][np.argmax(power[band])])),
        }
        row["misses"] = _misses(row)
        rows.append(row)
    return rows


def _counted(others: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """How many comparisons miss in each of the other shops, and which miss most often."""
    which = Counter(
        f"{row['fixture']} {row['shelf']} {name}" for rows in others for row in rows for name in row["misses"]
    )
    return {
        "misses": sorted(sum(len(row["misses"]) for row in rows) for rows in others),
        "most_often": dict(sorted(which.items(), key=lambda item: (-item[1], item[0]))[:6]),
    }


def _middle(values: list[float]) -> float:
    return float(np.median(values))


def _misses(row: dict[str, Any]) -> list[str]:
    missed = []
    for name, bar in (("median_g", MEDIAN_BAR), ("p95_g", P95_BAR)):
        real, ours = row[name]
        if max(real / ours, ours / real) > bar:
            missed.append(name)
    if abs(row["peak_hz"][0] - row["peak_hz"][1]) > FREQUENCY_BAR_HZ:
        missed.append("peak_hz")
    return missed


def run(*, json: bool, data: Path) -> dict[str, Any]:
    """Measure and, unless `json`, print the comparison; FileNotFoundError where the real visit is not there."""
    figures = compare(data)
    missed = sum(len(row["misses"]) for row in figures["shelves"])
    figures["misses"], figures["comparisons"] = missed, 3 * len(figures["shelves"])
    figures["passed"] = missed == 0
    if not json:
        _show(figures)
    return figures


def _show(figures: dict[str, Any]) -> None:
    console = Console(width=120)
    table = Table("shelf", "median g: real", "twin", "p95 g: real", "twin", "peak Hz: real", "twin", "missed")
    for row in figures["shelves"]:
        pairs = [f"{value:.2f}" for name in ("median_g", "p95_g", "peak_hz") for value in row[name]]
        table.add_row(f"{row['fixture']} {row['shelf']}", *pairs, ", ".join(row["misses"]))
    console.print(table)
    for row in figures["shelves"]:
        if row["misses"]:
            low, high = row["real_spread"]["median_g"]
            console.print(
                f"{row['fixture']} {row['shelf']}: drawn again from its own plates and seconds, the real median is "
                f"{low} to {high} g (95 %), its peak the same in {row['real_spread']['same_peak']:.0%}"
            )
    others = figures["other_shops"]
    console.print(f"misses of other shops with the same table: {others['misses']}; {others['most_often']}")
    for part in ("take", "skeletons"):
        table = Table(part, "real", "twin")
        for name, (real, ours) in figures[part].items():
            table.add_row(name, f"{real:.4g}", f"{ours:.4g}")
        console.print(table)
    console.print(f"{figures['misses']} of {figures['comparisons']} comparisons miss their bar")
