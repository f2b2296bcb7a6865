"""Renders, training, export and card of the second look, in one go. Needs PyTorch.

As `train_pose`, whose Recipe it takes: large renders are drawn while the network learns from the last ones; the pose
network that it will stand behind looks at each first.
"""

import copy
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from walkout.learning.feed import chunks
from walkout.learning.pose_net import device_name, parameters
from walkout.learning.refine_data import Crops, crops_of
from walkout.learning.refine_loss import loss
from walkout.learning.refine_net import RefineNet, first_look
from walkout.learning.renders import HEIGHT_PX, LARGE_FRAMES, WIDTH_PX, Chunk, large_chunk
from walkout.learning.train_pose import CHECK_SEED, Recipe, Store, average, early, pace

PEOPLE = 2
"""People of a picture that are learned from, on average at most: a step's memory is bounded."""
KEEP_EVERY_S = 45.0


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """The averaged network in its ready state, and what the run came to."""

    net: RefineNet
    figures: dict[str, Any]


def train(
    recipe: Recipe, model: bytes, keep: Path | None = None, say: Callable[[str], None] = lambda _: None
) -> Trained:
    """Do what the recipe says, behind the pose network `model`. With `keep`, the weights so far are written there.

    On Ctrl-C what was learned so far is exported as if the run had ended; the figures then say how far it came.
    """
    device = torch.device(recipe.device)
    torch.manual_seed(recipe.seed)
    dice = torch.Generator(device).manual_seed(recipe.seed)
    fast = device.type == "cuda"
    first = first_look(model).to(device, memory_format=torch.channels_last)
    net = RefineNet().to(device, memory_format=torch.channels_last)
    if recipe.start:
        net.load_state_dict(torch.load(recipe.start, map_location=device, weights_only=True))
    mean = copy.deepcopy(net)
    steps = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=0.02, fused=fast or None)
    count, started = math.ceil(recipe.renders / LARGE_FRAMES), time.perf_counter()
    store = Store(min(recipe.store, count * LARGE_FRAMES), device, 2 * WIDTH_PX, 2 * HEIGHT_PX)
    owed, done, drawn, looked, kept = 0.0, 0, 0, 0, started
    sums: dict[str, Tensor] = {}
    try:
        for chunk in early(chunks(recipe.seed, count, recipe.workers, draw=large_chunk)):
            store.put(chunk)
            drawn += 1
            owed += recipe.passes * LARGE_FRAMES / recipe.batch
            while owed >= 1.0:
                owed -= 1.0
                gone = (time.perf_counter() - started) / 60.0
                share = max(drawn / count, gone / recipe.minutes if recipe.minutes else 0.0)
                if share >= 1.0 and gone >= recipe.minutes > 0.0:
                    raise TimeoutError
                for group in steps.param_groups:
                    group["lr"] = recipe.rate * pace(done, share)
                crops = crops_of(store.draw(recipe.batch, dice), first, dice, PEOPLE * recipe.batch)
                if not len(crops.joints):
                    continue
                parts = _step(net, steps, crops, fast)
                done += 1
                looked += len(crops.joints)
                average(mean, net, min(0.9995, done / (done + 20.0)))
                sums = {name: 0.98 * sums.get(name, value) + 0.02 * value for name, value in parts.items()}
                if done % 100 == 0:
                    said = " ".join(f"{name} {float(value):.3f}" for name, value in sums.items())
                    say(f"{gone:6.2f} min, {drawn * LARGE_FRAMES} renders, {looked} crops, step {done}: {said}")
            if keep is not None and time.perf_counter() - kept > KEEP_EVERY_S:
                kept = time.perf_counter()
                torch.save(mean.state_dict(), keep)
    except (KeyboardInterrupt, TimeoutError):
        say("stopped before all was drawn; what was learned is kept")
    if keep is not None:
        torch.save(mean.state_dict(), keep)
    mean.eval()
    figures: dict[str, Any] = {
        "recipe": asdict(recipe),
        "renders": drawn * LARGE_FRAMES,
        "steps": done,
        "crops_learned_from": looked,
        "minutes": round((time.perf_counter() - started) / 60.0, 2),
        "hardware": device_name(device),
        "torch": str(torch.__version__),
        "parameters": parameters(mean),
        "losses": {name: round(float(value), 4) for name, value in sums.items()},
    }
    return Trained(mean, figures)


def _step(net: RefineNet, steps: torch.optim.Optimizer, crops: Crops, fast: bool) -> dict[str, Tensor]:
    picture = crops.picture.contiguous(memory_format=torch.channels_last)
    with torch.autocast("cuda" if fast else "cpu", dtype=torch.bfloat16, enabled=fast):
        outputs = net(picture)
    total, parts = loss(outputs, crops)
    steps.zero_grad(set_to_none=True)
    total.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    steps.step()
    return parts


def unseen(recipe: Recipe) -> list[Chunk]:
    """Large frames of shops and people that no training of this seed draws."""
    return list(chunks(recipe.seed + CHECK_SEED, recipe.check_chunks, recipe.workers, draw=large_chunk))
