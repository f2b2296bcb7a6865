"""Renders, training, export and model card of the pose network, in one go. Needs PyTorch.

Chunks are drawn while the network learns from a store of the last ones; every chunk is worth `passes` passes, so that
the run follows from its numbers (on a processor; graphics cards add in no fixed order). The step size falls with what
has been drawn, or with the time where a limit of minutes is given, whichever is further.
"""

import copy
import math
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from walkout.learning.augment import Batch, augmented
from walkout.learning.feed import chunks
from walkout.learning.pose_loss import loss
from walkout.learning.pose_net import PoseNet, device_name, parameters
from walkout.learning.renders import FRAMES, HEIGHT_PX, WIDTH_PX, Chunk

CHECK_SEED = 7_000_001
"""Added to the seed for the frames that are never trained on."""
_KEEP_EVERY_S = 45.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a training run follows from. `minutes` 0: no limit; `store`: so many frames are kept for learning."""

    renders: int
    seed: int
    passes: float = 1.0
    batch: int = 32
    store: int = 6400
    rate: float = 2e-3
    minutes: float = 0.0
    workers: int = 2
    device: str = "cpu"
    check_chunks: int = 2
    start: str = ""
    """Weights of an earlier run to start from, by path; empty: none."""


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """The averaged network in its ready state, and what the run came to."""

    net: PoseNet
    figures: dict[str, Any]


class Store:
    """The last frames, on the training device; a full store forgets the oldest."""

    def __init__(self, size: int, device: torch.device, width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX) -> None:
        k = Chunk.empty(1, width_px, height_px)
        self._parts = [
            torch.zeros((size, *part.shape[1:]), dtype=torch.from_numpy(part).dtype, device=device)
            for part in (k.rgb, k.boxes, k.share, k.joints, k.sight)
        ]
        self.size, self.count, self._next = size, 0, 0

    def put(self, chunk: Chunk) -> None:
        """Keep a chunk."""
        n = len(chunk.rgb)
        at = (torch.arange(n) + self._next) % self.size
        for part, new in zip(
            self._parts, (chunk.rgb, chunk.boxes, chunk.share, chunk.joints, chunk.sight), strict=True
        ):
            part[at.to(part.device)] = torch.from_numpy(new).to(part.device)
        self._next = (self._next + n) % self.size
        self.count = min(self.size, self.count + n)

    def draw(self, batch: int, dice: torch.Generator) -> Batch:
        """So many frames at random."""
        at = torch.randint(self.count, (batch,), generator=dice, device=self._parts[0].device)
        return Batch(*(part[at] for part in self._parts))


def as_batch(chunk: Chunk, device: torch.device | str) -> Batch:
    """A whole chunk on a device."""
    parts = (chunk.rgb, chunk.boxes, chunk.share, chunk.joints, chunk.sight)
    return Batch(*(torch.from_numpy(part).to(device) for part in parts))


def train(recipe: Recipe, keep: Path | None = None, say: Callable[[str], None] = lambda _: None) -> Trained:
    """Do what the recipe says. With `keep`, the weights so far are written there every 45 s.

    On Ctrl-C what was learned so far is exported as if the run had ended; the figures then say how far it came.
    """
    device = torch.device(recipe.device)
    torch.manual_seed(recipe.seed)
    dice = torch.Generator(device).manual_seed(recipe.seed)
    fast = device.type == "cuda"
    torch.backends.cudnn.benchmark = fast  # all batches are of one size
    net = PoseNet().to(device, memory_format=torch.channels_last)
    if recipe.start:
        net.load_state_dict(torch.load(recipe.start, map_location=device, weights_only=True))
    mean = copy.deepcopy(net)
    steps = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=0.02, fused=fast or None)
    count, started = math.ceil(recipe.renders / FRAMES), time.perf_counter()
    store = Store(min(recipe.store, count * FRAMES), device)
    owed, done, drawn, kept = 0.0, 0, 0, started
    sums: dict[str, Tensor] = {}
    try:
        for chunk in early(chunks(recipe.seed, count, recipe.workers)):
            store.put(chunk)
            drawn += 1
            owed += recipe.passes * FRAMES / recipe.batch
            if store.count < min(4 * recipe.batch, store.size):
                continue
            while owed >= 1.0:
                owed -= 1.0
                gone = (time.perf_counter() - started) / 60.0
                share = max(drawn / count, gone / recipe.minutes if recipe.minutes else 0.0)
                if share >= 1.0 and gone >= recipe.minutes > 0.0:
                    raise TimeoutError
                for group in steps.param_groups:
                    group["lr"] = recipe.rate * pace(done, share)
                parts = _step(net, steps, augmented(store.draw(recipe.batch, dice), dice), fast)
                done += 1
                average(mean, net, min(0.9995, done / (done + 20.0)))
                sums = {name: 0.98 * sums.get(name, value) + 0.02 * value for name, value in parts.items()}
                if done % 100 == 0:
                    said = " ".join(f"{name} {float(value):.3f}" for name, value in sums.items())
                    say(f"{gone:6.2f} min, {drawn * FRAMES} renders, step {done}: {said}")
            if keep is not None and time.perf_counter() - kept > _KEEP_EVERY_S:
                kept = time.perf_counter()
                torch.save(mean.state_dict(), keep)
    except (KeyboardInterrupt, TimeoutError):
        say("stopped before all was drawn; what was learned is kept")
    if keep is not None:
        torch.save(mean.state_dict(), keep)
    mean.eval()
    figures: dict[str, Any] = {
        "recipe": asdict(recipe),
        "renders": drawn * FRAMES,
        "steps": done,
        "pictures_learned_from": done * recipe.batch,
        "minutes": round((time.perf_counter() - started) / 60.0, 2),
        "hardware": device_name(device),
        "torch": str(torch.__version__),
        "parameters": parameters(mean),
        "losses": {name: round(float(value), 4) for name, value in sums.items()},
    }
    return Trained(mean, figures)


def pace(done: int, share: float) -> float:
    """The step size as a share of the highest: up in 200 steps, then down on a cosine."""
    return min(1.0, (done + 1) / 200.0) * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * min(share, 1.0))))


def _step(net: PoseNet, steps: torch.optim.Optimizer, batch: Batch, fast: bool) -> dict[str, Tensor]:
    picture = batch.picture.contiguous(memory_format=torch.channels_last)
    with torch.autocast("cuda" if fast else "cpu", dtype=torch.bfloat16, enabled=fast):
        outputs = net(picture)
    total, parts = loss(outputs, batch)
    steps.zero_grad(set_to_none=True)
    total.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    steps.step()
    return parts


def average(mean: nn.Module, net: nn.Module, keep: float) -> None:
    """An exponential mean of the weights, which is better than the last ones."""
    with torch.no_grad():
        torch._foreach_lerp_(list(mean.parameters()), list(net.parameters()), 1.0 - keep)
        torch._foreach_copy_(list(mean.buffers()), list(net.buffers()))


def early(source: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks, the next ones fetched while one is learned from."""
    waiting: queue.Queue[Chunk | BaseException | None] = queue.Queue(3)
    over = threading.Event()

    def fetch() -> None:
        try:
            for chunk in source:
                while not over.is_set():
                    try:
                        waiting.put(chunk, timeout=0.2)
                        break
                    except queue.Full:
                        continue
                if over.is_set():
                    break
            else:
                waiting.put(None)
        except BaseException as error:  # noqa: BLE001 handed to the trainer, which raises it
            waiting.put(error)
        finally:
            if hasattr(source, "close"):
                source.close()

    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    try:
        while (got := waiting.get()) is not None:
            if isinstance(got, BaseException):
                raise got
            yield got
    finally:
        over.set()
        while not waiting.empty():
            waiting.get_nowait()
        thread.join(timeout=30.0)


def unseen(recipe: Recipe) -> list[Chunk]:
    """Frames of shops and people that no training of this seed draws."""
    return list(chunks(recipe.seed + CHECK_SEED, recipe.check_chunks, recipe.workers))
