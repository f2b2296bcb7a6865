"""Crops of people as the second look sees them, cut on the training device around what the first look says.

The pose network looks at the same bent and relit picture, halved, so its errors are its own: joints off, and left taken
for right. Needs PyTorch.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as nnf
from torch import Tensor

from walkout.learning.augment import Batch, augmented
from walkout.learning.pose_loss import people_of
from walkout.learning.pose_net import BOX, FINE, OFFSETS, SEEN, SPREAD, STRIDE, PoseNet
from walkout.sensing.vision.letterbox import GREY
from walkout.sensing.vision.pose import MOST_REACH, Tuning
from walkout.sensing.vision.refine import AROUND, CROP_PX, HILL_PX, LEAST_PX, OF_BOX, K

LARGE_HEIGHT_PX = 384
"""Rows of a picture of twice the first network's size."""
CLOSEST = 0.6
"""At least so much of a render's width is in its picture: enlarged further, pixels would be softer than a camera's."""
LEAST_CENTRE = 0.3
_TWICE = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Crops:
    """m people: what the network takes, where their joints truly are in the crop's pixels, and whether they are seen.

    `picture` (m, 11, 128, 128), `joints` (m, 8, 2), `sight` (m, 8) as in Chunk.
    """

    picture: Tensor
    joints: Tensor
    sight: Tensor


def crops_of(batch: Batch, first: PoseNet, dice: torch.Generator, most: int) -> Crops:
    """People of large renders, at most so many, after the pictures were changed as other cameras would."""
    large = augmented(batch, dice, LARGE_HEIGHT_PX, CLOSEST)
    image, person, places, boxes = _first(large, first)
    image, person, places, boxes = image[:most], person[:most], places[:most], boxes[:most]
    squares = _squares(places, boxes)
    m, like = len(image), squares
    shift = (torch.rand((m, 2), generator=dice, device=like.device) - 0.5) * 0.16
    grown = torch.exp((torch.rand((m, 1), generator=dice, device=like.device) - 0.4) * 0.4)
    squares = torch.cat([squares[:, :2] + (0.5 * (1.0 - grown) + shift) * squares[:, 2:], squares[:, 2:] * grown], 1)
    picture = _cut(large.picture, image, squares)
    per_px = CROP_PX / squares[:, None, 2:]
    told = (places - squares[:, None, :2]) * per_px
    told = torch.where(torch.rand((m, K, 1), generator=dice, device=like.device) < 0.04, torch.nan, told)
    middles = torch.arange(CROP_PX, device=like.device) + 0.5
    hills = torch.exp(-((middles - told[..., None]) ** 2) / (2.0 * HILL_PX**2))
    hills = torch.nan_to_num(hills[:, :, 1, :, None] * hills[:, :, 0, None, :])
    joints = (large.joints[image, person] - squares[:, None, :2]) * per_px
    return Crops(torch.cat([picture, hills], 1), joints, large.sight[image, person])


def _first(large: Batch, first: PoseNet) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Whom the pose network finds: picture, person, joints (m, 8, 2) with NaN and boxes (m, 4), in large pixels."""
    picture = nnf.avg_pool2d(large.picture, 2).contiguous(memory_format=torch.channels_last)
    fast = picture.device.type == "cuda"
    with torch.no_grad(), torch.autocast(picture.device.type, dtype=torch.bfloat16, enabled=fast):
        centres, people, hills = first(picture)
    centres, people = torch.sigmoid(centres.float()), people.float()
    small = Batch(picture, large.boxes / _TWICE, large.share, large.joints / _TWICE, large.sight)
    centre, boxes, asked, _ = people_of(small)
    rows, columns = people.shape[2:]
    step = torch.tensor([-1, 0, 1], device=people.device)
    near = torch.stack(torch.meshgrid(step, step, indexing="xy"), -1).reshape(1, 1, 9, 2)
    cell = (centre / STRIDE).floor().long()[:, :, None] + near
    cell = torch.stack([cell[..., 0].clamp(0, columns - 1), cell[..., 1].clamp(0, rows - 1)], -1)
    index = cell[..., 1] * columns + cell[..., 0]
    n, m = index.shape[:2]
    heights = centres.flatten(1).gather(1, index.flatten(1)).view(n, m, 9)
    best = heights.argmax(2, keepdim=True)
    at = index.gather(2, best)[..., 0]
    found = people.flatten(2).transpose(1, 2).gather(1, at[..., None].expand(-1, -1, people.shape[1]))
    middle = torch.stack([at % columns, at // columns], -1).add(0.5) * STRIDE
    places = found[..., OFFSETS].unflatten(-1, (K, 2)) + middle[:, :, None]
    boxes_told = found[..., BOX] + middle.repeat(1, 1, 2)
    # The cell must speak of this person and of no other who stands there.
    off = (places[:, :, None, :4] - small.joints[:, None, :, :4]).abs().sum(-1).mean(-1)
    off = off.masked_fill(~(small.share >= 0.0)[:, None], 1e9)
    own = off.argmin(2) == torch.arange(m, device=off.device)
    high = (boxes[..., 3] - boxes[..., 1]).clamp(min=16.0)
    own = own & (off.diagonal(dim1=1, dim2=2) < 0.35 * high)
    believed = torch.sigmoid(found[..., SEEN]) >= Tuning().least_joint
    places = torch.where(believed[..., None], places, torch.nan)
    kept = asked & own & (heights.amax(2) >= LEAST_CENTRE) & believed.any(-1)
    image, person = kept.nonzero(as_tuple=True)
    spread = found[image, person][:, SPREAD].clamp(-3.0, 6.0).exp() * 2.0**0.5
    told = _on_hills(places[image, person], spread, torch.sigmoid(hills.float())[image])
    return image, person, told * _TWICE, boxes_told[image, person] * _TWICE


def _on_hills(places: Tensor, spread: Tensor, hills: Tensor) -> Tensor:
    """Joints (m, 8, 2) on the tops of hills near, as `sensing.vision.pose_kernel.refine`; hills (m, 8, rows, columns).

    Tops lie between cells by a parabola through three logarithms.
    """
    tuning, rows, columns = Tuning(), hills.shape[2], hills.shape[3]
    at = places / FINE
    reach = (1.5 * spread / FINE + 1.0).clamp(1.5, MOST_REACH)[..., None]
    x, y = torch.arange(columns, device=at.device), torch.arange(rows, device=at.device)
    in_x = (x >= (at[..., :1] - reach).trunc()) & (x < (at[..., :1] + reach).trunc() + 1)
    in_y = (y >= (at[..., 1:] - reach).trunc()) & (y < (at[..., 1:] + reach).trunc() + 1)
    near_x = torch.exp(-((x + 0.5 - at[..., :1]) ** 2) / (2.0 * reach**2)) * in_x
    near_y = torch.exp(-((y + 0.5 - at[..., 1:]) ** 2) / (2.0 * reach**2)) * in_y
    worth = torch.nan_to_num(hills * near_y[..., :, None] * near_x[..., None, :]).flatten(2)
    high, best = worth.max(2, keepdim=True)
    logs = hills.flatten(2).clamp(min=1e-6).log()
    column, row = best % columns, best // columns
    here = logs.gather(2, best)

    def between(step: int, inner: Tensor) -> Tensor:
        low = logs.gather(2, (best - step).clamp(min=0))
        after = logs.gather(2, (best + step).clamp(max=rows * columns - 1))
        bend = low - 2.0 * here + after
        top = (0.5 * (low - after) / bend.clamp(max=-1e-9)).clamp(-0.5, 0.5)
        return torch.where(inner & (bend < -1e-9), top, 0.0)

    aside = between(1, (column > 0) & (column < columns - 1))
    above = between(columns, (row > 0) & (row < rows - 1))
    top = torch.cat([column + 0.5 + aside, row + 0.5 + above], 2) * FINE
    there = (high > 0.0) & (here.exp() >= tuning.least_hill) & ~places.isnan().any(-1, keepdim=True)
    return torch.where(there, top, places)


def _squares(places: Tensor, boxes: Tensor) -> Tensor:
    """As `sensing.vision.refine.squares_of`, without rounding."""
    low = torch.nan_to_num(places, nan=torch.inf).amin(1)
    high = torch.nan_to_num(places, nan=-torch.inf).amax(1)
    long_ = torch.maximum(AROUND * (high - low).amax(1), OF_BOX * (boxes[:, 2:] - boxes[:, :2]).amax(1))
    side = long_.clamp(min=LEAST_PX)[:, None]
    return torch.cat([(low + high) / 2.0 - side / 2.0, side], 1)


def _cut(pictures: Tensor, image: Tensor, squares: Tensor) -> Tensor:
    """Crops (m, 3, 128, 128) of pictures (n, 3, rows, columns), averaged where they shrink; grey where they end."""
    rows, columns = pictures.shape[2:]
    size = torch.tensor([columns, rows], device=pictures.device)
    fine = (torch.arange(2 * CROP_PX, device=pictures.device) + 0.5) / (2 * CROP_PX)
    at = (squares[:, None, :2] + fine[None, :, None] * squares[:, None, 2:]) / size * 2.0 - 1.0
    x = at[:, None, :, 0].expand(-1, 2 * CROP_PX, -1)
    y = at[:, :, None, 1].expand(-1, -1, 2 * CROP_PX)
    grid = torch.stack([x, y], -1)
    large = (pictures - float(GREY))[image]
    return nnf.avg_pool2d(nnf.grid_sample(large, grid, "bilinear", "zeros", align_corners=False), 2) + float(GREY)
