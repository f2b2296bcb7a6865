"""Drawn clips for the mock: where people were, as silhouettes, with each frame's own number in bars at the top.

No pixel of a camera is in them. The bars let a test read which frame a browser really shows. Needs PyAV.
"""

import importlib.util
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.web.mock import story
from walkout.live.mp4 import fragmented_mp4
from walkout.store.shop import Store

WIDTH, HEIGHT = 480, 320
BAR, BITS = 16, 12
"""Squares of the frame's number, the least first, white for 1; before them one white and one black one."""
RATES = {"over the aisle": 15, "at the door": 10}
LATER_NS = {"over the aisle": 0, "at the door": 430_000_000}
LOST = {"over the aisle": 17, "at the door": 1_000}
"""Every so manieth frame is lost, as cameras do."""
available = all(importlib.util.find_spec(name) for name in ("av", "cv2"))


def about(store: Store, t0_ns: int, t1_ns: int, at_ns: int) -> list[dict[str, Any]]:
    """What is known of both cameras' clips of a stretch."""
    del store, at_ns
    found = []
    for name, rate in RATES.items():
        start_ns = t0_ns + LATER_NS[name]
        frames = int((t1_ns - start_ns) * rate // 1_000_000_000)
        size = {"width": WIDTH, "height": HEIGHT}
        times = [start_ns + k * 1_000_000_000 // rate for k in range(frames) if k % LOST[name]]
        ends = {"t0_ns": times[0], "t1_ns": times[-1] + 1_000_000_000 // rate, "t_ns": times}
        found.append({"camera": name, "frame_rate": rate, "frames": len(times)} | size | ends)
    return found


def film(store: Store, told: dict[str, Any], shift_ns: int, watermark: str) -> bytes:
    """The clip as the product's own encoder writes it."""
    shown = [_picture(store, t - shift_ns, k, told["camera"], watermark) for k, t in enumerate(told["t_ns"])]
    return fragmented_mp4(shown, told["t_ns"])


def _picture(store: Store, t_ns: int, number: int, camera: str, watermark: str) -> NDArray[np.uint8]:
    import cv2

    picture = np.full((HEIGHT, WIDTH, 3), 70, np.uint8)
    xs, ys = zip(*store.floor_m, strict=True)
    scale = min(WIDTH / (max(xs) - min(xs)), (HEIGHT - BAR) / (max(ys) - min(ys))) * 0.94
    turned = camera == "at the door"

    def at(x: float, y: float) -> tuple[int, int]:
        column, row = 12 + (x - min(xs)) * scale, HEIGHT - 8 - (y - min(ys)) * scale
        return (int(WIDTH - column), int(row)) if turned else (int(column), int(row))

    for f in store.fixtures:
        corners = [
            f.to_store(x, y, 0.0)[:2] for x, y in ((0, 0), (f.width_m, 0), (f.width_m, f.depth_m), (0, f.depth_m))
        ]
        cv2.fillPoly(picture, [np.array([at(*c) for c in corners], np.int32)], (120, 124, 120))
    for person in story.people_at(t_ns):
        for hand in person["hands"]:
            place = at(person["x_m"], person["y_m"]), at(hand["x_m"], hand["y_m"])
            cv2.line(picture, *place, (190, 160, 140), 5)
        cv2.circle(picture, at(person["x_m"], person["y_m"]), int(0.22 * scale), (20, 20, 20), -1)
    mark = f"{watermark} - drawn, not filmed - {number}"
    cv2.putText(picture, mark, (30 + number % 60, HEIGHT // 2), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (150, 150, 150), 1)
    bits = [1, 0, *((number >> bit) & 1 for bit in range(BITS))]
    for n, bit in enumerate(bits):
        picture[:BAR, n * BAR : (n + 1) * BAR] = 255 if bit else 0
    return picture
