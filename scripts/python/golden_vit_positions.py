"""Golden data of the ViT with other positions than learned ones of the same image size.

Sinusoids are numpy's, put into Hugging Face's table of positions with a zero for the class token. Interpolation is that of
Hugging Face (bicubic) and of timm (bicubic with antialias), each in the library's own model.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import timm
import torch
import transformers
from timm.models.vision_transformer import VisionTransformer

from golden_case import Case, Oracle, random_input, write_case
from golden_torch import load_random, run, write_module_case
from golden_vit import INPUT, OUTPUT, Logits, Parameters, build, vit
from sinusoids import sinusoids
from vit_names import hub_names, hub_names_of_timm

MODEL = "vit.vtr"
FIRST_SEED = 21


def positions_of(kind: str, grid: int, features: int) -> np.ndarray:
    """The table [grid², features] of patches in rows."""
    numbers = np.arange(grid**2)
    if kind == "none":
        return np.zeros((grid**2, features))
    if kind == "sinusoidal":
        return sinusoids(numbers, features)
    return np.concatenate([sinusoids(numbers % grid, features // 2), sinusoids(numbers // grid, features // 2)], axis=1)


FORMULAS: dict[str, Parameters] = {
    "vit/sinusoidal": vit(32, 8, 48, 2, 3, 96, 7, positions="sinusoidal"),
    "vit/sinusoidal_2d": vit(40, 8, 36, 2, 3, 52, 5, positions="sinusoidal_2d"),
    "vit/no_positions": vit(24, 8, 32, 2, 2, 64, 3, positions="none"),
    "vit/tiny_patch16_224_sinusoidal_2d": vit(224, 16, 192, 12, 3, 768, 1000, positions="sinusoidal_2d"),
}
INTERPOLATED: dict[str, Parameters] = {
    "vit/larger": vit(56, 8, 48, 2, 3, 96, 7, trained_image_size=32),
    "vit/smaller": vit(24, 8, 32, 2, 2, 64, 3, trained_image_size=56),
    "vit/tiny_patch16_224_at_384": vit(384, 16, 192, 12, 3, 768, 1000, trained_image_size=224),
}
ANTIALIASED: dict[str, Parameters] = {
    name: vit(*sizes, layer_norm_eps=1e-6, trained_image_size=trained, antialias_positions=True)
    for name, sizes, trained in (("vit/larger_antialias", (56, 8, 48, 2, 3, 96, 7), 32),
                                 ("vit/smaller_antialias", (24, 8, 32, 2, 2, 64, 3), 56),
                                 ("vit/tiny_patch16_384_at_224", (224, 16, 192, 12, 3, 768, 1000), 384))
}
PUBLISHED_FORMULAS: dict[str, Parameters] = {
    f"vit/tiny_patch16_224_{name}": vit(224, 16, 192, 12, 3, 768, 1000, positions=kind)
    for name, kind in (("sinusoidal", "sinusoidal"), ("no_positions", "none"))
}


def make_hugging_face(root: Path, folder: str, parameters: Parameters, seed: int) -> None:
    """Write a case that Hugging Face's model computes, in sdpa and eager as golden_vit.py has it."""
    own = {name: value for name, value in parameters.items() if name not in ("positions", "trained_image_size")}
    size, kind = int(parameters["image_size"]), parameters.get("positions")
    inputs = {INPUT: random_input(INPUT, (1, 3, size, size), seed)}
    outputs = []
    for attention, dtype in ("sdpa", torch.float64), ("eager", torch.float32):
        model = build(own | {"image_size": parameters.get("trained_image_size", size)}, attention)
        load_random(model, seed, hub_names)
        model = model.to(dtype)
        if kind:
            table = positions_of(str(kind), size // int(parameters["patch_size"]), int(parameters["hidden_size"]))
            position = model.vit.embeddings.position_embeddings
            position.data = torch.from_numpy(np.pad(table, ((1, 0), (0, 0)))[None]).to(dtype)
        outputs.append(run(Logits(model, interpolate=not kind), inputs, dtype))
    oracle = Oracle("transformers", transformers.__version__, "ViTForImageClassification" + (", positions by numpy" if kind else ""))
    write_case(root, Case(folder, MODEL, parameters, seed, oracle, inputs, OUTPUT, *outputs))


def make_timm(root: Path, folder: str, parameters: Parameters, seed: int) -> None:
    """Write a case that timm's model computes."""
    module = VisionTransformer(img_size=parameters["trained_image_size"], patch_size=parameters["patch_size"],
                               embed_dim=parameters["hidden_size"], depth=parameters["num_hidden_layers"],
                               num_heads=parameters["num_attention_heads"], num_classes=parameters["num_labels"],
                               mlp_ratio=parameters["intermediate_size"] / parameters["hidden_size"], dynamic_img_size=True)
    size = int(parameters["image_size"])
    inputs = {INPUT: random_input(INPUT, (1, 3, size, size), seed)}
    oracle = Oracle("timm", timm.__version__, "VisionTransformer, dynamic_img_size")
    write_module_case(root, folder, MODEL, parameters, seed, oracle, inputs, OUTPUT, module,
                      lambda name: hub_names_of_timm(name, "vit", {"head": "classifier"}))


def make(root: Path) -> None:
    """Write all cases."""
    seed = FIRST_SEED
    for configs, write in (FORMULAS, make_hugging_face), (INTERPOLATED, make_hugging_face), (ANTIALIASED, make_timm), \
            (PUBLISHED_FORMULAS, make_hugging_face):
        for folder, parameters in configs.items():
            write(root, folder, parameters, seed)
            seed += 1
