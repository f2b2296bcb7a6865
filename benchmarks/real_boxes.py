"""Real boxes of seven cameras to one person in the shop: AiFi's BENCHMARK-1, whose cameras nobody published.

Each camera gets a homography, fitted on half of the boxes: the middle of a box's upper edge to where AiFi's own system
recorded the head at that instant, on the plane of the heads. Then the tracker follows the other half of the boxes, each
as a ray through that point. Held, with every other second for fitting: one identity all along, and the head within 10
cm (median) of the recorded one along the floor. The recorded head is AiFi's estimate, not truth; the visit is one
person alone. Beside it the same with the first half in time for fitting: the shopper is then at one end, and
no map of it says anything of the other. A whole camera model fitted to the same points is a second figure.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks._bench import bars, told
from walkout.recording.aifi.sources import import_any
from walkout.recording.people import JOINTS, CameraBox, PeopleFrame
from walkout.recording.reader import open_recording
from walkout.sensing.vision.lens import Lens
from walkout.sensing.vision.mounting import PoseError, pose
from walkout.sensing.vision.persons import Persons
from walkout.sensing.vision.sighting import Sighting
from walkout.sensing.vision.tracker import Tracker
from walkout.store.folder import load
from walkout.store.layout import Camera
from walkout.store.shop import Store

SIZE_PX = (640, 360)
SPREAD_M = 0.08
"""How far off a camera's homography puts a head, about."""
LEAST = 20
"""Boxes that a homography needs: eight numbers, and a path that is nearly a line."""
STEP_NS = 100_000_000
Floats = NDArray[np.float64]


def run(*, json: bool, data: Path) -> dict[str, Any]:
    """Measure and, unless `json`, print; FileNotFoundError where the recording is not there."""
    source = data / "aifi-benchmark-1"
    if not source.is_dir():
        raise FileNotFoundError(str(source))
    with TemporaryDirectory() as folder:
        import_any(source, Path(folder) / "real.mcap", Path(folder) / "store")
        shop = load(Path(folder) / "store")
        frames = [o for o in open_recording(Path(folder) / "real.mcap").observations() if isinstance(o, PeopleFrame)]
    heads = _heads(frames)
    boxes = _boxes(frames)
    middle_ns = int(np.median([box.t_ns for box in boxes]))
    splits = {
        "every other second": [(box.t_ns // 1_000_000_000) % 2 == 0 for box in boxes],
        "first half in time": [box.t_ns <= middle_ns for box in boxes],
    }
    figures: dict[str, Any] = {"origin": "real", "boxes": len(boxes), "cameras": len({b.camera for b in boxes})}
    for name, fitting in splits.items():
        fit = [box for box, wanted in zip(boxes, fitting, strict=True) if wanted]
        rest = [box for box, wanted in zip(boxes, fitting, strict=True) if not wanted]
        figures[name] = _judged(shop, fit, rest, heads)
    held = figures["every other second"]
    figures |= bars(
        one_identity=held["identities"] == 1,
        head_within_10_cm=held["head_median_cm"] <= 10.0,
    )
    if not json:
        for name in splits:
            print(name)
            for key, value in figures[name].items():
                print(f"  {key:28s} {value}")
        print(told(figures["bars"]))
    return figures


def _heads(frames: Sequence[PeopleFrame]) -> tuple[NDArray[np.int64], Floats]:
    found = [(f.t_ns, p.joints["head"]) for f in frames for p in f.people if "head" in p.joints]
    return np.array([t for t, _ in found]), np.array([(h.x_m, h.y_m, h.z_m) for _, h in found])


def _boxes(frames: Sequence[PeopleFrame]) -> list[CameraBox]:
    """Every box once (documents repeat them), those cut at the picture's upper edge left out, in order of time."""
    seen = {(box.camera, box.t_ns): box for f in frames for p in f.people for box in p.boxes}
    whole = [box for box in seen.values() if box.top_px > 2 and box.width_px >= 8]
    return sorted(whole, key=lambda box: (box.t_ns, box.camera))


def _head_at(t_ns: int, heads: tuple[NDArray[np.int64], Floats]) -> Floats | None:
    """The recorded head at an instant, between two documents; None where they are more than 0.4 s apart."""
    times, places = heads
    k = int(np.searchsorted(times, t_ns))
    if k == 0 or k == len(times) or times[k] - times[k - 1] > 400_000_000:
        return None
    share = (t_ns - times[k - 1]) / (times[k] - times[k - 1])
    return np.asarray((1 - share) * places[k - 1] + share * places[k])


def _pixel(box: CameraBox) -> Floats:
    return np.array([box.left_px + box.width_px / 2, box.top_px])


def _pairs(boxes: Sequence[CameraBox], camera: str, heads: tuple[NDArray[np.int64], Floats]) -> tuple[Floats, Floats]:
    found = [(head, _pixel(b)) for b in boxes if b.camera == camera and (head := _head_at(b.t_ns, heads)) is not None]
    return np.array([h for h, _ in found]).reshape(-1, 3), np.array([p for _, p in found]).reshape(-1, 2)


def _judged(
    shop: Store, fit: Sequence[CameraBox], rest: Sequence[CameraBox], heads: tuple[NDArray[np.int64], Floats]
) -> dict[str, Any]:
    maps: dict[str, Floats] = {}
    cameras: dict[str, Any] = {}
    for camera in sorted({box.camera for box in fit}):
        points, pixels = _pairs(fit, camera, heads)
        there, here = _pairs(rest, camera, heads)
        if len(points) < LEAST:
            cameras[camera] = {"left out": f"{len(points)} boxes to fit"}
            continue
        maps[camera] = homography(points[:, :2], pixels)
        row: dict[str, Any] = {"fitted on": len(points), "judged on": len(there)}
        if len(there):
            row["homography_median_cm"] = _cm(through(maps[camera], here), there[:, :2])
            try:
                lens = Lens.of(pose(camera, points, pixels, SIZE_PX).camera)
                row["camera_median_cm"] = _cm(lens.on_plane(here, there[:, 2])[:, :2], there[:, :2])
            except PoseError as error:
                row["camera"] = str(error)
        cameras[camera] = row
    height_m = float(np.median(heads[1][:, 2]))
    return {**_tracked(shop, maps, height_m, rest, heads), "by_camera": cameras}


def virtual(shop: Store, names: Sequence[str]) -> dict[str, Lens]:
    """Places for cameras of which only a homography is known: any will do that rays of different ones cross well."""
    corners = np.array([fixture.to_store(0.0, 0.0, 0.0)[:2] for fixture in shop.fixtures])
    middle = corners.mean(axis=0) - [0.0, 0.8]
    found = {}
    for k, name in enumerate(names):
        angle = 2 * np.pi * k / len(names)
        x, y = middle + 3.5 * np.array([np.cos(angle), np.sin(angle)])
        aim = (float(middle[0]), float(middle[1]), 1.0)
        found[name] = Lens.of(Camera(name, float(x), float(y), 3.2, aim, 300.0, *SIZE_PX))
    return found


def _tracked(
    shop: Store,
    maps: Mapping[str, Floats],
    height_m: float,
    boxes: Sequence[CameraBox],
    heads: tuple[NDArray[np.int64], Floats],
) -> dict[str, Any]:
    """The tracker on boxes alone."""
    lenses = virtual(shop, sorted(maps))
    tracker, at, off, ids, told_n, due = Tracker(shop, b"real boxes", lenses), 0, [], set(), 0, 0
    mine = [box for box in boxes if box.camera in lenses]
    t_ns = mine[0].t_ns
    while at < len(mine):
        end = at
        while end < len(mine) and mine[end].t_ns <= t_ns:
            end += 1
        frame = tracker.step(
            [_sighting(box, maps[box.camera], lenses[box.camera], height_m) for box in mine[at:end]], t_ns
        )
        head = _head_at(t_ns, heads)
        due += head is not None
        for person in frame.people:
            ids.add(person.id)
            if head is not None and "head" in person.joints:
                joint = person.joints["head"]
                off.append((joint.x_m - head[0], joint.y_m - head[1], joint.z_m - head[2]))
                told_n += 1
        at, t_ns = end, t_ns + STEP_NS
    floor = 100 * np.linalg.norm(np.array(off).reshape(-1, 3)[:, :2], axis=1)
    return {
        "identities": len(ids),
        "frames with a recorded head": due,
        "people told in them": told_n,
        "head_median_cm": round(float(np.median(floor)), 1) if len(floor) else float("inf"),
        "head_p90_cm": round(float(np.percentile(floor, 90)), 1) if len(floor) else float("inf"),
        "head_3d_median_cm": round(100 * float(np.median(np.linalg.norm(off, axis=1))), 1) if off else float("inf"),
    }


def _sighting(box: CameraBox, map_: Floats, lens: Lens, height_m: float) -> Sighting:
    head = np.append(through(map_, _pixel(box)[None])[0], height_m)
    pixel, depth = lens.project(head)
    seen = bool(np.isfinite(pixel).all()) and float(np.abs(pixel).max()) < 5000
    keys = np.full((1 if seen else 0, len(JOINTS), 3), np.nan, np.float32)
    keys[:, :, 2] = 0.0
    if seen:
        keys[0, 0] = (*pixel, 0.8)
    edges = np.tile(np.array([box.left_px, box.top_px, box.left_px + box.width_px, box.top_px + box.height_px]), (1, 1))
    spread = np.full((len(keys), len(JOINTS)), SPREAD_M * lens.focal_px / max(float(depth), 0.1), np.float32)
    score = np.full(len(keys), 0.9, np.float32)
    found = Persons.of(*SIZE_PX, edges[: len(keys)].astype(np.float32), score, keys, spread)
    return Sighting(box.camera, box.t_ns, found)


def _cm(a: Floats, b: Floats) -> float:
    return round(100 * float(np.nanmedian(np.linalg.norm(a - b, axis=1))), 1)


def homography(floor_m: Floats, pixels: Floats) -> Floats:
    """The 3 x 3 map of pixels to the floor: least squares, with what is far off counted less, ten rounds."""
    weight = np.ones(len(pixels))
    shift, scale = pixels.mean(axis=0), float(pixels.std()) + 1e-9
    flat = (pixels - shift) / scale
    ones = np.ones(len(flat))
    for _ in range(10):
        u, v, (x, y) = flat[:, 0], flat[:, 1], floor_m.T
        zero = np.zeros_like(u)
        rows = np.concatenate(
            [
                np.stack([u, v, ones, zero, zero, zero, -u * x, -v * x, -x], axis=1) * weight[:, None],
                np.stack([zero, zero, zero, u, v, ones, -u * y, -v * y, -y], axis=1) * weight[:, None],
            ]
        )
        map_ = np.linalg.svd(rows)[2][-1].reshape(3, 3)
        off = np.linalg.norm(_through(map_, flat) - floor_m, axis=1)
        weight = 1.0 / np.maximum(1.0, off / 0.1)
    return np.asarray(
        map_ @ np.array([[1 / scale, 0, -shift[0] / scale], [0, 1 / scale, -shift[1] / scale], [0, 0, 1]])
    )


def through(map_: Floats, pixels: Floats) -> Floats:
    """Pixels (n, 2) on the floor, (n, 2)."""
    return _through(map_, pixels)


def _through(map_: Floats, flat: Floats) -> Floats:
    out = np.concatenate([flat, np.ones((len(flat), 1))], axis=1) @ map_.T
    return np.asarray(out[:, :2] / out[:, 2:])
