"""The networks for people in the package, one look and two: on simulated shops, how long they take, on real pictures.

Simulated: the twin's cameras in its own colours, 0 to 6 shoppers, seeds that training never uses. Real: the four clips
of aifi-cps-test-01, where the data is; YOLOX-nano is the reference there, not the truth. OpenCV 5 has no HOG detector
any more, so none stands beside them.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from walkout.learning.pose_score import figures, judge
from walkout.learning.renders import Chunk, exam_chunk
from walkout.sensing.vision.overlap import overlaps
from walkout.sensing.vision.persons import Persons
from walkout.sensing.vision.pose import OwnPose
from walkout.sensing.vision.refine import ARMS, Refiner
from walkout.sensing.vision.two_looks import TwoLooks
from walkout.sensing.vision.yolox import Yolox

EXAM_SEED = 900_000_007
FRAMES = 16
SEEDS = range(1, 9)
EVERY = 3
"""Of the real clips, each third frame is looked at."""
LONG_ARM = 0.3
"""A share of the person's box: halves of arms exceed it in 2.5 of 100, of people drawn with no joint outside."""
REFERENCE_SCORE, AGREES = 0.3, 0.3
"""From which score YOLOX's people are the reference, and from which overlap two boxes are of one person."""


def run(json: bool, data: Path | None = None, seeds: range | None = None) -> dict[str, Any]:
    """Measure; print tables unless `json`. Each seed is one shop and one camera with 16 pictures."""
    once, seeds = OwnPose(), seeds or SEEDS
    model = TwoLooks(once, Refiner())
    chunks = [exam_chunk(EXAM_SEED, seed, FRAMES) for seed in seeds]
    told: dict[str, Any] = {
        "once": figures(judge(once, chunks)) | {"shops": len(seeds)},
        "simulated": figures(judge(model, chunks)) | {"shops": len(seeds)},
    }
    told["time"] = {"own, once": _timed(once), "own": _timed(model), "second look": _second(model, chunks)}
    told["real"] = _real(model, data, told)
    if not json:
        _show(told)
    return told


def _timed(model: Callable[[NDArray[np.uint8]], Persons], rounds: int = 40) -> dict[str, float]:
    """Processor milliseconds a 640 x 360 picture, with resizing and decoding: median and best."""
    picture = exam_chunk(EXAM_SEED, 1, 1).rgb[0]
    model(picture)
    taken = []
    for _ in range(rounds):
        before = time.process_time()
        model(picture)
        taken.append(1e3 * (time.process_time() - before))
    return {"median_ms": round(float(np.median(taken)), 2), "best_ms": round(min(taken), 2)}


def _second(model: TwoLooks, chunks: Sequence[Chunk]) -> dict[str, float]:
    """Processor milliseconds a person of the second look alone, crops and all: median and best of the pictures."""
    taken = []
    for rgb in (rgb for chunk in chunks for rgb in chunk.rgb[:6]):
        found = model.first(rgb)
        before = time.process_time()
        model.second(rgb, found)
        if len(found):
            taken.append(1e3 * (time.process_time() - before) / len(found))
    return {"median_ms": round(float(np.median(taken)), 2), "best_ms": round(min(taken), 2)}


def _real(model: TwoLooks, data: Path | None, told: dict[str, Any]) -> dict[str, Any]:
    clips = sorted((data / "aifi-cps-test-01").glob("cam*.mp4")) if data else []
    network = data.parent / "models" / "yolox_nano.onnx" if data else None
    if not clips or network is None or not network.is_file():
        return {"skipped": "the clips of aifi-cps-test-01 and yolox_nano.onnx are not here (--data names the folder)"}
    reference = Yolox(network, least_score=REFERENCE_SCORE)
    told["time"]["yolox-nano"] = _timed(reference)
    return {clip.stem: _clip(clip, model, reference) for clip in clips}


def _clip(clip: Path, model: TwoLooks, reference: Yolox) -> dict[str, Any]:
    """One clip: in how many frames the reference finds somebody, in how many of those we do, and whom we add.

    Of those whom both find: how many halves of arms are longer than people's are, by either look.
    """
    frames = there = agreed = added = 0
    arms: dict[str, list[float]] = {"once": [], "two looks": []}
    for rgb in _frames(clip):
        frames += 1
        theirs, once = reference(rgb).boxes, model.first(rgb)
        ours = once.boxes
        there += bool(len(theirs))
        alike = [bool(len(theirs)) and bool((overlaps(box, theirs) >= AGREES).any()) for box in ours]
        agreed += any(alike)
        added += alike.count(False)
        for name, people in (("once", once), ("two looks", model.second(rgb, once))):
            for n in np.flatnonzero(alike):
                box = theirs[int(overlaps(ours[n], theirs).argmax())]
                arms[name] += _arms(people.keypoints[n], float((box[2:] - box[:2]).max()))
    return {
        "frames": frames,
        "reference_finds_somebody": there,
        "own_finds_the_same": agreed,
        "own_others_a_frame": round(added / frames, 2),
        "arms": len(arms["once"]),
        "arms_too_long": {
            name: round(float(np.mean(np.array(of) > LONG_ARM)), 3) if of else float("nan") for name, of in arms.items()
        },
    }


def _arms(joints: NDArray[np.float32], tall_px: float) -> list[float]:
    """How long each half of each arm is that is told, as a share of the person's box."""
    apart = [float(np.hypot(*(joints[far, :2] - joints[near, :2]))) / tall_px for near, far in ARMS]
    return [share for share in apart if np.isfinite(share)]


def _frames(clip: Path) -> Iterator[NDArray[np.uint8]]:
    import av  # noqa: PLC0415 an optional extra

    with av.open(str(clip)) as film:
        for number, frame in enumerate(film.decode(video=0)):
            if number % EVERY == 0:
                yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def _show(told: dict[str, Any]) -> None:
    for looks in ("once", "simulated"):
        _show_simulated(told[looks], "one look" if looks == "once" else "two looks")
    for name, row in told["time"].items():
        of = "a person" if name == "second look" else "a picture"
        print(f"{name}: {row['median_ms']} ms {of} on one thread (best {row['best_ms']})")
    if "skipped" in told["real"]:
        print(f"real clips skipped: {told['real']['skipped']}")
        return
    for name, row in told["real"].items():
        print(
            f"{name}: {row['frames']} frames; YOLOX-nano finds somebody in {row['reference_finds_somebody']}, "
            f"we the same in {row['own_finds_the_same']}; {row['own_others_a_frame']} others of ours a frame; "
            f"halves of arms too long: {row['arms_too_long']} of {row['arms']}"
        )


def _show_simulated(part: dict[str, Any], looks: str) -> None:
    print(
        f"{looks}: {part['frames']} simulated pictures of {part['shops']} shops; precision {part['precision']}, ",
        end="",
    )
    print(f"recall {part['recall']}; pixels of 640 x 360")
    joints = ((name, row.get("median", "-"), row.get("p90", "-")) for name, row in part["joints_px"].items())
    print("joints, median (90 %): " + ", ".join(f"{name} {median} ({p90})" for name, median, p90 in joints))
    print("left for right: " + ", ".join(f"{name} {share}" for name, share in part["turned"].items()), end="; ")
    print(f"errors over spreads: {part['error_over_spread']}")
    for name, row in chain({"all": part}.items(), part["by"].items()):
        head, wrist = row["head_px"], row["wrist_px"]
        print(
            f"{name:22s} {row['people']:5d} people, found {row['recall']:.3f}, head {head.get('median', '-')} "
            f"({head.get('p90', '-')}), wrist {wrist.get('median', '-')} ({wrist.get('p90', '-')})"
        )


if __name__ == "__main__":
    run(json=False)
