"""Golden outputs of the layers of a ViT, taken by forward hooks on the modules of Hugging Face transformers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import torch

from golden_torch import load_random
from golden_vit import CONFIGS, INPUT, Logits, build
from vit_names import aliases, hub_name, hub_names

CASE = "vit/one_layer"
# Modules without tensors of their own, which the aliases of weights do not name.
CONTAINERS = [
    ("vit.encoder.layer.{i}", "vit.layers.{i}"),
    ("vit.encoder.layer.{i}.attention", "vit.layers.{i}.attention"),
]


def layer_name(module: str) -> str:
    """The name on the Hub of a module in the memory of transformers 5."""
    for gen_a, gen_b in aliases("vit") + CONTAINERS:
        if match := re.fullmatch(re.escape(gen_b).replace(r"\{i\}", r"(\d+)"), module):
            return gen_a.format(i=match[1])
    return module


def tensor_of(module: torch.nn.Module, output: object) -> np.ndarray:
    """The tensor that a module returns; of a convolution patches by features, as the model goes on with it."""
    tensor = output[0] if isinstance(output, tuple) else output
    if isinstance(module, torch.nn.Conv2d):
        tensor = tensor.flatten(2).transpose(1, 2)
    return tensor.numpy().astype(np.float32)


def make(root: Path) -> None:
    """Write layers/NAME.npy beside the case: weights, aliases and containers, and nothing else of the model, have names in the description."""
    parameters, _ = CONFIGS[CASE]
    description = json.loads((root / CASE / "case.json").read_text())
    model = build(parameters, "sdpa")
    weights = load_random(model, description["seed"], hub_names)
    named = {name.rsplit(".", 1)[0] for name in weights} | {gen_a.format(i=0) for gen_a, _ in CONTAINERS} | {"vit.embeddings"}
    outputs: dict[str, np.ndarray] = {}
    for name, module in model.named_modules():
        if layer_name(name) in named:
            module.register_forward_hook(
                lambda module, _, output, name=layer_name(name): outputs.update({name: tensor_of(module, output)}))
    image = np.load(root / CASE / "input.npy")
    with torch.no_grad():
        Logits(model.double())(torch.from_numpy(image).double())
    folder = root / CASE / "layers"
    folder.mkdir(exist_ok=True)
    for name, values in outputs.items():
        np.save(folder / f"{name}.npy", np.ascontiguousarray(values))
    print(f"{CASE}: {len(outputs)} layers for input {INPUT}", flush=True)
