"""Golden data of the seed's ViT: the PyTorch transcription, checked against the numpy one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

import seed_vit_numpy
from golden_case import Case, Oracle, random_input, random_weights, write_case
from seed_vit import SeedVitConfig, count_parameters, probabilities, tensor_shapes

MODEL = "seed_vit.vtr"
INPUT, OUTPUT = "pixel_values", "probabilities"
FIRST_SEED = 101
AGREEMENT = 1e-13

# folder: (configuration, batch)
CONFIGS: dict[str, tuple[SeedVitConfig, int]] = {
    "seed_vit/published": (SeedVitConfig(), 1),
    "seed_vit/odd": (SeedVitConfig(image_size=24, d_model=48, num_layers=2, num_heads=3, mlp_dim=80, num_classes=5), 1),
    "seed_vit/smallest": (SeedVitConfig(image_size=8, d_model=16, num_layers=1, num_heads=1, mlp_dim=16, num_classes=3), 1),
    "seed_vit/batch": (SeedVitConfig(image_size=12, patch_size=3, d_model=20, num_layers=2, num_heads=2, mlp_dim=24, num_classes=4), 3),
}


def run(pixels: np.ndarray, weights: dict[str, np.ndarray], config: SeedVitConfig, dtype: torch.dtype) -> np.ndarray:
    """The PyTorch transcription in `dtype`."""
    tensors = {name: torch.from_numpy(array).to(dtype) for name, array in weights.items()}
    return probabilities(torch.from_numpy(pixels).to(dtype), tensors, config).numpy()


def make(root: Path) -> None:
    """Write all cases."""
    assert count_parameters(SeedVitConfig()) == 150_858
    oracle = Oracle("torch", torch.__version__, "seed_vit.py (torch.nn.functional), confirmed by seed_vit_numpy.py")
    for seed, (folder, (config, batch)) in enumerate(CONFIGS.items(), start=FIRST_SEED):
        weights = random_weights(tensor_shapes(config), seed)
        pixels = random_input(INPUT, (batch, config.num_channels, config.image_size, config.image_size), seed)
        double = run(pixels, weights, config, torch.float64)
        for image, expected in zip(pixels, double):
            again = seed_vit_numpy.probabilities(image, weights, config.patch_size, config.num_heads, config.num_layers)
            assert np.abs(again - expected).max() < AGREEMENT
        write_case(root, Case(folder, MODEL, asdict(config), seed, oracle, {INPUT: pixels}, OUTPUT,
                              double, run(pixels, weights, config, torch.float32)))
