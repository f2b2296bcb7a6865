"""The looks network from seed to shipped files: train, measure on fresh goods, export to ONNX, write the card."""

import io
import json
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch

import walkout
from walkout.learning.looks_data import Supply
from walkout.learning.looks_fit import Axes, axes_of, figures, measured, trials
from walkout.learning.looks_net import LooksNet, Whitened
from walkout.learning.looks_train import Progress, train, vectors
from walkout.learning.pose_net import device_name
from walkout.sensing.vision.looks import Measure
from walkout.sensing.vision.looks_model import SIDE_PX

HELD_OUT = {"axes": (900_001, 120, 8), "measure": (900_002, 60, 10), "figures": (900_003, 60, 10)}
"""Seed, families and views of the goods that what is measured comes from; training draws from other seeds."""
KIN = 4
"""Products in each of their families."""
OPSET = 17


@dataclass(frozen=True, slots=True)
class Recipe:
    """What makes the model: the same again on one kind of machine, but for a run that was stopped in between."""

    seed: int
    steps: int
    until: int
    """It stops after so many of the steps that the rate was planned for."""
    minutes: float = 0.0
    """Ends then at the latest, the rate falling toward it; 0: by steps alone."""
    workers: int = 0
    device: str = "cpu"

    @property
    def command(self) -> str:
        """What is typed to do it again."""
        told = f"walkout train looks --seed {self.seed} --steps {self.steps} --until {self.until}"
        if self.minutes:
            told += f" --minutes {self.minutes:g}"
        if self.workers:
            told += f" --workers {self.workers}"
        return told if self.device == "cpu" else f"{told} --device {self.device}"


def ship(
    recipe: Recipe,
    out: Path,
    saved: Path | None = None,
    tell: Callable[[Progress], None] = lambda _: None,
    note: str = "",
) -> dict[str, Any]:
    """Train, measure, and write `out` (looks.onnx) with its card beside it; the card comes back."""
    torch.set_num_threads(1)
    last: list[Progress] = []

    def told(at: Progress) -> None:
        last[:] = [at]
        tell(at)

    net = train(
        recipe.seed,
        recipe.steps,
        recipe.until,
        saved,
        told,
        minutes=recipe.minutes,
        workers=recipe.workers,
        device=recipe.device,
    )
    run: dict[str, Any] = {"hardware": device_name(recipe.device), "torch": str(torch.__version__)}
    if last:
        at = last[0]
        run |= {
            "steps": at.step,
            "pictures": at.pictures,
            "products": at.products,
            "minutes": round(at.seconds / 60, 2),
        }
    return write(net, recipe, out, note, run)


def write(
    net: LooksNet, recipe: Recipe, out: Path, note: str = "", run: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Measure a trained network and write it with its card."""
    axes, measure, held = measures(net)
    data = exported(net, axes)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(data)
    card = {
        "kind": "looks",
        "sha256": sha256(data).hexdigest(),
        "bytes": len(data),
        "origin": "simulated",
        "licence": "Apache-2.0",
        "made_by": recipe.command,
        "version": walkout.__version__,
        "recipe": asdict(recipe),
        "run": run or {},
        "note": note,
        "data": "invented goods alone (walkout.learning.goods_pictures, goods_views); no photograph was used",
        "measure": {
            "between": [round(v, 6) for v in measure.between.tolist()],
            "sizes_px": measure.sizes_px.tolist(),
            "scatter": [round(v, 6) for v in measure.scatter.tolist()],
            "trust": measure.trust,
            "slope": round(measure.slope, 6),
            "offset": round(measure.offset, 6),
            "shows": measure.shows,
        },
        "held_out": held,
    }
    out.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    return card


def measures(net: LooksNet) -> tuple[Axes, Measure, dict[str, Any]]:
    """Axes, measure and figures, each from goods of their own."""
    first = Supply(HELD_OUT["axes"][0], HELD_OUT["axes"][1], KIN).all(HELD_OUT["axes"][2])
    axes = axes_of(vectors(net, first.pictures), first.products)
    found = []
    for name in ("measure", "figures"):
        seed, families, views = HELD_OUT[name]
        batch = Supply(seed, families, KIN).all(views)
        found.append((batch, (vectors(net, batch.pictures) - axes.mean) @ axes.axes))
    (batch, at), (fresh, fresh_at) = found
    measure = measured(at, batch.products, batch.across, axes.between, KIN)
    tried = trials(fresh_at, fresh.products, fresh.across, measure, np.random.default_rng(1), family=KIN)
    return axes, measure, figures(tried)


def exported(net: LooksNet, axes: Axes) -> bytes:
    """The network with its axes as ONNX."""
    whole = Whitened(net.to(memory_format=torch.contiguous_format), axes.mean, axes.axes).eval()
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter that needs no further package is called the old one
        torch.onnx.export(
            whole,
            (torch.zeros(2, SIDE_PX, SIDE_PX, 3),),
            buffer,
            input_names=["pictures"],
            output_names=["coordinates"],
            dynamic_axes={"pictures": {0: "n"}, "coordinates": {0: "n"}},
            opset_version=OPSET,
            dynamo=False,
        )
    return buffer.getvalue()
