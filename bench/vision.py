"""Hierarchical and convolutional models of vision, as the scripts of the golden data build them.

Those whose code is in no package (T2T-ViT, DeepViT, FFNet) are measured where ORACLES names a folder with clones of it: docs/golden.md.
"""

from __future__ import annotations

import os
from functools import partial
from typing import Callable
from unittest import mock

import torch
from timm.models.nest import Nest
from timm.models.twins import Twins
from transformers import PvtConfig, PvtForImageClassification

import golden_authors
import golden_convnets
import golden_ffnet
import golden_pyramids
import golden_tokens
from golden_torch import own_name
from model import SEED, Model, Parameters, filled

Build = Callable[[], torch.nn.Module]


def vision(name: str, description: str, parameters: Parameters, build: Build, names_of: Callable[[str], list[str]] = own_name,
           size: int = 224, seed: int = SEED) -> Model:
    """A model of one image."""
    return Model(name, description, parameters, {golden_pyramids.INPUT: (1, 3, size, size)},
                 lambda: filled(build(), names_of, seed), seed)


def pvt(depths: list[int]) -> torch.nn.Module:
    """Hugging Face's PVT as a function that returns a tensor."""
    return golden_pyramids.Logits(PvtForImageClassification(PvtConfig(depths=depths, num_labels=1000)))


def timm_pyramid(kind: type[torch.nn.Module], **parameters: int | list) -> Build:
    """Twins or NesT of timm."""
    return partial(golden_pyramids.timm_model, kind, parameters)


def t2t(kind: type[torch.nn.Module]) -> torch.nn.Module:
    """T2T-ViT-14. Its performers ask for float32, which the reference in double precision must not get; nobody else in the process asks."""
    mock.patch.object(torch.Tensor, "float", lambda tensor: tensor).start()
    return golden_authors.t2t(kind, 1000)


def authors() -> list[Model]:
    """Models that run their authors' code."""
    if "ORACLES" not in os.environ:
        return []

    def kind(folder: str, package: str, module: str, name: str) -> type[torch.nn.Module]:
        return getattr(golden_authors.load_package(golden_authors.checkout(folder)[0], package, module), name)

    return [
        vision("T2T-ViT-14", "t2t_vit.vtr", {}, lambda: t2t(kind("T2T-ViT", "t2t_models", "t2t_vit", "T2T_ViT"))),
        vision("DeepViT-16", "deepvit.vtr", {},
               lambda: golden_authors.deepvit(kind("dvit_repo", "dvit_models", "deep_vision_transformer", "DeepVisionTransformer"), 1000)),
        vision("FFNet-1", "ffnet.vtr", {},
               lambda: golden_ffnet.ffnet(golden_ffnet.authors_module(golden_authors.checkout("FFNet")[0]).FFNet), size=256),
    ]


SVT_SMALL: Parameters = {"embed_dims": [64, 128, 256, 512], "num_heads": [2, 4, 8, 16], "depths": [2, 2, 10, 4], "wss": [7, 7, 7, 7]}
NEST_TINY: Parameters = {"embed_dims": [96, 192, 384], "num_heads": [3, 6, 12], "depths": [2, 2, 8]}
# Its softmax nearly chooses with random weights: a seed of which no choice is close.
EFFICIENTVIT_M4, _, EFFICIENTVIT_SEED = golden_convnets.EFFICIENTVIT["efficientvit/m4"]

VISION = [
    vision("Swin-T", "swin.vtr", {}, partial(golden_pyramids.timm_swin, 1000), golden_pyramids.swin_hub_names_of_timm),
    vision("PVT-Small", "pvt.vtr", {"depths": [3, 4, 6, 3]}, partial(pvt, [3, 4, 6, 3]), lambda name: [name.removeprefix("model.")]),
    vision("Twins-SVT-S", "twins.vtr", SVT_SMALL, timm_pyramid(Twins, **SVT_SMALL)),
    vision("NesT-T", "nest.vtr", NEST_TINY, timm_pyramid(Nest, **NEST_TINY)),
    vision("TNT-S", "tnt.vtr", {}, partial(golden_tokens.tnt, 1000)),
    vision("ConvNeXt-T", "convnext.vtr", {}, golden_convnets.convnext),
    vision("PoolFormer-S12", "poolformer.vtr", {"mean_before_norm": True}, golden_convnets.poolformer),
    vision("EfficientViT-M4", "efficientvit.vtr", EFFICIENTVIT_M4, partial(golden_convnets.efficientvit, **EFFICIENTVIT_M4),
           seed=EFFICIENTVIT_SEED),
    vision("ResNet-50", "resnet.vtr", {}, golden_convnets.resnet),
    *authors(),
]
