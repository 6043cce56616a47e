"""Golden data of mixers that are written out: re-attention and linear attention in PyTorch modules of our own, gMLP from timm."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import timm
import torch
from timm.models.mlp_mixer import MlpMixer, SpatialGatingBlock
from timm.layers import GatedMlp
from torch import Tensor, nn
from torch.nn import functional as F

from golden_case import Oracle, random_input
from golden_torch import write_module_case

INPUT, OUTPUT = "pixel_values", "logits"
Parameters = dict[str, int | float | bool | str]

# folder: (parameters, batch, seed)
REATTENTION: dict[str, tuple[Parameters, int, int]] = {
    "reattention/tiny": ({"image_size": 32, "patch_size": 8, "hidden_size": 64, "num_layers": 2, "num_heads": 4, "mlp_dim": 96,
                          "num_labels": 7}, 1, 601),
    "reattention/odd": ({"image_size": 40, "patch_size": 8, "num_channels": 1, "hidden_size": 54, "num_layers": 2, "num_heads": 3,
                         "mlp_dim": 70, "num_labels": 5}, 2, 602),
    "reattention/default": ({"image_size": 224, "patch_size": 16, "hidden_size": 384, "num_layers": 16, "num_heads": 12,
                             "mlp_dim": 1152, "num_labels": 1000}, 1, 603),
}
LINEAR_ATTENTION: dict[str, tuple[Parameters, int, int]] = {
    "linear_attention/tiny": ({"image_size": 32, "patch_size": 8, "hidden_size": 64, "num_layers": 2, "num_heads": 4, "mlp_dim": 96,
                               "num_labels": 7}, 1, 611),
    "linear_attention/odd": ({"image_size": 40, "patch_size": 8, "num_channels": 1, "hidden_size": 54, "num_layers": 2, "num_heads": 3,
                              "mlp_dim": 70, "num_labels": 5}, 2, 612),
    "linear_attention/default": ({"image_size": 224, "patch_size": 16, "hidden_size": 384, "num_layers": 12, "num_heads": 6,
                                  "mlp_dim": 1536, "num_labels": 1000}, 1, 613),
}
GMLP: dict[str, tuple[Parameters, int, int]] = {
    "gmlp/tiny": ({"image_size": 32, "patch_size": 8, "hidden_size": 48, "num_layers": 3, "intermediate_size": 192, "num_labels": 7},
                  1, 621),
    "gmlp/odd": ({"image_size": 40, "patch_size": 8, "num_channels": 1, "hidden_size": 36, "num_layers": 2, "intermediate_size": 90,
                  "num_labels": 5}, 2, 622),
    "gmlp/s16_224": ({"image_size": 224, "patch_size": 16, "hidden_size": 256, "num_layers": 30, "intermediate_size": 1536,
                      "num_labels": 1000}, 1, 623),
}


class Heads(nn.Module):
    """The projections around a mixer of several heads."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.output = (nn.Linear(width, width) for _ in range(4))

    def split(self, x: Tensor) -> Tensor:
        """[batch, tokens, features] to [batch, heads, tokens, features of a head]."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, x: Tensor) -> Tensor:
        mixed = self.attend(self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x)))
        return self.output(mixed.transpose(1, 2).flatten(2))


class Reattention(Heads):
    """The maps of all heads pass a convolution of one pixel and a norm over heads, as DeepViT's authors have it."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__(width, heads)
        self.mix = nn.Conv2d(heads, heads, 1, bias=False)
        self.norm = nn.LayerNorm(heads)

    def attend(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        maps = (query @ key.mT / query.shape[-1] ** 0.5).softmax(-1)
        maps = self.mix(maps)
        maps = self.norm(maps.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return maps @ value


class LinearAttention(Heads):
    """Computed with all scores, which linear attention avoids."""

    def attend(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        scores = (F.elu(query) + 1) @ (F.elu(key) + 1).mT
        return scores / scores.sum(-1, keepdim=True) @ value


class Block(nn.Module):
    """A mixer and an MLP, normalized before."""

    def __init__(self, mixer: nn.Module, width: int, hidden: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.attention = mixer
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(width, hidden), "fc2": nn.Linear(hidden, width)})

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        return x + self.mlp["fc2"](F.gelu(self.mlp["fc1"](self.norm2(x))))


class Classifier(nn.Module):
    """Patches, blocks, and the class token or the mean of all tokens."""

    def __init__(self, mixer: type[Heads], class_token: bool, image_size: int, patch_size: int, hidden_size: int, num_layers: int,
                 num_heads: int, mlp_dim: int, num_labels: int, num_channels: int = 3) -> None:
        super().__init__()
        tokens = (image_size // patch_size) ** 2 + class_token
        self.patch_embed = nn.Conv2d(num_channels, hidden_size, patch_size, patch_size)
        self.cls_token = nn.Parameter(torch.empty(1, hidden_size)) if class_token else None
        self.pos_embed = nn.Parameter(torch.empty(tokens, hidden_size))
        self.blocks = nn.Sequential(*(Block(mixer(hidden_size, num_heads), hidden_size, mlp_dim) for _ in range(num_layers)))
        self.norm, self.head = nn.LayerNorm(hidden_size, eps=1e-6), nn.Linear(hidden_size, num_labels)

    def forward(self, image: Tensor) -> Tensor:
        x = self.patch_embed(image).flatten(2).mT
        if self.cls_token is not None:
            x = torch.cat([self.cls_token.expand(len(x), 1, -1), x], 1)
        x = self.norm(self.blocks(x + self.pos_embed))
        return self.head(x.mean(1) if self.cls_token is None else x[:, 0])


def gmlp(image_size: int, patch_size: int, hidden_size: int, num_layers: int, intermediate_size: int, num_labels: int,
         num_channels: int = 3) -> nn.Module:
    """timm's gMLP."""
    return MlpMixer(num_labels, image_size, num_channels, patch_size, num_layers, hidden_size, intermediate_size / hidden_size,
                    block_layer=SpatialGatingBlock, mlp_layer=GatedMlp)


def make(root: Path) -> None:
    """Write all cases."""
    own = Oracle("torch", torch.__version__, "golden_mixers.py (torch.nn)")
    theirs = Oracle("timm", timm.__version__, "MlpMixer of SpatialGatingBlock")
    for model, oracle, build, cases in (("reattention", own, partial(Classifier, Reattention, True), REATTENTION),
                                        ("linear_attention", own, partial(Classifier, LinearAttention, False), LINEAR_ATTENTION),
                                        ("gmlp", theirs, gmlp, GMLP)):
        for folder, (parameters, batch, seed) in cases.items():
            size = int(parameters["image_size"])
            shape = (batch, int(parameters.get("num_channels", 3)), size, size)
            write_module_case(root, folder, f"{model}.vtr", parameters, seed, oracle, {INPUT: random_input(INPUT, shape, seed)}, OUTPUT,
                              build(**parameters))
