"""From a training run to what is shipped: an ONNX file, figures on unseen frames, a model card. Needs PyTorch."""

import io
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from walkout.learning.pose_net import HEIGHT_PX, WIDTH_PX, PoseNet
from walkout.learning.pose_score import Outcome, figures, judge
from walkout.learning.renders import Chunk
from walkout.learning.train_pose import Recipe, train, unseen
from walkout.sensing.vision.pose import SPREAD_KEY, OwnPose, Tuning

MOST_BYTES = 5_000_000
_METADATA, _KEY, _VALUE = 14, 1, 2
"""Field numbers of onnx.proto: a model's metadata, and an entry's key and value."""


@dataclass(frozen=True, slots=True, eq=False)
class Release:
    """What a run leaves: the model file's bytes, the card's text, and all figures."""

    onnx: bytes
    card: str
    figures: dict[str, Any]


def make(recipe: Recipe, keep: Path, command: str, say: Callable[[str], None] = lambda _: None) -> Release:
    """Train by the recipe, export, judge on frames never seen, write the card; weights so far go to `keep`."""
    trained = train(recipe, keep, say)
    say("judging on frames of shops and people it was not trained on")
    return release(trained.net, trained.figures, unseen(recipe), command)


def release(net: PoseNet, run: dict[str, Any], checks: list[Chunk], command: str) -> Release:
    """Export a trained network and judge it."""
    bare = exported(net)
    spread = fitted_spread(bare, checks[: max(1, len(checks) // 2)])
    onnx = with_metadata(bare, {SPREAD_KEY: ",".join(f"{part:.4f}" for part in spread)})
    judged = figures(judge(OwnPose(onnx), checks[len(checks) // 2 :]))
    told = {"command": command, "bytes": len(onnx), "spread": list(spread), "run": run, "unseen": judged}
    return Release(onnx, card(told), told)


def exported(net: PoseNet) -> bytes:
    """The network as ONNX (opset 17), convolutions and normalisations folded together. ValueError above 5 MB."""
    net.ready = True
    data = as_onnx(net, torch.zeros(1, 3, HEIGHT_PX, WIDTH_PX), "picture", ["centres", "people", "joints"])
    if len(data) > MOST_BYTES:
        raise ValueError(f"the network has {len(data)} bytes; it must stay below {MOST_BYTES} to be shipped")
    return data


def as_onnx(net: nn.Module, like: Tensor, name: str, outputs: list[str], many: bool = False) -> bytes:
    """A network as ONNX for inputs as `like`, with `many` for any number of them."""
    net = net.to("cpu", memory_format=torch.contiguous_format).float().eval()
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the plain exporter warns that another one is newer; it needs no more packages
        torch.onnx.export(
            net,
            (like,),
            file,
            input_names=[name],
            output_names=outputs,
            opset_version=17,
            dynamo=False,
            dynamic_axes={key: {0: "people"} for key in (name, *outputs)} if many else None,
        )
    return file.getvalue()


def with_metadata(onnx: bytes, entries: dict[str, str]) -> bytes:
    """The model with entries in its metadata: protobuf messages grow by appending fields to them."""
    for key, value in entries.items():
        entry = b"".join(_field(number, text.encode()) for number, text in ((_KEY, key), (_VALUE, value)))
        onnx += _field(_METADATA, entry)
    return onnx


def _field(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes((*out, value))


def fitted_spread(onnx: bytes, checks: list[Chunk]) -> tuple[float, float, float]:
    """What the network's own spreads must be multiplied by: one factor for joints on a hill, one for others.

    After it, 39 % of the joints lie within one spread, as of a round normal error. See `Tuning.spread`.
    """
    factors = []
    for least_hill in (Tuning().least_hill, 2.0):  # 2: no hill is high enough, nothing is refined
        plain = OwnPose(onnx, Tuning(least_hill=least_hill))
        outcome = judge(plain, checks)
        factors.append(spread_factor(outcome))
    return (factors[0], 0.0, factors[1])


def spread_factor(outcome: Outcome) -> float:
    """What spreads must be multiplied by so that 39 % of the seen joints lie within one."""
    ratios: NDArray[np.float64] = np.concatenate([c.errors_px / c.spreads_px for c in outcome.cases] or [np.zeros(0)])
    ratios = ratios[np.isfinite(ratios)]
    return float(np.quantile(ratios, 1.0 - np.exp(-0.5))) if len(ratios) else 1.0


def card(told: dict[str, Any]) -> str:
    """The model card, in Markdown."""
    run, judged, recipe = told["run"], told["unseen"], told["run"]["recipe"]
    rows = "\n".join(_row(name, part) for name, part in (("all", judged), *judged["by"].items()))
    joints = ", ".join(f"{name} {part.get('median', '-')}" for name, part in judged["joints_px"].items())
    return f"""# Walkout's own pose network

Finds people from the shop's cameras: boxes and eight joints (head, neck, shoulders, elbows, wrists). Apache-2.0, as
is all of Walkout.

**Trained on simulated pictures only** (`walkout.learning.renders`), no photograph of any person. What it does on real
pictures has to be measured where it is used; see `docs/design/vision.md` for what was measured.

| | |
|---|---|
| input | float32 (1, 3, 192, 320): red, green, blue, 0..255, picture in the middle, grey 114 around it |
| parameters, file | {run["parameters"]:,}, {told["bytes"]:,} bytes |
| made by | `{told["command"]}` |
| hardware | {run["hardware"]}, {recipe["workers"]} processes drawing, PyTorch {run["torch"]} |
| seed | {recipe["seed"]} |
| renders | {run["renders"]:,} drawn, {run["pictures_learned_from"]:,} pictures learned from in {run["steps"]:,} steps |
| minutes | {run["minutes"]} |

## On {judged["frames"]} simulated frames of shops, cameras, people and clothes it was not trained on

Errors of joints that are seen, in pixels of a 640 x 360 picture; found: boxes overlap by half or more.
{judged["false"]} found people were nobody (precision {judged["precision"]}). Joints, median: {joints}.

| who | people | found | head, median | head, 90 % | wrist, median | wrist, 90 % |
|---|---|---|---|---|---|---|
{rows}
"""


def _row(name: str, part: dict[str, Any]) -> str:
    cells = [part[joint].get(which, "-") for joint in ("head_px", "wrist_px") for which in ("median", "p90")]
    return f"| {name} | {part['people']} | {part['recall']} | " + " | ".join(map(str, cells)) + " |"


def write(made: Release, out: Path) -> None:
    """Model, card and figures into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "pose.onnx").write_bytes(made.onnx)
    (out / "pose.md").write_text(made.card, "utf-8")
    (out / "pose.json").write_text(json.dumps(made.figures, indent=2, sort_keys=True) + "\n", "utf-8")
