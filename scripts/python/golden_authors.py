"""Golden data from the code of papers' authors, of which ORACLES names a folder with clones: T2T-ViT (github.com/yitu-opensource/T2T-ViT),
dvit_repo (github.com/zhoudaquan/dvit_repo) and VisualTransformers (github.com/tahmid0007/VisualTransformers)."""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from unittest import mock

import torch
from torch import nn

from golden_case import Oracle
from golden_torch import write_image_cases

Parameters = dict[str, int | float | bool | str | list]
Cases = dict[str, tuple[Parameters, int, int]]

# folder: (parameters, batch, seed). Keys of 64 random features would be so long that performers see nothing: exp(-|k|² / 2) is 1e-14.
T2T: Cases = {
    "t2t_vit/performer": ({"image_size": 64, "token_dim": 8, "embed_dim": 48, "depth": 2, "num_heads": 3, "mlp_ratio": 2.0,
                           "num_labels": 7}, 1, 901),
    "t2t_vit/transformer": ({"image_size": 48, "tokens_type": "transformer", "token_dim": 12, "embed_dim": 36,
                             "depth": 2, "num_heads": 2, "qk_scale": 0.17, "num_labels": 5}, 2, 902),
    "t2t_vit/7": ({"embed_dim": 256, "depth": 7, "num_heads": 4, "mlp_ratio": 2.0, "num_labels": 1000}, 1, 903),
    "t2t_vit/t_14": ({"tokens_type": "transformer", "num_labels": 1000}, 1, 904),
}
DEEPVIT: Cases = {
    "deepvit/tiny": ({"image_size": 32, "patch_size": 8, "embed_dim": 48, "depth": 3, "num_heads": 4, "num_labels": 7}, 1, 911),
    # As DeepViT-S: convolutions before, re-attention in the last layers only, scales around the branches.
    "deepvit/convolutions": ({"image_size": 32, "patch_size": 8, "num_channels": 1, "embed_dim": 36, "depth": 3, "num_heads": 3,
                              "mlp_ratio": 2.0, "re_attention_layers": 2, "scale_adjustment": 0.5, "transform_scale": True,
                              "use_cnn_embed": True, "num_labels": 5}, 2, 912),
    "deepvit/16b": ({"num_labels": 1000}, 1, 913),
}
VISUAL_TRANSFORMER: Cases = {
    "visual_transformer/tiny": ({"image_size": 16, "num_blocks": [1, 2, 1], "num_tokens": 4, "dim": 32, "depth": 2, "heads": 2,
                                 "mlp_dim": 40, "num_labels": 7}, 1, 921),
    "visual_transformer/cifar": ({"num_labels": 10}, 1, 922),
}


def checkout(name: str) -> tuple[Path, str]:
    """A clone and its commit."""
    folder = Path(os.environ["ORACLES"]) / name
    commit = subprocess.run(["git", "-C", folder, "log", "-1", "--format=%h"], check=True, capture_output=True, text=True).stdout
    return folder, commit.strip()


def load_package(folder: Path, name: str, module: str) -> object:
    """The module of a package that is a folder called `models`, as several are; it becomes the package `name`."""
    spec = importlib.util.spec_from_file_location(name, folder / "models" / "__init__.py",
                                                  submodule_search_locations=[str(folder / "models")])
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])
    return importlib.import_module(f"{name}.{module}")


def t2t(kind: type[nn.Module], num_labels: int, image_size: int = 224, num_channels: int = 3, embed_dim: int = 384, depth: int = 14,
        num_heads: int = 6, mlp_ratio: float = 3.0, qk_scale: float = 0.0, **others: int | str) -> nn.Module:
    """T2T-ViT; the defaults are those of the description."""
    return kind(img_size=image_size, in_chans=num_channels, num_classes=num_labels, embed_dim=embed_dim, depth=depth, num_heads=num_heads,
                mlp_ratio=mlp_ratio, qk_scale=qk_scale or None, **others)


def deepvit(kind: type[nn.Module], num_labels: int, image_size: int = 224, num_channels: int = 3, embed_dim: int = 384, depth: int = 16,
            mlp_ratio: float = 3.0, re_attention_layers: int | None = None, **others: int | float | bool) -> nn.Module:
    """DeepViT; the defaults are those of the description."""
    exchanging = depth if re_attention_layers is None else re_attention_layers
    return kind(img_size=image_size, in_chans=num_channels, num_classes=num_labels, embed_dim=embed_dim, depth=[False] * depth,
                apply_transform=[False] * (depth - exchanging) + [True] * exchanging, mlp_ratio=mlp_ratio, qkv_bias=True,
                norm_layer=partial(nn.LayerNorm, eps=1e-6), **others)


def visual_transformer(source: dict[str, type[nn.Module]], num_labels: int, image_size: int = 32, num_blocks: list[int] | None = None,
                       **others: int) -> nn.Module:
    """The ResNet with tokens; maps of any size pass it."""
    return source["ViTResNet"](source["BasicBlock"], num_blocks or [3, 3, 3], num_classes=num_labels, **others)


def definitions(path: Path) -> dict[str, type[nn.Module]]:
    """What a script defines before it sets the size of its batches, which is one here, and trains."""
    names: dict[str, object] = {"BATCH_SIZE_TRAIN": 1}
    exec(path.read_text().split("\nBATCH_SIZE_TRAIN = ")[0], names)
    return names


def make(root: Path) -> None:
    """Write all cases."""
    folder, commit = checkout("T2T-ViT")
    kind = load_package(folder, "t2t_models", "t2t_vit").T2T_ViT
    # Its performers ask for float32, which would spoil the run in double precision.
    with mock.patch.object(torch.Tensor, "float", lambda tensor: tensor):
        write_image_cases(root, "t2t_vit", Oracle("T2T-ViT", commit, "T2T_ViT"), partial(t2t, kind), T2T)
    folder, commit = checkout("dvit_repo")
    kind = load_package(folder, "dvit_models", "deep_vision_transformer").DeepVisionTransformer
    write_image_cases(root, "deepvit", Oracle("dvit_repo", commit, "DeepVisionTransformer"), partial(deepvit, kind), DEEPVIT)
    folder, commit = checkout("VisualTransformers")
    build, oracle = partial(visual_transformer, definitions(folder / "ResViT.py")), Oracle("VisualTransformers", commit, "ViTResNet")
    write_image_cases(root, "visual_transformer", oracle, build, VISUAL_TRANSFORMER, image_size=32)
