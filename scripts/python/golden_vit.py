"""Golden data of the ViT, from Hugging Face transformers, and the two generations of its tensors' names."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.numpy import load_file, save_file
from transformers import ViTConfig, ViTForImageClassification

from golden_case import Case, Oracle, random_input, write_case
from golden_torch import load_random, run
from vit_names import aliases, hub_name, hub_names

INPUT, OUTPUT = "pixel_values", "logits"
Parameters = dict[str, int | float | bool | str]

ALIAS_CASE = "vit/aliases"


def vit(image: int, patch: int, hidden: int, layers: int, heads: int, mlp: int, labels: int,
        **others: int | float | bool | str) -> Parameters:
    """Parameters as Hugging Face's config names them; what `others` does not name keeps its default."""
    return {"image_size": image, "patch_size": patch, "hidden_size": hidden, "num_hidden_layers": layers,
            "num_attention_heads": heads, "intermediate_size": mlp, "num_labels": labels, **others}


# folder: (parameters, batch)
CONFIGS: dict[str, tuple[Parameters, int]] = {
    "vit/tiny": (vit(32, 8, 48, 3, 3, 96, 7), 1),
    "vit/no_qkv_bias_relu": (vit(48, 16, 80, 2, 5, 160, 10, qkv_bias=False, hidden_act="relu"), 1),
    "vit/odd": (vit(40, 8, 36, 2, 3, 52, 5, layer_norm_eps=1e-6), 1),
    "vit/one_layer": (vit(24, 8, 32, 1, 2, 64, 3), 1),
    "vit/one_channel": (vit(20, 4, 24, 2, 4, 40, 4, num_channels=1), 1),
    "vit/batch": (vit(16, 4, 32, 2, 2, 48, 6), 3),
    ALIAS_CASE: (vit(16, 4, 32, 2, 2, 64, 5), 1),
    "vit/base_patch16_224": (vit(224, 16, 768, 12, 12, 3072, 1000), 1),
}


def build(parameters: Parameters, attention: str) -> ViTForImageClassification:
    """The untrained model in inference mode."""
    config = ViTConfig(**parameters, attn_implementation=attention)
    with torch.device("meta"):
        model = ViTForImageClassification(config)
    return model.to_empty(device="cpu").eval()


class Logits(torch.nn.Module):
    """The model as a function of pixels that returns a tensor."""

    def __init__(self, model: ViTForImageClassification, interpolate: bool = False) -> None:
        super().__init__()
        self.model = model
        self.interpolate = interpolate

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """The logits."""
        return self.model(pixel_values=pixel_values, interpolate_pos_encoding=self.interpolate).logits


def write_aliases(folder: Path, model: ViTForImageClassification, weights: dict[str, np.ndarray]) -> None:
    """The mapping of names, and one checkpoint under both generations; `save_pretrained` confirms the mapping."""
    names = [{"gen_a": gen_a, "gen_b": gen_b} for gen_a, gen_b in aliases("vit")]
    (folder.parent / "aliases.json").write_text(json.dumps(names, indent=2) + "\n")
    with tempfile.TemporaryDirectory() as temporary:
        model.save_pretrained(temporary)
        saved = load_file(Path(temporary) / "model.safetensors")
        (folder / "config.json").write_bytes((Path(temporary) / "config.json").read_bytes())
    assert saved.keys() == weights.keys()
    assert all(np.array_equal(saved[name], weights[name]) for name in saved)
    save_file(weights, folder / "weights_gen_a.safetensors")
    save_file({name: weights[hub_name(name)] for name in model.state_dict()}, folder / "weights_gen_b.safetensors")


def make(root: Path) -> None:
    """Write all cases. Eager attention takes its softmax in float32 always, so that float64 needs the sdpa implementation."""
    oracle = Oracle("transformers", transformers.__version__, "ViTForImageClassification")
    for seed, (folder, (parameters, batch)) in enumerate(CONFIGS.items(), start=1):
        model, precise = build(parameters, "eager"), build(parameters, "sdpa")
        weights = load_random(model, seed, hub_names)
        load_random(precise, seed, hub_names)
        config = model.config
        inputs = {INPUT: random_input(INPUT, (batch, config.num_channels, config.image_size, config.image_size), seed)}
        write_case(root, Case(folder, "vit.vtr", parameters, seed, oracle, inputs, OUTPUT,
                              run(Logits(precise), inputs, torch.float64), run(Logits(model), inputs, torch.float32)))
        if folder == ALIAS_CASE:
            write_aliases(root / folder, model, weights)
