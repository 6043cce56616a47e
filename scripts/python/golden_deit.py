"""Golden data of DeiT: timm's models with and without distillation token under the names on the Hub, and Hugging Face's with both heads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import timm
import torch
import transformers
from safetensors.numpy import save_file
from timm.models.deit import VisionTransformerDistilled
from timm.models.vision_transformer import VisionTransformer
from transformers import DeiTConfig, DeiTForImageClassificationWithTeacher

from golden_case import Case, Oracle, random_input, write_case
from golden_torch import load_random, run, write_module_case
from vit_names import hub_names, hub_names_of_timm

MODEL, INPUT, OUTPUT = "deit.vtr", "pixel_values", "logits"
HEADS = {"head": "cls_classifier", "head_dist": "distillation_classifier"}
# One checkpoint under timm's names and those on the Hub.
ALIAS_CASE = "deit/aliases"
TEACHER_CASE, TEACHER_SEED = "deit/teacher", 206

# folder: (image, patch, width, layers, heads, MLP width, labels, distilled, seed)
CONFIGS: dict[str, tuple[int, int, int, int, int, int, int, bool, int]] = {
    "deit/tiny": (32, 8, 48, 3, 3, 96, 7, True, 201),
    "deit/odd": (40, 8, 36, 2, 3, 54, 5, True, 202),
    "deit/undistilled": (32, 8, 48, 2, 3, 96, 7, False, 203),
    ALIAS_CASE: (16, 4, 32, 2, 2, 64, 5, True, 204),
    "deit/small_patch16_224": (224, 16, 384, 12, 6, 1536, 1000, True, 205),
}


def names_of_timm(name: str) -> list[str]:
    """The names on the Hub of a tensor in timm's memory."""
    return hub_names_of_timm(name, "deit", HEADS)


def make_timm(root: Path) -> None:
    """Write the cases that timm computes."""
    for folder, (image, patch, width, layers, heads, mlp, labels, distilled, seed) in CONFIGS.items():
        kind = VisionTransformerDistilled if distilled else VisionTransformer
        module = kind(img_size=image, patch_size=patch, embed_dim=width, depth=layers, num_heads=heads, mlp_ratio=mlp / width,
                      num_classes=labels)
        assert module.blocks[0].mlp.fc1.out_features == mlp
        parameters = {"image_size": image, "patch_size": patch, "hidden_size": width, "num_hidden_layers": layers,
                      "num_attention_heads": heads, "intermediate_size": mlp, "layer_norm_eps": 1e-6, "num_labels": labels,
                      "distilled": distilled}
        inputs = {INPUT: random_input(INPUT, (1, 3, image, image), seed)}
        oracle = Oracle("timm", timm.__version__, kind.__name__)
        write_module_case(root, folder, MODEL, parameters, seed, oracle, inputs, OUTPUT, module, names_of_timm)
        if folder == ALIAS_CASE:
            module = module.to(torch.float32)
            save_file(load_random(module, seed, names_of_timm), root / folder / "weights_hub.safetensors")
            save_file({name: np.ascontiguousarray(tensor) for name, tensor in module.state_dict().items()},
                      root / folder / "weights_timm.safetensors")


class Logits(torch.nn.Module):
    """Hugging Face's model as a function of pixels that returns a tensor."""

    def __init__(self, parameters: dict[str, int | float | bool | str], attention: str) -> None:
        super().__init__()
        self.model = DeiTForImageClassificationWithTeacher(DeiTConfig(**parameters, attn_implementation=attention))

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """The logits."""
        return self.model(pixel_values=pixel_values).logits


def make_teacher(root: Path) -> None:
    """Write the case that Hugging Face's model computes; see golden_vit.py for its two implementations of attention."""
    parameters = {"image_size": 24, "patch_size": 8, "hidden_size": 40, "num_hidden_layers": 2, "num_attention_heads": 4,
                  "intermediate_size": 72, "num_labels": 6}
    inputs = {INPUT: random_input(INPUT, (1, 3, 24, 24), TEACHER_SEED)}
    outputs = []
    for attention, dtype in ("sdpa", torch.float64), ("eager", torch.float32):
        module = Logits(parameters, attention)
        load_random(module.model, TEACHER_SEED, hub_names)
        outputs.append(run(module, inputs, dtype))
    oracle = Oracle("transformers", transformers.__version__, "DeiTForImageClassificationWithTeacher")
    write_case(root, Case(TEACHER_CASE, MODEL, parameters, TEACHER_SEED, oracle, inputs, OUTPUT, *outputs))


def make(root: Path) -> None:
    """Write all cases."""
    make_timm(root)
    make_teacher(root)
