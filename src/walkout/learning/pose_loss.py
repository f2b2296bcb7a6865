"""How wrong the pose network is on a batch. Needs PyTorch."""

import torch
import torch.nn.functional as nnf
from torch import Tensor

from walkout.learning.augment import Batch
from walkout.learning.pose_net import BOX, FINE, HEIGHT_PX, OFFSETS, SEEN, SPREAD, STRIDE, WIDTH_PX, K
from walkout.learning.renders import SIGHTS
from walkout.recording.people import JOINTS

LEAST_SHARE = 0.12
"""Whoever is seen less is neither asked for nor held against the network."""
LEAST_HEIGHT_PX = 12.0
FAR_OUT_PX = 40.0
"""A person's centre is the neck, drawn into the picture; with the neck farther outside, nobody is asked for."""
_NECK = JOINTS.index("neck")
_SEEN, _HIDDEN, _OUTSIDE = SIGHTS.index("seen"), SIGHTS.index("hidden"), SIGHTS.index("outside")
_EPS = 1e-6
_PAIRS = tuple((JOINTS.index(f"l_{name}"), JOINTS.index(f"r_{name}")) for name in ("shoulder", "elbow", "wrist"))
_HARD = tuple(1.6 if name.endswith("wrist") else 1.2 if name.endswith("elbow") else 1.0 for name in JOINTS)
"""What an error of a joint weighs: wrists matter most to a shop and are found worst."""


def people_of(batch: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Centres (n, 6, 2) and boxes (n, 6, 4) within the picture, who is asked for and who is passed over (n, 6)."""
    edge = torch.tensor([WIDTH_PX - 1.0, HEIGHT_PX - 1.0], device=batch.boxes.device)
    neck = batch.joints[:, :, _NECK]
    low, high = batch.boxes[..., :2].clamp(min=0.0), torch.minimum(batch.boxes[..., 2:], edge + 1.0)
    centre = torch.minimum(neck.clamp(min=0.5), edge)
    size = high - low
    there = (batch.share >= 0.0) & (size > 2.0).all(-1)
    out = (neck - centre).norm(dim=-1)
    asked = there & (batch.share >= LEAST_SHARE) & (size[..., 1] >= LEAST_HEIGHT_PX) & (out <= FAR_OUT_PX)
    return centre, torch.cat([low, high], -1), asked, there & ~asked


def _hills(points: Tensor, sigma: Tensor, cell: int) -> Tensor:
    """Gaussians of height 1 on a grid of cells: (n, m, 2) and (n, m) to (n, m, rows, columns)."""
    x = torch.arange(WIDTH_PX // cell, device=points.device) + 0.5
    y = torch.arange(HEIGHT_PX // cell, device=points.device) + 0.5
    at = points / cell
    narrow = 0.5 / sigma[..., None] ** 2
    across = torch.exp(-((x - at[..., :1]) ** 2) * narrow)
    down = torch.exp(-((y - at[..., 1:]) ** 2) * narrow)
    return down[..., :, None] * across[..., None, :]


def _weighed(logits: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
    """Cross entropy against soft maps, hills weighing more than the plain."""
    losses = nnf.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    doubt = (torch.sigmoid(logits) - wanted).abs()
    return (losses * weight * doubt.clamp(min=0.02) * (1.0 + 9.0 * wanted)).sum()


def loss(outputs: tuple[Tensor, Tensor, Tensor], batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
    """The sum to be made small, and its parts.

    Centres, joints (negative log likelihood), boxes, seen, heat, places (joints' plain errors, in heights), sides.
    """
    centres, people, heat = (part.float() for part in outputs)
    centre, boxes, asked, passed = people_of(batch)
    height = (boxes[..., 3] - boxes[..., 1]).clamp(min=8.0)
    count = asked.sum().clamp(min=1.0)
    wide = (height * 0.012).clamp(0.7, 1.6)
    hills = _hills(centre, wide, STRIDE) * asked[..., None, None]
    wanted = hills.amax(1, keepdim=True)
    x = (torch.arange(WIDTH_PX // STRIDE, device=boxes.device) + 0.5) * STRIDE
    y = (torch.arange(HEIGHT_PX // STRIDE, device=boxes.device) + 0.5) * STRIDE
    across = (x > boxes[..., :1]) & (x < boxes[..., 2:3])
    down = (y > boxes[..., 1:2]) & (y < boxes[..., 3:])
    spared = (down[..., :, None] & across[..., None, :] & passed[..., None, None]).any(1, keepdim=True)
    parts = {"centres": _weighed(centres, wanted, (~spared | (wanted > 0.1)).float()) / count}
    parts |= _at_centres(people, batch, centre, boxes, asked)
    parts["heat"] = _heat(heat, batch, height, asked) / count
    total = parts["centres"] + parts["joints"] + parts["boxes"] + 0.5 * parts["seen"] + 0.25 * parts["heat"]
    total = total + 4.0 * parts["places"] + 1.5 * parts["sides"]
    return total, {name: value.detach() for name, value in parts.items()}


def _at_centres(people: Tensor, batch: Batch, centre: Tensor, boxes: Tensor, asked: Tensor) -> dict[str, Tensor]:
    """Boxes, joints, sides and whether joints are seen, at the nine cells around each asked person's centre."""
    rows, columns = people.shape[2:]
    step = torch.tensor([-1, 0, 1], device=people.device)
    near = torch.stack(torch.meshgrid(step, step, indexing="xy"), -1).reshape(1, 1, 9, 2)
    cell = (centre / STRIDE).floor().long()[:, :, None] + near
    inside = (cell >= 0).all(-1) & (cell[..., 0] < columns) & (cell[..., 1] < rows)
    cell = torch.stack([cell[..., 0].clamp(0, columns - 1), cell[..., 1].clamp(0, rows - 1)], -1)
    middle = (cell + 0.5) * STRIDE
    # A cell between two people speaks of the nearer one.
    apart = ((middle[:, :, :, None] - centre[:, None, None]) ** 2).sum(-1)
    apart = apart.masked_fill(~asked[:, None, None], 1e9)
    own = apart.argmin(-1) == torch.arange(asked.shape[1], device=people.device)[None, :, None]
    weight = (inside & own & asked[..., None]).float()
    weight = weight * torch.where((near == 0).all(-1), 1.0, 0.3)
    flat = people.flatten(2).transpose(1, 2)
    index = (cell[..., 1] * columns + cell[..., 0]).flatten(1)
    found = flat.gather(1, index[..., None].expand(-1, -1, flat.shape[-1])).view(*cell.shape[:3], -1)
    total = weight.sum().clamp(min=1.0)
    made, wanted = found[..., BOX] + middle.repeat(1, 1, 1, 2), boxes[:, :, None]
    # The overlap of a box without area, or inside out, has no slope; the sides' own errors have one.
    high = (wanted[..., 3] - wanted[..., 1]).clamp(min=8.0)
    sides = (made - wanted).abs().mean(-1) / high
    parts = {"boxes": (weight * (2.0 * (1.0 - _overlap(made, wanted.expand_as(made))) + 4.0 * sides)).sum() / total}
    off = found[..., OFFSETS].unflatten(-1, (K, 2)) + middle[..., None, :] - batch.joints[:, :, None]
    scale = found[..., SPREAD].clamp(-1.5, 5.0)
    likely = off.abs().clamp(max=400.0).sum(-1) * torch.exp(-scale) + 2.0 * scale
    matters = torch.tensor([1.0, 1.0, 0.5, 0.15], device=people.device)[batch.sight.long()][:, :, None]
    close = (off.detach().abs().amax(-1) < 300.0).float()
    matters = matters * torch.tensor(_HARD, device=people.device)
    each = weight[..., None] * matters * close
    parts["joints"] = (each * likely).sum() / total / K
    # A likelihood forgives errors that are expected, so it hardly teaches which side is which; these two do.
    parts["places"] = (each * off.abs().clamp(max=200.0).sum(-1) / high[..., None]).sum() / total / K
    parts["sides"] = _sides(off, batch.joints, each, high) / total
    seen = (batch.sight == _SEEN).float()[:, :, None].expand_as(found[..., SEEN])
    doubt = nnf.binary_cross_entropy_with_logits(found[..., SEEN], seen, reduction="none")
    parts["seen"] = (weight[..., None] * doubt).sum() / total / K
    return parts


def _sides(off: Tensor, joints: Tensor, each: Tensor, high: Tensor) -> Tensor:
    """How far from right to left points the wrong way, 0..2 a pair, summed; pairs that coincide count little.

    Errors (n, m, 9, K, 2), true joints (n, m, K, 2), weights (n, m, 9, K), heights (n, m, 9 or 1).
    """
    left, right = (torch.tensor(side, device=off.device) for side in zip(*_PAIRS, strict=True))
    true = (joints[:, :, left] - joints[:, :, right])[:, :, None]
    made = off[..., left, :] - off[..., right, :] + true
    long_ = true.norm(dim=-1)
    alike = (made * true).sum(-1) / (made.square().sum(-1).add(1.0).sqrt() * (long_ + 1.0))
    clear = (long_ / (0.1 * high[..., None])).clamp(max=1.0)
    return (torch.minimum(each[..., left], each[..., right]) * clear * (1.0 - alike)).sum() / len(_PAIRS)


def _overlap(a: Tensor, b: Tensor) -> Tensor:
    """Generalised intersection over union (Rezatofighi et al., 2019), -1..1."""
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    both = (high - low).clamp(min=0.0).prod(-1)
    area_a = (a[..., 2:] - a[..., :2]).clamp(min=0.0).prod(-1)
    union = area_a + (b[..., 2:] - b[..., :2]).prod(-1) - both
    hull = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).clamp(min=0.0).prod(-1)
    return both / (union + _EPS) - (hull - union) / (hull + _EPS)


def _heat(logits: Tensor, batch: Batch, height: Tensor, asked: Tensor) -> Tensor:
    """Joints that are seen are wanted on their maps; around hidden ones the maps may say anything."""
    wide = (height * 0.012).clamp(0.8, 1.6)[..., None].expand(batch.sight.shape)
    n, m = batch.sight.shape[:2]
    hills = _hills(batch.joints.flatten(1, 2), wide.flatten(1, 2), FINE)
    hills = hills.view(n, m, K, *hills.shape[2:])
    there = (batch.share >= 0.0)[..., None]
    seen = there & (batch.sight == _SEEN)
    unsure = there & (batch.sight != _SEEN) & (batch.sight != _OUTSIDE)
    wanted = (hills * seen[..., None, None]).amax(1)
    spared = ((hills > 0.05) & unsure[..., None, None]).any(1) & (wanted < 0.1)
    del asked
    return _weighed(logits, wanted, (~spared).float()) / K
