"""Simulated hours of the live eye with cameras that come and go: memory, and who lost their identity in plain sight.

Pretended detections (`walkout.evaluation.pretended`: exact joints with assumed flaws, no picture is drawn), six cameras
round the walls at ten pictures a second, each away for 5 to 60 s about every ten minutes, shoppers as in `day`; steps
as the running eyes take them. A person who is told under another id than before is *lost in sight* where a living
camera had three of their joints in sight within each half second between, else *lost in the dark*. Held: nobody is
lost in sight, and memory grows by no more than 8 MB from the first quarter of the time to the last. Simulated.
"""

import gc
import os
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from benchmarks._bench import bars, told
from benchmarks.tracking import NEAR_M, PHASE_S, SAMPLE, STEP_NS, walls
from walkout.evaluation.pretended import pretended
from walkout.recording.people import PeopleFrame
from walkout.sensing.vision.eyes import Steps
from walkout.sensing.vision.lens import Lens
from walkout.sensing.vision.tracker import Tracker
from walkout.store.folder import load
from walkout.store.shop import Store
from walkout.twin.glimpses import Glimpse, Glimpses
from walkout.twin.play import simulate
from walkout.twin.seeds import stream
from walkout.twin.settings import DEFAULT
from walkout.twin.shoppers import arrivals
from walkout.twin.suites import SHOPPERS_PER_HOUR

SEEDS = range(951, 952)
HOURS, RATE_HZ = 0.5, 10.0
EVERY_S, AWAY_S = 600.0, (5.0, 60.0)
SIGHT_NS = 500_000_000
FLAT_BYTES = 8_000_000


@dataclass(slots=True)
class Watch:
    """Who is told under which id, against who is there."""

    lenses: Mapping[str, Lens]
    at: dict[str, deque[tuple[int, float, float]]] = field(default_factory=dict)
    """Person to the last instants and places of the head."""
    seen_ns: dict[str, int] = field(default_factory=dict)
    """When a living camera last had them in sight ..."""
    dark_ns: dict[str, int] = field(default_factory=dict)
    """... and when they were last out of sight for `SIGHT_NS`."""
    id_of: dict[str, tuple[str, int]] = field(default_factory=dict)
    in_sight: int = 0
    in_the_dark: int = 0
    people: int = 0

    def glimpse(self, one: Glimpse) -> None:
        """What is true at one camera's frame."""
        shown = (self.lenses[one.camera].sees(one.joints_m) & ~one.hidden).sum(axis=1) if one.people else ()
        for n, name in enumerate(one.people):
            self.people += name not in self.at
            x_m, y_m = one.joints_m[n, 0, :2].tolist()
            self.at.setdefault(name, deque(maxlen=60)).append((one.t_ns, x_m, y_m))
            if shown[n] >= 3:
                if one.t_ns - self.seen_ns.get(name, 0) > SIGHT_NS:
                    self.dark_ns[name] = one.t_ns
                self.seen_ns[name] = one.t_ns

    def frame(self, frame: PeopleFrame) -> None:
        """What was told."""
        here = [name for name, path in self.at.items() if path[0][0] <= frame.t_ns <= path[-1][0] + STEP_NS]
        heads = [
            (p.id, np.array([p.joints["head"].x_m, p.joints["head"].y_m])) for p in frame.people if "head" in p.joints
        ]
        if not here or not heads:
            return
        true = [self._place(name, frame.t_ns) for name in here]
        far = np.array([[float(np.linalg.norm(place - head)) for _, head in heads] for place in true])
        for i, j in zip(*linear_sum_assignment(np.minimum(far, 2 * NEAR_M)), strict=True):
            if far[i, j] > NEAR_M:
                continue
            name, id_ = here[int(i)], heads[int(j)][0]
            before, since_ns = self.id_of.get(name, (id_, 0))
            if before != id_:
                dark = self.dark_ns.get(name, 0) > since_ns - SIGHT_NS
                self.in_the_dark += dark
                self.in_sight += not dark
            self.id_of[name] = (id_, frame.t_ns)

    def _place(self, name: str, t_ns: int) -> NDArray[np.float64]:
        t, x, y = np.array(self.at[name], np.float64).T
        return np.array([np.interp(t_ns, t, x), np.interp(t_ns, t, y)])

    def forget(self, before_ns: int) -> None:
        """Those who have left."""
        for name in [name for name, path in self.at.items() if path[-1][0] < before_ns]:
            for known in (self.at, self.seen_ns, self.dark_ns, self.id_of):
                known.pop(name, None)


def away(seed: int, camera: str, hours: float) -> list[tuple[float, float]]:
    """When a camera is away, seconds from the start."""
    rng, t_s, found = stream(seed, "away", camera), 0.0, []
    while t_s < 3600 * hours:
        t_s += float(rng.exponential(EVERY_S))
        end_s = t_s + float(rng.uniform(*AWAY_S))
        found.append((t_s, end_s))
        t_s = end_s
    return found


def glimpses(shop: Store, seed: int, hours: float, watch: Watch) -> Iterator[Glimpse]:
    """What living cameras have before them, as time goes on."""
    gone = {camera.id: away(seed, camera.id, hours) for camera in shop.cameras}
    film, minutes = Glimpses(shop, PHASE_S[: len(shop.cameras)]), 60.0 * hours
    coming = arrivals(seed, DEFAULT, shoppers=round(SHOPPERS_PER_HOUR * hours), minutes=minutes)
    start_ns = 0
    for _ in simulate(shop, coming, seed=seed, film=film):
        for one in film.taken:
            start_ns = start_ns or one.t_ns
            t_s = (one.t_ns - start_ns) / 1e9
            while gone[one.camera] and gone[one.camera][0][1] <= t_s:
                gone[one.camera].pop(0)
            if not (gone[one.camera] and gone[one.camera][0][0] <= t_s):
                watch.glimpse(one)
                yield one
        film.taken.clear()
        film.builds.clear()


def run(*, json: bool, data: Path, seeds: range | None = None, hours: float = HOURS) -> dict[str, Any]:
    """Measure and, unless `json`, print; `data` is not used. An hour takes some minutes of a core."""
    del data
    chosen = SEEDS if seeds is None else seeds
    rows = [_hours(seed, hours) for seed in chosen]
    figures: dict[str, Any] = {
        "origin": "simulated, pretended detections",
        "seeds": f"{chosen[0]}..{chosen[-1]}",
        "rows": rows,
        **bars(
            memory=all(row["grown_bytes"] <= FLAT_BYTES for row in rows),
            identity=not any(row["lost_in_sight"] for row in rows),
        ),
    }
    if not json:
        for row in rows:
            print(row)
        print(told(figures["bars"]))
    return figures


def _hours(seed: int, hours: float) -> dict[str, Any]:
    shop = load(SAMPLE)
    shop = replace(shop, cameras=tuple(replace(camera, rate_hz=RATE_HZ) for camera in walls(shop)))
    watch = Watch({camera.id: Lens.of(camera) for camera in shop.cameras})
    steps = Steps(Tracker(shop, seed.to_bytes(8, "big")), prompt=True)
    used: list[tuple[int, int]] = []
    began_s, count, frames, most, first_ns = time.process_time(), 0, 0, 0, 0
    for sight in pretended(glimpses(shop, seed, hours, watch), shop, seed):
        first_ns = first_ns or sight.t_ns
        for frame in steps.push(sight):
            watch.frame(frame)
            frames += 1
        count += 1
        most = max(most, len(steps.waiting))
        if count % 600 == 0:
            watch.forget(sight.t_ns - 5_000_000_000)
            used.append((sight.t_ns, _bytes()))
    quarter = max(1, len(used) // 4)
    early, late = (int(np.median([size for _, size in part])) for part in (used[:quarter], used[-quarter:]))
    return {
        "hours": round((used[-1][0] - first_ns) / 3.6e12, 2),
        "pictures": count,
        "told": frames,
        "people": watch.people,
        "lost_in_sight": watch.in_sight,
        "lost_in_the_dark": watch.in_the_dark,
        "late_pictures": steps.tracker.late,
        "most_waiting": most,
        "tracks_at_the_end": len(steps.tracker.tracks),
        "bytes_first_quarter": early,
        "bytes_last_quarter": late,
        "grown_bytes": late - early,
        "processor_s": round(time.process_time() - began_s, 1),
    }


def _bytes() -> int:
    """The memory that this process has now."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
