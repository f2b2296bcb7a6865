"""The live eye's speed on one core: what decoding, resizing and the networks take alone, and the whole on top of them.

One run, one core, one thread of the networks; the second look's crops count as resizing. First each part alone over the
same drawn pictures (six cameras round the walls, three shoppers; H.264 at 640 x 360), by processor time, in turns, so
that a busy machine is the same to all: the sum is the ceiling that nothing could pass. Then all of it in one loop, from
packets to the message's bytes. Then the real process, `walkout eyes`, over real RTSP and a real Mosquitto with so many
cameras at ten pictures a second: its processor time a picture, pictures dropped, and how long from a picture's arrival
until the broker has the people in it. Held, of the loop: <= 2 ms a picture over the parts, and >= 85 % of the ceiling.
Simulated pictures.
"""

import json as jsons
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from tests.live.rtsp_server import Camera

from benchmarks._bench import bars, told
from benchmarks.serve import _mosquitto
from benchmarks.tracking import SAMPLE, walls
from walkout.live.accounts import accounts
from walkout.live.payload import encode_frame
from walkout.live.secrets import Secrets
from walkout.recording.camera import CameraFrame
from walkout.recording.video import Decoder, Picture
from walkout.sensing.vision.eyes import Steps
from walkout.sensing.vision.refine import crops, squares_of
from walkout.sensing.vision.sighting import Sighting
from walkout.sensing.vision.tracker import Tracker
from walkout.sensing.vision.two_looks import TwoLooks
from walkout.store.folder import load
from walkout.store.shop import Store
from walkout.twin import behaviours as b
from walkout.twin.body import Build
from walkout.twin.film import Film
from walkout.twin.party import Arrival, Member
from walkout.twin.play import simulate

SEED, SHOPPERS, RATE_HZ, GROUP = 7, 3, 10.0, 20
ROUNDS, PICTURES, SKIPPED = 5, 240, 480
"""Turns; pictures a turn; pictures before those, until all shoppers are inside (whole groups of each camera)."""
LIVE, LIVE_S = (2, 4, 6), 20.0
OVERHEAD_MS, SHARE = 2.0, 0.85
DROPPED = 0.01


def run(
    *, json: bool, data: Path, live: Sequence[int] = LIVE, seconds: float = LIVE_S, rounds: int = ROUNDS
) -> dict[str, Any]:
    """Measure and, unless `json`, print; `data` is not used. About three minutes; needs the extra `eyes`."""
    del data
    cores = sorted(os.sched_getaffinity(0))
    shop = load(SAMPLE)
    shop = replace(shop, cameras=walls(shop))
    frames = drawn(shop)
    os.sched_setaffinity(0, {cores[-1]})
    try:
        found = parts(shop, frames, rounds)
    finally:
        os.sched_setaffinity(0, set(cores))
    rows = over_the_wire(shop, frames, live, seconds, cores)
    kept = [row["cameras"] for row in rows if row["dropped_share"] <= DROPPED]
    figures: dict[str, Any] = {
        "origin": "simulated pictures",
        "cores": len(cores),
        "load": round(os.getloadavg()[0], 1),
        "parts_ms": found,
        "cameras_a_core": round(1000 / RATE_HZ / found["all"], 1),
        "live": rows,
        "live_cameras_without_drops": max(kept, default=0),
    }
    figures |= bars(overhead=found["overhead"] <= OVERHEAD_MS, ceiling=found["share_of_ceiling"] >= SHARE)
    if not json:
        print(f"{figures['origin']}; milliseconds of one core a picture:")
        for name, value in found.items():
            print(f"  {name:18s} {value}")
        print(f"cameras a core at {RATE_HZ:g} pictures a second, by these: {figures['cameras_a_core']}")
        for row in rows:
            print("  live", row)
        print(told(figures["bars"]))
    return figures


def drawn(shop: Store) -> list[CameraFrame]:
    """Every camera's film of a few shoppers, in order of time."""
    coming = [Arrival(3.5 + 1.5 * k, (Member(Build(), b.sequence(b.take, b.take)),)) for k in range(SHOPPERS)]
    with closing(Film(shop, SEED)) as film:
        seen = [one for one in simulate(shop, coming, seed=SEED, film=film) if isinstance(one, CameraFrame)]
    return sorted(seen, key=lambda frame: (frame.t_ns, frame.camera))


def parts(shop: Store, frames: Sequence[CameraFrame], rounds: int) -> dict[str, float]:
    """Milliseconds of processor time a picture: each part alone, and all together; the median of the rounds."""
    model = TwoLooks.packaged()
    frames = frames[SKIPPED : SKIPPED + PICTURES]
    pictures = _decoded(frames)
    ready = [model.first.ready(one.rgb)[0] for one in pictures]
    once = [(one.rgb, model.first(one.rgb)) for one in pictures]
    shown = [(rgb, people.keypoints[:, :, :2], people.boxes) for rgb, people in once if len(people)]
    cut = [(_cut(*one),) for one in shown]
    sights = [Sighting(one.camera, one.t_ns, model(one.rgb)) for one in pictures]
    names = ("decode", "resize", "crops", "network", "second look", "find", "follow", "all")
    took: dict[str, list[float]] = {name: [] for name in names}

    def everything() -> int:
        decoders = {camera.id: Decoder() for camera in shop.cameras}
        steps, bytes_ = Steps(Tracker(shop, b"bench"), prompt=True), 0
        for frame in frames:
            for decoded in decoders[frame.camera].push(frame):
                picture = decoded.picture()
                assert picture is not None
                for people in steps.push(Sighting(picture.camera, picture.t_ns, model(picture.rgb))):
                    bytes_ += len(encode_frame(people, "bench"))
        return bytes_

    def follow() -> None:
        steps = Steps(Tracker(shop, b"bench"), prompt=True)
        for sight in sights:
            for people in steps.push(sight):
                encode_frame(people, "bench")

    for _ in range(rounds):
        took["decode"].append(_ms(lambda: _decoded(frames), len(frames)))
        took["resize"].append(_ms(lambda: [model.first.ready(one.rgb) for one in pictures], PICTURES))
        took["crops"].append(_ms(lambda: _each(_cut, shown), PICTURES))
        took["network"].append(_ms(lambda: [model.first.raw(one) for one in ready], PICTURES))
        took["second look"].append(_ms(lambda: _each(model.second.raw, cut), PICTURES))
        took["find"].append(_ms(lambda: [model(one.rgb) for one in pictures], PICTURES))
        took["follow"].append(_ms(follow, PICTURES))
        took["all"].append(_ms(everything, len(frames)))
    found = {name: median(values) for name, values in took.items()}
    looks = found["resize"] + found["crops"] + found["network"] + found["second look"]
    ceiling = found["decode"] + looks
    told_of = {
        "decode": found["decode"],
        "resize": found["resize"],
        "crops": found["crops"],
        "network": found["network"],
        "second look": found["second look"],
        "people of their maps": found["find"] - looks,
        "who is who": found["follow"],
        "ceiling": ceiling,
        "all": found["all"],
        "overhead": found["all"] - ceiling,
    }
    rounded = {name: round(value, 2) for name, value in told_of.items()}
    return rounded | {
        "share_of_ceiling": round(ceiling / found["all"], 3),
        "people_a_picture": round(sum(len(sight.persons) for sight in sights) / len(sights), 2),
    }


def _cut(rgb: NDArray[np.uint8], joints: NDArray[np.float32], boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    return crops(rgb, joints, squares_of(joints, boxes))


def _each(what: Callable[..., object], some: Sequence[tuple[Any, ...]]) -> None:
    """Call with each and keep nothing: hundreds of crops kept would be new memory each time, which takes longer."""
    for one in some:
        what(*one)


def over_the_wire(
    shop: Store, frames: Sequence[CameraFrame], live: Sequence[int], seconds: float, cores: Sequence[int]
) -> list[dict[str, Any]]:
    """The real process on one core, with so many cameras; cameras and broker are on the others, where there are any."""
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    if not Path(program).exists():
        raise FileNotFoundError(program)
    films: dict[str, list[bytes]] = {camera.id: [] for camera in shop.cameras}
    for frame in frames:
        films[frame.camera].append(frame.data)
    whole = min(map(len, films.values())) // GROUP * GROUP
    rows = []
    with tempfile.TemporaryDirectory() as name, ExitStack() as undo:
        folder = Path(name)
        store = _folder(shop, folder / "store")
        who = {one.name: one for one in accounts(load(store), Secrets(folder / "secrets"))}
        port = undo.enter_context(_mosquitto(program, folder, who))
        for count in live:
            chosen = {camera: films[camera][:whole] for camera in list(films)[:count]}
            rows += [_watched(store, chosen, port, who, seconds, cores)]
    return rows


def _watched(
    store: Path, films: dict[str, list[bytes]], port: int, who: dict[str, Any], seconds: float, cores: Sequence[int]
) -> dict[str, Any]:
    born_s = time.monotonic()
    servers = {name: Camera(film, RATE_HZ, GROUP, born_s) for name, film in films.items()}
    for server in servers.values():
        server.begins = 0  # whoever looks later sees the film from there on
    if len(cores) > 1:
        os.sched_setaffinity(0, set(cores[:-1]))
    try:
        command = [sys.executable, "-m", "walkout", "eyes", str(store), "--broker", f"mqtt://127.0.0.1:{port}"]
        command += [f"--camera={name}={server.url}" for name, server in servers.items()]
        done = subprocess.run(  # noqa: S603 - ourselves
            [*command, "--json", "--seconds", str(seconds)],
            env={**os.environ, "WALKOUT_EYES_PASSWORD": who["people"].password, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            check=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {cores[-1]}),
        )
    finally:
        for server in servers.values():
            server.kill()
        os.sched_setaffinity(0, set(cores))
    row = jsons.loads(done.stdout)
    due = row["looked"] + row["dropped"]
    return {
        "cameras": len(films),
        "looked": row["looked"],
        "dropped_share": round(row["dropped"] / max(1, due), 4),
        "processor_ms_a_picture": row["processor_ms_a_picture"],
        "cores_used": row["cores_used"],
        "latency_p50_ms": row["latency_p50_ms"],
        "latency_p99_ms": row["latency_p99_ms"],
    }


def _folder(shop: Store, folder: Path) -> Path:
    """The sample store with other cameras, as a folder."""
    shutil.copytree(SAMPLE, folder)
    text = yaml.safe_load((folder / "store.yaml").read_text("utf-8"))
    text["cameras"] = [
        {
            "id": eye.id, "x_m": eye.x_m, "y_m": eye.y_m, "z_m": eye.z_m,
            "look_at_m": [float(v) for v in eye.look_at_m], "focal_px": eye.focal_px,
        }
        for eye in shop.cameras
    ]  # fmt: skip
    (folder / "store.yaml").write_text(yaml.safe_dump(text, sort_keys=False), "utf-8")
    return folder


def _decoded(frames: Sequence[CameraFrame]) -> list[Picture]:
    decoders: dict[str, Decoder] = {}
    found = []
    for frame in frames:
        for one in decoders.setdefault(frame.camera, Decoder()).push(frame):
            picture = one.picture()
            assert picture is not None
            found.append(picture)
    return found


def _ms(what: Callable[[], object], count: int) -> float:
    start_s = time.process_time()
    what()
    return 1000 * (time.process_time() - start_s) / count
