"""Golden data of emla2805's vision-transformer (commit 9e6e782): a PyTorch transcription, checked against a second one in numpy.

Against the seed's model: norms come before attention and MLP, tanh-GELU in the blocks too, the class embedding comes first and is what is
classified, the head begins with a norm, and the output is logits. Names of tensors are those of the seed's ViT plus `head.norm`. The
input is the image after the model's division by 255.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import seed_vit_numpy
from golden_case import Case, Oracle, random_input, random_weights, write_case
from seed_vit import NORM_EPS, SeedVitConfig, attention, space_to_depth, tensor_shapes

INPUT, OUTPUT = "pixel_values", "logits"
FIRST_SEED = 501
AGREEMENT = 1e-12

CONFIGS: dict[str, SeedVitConfig] = {
    "emla2805_vit/default": SeedVitConfig(),
    "emla2805_vit/odd": SeedVitConfig(image_size=24, patch_size=8, d_model=36, num_layers=2, num_heads=3, mlp_dim=52, num_classes=5),
}

Weights = dict[str, np.ndarray]


def shapes(config: SeedVitConfig) -> dict[str, tuple[int, ...]]:
    """The seed's tensors and the norm of the head."""
    return tensor_shapes(config) | {"head.norm.weight": (config.d_model,), "head.norm.bias": (config.d_model,)}


def forward(pixels: np.ndarray, weights: Weights, config: SeedVitConfig, dtype: torch.dtype) -> np.ndarray:
    """Logits [B, classes], by torch.nn.functional."""
    w = {name: torch.from_numpy(array).to(dtype) for name, array in weights.items()}
    images = torch.from_numpy(pixels).to(dtype)

    def linear(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.layer_norm(x, (config.d_model,), w[f"{name}.weight"], w[f"{name}.bias"], NORM_EPS)

    def mlp(x: torch.Tensor, name: str) -> torch.Tensor:
        return linear(F.gelu(linear(x, f"{name}.fc1"), approximate="tanh"), f"{name}.fc2")

    class_token = w["class_embedding"].expand(len(images), 1, config.d_model)
    x = torch.cat([class_token, linear(space_to_depth(images, config.patch_size), "patch_embedding")], dim=1) + w["position_embedding"]
    for i in range(config.num_layers):
        x = x + attention(norm(x, f"blocks.{i}.norm1"), w, f"blocks.{i}.attention", config.num_heads)
        x = x + mlp(norm(x, f"blocks.{i}.norm2"), f"blocks.{i}.mlp")
    return mlp(norm(x[:, 0], "head.norm"), "head").numpy()


def forward_numpy(image: np.ndarray, w: Weights, config: SeedVitConfig) -> np.ndarray:
    """Logits of one image, by the numpy functions of `seed_vit_numpy`."""
    ops = seed_vit_numpy

    def mlp(x: np.ndarray, name: str) -> np.ndarray:
        return ops.dense(ops.gelu_tanh(ops.dense(x, w, f"{name}.fc1")), w, f"{name}.fc2")

    embedded = ops.dense(ops.patches_of(image, config.patch_size), w, "patch_embedding")
    x = np.concatenate([w["class_embedding"], embedded]) + w["position_embedding"]
    for i in range(config.num_layers):
        x = x + ops.self_attention(ops.layer_norm(x, w, f"blocks.{i}.norm1"), w, f"blocks.{i}.attention", config.num_heads)
        x = x + mlp(ops.layer_norm(x, w, f"blocks.{i}.norm2"), f"blocks.{i}.mlp")
    return mlp(ops.layer_norm(x[0], w, "head.norm"), "head")


def make(root: Path) -> None:
    """Write all cases."""
    oracle = Oracle("torch", torch.__version__, "golden_emla2805.py (torch.nn.functional), confirmed in numpy")
    for seed, (folder, config) in enumerate(CONFIGS.items(), start=FIRST_SEED):
        weights = random_weights(shapes(config), seed)
        pixels = random_input(INPUT, (1, config.num_channels, config.image_size, config.image_size), seed)
        double = forward(pixels, weights, config, torch.float64)
        assert np.abs(forward_numpy(pixels[0], weights, config) - double[0]).max() < AGREEMENT
        write_case(root, Case(folder, "emla2805_vit.vtr", asdict(config), seed, oracle, {INPUT: pixels}, OUTPUT, double,
                              forward(pixels, weights, config, torch.float32)))
