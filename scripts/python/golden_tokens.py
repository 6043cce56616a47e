"""Golden data of vision transformers that change tokens or positions: TNT and the ViT with ReLU from timm, CPVT of timm's parts."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import timm
import torch
from timm.layers import PatchEmbed
from timm.models.tnt import TNT
from timm.models.twins import PosConv
from timm.models.vision_transformer import Block, VisionTransformer
from torch import Tensor, nn

from golden_case import Oracle
from golden_torch import write_image_cases
from vit_names import hub_names_of_timm

Parameters = dict[str, int | float | bool | str | list]
Cases = dict[str, tuple[Parameters, int, int]]

# folder: (parameters, batch, seed)
TNT_CASES: Cases = {
    "tnt/tiny": ({"image_size": 48, "embed_dim": 48, "inner_dim": 12, "depth": 2, "num_heads_inner": 2, "num_heads_outer": 3,
                  "num_labels": 7}, 1, 801),
    "tnt/odd": ({"image_size": 40, "patch_size": 10, "num_channels": 1, "embed_dim": 36, "inner_dim": 10, "depth": 2,
                 "num_heads_inner": 1, "num_heads_outer": 2, "mlp_ratio": 3.0, "first_stride": 5, "num_labels": 5}, 2, 802),
    "tnt/legacy": ({"image_size": 32, "patch_size": 8, "embed_dim": 40, "inner_dim": 8, "depth": 2, "num_heads_inner": 4,
                    "num_heads_outer": 4, "legacy": True, "num_labels": 6}, 1, 803),
    "tnt/s_patch16_224": ({"num_labels": 1000}, 1, 804),
}
CPVT: Cases = {
    "cpvt/token": ({"image_size": 32, "patch_size": 8, "embed_dim": 48, "depth": 3, "num_heads": 3, "num_labels": 7}, 1, 811),
    "cpvt/avg": ({"image_size": 40, "patch_size": 8, "embed_dim": 36, "depth": 2, "num_heads": 2, "mlp_ratio": 3.0,
                  "pool": "avg", "num_labels": 5}, 2, 812),
    "cpvt/tiny_224": ({"embed_dim": 192, "num_heads": 3, "num_labels": 1000}, 1, 813),
}
RELU: Cases = {
    "vit/relu": ({"image_size": 32, "patch_size": 8, "hidden_size": 48, "num_hidden_layers": 3, "num_attention_heads": 3,
                  "intermediate_size": 192, "hidden_act": "relu", "layer_norm_eps": 1e-6, "num_labels": 7}, 2, 821),
    "vit/base_patch16_224_relu": ({"hidden_act": "relu", "layer_norm_eps": 1e-6, "num_labels": 1000}, 1, 822),
}


class Cpvt(nn.Module):
    """DeiT's layers, and Twins' convolution of positions behind the first."""

    def __init__(self, num_labels: int, image_size: int = 224, patch_size: int = 16, num_channels: int = 3, embed_dim: int = 384,
                 depth: int = 12, num_heads: int = 6, mlp_ratio: float = 4.0, pool: str = "token") -> None:
        super().__init__()
        self.patch_embed = PatchEmbed(image_size, patch_size, num_channels, embed_dim)
        self.cls_token = nn.Parameter(torch.empty(1, 1, embed_dim)) if pool == "token" else None
        self.blocks = nn.ModuleList(Block(embed_dim, num_heads, mlp_ratio, qkv_bias=True, norm_layer=partial(nn.LayerNorm, eps=1e-6))
                                    for _ in range(depth))
        self.pos_block = nn.ModuleList([PosConv(embed_dim, embed_dim)])
        self.norm, self.head = nn.LayerNorm(embed_dim, eps=1e-6), nn.Linear(embed_dim, num_labels)

    def forward(self, image: Tensor) -> Tensor:
        """The logits."""
        x = self.patch_embed(image)
        prefix = 0 if self.cls_token is None else 1
        if prefix:
            x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], 1)
        for i, layer in enumerate(self.blocks):
            x = layer(x)
            if i == 0:
                x = torch.cat([x[:, :prefix], self.pos_block[0](x[:, prefix:], self.patch_embed.grid_size)], 1)
        x = self.norm(x)
        return self.head(x[:, 0] if prefix else x.mean(1))


def tnt(num_labels: int, image_size: int = 224, num_channels: int = 3, embed_dim: int = 384, inner_dim: int = 24,
        num_heads_outer: int = 6, **others: int | float | bool) -> nn.Module:
    """timm's TNT; the defaults are those of the description."""
    return TNT(img_size=image_size, in_chans=num_channels, num_classes=num_labels, embed_dim=embed_dim, inner_dim=inner_dim,
               num_heads_outer=num_heads_outer, **others)


def relu_vit(hidden_act: str, layer_norm_eps: float, num_labels: int, image_size: int = 224, patch_size: int = 16, hidden_size: int = 768,
             num_hidden_layers: int = 12, num_attention_heads: int = 12, intermediate_size: int = 3072) -> nn.Module:
    """timm's ViT with another activation."""
    return VisionTransformer(image_size, patch_size, num_classes=num_labels, embed_dim=hidden_size, depth=num_hidden_layers,
                             num_heads=num_attention_heads, mlp_ratio=intermediate_size / hidden_size, act_layer=hidden_act,
                             norm_layer=partial(nn.LayerNorm, eps=layer_norm_eps))


def names_on_hub(name: str) -> list[str]:
    """The names on the Hub of a tensor in timm's memory."""
    return hub_names_of_timm(name, "vit", {"head": "classifier"})


def make(root: Path) -> None:
    """Write all cases."""
    write_image_cases(root, "tnt", Oracle("timm", timm.__version__, "TNT"), tnt, TNT_CASES)
    write_image_cases(root, "cpvt", Oracle("timm", timm.__version__, "Block and PosConv"), Cpvt, CPVT)
    write_image_cases(root, "vit", Oracle("timm", timm.__version__, "VisionTransformer"), relu_vit, RELU, names_of=names_on_hub)
