"""Golden data of convolutional networks, and of mixers between convolutions, from timm."""

from __future__ import annotations

from pathlib import Path

import timm
from timm.models.byobnet import ByobNet, ByoBlockCfg, ByoModelCfg
from timm.models.convnext import ConvNeXt
from timm.models.efficientvit_msra import EfficientVitMsra
from timm.models.metaformer import GroupNorm1, MetaFormer
from timm.models.nfnet import NfCfg, NormFreeNet
from timm.models.resnet import BasicBlock, Bottleneck, ResNet
from torch import nn

from golden_case import Oracle
from golden_torch import Parameters, write_image_cases

# folder: (parameters, batch, seed)
Cases = dict[str, tuple[Parameters, int, int]]

RESNET: Cases = {
    "resnet/tiny": ({"image_size": 64, "hidden_sizes": [32, 64, 96, 128], "depths": [1, 2, 1, 1], "num_labels": 7}, 1, 701),
    "resnet/odd": ({"image_size": 75, "hidden_sizes": [20, 36, 68, 100], "depths": [2, 1, 1, 1], "num_labels": 5}, 2, 702),
    "resnet/basic": ({"image_size": 64, "layer_type": "basic", "hidden_sizes": [64, 24, 40, 56], "depths": [1, 1, 2, 1],
                      "num_labels": 6}, 1, 703),
    "resnet/squeeze_excite": ({"image_size": 64, "hidden_sizes": [48, 192, 200, 256], "depths": [1, 2, 1, 1], "se_reduction": 16,
                               "num_labels": 7}, 1, 704),
    "resnet/resnet50": ({}, 1, 705),
    "resnet/seresnet50": ({"se_reduction": 16}, 1, 706),
}
REPVGG: Cases = {
    "repvgg/tiny": ({"image_size": 64, "embedding_size": 16, "hidden_sizes": [16, 32, 48, 64], "depths": [2, 2, 3, 1],
                     "num_labels": 7}, 1, 711),
    "repvgg/odd": ({"image_size": 77, "embedding_size": 8, "hidden_sizes": [24, 24, 40, 56], "depths": [1, 3, 2, 2],
                    "num_labels": 5}, 2, 712),
    "repvgg/a0": ({}, 1, 713),
}
CONVNEXT: Cases = {
    "convnext/tiny": ({"image_size": 64, "hidden_sizes": [16, 32, 48, 64], "depths": [1, 2, 3, 1], "num_labels": 7}, 1, 721),
    "convnext/odd": ({"image_size": 68, "hidden_sizes": [12, 20, 36, 52], "depths": [1, 1, 2, 1], "num_labels": 5}, 2, 722),
    "convnext/convnext_tiny": ({}, 1, 723),
}
POOLFORMER: Cases = {
    "poolformer/tiny": ({"image_size": 64, "hidden_sizes": [16, 32, 48, 64], "depths": [1, 2, 3, 1], "mean_before_norm": True,
                          "num_labels": 7}, 1, 731),
    "poolformer/odd": ({"image_size": 75, "hidden_sizes": [12, 20, 36, 52], "depths": [2, 1, 1, 1], "pool_size": 5,
                        "mean_before_norm": True, "num_labels": 5}, 2, 732),
    "poolformer/poolformer_s12": ({"mean_before_norm": True}, 1, 733),
}
# Its residuals grow with random weights, and its softmax becomes a choice; seeds are such that no choice is close.
EFFICIENTVIT: Cases = {
    "efficientvit/tiny": ({"image_size": 128, "embed_dim": [32, 48, 64], "num_heads": [2, 3, 4], "depth": [1, 2, 1],
                           "window_size": [4, 4, 4], "kernels": [7, 5, 3, 3], "num_labels": 7}, 1, 741),
    "efficientvit/odd": ({"image_size": 112, "embed_dim": [24, 36, 40], "key_dim": [8, 12, 10], "num_heads": [3, 2, 2],
                          "depth": [2, 1, 1], "kernels": [3, 5, 3], "num_labels": 5}, 2, 742),
    "efficientvit/m0": ({}, 1, 746),
    "efficientvit/m4": ({"embed_dim": [128, 256, 384], "kernels": [7, 5, 3, 3]}, 1, 746),
}
NFNET: Cases = {
    "nfnet/tiny": ({"image_size": 64, "embedding_size": 32, "hidden_sizes": [32, 48, 64, 64], "depths": [1, 2, 2, 1], "group_size": 8,
                    "num_features": 96, "num_labels": 7}, 1, 751),
    "nfnet/odd": ({"image_size": 96, "embedding_size": 16, "hidden_sizes": [48, 48, 96, 80], "depths": [2, 1, 1, 2],
                   "group_size": 24, "num_features": 56, "num_labels": 5}, 2, 752),
    "nfnet/dm_nfnet_f0": ({}, 1, 753),
}


def resnet(image_size: int = 224, hidden_sizes: tuple[int, ...] = (256, 512, 1024, 2048),
           depths: tuple[int, ...] = (3, 4, 6, 3), layer_type: str = "bottleneck", se_reduction: int = 0,
           num_labels: int = 1000) -> nn.Module:
    """ResNet; timm's `se` reduces to a sixteenth."""
    assert se_reduction in (0, 16)
    block = Bottleneck if layer_type == "bottleneck" else BasicBlock
    return ResNet(block, depths, num_labels, channels=tuple(size // block.expansion for size in hidden_sizes),
                  block_args={"attn_layer": "se"} if se_reduction else {})


def repvgg(image_size: int = 224, embedding_size: int = 48,
           hidden_sizes: tuple[int, ...] = (48, 96, 192, 1280), depths: tuple[int, ...] = (2, 4, 14, 1),
           num_labels: int = 1000) -> nn.Module:
    """RepVGG as it is trained; timm rounds sizes to multiples of 8."""
    assert not any(size % 8 for size in (embedding_size, *hidden_sizes))
    blocks = tuple(ByoBlockCfg(type="rep", d=depth, c=size) for depth, size in zip(depths, hidden_sizes))
    return ByobNet(ByoModelCfg(blocks=blocks, stem_type="rep", stem_chs=embedding_size), num_labels)


def convnext(image_size: int = 224, hidden_sizes: tuple[int, ...] = (96, 192, 384, 768),
             depths: tuple[int, ...] = (3, 3, 9, 3), num_labels: int = 1000) -> nn.Module:
    """ConvNeXt."""
    return ConvNeXt(num_classes=num_labels, depths=depths, dims=hidden_sizes)


def poolformer(image_size: int = 224, hidden_sizes: tuple[int, ...] = (64, 128, 320, 512),
               depths: tuple[int, ...] = (2, 2, 6, 2), pool_size: int = 3, mean_before_norm: bool = True,
               num_labels: int = 1000) -> nn.Module:
    """PoolFormer, timm's MetaFormer of poolings."""
    assert mean_before_norm
    return MetaFormer(num_classes=num_labels, depths=depths, dims=hidden_sizes, downsample_norm=None, mlp_act=nn.GELU,
                      mlp_bias=True, norm_layers=GroupNorm1, layer_scale_init_values=1e-5, res_scale_init_values=None,
                      use_mlp_head=False, pool_size=pool_size)


def efficientvit(image_size: int = 224, embed_dim: tuple[int, ...] = (64, 128, 192),
                 key_dim: tuple[int, ...] = (16, 16, 16), depth: tuple[int, ...] = (1, 2, 3), num_heads: tuple[int, ...] = (4, 4, 4),
                 window_size: tuple[int, ...] = (7, 7, 7), kernels: tuple[int, ...] = (5, 5, 5, 5),
                 num_labels: int = 1000) -> nn.Module:
    """EfficientViT with cascaded group attention."""
    return EfficientVitMsra(image_size, 3, num_labels, embed_dim, key_dim, depth, num_heads, window_size, kernels)


def nfnet(image_size: int = 192, embedding_size: int = 128,
          hidden_sizes: tuple[int, ...] = (256, 512, 1536, 1536), depths: tuple[int, ...] = (1, 2, 6, 3), group_size: int = 128,
          num_features: int = 3072, num_labels: int = 1000) -> nn.Module:
    """DeepMind's NFNet, its last multiplier of each block included."""
    config = NfCfg(depths=depths, channels=hidden_sizes, stem_type="deep_quad", stem_chs=embedding_size, group_size=group_size,
                   extra_conv=True, gamma_in_act=True, same_padding=True, skipinit=True, num_features=num_features,
                   act_layer="gelu", attn_layer="se", attn_kwargs={"rd_ratio": 0.5})
    return NormFreeNet(config, num_labels)


def make(root: Path) -> None:
    """Write all cases."""
    for model, implementation, build, cases, image_size in (("resnet", "ResNet", resnet, RESNET, 224),
                                                            ("repvgg", "ByobNet of RepVggBlock", repvgg, REPVGG, 224),
                                                            ("convnext", "ConvNeXt", convnext, CONVNEXT, 224),
                                                            ("poolformer", "MetaFormer of Pooling", poolformer, POOLFORMER, 224),
                                                            ("efficientvit", "EfficientVitMsra", efficientvit, EFFICIENTVIT, 224),
                                                            ("nfnet", "NormFreeNet", nfnet, NFNET, 192)):
        write_image_cases(root, model, Oracle("timm", timm.__version__, implementation), build, cases, image_size)
