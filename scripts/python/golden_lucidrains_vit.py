"""Golden data of lucidrains' ViT, from the package vit-pytorch: norms around the patch projection, qkv in one and without bias."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from vit_pytorch import ViT

from golden_case import Oracle, random_input
from golden_torch import write_module_case

INPUT, OUTPUT = "pixel_values", "logits"
FIRST_SEED = 301

Parameters = dict[str, int | float | bool | str]
CONFIGS: dict[str, Parameters] = {
    "lucidrains_vit/cls": {"image_size": 32, "patch_size": 8, "num_classes": 7, "dim": 40, "depth": 2, "heads": 3, "dim_head": 16,
                           "mlp_dim": 72, "pool": "cls"},
    "lucidrains_vit/mean": {"image_size": 24, "patch_size": 8, "num_classes": 5, "dim": 36, "depth": 2, "heads": 2, "dim_head": 12,
                            "mlp_dim": 50, "pool": "mean"},
    "lucidrains_vit/one_head": {"image_size": 16, "patch_size": 8, "num_classes": 4, "dim": 24, "depth": 2, "heads": 1, "dim_head": 24,
                                "mlp_dim": 40, "pool": "cls"},
    # Each pixel a token: 4,096 of them.
    "lucidrains_vit/pixels": {"image_size": 64, "patch_size": 1, "num_classes": 10, "dim": 64, "depth": 2, "heads": 2, "dim_head": 32,
                              "mlp_dim": 128, "pool": "mean"},
    "lucidrains_vit/readme": {"image_size": 256, "patch_size": 32, "num_classes": 1000, "dim": 1024, "depth": 6, "heads": 16,
                              "dim_head": 64, "mlp_dim": 2048, "pool": "cls"},
}


def make(root: Path) -> None:
    """Write all cases."""
    oracle = Oracle("vit-pytorch", version("vit-pytorch"), "vit_pytorch.ViT")
    for seed, (folder, parameters) in enumerate(CONFIGS.items(), start=FIRST_SEED):
        size = int(parameters["image_size"])
        inputs = {INPUT: random_input(INPUT, (1, 3, size, size), seed)}
        write_module_case(root, folder, "lucidrains_vit.vtr", parameters, seed, oracle, inputs, OUTPUT, ViT(**parameters))
