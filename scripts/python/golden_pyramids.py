"""Golden data of transformers on ever smaller maps: Swin and PVT from Hugging Face, Swin, Twins and NesT from timm."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import numpy as np
import timm
import torch
import transformers
from safetensors.numpy import save_file
from timm.models.nest import Nest
from timm.models.swin_transformer import SwinTransformer
from timm.models.twins import Twins
from transformers import PvtConfig, PvtForImageClassification, SwinConfig, SwinForImageClassification

from golden_case import Case, Oracle, random_input, write_case
from golden_torch import load_random, run, write_image_cases, write_module_case

INPUT, OUTPUT = "pixel_values", "logits"
Parameters = dict[str, int | float | bool | str | list]
Cases = dict[str, tuple[Parameters, int, int]]

# One checkpoint under the names on the Hub, those in the memory of transformers 5, and timm's.
ALIAS_CASE = "swin/aliases"

# folder: (parameters, batch, seed)
SWIN: Cases = {
    "swin/tiny": ({"image_size": 64, "patch_size": 4, "embed_dim": 24, "depths": [2, 2], "num_heads": [2, 4], "window_size": 4,
                   "num_labels": 7}, 1, 701),
    # The last stage is one window, which has nothing to shift.
    "swin/odd": ({"image_size": 40, "patch_size": 2, "embed_dim": 18, "depths": [3, 2, 2], "num_heads": [1, 3, 2],
                  "window_size": 5, "mlp_ratio": 3.0, "qkv_bias": False, "num_labels": 5}, 2, 702),
}
SWIN_TIMM: Cases = {
    ALIAS_CASE: ({"image_size": 24, "patch_size": 2, "embed_dim": 8, "depths": [2, 1], "num_heads": [1, 2], "window_size": 3,
                  "num_labels": 4}, 1, 704),
    "swin/tiny_patch4_window7_224": ({"num_labels": 1000}, 1, 705),
}
PVT: Cases = {
    "pvt/tiny": ({"image_size": 64, "depths": [2, 1, 2, 2], "hidden_sizes": [16, 24, 40, 48], "sequence_reduction_ratios": [8, 4, 2, 1],
                  "num_attention_heads": [1, 2, 5, 4], "mlp_ratios": [4, 3, 2, 2], "num_labels": 7}, 1, 711),
    "pvt/odd": ({"image_size": 96, "depths": [1, 1, 1, 1], "hidden_sizes": [18, 20, 22, 30],
                 "sequence_reduction_ratios": [3, 2, 1, 1], "num_attention_heads": [2, 1, 2, 3], "mlp_ratios": [2, 2, 3, 1],
                 "qkv_bias": False, "hidden_act": "relu", "num_labels": 5}, 2, 712),
    "pvt/small_224": ({"depths": [3, 4, 6, 3], "num_labels": 1000}, 1, 713),
}
TWINS: Cases = {
    "twins/svt": ({"image_size": 64, "embed_dims": [16, 24, 32, 48], "num_heads": [1, 2, 2, 4], "depths": [2, 1, 2, 1],
                   "sr_ratios": [4, 4, 2, 1], "wss": [4, 4, 2, 2], "mlp_ratios": [2, 3, 2, 2], "num_labels": 7}, 1, 721),
    "twins/pcpvt": ({"image_size": 64, "embed_dims": [18, 20, 30, 36], "num_heads": [1, 2, 5, 3],
                     "depths": [1, 2, 1, 1], "sr_ratios": [8, 4, 2, 1], "wss": [], "mlp_ratios": [3, 2, 2, 2], "num_labels": 5}, 2, 722),
    "twins/svt_small": ({"num_labels": 1000}, 1, 723),
    "twins/pcpvt_small": ({"embed_dims": [64, 128, 320, 512], "num_heads": [1, 2, 5, 8], "mlp_ratios": [8, 8, 4, 4],
                           "depths": [3, 4, 6, 3], "wss": [], "num_labels": 1000}, 1, 724),
}
NEST: Cases = {
    "nest/tiny": ({"image_size": 64, "num_levels": 3, "embed_dims": [16, 24, 32], "num_heads": [2, 3, 4], "depths": [2, 1, 2],
                   "mlp_ratio": 2.0, "num_labels": 7}, 1, 731),
    "nest/odd": ({"image_size": 40, "num_levels": 2, "embed_dims": [18, 30], "num_heads": [1, 3], "depths": [1, 2],
                  "mlp_ratio": 3.0, "qkv_bias": False, "num_labels": 5}, 2, 732),
    "nest/same": ({"image_size": 32, "num_levels": 2, "embed_dims": [16, 24], "num_heads": [2, 3], "depths": [1, 1], "mlp_ratio": 2.0,
                   "pad_type": "same", "num_labels": 6}, 1, 734),
    "nest/tiny_224": ({"num_labels": 1000}, 1, 733),
}

# Below a layer of Swin: (name on the Hub, name in the memory of transformers 5).
SWIN_GENERATIONS: list[tuple[str, str]] = [
    ("attention.self.query", "attention.q_proj"),
    ("attention.self.key", "attention.k_proj"),
    ("attention.self.value", "attention.v_proj"),
    ("attention.output.dense", "attention.o_proj"),
    ("attention.self.relative_position_bias_table", "attention.relative_position_bias.relative_position_bias_table"),
    ("intermediate.dense", "mlp.fc1"),
    ("output.dense", "mlp.fc2"),
]
# timm's name: the names on the Hub of the tensors that it joins.
SWIN_TIMM_LAYER: dict[str, list[str]] = {
    "attn.qkv": ["attention.self.query", "attention.self.key", "attention.self.value"],
    "attn.proj": ["attention.output.dense"],
    "attn.relative_position_bias_table": ["attention.self.relative_position_bias_table"],
    "norm1": ["layernorm_before"],
    "norm2": ["layernorm_after"],
    "mlp.fc1": ["intermediate.dense"],
    "mlp.fc2": ["output.dense"],
}
SWIN_TIMM_REST: dict[str, str] = {
    "patch_embed.proj": "swin.embeddings.patch_embeddings.projection",
    "patch_embed.norm": "swin.embeddings.norm",
    "norm": "swin.layernorm",
    "head.fc": "classifier",
}


def swin_hub_names(name: str) -> list[str]:
    """The name on the Hub of a tensor in the memory of transformers 5."""
    if match := re.fullmatch(r"(swin\.encoder\.layers\.\d+\.blocks\.\d+\.)(.+)", name):
        for hub, memory in SWIN_GENERATIONS:
            if match[2] == memory or match[2].startswith(f"{memory}."):
                return [match[1] + hub + match[2][len(memory):]]
    return [name]


def swin_hub_names_of_timm(name: str) -> list[str]:
    """The names on the Hub of what timm keeps as the tensor `name`."""
    if match := re.fullmatch(r"layers\.(\d+)\.blocks\.(\d+)\.(.+?)(\.weight|\.bias)?", name):
        layer = f"swin.encoder.layers.{match[1]}.blocks.{match[2]}"
        return [f"{layer}.{part}{match[4] or ''}" for part in SWIN_TIMM_LAYER[match[3]]]
    if match := re.fullmatch(r"layers\.(\d+)\.downsample\.(.+)", name):
        return [f"swin.encoder.layers.{int(match[1]) - 1}.downsample.{match[2]}"]
    module, _, leaf = name.rpartition(".")
    return [f"{SWIN_TIMM_REST[module]}.{leaf}"]


class Logits(torch.nn.Module):
    """Hugging Face's model as a function of pixels that returns a tensor."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """The logits."""
        return self.model(pixel_values=pixel_values).logits


def image(parameters: Parameters, batch: int, seed: int) -> dict[str, np.ndarray]:
    """The input of a case."""
    size = int(parameters.get("image_size", 224))
    return {INPUT: random_input(INPUT, (batch, int(parameters.get("num_channels", 3)), size, size), seed)}


def make_swin(root: Path) -> None:
    """Hugging Face's Swin; see golden_vit.py for its two implementations of attention."""
    oracle = Oracle("transformers", transformers.__version__, "SwinForImageClassification")
    for folder, (parameters, batch, seed) in SWIN.items():
        inputs, outputs = image(parameters, batch, seed), []
        for attention, dtype in ("sdpa", torch.float64), ("eager", torch.float32):
            module = Logits(SwinForImageClassification(SwinConfig(**parameters, attn_implementation=attention)))
            load_random(module.model, seed, swin_hub_names)
            outputs.append(run(module, inputs, dtype))
        write_case(root, Case(folder, "swin.vtr", parameters, seed, oracle, inputs, OUTPUT, *outputs))


def timm_swin(num_labels: int, image_size: int = 224, **others: int | list) -> SwinTransformer:
    """timm's Swin."""
    return SwinTransformer(img_size=image_size, num_classes=num_labels, **others)


def make_swin_timm(root: Path) -> None:
    """timm's Swin, under the names on the Hub, and the checkpoint of all names."""
    oracle = Oracle("timm", timm.__version__, "SwinTransformer")
    write_image_cases(root, "swin", oracle, timm_swin, SWIN_TIMM, names_of=swin_hub_names_of_timm)
    parameters, _, seed = SWIN_TIMM[ALIAS_CASE]
    module = timm_swin(**parameters)
    weights = load_random(module, seed, swin_hub_names_of_timm)
    memory = SwinForImageClassification(SwinConfig(**parameters)).state_dict()
    save_file(weights, root / ALIAS_CASE / "weights_hub.safetensors")
    save_file({name: weights[swin_hub_names(name)[0]] for name in memory}, root / ALIAS_CASE / "weights_memory.safetensors")
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in module.state_dict().items()},
              root / ALIAS_CASE / "weights_timm.safetensors")


def make_pvt(root: Path) -> None:
    """Hugging Face's PVT, whose parameters on the Hub are those in memory."""
    oracle = Oracle("transformers", transformers.__version__, "PvtForImageClassification")
    for folder, (parameters, batch, seed) in PVT.items():
        module = Logits(PvtForImageClassification(PvtConfig(**parameters)))
        write_module_case(root, folder, "pvt.vtr", parameters, seed, oracle, image(parameters, batch, seed), OUTPUT, module,
                          lambda name: [name.removeprefix("model.")])


def timm_model(kind: type[torch.nn.Module], defaults: Parameters, image_size: int = 224, num_channels: int = 3, num_labels: int = 1000,
               **others: int | float | bool | list) -> torch.nn.Module:
    """A model of timm from the parameters of its description, which has other defaults."""
    given = {name: value if value != [] else None for name, value in (defaults | others).items()}
    return kind(img_size=image_size, in_chans=num_channels, num_classes=num_labels, **given)


def make(root: Path) -> None:
    """Write all cases."""
    make_swin(root)
    make_swin_timm(root)
    make_pvt(root)
    svt_small = {"num_heads": [2, 4, 8, 16], "depths": [2, 2, 10, 4], "wss": [7, 7, 7, 7]}
    write_image_cases(root, "twins", Oracle("timm", timm.__version__, "Twins"), partial(timm_model, Twins, svt_small), TWINS)
    nest_tiny = {"embed_dims": [96, 192, 384], "num_heads": [3, 6, 12], "depths": [2, 2, 8]}
    write_image_cases(root, "nest", Oracle("timm", timm.__version__, "Nest"), partial(timm_model, Nest, nest_tiny), NEST)
