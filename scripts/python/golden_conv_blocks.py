"""Golden data of the convolutions that networks are built of, from a module of torch.nn."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from golden_case import Oracle
from golden_torch import Parameters, write_image_cases

# folder: (parameters, batch, seed)
CASES: dict[str, tuple[Parameters, int, int]] = {
    "conv_blocks/default": ({}, 1, 771),
    "conv_blocks/odd": ({"image_size": 45, "num_channels": 1, "hidden_size": 20, "large_kernel": 13, "dilation": 3, "groups": 5,
                         "num_labels": 5}, 2, 772),
    "conv_blocks/dilation_beyond_map": ({"image_size": 16, "hidden_size": 32, "large_kernel": 31, "dilation": 9, "num_labels": 6}, 1, 773),
}


def norm_conv(channels: int, features: int, kernel: int, groups: int = 1, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    """A convolution that keeps the size of the map (over the stride), and a batch norm."""
    return nn.Sequential(nn.Conv2d(channels, features, kernel, stride, kernel // 2 * dilation, dilation, groups, bias=False),
                         nn.BatchNorm2d(features))


class ConvBlocks(nn.Module):
    """One block of each kind."""

    def __init__(self, image_size: int = 64, num_channels: int = 3, hidden_size: int = 48, large_kernel: int = 31, small_kernel: int = 5,
                 dilation: int = 2, groups: int = 4, num_labels: int = 10) -> None:
        super().__init__()
        width = hidden_size
        self.stem = norm_conv(num_channels, width, 3, stride=2)
        self.separable = nn.ModuleDict({"depthwise": norm_conv(width, width, 3, width, stride=2),
                                        "pointwise": norm_conv(width, 2 * width, 1)})
        self.dilated = norm_conv(2 * width, width, 3, dilation=dilation)
        self.dilated_depthwise = norm_conv(width, width, 5, width, dilation=dilation)
        self.grouped = norm_conv(width, 2 * width, 3, groups)
        self.multiplied = norm_conv(2 * width, 4 * width, 3, 2 * width, stride=2)
        self.large = nn.ModuleDict({"large": norm_conv(4 * width, 4 * width, large_kernel, 4 * width),
                                    "small": norm_conv(4 * width, 4 * width, small_kernel, 4 * width)})
        self.max_pool = nn.MaxPool2d(3, 2, 1)
        self.avg_pool = nn.AvgPool2d(3, 1, 1)
        self.head = nn.Linear(4 * width, num_labels)

    def forward(self, image: Tensor) -> Tensor:
        x = self.max_pool(F.relu(self.stem(image)))
        x = F.relu(self.separable["pointwise"](F.relu(self.separable["depthwise"](x))))
        x = F.relu(self.dilated(x))
        x = x + self.dilated_depthwise(x)
        x = F.relu(self.grouped(x))
        x = self.multiplied(x)
        x = self.avg_pool(F.relu(x + self.large["large"](x) + self.large["small"](x)))
        return self.head(x.mean((2, 3)))


def make(root: Path) -> None:
    """Write all cases."""
    write_image_cases(root, "conv_blocks", Oracle("torch", torch.__version__, "golden_conv_blocks.py (torch.nn)"), ConvBlocks, CASES, 64)
