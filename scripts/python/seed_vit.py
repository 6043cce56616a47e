"""The seed's vision transformer for small images, in PyTorch: a transcription of its `make_ViT`, used for training and as an oracle.

It is not the paper's ViT: normalization comes after each residual, the feed-forward layers use ReLU, the class embedding is appended
*behind* the patches, and yet token 0, which is the first patch, is classified.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Mapping

import torch
import torch.nn.functional as F

NORM_EPS = 1e-6


@dataclass(frozen=True)
class SeedVitConfig:
    """The parameters of the description; the defaults are the published configuration (150,858 parameters)."""

    image_size: int = 32
    patch_size: int = 4
    num_channels: int = 3
    num_layers: int = 4
    d_model: int = 64
    num_heads: int = 4
    mlp_dim: int = 128
    num_classes: int = 10

    @property
    def num_tokens(self) -> int:
        """Patches and the class embedding."""
        return (self.image_size // self.patch_size) ** 2 + 1

    @property
    def patch_dim(self) -> int:
        """Values in one patch."""
        return self.patch_size**2 * self.num_channels


def tensor_shapes(config: SeedVitConfig) -> dict[str, tuple[int, ...]]:
    """Names and shapes of all weights; linear weights are [out, in]."""
    d = config.d_model
    shapes: dict[str, tuple[int, ...]] = {}

    def linear(name: str, inputs: int, outputs: int) -> None:
        shapes[f"{name}.weight"] = (outputs, inputs)
        shapes[f"{name}.bias"] = (outputs,)

    def norm(name: str) -> None:
        shapes[f"{name}.weight"] = (d,)
        shapes[f"{name}.bias"] = (d,)

    linear("patch_embedding", config.patch_dim, d)
    shapes["class_embedding"] = (1, d)
    shapes["position_embedding"] = (config.num_tokens, d)
    for i in range(config.num_layers):
        for projection in ("query", "key", "value", "output"):
            linear(f"blocks.{i}.attention.{projection}", d, d)
        norm(f"blocks.{i}.norm1")
        linear(f"blocks.{i}.mlp.fc1", d, config.mlp_dim)
        linear(f"blocks.{i}.mlp.fc2", config.mlp_dim, d)
        norm(f"blocks.{i}.norm2")
    linear("head.fc1", d, config.mlp_dim)
    linear("head.fc2", config.mlp_dim, config.num_classes)
    return shapes


def count_parameters(config: SeedVitConfig) -> int:
    """The number of weights of a configuration."""
    return sum(math.prod(shape) for shape in tensor_shapes(config).values())


def space_to_depth(images: torch.Tensor, patch: int) -> torch.Tensor:
    """[B, C, H, W] to [B, H/p * W/p, p*p*C]; the values of a patch are ordered (dy, dx, c)."""
    batch, channels, height, width = images.shape
    grid = images.reshape(batch, channels, height // patch, patch, width // patch, patch)
    return grid.permute(0, 2, 4, 3, 5, 1).reshape(batch, -1, patch * patch * channels)


def attention(x: torch.Tensor, w: Mapping[str, torch.Tensor], name: str, heads: int) -> torch.Tensor:
    """Multi-head self-attention with a bias on all four projections."""
    batch, tokens, width = x.shape

    def project(part: str) -> torch.Tensor:
        projected = F.linear(x, w[f"{name}.{part}.weight"], w[f"{name}.{part}.bias"])
        return projected.reshape(batch, tokens, heads, width // heads).transpose(1, 2)

    scores = project("query") @ project("key").transpose(-1, -2) / math.sqrt(width // heads)
    mixed = (scores.softmax(-1) @ project("value")).transpose(1, 2).reshape(batch, tokens, width)
    return F.linear(mixed, w[f"{name}.output.weight"], w[f"{name}.output.bias"])


def forward(images: torch.Tensor, w: Mapping[str, torch.Tensor], config: SeedVitConfig, dropout: float = 0.0) -> torch.Tensor:
    """Logits [B, classes] of images [B, C, H, W] with values in [0, 1]; `dropout` is for training."""

    def linear(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        return F.layer_norm(x, (config.d_model,), w[f"{name}.weight"], w[f"{name}.bias"], NORM_EPS)

    def drop(x: torch.Tensor) -> torch.Tensor:
        return F.dropout(x, dropout) if dropout > 0 else x

    patches = linear(space_to_depth(images, config.patch_size), "patch_embedding")
    class_token = w["class_embedding"].expand(images.shape[0], 1, config.d_model)
    x = torch.cat([patches, class_token], dim=1) + w["position_embedding"]
    for i in range(config.num_layers):
        x = norm(x + drop(attention(x, w, f"blocks.{i}.attention", config.num_heads)), f"blocks.{i}.norm1")
        hidden = F.relu(linear(x, f"blocks.{i}.mlp.fc1"))
        x = norm(x + drop(linear(hidden, f"blocks.{i}.mlp.fc2")), f"blocks.{i}.norm2")
    return linear(F.gelu(linear(x[:, 0], "head.fc1"), approximate="tanh"), "head.fc2")


def probabilities(images: torch.Tensor, w: Mapping[str, torch.Tensor], config: SeedVitConfig) -> torch.Tensor:
    """The model's output: the softmax of the logits."""
    return forward(images, w, config).softmax(-1)
