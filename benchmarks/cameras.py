"""How fast the twin's cameras are, on one core: the sample shop, six cameras, three shoppers.

A frame is drawn over the cached still part, then exposed (soft lens, changing light, noise), then encoded. Each step
is timed by the processor's own clock (`cpu`, so that neighbours count less) and by the wall clock; the best of
several rounds counts.
"""

import os
import time
from collections.abc import Callable, Sequence
from math import pi, sin
from pathlib import Path
from typing import Any

import numpy as np

# One core for everybody: the kernels have one thread, Mesa's software driver would take more. Read when it loads.
os.environ.setdefault("NUMBA_NUM_THREADS", "1")
os.environ.setdefault("LP_NUM_THREADS", "0")

from walkout.store.folder import load
from walkout.store.shop import Store
from walkout.twin.body import pose
from walkout.twin.camera.encode import Encoder, h264_available
from walkout.twin.camera.figure import Figure, figure
from walkout.twin.camera.gait import with_legs
from walkout.twin.camera.gl import GraphicsMissingError, Painter
from walkout.twin.camera.looks import looks
from walkout.twin.camera.pack import pack
from walkout.twin.camera.raycast import Moving, bake, move, render
from walkout.twin.camera.scene import pinhole
from walkout.twin.camera.sensor import SENSORS, chip, expose, of_camera
from walkout.twin.camera.stage import PERSON_ID, stage
from walkout.twin.camera.truth import people_in

SAMPLE = Path(__file__).resolve().parent.parent / "examples" / "sample-store"
WIDTH_PX, HEIGHT_PX = 640, 360
BEFORE_ENCODING, WITH_H264 = 100.0, 60.0
"""Frames a second a core that must be reached."""
ROUNDS, INSTANTS = 5, 6
BYTES_A_FRAME = WIDTH_PX * HEIGHT_PX * (2 * (3 + 4 + 4) + 3 + 4 + 3)
"""What has to pass at least: the still part in and out (rgb, depth, ids); picture and vignetting in, picture out."""


def shoppers(store: Store, step: int) -> tuple[Figure, ...]:
    """Three people: one reaches, one walks, one looks about; a step is a tenth of a second."""
    left, right = min(x for x, _ in store.floor_m), max(x for x, _ in store.floor_m)
    t = 0.1 * step
    shelf = store.fixtures[0].to_store(0.5, 0.05, 1.1 + 0.3 * sin(0.7 * t))
    beside = store.fixtures[0].to_store(0.4, -0.5, 0.0)
    walked = left + 0.8 + (0.9 * t) % (right - left - 1.6)
    people = []
    for number, (x, y, heading, speed) in enumerate(
        ((*beside[:2], pi / 2, 0.0), (walked, 2.6, 0.0, 0.9), (right - 1.6, 2.2, 0.3 * sin(t), 0.0))
    ):
        hands, upper = np.zeros((2, 4)), np.zeros((8, 3))
        if number == 0:
            hands[1] = (1.0, *shelf)
        stature = 1.62 + 0.12 * number
        pose(x, y, heading, stature, 0, 0.14 * speed * sin(5.6 * t), hands, upper)
        joints = with_legs(upper, (x, y), heading, stature, 5.6 * t, speed)
        people.append(figure(joints, heading, looks(number + 1, bag="backpack"), number, stature))
    return tuple(people)


def run(json: bool, data: Path | None = None, rounds: int = ROUNDS) -> dict[str, Any]:
    """Measure; print a table unless `json`. `data` is not used; `passed`: every bar that could be tried was met."""
    del data
    shop = Studio(load(SAMPLE))
    count = INSTANTS * len(shop.cameras)
    figures: dict[str, Any] = {
        "size_px": [WIDTH_PX, HEIGHT_PX],
        "cameras": len(shop.cameras),
        "boxes": len(shop.full.scene.boxes),
        "solids_moving": len(shop.moments[0].packed.meta),
        "stage_s": round(shop.staged_s, 3),
        "bake_s_a_camera": round(shop.baked_s, 3),
        "share_of_pixels_moving": round(shop.share(), 4),
        "draw": _timed(shop.draw, count, rounds),
        "expose": _timed(shop.expose, count, rounds),
        "figures_draw_expose": _timed(shop.everything, count, rounds),
        "truth": _timed(shop.truth, count, rounds),
        "figures_draw_expose_h264": _with_h264(shop, count, rounds),
        "opengl": _opengl(shop, count, rounds),
    }
    figures["limit"] = _limit(figures["figures_draw_expose"]["cpu_ms"])
    bars = {"100 frames a second a core before encoding": figures["figures_draw_expose"]["cpu_fps"] >= BEFORE_ENCODING}
    if "cpu_fps" in figures["figures_draw_expose_h264"]:
        bars["60 with H.264"] = figures["figures_draw_expose_h264"]["cpu_fps"] >= WITH_H264
    figures["bars"], figures["passed"] = bars, all(bars.values())
    if not json:
        _show(figures)
    return figures


class Studio:
    """A shop with its cameras set up, and the steps that are timed: each does all cameras at all instants once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        start = time.perf_counter()
        self.full = stage(store)
        self.staged_s = time.perf_counter() - start
        self.cameras = [pinhole(camera) for camera in store.cameras]
        bake(self.full.scene, self.cameras[0], self.full.atlas)  # compiles
        before = time.process_time()
        self.stills = [bake(self.full.scene, camera, self.full.atlas) for camera in self.cameras]
        self.baked_s = (time.process_time() - before) / len(self.stills)
        sensors = [of_camera(SENSORS["default"], 1, camera.id) for camera in store.cameras]
        self.chips = [chip(sensor, WIDTH_PX, HEIGHT_PX) for sensor in sensors]
        self.moments = [self.moment(step) for step in range(INSTANTS)]
        self.crowds = [shoppers(store, step) for step in range(INSTANTS)]
        self.frames = [render(still, self.moments[0]) for still in self.stills]
        self.noisy = [np.empty_like(frame.rgb) for frame in self.frames]

    def moment(self, step: int) -> Moving:
        """The people of a step, from their joints on."""
        people = shoppers(self.store, step)
        solids = [solid for one in people for solid in one.solids]
        return move(solids, self.full.scene, self.full.atlas, [spot for one in people for spot in one.spots])

    def draw(self) -> None:
        """Draw people over the still part."""
        for here in self.moments:
            for still, frame in zip(self.stills, self.frames, strict=True):
                render(still, here, frame)

    def expose(self) -> None:
        """Lens, light and noise."""
        for step in range(INSTANTS):
            for frame, through, out in zip(self.frames, self.chips, self.noisy, strict=True):
                expose(frame.rgb, through, step * 100_000_000, out)

    def everything(self, encoders: Sequence[Encoder] = ()) -> None:
        """From the people's joints to noisy pictures, and to H.264 where there are encoders."""
        for step in range(INSTANTS):
            here = self.moment(step)
            for k, still in enumerate(self.stills):
                expose(render(still, here, self.frames[k]).rgb, self.chips[k], step * 100_000_000, self.noisy[k])
                if encoders:
                    encoders[k].push(self.noisy[k], step * 100_000_000)

    def truth(self) -> None:
        """Boxes, visible shares and joints of everybody."""
        for here, people in zip(self.moments, self.crowds, strict=True):
            for camera, frame in zip(self.cameras, self.frames, strict=True):
                people_in(frame, camera, here, people)

    def share(self) -> float:
        """The share of the pixels that show something that moves."""
        shares = [(render(still, here).ids >= PERSON_ID).mean() for still in self.stills for here in self.moments]
        return float(np.mean(shares))


def _timed(work: Callable[[], Any], frames: int, rounds: int) -> dict[str, float]:
    """Best of the rounds, for one frame: processor and wall milliseconds, frames a second by each clock."""
    work()
    cpu, wall = [], []
    for _ in range(rounds):
        before, started = time.process_time(), time.perf_counter()
        work()
        cpu.append(time.process_time() - before)
        wall.append(time.perf_counter() - started)
    return {
        "cpu_ms": round(1e3 * min(cpu) / frames, 3),
        "wall_ms": round(1e3 * min(wall) / frames, 3),
        "cpu_fps": round(frames / min(cpu), 1),
        "wall_fps": round(frames / min(wall), 1),
    }


def _with_h264(shop: Studio, count: int, rounds: int) -> dict[str, Any]:
    if not h264_available():
        return {"skipped": "PyAV is not installed"}
    encoders = [Encoder(WIDTH_PX, HEIGHT_PX, camera.rate_hz, kind="h264") for camera in shop.store.cameras]
    return _timed(lambda: shop.everything(encoders), count, rounds)


def _opengl(shop: Studio, count: int, rounds: int) -> dict[str, Any]:
    """The same pictures by OpenGL, colour and ids read back; no shadows, no noise, everything drawn in each frame."""
    full = shop.full
    try:
        painter = Painter(WIDTH_PX, HEIGHT_PX, full.atlas)
    except GraphicsMissingError as error:
        return {"skipped": str(error)}
    still = pack(full.scene.boxes, full.atlas)

    def painted() -> None:
        for here in shop.moments:
            for camera in shop.cameras:
                painter.paint((still, here.packed), full.scene.lights, full.scene.ambient, camera)

    with painter:
        return {"driver": painter.driver, **_timed(painted, count, max(1, rounds - 3))}


def _limit(frame_ms: float) -> dict[str, float]:
    """How near a frame is to only moving its bytes: against a plain copy of as many, measured now."""
    source = np.zeros(BYTES_A_FRAME // 2, np.uint8)
    target = np.empty_like(source)
    copied = _timed(lambda: [target.__setitem__(slice(None), source) for _ in range(20)], 20, 5)["cpu_ms"]
    return {
        "bytes_a_frame": BYTES_A_FRAME,
        "copy_ms": copied,
        "times_a_copy": round(frame_ms / copied, 1),
        "megapixels_a_second": round(WIDTH_PX * HEIGHT_PX / frame_ms / 1e3, 1),
        "ns_a_pixel": round(frame_ms * 1e6 / (WIDTH_PX * HEIGHT_PX), 2),
    }


def _show(figures: dict[str, Any]) -> None:
    print(f"{figures['cameras']} cameras, {WIDTH_PX} x {HEIGHT_PX}; {figures['boxes']} boxes stand still,", end=" ")
    print(f"{figures['solids_moving']} solids move on {figures['share_of_pixels_moving']:.1%} of the pixels")
    print(f"still part drawn once: {figures['bake_s_a_camera']} s a camera; scene {figures['stage_s']} s")
    for name in ("draw", "expose", "figures_draw_expose", "figures_draw_expose_h264", "truth", "opengl"):
        row = figures[name]
        if "skipped" in row:
            print(f"{name:28s} skipped: {row['skipped']}")
            continue
        times = (
            f"{row['cpu_ms']:8.2f} ms cpu {row['wall_ms']:8.2f} ms wall {row['cpu_fps']:8.1f} frames a second a core"
        )
        print(f"{name:28s} {times} {row.get('driver', '')}")
    limit = figures["limit"]
    print(
        f"limit: {limit['times_a_copy']} x a bare copy of its bytes; {limit['megapixels_a_second']} megapixels a second"
    )
    for name, met in figures["bars"].items():
        print(f"{'met   ' if met else 'MISSED'} {name}")


if __name__ == "__main__":
    run(json=False)
