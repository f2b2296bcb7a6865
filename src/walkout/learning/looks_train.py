"""Training the looks network on invented goods alone. Needs PyTorch and OpenCV."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from walkout.learning.looks_data import Batch, batches
from walkout.learning.looks_net import CELLS, LooksNet, contrast, mask_loss, seen

FAMILIES_A_BATCH, VIEWS = 11, 4
RATE, DECAY, WARM_UP = 3e-3, 1e-4, 40
SHARPNESS = 12.0
MASK_SHARE = 0.5
AVERAGED = 0.99
"""How much of the running mean of the weights is kept at a step (Polyak and Juditsky, 1992)."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where training is: steps, products invented, pictures shown, the loss lately, seconds."""

    step: int
    steps: int
    products: int
    pictures: int
    loss: float
    seconds: float


def train(
    seed: int,
    steps: int,
    until: int,
    saved: Path | None = None,
    tell: Callable[[Progress], None] = lambda _: None,
    *,
    minutes: float = 0.0,
    workers: int = 0,
    device: str = "cpu",
) -> LooksNet:
    """The trained network with its averaged weights, after `until` of the `steps` for which the rate is planned.

    With `minutes`, the rate falls with the time too, whichever is further, and learning ends then at the latest. With
    `saved`, the state is kept there every 50 steps and a later call with the same seed and steps goes on from it;
    what it goes on with are fresh goods, so that only an undisturbed run repeats exactly (graphics cards add in no
    fixed order). `workers` processes draw; 0: goods are drawn between the steps.
    """
    torch.manual_seed(seed)
    net = LooksNet().to(device, memory_format=torch.channels_last)
    mean = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(AVERAGED), use_buffers=True
    )
    rule = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    start, lately, began = 0, float("nan"), time.monotonic()
    if saved is not None and saved.exists():
        state = torch.load(saved, weights_only=True, map_location=device)
        if (state["seed"], state["steps"]) == (seed, steps):
            net.load_state_dict(state["net"])
            mean.load_state_dict(state["mean"])
            rule.load_state_dict(state["rule"])
            start = state["step"]
    pictures, step = 0, start
    goods = batches(seed if start == 0 else seed + 7919 * start, FAMILIES_A_BATCH, VIEWS, workers)
    try:
        while step < until:
            batch, products = next(goods)
            share = max(step / steps, (time.monotonic() - began) / 60.0 / minutes if minutes else 0.0)
            for group in rule.param_groups:
                pace = 0.02 + 0.98 * 0.5 * (1.0 + cos(pi * min(share, 1.0)))
                group["lr"] = RATE * min(1.0, (step + 1) / WARM_UP) * pace
            pictures += len(batch.products)
            loss = _step(net, batch, rule, device)
            mean.update_parameters(net)
            lately = loss if lately != lately else 0.95 * lately + 0.05 * loss
            step += 1
            if share >= 1.0 and minutes:  # what was planned is done, in fewer steps
                until = step
            if saved is not None and (step == until or step % 50 == 0):
                kept = {"net": net.state_dict(), "mean": mean.state_dict(), "rule": rule.state_dict()}
                torch.save({"seed": seed, "steps": steps, "step": step, **kept}, saved)
            if step == until or step % 20 == 0:
                tell(Progress(step, steps, products, pictures, lately, time.monotonic() - began))
    finally:
        goods.close()
    trained = mean.module
    trained.eval()
    trained.to("cpu")
    return trained if isinstance(trained, LooksNet) else net.to("cpu")


def _step(net: LooksNet, batch: Batch, rule: torch.optim.Optimizer, device: str) -> float:
    net.train()
    vectors, logits = net(tensor(batch.pictures).to(device))
    masks = torch.from_numpy(batch.masks.astype(np.float32) / 255.0)[:, None].to(device)
    cells = torch.nn.functional.adaptive_avg_pool2d(masks, CELLS)
    alike = contrast(vectors, torch.from_numpy(batch.products).to(device), SHARPNESS)
    loss = alike + MASK_SHARE * mask_loss(logits, cells)
    rule.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    rule.step()
    return float(loss.detach())


def tensor(pictures: NDArray[np.uint8]) -> torch.Tensor:
    """Pictures uint8 (n, 96, 96, 3) as the network takes them."""
    ordered = torch.from_numpy(pictures.astype(np.float32) / 255.0).permute(0, 3, 1, 2)
    return ordered.contiguous(memory_format=torch.channels_last)


@torch.no_grad()  # type: ignore[untyped-decorator]
def vectors(net: LooksNet, pictures: NDArray[np.uint8], at_once: int = 64) -> NDArray[np.float64]:
    """What coordinates are made of (`looks_net.seen`), for pictures, float64 (n, 128)."""
    net.eval()
    parts = [seen(net, tensor(pictures[k : k + at_once])).numpy() for k in range(0, len(pictures), at_once)]
    return np.concatenate(parts).astype(np.float64)
