"""The pose network: a picture in, centres of people, what each looks like, and where joints are out. Needs PyTorch.

Centres as in CenterNet (Zhou et al., "Objects as Points", 2019), on a grid of 8 pixels: at a person's cell stand box,
joints, how far off each may be, and whether it is seen. Joints are refined on a second grid of 4 pixels by heat maps
that belong to nobody. Plain 3 x 3 convolutions and ReLU: that is what processors are fastest at.
"""

from typing import Any

import torch
from torch import Tensor, nn

from walkout.recording.people import JOINTS

WIDTH_PX, HEIGHT_PX = 320, 192
STRIDE, FINE = 8, 4
"""Pixels of a cell of the centres' and of the joints' grid."""
K = len(JOINTS)
BOX, OFFSETS, SPREAD, SEEN = slice(0, 4), slice(4, 4 + 2 * K), slice(4 + 2 * K, 4 + 3 * K), slice(4 + 3 * K, 4 + 4 * K)
"""Channels of `people`: left, top, right, bottom and joints in pixels from the cell's middle, log of the Laplace scale
in pixels, logit of being seen."""
_REACH_PX = 32.0
"""What an output of 1 means for a box's side or a joint: near half a person, so that training starts well."""


def conv(inputs: int, outputs: int, size: int = 3, stride: int = 1, *, bend: bool = True) -> nn.Sequential:
    """A convolution that keeps places, a normalisation, and ReLU unless `bend` is false."""
    parts: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    if bend:
        parts.append(nn.ReLU(inplace=True))
    return nn.Sequential(*parts)


class Residual(nn.Module):  # type: ignore[misc]
    """Two convolutions and what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = conv(width, width), conv(width, width, bend=False)

    def forward(self, x: Tensor) -> Tensor:
        """As many maps as came in."""
        return torch.relu(x + self.second(self.first(x)))


class PoseNet(nn.Module):  # type: ignore[misc]
    """Pictures float32 (n, 3, 192, 320), red, green, blue, 0..255, to three maps.

    Centres (n, 1, 24, 40), people (n, 36, 24, 40) and joints (n, 8, 48, 80); centres and joints are logits until
    `ready` is set.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ready = False
        self.stem = nn.Sequential(conv(3, 16, 3, 2), conv(16, 32, 3, 2), Residual(32))
        self.eight = nn.Sequential(conv(32, 64, 3, 2), Residual(64), Residual(64))
        self.sixteen = nn.Sequential(conv(64, 96, 3, 2), Residual(96), Residual(96))
        self.deep = nn.Sequential(conv(96, 112, 3, 2), Residual(112), conv(112, 96, 1))
        self.merge16 = conv(96, 64)
        self.side8, self.merge8 = conv(64, 64, 1), conv(64, 64)
        self.side4, self.down4, self.merge4 = conv(32, 32, 1), conv(64, 32, 1), conv(32, 32)
        self.centre = nn.Sequential(conv(64, 48), nn.Conv2d(48, 1, 1))
        self.person = nn.Sequential(conv(64, 64), conv(64, 96, 1), nn.Conv2d(96, 4 + 4 * K, 1))
        self.heat = nn.Sequential(conv(32, 32), nn.Conv2d(32, K, 1))
        self.larger = nn.Upsample(scale_factor=2, mode="nearest")
        for last, bias in ((self.centre[-1], -4.0), (self.heat[-1], -4.0), (self.person[-1], 0.0)):
            nn.init.normal_(last.weight, std=0.01)
            nn.init.constant_(last.bias, bias)
        scale = torch.ones(4 + 4 * K, 1, 1)
        scale[: 4 + 2 * K] = _REACH_PX
        self.register_buffer("scale", scale)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The three maps of some pictures."""
        four = self.stem(picture * (1.0 / 64.0) - 2.0)
        eight = self.eight(four)
        sixteen = self.sixteen(eight)
        sixteen = self.merge16(sixteen + self.larger(self.deep(sixteen)))
        eight = self.merge8(self.side8(eight) + self.larger(sixteen))
        four = self.merge4(self.side4(four) + self.larger(self.down4(eight)))
        centres, people, joints = self.centre(eight), self.person(eight), self.heat(four)
        people = people * self.scale
        if self.ready:
            centres, joints = torch.sigmoid(centres), torch.sigmoid(joints)
        return centres, people, joints


def parameters(net: nn.Module) -> int:
    """How many numbers the network has learned."""
    return sum(p.numel() for p in net.parameters())


def device_name(device: Any) -> str:
    """What it runs on, in words."""
    return torch.cuda.get_device_name(device) if torch.device(device).type == "cuda" else "CPU"
