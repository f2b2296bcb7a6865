"""Rendered pictures turned, bent, relit and covered, with their truth, on the training device. Needs PyTorch."""

from dataclasses import dataclass
from math import log

import torch
import torch.nn.functional as nnf
from torch import Tensor

from walkout.learning.pose_net import HEIGHT_PX, WIDTH_PX
from walkout.learning.renders import HEIGHT_PX as RENDER_HEIGHT_PX
from walkout.learning.renders import SIGHTS

MIRROR = (0, 1, 3, 2, 5, 4, 7, 6)
"""Which joint a joint becomes in a mirror."""
_HIDDEN, _OUTSIDE = SIGHTS.index("hidden"), SIGHTS.index("outside")


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """n pictures, bytes or floats, and their people as learning.renders.Chunk has them, on one device."""

    picture: Tensor
    boxes: Tensor
    share: Tensor
    joints: Tensor
    sight: Tensor


def letterboxed(batch: Batch) -> Batch:
    """Rendered pictures as the network takes them, unchanged but for the grey rows above and below."""
    rows = (HEIGHT_PX - RENDER_HEIGHT_PX) // 2
    picture = batch.picture.permute(0, 3, 1, 2).float()
    picture = nnf.pad(picture, (0, 0, rows, rows), value=114.0)
    down = torch.tensor([0.0, float(rows)], device=picture.device)
    return Batch(picture, batch.boxes + down.repeat(2), batch.share, batch.joints + down, batch.sight)


def augmented(batch: Batch, dice: torch.Generator, rows: int = HEIGHT_PX, closest: float = 0.42) -> Batch:
    """Pictures float32 (n, 3, rows, columns) as other cameras might have taken them, with truth that still fits.

    As many columns as the renders have; at least `closest` of a render's width is in its picture.
    """
    batch = _bent(batch, dice, rows, closest)
    return _covered(_relit(_softened(batch.picture, dice), dice), batch, dice)


def _uniform(dice: torch.Generator, like: Tensor, low: float, high: float, *shape: int) -> Tensor:
    return low + (high - low) * torch.rand(shape, generator=dice, device=like.device)


def _bent(batch: Batch, dice: torch.Generator, rows: int, closest: float) -> Batch:
    """Zoom, turn, shift, mirror and a lens that bends: output (x, y) shows what the render has at A (p + k |p|^2 p)."""
    n, like = len(batch.picture), batch.boxes
    high, wide = batch.picture.shape[1:3]
    # Half of all pictures are taken nearly as large as cameras give them; the rest up to 2.4 times as large.
    zoom = torch.exp(log(closest) + log(1.15 / closest) * _uniform(dice, like, 0, 1, n) ** 0.6)
    turn = torch.where(
        _uniform(dice, like, 0, 1, n) < 0.5, _uniform(dice, like, -0.22, 0.22, n), torch.zeros_like(zoom)
    )
    stretch = torch.exp(_uniform(dice, like, -0.1, 0.1, n))
    mirror = _uniform(dice, like, 0, 1, n) < 0.5
    bend = torch.where(
        _uniform(dice, like, 0, 1, n) < 0.5, _uniform(dice, like, -0.15, 0.25, n), torch.zeros_like(zoom)
    )
    c, s = torch.cos(turn) * zoom, torch.sin(turn) * zoom
    side = torch.where(mirror, -1.0, 1.0)
    matrix = torch.stack([torch.stack([side * c * stretch, -s], 1), torch.stack([side * s * stretch, c], 1)], 1)
    room = (1.0 - zoom).clamp(min=0.12)[:, None] * 0.9
    shift = _uniform(dice, like, -1, 1, n, 2) * room * torch.tensor([1.0, high / wide], device=like.device)
    half = wide / 2.0
    y, x = torch.meshgrid(
        (torch.arange(rows, device=like.device) + 0.5 - rows / 2) / half,
        (torch.arange(wide, device=like.device) + 0.5 - wide / 2) / half,
        indexing="ij",
    )
    p = torch.stack([x, y], -1).reshape(1, -1, 2)
    r2 = (p * p).sum(-1, keepdim=True)
    source = (p * (1.0 + bend[:, None, None] * r2)) @ matrix.transpose(1, 2) + shift[:, None]
    grid = source * torch.tensor([1.0, wide / high], device=like.device)
    raw = batch.picture.permute(0, 3, 1, 2).float()
    grid = grid.reshape(n, rows, wide, 2)
    picture = nnf.grid_sample(raw, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    out = ((grid.abs() > 1.0).any(-1))[:, None]
    fill = torch.where(_uniform(dice, like, 0, 1, n, 1, 1, 1) < 0.5, 114.0, _uniform(dice, like, 0, 255, n, 3, 1, 1))
    picture = torch.where(out, fill, picture)
    inverse = torch.linalg.inv(matrix)

    def moved(points: Tensor) -> Tensor:
        """Pixels of the render (n, m, 2) to pixels of the new picture."""
        centre = torch.tensor([wide / 2, high / 2], device=like.device)
        q = ((points - centre) / half - shift[:, None]) @ inverse.transpose(1, 2)
        q = q.clamp(-4.0, 4.0)
        out_ = q
        for _ in range(8):
            out_ = q / (1.0 + bend[:, None, None] * (out_ * out_).sum(-1, keepdim=True)).clamp(min=0.4)
        return out_ * half + torch.tensor([wide / 2, rows / 2], device=like.device)

    joints = moved(batch.joints.reshape(n, -1, 2)).reshape(batch.joints.shape)
    left, top, right, bottom = batch.boxes.unbind(-1)
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    # The middles of the sides, and points a quarter in on the corners: a turned person does not fill the corners.
    x8 = torch.stack([left, right, middle_x, middle_x, 0.75 * left + 0.25 * right, 0.25 * left + 0.75 * right] * 1, -1)
    y8 = torch.stack([middle_y, middle_y, top, bottom, top, bottom], -1)
    ring = moved(torch.stack([x8, y8], -1).reshape(n, -1, 2)).reshape(*x8.shape, 2)
    boxes = torch.cat([ring.amin(2), ring.amax(2)], -1)
    order = torch.tensor(MIRROR, device=like.device)
    joints = torch.where(mirror[:, None, None, None], joints[:, :, order], joints)
    sight = torch.where(mirror[:, None, None], batch.sight[:, :, order], batch.sight)
    inside = (joints >= 0).all(-1) & (joints[..., 0] < wide) & (joints[..., 1] < rows)
    sight = torch.where(inside, sight, torch.full_like(sight, _OUTSIDE))
    return Batch(picture, boxes, batch.share, joints, sight)


def _softened(picture: Tensor, dice: torch.Generator) -> Tensor:
    """Blur of a lens out of focus, and of what moves."""
    n = len(picture)
    share = (_uniform(dice, picture, -2.5, 0.9, n, 1, 1, 1)).clamp(min=0.0)
    soft = nnf.avg_pool2d(nnf.pad(picture, (2, 2, 2, 2), mode="replicate"), 5, 1)
    picture = picture + share * (soft - picture)
    way = 3 if torch.rand(1, generator=dice, device=picture.device) < 0.5 else 2
    smear = sum(torch.roll(picture, step, way) for step in (-2, -1, 0, 1, 2)) / 5.0
    moving = (_uniform(dice, picture, 0, 1, n, 1, 1, 1) < 0.08).float()
    return picture + moving * (smear - picture)


def _relit(picture: Tensor, dice: torch.Generator) -> Tensor:
    """Brightness, contrast, gamma, tint, saturation, a slope of light over the picture, noise."""
    n = len(picture)
    x = (picture / 255.0).clamp(1e-4, 1.0) ** torch.exp(_uniform(dice, picture, -0.45, 0.45, n, 1, 1, 1))
    grey = x.mean(1, keepdim=True)
    colourful = _uniform(dice, picture, 0.2, 1.7, n, 1, 1, 1)
    colourful = torch.where(_uniform(dice, picture, 0, 1, n, 1, 1, 1) < 0.06, 0.0, colourful)
    x = grey + colourful * (x - grey)
    level = x.mean((1, 2, 3), keepdim=True)
    x = level + torch.exp(_uniform(dice, picture, -0.4, 0.4, n, 1, 1, 1)) * (x - level)
    x = x * torch.exp(_uniform(dice, picture, -0.16, 0.16, n, 3, 1, 1) + _uniform(dice, picture, -0.3, 0.3, n, 1, 1, 1))
    slope = torch.linspace(-1, 1, x.shape[-1], device=x.device).view(1, 1, 1, -1) * _uniform(
        dice, picture, -0.35, 0.35, n, 1, 1, 1
    )
    x = x * (1.0 + slope)
    strength = _uniform(dice, picture, -0.05, 0.04, n, 1, 1, 1).clamp(min=0.0)
    x = x + strength * torch.randn(x.shape, generator=dice, device=x.device)
    return x.clamp(0.0, 1.0) * 255.0


def _covered(picture: Tensor, batch: Batch, dice: torch.Generator) -> Batch:
    """Two rectangles of one colour over some pictures; the joints under them are hidden."""
    n, sight = len(picture), batch.sight
    rows, wide = picture.shape[2:]
    x = torch.arange(wide, device=picture.device).view(1, 1, 1, -1)
    y = torch.arange(rows, device=picture.device).view(1, 1, -1, 1)
    for _ in range(2):
        there = _uniform(dice, picture, 0, 1, n) < 0.25
        at = _uniform(dice, picture, 0, 1, n, 2) * torch.tensor([wide, rows], device=picture.device)
        size = torch.exp(_uniform(dice, picture, log(4.0), log(45.0), n, 2)) * (wide / WIDTH_PX)
        low, high = at - size, at + size
        inside = (x >= low[:, 0, None, None, None]) & (x < high[:, 0, None, None, None])
        inside = inside & (y >= low[:, 1, None, None, None]) & (y < high[:, 1, None, None, None])
        picture = torch.where(inside & there[:, None, None, None], _uniform(dice, picture, 0, 255, n, 3, 1, 1), picture)
        under = ((batch.joints >= low[:, None, None]) & (batch.joints < high[:, None, None])).all(-1)
        under = under & there[:, None, None] & (sight != _OUTSIDE)
        sight = torch.where(under, torch.full_like(sight, _HIDDEN), sight)
    return Batch(picture, batch.boxes, batch.share, batch.joints, sight)
