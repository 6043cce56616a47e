"""The models of the benchmark, and how they grow."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

import golden_transformer
import golden_vit
import seed_vit
from golden_case import random_weights
from golden_torch import load_random
from model import SEED, Model, Parameters, filled
from vision import VISION
from vit_names import hub_names

class SeedVit(torch.nn.Module):
    """The seed's ViT as a module."""

    def __init__(self, config: seed_vit.SeedVitConfig) -> None:
        super().__init__()
        self.config = config
        weights = random_weights(seed_vit.tensor_shapes(config), SEED)
        self.names = {name: name.replace(".", "_") for name in weights}
        for name, array in weights.items():
            self.register_buffer(self.names[name], torch.from_numpy(array))

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """The probabilities."""
        weights = {name: getattr(self, attribute) for name, attribute in self.names.items()}
        return seed_vit.probabilities(pixel_values, weights, self.config)


def vit(name: str, image: int, patch: int, hidden: int, layers: int, heads: int, batch: int = 1) -> Model:
    """A ViT of Hugging Face's transformers with an MLP of four times its width."""
    parameters = golden_vit.vit(image, patch, hidden, layers, heads, 4 * hidden, 1000)
    return Model(name, "vit.vtr", parameters, {golden_vit.INPUT: (batch, 3, image, image)},
                 lambda: golden_vit.Logits(filled_vit(parameters)))


def filled_vit(parameters: Parameters) -> torch.nn.Module:
    """The untrained ViT with random weights, which have the Hub's names."""
    module = golden_vit.build(parameters, "sdpa")
    load_random(module, SEED, hub_names)
    return module


def small_vit(config: seed_vit.SeedVitConfig) -> Model:
    """The seed's ViT for CIFAR."""
    return Model("CIFAR ViT", "seed_vit.vtr", {}, {"pixel_values": (1, 3, config.image_size, config.image_size)},
                 lambda: SeedVit(config))


def transformer(name: str, source: int, target: int, width: int = 512, layers: int = 6) -> Model:
    """The base Transformer on given embeddings."""
    parameters: Parameters = {"d_model": width, "nhead": width // 64, "num_encoder_layers": layers, "num_decoder_layers": layers,
                              "dim_feedforward": 4 * width, "activation": "relu", "norm_first": False,
                              "source_length": source, "target_length": target}
    return Model(name, "transformer.vtr", parameters, {"src": (1, source, width), "tgt": (1, target, width)},
                 lambda: filled(golden_transformer.encoder_decoder(parameters)))


class CrossAttention(torch.nn.Module):
    """Latents that attend to tokens by one head."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query, self.key, self.value, self.output = (torch.nn.Linear(width, width) for _ in range(4))

    def forward(self, latent: torch.Tensor, token: torch.Tensor) -> torch.Tensor:
        """What the latents see."""
        query, key, value = (tensor.unsqueeze(1) for tensor in (self.query(latent), self.key(token), self.value(token)))
        return self.output(torch.nn.functional.scaled_dot_product_attention(query, key, value).squeeze(1))


def cross_attention(latents: int, tokens: int, width: int = 64) -> Model:
    """The entry of a Perceiver."""
    return Model(f"Cross-attention, {tokens} tokens", "../bench/cross_attention.vtr", {"latents": latents, "tokens": tokens, "width": width},
                 {"latent": (1, latents, width), "token": (1, tokens, width)}, lambda: filled(CrossAttention(width)))


MODELS = {model.name: model for model in [
    vit("ViT-B/16", 224, 16, 768, 12, 12),
    vit("ViT-B/16 batch 8", 224, 16, 768, 12, 12, batch=8),
    vit("ViT-B/32", 224, 32, 768, 12, 12),
    vit("ViT-L/16", 224, 16, 1024, 24, 16),
    vit("DeiT-S", 224, 16, 384, 12, 6),
    vit("DeiT-Ti", 224, 16, 192, 12, 3),
    small_vit(seed_vit.SeedVitConfig()),
    transformer("Transformer base", 64, 64),
    *VISION,
]}

@dataclass(frozen=True)
class Growth:
    """Models that differ in what `axis` counts; or one model, by as many threads as that says."""

    axis: str
    members: dict[int, Model]
    by_threads: bool = False


GROWTH = {
    "image size": Growth("pixels a side", {size: vit(f"DeiT-S at {size}", size, 16, 384, 12, 6) for size in (224, 384, 512, 1024)}),
    "batch": Growth("images", {batch: vit(f"DeiT-S, {batch} images", 224, 16, 384, 12, 6, batch) for batch in (1, 2, 8, 32)}),
    "tokens": Growth("source tokens", {n: transformer(f"Transformer, {n} tokens", n, 64, layers=1) for n in (64, 256, 1024, 4096)}),
    "keys": Growth("keys of 512 queries", {n: cross_attention(512, n) for n in (64, 512, 4096, 50176)}),
    "threads": Growth("threads", dict.fromkeys((1, 2), MODELS["ViT-B/16"]), by_threads=True),
}


def find(name: str) -> Model:
    """The model of that name."""
    return next(model for model in [*MODELS.values(), *(m for family in GROWTH.values() for m in family.members.values())]
                if model.name == name)


def relative_error(output: np.ndarray, reference: np.ndarray) -> float:
    """The largest difference, in units of the largest reference value."""
    if output.shape != reference.shape:
        return math.inf
    return float(np.abs(output - reference).max() / np.abs(reference).max())
