"""How wrong the second look is on some crops. Needs PyTorch."""

import torch
import torch.nn.functional as nnf
from torch import Tensor

from walkout.learning.refine_data import Crops
from walkout.learning.renders import SIGHTS
from walkout.recording.people import JOINTS
from walkout.sensing.vision.refine import CELL_PX, CELLS, LEAST_SPREAD_LOG, MOST_SPREAD_LOG, K

HILL_CELLS = 0.8
"""How wide the wanted hill around a joint is, in cells, one standard deviation."""
_HARD = tuple(1.6 if name.endswith("wrist") else 1.2 if name.endswith("elbow") else 1.0 for name in JOINTS)
_SIGHT = (1.0, 0.8, 0.4, 0.1)
"""What a joint counts that is seen, behind its own body, hidden by something, outside the picture."""
_FAR_PX = 60.0


def loss(outputs: tuple[Tensor, Tensor], crops: Crops) -> tuple[Tensor, dict[str, Tensor]]:
    """The sum to be made small, and its parts.

    Cells (which one, cross entropy), places (within the cell, in cells), spread (negative log likelihood of the joint
    where the best cell puts it), seen.
    """
    maps, whole = (part.float() for part in outputs)
    weight = torch.tensor(_HARD, device=maps.device) * torch.tensor(_SIGHT, device=maps.device)[crops.sight.long()]
    total = weight.sum().clamp(min=1.0)
    at = crops.joints / CELL_PX
    inside = ((at >= 0.0) & (at < CELLS)).all(-1)
    heat = maps[:, :K].flatten(2)
    logs = torch.log_softmax(torch.cat([heat, whole[:, :K, None]], 2), 2)
    middles = torch.arange(CELLS, device=maps.device) + 0.5
    across, down = (middles - at[..., :1]), (middles - at[..., 1:])
    wide = 2.0 * HILL_CELLS**2
    hill = (torch.exp(-(down**2) / wide)[..., :, None] * torch.exp(-(across**2) / wide)[..., None, :]).flatten(2)
    hill = hill / hill.sum(2, keepdim=True).clamp(min=1e-6) * inside[..., None]
    wanted = torch.cat([hill, (~inside).float()[..., None]], 2)
    parts = {"cells": -(weight * (wanted * logs).sum(2)).sum() / total}
    dx, dy = maps[:, K : 2 * K].flatten(2), maps[:, 2 * K : 3 * K].flatten(2)
    off_x = dx + middles.repeat(CELLS) - at[..., :1]
    off_y = dy + middles.repeat_interleave(CELLS) - at[..., 1:]
    parts["places"] = (weight[..., None] * hill * (off_x.abs() + off_y.abs())).sum() / total
    best = heat.argmax(2, keepdim=True)
    off = torch.stack([off_x.gather(2, best), off_y.gather(2, best)], -1)[:, :, 0].detach().abs() * CELL_PX
    scale = maps[:, 3 * K :].flatten(2).gather(2, best)[..., 0].clamp(LEAST_SPREAD_LOG, MOST_SPREAD_LOG)
    likely = off.clamp(max=_FAR_PX).sum(-1) * torch.exp(-scale) + 2.0 * scale
    parts["spread"] = (weight * inside * likely).sum() / total
    seen = (crops.sight == SIGHTS.index("seen")).float()
    parts["seen"] = nnf.binary_cross_entropy_with_logits(whole[:, K:], seen)
    sum_ = parts["cells"] + parts["places"] + 0.25 * parts["spread"] + 0.3 * parts["seen"]
    return sum_, {name: value.detach() for name, value in parts.items()}
