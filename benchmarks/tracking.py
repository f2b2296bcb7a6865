"""Several cameras to people in 3D: HOTA, IDF1, and errors of heads and wrists, by crowd, dead cameras and build.

The twin's people are seen by a pretended detector (`walkout.evaluation.pretended`: exact joints with assumed flaws; no
picture is drawn, so clothes and skin change nothing here), by cameras that do not take their frames together. Two sets
of six cameras: the sample shop's own, which look at the shelves and leave the door dark, and six round the walls. A
person counts while a living camera has three of their joints in sight; `everybody` counts the dark too. Held: at 1 to 3
people and all six round the walls IDF1 >= 0.97, head <= 5 cm, wrist <= 8 cm (medians), worst build within 2 x the best.
"""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from benchmarks._bench import bars, told
from walkout.evaluation.pretended import pretended
from walkout.evaluation.tracking import Moment, hota, identity, moment, resampled, switches
from walkout.recording.people import JOINTS, PeopleFrame, Person
from walkout.sensing.vision.lens import Lens
from walkout.sensing.vision.sighting import Sighting
from walkout.sensing.vision.tracker import Tracker
from walkout.store.folder import load
from walkout.store.layout import Camera
from walkout.store.shop import Store
from walkout.twin import behaviours as b
from walkout.twin.body import Build, Kind
from walkout.twin.glimpses import Glimpse, Glimpses
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate
from walkout.twin.seeds import stream
from walkout.twin.shoppers import random_build

SAMPLE = Path(__file__).resolve().parent.parent / "examples" / "sample-store"
SEEDS = range(701, 703)
CROWDS = (1, 2, 3, 4, 6)
VARIANTS = (("walls", 0), ("walls", 1), ("walls", 2), ("own", 0), ("own", 2))
"""Which cameras, and how many of them are dead."""
PHASE_S = (0.0, 0.017, 0.033, 0.05, 0.067, 0.083)
STEP_NS = 100_000_000
NEAR_M = 0.5
"""Somebody told farther from a head than this is not they; likeness falls to 0 at twice this."""
Joints = NDArray[np.float64]
"""(8, 3)."""
Errors = dict[str, dict[str, list[float]]]
KINDS: tuple[Kind, ...] = ("walker", "wheelchair", "pushchair", "child_in_arms")


@dataclass(frozen=True, slots=True)
class Part:
    """One play seen by one set of cameras."""

    cameras: str
    dead: int
    people: int
    seed: int
    in_view: tuple[Moment, ...]
    everybody: tuple[Moment, ...]
    errors_m: Mapping[str, Mapping[str, tuple[float, ...]]]
    """By person, then head or wrist."""
    builds: Mapping[str, Build]


def walls(store: Store) -> tuple[Camera, ...]:
    """Six cameras round the walls that look at the middle of the shop, at different heights of view."""
    low, high = np.min(store.floor_m, axis=0), np.max(store.floor_m, axis=0)
    mid = (low + high) / 2
    spots = [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]
    spots += [(mid[0], low[1]), (mid[0], high[1])]
    aims = [mid + 0.15 * (mid - np.array(spot)) for spot in spots]
    return tuple(
        Camera(f"wall-{k + 1}", float(x), float(y), 2.7, (float(aim[0]), float(aim[1]), 0.9), 330.0)
        for k, ((x, y), aim) in enumerate(zip(spots, aims, strict=True))
    )


def play(store: Store, seed: int, people: int) -> tuple[list[Glimpse], Mapping[str, Build]]:
    """A few shoppers who come one after another; the last two of many are of rarer builds."""
    rng = stream(seed, "tracking", people)
    coming = []
    for k in range(people):
        build = replace(random_build(rng), kind=KINDS[(seed + k) % 4] if k >= people - 2 else "walker")
        coming.append(Arrival(1.0 + 1.5 * k, (Member(build, b.sequence(b.take, b.return_one, b.take)),)))
    glimpses = Glimpses(store, [*PHASE_S, *PHASE_S])
    for _ in simulate(store, coming, seed=seed * 10 + people, film=glimpses):
        pass
    return glimpses.taken, glimpses.builds


def follow(store: Store, sights: Sequence[Sighting], seed: int) -> list[PeopleFrame]:
    """The tracker's frames, ten a second."""
    tracker, frames, at = Tracker(store, seed.to_bytes(8, "big")), [], 0
    t_ns = sights[0].t_ns + STEP_NS
    while at < len(sights):
        end = at
        while end < len(sights) and sights[end].t_ns <= t_ns:
            end += 1
        frames.append(tracker.step(sights[at:end], t_ns))
        at, t_ns = end, t_ns + STEP_NS
    return frames


def held(
    frames: Sequence[PeopleFrame], glimpses: Sequence[Glimpse], lenses: Mapping[str, Lens]
) -> tuple[list[Moment], list[Moment], Errors]:
    """What was told against what is true: moments of those in view, of everybody, and joints' errors by person."""
    in_view, everybody = [], []
    errors: Errors = {}
    seen_ns: dict[str, int] = {}
    tracks = _tracks(glimpses)
    at = 0
    for frame in frames:
        while at < len(glimpses) and glimpses[at].t_ns <= frame.t_ns:
            seen_ns |= _seen(glimpses[at], lenses)
            at += 1
        true = {
            name: _between(frame.t_ns, times, joints)
            for name, (times, joints) in tracks.items()
            if times[0] <= frame.t_ns <= times[-1] + 20_000_000
        }
        heads = {p.id: p.joints["head"] for p in frame.people if "head" in p.joints}
        places = {id_: np.array([head.x_m, head.y_m]) for id_, head in heads.items()}
        every = moment({name: joints[0, :2] for name, joints in true.items()}, places, 2 * NEAR_M)
        everybody.append(every)
        pairs = _pairs(every)
        dark = {name for name in true if frame.t_ns - seen_ns.get(name, 0) > 300_000_000}
        ignored = {pairs[name] for name in dark if name in pairs}
        lit = {name: joints[0, :2] for name, joints in true.items() if name not in dark}
        in_view.append(moment(lit, {id_: at_m for id_, at_m in places.items() if id_ not in ignored}, 2 * NEAR_M))
        of = {person.id: person for person in frame.people}
        for name in sorted(lit):
            if name in pairs:
                _off(errors.setdefault(name, {}), of[pairs[name]], true[name])
    return in_view, everybody, errors


def _tracks(glimpses: Sequence[Glimpse]) -> dict[str, tuple[list[int], list[Joints]]]:
    tracks: dict[str, tuple[list[int], list[Joints]]] = {}
    for glimpse in glimpses:
        for n, name in enumerate(glimpse.people):
            times, joints = tracks.setdefault(name, ([], []))
            if not times or glimpse.t_ns > times[-1]:
                times.append(glimpse.t_ns)
                joints.append(glimpse.joints_m[n])
    return tracks


def _seen(glimpse: Glimpse, lenses: Mapping[str, Lens]) -> dict[str, int]:
    """Whom a camera has in sight, with the instant."""
    if glimpse.camera not in lenses or not glimpse.people:
        return {}
    shown = (lenses[glimpse.camera].sees(glimpse.joints_m) & ~glimpse.hidden).sum(axis=1)
    return {name: glimpse.t_ns for n, name in enumerate(glimpse.people) if shown[n] >= 3}


def _off(errors: dict[str, list[float]], person: Person, joints: Joints) -> None:
    for k, joint in enumerate(JOINTS):
        kind = "head" if joint == "head" else "wrist" if "wrist" in joint else ""
        if kind and joint in person.joints:
            told_at = person.joints[joint]
            off = joints[k] - [told_at.x_m, told_at.y_m, told_at.z_m]
            errors.setdefault(kind, []).append(float(np.linalg.norm(off)))


def _between(t_ns: int, times: Sequence[int], joints: Sequence[Joints]) -> Joints:
    k = int(np.searchsorted(times, t_ns))
    if k == 0 or k >= len(times):
        return joints[min(k, len(times) - 1)]
    share = (t_ns - times[k - 1]) / (times[k] - times[k - 1])
    return np.asarray((1 - share) * joints[k - 1] + share * joints[k])


def _pairs(one: Moment) -> dict[Any, Any]:
    """Who is whom in one frame, by place alone."""
    i, j = linear_sum_assignment(one.alike, maximize=True)
    return {one.true[a]: one.told[c] for a, c in zip(i, j, strict=True) if one.alike[a, c] >= 0.5}


def judged(seed: int, people: int, variants: Sequence[tuple[str, int]]) -> list[Part]:
    """One play, seen by each set of cameras with some of them dead."""
    own = load(SAMPLE)
    both = replace(own, cameras=own.cameras + walls(own))
    glimpses, builds = play(both, seed, people)
    parts = []
    for name, dead in variants:
        cameras = own.cameras if name == "own" else walls(own)
        gone = stream(seed, "dead", people).permutation(len(cameras))[:dead]
        alive = tuple(camera for k, camera in enumerate(cameras) if k not in gone)
        shop = replace(own, cameras=alive)
        lenses = {camera.id: Lens.of(camera) for camera in alive}
        seen = [glimpse for glimpse in glimpses if glimpse.camera in lenses]
        frames = follow(shop, list(pretended(seen, shop, seed)), seed)
        in_view, everybody, errors = held(frames, seen, lenses)
        plain = {n: {k: tuple(v) for k, v in e.items()} for n, e in errors.items()}
        parts.append(Part(name, dead, people, seed, tuple(in_view), tuple(everybody), plain, builds))
    return parts


def figures_of(parts: Sequence[Part]) -> dict[str, Any]:
    """Means over plays, with the interval of drawing plays anew; errors over all frames."""
    f1 = [identity(part.in_view).f1 for part in parts]
    weights = [max(1, sum(len(m.true) for m in part.in_view)) for part in parts]
    whole = [hota(part.in_view) for part in parts]
    found: dict[str, Any] = {
        "plays": len(parts),
        "idf1": round(float(np.average(f1, weights=weights)), 4),
        "idf1_interval": [round(v, 4) for v in resampled([p.in_view for p in parts], lambda m: identity(m).f1)],
        "idf1_everybody": round(float(np.average([identity(part.everybody).f1 for part in parts], weights=weights)), 4),
        "hota": round(float(np.average([h.hota for h in whole], weights=weights)), 4),
        "detection": round(float(np.average([h.detection for h in whole], weights=weights)), 4),
        "association": round(float(np.average([h.association for h in whole], weights=weights)), 4),
        "switches": sum(switches(part.in_view) for part in parts),
        "people": sum(len(part.builds) for part in parts),
    }
    return found | _errors([e for part in parts for e in part.errors_m.values()])


def _errors(people: Sequence[Mapping[str, Sequence[float]]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in ("head", "wrist"):
        off = np.array([v for one in people for v in one.get(kind, ())])
        if off.size:
            found[f"{kind}_median_cm"] = round(100 * float(np.median(off)), 2)
            found[f"{kind}_p90_cm"] = round(100 * float(np.percentile(off, 90)), 2)
    return found


def by_build(parts: Sequence[Part]) -> dict[str, dict[str, Any]]:
    """Errors by what people are like."""
    groups: dict[str, list[Mapping[str, Sequence[float]]]] = {}
    for part in parts:
        for name, errors in part.errors_m.items():
            build = part.builds[name]
            tall = "under 1.62 m" if build.stature_m < 1.62 else "above 1.78 m" if build.stature_m > 1.78 else "between"
            skin = "1 to 3" if build.skin <= 3 else "4 to 7" if build.skin <= 7 else "8 to 10"
            for group in (
                build.kind,
                f"stature {tall}",
                f"head {build.head_cover}",
                f"skin {skin}",
                f"clothing {build.clothing}",
            ):
                groups.setdefault(group, []).append(errors)
    return {name: {"people": len(found), **_errors(found)} for name, found in sorted(groups.items())}


def summed(found: Sequence[Part], seeds: str) -> dict[str, Any]:
    """The figures of plays, and the bars."""
    table: dict[str, Any] = {}
    for name, dead in VARIANTS:
        mine = [part for part in found if part.cameras == name and part.dead == dead]
        rows = {str(n): [p for p in mine if p.people == n] for n in CROWDS}
        rows |= {"1-3": [p for p in mine if p.people <= 3], "4-6": [p for p in mine if p.people > 3]}
        table[f"{name}, {dead} dead"] = {crowd: figures_of(parts) for crowd, parts in rows.items()}
    builds = by_build([part for part in found if part.cameras == "walls" and not part.dead])
    few = table["walls, 0 dead"]["1-3"]
    known = [row for row in builds.values() if row["people"] >= 2 and "wrist_median_cm" in row]
    ratio = {
        kind: round(max(row[kind] for row in known) / min(row[kind] for row in known), 2)
        for kind in ("head_median_cm", "wrist_median_cm")
    }
    return {
        "origin": "simulated, pretended detections",
        "seeds": seeds,
        "by_cameras": table,
        "by_build": builds,
        "worst_over_best": ratio,
        **bars(
            idf1=few["idf1"] >= 0.97,
            head=few["head_median_cm"] <= 5.0,
            wrist=few["wrist_median_cm"] <= 8.0,
            builds=max(ratio.values()) <= 2.0,
        ),
    }


def run(*, json: bool, data: Path, seeds: range | None = None, workers: int | None = None) -> dict[str, Any]:
    """Measure and, unless `json`, print; `data` is not used. A seed takes about two minutes of a core."""
    del data
    chosen = SEEDS if seeds is None else seeds
    jobs = [(seed, people) for seed in chosen for people in CROWDS]
    with ProcessPoolExecutor(workers or os.cpu_count() or 1) as pool:
        found = [part for parts in pool.map(judged, *zip(*jobs, strict=True), [VARIANTS] * len(jobs)) for part in parts]
    figures = summed(found, f"{chosen[0]}..{chosen[-1]}")
    if not json:
        _show(figures)
    return figures


def _show(figures: Mapping[str, Any]) -> None:
    print(f"{figures['origin']}, seeds {figures['seeds']}")
    names = ["idf1", "idf1_everybody", "hota", "switches", "head_median_cm", "head_p90_cm"]
    names += ["wrist_median_cm", "wrist_p90_cm"]
    print(f"{'cameras':16s} {'people':8s}" + "".join(f"{name.removesuffix('_cm'):>15s}" for name in names))
    for cameras, rows in figures["by_cameras"].items():
        for crowd, row in rows.items():
            print(f"{cameras:16s} {crowd:8s}" + "".join(f"{row.get(name, '-')!s:>15s}" for name in names))
    for group, row in figures["by_build"].items():
        print(f"{group:24s}", row)
    print("worst over best build:", figures["worst_over_best"])
    print(told(figures["bars"]))
