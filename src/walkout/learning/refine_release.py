"""From a training run of the second look to what is shipped: ONNX file, figures, model card. Needs PyTorch."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from walkout.learning.pose_release import MOST_BYTES, Release, as_onnx, spread_factor, with_metadata
from walkout.learning.pose_score import figures, judge
from walkout.learning.refine_net import RefineNet
from walkout.learning.renders import Chunk
from walkout.learning.train_pose import Recipe
from walkout.learning.train_refine import train, unseen
from walkout.sensing.vision.pose import OwnPose, packaged
from walkout.sensing.vision.refine import CHANNELS, CROP_PX, SPREAD_KEY, Refiner
from walkout.sensing.vision.two_looks import TwoLooks


def make(
    recipe: Recipe, model: bytes | None, keep: Path, command: str, say: Callable[[str], None] = lambda _: None
) -> Release:
    """Train behind a pose network (None: the packaged one), export, judge on frames never seen, write the card."""
    first = packaged() if model is None else model
    trained = train(recipe, first, keep, say)
    say("judging on frames of shops and people it was not trained on")
    return release(trained.net, trained.figures, first, unseen(recipe), command)


def release(net: RefineNet, run: dict[str, Any], first: bytes, checks: list[Chunk], command: str) -> Release:
    """Export a trained network and judge it, the first half of the frames being used for its spreads."""
    bare = as_onnx(net, torch.zeros(2, CHANNELS, CROP_PX, CROP_PX), "crops", ["maps", "whole"], many=True)
    half, once = max(1, len(checks) // 2), OwnPose(first)
    spread = spread_factor(judge(TwoLooks(once, Refiner(bare, spread=1.0)), checks[:half]))
    onnx = with_metadata(bare, {SPREAD_KEY: f"{spread:.4f}"})
    if len(onnx) > MOST_BYTES:
        raise ValueError(f"the network has {len(onnx)} bytes; it must stay below {MOST_BYTES} to be shipped")
    told = {
        "command": command,
        "bytes": len(onnx),
        "spread": spread,
        "behind": hashlib.sha256(first).hexdigest(),
        "run": run,
        "once": figures(judge(once, checks[half:] or checks)),
        "unseen": figures(judge(TwoLooks(once, Refiner(onnx)), checks[half:] or checks)),
    }
    return Release(onnx, card(told), told)


def card(told: dict[str, Any]) -> str:
    """The model card, in Markdown."""
    run, now, once, recipe = told["run"], told["unseen"], told["once"], told["run"]["recipe"]
    pairs = [("all", once, now)]
    pairs += [(name, once["by"][name], part) for name, part in now["by"].items() if name in once["by"]]
    rows = "\n".join(_row(*pair) for pair in pairs)
    joints = "\n".join(
        f"| {name} | {once['joints_px'][name].get('median', '-')} ({once['joints_px'][name].get('p90', '-')}) | "
        f"{part.get('median', '-')} ({part.get('p90', '-')}) |"
        for name, part in now["joints_px"].items()
    )
    turned = ", ".join(f"{name} {once['turned'][name]} and {now['turned'][name]}" for name in now["turned"])
    return f"""# Walkout's second look

For each person that Walkout's own pose network finds: a crop of the picture itself, and the eight joints anew (head,
neck, shoulders, elbows, wrists), with how far off each may be. Apache-2.0, as is all of Walkout.

**Trained on simulated pictures only** (`walkout.learning.renders`), no photograph of any person. What it does on real
pictures has to be measured where it is used; see `docs/design/vision.md` for what was measured.

| | |
|---|---|
| input | float32 (people, 11, 128, 128): red, green, blue, 0..255, and where the pose network put each joint |
| parameters, file | {run["parameters"]:,}, {told["bytes"]:,} bytes |
| made by | `{told["command"]}` |
| hardware | {run["hardware"]}, {recipe["workers"]} processes drawing, PyTorch {run["torch"]} |
| seed | {recipe["seed"]} |
| renders | {run["renders"]:,} drawn, {run["crops_learned_from"]:,} crops learned from in {run["steps"]:,} steps |
| minutes | {run["minutes"]} |
| behind | the pose network with SHA-256 `{told["behind"]}` |

## On {now["frames"]} simulated frames of shops, cameras, people and clothes it was not trained on

Errors of joints that are seen, in pixels of a 640 x 360 picture, median (90 %): the pose network alone, and with the
second look. People whose left and right are taken for each other, of those with both seen: {turned}.

| joint | once | two looks |
|---|---|---|
{joints}

| who | people | found | head: once | two looks | wrist: once | two looks |
|---|---|---|---|---|---|---|
{rows}
"""


def _row(name: str, once: dict[str, Any], now: dict[str, Any]) -> str:
    cells = [
        f"{part[joint].get('median', '-')} ({part[joint].get('p90', '-')})"
        for joint in ("head_px", "wrist_px")
        for part in (once, now)
    ]
    return f"| {name} | {now['people']} | {now['recall']} | " + " | ".join(cells) + " |"


def write(made: Release, out: Path) -> None:
    """Model, card and figures into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "refine.onnx").write_bytes(made.onnx)
    (out / "refine.md").write_text(made.card, "utf-8")
    (out / "refine.json").write_text(json.dumps(made.figures, indent=2, sort_keys=True) + "\n", "utf-8")
