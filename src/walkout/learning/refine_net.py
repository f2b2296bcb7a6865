"""The second look: one person's crop and where the pose network puts their joints, to better joints. Needs PyTorch.

A small hourglass of plain 3 x 3 convolutions, as `pose_net` is one. Where a joint is, is a choice among the cells of
the crop and one answer more, "not in this crop": a choice can be torn between two places (left and right) without
meeting in the middle between them, where no joint is.
"""

import io
from functools import partial

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from walkout.learning.pose_net import PoseNet, Residual, conv
from walkout.sensing.vision.refine import CHANNELS, MAPS, WHOLE

_WIDE = (16, 32, 64, 88)


class RefineNet(nn.Module):  # type: ignore[misc]
    """Crops float32 (n, 11, 128, 128), as `sensing.vision.refine` makes them, to maps (n, 32, 32, 32) and (n, 16).

    Maps: a logit of each joint's being in the cell, its place in cells from the cell's middle (8 x, then 8 y), the
    logarithm of its Laplace scale in pixels of the crop. The 16: logits of joints' being outside the crop, and of
    their being seen.
    """

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d = _WIDE
        self.stem = nn.Sequential(conv(CHANNELS, a, 3, 2), conv(a, b, 3, 2), Residual(b))
        self.eight = nn.Sequential(conv(b, c, 3, 2), Residual(c))
        self.sixteen = nn.Sequential(conv(c, d, 3, 2), Residual(d))
        self.all = nn.Linear(d, d)
        self.back8, self.merge8 = conv(d, c, 1), conv(c, c)
        self.back4, self.merge4 = conv(c, b, 1), conv(b, b)
        self.maps = nn.Sequential(conv(b, 48), nn.Conv2d(48, MAPS, 1))
        self.whole = nn.Sequential(nn.Linear(d, 48), nn.ReLU(inplace=True), nn.Linear(48, WHOLE))
        self.larger = nn.Upsample(scale_factor=2, mode="nearest")
        nn.init.normal_(self.maps[-1].weight, std=0.01)
        nn.init.zeros_(self.maps[-1].bias)

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Maps and the 16 of some crops."""
        picture = crops[:, :3] * (1.0 / 64.0) - 2.0
        four = self.stem(torch.cat([picture, crops[:, 3:]], 1))
        eight = self.eight(four)
        sixteen = self.sixteen(eight)
        # What the whole crop shows (which way somebody faces) is told to every place in it.
        sixteen = torch.relu(sixteen + self.all(sixteen.mean((2, 3)))[:, :, None, None])
        eight = self.merge8(eight + self.larger(self.back8(sixteen)))
        four = self.merge4(four + self.larger(self.back4(eight)))
        return self.maps(four), self.whole(sixteen.mean((2, 3)))


def first_look(model: bytes) -> PoseNet:
    """The pose network of an ONNX file that `pose_release.exported` made, to run in PyTorch, with logits.

    Raises ValueError for a file with other convolutions.
    """
    graph = onnx.load(io.BytesIO(model)).graph
    numbers = {entry.name: torch.from_numpy(numpy_helper.to_array(entry).copy()) for entry in graph.initializer}
    folded = [[numbers[name] for name in node.input[1:]] for node in graph.node if node.op_type == "Conv"]
    net, order = PoseNet(), []
    hooks = [
        part.register_forward_hook(partial(lambda one, *_: order.append(one)))
        for part in net.modules()
        if isinstance(part, nn.Conv2d | nn.BatchNorm2d)
    ]
    net.eval()
    with torch.no_grad():
        net(torch.zeros(1, 3, 64, 64))
        for hook in hooks:
            hook.remove()
        given = iter(folded)
        for part, after in zip(order, [*order[1:], None], strict=True):
            if isinstance(part, nn.BatchNorm2d):
                continue
            weight, bias = next(given, (torch.zeros(0), torch.zeros(0)))
            if weight.shape != part.weight.shape:
                raise ValueError(f"found a convolution of {tuple(weight.shape)}, right: {tuple(part.weight.shape)}")
            part.weight.copy_(weight)
            if part.bias is not None:
                part.bias.copy_(bias)
            elif isinstance(after, nn.BatchNorm2d):  # already within the convolution: it only has to pass it on
                after.weight.fill_((1.0 + after.eps) ** 0.5)
                after.bias.copy_(bias)
    return net
