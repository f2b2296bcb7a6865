"""The network behind looks: a picture of goods to 64 numbers, alike for pictures of one product. Needs PyTorch.

The network says where the goods are (a mask of 12 x 12 cells, learned from the drawn masks), and pools what it sees
there at three depths: colours, parts, wholes. Trained by supervised contrast (Khosla et al., 2020): in a batch,
pictures of a product attract each other and repel all others, the other kinds of the same maker among them. Beside its
64 numbers stand 64 of a plain histogram of the colours where the goods are, which no training can spoil.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from walkout.learning.goods_views import SIDE_PX

NUMBERS = 64
CELLS = SIDE_PX // 8
_WIDTHS = (32, 64, 128)
_COLOURS = 48
GRID, SOFT, MIDDLE = 4, 0.16, 0.45
"""Of the colour histogram: steps of red, green and blue; how soft they are; the mean brightness it is brought to."""


def _layer(into: int, out: int, step: int = 1, size: int = 3) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(into, out, size, step, size // 2, bias=False), nn.BatchNorm2d(out), nn.ReLU())


class _Again(nn.Module):  # type: ignore[misc] # PyTorch is not among the locked packages
    """A layer that adds to what it gets."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = _layer(width, width)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.inner(x)


class LooksNet(nn.Module):  # type: ignore[misc] # PyTorch is not among the locked packages
    """Pictures (n, 3, 96, 96), RGB 0..1, to unit vectors (n, 64) and masks (n, 1, 12, 12) as logits."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c = _WIDTHS
        self.first = nn.Sequential(_layer(3, a, 4, 7), _Again(a))
        self.parts = nn.Sequential(_layer(a, b, 2), _Again(b), _Again(b))
        self.wholes = nn.Sequential(_layer(b, c, 2), _Again(c), _Again(c))
        self.where = nn.Conv2d(b + c, 1, 1)
        self.colours = nn.Sequential(nn.Conv2d(3, _COLOURS, 1), nn.ReLU(), nn.Conv2d(_COLOURS, _COLOURS, 1), nn.ReLU())
        self.mix = nn.Sequential(
            nn.BatchNorm1d(2 * _COLOURS + b + c),
            nn.Linear(2 * _COLOURS + b + c, 128),
            nn.ReLU(),
            nn.Linear(128, NUMBERS),
        )
        self.skip = nn.Linear(2 * _COLOURS + b + c, NUMBERS, bias=False)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Unit vectors and mask logits."""
        x = 2.0 * pictures - 1.0
        parts = self.parts(self.first(x))
        wholes = self.wholes(parts)
        above = functional.interpolate(wholes, scale_factor=2.0, mode="nearest")
        logits = self.where(torch.cat([parts, above], 1))
        mask = torch.sigmoid(logits)
        pixels = functional.avg_pool2d(x, 4)
        fine = functional.interpolate(mask, scale_factor=2.0, mode="bilinear", align_corners=False)
        colours = self.colours(pixels)
        inside = _pooled(colours, fine)
        about = _pooled(colours * colours, fine)
        seen = torch.cat([inside, about, _pooled(parts, mask), _pooled(wholes, functional.avg_pool2d(mask, 2))], 1)
        return functional.normalize(self.mix(seen) + self.skip(seen), dim=1), logits


def _pooled(x: Tensor, weight: Tensor) -> Tensor:
    """The mean where the mask is, with a little of everywhere, so that a blank mask divides by no zero."""
    w = weight + 0.02
    return (x * w).sum(dim=(2, 3)) / w.sum(dim=(2, 3))


def seen(net: LooksNet, pictures: Tensor) -> Tensor:
    """What coordinates are made of: the network's vectors (n, 64) beside where the goods' colours lie (n, 64)."""
    vectors, logits = net(pictures)
    return torch.cat([vectors, colours(pictures, torch.sigmoid(logits))], 1)


def colours(pictures: Tensor, masks: Tensor) -> Tensor:
    """The square roots of a soft histogram of colour where the mask is, (n, 64), in steps of a quarter.

    Brightness is made alike first, by its mean within the mask; a pixel counts to each colour of a grid by a Gaussian.
    """
    pixels = functional.avg_pool2d(pictures, 4)
    weight = functional.interpolate(masks, scale_factor=2.0, mode="bilinear", align_corners=False) + 0.02
    weight = (weight / weight.sum(dim=(2, 3), keepdim=True)).flatten(2)
    flat = pixels.flatten(2)
    bright = (weight * flat).sum(dim=(1, 2)) / 3.0 + 1e-3
    flat = (flat * (MIDDLE / bright)[:, None, None]).transpose(1, 2)
    steps = (torch.arange(GRID) + 0.5) / GRID
    grid = torch.stack(torch.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(1, 1, -1, 3)
    near = torch.exp(-((flat[:, :, None, :] - grid) ** 2).sum(3) / (2.0 * SOFT * SOFT))
    near = near / (near.sum(2, keepdim=True) + 1e-9)
    return torch.sqrt((weight @ near)[:, 0] + 1e-9)


def contrast(vectors: Tensor, products: Tensor, sharpness: Tensor | float) -> Tensor:
    """The supervised contrastive loss (Khosla et al., 2020, L_out) of unit vectors (n, d) of products (n,)."""
    alike = sharpness * vectors @ vectors.T
    self_ = torch.eye(len(products), dtype=torch.bool, device=products.device)
    alike = alike.masked_fill(self_, float("-inf"))
    logs = alike - torch.logsumexp(alike, 1, keepdim=True)
    same = (products[:, None] == products[None, :]) & ~self_
    return -(torch.where(same, logs, 0.0).sum(1) / same.sum(1).clamp(min=1)).mean()


def mask_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """How far the cells are from the drawn masks (n, 1, 12, 12), 0..1."""
    return functional.binary_cross_entropy_with_logits(logits, masks)


class Whitened(nn.Module):  # type: ignore[misc] # PyTorch is not among the locked packages
    """The network as it is shipped: pictures (n, 96, 96, 3), 0..255, to coordinates (n, d).

    `mean` (64,) and `axes` (64, d) come from `walkout.learning.looks_fit`.
    """

    def __init__(self, net: LooksNet, mean: Any, axes: Any) -> None:
        super().__init__()
        self.net = net
        self.mean = nn.Parameter(torch.as_tensor(mean, dtype=torch.float32), requires_grad=False)
        self.axes = nn.Parameter(torch.as_tensor(axes, dtype=torch.float32), requires_grad=False)

    def forward(self, pictures: Tensor) -> Tensor:
        """Coordinates (n, d), in which pictures of one product scatter by 1."""
        return (seen(self.net, pictures.permute(0, 3, 1, 2) / 255.0) - self.mean) @ self.axes
